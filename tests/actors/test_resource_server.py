"""The resource server: RFC 6750, RFC 9068 section 4, RFC 7662."""

import itertools
import json
import random
from typing import Any

import pytest

from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import base64url, jwt
from seqtest.auth.challenge import challenges
from seqtest.auth.keys import jwks, make_key, pem, public_jwk, secret_key
from seqtest.errors import Unanswerable, UnplayableScenario
from seqtest.exchange import Headers, Lost, Request, Response, Result

KEY = make_key("ES256", "k1", "auth")
AUDIENCE = "https://users.example"


def claims(stage: Any, **change: Any) -> dict[str, Any]:
    now = int(stage.clock.now())
    found = {
        "iss": "https://auth.example",
        "sub": "123",
        "aud": AUDIENCE,
        "client_id": "web",
        "iat": now,
        "exp": now + 300,
        "jti": "j1",
        "scope": "users:read",
        **change,
    }
    return {name: value for name, value in found.items() if value is not None}


def token(stage: Any, header: dict[str, Any] | None = None, key: Any = KEY, **change: Any) -> str:
    return jwt.sign({"typ": "at+jwt", **(header or {})}, claims(stage, **change), key)


def call(stage: Any, text: str, path: str = "/users/123", method: str = "GET") -> Any:
    return stage.get("users", path, f"Bearer {text}", method=method)


def challenge(answer: Any) -> Any:
    (found,) = challenges(answer.headers.get_all("WWW-Authenticate"))
    assert found.scheme == "Bearer"
    return found.parameters


def is_refused(answer: Any) -> bool:
    return answer.status == 401 and challenge(answer)["error"] == "invalid_token" and b'"sub"' not in answer.body


@pytest.fixture
def local(stage: Any) -> Any:
    """`users` trusts a scripted `auth`, whose key the test has."""
    stage.settings["auth"] = {"issuer": "https://auth.example"}
    stage.scripted_keys["auth"] = [KEY]
    return stage.add("users", ResourceServer, trusts="auth", audience=AUDIENCE)


@pytest.mark.usefixtures("local")
def test_good_token(stage: Any) -> None:
    """A good token gets the user's public fields, and nobody is asked."""
    answer = call(stage, token(stage))

    assert (answer.status, stage.json(answer)) == (200, {"id": 123, "sub": "123"})
    assert stage.calls == []


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("value", [None, "Basic dTpw", "Token abc", "abc", ""])
def test_no_bearer_credentials(stage: Any, value: str | None) -> None:
    """Without bearer credentials the challenge has no error (RFC 6750 section 3.1)."""
    text = token(stage)
    answer = stage.get("users", "/users/123", *([] if value is None else [value.format(text)]))

    assert answer.status == 401
    assert "error" not in challenge(answer)


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("where", ["query", "body", "cookie"])
def test_tokens_elsewhere(stage: Any, where: str) -> None:
    """A token in the query, a form or a cookie lets nobody in (RFC 9700 section 4.3.2)."""
    text = token(stage)
    headers = {
        "query": [],
        "body": [("Content-Type", "application/x-www-form-urlencoded")],
        "cookie": [("Cookie", f"access_token={text}")],
    }[where]
    url = "https://users.test/users/123" + (f"?access_token={text}" if where == "query" else "")
    body = f"access_token={text}".encode() if where == "body" else b""
    answer = stage.actors["users"].handle(Request("POST", url, Headers(headers), body))

    assert answer.status == 401
    assert "error" not in challenge(answer)


