"""DPoP (RFC 9449) at the token endpoint, the resource server and UserInfo."""

from typing import Any
from urllib.parse import urlencode

import pytest

from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import jwt, pkce
from seqtest.auth.challenge import challenges
from seqtest.auth.keys import make_key, public_jwk, secret_key, thumbprint
from seqtest.exchange import Headers, Request, Response

KEY = make_key("ES256", "k1", "device")
OTHER = make_key("ES256", "k1", "thief")
TOKEN = "https://auth.test/token"
ORDERS = "https://api.test/orders"
LONG = {"access_token.aud": "https://api.test", "access_token.lifetime": "1 hour"}
GRANT = {"grant_type": "password", "username": "alice", "password": "wonderland", "scope": "openid"}


def proof(stage: Any, method: str, url: str, key: Any = KEY, header: Any = None, **change: Any) -> str:
    jwk = {name: value for name, value in public_jwk(key).items() if name not in ("kid", "alg", "use")}
    jti = f"{method} {url} {stage.clock.now()} {len(stage.calls)}"
    claims = {"jti": jti, "htm": method, "htu": url, "iat": int(stage.clock.now()), **change}
    found = {name: value for name, value in claims.items() if value is not None}
    return jwt.sign({"typ": "dpop+jwt", "jwk": jwk, **(header or {})}, found, key)


def ask(stage: Any, *proofs: str, form: dict[str, str] | None = None) -> Response:
    headers = [("Content-Type", "application/x-www-form-urlencoded"), *(("DPoP", text) for text in proofs)]
    body = urlencode({**GRANT, "client_id": "app", **(form or {})}).encode()
    answer: Response = stage.actors["auth"].handle(Request("POST", TOKEN, Headers(headers), body))
    return answer


def call(stage: Any, scheme: str, token: str, *proofs: str, url: str = ORDERS) -> Response:
    headers = [("Authorization", f"{scheme} {token}"), *(("DPoP", text) for text in proofs)]
    who = "api" if url.startswith("https://api") else "auth"
    answer: Response = stage.actors[who].handle(Request("GET", url, Headers(headers)))
    return answer


def error(answer: Response) -> str:
    (found,) = challenges(answer.headers.get_all("WWW-Authenticate"))
    assert found.scheme == "DPoP"
    assert "ES256" in found.parameters["algs"].split()
    return found.parameters["error"]


@pytest.fixture
def bound(stage: Any, auth: Any) -> dict[str, Any]:
    """The tokens of a public client with a key, and an API that takes them."""
    auth({"clients.app.authentication": "none", "access_token.aud": "https://api.test"})
    stage.add("api", ResourceServer, trusts="auth")
    answer = ask(stage, proof(stage, "POST", TOKEN))
    assert answer.status == 200, answer.body
    found: dict[str, Any] = stage.json(answer)
    return found


def test_bound_token(stage: Any, bound: dict[str, Any]) -> None:
    """Sections 5 and 6.1: `token_type` is DPoP and `cnf.jkt` the key's thumbprint; without a proof nothing changes."""
    claims = jwt.read(bound["access_token"]).claims

    assert (bound["token_type"], claims["cnf"]) == ("DPoP", {"jkt": thumbprint(public_jwk(KEY))})
    assert stage.json(ask(stage))["token_type"] == "Bearer"


@pytest.mark.parametrize("url", [ORDERS, f"{ORDERS}?page=2"])
def test_call_with_a_proof(stage: Any, bound: dict[str, Any], url: str) -> None:
    """Section 7.1; `htu` is without the query, and compares as addresses do (section 4.3)."""
    token = bound["access_token"]
    text = proof(stage, "GET", "HTTPS://API.test:443/orders", ath=pkce.S256(token))

    assert call(stage, "DPoP", token, text, url=url).status == 200


def test_bound_tokens_are_no_bearer_tokens(stage: Any, bound: dict[str, Any]) -> None:
    """Section 7.2: neither with a proof beside it nor without; and a bearer token gains nothing by a proof."""
    token = bound["access_token"]
    text = proof(stage, "GET", ORDERS, ath=pkce.S256(token))
    plain = stage.json(ask(stage))["access_token"]

    assert [call(stage, "Bearer", token).status, call(stage, "Bearer", token, text).status] == [401, 401]
    assert error(call(stage, "DPoP", token)) == "invalid_dpop_proof"
    assert call(stage, "Bearer", plain).status == 200
    assert error(call(stage, "DPoP", plain, proof(stage, "GET", ORDERS, ath=pkce.S256(plain)))) == "invalid_token"


