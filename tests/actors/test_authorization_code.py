"""Authorization code with PKCE and OpenID Connect, by clause."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from seqtest.auth import jwt, oidc, pkce
from seqtest.auth.keys import secret_key, verification_jwk
from seqtest.exchange import Headers, Request, Response

WEB = ("web", "tea-party")
CALLBACK = "https://web.test/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CODE = {
    "clients.web.redirect_uri": CALLBACK,
    "clients.other.redirect_uri": CALLBACK,
    "clients.spa.redirect_uri": "https://spa.test/cb",
    "users.alice.name": "Alice",
    "users.alice.email": "alice@example.org",
}
REQUEST = {
    "response_type": "code",
    "client_id": "web",
    "redirect_uri": CALLBACK,
    "scope": "openid profile",
    "state": "xyz &=ü",
    "nonce": "n-0S6",
    "code_challenge": pkce.S256(VERIFIER),
    "code_challenge_method": "S256",
}


class Browser:
    """A browser that asks for authorization."""

    def __init__(self, stage: Any) -> None:
        self.agent = stage.browser()

    def send(self, method: str, path: str, form: Any = None) -> Response:
        return self.agent.send(method, path, form)  # type: ignore[no-any-return]

    def authorize(self, **change: Any) -> Response:
        wanted = {name: value for name, value in {**REQUEST, **change}.items() if value is not None}
        return self.send("GET", "/authorize?" + urlencode(wanted, doseq=True))

    def log_in(self, login: str = "alice", password: str = "wonderland", **change: Any) -> Response:
        page = self.authorize(**change)
        assert page.status == 303, page.body
        return self.send("POST", location(page), {"login": login, "password": password})


def location(answer: Response) -> str:
    found = answer.headers.get("Location")
    assert found is not None
    return found


def sent_back(answer: Response) -> dict[str, str]:
    """The parameters with which the browser was sent back to the client."""
    assert answer.status == 303
    url = urlsplit(location(answer))
    assert f"{url.scheme}://{url.netloc}{url.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(url.query, strict_parsing=True).items()}


@pytest.fixture
def browser(stage: Any, auth: Any) -> Browser:
    auth(CODE)
    return Browser(stage)


def redeem(stage: Any, code: str, auth: tuple[str, str] | None = WEB, **change: Any) -> Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    answer: Response = stage.post(
        "auth", "/token", {name: value for name, value in {**form, **change}.items() if value is not None}, auth=auth
    )
    return answer


def refused(stage: Any, answer: Response, error: str = "invalid_grant") -> bool:
    return answer.status == 400 and stage.json(answer)["error"] == error


def test_whole_flow(stage: Any, browser: Browser) -> None:
    """Log-in page, code, tokens and UserInfo, as OpenID Connect Core sections 3.1 and 5.3 have them."""
    page = browser.authorize()
    assert location(page).startswith("/interaction/")
    form = browser.send("GET", location(page))
    assert (form.status, form.headers.get("Content-Type")) == (200, "text/html; charset=utf-8")
    assert b'name="login"' in form.body
    assert b'name="password"' in form.body
    back = sent_back(browser.send("POST", location(page), {"login": "alice", "password": "wonderland"}))
    assert (back["state"], back["iss"]) == ("xyz &=ü", "https://auth.example")

    answer = redeem(stage, back["code"])
    body = stage.json(answer)
    token = jwt.verify(body["id_token"], stage.keys("auth"), ["ES256"])
    now = int(stage.clock.now())
    assert answer.headers.get("Cache-Control") == "no-store"
    assert token.claims == {
        "iss": "https://auth.example",
        "sub": "123",
        "aud": "web",
        "iat": now,
        "exp": now + 300,
        "auth_time": now,
        "nonce": "n-0S6",
        "at_hash": oidc.at_hash(body["access_token"], "ES256"),
        "c_hash": oidc.c_hash(back["code"], "ES256"),
        "amr": ["pwd"],
        "sid": token.claims["sid"],
    }
    assert (body["scope"], "refresh_token" in body) == ("openid profile", True)
    info = stage.get("auth", "/userinfo", f"Bearer {body['access_token']}")
    assert stage.json(info) == {"sub": "123", "name": "Alice"}


def test_how_sure_the_log_in_is(stage: Any, auth: Any, browser: Browser) -> None:
    """Core section 2: `acr` as drawn, in metadata too, and `amr`; both stay the first log-in's after a refresh."""
    auth({**CODE, "acr": "urn:example:loa:1"})
    tokens = stage.json(redeem(stage, sent_back(browser.log_in())["code"]))
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    renewed = stage.json(stage.post("auth", "/token", form, auth=WEB))
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))

    for text in (tokens["id_token"], renewed["id_token"]):
        claims = jwt.read(text).claims
        assert (claims["acr"], claims["amr"]) == ("urn:example:loa:1", ["pwd"])
    assert "c_hash" not in jwt.read(renewed["id_token"]).claims
    assert document["acr_values_supported"] == ["urn:example:loa:1"]


