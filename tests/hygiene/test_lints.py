"""Each lint by an exchange in which it speaks and one in which it does not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seqtest.auth import jwt
from seqtest.auth.keys import make_key, public_jwk, secret_key
from seqtest.exchange import Headers
from seqtest.hygiene.exchange import Answered, Asked, Exchange, History
from seqtest.hygiene.reference import page
from seqtest.hygiene.table import BY_NAME, LINTS, NoLint, chosen

KEY = make_key("ES256", "k1", "auth")
NOW = 1_800_000_000
CLAIMS = {
    "iss": "https://auth.test", "sub": "1", "aud": "api", "client_id": "web", "jti": "j", "iat": NOW, "exp": NOW + 300,
}  # fmt: skip
URLS = {"auth": "https://auth.test", "api": "https://api.test"}


def token(header: dict[str, Any] | None = None, key: Any = KEY, **change: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}
    return jwt.sign({"typ": "at+jwt", **(header or {})}, claims, key)


def one(
    asked: str = "GET /",
    form: dict[str, Any] | None = None,
    status: int | None = 200,
    body: dict[str, Any] | bytes = b"",
    sent: tuple[tuple[str, str], ...] = (),
    got: tuple[tuple[str, str], ...] = (),
    receiver: str = "auth",
) -> Exchange:
    """A request (`GET /path`, with fields `sent`) and its answer (with fields `got`)."""
    method, _, target = asked.partition(" ")
    url = target if "://" in target else URLS[receiver] + target
    data = "&".join(f"{name}={value}" for name, value in (form or {}).items()).encode()
    fields = [*sent, *([("Content-Type", "application/x-www-form-urlencoded")] if form else [])]
    answer = None
    if status is not None:
        answer = Answered(status, Headers(got), body if isinstance(body, bytes) else json.dumps(body).encode())
    return Exchange("web", receiver, Asked(method, url, Headers(fields), data), answer, None, None)


def bearer(text: str, **more: Any) -> Exchange:
    return one("GET /orders", sent=(("Authorization", f"Bearer {text}"),), receiver="api", **more)


def tokens(**fields: Any) -> Exchange:
    """A token response."""
    body = {"access_token": "opaque", "expires_in": 300, **fields}
    return one("POST /token", {"grant_type": "refresh_token"}, body={k: v for k, v in body.items() if v is not None})


def authorize(query: str, **more: Any) -> Exchange:
    return one(f"GET /authorize?{query}", status=303, **more)


GOOD_CODE = "response_type=code&client_id=web&state=x&nonce=n&code_challenge=c&code_challenge_method=S256"
NO_STORE = (("Cache-Control", "no-store"),)
JSON = (("Content-Type", "application/json"),)
HTML = (("Content-Type", "text/html; charset=utf-8"),)
NAMELESS = jwt.sign({}, CLAIMS, replace(KEY, kid=""))
LONG = "x" * 9000
BASIC = "Basic d2ViOnRlYSBwYXJ0eQ=="  # web:tea party
SHORT_RSA = {"kty": "RSA", "n": "w" + "A" * 169, "e": "AQAB"}  # 1024 bits
LONG_RSA = {"kty": "RSA", "n": "w" + "A" * 341, "e": "AQAB"}

# One line an idea reads better than one line a bracket.
# fmt: off
CASES: dict[str, tuple[list[Exchange], list[Exchange]]] = {
    "token-in-url": (
        [one("GET /x?access_token=a"), one("GET /x?a=1#id_token=b"), one(got=(("Location", "/cb#access_token=a"),))],
        [one("GET /x?access_token=a", status=401), authorize(GOOD_CODE), one("GET /logout?id_token_hint=x")],
    ),
    "http-url": (
        [one("GET http://auth.example/jwks")],
        [one("GET http://127.0.0.1:80/jwks"), one("GET http://localhost/x"), one("GET https://auth.example/x")],
    ),
    "no-store-missing": (
        [
            tokens(),
            one("POST /introspect", {"token": "x"}, body={"active": True}),
            one(body={"device_code": "d"}),
            one("POST /logged-out", {"logout_token": "x"}),
        ],
        [
            one(body={"access_token": "x"}, got=(("Cache-Control", "No-Store, private"),)),
            one(body={"name": "Alice"}),
            one("POST /logged-out", {"logout_token": "x"}, got=NO_STORE),
            one("POST /logged-out", {"logout_token": "x"}, status=400),
            one(status=400, body={"error": "invalid_request", "request_uri": "x"}),
        ],
    ),
    "pragma-missing": ([tokens()], [one(body={"access_token": "x"}, got=(("Pragma", "no-cache"),)), one()]),
    "token-too-big": (
        [bearer(LONG), one(sent=(("Cookie", "a=1; t=" + "x" * 4100),))],
        [bearer("x" * 8000), one(sent=(("Cookie", "; ".join(f"c{n}={'x' * 1000}" for n in range(6))),))],
    ),
    "cookie-flags": (
        [
            one(got=(("Set-Cookie", "session=x; Secure; HttpOnly"),)),
            one(got=(("Set-Cookie", "SID=x; Path=/"),)),
            one(got=(("Set-Cookie", f"data={token()}; Secure; SameSite=Lax"),)),
        ],
        [
            one(got=(("Set-Cookie", "session=x; secure; httponly; SameSite=Lax"),)),
            one(got=(("Set-Cookie", "lang=en"),)),
            one(got=(("Set-Cookie", "session=; Max-Age=0"),)),
        ],
    ),
    "cors-wildcard": (
        [
            one(got=(("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Credentials", "true"))),
            one(got=(("Access-Control-Allow-Origin", "null"), ("Access-Control-Allow-Credentials", "true"))),
            one(
                "OPTIONS /x",
                sent=(("Access-Control-Request-Headers", "Authorization"),),
                got=(("Access-Control-Allow-Headers", "*"),),
            ),
        ],
        [
            one(got=(("Access-Control-Allow-Origin", "*"),)),
            one("OPTIONS /x", got=(("Access-Control-Allow-Headers", "*"),)),
        ],
    ),
    "authz-cors": (
        [authorize(GOOD_CODE, got=(("Access-Control-Allow-Origin", "https://shop.example"),))],
        [authorize(GOOD_CODE), one("POST /token", got=(("Access-Control-Allow-Origin", "https://shop.example"),))],
    ),
    "challenge-missing": (
        [one(status=401), one(status=401, got=JSON)],
        [one(status=401, got=(("WWW-Authenticate", "Bearer"),)), one(status=403), one(status=401, got=HTML)],
    ),
    "error-verbose": (
        [
            one(status=500, body=b"Traceback (most recent call last):\n x"),
            one(status=400, body=b"ERROR: SQLSTATE 42601"),
            one(status=500, body=b"\tat org.example.Login.check(Login.java:3)"),
        ],
        [one(status=500, body=b"{}"), one(status=200, body=b"Traceback (most recent call last)")],
    ),
    "referrer-policy": (
        [one(got=HTML, body=b'<input type="password">'), one("GET /cb?code=x", got=HTML, body=b"<p>")],
        [
            one(got=(*HTML, ("Referrer-Policy", "no-referrer")), body=b'<input type="password">'),
            one(got=HTML, body=b"<p>"),
        ],
    ),
    "code-left-in-url": (
        [one("GET /cb?code=x&state=y", got=HTML)],
        [
            one("GET /cb?code=x&state=y", status=303, got=HTML),
            one("GET /cb?code=x&state=y"),
            one("GET /x?code=1", got=HTML),
        ],
    ),
    "secret-in-jwt": (
        [
            bearer(token(password="x")),
            tokens(access_token=token(user={"apiKey": "x"})),
            tokens(id_token=token(pin="1")),
        ],
        [bearer(token(scope="password")), bearer(token(password="x"), status=401), bearer(token(pinned=True))],
    ),
    "pii-in-access-token": (
        [bearer(token(email="a@b.example")), tokens(access_token=token(user={"birthdate": "2000-01-01"}))],
        [bearer(token(upn="a@b.example")), tokens(id_token=token(email="a@b.example")), bearer("opaque")],
    ),
    "long-lived-access-token": (
        [
            tokens(expires_in=3601),
            bearer(token(exp=NOW + 3601)),
            tokens(expires_in=None, access_token=token(exp=NOW + 9999)),
        ],
        [
            tokens(expires_in=3600),
            bearer(token(exp=NOW + 3600)),
            bearer(token(exp=NOW + 9999, cnf={"jkt": "x"})),
            tokens(expires_in="soon"),
            bearer(token(exp=NOW + 9999), status=401),
        ],
    ),
    "exp-missing": ([bearer(token(exp=None)), tokens(expires_in=None)], [bearer(token()), tokens(), one()]),
    "aud-missing": (
        [bearer(token(aud=None)), bearer(token(aud="*")), tokens(access_token=token(aud=["api", "*"]))],
        [bearer(token()), bearer(token(aud=None), status=401), tokens(id_token=token(aud=None))],
    ),
    "aud-broad": ([], [bearer(token())]),
    "claims-9068": ([bearer(token(jti=None)), bearer(token({"typ": "JWT"}))], [bearer(token()), bearer("opaque")]),
    "time-order": (
        [bearer(token(exp=NOW)), bearer(token(nbf=NOW + 400)), tokens(id_token=token(auth_time=NOW + 1))],
        [bearer(token(nbf=NOW)), tokens(id_token=token(auth_time=NOW)), bearer(token(exp="soon"))],
    ),
    "alg-none": ([bearer(token(key=None))], [bearer(token()), bearer(token(key=None), status=401)]),
    "alg-hs-across-parties": (
        [bearer(token(key=secret_key(b"k" * 32))), tokens(id_token=token(key=secret_key(b"k" * 32)))],
        [
            one(
                "POST /token",
                {"grant_type": "x", "client_secret": "s"},
                body={"id_token": token(key=secret_key(b"k" * 32))},
            ),
            bearer(token(key=secret_key(b"k" * 32), iss="https://api.test")),
            bearer(token()),
            bearer(token(key=secret_key(b"k" * 32)), status=401),
        ],
    ),
    "alg-deprecated": ([bearer(token({"alg": "RSA1_5"}))], [bearer(token())]),
    "key-header-in-token": (
        [bearer(token({"jku": "https://x.example"})), tokens(id_token=token({"jwk": {}}))],
        [bearer(token({"kid": "x"}))],
    ),
    "jwks-private": (
        [one(body={"keys": [{**public_jwk(KEY), "d": "x"}]}), one(body={"keys": [{"kty": "oct", "k": "x"}]})],
        [one(body={"keys": [public_jwk(KEY)]}), one(body={"keys": "d"}), one(body={"keys": ["d"]})],
    ),
    "key-weak": ([one(body={"keys": [SHORT_RSA]})], [one(body={"keys": [LONG_RSA, {"kty": "RSA", "n": "%"}]})]),
    "refresh-to-rs": ([], [one("POST /token", {"refresh_token": "R1"})]),
    "id-token-to-rs": ([], [bearer(token())]),
    "refresh-not-rotated": (
        [
            one("POST /token", {"grant_type": "refresh_token", "refresh_token": "R"}, body={"access_token": "x"}),
            one(
                "POST /token",
                {"grant_type": "refresh_token", "refresh_token": "R"},
                body={"access_token": "x", "refresh_token": "R"},
            ),
        ],
        [
            one(
                "POST /token",
                {"grant_type": "refresh_token", "refresh_token": "R"},
                body={"access_token": "x", "refresh_token": "S"},
            ),
            one(
                "POST /token",
                {"grant_type": "refresh_token", "refresh_token": "R"},
                body={"access_token": "x"},
                sent=(("Authorization", BASIC),),
            ),
            one(
                "POST /token",
                {"grant_type": "refresh_token", "refresh_token": "R"},
                body={"access_token": "x"},
                sent=(("DPoP", "x"),),
            ),
        ],
    ),
    "introspection-open": (
        [one("POST /introspect", {"token": "x"}, body={"active": True})],
        [
            one("POST /introspect", {"token": "x"}, body={"active": True}, sent=(("Authorization", BASIC),)),
            one("POST /introspect", {"token": "x", "client_secret": "y"}, body={"active": True}),
            one("POST /introspect", {"token": "x"}, status=401, body={"error": "invalid_client"}),
        ],
    ),
    "basic-not-encoded": (
        [one("POST /token", {"grant_type": "x"}, sent=(("Authorization", BASIC),))],
        [
            one("POST /token", {"grant_type": "x"}, sent=(("Authorization", "Basic d2ViOnRlYSUyMHBhcnR5"),)),
            one("POST /token", {"grant_type": "x"}, sent=(("Authorization", "Basic %%"),)),
            one("GET /", sent=(("Authorization", BASIC),)),
        ],
    ),
    "implicit-used": (
        [authorize("response_type=token&state=x"), authorize("response_type=code token&state=x")],
        [authorize(GOOD_CODE), authorize("response_type=id_token&nonce=x")],
    ),
    "pkce-missing": (
        [authorize("response_type=code&state=x")],
        [
            authorize(GOOD_CODE),
            authorize("response_type=token"),
            authorize("response_type=code&request=x"),
            authorize("response_type=code", got=(("Location", "https://web/cb?error=invalid_request"),)),
            one("GET /authorize?response_type=code", status=400),
        ],
    ),
    "pkce-plain": (
        [
            authorize("response_type=code&code_challenge=x"),
            authorize("response_type=code&code_challenge=x&code_challenge_method=plain"),
        ],
        [authorize(GOOD_CODE), authorize("response_type=code")],
    ),
    "csrf-missing": (
        [authorize("response_type=code")],
        [authorize("response_type=code&state=x"), authorize("response_type=code&nonce=x"), one()],
    ),
    "nonce-missing": (
        [
            authorize("response_type=id_token&scope=openid&code_challenge=x"),
            authorize("response_type=code&scope=profile openid"),
        ],
        [authorize(GOOD_CODE + "&scope=openid"), authorize("response_type=code&scope=profile")],
    ),
    "ropc-used": (
        [one("POST /token", {"grant_type": "password"})],
        [one("POST /token", {"grant_type": "password"}, status=400), tokens()],
    ),
    "cookie-refused": (
        [
            one(got=(("Set-Cookie", "a=1; SameSite=None"),)),
            one(got=(("Set-Cookie", "__Host-a=1; Secure; Path=/x"),)),
            one(got=(("Set-Cookie", "a=1; Domain=elsewhere.test"),)),
            one("GET http://auth.test/", got=(("Set-Cookie", "a=1; Secure"),)),
        ],
        [
            one(got=(("Set-Cookie", "a=1; SameSite=None; Secure"),)),
            one(got=(("Set-Cookie", "__Host-a=1; Secure; Path=/"),)),
            one(),
        ],
    ),
    "iss-missing": ([], [one(status=303, got=(("Location", "https://shop.example/cb?code=x"),))]),
    "public-client-secret": (
        [
            one("POST /token", {"grant_type": "x", "client_secret": "s", "redirect_uri": "com.example.app:/cb"}),
            one("POST /token", {"grant_type": "x", "client_secret": "s", "redirect_uri": "http://127.0.0.1/cb"}),
            one("POST /token", {"grant_type": "x", "client_secret": "s"}, sent=(("Origin", "https://shop.example"),)),
            one("POST /token", {"grant_type": "x"}, sent=(("Authorization", BASIC), ("Sec-Fetch-Mode", "cors"))),
        ],
        [
            one("POST /token", {"grant_type": "x", "client_secret": "s", "redirect_uri": "https://shop.example/cb"}),
            one("POST /token", {"grant_type": "x", "client_secret": "s", "redirect_uri": "http://127.0.0.1:5000/cb"}),
            one("POST /token", {"grant_type": "x", "redirect_uri": "com.example.app:/cb"}),
            one("POST /token", {"grant_type": "x"}, sent=(("Origin", "https://shop.example"),)),
            one("POST /login", {"name": "x"}, sent=(("Authorization", BASIC), ("Sec-Fetch-Mode", "navigate"))),
            one("POST /token", {"client_secret": "s", "redirect_uri": "com.example.app:/cb"}, status=401),
        ],
    ),
    "refresh-no-end": (
        [
            tokens(refresh_token=token(exp=None)),
            tokens(refresh_token="opaque", refresh_expires_in=0),
            tokens(refresh_token="opaque", refresh_token_expires_in=0),
        ],
        [
            tokens(refresh_token=token()),
            tokens(refresh_token="opaque"),
            tokens(refresh_token="opaque", refresh_expires_in=1800),
            tokens(access_token=token(exp=None), refresh_expires_in=0),
        ],
    ),
    "csrf-cookie-token": (
        [
            one("POST /orders", sent=(("Cookie", f"lang=en; jwt={token()}"),), receiver="api"),
            one("DELETE /orders/1", status=204, sent=(("Cookie", f"jwt={token()}"),), receiver="api"),
        ],
        [
            one("GET /orders", sent=(("Cookie", f"jwt={token()}"),), receiver="api"),
            one("POST /orders", sent=(("Cookie", f"jwt={token()}"),), status=403, receiver="api"),
            one("POST /orders", sent=(("Cookie", f"jwt={token()}"), ("X-CSRF-Token", "x")), receiver="api"),
            one("POST /orders", {"csrf": "x"}, sent=(("Cookie", f"jwt={token()}"),), receiver="api"),
            one("POST /orders", sent=(("Cookie", f"jwt={token()}"), ("Authorization", "Bearer x")), receiver="api"),
            one("POST /orders", sent=(("Cookie", "lang=en; flag"),), receiver="api"),
        ],
    ),
    "scope-excess": ([], [bearer(token(scope="read write")), tokens(scope="read write")]),
    "kid-missing": ([], [tokens(id_token=token()), one(body={"keys": [public_jwk(KEY), LONG_RSA]})]),
}
# fmt: on


def found(
    name: str, *exchanges: Exchange, settings: dict[str, dict[str, Any]] | None = None, text: str = ""
) -> list[str]:
    history = History(URLS, settings or {}, text)
    look, needs, afterwards = BY_NAME[name].look, BY_NAME[name].needs, BY_NAME[name].afterwards
    assert look is not None
    words = []
    for exchange in exchanges:
        words += [fault.message for fault in look(exchange, history)] if exchange.shows & needs else []
        history.note(exchange)
    return words + ([fault.message for fault in afterwards(history)] if afterwards is not None else [])


@pytest.mark.parametrize("name", CASES)
def test_it_speaks(name: str) -> None:
    """Of each exchange once, without a word of a secret's value."""
    for number, exchange in enumerate(CASES[name][0]):
        assert len(found(name, exchange)) == 1, number


