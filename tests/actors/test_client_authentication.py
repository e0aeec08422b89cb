"""How clients prove themselves: RFC 6749 section 2.3, RFC 7523, OpenID Connect Core section 9."""

import json
from typing import Any

import pytest

from seqtest.auth import jwt
from seqtest.auth.keys import Key, jwks, make_key, pem, secret_key, verification_jwk
from seqtest.exchange import Headers, Request

PASSWORD = {"grant_type": "password", "username": "alice", "password": "wonderland"}
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = make_key("ES256", "c1", "svc")
SECRET = "a-secret-of-at-least-256-bits-is-needed"


def error(stage: Any, answer: Any) -> tuple[int, str]:
    return answer.status, stage.json(answer)["error"]


def test_basic_and_post(stage: Any, auth: Any) -> None:
    """A secret may come by Basic or in the form, odd characters and all (RFC 6749 section 2.3.1)."""
    auth({"clients.a:b c.secret": "p%2B+ü:é"})

    assert stage.post("auth", "/token", PASSWORD, auth=("a:b c", "p%2B+ü:é")).status == 200
    form = {**PASSWORD, "client_id": "a:b c", "client_secret": "p%2B+ü:é"}
    assert stage.post("auth", "/token", form).status == 200


@pytest.mark.parametrize(
    "pair",
    [("web", "wrong"), ("web", ""), ("web", "tea-party\n"), ("web", "croquet"), ("nobody", "tea-party"), ("", "")],
)
def test_wrong_secret_by_basic(stage: Any, auth: Any, pair: tuple[str, str]) -> None:
    """A failed Basic is a 401 that names Basic (RFC 6749 section 5.2)."""
    auth()
    answer = stage.post("auth", "/token", PASSWORD, auth=pair)

    assert error(stage, answer) == (401, "invalid_client")
    assert answer.headers.get("WWW-Authenticate") == 'Basic realm="https://auth.example"'


@pytest.mark.parametrize("value", ["Basic", "Basic !!", "Bearer abc", "Basic d2Vi", "Basic /zph"])
def test_unreadable_authorization(stage: Any, auth: Any, value: str) -> None:
    """An Authorization field that is no Basic credential is a failed authentication."""
    auth()

    assert error(stage, stage.post("auth", "/token", PASSWORD, Authorization=value)) == (401, "invalid_client")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"client_id": "web"},
        {"client_id": "nobody"},
        {"client_secret": "tea-party"},
        {"client_id": "web", "client_secret": "wrong"},
        {"client_id": "nobody", "client_secret": "tea-party"},
    ],
)
def test_missing_or_wrong_in_the_form(stage: Any, auth: Any, more: dict[str, str]) -> None:
    """A confidential client without its secret, or a name that nobody has, is refused (RFC 6749 section 3.2.1)."""
    auth()
    answer = stage.post("auth", "/token", {**PASSWORD, **more})

    assert error(stage, answer) == (401, "invalid_client")
    assert answer.headers.get("WWW-Authenticate")


def test_public_client(stage: Any, auth: Any) -> None:
    """A registered public client says its name only; a secret from it is wrong."""
    auth({"clients.spa.authentication": "none"})

    assert stage.post("auth", "/token", {**PASSWORD, "client_id": "spa"}).status == 200
    assert error(stage, stage.post("auth", "/token", PASSWORD, auth=("spa", "x"))) == (401, "invalid_client")


def test_registered_method_only(stage: Any, auth: Any) -> None:
    """A client proves itself by its registered method and no other (Core section 9)."""
    auth({"clients.web.authentication": "client_secret_post"})

    assert error(stage, stage.post("auth", "/token", PASSWORD, auth=("web", "tea-party"))) == (401, "invalid_client")
    form = {**PASSWORD, "client_id": "web", "client_secret": "tea-party"}
    assert stage.post("auth", "/token", form).status == 200


def assertion(stage: Any, key: Key | None = KEY, header: dict[str, Any] | None = None, **change: Any) -> str:
    now = int(stage.clock.now())
    claims = {
        "iss": "svc",
        "sub": "svc",
        "aud": "https://auth.example",
        "jti": "j1",
        "iat": now,
        "exp": now + 60,
        **change,
    }
    return jwt.sign(header or {}, {name: value for name, value in claims.items() if value is not None}, key)


def ask(stage: Any, text: str, **more: str) -> Any:
    form = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": text, **more}
    return stage.post("auth", "/token", form)


@pytest.fixture
def svc(auth: Any) -> None:
    keys = json.dumps(jwks([KEY]))
    auth({"clients.svc.jwks": keys, "clients.svc.authentication": "private_key_jwt", "clients.sec.secret": SECRET})


@pytest.mark.usefixtures("svc")
@pytest.mark.parametrize(
    "audience", ["https://auth.example", "https://auth.test/token", "https://auth.test/oauth/token"]
)
def test_private_key_jwt(stage: Any, audience: str) -> None:
    """An assertion by the client's own key authenticates it; `aud` is the issuer or the token endpoint (RFC 7523 3)."""
    answer = ask(stage, assertion(stage, aud=audience))

    assert answer.status == 200
    assert jwt.read(stage.json(answer)["access_token"]).claims["sub"] == "svc"


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/par", {"client_id": "svc", "response_type": "token", "redirect_uri": "https://svc.test/cb"}, 400),
        ("/bc-authorize", {"scope": "openid", "login_hint": "alice"}, 200),
    ],
)
def test_an_assertion_for_the_endpoint_itself(
    stage: Any, auth: Any, path: str, form: dict[str, str], status: int
) -> None:
    """RFC 9126 section 2 and CIBA section 7.1: `aud` may be the endpoint, at itself alone and unless drawn."""
    settings = {"clients.svc.jwks": json.dumps(jwks([KEY])), "clients.svc.redirect_uri": "https://svc.test/cb"}
    auth(settings)
    more = {"client_assertion_type": TYPE, "client_assertion": assertion(stage, aud=f"https://auth.test{path}")}

    assert ask(stage, more["client_assertion"]).status == 401
    assert stage.post("auth", path, {**form, **more}).status == status
    auth({**settings, "assertion.audience": "issuer"})
    assert stage.post("auth", path, {**form, **more}).status == 401