def test_session(stage: Any, browser: Browser) -> None:
    """A browser that has logged in gets its next code at once; `prompt` and `max_age` can ask again (Core 3.1.2.1)."""
    first = sent_back(browser.log_in())
    stage.clock.advance(100)
    second = sent_back(browser.authorize())

    assert first["code"] != second["code"]
    assert (
        jwt.read(stage.json(redeem(stage, second["code"]))["id_token"]).claims["auth_time"] == stage.clock.now() - 100
    )
    assert "code" in sent_back(browser.authorize(prompt="none"))
    assert "code" in sent_back(browser.authorize(max_age="100"))
    for again in ({"prompt": "login"}, {"max_age": "99"}):
        assert location(browser.authorize(**again)).startswith("/interaction/")
    stage.clock.advance(28_800)
    assert location(browser.authorize()).startswith("/interaction/")


def test_answers_that_stand_twice(browser: Browser) -> None:
    """A form whose fields stand twice is refused."""
    page = location(browser.authorize())

    assert browser.send("POST", page, {"login": ["alice", "bob"], "password": "wonderland"}).status == 400


@pytest.mark.parametrize("action", ["log out alice", "disable alice"])
def test_ended_sessions(stage: Any, browser: Browser, action: str) -> None:
    """A log-out on the server, or a disabled account, ends the browser's session."""
    browser.log_in()
    stage.act("auth", action)
    assert location(browser.authorize()).startswith("/interaction/")

    assert sent_back(browser.authorize(prompt="none"))["error"] == "login_required"