@pytest.mark.parametrize("name", CASES)
def test_it_does_not_speak(name: str) -> None:
    """Of what is good, of what was refused, of what is something else."""
    for number, exchange in enumerate([*CASES[name][1], one(), one(status=None)]):
        assert found(name, exchange) == [], number


def test_every_lint_of_messages_is_tried() -> None:
    """One that nobody tries may say nothing."""
    assert sorted(CASES) == sorted(lint.name for lint in LINTS if lint.look is not None)


def test_what_was_seen_before_counts() -> None:
    """Tokens are known by the response that brought them."""
    handed = tokens(refresh_token="R1", id_token="I1")
    elsewhere = one("POST /orders", {"refresh_token": "R1"}, receiver="api")

    assert found("refresh-to-rs", handed, elsewhere) == ["api gets a refresh token that is for auth alone"]
    assert found("refresh-to-rs", handed, one("POST /token", {"refresh_token": "R1"})) == []
    assert found("refresh-to-rs", handed, one("POST /x", {"refresh_token": "R1"}, status=400, receiver="api")) == []
    assert found("id-token-to-rs", handed, bearer("I1")) == ["an ID token opens api: it is for the client alone"]
    assert found("id-token-to-rs", handed, bearer("I1", status=401)) == []
    other = one("GET /", sent=(("Authorization", "Bearer A"),))
    assert found("aud-broad", bearer("A"), other) == ["auth gets the access token that api got, too"]
    assert found("aud-broad", bearer("A"), bearer("A")) == []