@pytest.mark.usefixtures("local")
def test_more_than_one_token(stage: Any) -> None:
    """Two tokens, by two fields or by two methods, are a malformed request (RFC 6750 section 3.1)."""
    text = token(stage)
    form = [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", f"Bearer {text}")]
    answers = [
        stage.get("users", "/users/123", f"Bearer {text}", f"Bearer {text}"),
        stage.get("users", f"/users/123?access_token={text}", f"Bearer {text}"),
        stage.actors["users"].handle(
            Request("POST", "https://users.test/x", Headers(form), f"access_token={text}".encode())
        ),
    ]

    assert [(answer.status, challenge(answer)["error"]) for answer in answers] == [(400, "invalid_request")] * 3


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("prefix", ["bearer ", "BEARER ", "Bearer   "])
def test_schemes_in_any_case(stage: Any, prefix: str) -> None:
    """The scheme's name has no case and more than one blank may follow it (RFC 9110 section 11.1, 6750 2.1)."""
    assert stage.get("users", "/users/123", prefix + token(stage)).status == 200


ACCEPTED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("aud as a list", {}, {"aud": ["https://x.example", AUDIENCE]}),
    ("media type in full and in capitals", {"typ": "application/AT+JWT"}, {}),
    ("unknown claim", {}, {"color": "red"}),
    ("unknown header", {"color": "red"}, {}),
    ("expiry with a fraction", {}, {"exp": 1_767_225_600.5}),
    ("not before now", {}, {"nbf": 1_767_225_600}),
]


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize(("header", "change"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_what_must_be_accepted(stage: Any, header: dict[str, Any], change: dict[str, Any]) -> None:
    """Strict is not stricter than the RFCs."""
    assert call(stage, token(stage, header, **change)).status == 200


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("RFC 9068 4: typ JWT", {"typ": "JWT"}, {}),
    ("RFC 9068 4: no typ", {"typ": ""}, {}),
    ("RFC 9068 4: a refresh token's typ", {"typ": "rt+jwt"}, {}),
    ("RFC 9068 4: another issuer", {}, {"iss": "https://other.example"}),
    ("RFC 9068 4: issuer with a slash", {}, {"iss": "https://auth.example/"}),
    ("RFC 9068 4: no issuer", {}, {"iss": None}),
    ("RFC 7519 4.1.1: issuer a list", {}, {"iss": ["https://auth.example"]}),
    ("RFC 9068 4: another audience", {}, {"aud": "https://orders.example"}),
    ("RFC 9068 4: audience a part", {}, {"aud": "https://users.example.evil"}),
    ("RFC 9068 4: audience a list of others", {}, {"aud": ["https://a.example"]}),
    ("RFC 9068 4: no audience", {}, {"aud": None}),
    ("RFC 7519 4.1.3: audience an object", {}, {"aud": {AUDIENCE: True}}),
    ("RFC 7519 4.1.3: audience with a number", {}, {"aud": [AUDIENCE, 7]}),
    ("RFC 7519 4.1.4: exactly at exp", {}, {"exp": 1_767_225_600}),
    ("RFC 7519 4.1.4: expired", {}, {"exp": 1_767_225_599}),
    ("RFC 9068 2.2: no exp", {}, {"exp": None}),
    ("RFC 7519 2: exp as text", {}, {"exp": "1767225900"}),
    ("RFC 7519 2: exp true", {}, {"exp": True}),
    ("RFC 7519 2: exp a list", {}, {"exp": []}),
    ("RFC 7519 4.1.5: not yet", {}, {"nbf": 1_767_225_601}),
    ("RFC 7519 4.1.5: nbf as text", {}, {"nbf": "0"}),
    ("RFC 9068 2.2: no sub", {}, {"sub": None}),
    ("RFC 7519 4.1.2: sub a number", {}, {"sub": 123}),
    ("RFC 9068 2.2: empty sub", {}, {"sub": ""}),
    ("RFC 9068 2.2: no iat", {}, {"iat": None}),
    ("RFC 9068 2.2: no jti", {}, {"jti": None}),
    ("RFC 9068 2.2: no client_id", {}, {"client_id": None}),
    ("RFC 6749 3.3: scope a list", {}, {"scope": ["users:read"]}),
    ("RFC 7800 3.1: cnf is no object", {}, {"cnf": "key"}),
    ("RFC 7800 3.1: cnf is a list", {}, {"cnf": []}),
    ("RFC 7515 4.1.11: crit", {"crit": ["x"], "x": 1}, {}),
    ("RFC 7515 4.1.4: unknown kid", {"kid": "nobody"}, {}),
]


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize(("header", "change"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_must_be_refused(stage: Any, header: dict[str, Any], change: dict[str, Any]) -> None:
    """Each broken rule is a 401 invalid_token, though the signature is right."""
    assert is_refused(call(stage, token(stage, header, **change)))


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("kind", ["stranger", "none", "public key as secret", "jwk in the header", "flipped", "kept"])
def test_wrong_signatures(stage: Any, kind: str) -> None:
    """A signature by anybody but the issuer is a 401 (RFC 8725 section 3)."""
    stranger = make_key("ES256", "k1", "mallory")
    good = jwt.read(token(stage))
    made = {
        "stranger": lambda: token(stage, key=stranger),
        "none": lambda: token(stage, key=None),
        "public key as secret": lambda: token(stage, {"kid": "k1"}, secret_key(pem(KEY).encode())),
        "jwk in the header": lambda: token(stage, {"jwk": public_jwk(stranger)}, stranger),
        "flipped": lambda: jwt.flipped(good).text,
        "kept": lambda: jwt.changed(good, claims={**good.claims, "sub": "mallory"}).text,
    }

    assert is_refused(call(stage, made[kind]()))


def malformed(good: str, maker: random.Random) -> list[str]:
    """Hundreds of texts that are nearly the good token."""
    header, payload, signature = good.split(".")
    parts = [header, payload, signature, "", "e30", "bnVsbA", "W10", "MQ", "IiI", "_", "=", "A" * 500]
    made = [".".join(combination) for combination in itertools.product(parts[:8], parts[:8], parts[:6])]
    for _ in range(400):
        position = maker.randrange(len(good))
        made.append(good[:position] + maker.choice("._-=~+/09Az") + good[position + maker.randrange(3) :])
    made += [good[:size] for size in range(0, len(good), 7)]
    made += [good + tail for tail in ("=", "==", ".", ".x", "A", "AA", "." * 10_000, "A" * 100_000)]
    made += [base64url.encode(maker.randbytes(maker.randrange(1, 60))) for _ in range(100)]
    return [text for text in made if text != good]


@pytest.mark.usefixtures("local")
def test_malformed_by_the_hundred(stage: Any) -> None:
    """No malformed token is accepted, and none is a server error."""
    tried = malformed(token(stage), random.Random(7))
    statuses = {call(stage, text).status for text in tried}

    assert len(tried) > 800
    assert statuses == {401}


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("path", ["/users/124", "/users/web", "/users/%00", "/users/alice"])
def test_anothers_resource(stage: Any, path: str) -> None:
    """A token for one user opens no other user's resource."""
    assert call(stage, token(stage), path).status == 403


@pytest.mark.usefixtures("local")
def test_a_client_is_no_user(stage: Any) -> None:
    """A client's own token does not open the resource of a user with the same name (RFC 9700 section 4.15)."""
    assert call(stage, token(stage, sub="web"), "/users/web").status == 403


def test_scopes(stage: Any, local: Any) -> None:
    """A request that needs more scope is 403 and says which; words are compared whole (RFC 6750 section 3.1)."""
    drawn = {
        **local.part.settings,
        "scopes.GET /users/*": "users:read",
        "scopes.DELETE": "users:write",
        "scopes./admin": "x",
    }
    stage.bind("users", ResourceServer, drawn)
    small = call(stage, token(stage, scope="users:readwrite USERS:READ"))

    assert call(stage, token(stage)).status == 200
    assert call(stage, token(stage, scope=None), "/other").status == 200
    assert (small.status, challenge(small)["error"], challenge(small)["scope"]) == (
        403,
        "insufficient_scope",
        "users:read",
    )
    assert call(stage, token(stage), "/other", "DELETE").status == 403
    assert call(stage, token(stage), "/admin", "POST").status == 403
    assert call(stage, token(stage, scope=None)).status == 403


def test_scope_for_all(stage: Any, local: Any) -> None:
    """`scope` is needed for each request."""
    stage.bind("users", ResourceServer, {**local.part.settings, "scope": "a b"})

    assert call(stage, token(stage, scope="b a"), "/").status == 200
    assert call(stage, token(stage, scope="a"), "/").status == 403


def test_leeway_types_and_algorithms(stage: Any, local: Any) -> None:
    """Drawn rules replace the strict ones: some leeway, any `typ`, fewer algorithms."""
    stage.bind("users", ResourceServer, {**local.part.settings, "leeway": "1 minute", "typ": "any"})
    now = int(stage.clock.now())
    assert call(stage, token(stage, {"typ": "JWT"}, exp=now - 59, jti=None)).status == 200
    assert is_refused(call(stage, token(stage, exp=now - 60)))
    assert is_refused(call(stage, token(stage, sub=None)))

    stage.bind("users", ResourceServer, {**local.part.settings, "algorithms": "RS256"})
    assert is_refused(call(stage, token(stage)))


def test_drawn_users(stage: Any, local: Any) -> None:
    """What is drawn of a user is given, but no password."""
    drawn = {"users.alice.sub": "123", "users.alice.name": "Alice", "users.alice.password": "x", "users.9.name": "No"}
    stage.bind("users", ResourceServer, {**local.part.settings, **drawn})

    assert stage.json(call(stage, token(stage))) == {"id": 123, "sub": "123", "name": "Alice"}


def test_user_store(stage: Any, local: Any) -> None:
    """With a user store the user is looked up, and what it says is the answer, without secrets."""
    stage.bind("users", ResourceServer, {**local.part.settings, "user_store": "db"})
    stage.scripted["db"] = lambda message: Result("Alice", {"password": "x", "disabled": False})
    assert stage.json(call(stage, token(stage))) == {"name": "Alice"}
    assert stage.calls == [("users", "db", "find user 123")]

    stage.scripted["db"] = lambda message: Result("not found")
    assert call(stage, token(stage)).status == 404
    stage.scripted["db"] = lambda message: Result(error="Timeout")
    assert call(stage, token(stage)).status == 503


def test_no_keys(stage: Any, local: Any) -> None:
    """Without any keys of the issuer there is no answer, rather than a 401 that would prove nothing."""
    stage.scripted_keys["auth"] = []
    with pytest.raises(Unanswerable, match="SQ480"):
        call(stage, token(stage))


def test_whom_to_trust(stage: Any, auth: Any) -> None:
    """Without `trusts` the only authorization server is trusted; none, or both ways, is an error."""
    with pytest.raises(UnplayableScenario, match="SQ386"):
        stage.add("users", ResourceServer)
    with pytest.raises(UnplayableScenario, match="SQ385"):
        stage.add("users", ResourceServer, trusts="auth", introspection="auth")
    auth()
    stage.add("users", ResourceServer)
    assert call(stage, stage.log_in()["access_token"]).status == 200
    assert stage.calls == []


def test_audience_of_the_issuer(stage: Any, auth: Any) -> None:
    """Without `audience` the one that the trusted server issues for is meant; an audience of its own is kept to."""
    auth({"access_token.aud": AUDIENCE})
    stage.add("users", ResourceServer, trusts="auth")
    good = stage.log_in()["access_token"]
    assert call(stage, good).status == 200

    stage.add("users", ResourceServer, trusts="auth", audience="https://other.example")
    assert is_refused(call(stage, good))


def test_head_gets_no_body(stage: Any, local: Any) -> None:
    """HEAD is checked like GET and answered without a body."""
    answer = call(stage, token(stage), method="HEAD")

    assert (answer.status, answer.body) == (200, b"")
    assert call(stage, "x", method="HEAD").status == 401


# Keys that are fetched


@pytest.fixture
def fetching(stage: Any) -> dict[str, Any]:
    """`users` fetches the keys of a scripted `auth`; the test changes what is published."""
    published: dict[str, Any] = {"keys": [KEY], "answer": None}
    stage.settings["auth"] = {"issuer": "https://auth.example"}
    stage.scripted["auth"] = lambda message: (
        published["answer"] or Response(200, Headers(), json.dumps(jwks(published["keys"])).encode())
    )
    stage.add("users", ResourceServer, trusts="auth", audience=AUDIENCE, jwks_uri="/jwks")
    return published


def fetches(stage: Any) -> int:
    return stage.calls.count(("users", "auth", "GET https://auth.test/jwks"))


def test_keys_are_kept(stage: Any, fetching: dict[str, Any]) -> None:
    """Keys are fetched once, and again when they have grown old."""
    for _ in range(3):
        assert call(stage, token(stage)).status == 200
    assert fetches(stage) == 1

    stage.clock.advance(600)
    assert call(stage, token(stage)).status == 200
    assert fetches(stage) == 2


def test_rotation_is_followed_and_nobody_makes_it_hammer(stage: Any, fetching: dict[str, Any]) -> None:
    """A new `kid` is looked for once; unknown ones after it make no fetch until the cooldown is over."""
    new = make_key("ES256", "k2", "auth")
    assert call(stage, token(stage)).status == 200
    fetching["keys"] = [KEY, new]
    assert call(stage, token(stage, key=new)).status == 200
    assert fetches(stage) == 2

    for _ in range(3):
        assert is_refused(call(stage, token(stage, {"kid": "nobody"})))
    assert fetches(stage) == 2
    stage.clock.advance(60)
    assert is_refused(call(stage, token(stage, {"kid": "nobody"})))
    assert fetches(stage) == 3


def test_withdrawn_key(stage: Any, fetching: dict[str, Any]) -> None:
    """A key that left the set verifies nothing after the next fetch."""
    assert call(stage, token(stage)).status == 200
    fetching["keys"] = [make_key("ES256", "k2", "auth")]
    stage.clock.advance(600)

    assert is_refused(call(stage, token(stage)))


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"keys":{}}', b"\xff"])
def test_key_endpoint_fails(stage: Any, fetching: dict[str, Any], body: bytes) -> None:
    """Without any keys the answer is 503; with old ones they go on being used."""
    fetching["answer"] = Response(200, Headers(), body)
    assert call(stage, token(stage)).status == 503

    fetching["answer"] = None
    assert call(stage, token(stage)).status == 200
    fetching["answer"] = Response(500)
    stage.clock.advance(600)
    assert call(stage, token(stage)).status == 200


def test_published_secret(stage: Any, fetching: dict[str, Any]) -> None:
    """A secret in a published set verifies nothing: everybody has it."""
    leaked = make_key("HS256", "s1", "auth")
    document = {"keys": [{"kty": "oct", "kid": "s1", "k": base64url.encode(leaked.material)}]}
    fetching["answer"] = Response(200, Headers(), json.dumps(document).encode())

    assert is_refused(call(stage, token(stage, key=leaked)))


# Introspection


@pytest.fixture
def asking(stage: Any) -> Any:
    """`users` asks a scripted `auth` about each token."""
    stage.settings["auth"] = {"issuer": "https://auth.example"}
    return stage.add("users", ResourceServer, introspection="auth", audience=AUDIENCE, client_secret="pool")


def answering(stage: Any, body: Any, status: int = 200) -> None:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    stage.scripted["auth"] = lambda message: Response(status, Headers(), text)


def test_introspection_end_to_end(stage: Any, auth: Any) -> None:
    """An opaque token is asked about at each call, and lets its user in until it is revoked."""
    auth({"access_token.format": "opaque"})
    stage.add("users", ResourceServer, introspection="auth", client_id="users", client_secret="pool-of-tears")
    good = stage.log_in()["access_token"]
    assert [call(stage, good).status for _ in range(2)] == [200, 200]
    assert stage.calls == [("users", "auth", "POST https://auth.test/oauth/introspect")] * 2

    assert is_refused(call(stage, "not-a-token"))
    stage.post("auth", "/revoke", {"token": good}, auth=("web", "tea-party"))
    assert is_refused(call(stage, good))


def test_introspection_request(stage: Any, asking: Any) -> None:
    """The server proves itself by Basic, under its own name unless another is drawn."""
    seen: list[Any] = []
    stage.scripted["auth"] = lambda message: (
        seen.append(message) or Response(200, Headers(), b'{"active":true,"sub":"123"}')
    )
    assert call(stage, "opaque").status == 200

    assert seen[0].headers.get("Authorization") == "Basic dXNlcnM6cG9vbA=="
    assert seen[0].body == b"token=opaque"


@pytest.mark.parametrize(
    "body",
    [
        {"active": False},
        {"active": "true", "sub": "123"},
        {"active": 1, "sub": "123"},
        {"sub": "123"},
        {},
        {"active": True, "sub": "123", "exp": 1_767_225_600},
        {"active": True, "sub": "123", "exp": "never"},
        {"active": True, "sub": "123", "nbf": 1_767_225_601},
        {"active": True, "sub": "123", "aud": "https://other.example"},
        {"active": True, "sub": "123", "iss": "https://other.example"},
        {"active": True, "sub": "123", "token_type": "DPoP"},
        {"active": True, "sub": 123},
    ],
)
def test_introspection_refusals(stage: Any, asking: Any, body: Any) -> None:
    """Only the boolean true, for this server, in time, lets somebody in (RFC 7662 sections 2.2 and 4)."""
    answering(stage, body)

    assert is_refused(call(stage, "opaque"))


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 500), ({"error": "invalid_client"}, 401), (b"<html>", 200), (b"[]", 200), (b"", 302), (b"\xff", 200)],
)
def test_introspection_failures(stage: Any, asking: Any, body: Any, status: int) -> None:
    """When it cannot be told whether the token is good, nobody gets in: 503."""
    answering(stage, body, status)

    assert call(stage, "opaque").status == 503