def test_cookie(browser: Browser) -> None:
    """The session's cookie is out of reach of scripts, other sites and plain HTTP."""
    cookie = browser.log_in().headers.get("Set-Cookie")

    assert cookie is not None
    assert all(f"; {word}" in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


@pytest.mark.parametrize("pair", [("alice", "wrong"), ("nobody", "wonderland"), ("", ""), ("bob", "wonderland")])
def test_wrong_password(browser: Browser, pair: tuple[str, str]) -> None:
    """A wrong name or password shows the page again, the same for each, without a session."""
    answer = browser.log_in(*pair)

    assert answer.status == 403
    assert b"The name or the password is wrong." in answer.body
    assert "session" not in browser.agent.cookies


def test_pages_cannot_be_framed_or_stored(browser: Browser) -> None:
    """The login page forbids frames and caches (RFC 9700 section 4.16), and shows what it was given as text."""
    page = browser.send("GET", location(browser.authorize(login_hint='"><script>')))

    assert page.headers.get("X-Frame-Options") == "DENY"
    assert "frame-ancestors 'none'" in (page.headers.get("Content-Security-Policy") or "")
    assert page.headers.get("Cache-Control") == "no-store"
    assert b"<script>" not in page.body


def test_interactions_end(stage: Any, browser: Browser) -> None:
    """A page works for ten minutes and for one log-in."""
    old = location(browser.authorize())
    page = location(browser.authorize())
    browser.send("POST", page, {"login": "alice", "password": "wonderland"})
    assert browser.send("POST", page, {"login": "alice", "password": "wonderland"}).status == 400
    stage.clock.advance(600)

    assert browser.send("GET", old).status == 400
    assert browser.send("GET", "/interaction/nobody").status == 400


NOT_SENT_BACK: list[tuple[str, dict[str, Any]]] = [
    ("RFC 6749 4.1.2.1: unknown client", {"client_id": "nobody"}),
    ("RFC 6749 4.1.2.1: no client", {"client_id": None}),
    ("RFC 6749 3.1: client twice", {"client_id": ["web", "other"]}),
    ("RFC 6749 3.1: address twice", {"redirect_uri": [CALLBACK, "https://evil.test"]}),
    ("RFC 9700 4.1.3: another address", {"redirect_uri": "https://evil.test/cb"}),
    ("RFC 9700 4.1.3: longer path", {"redirect_uri": CALLBACK + "/x"}),
    ("RFC 9700 4.1.3: with a query", {"redirect_uri": CALLBACK + "?x=1"}),
    ("RFC 9700 4.1.3: with a port", {"redirect_uri": "https://web.test:444/cb"}),
    ("RFC 9700 4.1.3: in capitals", {"redirect_uri": "https://WEB.test/cb"}),
    ("RFC 9700 4.1.3: with user info", {"redirect_uri": "https://web.test@evil.test/cb"}),
    ("RFC 9700 4.1.3: plain http", {"redirect_uri": "http://web.test/cb"}),
    ("another client's address", {"client_id": "spa"}),
    ("a client without an address", {"client_id": "users"}),
]


@pytest.mark.parametrize("change", [row[1] for row in NOT_SENT_BACK], ids=[row[0] for row in NOT_SENT_BACK])
def test_not_sent_back(browser: Browser, change: dict[str, Any]) -> None:
    """While it is not known whom to send the browser back to, it is sent nowhere."""
    answer = browser.authorize(**change)

    assert (answer.status, answer.headers.get("Location")) == (400, None)


SENT_BACK: list[tuple[str, dict[str, Any], str]] = [
    ("RFC 6749 4.1.2.1: implicit", {"response_type": "token"}, "unsupported_response_type"),
    ("RFC 6749 4.1.2.1: no response type", {"response_type": None}, "invalid_request"),
    ("RFC 6749 3.1: repeated parameter", {"scope": ["openid", "email"]}, "invalid_request"),
    ("RFC 6749 3.3: malformed scope", {"scope": 'a"b'}, "invalid_scope"),
    ("RFC 7636 4.4.1: no challenge", {"code_challenge": None}, "invalid_request"),
    ("RFC 7636 4.3: no method means plain", {"code_challenge_method": None}, "invalid_request"),
    ("RFC 9700 2.1.1: plain", {"code_challenge_method": "plain"}, "invalid_request"),
    ("RFC 7636 4.3: a challenge with padding", {"code_challenge": f"{pkce.S256(VERIFIER)}="}, "invalid_request"),
    ("RFC 7636 4.3: a challenge in hexadecimal", {"code_challenge": "0f" * 32}, "invalid_request"),
    ("RFC 7636 4.3: a challenge in base64", {"code_challenge": "+" * 43}, "invalid_request"),
    ("RFC 7636 4.4.1: unknown method", {"code_challenge_method": "S512"}, "invalid_request"),
    ("Core 3.1.2.1: prompt none with others", {"prompt": "none login"}, "invalid_request"),
    ("Core 3.1.2.6: prompt none without a session", {"prompt": "none"}, "login_required"),
    ("Core 3.1.2.1: max_age no number", {"max_age": "soon"}, "invalid_request"),
    ("Core 3.1.2.6: request object", {"request": "a.b.c"}, "invalid_request_object"),
    ("Core 3.1.2.6: request by reference", {"request_uri": "https://x"}, "request_uri_not_supported"),
    ("RFC 8707 2: unknown resource", {"resource": "https://other.example"}, "invalid_target"),
    ("other response mode", {"response_mode": "fragment"}, "invalid_request"),
]


@pytest.mark.parametrize(("change", "error"), [row[1:] for row in SENT_BACK], ids=[row[0] for row in SENT_BACK])
def test_sent_back_with_an_error(browser: Browser, change: dict[str, Any], error: str) -> None:
    """Every other refusal goes back to the client with the state and the issuer, and without a code."""
    back = sent_back(browser.authorize(**change))

    assert (back["error"], back["state"], back["iss"]) == (error, "xyz &=ü", "https://auth.example")
    assert "code" not in back


def test_loopback_port(stage: Any, auth: Any) -> None:
    """A native app's loopback address may have any port, and nothing else may differ (RFC 8252 section 7.3)."""
    auth({**CODE, "clients.web.redirect_uri": "http://127.0.0.1/cb"})
    browser = Browser(stage)

    assert browser.authorize(redirect_uri="http://127.0.0.1:49152/cb").status == 303
    for other in (
        "http://127.0.0.1:49152/x",
        "http://localhost:49152/cb",
        "http://127.0.0.1:x/cb",
        "http://a@127.0.0.1/cb",
    ):
        assert browser.authorize(redirect_uri=other).status == 400


def test_address_left_out_among_several(stage: Any, auth: Any) -> None:
    """With several registered addresses the request must name one (RFC 6749 section 3.1.2.3)."""
    auth({**CODE, "clients.web.redirect_uris": "https://web.test/other"})

    assert Browser(stage).authorize(redirect_uri=None).status == 400
    assert Browser(stage).authorize(redirect_uri="https://web.test/other").status == 303


def test_address_left_out(stage: Any, browser: Browser) -> None:
    """The one registered address may be left out of both requests, but not with OpenID Connect (Core 3.1.2.1)."""
    assert sent_back(browser.authorize(redirect_uri=None))["error"] == "invalid_request"
    code = sent_back(browser.log_in(redirect_uri=None, scope="a"))["code"]

    assert refused(stage, redeem(stage, code))
    assert redeem(stage, code, redirect_uri=None).status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"code": "unknown"},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": None},
        {"code_verifier": "x" * 43},
        {"code_verifier": None},
        {"code_verifier": pkce.S256(VERIFIER)},
        {"auth": ("other", "croquet")},
    ],
    ids=str,
)
def test_wrong_code_requests(stage: Any, browser: Browser, change: dict[str, Any]) -> None:
    """Another code, address, verifier or client is invalid_grant, and does not spoil the code (RFC 6749 4.1.3)."""
    code = sent_back(browser.log_in())["code"]

    assert refused(stage, redeem(stage, **{"code": code, **change}))
    assert redeem(stage, code).status == 200


