"""A whole body that is a JWT: `body : jwt`, with its claims below it like those of any other token."""

from typing import Any

import pytest

from seqtest.auth import jwe, jwt
from seqtest.auth.keys import make_key
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Headers, Request, Response

JWT = (("Content-Type", "application/jwt"),)
WORD = "s3cret-value"


def signed(text: str, *headers: tuple[str, str]) -> Response:
    return Response(200, Headers(headers or JWT), text.encode())


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


def test_lines_below_it_are_its_header_and_claims(kit: Any) -> None:
    """Nested ones, too."""
    body = signed(kit.token(header={"typ": "x+jwt"}, sub="a", told={"active": True, "n": 1}))
    good = ("typ = x+jwt", "alg = ES256", "sub = a", "told : object", "  active = true", "told.n = 1", "exp absent")

    assert kit.check("body : jwt", body, *good, "signed by auth") == []
    assert codes(kit.check("body : jwt", body, "typ = JWT", "sub = b", "told.n = 2", "iss absent")) == ["SQ550"] * 3 + [
        "SQ552"
    ]
    assert codes(kit.check("body : jwt", body, "sub = a", "nothing else")) != []


def test_its_signature_is_verified(kit: Any) -> None:
    """With and without lines below it; what is no JWT fails."""
    forged = signed(kit.token(make_key("ES256", "m", "mallory"), sub="a"))

    assert codes(kit.check("body : jwt", forged)) == ["SQ562"]
    assert codes(kit.check("body : jwt", forged, "sub = a")) == ["SQ562"]
    assert kit.check("body : jwt", forged, "signature unchecked") == []
    for text in ("", "hello", "{}", "a.b.c", kit.token(sub="a") + "x."):
        assert kit.check("body : jwt", signed(text)) != [], text


def test_a_request_has_one_as_well(kit: Any) -> None:
    """Whatever its method."""
    request = Request("POST", "https://auth.test/token", Headers(JWT), kit.token(sub="a").encode())

    assert kit.check_request("body : jwt", request, "sub = a") == []
    assert codes(kit.check_request("body : jwt", request, "sub = b")) == ["SQ550"]


def test_an_encrypted_one_is_opened_for_its_reader(kit: Any) -> None:
    """With the receiver's keys."""
    key = make_key("ECDH-ES", "enc", "client")
    body = signed(jwe.encrypt(kit.token(sub="a"), key.public_jwk))
    before = "note over client : keys.enc = ECDH-ES\n"

    assert kit.check("body : jwe", body, "alg = ECDH-ES", "sub = a", before=before) == []
    assert codes(kit.check("body : jwe", body, "sub = b", before=before)) == ["SQ550"]


def test_a_scripted_sender_signs_what_is_drawn(kit: Any) -> None:
    """As `application/jwt`, unless another type is drawn."""
    before = "note over client : key = ES256\n"
    flow = kit.request_flow("body : jwt", "  sub = a", "  told.n = 1", label="POST /x", before=before, bound=("auth",))
    sent = flow.compose(0)
    read = jwt.read(sent.body.decode())

    assert (read.claims["sub"], read.claims["told"], read.alg) == ("a", {"n": 1}, "ES256")
    assert sent.headers.get("Content-Type") == "application/jwt"
    typed = ("Content-Type: application/token-introspection+jwt", "body : jwt", "  sub = a")
    other = kit.request_flow(*typed, label="POST /x", before=before, bound=("auth",)).compose(0)
    assert other.headers.get("Content-Type") == "application/token-introspection+jwt"
    plain = kit.request_flow("body = hello", label="POST /x", bound=("auth",)).compose(0)
    assert plain.headers.get("Content-Type") == "text/plain; charset=utf-8"


def test_it_has_no_fields_beside_it(kit: Any) -> None:
    """A message has one body."""
    before = "note over client : key = ES256\n"
    with pytest.raises(UnplayableScenario, match="SQ365"):
        kit.request_flow("body : jwt", "a = 1", label="POST /x", before=before, bound=("auth",)).compose(0)


ASK = "client -> auth : POST /x\nnote right : password = {password}\n"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((), ["SQ560"]),
        (("body : jwt", "  sub = a"), ["SQ560"]),
        (("body : jwt", "  sub = a", "  told = {password}"), []),
    ],
)
def test_a_secret_in_its_claims_is_found(kit: Any, lines: tuple[str, ...], found: list[str]) -> None:
    """Unless a line draws that very claim."""
    note = "note left\n" + "".join(f"  {line}\n" for line in lines) + "end note\n" if lines else ""
    flow = kit.flow(f"{ASK}auth --> client : 200 OK\n{note}", outside={"password": WORD})
    flow.told(0)

    assert codes(flow.came(1, signed(kit.token(sub="a", told=WORD))).failures) == found


def test_its_claims_are_known_under_its_name(kit: Any) -> None:
    """`body as answer`, then `{answer.sub}`."""
    text = "client -> auth : POST /x\nauth --> client : 200 OK\nnote left: body as answer\n"
    flow = kit.flow(text + "client -> auth : POST /y\nnote right: sub = {answer.sub}\nauth --> client : 200 OK\n")
    flow.compose(0)
    flow.came(1, signed(kit.token(sub="a")))

    assert flow.compose(2).body == b"sub=a"


def test_a_jwt_in_an_authorization_response(kit: Any) -> None:
    """JWT-secured responses (JARM) are a parameter of the redirect: `response : jwt` below `Location`."""
    place = f"https://client.test/cb?response={kit.token(code='c', state='s')}"
    body = Response(303, Headers([("Location", place)]))
    lines = ("  response : jwt", "    code = c", "    state = s")

    assert (
        kit.check("Location: https://client.test/cb", body, *(line[2:] for line in lines), label="303 See Other") == []
    )
    wrong = kit.check("Location: https://client.test/cb", body, "response : jwt", "  code = d", label="303 See Other")
    assert codes(wrong) == ["SQ550"]
