"""Malformed tokens by the hundred, to every endpoint that takes one: refused, and never by a 5xx or an exception."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from seqtest.actors.gateway import Gateway
from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import base64url, jwe, jwt
from seqtest.auth.keys import make_key, public_jwk
from seqtest.exchange import Headers, Request, Response

WEB = ("web", "tea-party")
SIG = make_key("ES256", "sig", "web")
MALLORY = make_key("ES256", "auth-es256", "mallory")
ENC = make_key("ECDH-ES", "enc", "api")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"
COUNT = 300
HEADERS: list[Any] = [
    {"alg": "none"}, {"alg": "None"}, {"alg": ""}, {"alg": []}, {"alg": {}}, {"alg": 1}, {"alg": None}, {}, [], 1, "x",
    None, {"alg": "ES256", "kid": 1}, {"alg": "ES256", "kid": "../../x"}, {"alg": "ES256", "kid": "\u0000"},
    {"alg": "ES256", "crit": ["exp"]}, {"alg": "ES256", "crit": []}, {"alg": "ES256", "b64": False, "crit": ["b64"]},
    {"alg": "HS256"}, {"alg": "RS256"}, {"alg": "ES512"}, {"alg": "EdDSA"}, {"alg": "PS256"}, {"alg": "ES256K"},
    {"alg": "ES256", "typ": {}}, {"alg": "ES256", "typ": "\ud800"}, {"alg": "ES256", "jwk": {}},
    {"alg": "dpop+jwt", "typ": "dpop+jwt", "jwk": 1}, {"alg": "RSA-OAEP", "enc": "A256GCM"},
    {"alg": "ES256", "x5c": [1]},
]  # fmt: skip
CLAIMS: list[Any] = [
    {}, [], 1, "x", None, True, {"exp": "x"}, {"exp": 1e400}, {"exp": -1}, {"aud": {}}, {"aud": [1]}, {"aud": [[]]},
    {"sub": 1}, {"sub": []}, {"iss": {}}, {"iss": ["x"]}, {"jti": {}}, {"cnf": 1}, {"cnf": {"jkt": []}}, {"scope": []},
    {"act": 1}, {"sid": {}}, {"client_id": []}, {"nbf": True}, {"iat": "now"}, {"x": "\ud800"}, {"groups": 7},
]  # fmt: skip


def part(value: Any) -> str:
    return base64url.encode(json.dumps(value).encode())


def malformed(good: str, seed: int) -> Iterator[str]:
    """Texts made of a good token, none of which is that token; equal seeds give equal texts."""
    dice = random.Random(seed)
    parts = good.split(".")
    yield from ("", ".", "..", "...", "." * 4, "." * 5000, "x", "a.b.c", "a.b.c.d.e", "eyJ", good + ".", "." + good)
    yield from (good + "=", good + "A", good[:-1], good.upper(), good * 2, good.replace(".", " "), f"{good},{good}")
    yield from (
        f" {good}x",
        "\u00e9.\u00e9.\u00e9",
        "[" * 500,
        "A" * 70_000,
        f"{parts[0]}.{parts[1]}.",
        f"{parts[0]}..{parts[2]}",
    )
    deep = base64url.encode(b"[" * 20_000)
    yield from (f"{deep}.{parts[1]}.{parts[2]}", f"{parts[0]}.{deep}.{parts[2]}")
    twice = base64url.encode(b'{"alg":"ES256","alg":"none"}')
    yield f"{twice}.{parts[1]}.{parts[2]}"
    for _ in range(COUNT):
        header, claims = dice.choice(HEADERS), dice.choice(CLAIMS)
        kind = dice.randrange(7)
        if kind == 0:
            yield f"{part(header)}.{parts[1]}.{parts[2]}"
        elif kind == 1:
            yield f"{parts[0]}.{part(claims)}.{parts[2]}"
        elif kind == 2:
            yield f"{part(header)}.{part(claims)}.{base64url.encode(dice.randbytes(dice.choice((0, 1, 32, 64, 256))))}"
        elif kind == 3:
            at = dice.randrange(len(good))
            yield good[:at] + dice.choice("AZaz09-_.=+/ %!\u00ff") * dice.randrange(1, 4) + good[at + 1 :] + "."
        elif kind == 4 and isinstance(header, dict) and isinstance(claims, dict):
            yield _by_mallory(good, header, claims)
        elif kind == 5:
            yield ".".join(base64url.encode(dice.randbytes(dice.randrange(40))) for _ in range(dice.randrange(1, 7)))
        else:
            yield _encrypted(dice, good)


def _by_mallory(good: str, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """All the claims of the good one and a signature that is right, by a stranger's key under a known `kid`."""
    read = jwt.read(good)
    signing_input = f"{part({**read.header, **header, 'alg': 'ES256'})}.{part({**read.claims, **claims})}"
    return f"{signing_input}.{base64url.encode(jwt.signature_of(signing_input, MALLORY))}"