def test_code_used_twice(stage: Any, browser: Browser) -> None:
    """A code works once; the second use revokes what the first one brought (RFC 6749 section 4.1.2)."""
    code = sent_back(browser.log_in())["code"]
    token = stage.json(redeem(stage, code))["refresh_token"]

    assert refused(stage, redeem(stage, code))
    answer = stage.post("auth", "/token", {"grant_type": "refresh_token", "refresh_token": token}, auth=WEB)
    assert refused(stage, answer)


def test_resource(stage: Any, auth: Any) -> None:
    """The token request may narrow the resources of the authorization request, not add to them (RFC 8707 2.2)."""
    auth({**CODE, "access_token.aud": "https://a.example https://b.example"})
    code = sent_back(Browser(stage).log_in(resource="https://a.example"))["code"]
    assert refused(stage, redeem(stage, code, resource="https://b.example"), "invalid_target")

    code = sent_back(Browser(stage).log_in(resource="https://a.example"))["code"]
    assert jwt.read(stage.json(redeem(stage, code))["access_token"]).claims["aud"] == "https://a.example"


def test_a_refresh_does_not_widen_the_resources(stage: Any, auth: Any) -> None:
    """The refreshed token is for what was asked for at first, or for less (RFC 8707 section 2.2)."""
    auth({**CODE, "access_token.aud": "https://a.example https://b.example https://c.example"})
    asked = ["https://a.example", "https://b.example"]
    tokens = stage.json(redeem(stage, sent_back(Browser(stage).log_in(resource=asked))["code"], resource=asked[0]))

    def refreshed(**more: str) -> Response:
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **more}
        answer: Response = stage.post("auth", "/token", form, auth=WEB)
        tokens.update(stage.json(answer))
        return answer

    assert jwt.read(tokens["access_token"]).claims["aud"] == asked[0]
    assert refused(stage, refreshed(resource="https://c.example"), "invalid_target")
    assert (refreshed().status, jwt.read(tokens["access_token"]).claims["aud"]) == (200, asked)
    assert (refreshed(resource=asked[1]).status, jwt.read(tokens["access_token"]).claims["aud"]) == (200, asked[1])