def test_a_refresh_token_that_is_sent_as_a_bearer_token_may_live_long() -> None:
    """It is known by the response that brought it; the access token beside it is not meant."""
    long, lint = token(exp=NOW + 86400), "long-lived-access-token"

    assert found(lint, tokens(refresh_token=long), bearer(long)) == []
    assert len(found(lint, tokens(refresh_token=token()), bearer(long))) == 1
    both = bearer(long, body={"access_token": token(exp=NOW + 9999)})
    assert len(found(lint, tokens(refresh_token=long), both)) == 1


def test_who_verifies_the_tokens_that_it_made_itself_needs_no_key_pair() -> None:
    """Handed out under any name by the server that takes it; not so one that another server handed out or issued."""
    lint = "alg-hs-across-parties"

    def of(issuer: str | None) -> str:
        return token(key=secret_key(b"k" * 32), iss=issuer)

    for issuer in (None, "my-shop"):
        own = of(issuer)
        assert found(lint, one("POST /login", body={"access": own}, receiver="api"), bearer(own)) == []
        assert len(found(lint, one("POST /login", body={"access": own}), bearer(own))) == 1
        assert len(found(lint, bearer(own))) == 1
    relayed = of("https://auth.test")
    assert len(found(lint, one("POST /login", body={"access": relayed}, receiver="api"), bearer(relayed))) == 1