def _encrypted(dice: random.Random, good: str) -> str:
    """Encrypted to the right key, and inside what is none."""
    inside = dice.choice(["", "x", "{}", "[]", good[:-3] + "AAA", jwt.sign({"typ": "at+jwt"}, {"sub": "123"}, MALLORY)])
    return jwe.encrypt(inside, public_jwk(ENC), dice.choice(jwe.ENCRYPTIONS))


@pytest.fixture
def server(stage: Any, auth: Any) -> Any:
    found = auth(
        {
            "clients.web.redirect_uri": "https://web.test/cb",
            "clients.signer.jwks": [public_jwk(SIG)],
            "clients.signer.redirect_uri": "https://web.test/cb",
            "clients.other.exchange": "https://orders.example",
            "refresh_token.format": "jwt",
            "registration.token": "gate-keeper",
            "access_token.aud": "api",
            "throttle.attempts": 0,
        }
    )
    drawn = {"trusts": "auth", "issuer": "https://auth.example", "audience": "api"}
    stage.bind("api", ResourceServer, drawn)
    stage.bind("sealed", ResourceServer, {**drawn, "keys.enc": "ECDH-ES"})
    stage.actors["sealed"].decryption_keys = lambda: [ENC]
    stage.actors["sealed"]._verifier.decryption = [ENC]
    asks = {"introspection": "auth", "client_id": "users", "client_secret": "pool-of-tears"}
    stage.bind("asking", ResourceServer, {**drawn, **asks, "trusts": ""})
    stage.scripted["up"] = lambda message: Response(200)
    stage.bind("gw", Gateway, {"upstream": "up", "jwt.main.issuer": "https://auth.example", "jwt.main.trusts": "auth"})
    return found


def form(path: str, name: str, auth: tuple[str, str] | None = WEB, **more: str) -> Callable[[Any, str], Response]:
    def send(stage: Any, text: str) -> Response:
        found: Response = stage.post("auth", path, {**more, name: text}, auth=auth)
        return found

    return send


def query(path: str, name: str, **more: str) -> Callable[[Any, str], Response]:
    def send(stage: Any, text: str) -> Response:
        found: Response = stage.get("auth", f"{path}?{urlencode({**more, name: text})}")
        return found

    return send


def header(
    who: str, path: str, name: str = "Authorization", prefix: str = "Bearer ", method: str = "GET", **more: str
) -> Callable[[Any, str], Response]:
    def send(stage: Any, text: str) -> Response:
        value = quote(text, safe="") if not text.isascii() else text
        fields = [(name, prefix + value), *((key.replace("_", "-"), held) for key, held in more.items())]
        url = f"https://{who}.test{path}"
        body = urlencode({"grant_type": "client_credentials"}).encode() if method == "POST" else b""
        found: Response = stage.actors[who].handle(Request(method, url, Headers(fields), body))
        return found

    return send