@pytest.mark.parametrize("over", ["log out alice", "disable alice", "at the provider"])
def test_a_code_of_somebody_who_is_gone(stage: Any, auth: Any, over: str) -> None:
    """RFC 6749 section 5.2: once its session is ended, or the account disabled, a code gives no tokens."""
    auth(CODE)
    browser = Browser(stage)
    code = sent_back(browser.log_in())["code"]
    if over == "at the provider":
        browser.send("POST", "/logout", {"confirm": "yes"})
    else:
        stage.act("auth", over)

    assert refused(stage, redeem(stage, code))


def test_expired_code(stage: Any, browser: Browser) -> None:
    """A code lives for a minute."""
    code = sent_back(browser.log_in())["code"]
    stage.clock.advance(60)

    assert refused(stage, redeem(stage, code))


def test_disabled_before_the_code_is_used(stage: Any, browser: Browser) -> None:
    """A code of somebody who has been disabled since is refused."""
    code = sent_back(browser.log_in())["code"]
    stage.act("auth", "disable alice")

    assert refused(stage, redeem(stage, code))


def test_pkce_downgrade(stage: Any, auth: Any) -> None:
    """Where PKCE is optional, a verifier for a code without a challenge is refused (RFC 9700 section 4.8.2)."""
    auth({**CODE, "pkce": "optional"})
    browser = Browser(stage)
    bare = {"code_challenge": None, "code_challenge_method": None}
    code = sent_back(browser.log_in(**bare))["code"]

    assert refused(stage, redeem(stage, code))
    assert redeem(stage, code, code_verifier=None).status == 200
    spa = browser.authorize(client_id="spa", redirect_uri="https://spa.test/cb", **bare)
    assert "error=invalid_request" in location(spa)


def test_consent(stage: Any, auth: Any) -> None:
    """Where consent is required the user is asked after the log-in, each time, and may say no."""
    auth({**CODE, "consent": "required"})
    browser = Browser(stage)
    asked: Callable[..., Response] = browser.log_in
    page = location(asked())
    shown = browser.send("GET", page).body
    assert b"<li>Know who you are</li>" in shown
    assert b"You are logged in as alice" in shown

    assert sent_back(browser.send("POST", page, {"consent": "deny"}))["error"] == "access_denied"
    again = location(browser.authorize())
    assert "code" in sent_back(browser.send("POST", again, {"consent": "allow"}))
    assert sent_back(browser.authorize(prompt="none"))["error"] == "consent_required"
    assert sent_back(browser.send("POST", location(browser.authorize()), {}))["error"] == "access_denied"