def test_codes_that_two_servers_send_to_one_address() -> None:
    """A mix-up needs one address for two servers, and an answer that does not say whose it is."""

    def sent(server: str, address: str, *more: str) -> Exchange:
        location = (("Location", "&".join((f"https://shop.example/{address}?code=x", *more))),)
        return one(f"GET {URLS[server]}/authorize?{GOOD_CODE}", status=303, got=location, receiver=server)

    words = ["codes of api and auth come to one address, and nothing says whose they are"]
    assert found("iss-missing", sent("auth", "cb"), sent("api", "cb")) == words
    assert found("iss-missing", sent("auth", "cb", "iss=x"), sent("api", "cb")) == words
    assert found("iss-missing", sent("auth", "cb", "iss=x"), sent("api", "cb", "iss=y")) == []
    assert found("iss-missing", sent("auth", "cb"), sent("api", "other")) == []
    assert found("iss-missing", sent("auth", "cb"), sent("auth", "cb")) == []
    assert found("iss-missing", sent("auth", "cb", "id_token=x"), sent("api", "cb", "id_token=y")) == []


def test_one_key_of_several_has_to_be_named() -> None:
    """Whichever is seen first, the keys or the token."""
    two = one(body={"keys": [public_jwk(KEY), LONG_RSA]})
    words = ["auth publishes several keys, and its `id_token` does not say which one signed it"]
    nameless = tokens(id_token=NAMELESS)

    assert found("kid-missing", two, nameless) == words
    assert found("kid-missing", nameless, two) == words
    assert found("kid-missing", two, tokens(id_token=token())) == []
    assert found("kid-missing", one(body={"keys": [public_jwk(KEY), {**LONG_RSA, "use": "enc"}]}), nameless) == []
    assert found("kid-missing", two, tokens(id_token=token(key=secret_key(b"k" * 32)))) == []