@pytest.mark.usefixtures("svc")
def test_client_secret_jwt(stage: Any) -> None:
    """A secret of 256 bits or more may sign, too (Core section 9)."""
    key = secret_key(SECRET.encode())

    assert ask(stage, assertion(stage, key, iss="sec", sub="sec")).status == 200
    wrong = secret_key(b"another-secret-of-at-least-256-bits")
    assert error(stage, ask(stage, assertion(stage, wrong, iss="sec", sub="sec", jti="j2"))) == (401, "invalid_client")


@pytest.mark.usefixtures("svc")
def test_replayed_assertion(stage: Any) -> None:
    """The same `jti` works once, in another assertion either (Core section 9)."""
    assert ask(stage, assertion(stage)).status == 200
    assert error(stage, ask(stage, assertion(stage))) == (401, "invalid_client")
    assert error(stage, ask(stage, assertion(stage, exp=int(stage.clock.now()) + 90))) == (401, "invalid_client")
    assert ask(stage, assertion(stage, jti="j2")).status == 200


CLAIMS: list[tuple[str, dict[str, Any]]] = [
    ("another server", {"aud": "https://other.example"}),
    ("a list of audiences (CVE-2025-27370)", {"aud": ["https://auth.example", "https://other.example"]}),
    ("no audience", {"aud": None}),
    ("another issuer", {"iss": "web"}),
    ("no issuer", {"iss": None}),
    ("no subject", {"sub": None}),
    ("unknown client", {"iss": "nobody", "sub": "nobody"}),
    ("subject no string", {"sub": ["svc"]}),
    ("expired", {"exp": 1_767_225_600}),
    ("no expiry", {"exp": None}),
    ("expiry as text", {"exp": "1767225660"}),
    ("expiry true", {"exp": True}),
    ("years ahead", {"exp": 1_967_225_600}),
    ("not yet", {"nbf": 1_767_225_630}),
    ("no jti", {"jti": None}),
    ("empty jti", {"jti": ""}),
    ("jti no string", {"jti": 7}),
]


@pytest.mark.usefixtures("svc")
@pytest.mark.parametrize("change", [row[1] for row in CLAIMS], ids=[row[0] for row in CLAIMS])
def test_wrong_claims(stage: Any, change: dict[str, Any]) -> None:
    """An assertion whose claims are wrong authenticates nobody (RFC 7523 section 3)."""
    assert error(stage, ask(stage, assertion(stage, **change))) == (401, "invalid_client")


@pytest.mark.usefixtures("svc")
@pytest.mark.parametrize(
    "text",
    ["", "x", "a.b.c", "none", "stranger", "public key as secret", "secret of another method"],
)
def test_wrong_signatures(stage: Any, text: str) -> None:
    """Unsigned, signed by a stranger, or by HMAC with the public key: refused (RFC 8725 section 3)."""
    forged = {
        "none": lambda: assertion(stage, None),
        "stranger": lambda: assertion(stage, make_key("ES256", "c1", "mallory")),
        "public key as secret": lambda: assertion(stage, secret_key(pem(KEY).encode(), kid="c1")),
        "secret of another method": lambda: assertion(stage, KEY, iss="sec", sub="sec"),
    }
    made = forged[text]() if text in forged else text

    assert error(stage, ask(stage, made)) == (401, "invalid_client")


@pytest.mark.usefixtures("svc")
def test_assertion_and_other_ways(stage: Any) -> None:
    """An assertion of another type, with a second way, or for another name than its own is refused."""
    assert error(stage, ask(stage, assertion(stage), client_assertion_type="x")) == (401, "invalid_client")
    assert error(stage, ask(stage, assertion(stage), client_secret="x")) == (400, "invalid_request")
    assert error(stage, ask(stage, assertion(stage), client_id="web")) == (400, "invalid_request")
    form = {"grant_type": "client_credentials", "client_id": "svc", "client_secret": "x"}
    assert error(stage, stage.post("auth", "/token", form)) == (401, "invalid_client")


def test_issuer_only(stage: Any, auth: Any) -> None:
    """Where only the issuer is taken as audience, the token endpoint is refused."""
    auth({"clients.svc.jwks": [verification_jwk(KEY)], "assertion.audience": "issuer"})

    assert error(stage, ask(stage, assertion(stage, aud="https://auth.test/token"))) == (401, "invalid_client")
    assert ask(stage, assertion(stage)).status == 200


def test_two_authorization_fields(stage: Any, auth: Any) -> None:
    """Two Authorization fields are no credential (RFC 9110 section 5.3)."""
    auth()
    first = ("Authorization", "Basic d2ViOnRlYS1wYXJ0eQ==")
    headers = Headers([("Content-Type", "application/x-www-form-urlencoded"), first, first])
    body = b"grant_type=password&username=alice&password=wonderland"
    answer = stage.actors["auth"].handle(Request("POST", "https://auth.test/token", headers, body))

    assert error(stage, answer) == (401, "invalid_client")