FORM, JSON = "application/x-www-form-urlencoded", "application/json"
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token_type": TOKEN_TYPE,
}  # fmt: skip
ENDPOINTS: dict[str, tuple[Callable[[Any, str], Response], frozenset[int]]] = {
    "introspection": (form("/introspect", "token"), frozenset({200, 400})),
    "revocation": (form("/revoke", "token"), frozenset({200, 400})),
    "userinfo": (header("auth", "/userinfo"), frozenset({400, 401})),
    "userinfo, DPoP": (header("auth", "/userinfo", prefix="DPoP "), frozenset({400, 401})),
    "refresh": (form("/token", "refresh_token", grant_type="refresh_token"), frozenset({400})),
    "code": (form("/token", "code", grant_type="authorization_code"), frozenset({400})),
    "device code": (
        form("/token", "device_code", grant_type="urn:ietf:params:oauth:grant-type:device_code"), frozenset({400})
    ),
    "auth_req_id": (form("/token", "auth_req_id", grant_type="urn:openid:params:grant-type:ciba"), frozenset({400})),
    "subject token": (form("/token", "subject_token", ("other", "croquet"), **EXCHANGE), frozenset({400})),
    "client assertion": (
        form("/token", "client_assertion", None, client_assertion_type=ASSERTION, grant_type="client_credentials"),
        frozenset({400, 401}),
    ),
    "DPoP proof": (
        header("auth", "/token", "DPoP", "", "POST", Content_Type=FORM, Authorization="Basic d2ViOnRlYS1wYXJ0eQ=="),
        frozenset({400}),
    ),
    "logout hint": (query("/logout", "id_token_hint"), frozenset({200, 400})),
    "CIBA hint": (form("/bc-authorize", "id_token_hint", scope="openid"), frozenset({400})),
    "request object": (query("/authorize", "request", client_id="signer"), frozenset({303, 400})),
    "pushed request object": (form("/par", "request"), frozenset({400})),
    "pushed request": (query("/authorize", "request_uri", client_id="web"), frozenset({303, 400})),
    "registration": (header("auth", "/register", method="POST", Content_Type=JSON), frozenset({400, 401})),
    "registered client": (header("auth", "/register/web"), frozenset({400, 401})),
    "API": (header("api", "/users/123"), frozenset({400, 401})),
    "API, encrypted": (header("sealed", "/users/123"), frozenset({400, 401})),
    "API, introspection": (header("asking", "/users/123"), frozenset({400, 401})),
    "gateway": (header("gw", "/"), frozenset({400, 401})),
}  # fmt: skip
"""Endpoint → how a token is sent there, and what it may answer."""


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_malformed_tokens(stage: Any, server: Any, endpoint: str) -> None:
    """Each of them is refused, by an answer that the endpoint may give."""
    tokens = stage.log_in()
    now = int(stage.clock.now())
    claims = {"iss": "signer", "sub": "signer", "aud": "https://auth.example", "exp": now + 60, "jti": "j"}
    good = tokens["access_token"] if endpoint != "client assertion" else jwt.sign({}, claims, SIG)
    send, expected = ENDPOINTS[endpoint]
    count = 0
    for text in malformed(good, seed=7):
        answer = send(stage, text)
        assert answer.status in expected, (text[:80], answer.status, answer.body[:200])
        location = answer.headers.get("Location") or ""
        assert "code=" not in location, text[:80]
        assert not location.startswith("/interaction/"), text[:80]
        is_json = answer.headers.get("Content-Type") == JSON and answer.body
        body = json.loads(answer.body) if is_json else {}
        assert body.get("active", False) is False, text[:80]
        assert "access_token" not in body
        count += 1

    assert count > COUNT
    assert stage.get("api", "/users/123", f"Bearer {tokens['access_token']}").status == 200


def test_the_good_ones_are_taken(stage: Any, server: Any) -> None:
    """What the malformed ones are made of is good, so that it is their fault alone."""
    access = stage.log_in()["access_token"]

    assert stage.json(form("/introspect", "token")(stage, access))["active"] is True
    assert header("api", "/users/123")(stage, access).status == 200
    assert header("sealed", "/users/123")(stage, jwe.encrypt(access, public_jwk(ENC))).status == 200
    assert header("asking", "/users/123")(stage, access).status == 200
    assert header("gw", "/")(stage, access).status == 200
    assert form("/token", "subject_token", ("other", "croquet"), **EXCHANGE)(stage, access).status == 200


def test_the_texts_are_many_and_always_the_same(stage: Any, server: Any) -> None:
    """Equal seeds give equal texts, but for signatures and what is encrypted: they are others each time."""
    good = jwt.sign({}, {"sub": "1"}, make_key("HS256", "k"))

    def plain(seed: int) -> list[str]:
        return [text.rpartition(".")[0] for text in malformed(good, seed) if not jwe.looks_like_jwe(text)]

    assert plain(1) == plain(1)
    assert plain(1) != plain(2)
    assert good not in set(malformed(good, 1))