def test_a_cookie_that_other_sites_can_use() -> None:
    """What its server said when it set it counts, and a defence that the drawing speaks of elsewhere."""
    post = one("POST /orders", sent=(("Cookie", "sid=A1"),), receiver="api")
    words = ["api acts on the token in the cookie `sid`, whoever asked for it"]
    handed = tokens(access_token="A1")

    assert found("csrf-cookie-token", handed, post) == words
    assert found("csrf-cookie-token", post) == []
    for attribute, spoken in (("None", words), ("Lax", []), ("Strict", [])):
        setting = one(got=(("Set-Cookie", f"sid=A1; Secure; SameSite={attribute}"),), receiver="api")
        assert found("csrf-cookie-token", handed, setting, post) == spoken, attribute
    assert (
        found("csrf-cookie-token", handed, post, text="browser -> api : POST /x\nnote right: Origin: https://x") == []
    )


def test_a_refresh_token_that_something_ends() -> None:
    """A revocation or a list anywhere in the drawing is an end."""
    endless = tokens(refresh_token=token(exp=None))

    assert found("refresh-no-end", endless, text="web -> auth : POST /revoke") == []
    assert found("refresh-no-end", endless, text="auth -> db : look into the deny list") == []
    assert len(found("refresh-no-end", endless, text="a revolving door")) == 1