def test_introspection_lost(stage: Any, asking: Any) -> None:
    """A lost question, or a lost answer, is a 503."""

    def lose(message: Any) -> Any:
        raise ConnectionError("lost")

    stage.scripted["auth"] = lose
    assert call(stage, "opaque").status == 503
    stage.scripted["auth"] = lambda message: Lost()
    assert call(stage, "opaque").status == 503


def test_public_introspection_client(stage: Any, auth: Any) -> None:
    """Without a secret the resource server is a public client, whom the authorization server does not answer: 503."""
    auth()
    stage.add("users", ResourceServer, introspection="auth")

    assert call(stage, stage.log_in()["access_token"]).status == 503


# Signed answers (RFC 9701)


@pytest.fixture
def believing(stage: Any) -> Any:
    """`users` asks a scripted `auth` for signed answers, and has its keys."""
    stage.settings["auth"] = {"issuer": "https://auth.example"}
    stage.scripted_keys["auth"] = [SIGNER, OTHER_ALG]
    drawn = {"introspection_signed_response_alg": "ES256", "audience": AUDIENCE, "client_secret": "pool"}
    return stage.add("users", ResourceServer, introspection="auth", **drawn)


SIGNER = make_key("ES256", "k1", "auth")
OTHER_ALG = make_key("RS256", "k2", "auth")
SIGNED_ANSWER = "application/token-introspection+jwt"
TOLD = {"active": True, "sub": "123", "aud": AUDIENCE}


