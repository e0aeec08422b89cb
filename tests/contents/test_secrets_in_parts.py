"""A drawn line covers exactly the value that it names; secrets are learnt, and found, wherever they stand."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from seqtest.exchange import Action, Headers, Request, Response

WORD = "s3cret-value"
ASK = "client -> auth : POST /x\nnote right : password = {password}\n"


def codes(report: Any) -> list[str]:
    return [failure.code for failure in report.failures]


def answered(kit: Any, answer: Response, *lines: str, label: str = "200 OK") -> list[str]:
    """What is wrong with the answer to a request that holds the password."""
    note = "note left\n" + "".join(f"  {line}\n" for line in lines) + "end note\n" if lines else ""
    flow = kit.flow(f"{ASK}auth --> client : {label}\n{note}", outside={"password": WORD})
    flow.told(0)
    return codes(flow.came(1, answer))


def headers(*pairs: tuple[str, str]) -> Response:
    return Response(200, Headers(pairs))


CB = "https://client.test/cb"


@pytest.mark.parametrize(
    ("lines", "name", "good", "bad"),
    [
        ((f"Location: {CB}", "  code = x"), "Location", f"{CB}?code=x", f"{CB}?code=x&pw={WORD}"),
        (("Location present",), "Location", f"{CB}?code=x", f"{CB}?code=x&pw={WORD}"),
        (("Location present",), "Location", f"{CB}#code=x", f"{CB}#pw={WORD}"),
        (
            ("WWW-Authenticate: Bearer", "  error = a"),
            "WWW-Authenticate",
            'Bearer error="a"',
            f'Bearer error="a", error_description="wrong: {WORD}"',
        ),
    ],
)
def test_a_header_in_parts_is_covered_part_by_part(
    kit: Any, lines: tuple[str, ...], name: str, good: str, bad: str
) -> None:
    """The drawn parameter, not the one beside it."""
    assert answered(kit, headers((name, good)), *lines) == []
    assert answered(kit, headers((name, bad)), *lines) == ["SQ560"]


@pytest.mark.parametrize("line", ["cookie.sid = a", "Set-Cookie: sid=a"])
def test_one_cookie_does_not_cover_another(kit: Any, line: str) -> None:
    """Each is a value of its own."""
    assert answered(kit, headers(("Set-Cookie", "sid=a")), line) == []
    assert "SQ560" in answered(kit, headers(("Set-Cookie", "sid=a"), ("Set-Cookie", f"pw={WORD}")), line)


@pytest.mark.parametrize(
    ("line", "good", "bad"),
    [
        ("user.id = 1", {"user": {"id": 1}}, {"user": {"id": 1, "pw": WORD}}),
        ("user : object", {"user": {"id": 1}}, {"user": {"id": 1, "pw": WORD}}),
        ("roles contains a", {"roles": ["a"]}, {"roles": ["a", WORD]}),
        ("body contains hello", {"a": "hello"}, {"a": f"hello {WORD}"}),
        ("keys[*].kty = RSA", {"keys": [{"kty": "RSA", "n": "x"}]}, {"keys": [{"kty": "RSA", "d": "private"}]}),
        ("keys : array", {"keys": []}, {"keys": [{"kty": "oct", "k": "c2hhcmVk"}]}),
    ],
)
def test_a_member_does_not_cover_its_siblings(kit: Any, line: str, good: Any, bad: Any) -> None:
    """Nor does a container cover what it holds."""
    assert answered(kit, kit.json(good), line) == []
    assert answered(kit, kit.json(bad), line) == ["SQ560"]


def test_what_is_drawn_whole_is_covered_whole(kit: Any) -> None:
    """`=` says all of it."""
    assert answered(kit, kit.json({"user": [WORD]}), 'user = ["s3cret-value"]') == []
    assert answered(kit, kit.json({"user": {"pw": WORD}}), "user.pw = {password}") == []
    assert answered(kit, kit.json({"user": {"pw": WORD}}), "user : object", "  pw = {password}") == []


def test_claims_of_a_drawn_token_are_looked_at(kit: Any) -> None:
    """The token is drawn; what it says is not."""
    for claims, found in (({"sub": "alice"}, []), ({"sub": "alice", "pw": WORD}, ["SQ560"])):
        answer = kit.json({"access_token": kit.token(**claims)})
        assert answered(kit, answer, "access_token : jwt", "  sub = alice") == found


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(WORD.encode()).decode(),
        base64.urlsafe_b64encode(WORD.encode()).decode().rstrip("="),
        base64.b64encode(f"alice:{WORD}".encode()).decode(),
        quote(f"pw={WORD}", safe=""),
    ],
)
def test_written_otherwise_it_is_the_same_secret(kit: Any, text: str) -> None:
    """base64, base64url, and with its user's name before it."""
    assert answered(kit, kit.json({"debug": text})) == ["SQ560"]


TWO = (
    "client -> auth : POST /a\n{first}auth --> client : 200 OK\nclient -> auth : POST /b\n{second}auth --> client : 200"
)