def test_grants_that_are_off(stage: Any, auth: Any) -> None:
    """A client that may not use codes is told so (RFC 6749 section 4.1.2.1)."""
    auth({**CODE, "clients.web.grants": "password"})

    assert sent_back(Browser(stage).authorize())["error"] == "unauthorized_client"


def test_id_token_after_a_refresh(stage: Any, browser: Browser) -> None:
    """A refresh brings a new ID token with the first `auth_time` and without a nonce (Core section 12.2)."""
    first = stage.json(redeem(stage, sent_back(browser.log_in())["code"]))
    stage.clock.advance(200)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = stage.json(stage.post("auth", "/token", form, auth=WEB))

    old, new = (jwt.read(body["id_token"]).claims for body in (first, second))
    assert (new["auth_time"], new["iat"]) == (old["auth_time"], old["iat"] + 200)
    assert "nonce" not in new


def test_id_token_is_no_access_token(stage: Any, browser: Browser) -> None:
    """The ID token opens neither UserInfo nor anything else (RFC 8725 section 3.11)."""
    body = stage.json(redeem(stage, sent_back(browser.log_in())["code"]))
    answer = stage.get("auth", "/userinfo", f"Bearer {body['id_token']}")

    assert (answer.status, stage.json(answer)["error"]) == (401, "invalid_token")


def test_hmac_id_tokens(stage: Any, auth: Any) -> None:
    """An HMAC ID token is signed with the client's secret (Core section 10.1), never with the server's."""
    secret = "a-secret-of-at-least-256-bits-is-needed"
    auth({**CODE, "clients.web.secret": secret, "id_token.alg": "HS256"})
    body = stage.json(redeem(stage, sent_back(Browser(stage).log_in())["code"], ("web", secret)))

    assert jwt.verify(body["id_token"], [verification_jwk(secret_key(secret.encode()))])


def test_asymmetric_id_tokens_beside_hmac_access_tokens(stage: Any, auth: Any) -> None:
    """With HMAC access tokens ID tokens are RS256 and their key is published (Core section 3.1.3.7)."""
    auth({**CODE, "access_token.alg": "HS256"})
    body = stage.json(redeem(stage, sent_back(Browser(stage).log_in())["code"]))

    assert jwt.verify(body["id_token"], stage.json(stage.get("auth", "/jwks")), ["RS256"])


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("openid", {"sub": "123"}),
        ("openid email", {"sub": "123", "email": "alice@example.org"}),
        ("openid profile email", {"sub": "123", "name": "Alice", "email": "alice@example.org"}),
    ],
)
def test_userinfo_by_scope(stage: Any, browser: Browser, scope: str, expected: dict[str, str]) -> None:
    """UserInfo gives what the scope allows (Core section 5.4), and never the password."""
    body = stage.json(redeem(stage, sent_back(browser.log_in(scope=scope))["code"]))

    assert stage.json(stage.get("auth", "/userinfo", f"Bearer {body['access_token']}")) == expected


@pytest.mark.parametrize("alg", ["ES256", "RS256", "EdDSA"])
def test_signed_userinfo(stage: Any, auth: Any, browser: Browser, alg: str) -> None:
    """A JWT by the registered algorithm, for this client (Core section 5.3.2); metadata name the algorithms."""
    server = auth({**CODE, "clients.web.userinfo_signed_response_alg": alg})
    body = stage.json(redeem(stage, sent_back(browser.log_in(scope="openid profile"))["code"]))
    answer = stage.get("auth", "/userinfo", f"Bearer {body['access_token']}")
    read = jwt.verify(answer.body.decode(), server.public_jwks(), (alg,))

    assert answer.headers.get("Content-Type") == "application/jwt"
    assert answer.headers.get("Cache-Control") == "no-store"
    assert read.claims == {"iss": "https://auth.example", "aud": "web", "sub": "123", "name": "Alice"}
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))
    assert alg in document["userinfo_signing_alg_values_supported"]
    assert stage.get("auth", "/userinfo", "Bearer x").status == 401