def signed_answer(key: Any = SIGNER, header: Any = None, **change: Any) -> str:
    claims = {"iss": "https://auth.example", "aud": "users", "iat": 1, "token_introspection": TOLD, **change}
    return jwt.sign({"typ": "token-introspection+jwt", **(header or {})}, claims, key)


def answering_signed(stage: Any, text: str, kind: str = SIGNED_ANSWER) -> list[Any]:
    seen: list[Any] = []
    answer = Response(200, Headers([("Content-Type", kind)]), text.encode())
    stage.scripted["auth"] = lambda message: seen.append(message) or answer
    return seen


def test_a_signed_answer_is_asked_for_and_believed(stage: Any, believing: Any) -> None:
    """RFC 9701 section 4: by `Accept`; what is in `token_introspection` counts."""
    seen = answering_signed(stage, signed_answer())

    assert call(stage, "opaque").status == 200
    assert seen[0].headers.get("Accept") == SIGNED_ANSWER
    answering_signed(stage, signed_answer(aud=["other", "users"]), f"{SIGNED_ANSWER}; charset=utf-8")
    assert call(stage, "opaque").status == 200
    answering_signed(stage, signed_answer(token_introspection={"active": False}))
    assert is_refused(call(stage, "opaque"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (json.dumps(TOLD), "application/json"),
        (signed_answer(), "application/json"),
        (json.dumps(TOLD), SIGNED_ANSWER),
        (signed_answer(make_key("ES256", "k1", "mallory")), SIGNED_ANSWER),
        (signed_answer(None), SIGNED_ANSWER),
        (signed_answer(OTHER_ALG), SIGNED_ANSWER),
        (signed_answer(header={"typ": "at+jwt"}), SIGNED_ANSWER),
        (signed_answer(iss="https://evil.example"), SIGNED_ANSWER),
        (signed_answer(aud="other"), SIGNED_ANSWER),
        (signed_answer(aud=None), SIGNED_ANSWER),
        (signed_answer(token_introspection="active"), SIGNED_ANSWER),
        (signed_answer(token_introspection=None, active=True, sub="123"), SIGNED_ANSWER),
        ("\N{SNOWMAN}", SIGNED_ANSWER),
    ],
    ids=map(str, range(99)),  # a signature differs every time
)
def test_an_answer_that_is_not_believed(stage: Any, believing: Any, text: str, kind: str) -> None:
    """RFC 9701 sections 5 and 8.1: unsigned, by or for somebody else, of another type: nothing is known, 503."""
    answering_signed(stage, text, kind)

    assert call(stage, "opaque").status == 503


def test_signed_answers_end_to_end(stage: Any, auth: Any) -> None:
    """Of the built-in server, whose keys are fetched where `jwks_uri` is drawn."""
    auth({"access_token.format": "opaque"})
    drawn = {"client_id": "users", "client_secret": "pool-of-tears", "introspection_signed_response_alg": "ES256"}
    stage.add("users", ResourceServer, introspection="auth", jwks_uri="/jwks", **drawn)

    assert call(stage, stage.log_in()["access_token"]).status == 200
    assert [text for _, _, text in stage.calls][-1] == "GET https://auth.test/jwks"