@pytest.mark.parametrize(
    "change",
    [
        {"method": "POST"},
        {"url": "https://api.test/other"},
        {"url": "https://evil.test/orders"},
        {"url": "http://api.test/orders"},
        {"ath": None},
        {"ath": pkce.S256("another token")},
        {"jti": None},
        {"jti": ""},
        {"htm": None},
        {"htu": 7},
        {"iat": None},
        {"iat": 1},
        {"iat": "now"},
        {"exp": 1_767_225_600},
        {"nbf": 1_767_225_661},
        {"header": {"typ": "JWT"}},
        {"header": {"jwk": None}},
        {"header": {"jwk": {**public_jwk(KEY), "d": "x"}}},
        {"header": {"jwk": public_jwk(OTHER)}},
        {"header": {"alg": "none"}},
        {"header": {"crit": ["b64"]}},
    ],
)
def test_proofs_that_are_not_good(stage: Any, bound: dict[str, Any], change: dict[str, Any]) -> None:
    """Section 4.3, check by check."""
    token = bound["access_token"]
    made = {"method": "GET", "url": ORDERS, "ath": pkce.S256(token), **change}

    assert error(call(stage, "DPoP", token, proof(stage, **made))) == "invalid_dpop_proof"


def test_hmac_twice_and_garbage(stage: Any, bound: dict[str, Any]) -> None:
    """Asymmetric algorithms only; one header only; a proof."""
    token = bound["access_token"]
    ath = pkce.S256(token)
    good = proof(stage, "GET", ORDERS, ath=ath)
    oct_key = secret_key(b"x" * 32)
    by_secret = jwt.sign({"typ": "dpop+jwt", "jwk": {"kty": "oct", "k": "eHh4"}}, jwt.read(good).claims, oct_key)

    for proofs in ((by_secret,), ("garbage",), (good, proof(stage, "GET", ORDERS, ath=ath, jti="j2"))):
        assert error(call(stage, "DPoP", token, *proofs)) == "invalid_dpop_proof"


def test_replay_window_and_stolen_token(stage: Any, bound: dict[str, Any]) -> None:
    """Section 11.1: good once and not for long; and by the token's own key only."""
    token = bound["access_token"]
    text = proof(stage, "GET", ORDERS, ath=pkce.S256(token))
    assert [call(stage, "DPoP", token, text).status for _ in range(2)] == [200, 401]
    late = proof(stage, "GET", ORDERS, ath=pkce.S256(token), jti="late")
    stage.clock.advance(61)
    assert error(call(stage, "DPoP", token, late)) == "invalid_dpop_proof"
    theirs = proof(stage, "GET", ORDERS, OTHER, ath=pkce.S256(token))
    assert error(call(stage, "DPoP", token, theirs)) == "invalid_token"


def test_refresh_tokens_of_public_clients_are_bound(stage: Any, bound: dict[str, Any]) -> None:
    """Section 5: by the same key only, through rotation."""
    form = {"grant_type": "refresh_token", "refresh_token": bound["refresh_token"]}
    assert ask(stage, form=form).status == 400
    assert ask(stage, proof(stage, "POST", TOKEN, OTHER, jti="a"), form=form).status == 400
    renewed = stage.json(ask(stage, proof(stage, "POST", TOKEN, jti="b"), form=form))
    assert renewed["token_type"] == "DPoP"
    form["refresh_token"] = renewed["refresh_token"]
    assert ask(stage, proof(stage, "POST", TOKEN, OTHER, jti="c"), form=form).status == 400


def test_token_endpoint_refusals(stage: Any, bound: dict[str, Any], auth: Any) -> None:
    """Section 5: 400 `invalid_dpop_proof`; where proofs are required, for a request without one, too."""
    bad = ask(stage, proof(stage, "GET", TOKEN))
    assert (bad.status, stage.json(bad)["error"]) == (400, "invalid_dpop_proof")
    auth({"clients.app.authentication": "none", "dpop": "required"})
    assert stage.json(ask(stage))["error"] == "invalid_dpop_proof"
    assert ask(stage, proof(stage, "POST", TOKEN, jti="new")).status == 200