@pytest.mark.parametrize(
    "note",
    [
        "note right : password = s3cret-value\n",
        "note right\n  Content-Type: application/json\n  user.password = s3cret-value\nend note\n",
        'note right : Authorization: Basic {basic("web", "s3cret-value")}\n',
    ],
)
def test_secrets_are_learnt_wherever_they_are_drawn(kit: Any, note: str) -> None:
    """As a literal, deep inside, and in HTTP Basic."""
    for text, found in (("fine", []), (WORD, ["SQ560"])):
        flow = kit.flow(TWO.format(first=note, second=""))
        flow.told(0)
        assert codes(flow.came(1, kit.json({"debug": text}))) == found


def test_a_secret_that_was_said_before_it_was_drawn_was_said(kit: Any) -> None:
    """The arrow at which it leaked is the one that is told."""
    for text, found in (("fine", []), (WORD, ["SQ560"])):
        flow = kit.flow(TWO.format(first="", second="note right : password = s3cret-value\n"))
        flow.told(0)
        assert codes(flow.came(1, kit.json({"debug": text}))) == []
        report = flow[2].check(flow.compose(2), flow.bindings, None, flow.ledger)
        assert codes(report) == found
        assert all(failure.span.line == 5 for failure in report.failures)


def test_a_nested_refresh_token_is_one(kit: Any) -> None:
    """`tokens.refresh_token present` draws it, and from then on it is a secret."""
    for text, found in (("fine", []), ("rt-abcdef-123", ["SQ560"])):
        flow = kit.flow(
            "client -> auth : GET /t\nauth --> client : 200 OK\nnote left : tokens.refresh_token present\n"
            "client -> auth : GET /me\nauth --> client : 200 OK"
        )
        flow.told(0)
        assert codes(flow.came(1, kit.json({"tokens": {"refresh_token": "rt-abcdef-123"}}))) == []
        flow.told(2)
        assert codes(flow.came(3, kit.json({"debug": text}))) == found


def test_a_setting_of_the_same_text_makes_no_secret_public(kit: Any) -> None:
    """Whoever draws `hint = s3cret-value` has not allowed that it leaks."""
    before = "note over auth\n  users.alice.password = s3cret-value\n  hint = s3cret-value\nend note\n"
    flow = kit.answer_flow(before=before)
    flow.told(0)
    assert codes(flow.came(1, kit.json({"a": WORD}))) == ["SQ560"]


def basic(user: str = "alice") -> str:
    return "Basic " + base64.b64encode(f"{user}:{WORD}".encode()).decode()


def test_basic_is_in_its_place_only_towards_whom_the_secret_is_for(kit: Any) -> None:
    """Drawn for auth, it is nothing that rs may be shown."""
    for host, found in (("auth", []), ("rs", ["SQ560"])):
        flow = kit.flow(
            "client -> auth : POST /token\nnote right : password = {password}\nauth --> client : 200 OK\n"
            f"client -> {host} : GET /x\n{host} --> client : 200 OK",
            bound=("client",),
            outside={"password": WORD},
        )
        assert codes(flow.came(0, kit.form(password=WORD))) == []
        flow.told(1)
        request = Request("GET", f"https://{host}.test/x", Headers([("Authorization", basic())]))
        assert codes(flow.came(2, request)) == found


@pytest.mark.parametrize("credentials", ["d2ViOng=\u2013x", "dé", "====", "/w=="])
def test_basic_that_cannot_be_read_hides_nothing(kit: Any, credentials: str) -> None:
    """It is some text of a header."""
    flow = kit.flow("client -> auth : GET /x\nauth --> client : 200 OK", bound=("client",))
    request = Request("GET", "https://auth.test/x", Headers([("Authorization", f"Basic {credentials}")]))
    assert codes(flow.came(0, request)) == []


def test_basic_towards_whose_client_it_is_may_come_undrawn(kit: Any) -> None:
    """The setting says to whom the client authenticates with it."""
    before = "participant rs\nnote over auth : clients.web.secret = s3cret-value\n"
    before += "note over client : client_secret = s3cret-value\n"
    for host, found in (("auth", []), ("rs", ["SQ560"])):
        flow = kit.flow(f"{before}client -> {host} : POST /x\n{host} --> client : 200 OK", bound=("client",))
        request = Request("POST", f"https://{host}.test/x", Headers([("Authorization", basic("web"))]))
        assert codes(flow.came(0, request)) == found


@pytest.mark.parametrize(
    ("note", "found"),
    [
        ("a absent", ["SQ560"]),
        ("Authorization present", []),
        ('Authorization: Basic {basic("web", word)}', []),
    ],
)
def test_basic_with_a_secret_of_nobodys_must_be_drawn(kit: Any, note: str, found: list[str]) -> None:
    """Neither a setting nor an arrow says that it is for this receiver."""
    flow = kit.request_flow(note, outside={"word": WORD})
    request = Request("POST", "https://auth.test/token", Headers([("Authorization", basic("web"))]))

    assert codes(flow.came(0, request)) == found