def test_userinfo_refusals(stage: Any, browser: Browser) -> None:
    """UserInfo refuses as RFC 6750 says (Core section 5.3): no token, a bad one, one without the scope, a client's."""
    plain = stage.log_in(scope="a")["access_token"]
    own = stage.json(stage.post("auth", "/token", {"grant_type": "client_credentials"}, auth=WEB))["access_token"]
    answers = [
        stage.get("auth", "/userinfo", *(f"Bearer {text}" for text in texts))
        for texts in ((), ("x",), (plain,), (own,))
    ]

    assert [answer.status for answer in answers] == [401, 401, 403, 401]
    assert all(answer.headers.get("WWW-Authenticate", "").startswith("Bearer ") for answer in answers)
    assert "error=" not in answers[0].headers.get("WWW-Authenticate", "")


def test_userinfo_of_a_dead_token(stage: Any, browser: Browser) -> None:
    """One that was revoked, and one that has expired, tell nobody anything (Core section 5.3)."""
    tokens = stage.json(redeem(stage, sent_back(browser.log_in(scope="openid"))["code"]))
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    first, second = tokens["access_token"], stage.json(stage.post("auth", "/token", form, auth=WEB))["access_token"]
    assert stage.get("auth", "/userinfo", f"Bearer {first}").status == 200
    stage.post("auth", "/revoke", {"token": first}, auth=WEB)
    assert stage.get("auth", "/userinfo", f"Bearer {first}").status == 401
    assert stage.get("auth", "/userinfo", f"Bearer {second}").status == 200
    stage.clock.advance(301)

    answer = stage.get("auth", "/userinfo", f"Bearer {second}")
    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers.get("WWW-Authenticate", "")


def test_userinfo_by_a_form(stage: Any, browser: Browser) -> None:
    """RFC 6750 section 2.2, which Core section 5.3.1 lets in here: by POST, once, in one way; no API reads a form."""
    token = stage.json(redeem(stage, sent_back(browser.log_in(scope="openid"))["code"]))["access_token"]
    good = stage.post("auth", "/userinfo", {"access_token": token})
    twice = stage.post("auth", "/userinfo", {"access_token": [token, token]})
    two_ways = stage.post("auth", "/userinfo", {"access_token": token}, Authorization=f"Bearer {token}")
    bad = stage.post("auth", "/userinfo", {"access_token": "a b"})
    in_query = stage.get("auth", f"/userinfo?access_token={token}")
    form = Headers([("Content-Type", "application/x-www-form-urlencoded")])
    by_get = stage.actors["auth"].handle(
        Request("GET", "https://auth.test/userinfo", form, f"access_token={token}".encode())
    )

    assert stage.json(good)["sub"] == "123"
    assert [answer.status for answer in (twice, two_ways, bad, in_query, by_get)] == [400, 400, 401, 401, 401]


def test_discovery(stage: Any, browser: Browser) -> None:
    """Discovery has the members that are required (OpenID Connect Discovery section 3)."""
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))

    assert document["issuer"] == "https://auth.example"
    assert document["response_types_supported"] == ["code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert document["subject_types_supported"] == ["public"]
    assert document["authorization_endpoint"] == "https://auth.test/authorize"
    assert document["userinfo_endpoint"] == "https://auth.test/userinfo"


def test_reprs_hide_codes(stage: Any, browser: Browser) -> None:
    """No code and no session's cookie is in a repr of the codes and sessions."""
    code = sent_back(browser.log_in())["code"]
    shown = repr([stage.actors["auth"].codes, stage.actors["auth"].sessions])

    assert code not in shown
    assert browser.agent.cookies["session"] not in shown