def test_nonces(stage: Any, auth: Any) -> None:
    """Sections 8 and 9: the answer brings the nonce; an old one, or one made up, is none."""
    auth({"clients.app.authentication": "none", "dpop.nonce": True, **LONG})
    stage.bind("api", ResourceServer, {"trusts": "auth", "dpop.nonce": True})
    first = ask(stage, proof(stage, "POST", TOKEN))
    nonce = first.headers.get("DPoP-Nonce")
    assert (first.status, stage.json(first)["error"]) == (400, "use_dpop_nonce")
    assert stage.json(ask(stage, proof(stage, "POST", TOKEN, nonce="made up")))["error"] == "use_dpop_nonce"
    token = stage.json(ask(stage, proof(stage, "POST", TOKEN, nonce=nonce)))["access_token"]
    asked = call(stage, "DPoP", token, proof(stage, "GET", ORDERS, ath=pkce.S256(token)))
    assert error(asked) == "use_dpop_nonce"
    more = {"ath": pkce.S256(token), "nonce": asked.headers.get("DPoP-Nonce")}
    assert call(stage, "DPoP", token, proof(stage, "GET", ORDERS, **more)).status == 200
    stage.clock.advance(300)
    assert error(call(stage, "DPoP", token, proof(stage, "GET", ORDERS, **more))) == "use_dpop_nonce"


def test_userinfo_asks_for_the_proof(stage: Any, bound: dict[str, Any]) -> None:
    """The provider's own endpoint is no way round."""
    url, token = "https://auth.test/userinfo", bound["access_token"]

    assert call(stage, "Bearer", token, url=url).status == 401
    assert call(stage, "DPoP", token, url=url).status == 401
    assert call(stage, "DPoP", token, proof(stage, "GET", url, ath=pkce.S256(token)), url=url).status == 200


# Codes that are bound to a key

CALLBACK = "https://app.test/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
REQUEST = {
    "response_type": "code",
    "client_id": "app",
    "redirect_uri": CALLBACK,
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
DRAWN = {"clients.app.authentication": "none", "clients.app.redirect_uri": CALLBACK}


def code(stage: Any, **change: str) -> str:
    answer = stage.interact(stage.get("auth", f"/authorize?{urlencode({**REQUEST, **change})}"))
    found: str = (answer.headers.get("Location") or "").partition("code=")[2].partition("&")[0]
    return found


def redeem(stage: Any, text: str, *proofs: str) -> Response:
    form = {"grant_type": "authorization_code", "code": text, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return ask(stage, *proofs, form=form)


def push(stage: Any, *proofs: str, **change: str) -> Response:
    headers = [("Content-Type", "application/x-www-form-urlencoded"), *(("DPoP", text) for text in proofs)]
    body = urlencode({**REQUEST, **change}).encode()
    answer: Response = stage.actors["auth"].handle(Request("POST", "https://auth.test/par", Headers(headers), body))
    return answer


def test_a_code_is_good_with_its_key(stage: Any, auth: Any) -> None:
    """Section 10: `dpop_jkt` binds the code; another key, or none, is `invalid_grant`, and the code is not used up."""
    auth(DRAWN)
    text = code(stage, dpop_jkt=thumbprint(public_jwk(KEY)))
    wrong = [redeem(stage, text), redeem(stage, text, proof(stage, "POST", TOKEN, OTHER, jti="a"))]

    assert [(answer.status, stage.json(answer)["error"]) for answer in wrong] == [(400, "invalid_grant")] * 2
    assert redeem(stage, text, proof(stage, "POST", TOKEN, jti="b")).status == 200


def test_a_pushed_request_binds_by_its_proof(stage: Any, auth: Any) -> None:
    """Section 10.1: the proof's key as well as the parameter; where both are there they must agree."""
    auth(DRAWN)
    url = "https://auth.test/par"
    disagree = push(stage, proof(stage, "POST", url, jti="a"), dpop_jkt=thumbprint(public_jwk(OTHER)))
    bad = push(stage, proof(stage, "GET", url, jti="b"))
    uri = stage.json(push(stage, proof(stage, "POST", url, jti="c")))["request_uri"]
    query = urlencode({"client_id": "app", "request_uri": uri})
    back = stage.interact(stage.get("auth", f"/authorize?{query}")).headers.get("Location")
    text = back.partition("code=")[2].partition("&")[0]

    refused = [(answer.status, stage.json(answer)["error"]) for answer in (disagree, bad)]
    assert refused == [(400, "invalid_dpop_proof")] * 2
    assert redeem(stage, text, proof(stage, "POST", TOKEN, OTHER, jti="d")).status == 400
    assert redeem(stage, text, proof(stage, "POST", TOKEN, jti="e")).status == 200