def test_a_scope_that_no_api_asks_for() -> None:
    """Told only where each API that took the token says what it needs."""
    api = {"trusts": "auth", "scope": "read"}
    handed = tokens(access_token="A", scope="openid read write")
    words = ["api gets a token for more than any API asks for: write"]

    assert found("scope-excess", handed, bearer("A"), settings={"api": api}) == words
    jwt_token = token(scope="read write")
    assert found("scope-excess", tokens(access_token=jwt_token), bearer(jwt_token), settings={"api": api}) == words
    assert found("scope-excess", handed, bearer("A"), settings={"api": {**api, "scopes.DELETE": "write"}}) == []
    other = {"api": api, "stock": {"introspection": "auth", "scope": "write"}}
    assert found("scope-excess", handed, bearer("A"), settings=other) == []
    assert found("scope-excess", handed, bearer("A")) == []
    assert found("scope-excess", handed, bearer("A", status=403), settings={"api": api}) == []
    assert found("scope-excess", handed, settings={"api": api}) == []


def test_times_of_a_token_and_the_runs_clock() -> None:
    """A token from the future is a clock that is wrong; a minute apart is none."""
    assert found("time-order", tokens_at(NOW - 61)) == ["the `id_token` says that it was made in the future"]
    assert found("time-order", tokens_at(NOW - 60)) == []


def tokens_at(moment: float) -> Exchange:
    exchange = tokens(id_token=token())
    exchange.moment = moment
    return exchange


def test_which_lints_speak() -> None:
    """Words are read from left to right; a slip is named."""
    by_itself = [lint.name for lint in LINTS if lint.is_on]
    assert [lint.name for lint in chosen()] == by_itself
    assert "ropc-used" not in by_itself
    assert [lint.name for lint in chosen(["ropc-used", "-http-url"])] == [
        lint.name for lint in LINTS if (lint.is_on or lint.name == "ropc-used") and lint.name != "http-url"
    ]
    assert [lint.name for lint in chosen(["none", "token_in_url"])] == ["token-in-url"]
    assert len(chosen(["all"])) == len(LINTS)
    with pytest.raises(NoLint, match="did you mean `token-in-url`"):
        chosen(["-token-in-urls"])


def test_codes_and_names_are_their_own() -> None:
    """No two lints have one."""
    assert len({lint.code for lint in LINTS}) == len({lint.name for lint in LINTS}) == len(LINTS)


def test_the_page_is_printed_from_the_table() -> None:
    """docs/reference/hygiene.md says what the table says."""
    assert (Path(__file__).parents[2] / "docs/reference/hygiene.md").read_text() == page()