@pytest.mark.parametrize("secret", ["s3cret-value", "ab"])
def test_basic_with_the_clients_own_secret_may_come_undrawn(kit: Any, secret: str) -> None:
    """Whoever is shown it first is whom it is for; a client without a secret shows none."""
    before = f"note over client : client_secret = {secret}\n"
    for text in (f"web:{secret}", "web:"):
        header = "Basic " + base64.b64encode(text.encode()).decode()
        flow = kit.request_flow("a absent", before=before)
        assert (
            codes(flow.came(0, Request("POST", "https://auth.test/token", Headers([("Authorization", header)])))) == []
        )


def test_bytes_that_are_no_text_are_no_secret(kit: Any) -> None:
    """Whatever comes is looked at without a crash."""
    deep: Any = WORD
    for _ in range(900):
        deep = [deep]
    assert answered(kit, Response(200, Headers([("Content-Type", "application/json")]), json.dumps(deep).encode())) == [
        "SQ560"
    ]
    assert answered(kit, headers(("Location", "https://[x"))) == []


@pytest.mark.parametrize(
    ("fields", "found"),
    [({"token": WORD}, []), ({"token": WORD, "by": "alice"}, []), ({"token": f"{WORD} {WORD}"}, ["SQ560"])],
)
def test_a_field_that_an_actions_drawn_text_says_is_drawn(kit: Any, fields: dict[str, str], found: list[str]) -> None:
    """`seqtest.tap` gives each argument as a field and as a word of the text."""
    flow = kit.flow(
        f"{ASK}auth -> db : revoke {{password}}\ndb --> auth : ok\nauth --> client : 200 OK", outside={"password": WORD}
    )
    flow.told(0)
    assert codes(flow.came(1, Action(f"revoke {WORD}", fields))) == found


@pytest.mark.parametrize(
    "tag",
    [
        '<input type="password" name="kennwort">',
        "<INPUT name='kennwort' TYPE=Password>",
        '<input placeholder="> 8 characters" type="password" name="kennwort">',
        '<input type="password" data-type="text" name="kennwort" data-name="who">',
        "<input type=password name=kennwort placeholder=don't>",
    ],
)
def test_what_is_typed_into_a_field_for_passwords_is_one(kit: Any, tag: str) -> None:
    """Whatever the page calls the field; another field of the form is none."""
    for text, found in (("alice-in-wonderland", []), (WORD, ["SQ560"])):
        flow = kit.flow(
            "client -> auth : GET /login\nauth --> client : 200 OK\n"
            "client -> auth : POST /login\n"
            "note right\n  who = alice-in-wonderland\n  kennwort = s3cret-value\nend note\n"
            "auth --> client : 200 OK"
        )
        page = Response(200, Headers([("Content-Type", "text/html")]), f"<form>{tag}</form>".encode())
        flow.told(0)
        assert codes(flow.came(1, page)) == []
        flow.told(2)
        assert codes(flow.came(3, kit.json({"debug": f"no {text}"}))) == found


CODE_FLOW = """
participant web
browser -> auth : GET /otp
auth --> browser : 200 OK
browser -> auth : POST /otp
note right : code = 934716
auth --> browser : {answer}
browser -> web : {back}
web -> auth : POST /token
note right : grant_type = authorization_code
auth --> web : 200 OK
web --> browser : 200 OK
"""
OTP_PAGE = Response(200, Headers([("Content-Type", "text/html")]), b'<form><input type="password" name="code"></form>')


def test_a_field_for_passwords_is_one_for_whom_it_was_shown_to(kit: Any) -> None:
    """The authorization code that a client sends is not the one-time code that somebody typed into a page."""
    flow = kit.flow(CODE_FLOW.format(answer="303 See Other", back="GET /cb"), bound=("auth", "web"))
    flow.told(0)
    flow.came(1, OTP_PAGE)
    flow.told(2)
    flow.came(3, Response(303, Headers([("Location", "https://web.test/cb?code=SplxlOBeZQQYbYS6WxSbIA")])))
    flow.told(4)

    assert codes(flow.came(5, kit.form(grant_type="authorization_code", code="SplxlOBeZQQYbYS6WxSbIA"))) == []


def test_a_field_for_passwords_is_none_on_another_page(kit: Any) -> None:
    """A page that posts an authorization code in a hidden field of that name is no page that asks for a password."""
    flow = kit.flow(
        CODE_FLOW.format(answer="200 OK", back="POST /cb\\ncode=SplxlOBeZQQYbYS6WxSbIA"), bound=("auth", "web")
    )
    flow.told(0)
    flow.came(1, OTP_PAGE)
    flow.told(2)
    page = b'<form action="https://web.test/cb"><input type="hidden" name="code" value="SplxlOBeZQQYbYS6WxSbIA"></form>'
    flow.came(3, Response(200, Headers([("Content-Type", "text/html")]), page))
    flow.told(4)

    assert codes(flow.came(5, kit.form(grant_type="authorization_code", code="SplxlOBeZQQYbYS6WxSbIA"))) == []
