"""The bound relying party: a log-in by code, what of it is not believed, and logging out; the other grants."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from seqtest.actors.client import Client
from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import jwt, pkce
from seqtest.auth.keys import make_key, pem, public_jwk, secret_key
from seqtest.exchange import Headers, Request, Response

MALLORY = make_key("RS256", "m1", "mallory")


@pytest.fixture
def rp(stage: Any) -> Any:
    return stage.evil_provider()


def test_a_log_in(rp: Any) -> None:
    """The request has all that protects it, the code is redeemed with its verifier, and the browser gets a session."""
    wanted = rp.begin("/login?next=/me")
    rp.prepare()
    back = rp.come_back(state=wanted["state"])
    (asked,) = rp.asked
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}

    assert {name: wanted[name] for name in ("response_type", "client_id", "redirect_uri", "scope")} == {
        "response_type": "code", "client_id": "web", "redirect_uri": "https://web.test/cb", "scope": "openid",
    }  # fmt: skip
    assert wanted["code_challenge"] == pkce.S256(form["code_verifier"])
    assert (form["code"], form["redirect_uri"]) == ("c0de", "https://web.test/cb")
    assert (asked.headers.get("Authorization") or "").startswith("Basic ")
    assert (back.status, back.headers.get("Location")) == (303, "/me")
    assert json.loads(rp.browser.send("GET", "/me").body)["sub"] == "123"


@pytest.mark.parametrize(
    "change",
    [
        {"claims": {"aud": ["web"]}},
        {"claims": {"at_hash": None}},
        {"claims": {"azp": "web"}},
        {"claims": {"exp": 4_000_000_000.5, "unknown": 1}},
        {"tokens": {"token_type": "bearer"}},
        {"tokens": {"expires_in": None, "scope": "openid", "more": [1]}},
    ],
)
def test_what_is_right_is_taken(rp: Any, change: dict[str, Any]) -> None:
    """Controls: a client that refuses everything would pass all other tests."""
    assert rp.log_in(**change).status == 303
    assert rp.is_logged_in


@pytest.mark.parametrize(
    "change",
    [
        {"claims": {"aud": ["web", "other"]}},
        {"claims": {"aud": None}},
        {"claims": {"iss": None}},
        {"claims": {"iss": "https://op.test/"}},
        {"claims": {"exp": None}},
        {"claims": {"exp": "4000000000"}},
        {"claims": {"iat": None}},
        {"claims": {"iat": 1_767_000_000}},
        {"claims": {"nonce": None}},
        {"claims": {"sub": None}},
        {"claims": {"sub": 123}},
        {"claims": {"at_hash": "x"}},
        {"header": {"alg": "none"}},
        {"header": {"kid": "unknown"}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"typ": "application/Logout+JWT"}},
        {"tokens": {"id_token": None}},
        {"tokens": {"id_token": 5}},
        {"tokens": {"id_token": "a.b.c"}},
        {"tokens": {"access_token": None}},
        {"tokens": {"token_type": None}},
        {"tokens": {"expires_in": -1}},
        {"tokens": {"expires_in": True}},
        {"tokens": {"expires_in": 10**400}},
        {"iss": None},
        {"iss": ["https://op.test", "https://evil.test"]},
        {"code": None},
        {"code": ["c0de", "another"]},
        {"state": ""},
    ],
)
def test_what_is_wrong_is_not(rp: Any, change: dict[str, Any]) -> None:
    """A page that says so, 4xx and never 5xx; no session."""
    answer = rp.log_in(**change)

    assert answer.status == 400
    assert b"The log-in was stopped" in answer.body
    assert not rp.is_logged_in


def test_an_hmac_with_the_public_key(rp: Any) -> None:
    """The classical confusion, also with the client's own secret where HS256 is not drawn."""
    public = public_jwk(rp.stage.scripted_keys["op"][0])
    for secret in (pem(public).encode(), b"tea-party"):
        rp.log_in(key=secret_key(secret, "HS256", "k1"))
        assert not rp.is_logged_in


def test_hmac_where_it_is_drawn(stage: Any) -> None:
    """OpenID Connect Core section 10.1: the key is the client's secret."""
    secret = "a secret that is long enough for HMAC with SHA-256"
    rp = stage.evil_provider({"id_token_alg": "HS256", "client_secret": secret})
    rp.log_in(key=secret_key(secret.encode(), "HS256"))

    assert rp.is_logged_in


def test_a_stopped_log_in_sends_the_code_nowhere(rp: Any) -> None:
    """RFC 9207 section 2.4, RFC 6749 section 10.12."""
    for change in ({"iss": "https://evil.test"}, {"state": "another"}, {"error": "access_denied"}):
        rp.log_in(**change)

    assert rp.asked == []


def test_a_browser_comes_back_once(rp: Any) -> None:
    """The state of a finished log-in is nobody's, and so is one of long ago."""
    state = rp.begin()["state"]
    rp.prepare()
    assert rp.come_back(state=state).status == 303
    assert rp.come_back(state=state).status == 400
    late = rp.begin()["state"]
    rp.stage.clock.advance(601)

    assert rp.come_back(state=late).status == 400


def test_errors_are_shown_as_text(rp: Any) -> None:
    """Whatever the provider, or somebody in its name, writes."""
    answer = rp.log_in(error="<script>alert(1)</script>", code=None)

    assert answer.status == 400
    assert b"<script" not in answer.body


def test_a_code_comes_in_the_query_only(rp: Any) -> None:
    """No form that another site may send."""
    state = rp.begin()["state"]

    assert rp.browser.send("POST", "/cb", {"state": state, "code": "c0de"}).status == 405


@pytest.mark.parametrize("status", [204, 302, 400, 500, 503])
def test_a_token_endpoint_that_fails(rp: Any, status: int) -> None:
    """It is asked once."""
    rp.token_status = status

    assert rp.log_in().status == 400
    assert len(rp.asked) == 1


@pytest.mark.parametrize("page", ["//evil.test", "/\\evil.test", "https://evil.test", "/\t/evil.test", "me"])
def test_where_to_go_on_is_here(rp: Any, page: str) -> None:
    """No open redirect."""
    from urllib.parse import quote

    state = rp.begin(f"/login?next={quote(page)}")["state"]
    rp.prepare()

    assert rp.come_back(state=state).headers.get("Location") == "/me"


def test_cookies(rp: Any) -> None:
    """Out of reach of scripts and other sites; the log-in's for the way back only; the session's new each time."""
    begun = rp.browser.send("GET", "/login").headers.get("Set-Cookie") or ""
    first = rp.log_in().headers.get_all("Set-Cookie")[0]
    second = rp.log_in().headers.get_all("Set-Cookie")[0]

    for cookie in (begun, first):
        assert all(f"; {word}" in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))
    assert "Path=/cb" in begun
    assert first.partition(";")[0] != second.partition(";")[0]


def test_max_age_and_prompt(stage: Any) -> None:
    """They are asked for, and `auth_time` must then be there (OpenID Connect Core section 3.1.2.1)."""
    rp = stage.evil_provider({"max_age": "60", "prompt": "login", "scope": "email"})
    wanted = rp.begin()
    assert (wanted["max_age"], wanted["prompt"], wanted["scope"]) == ("60", "login", "openid email")
    assert rp.log_in(claims={"auth_time": None}).status == 400
    assert rp.log_in().status == 303


def test_userinfo(stage: Any) -> None:
    """Its claims are the user's if its `sub` is (OpenID Connect Core section 5.3.2)."""
    rp = stage.evil_provider({"userinfo": "true"})
    for document, status in (({"sub": "123", "name": "Alice"}, 303), ({"name": "Alice"}, 400), (None, 400)):
        rp.documents["/userinfo"] = document
        assert rp.log_in().status == status
    rp.documents["/userinfo"] = {"sub": "123", "name": "Alice"}
    rp.log_in()

    assert json.loads(rp.browser.send("GET", "/me").body)["name"] == "Alice"


OTHER = make_key("ES384", "k1", "op")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 303),
        ({"sub": "124"}, 400),
        ({"aud": "other"}, 400),
        ({"aud": None}, 400),
        ({"iss": "https://evil.test"}, 400),
        ({"key": make_key("RS256", "k1", "mallory")}, 400),
        ({"key": None}, 400),
        ({"key": OTHER}, 400),
        ({"kind": "application/json"}, 400),
        ({"text": "nonsense"}, 400),
    ],
)
def test_userinfo_that_must_be_signed(stage: Any, change: dict[str, Any], status: int) -> None:
    """By the provider, for this client, with the registered algorithm (OpenID Connect Core section 5.3.2)."""
    rp = stage.evil_provider({"userinfo": "true", "userinfo_signed_response_alg": "RS256"})
    stage.scripted_keys["op"].append(OTHER)
    more = dict(change)
    key, kind = more.pop("key", make_key("RS256", "k1", "op")), more.pop("kind", "application/jwt")
    text = more.pop("text", None)
    claims = {"iss": "https://op.test", "aud": "web", "sub": "123", "name": "Alice", **more}
    signed = text or jwt.sign({}, {name: value for name, value in claims.items() if value is not None}, key)
    others = stage.scripted["op"]
    stage.scripted["op"] = lambda message: (
        Response(200, Headers([("Content-Type", kind)]), signed.encode())
        if message.url.endswith("/userinfo")
        else others(message)
    )

    assert rp.log_in().status == status
    if status == 303:
        assert json.loads(rp.browser.send("GET", "/me").body)["name"] == "Alice"


def api_of(rp: Any, *good: str) -> list[str]:
    """An API that takes these tokens, and the tokens that it was sent."""
    seen: list[str] = []

    def answer(message: Request) -> Response:
        seen.append((message.headers.get("Authorization") or "").removeprefix("Bearer "))
        return Response(200 if seen[-1] in good else 401, body=b'{"ok": true}')

    rp.stage.scripted["api"] = answer
    return seen


def test_a_refresh_after_401(stage: Any) -> None:
    """Once, and then with the new tokens; the new refresh token is the next one's."""
    rp = stage.evil_provider({"api": "api"})
    seen = api_of(rp, "new")
    rp.log_in(tokens={"refresh_token": "r1"})
    rp.prepare(tokens={"access_token": "new", "refresh_token": "r2", "id_token": None})

    assert rp.browser.send("GET", "/api/things/1").status == 200
    assert seen == ["access-token-of-alice", "new"]
    api_of(rp)
    rp.browser.send("GET", "/api/things/1")
    assert [parse_qs(one.body.decode())["refresh_token"] for one in rp.asked[1:]] == [["r1"], ["r2"]]


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "666"},
        {"iss": "https://evil.test"},
        {"aud": "other"},
        {"auth_time": 5},
        {"nonce": "another"},
        {"azp": "web"},
    ],
)
def test_somebody_else_at_a_refresh(stage: Any, claims: dict[str, Any]) -> None:
    """OpenID Connect Core section 12.2: the session ends."""
    rp = stage.evil_provider({"api": "api"})
    api_of(rp, "new")
    rp.log_in(tokens={"refresh_token": "r1"})
    rp.prepare(tokens={"access_token": "new"}, claims=claims)

    assert rp.browser.send("GET", "/api/x").status == 401
    assert not rp.is_logged_in


def test_discovery(stage: Any) -> None:
    """Endpoints, keys and whether `iss` comes back are what the metadata say; they are asked for once."""
    rp = stage.evil_provider({"discovery": "true"})
    base = "https://op.test"
    rp.documents["/.well-known/openid-configuration"] = {
        "issuer": base,
        "authorization_endpoint": f"{base}/a",
        "token_endpoint": f"{base}/t/token",
        "jwks_uri": f"{base}/k",
    }
    rp.documents["/k"] = {"keys": [public_jwk(rp.stage.scripted_keys["op"][0])]}
    for _ in range(2):
        assert rp.log_in(iss=None).status == 303

    paths = [urlsplit(one.url).path for one in rp.asked]
    assert paths == ["/.well-known/openid-configuration", "/t/token", "/k", "/t/token"]


@pytest.mark.parametrize("document", [None, [], {"issuer": "https://evil.test"}, {"issuer": "https://op.test"}])
def test_metadata_that_are_none(stage: Any, document: Any) -> None:
    """Nobody is sent anywhere (Discovery section 4.3)."""
    rp = stage.evil_provider({"discovery": "true"})
    rp.documents["/.well-known/openid-configuration"] = document

    assert rp.browser.send("GET", "/login").status == 400


def test_logging_out(rp: Any) -> None:
    """RP-Initiated Logout sections 2 and 3: hint, client and state go along, and only that state comes back."""
    rp.log_in()
    answer = rp.browser.send("GET", "/logout")
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers.get("Location")).query).items()}

    assert query["post_logout_redirect_uri"] == "https://web.test/logged-out"
    assert jwt.read(query["id_token_hint"]).claims["sub"] == "123"
    assert not rp.is_logged_in
    assert rp.browser.send("GET", "/logged-out?state=another").status == 400
    assert rp.browser.send("GET", f"/logged-out?state={query['state']}").status == 200
    assert rp.browser.send("GET", "/logout").status == 200


def test_back_channel_logout(rp: Any) -> None:
    """Back-Channel Logout section 2.6: by `sid` or by `sub`, of this session or of all of them."""
    for token in ({}, {"sid": None, "jti": "j2"}, {"sub": None, "jti": "j3"}):
        rp.log_in()
        answer = rp.browser.send("POST", "/backchannel-logout", {"logout_token": rp.logout_token(**token)})
        assert (answer.status, answer.headers.get("Cache-Control")) == (200, "no-store")
        assert not rp.is_logged_in
    rp.log_in()
    other = rp.logout_token(sid="another", sub=None, jti="j4")

    assert rp.browser.send("POST", "/backchannel-logout", {"logout_token": other}).status == 200
    assert rp.is_logged_in


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.test"},
        {"aud": "other"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"sub": None, "sid": None},
        {"events": {}},
        {"events": None},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": 1}},
        {"nonce": "n"},
        {"key": MALLORY},
        {"key": None},
    ],
)
def test_forged_logout_tokens(rp: Any, change: dict[str, Any]) -> None:
    """Back-Channel Logout section 2.6: 400, and the session lives."""
    rp.log_in()
    answer = rp.browser.send("POST", "/backchannel-logout", {"logout_token": rp.logout_token(**change)})

    assert (answer.status, rp.stage.json(answer)["error"]) == (400, "invalid_request")
    assert rp.is_logged_in


def test_an_id_token_logs_nobody_out(rp: Any) -> None:
    """Nor does a logout token log anybody in (Back-Channel Logout section 2.4)."""
    rp.log_in()
    answer = rp.browser.send("POST", "/backchannel-logout", {"logout_token": rp.id_token(jti="j")})
    assert answer.status == 400
    assert rp.browser.send("POST", "/backchannel-logout", {}).status == 400
    assert rp.is_logged_in

    rp.browser.send("GET", "/logout")
    rp.begin()
    rp.log_in(tokens={"id_token": rp.logout_token(nonce=rp.nonce)})
    assert not rp.is_logged_in


def test_front_channel_logout(rp: Any) -> None:
    """Front-Channel Logout section 2: only of the right issuer, and of that session."""
    rp.log_in()
    for query in ("iss=https://evil.test&sid=s1", "sid=s1", "iss=https://op.test"):
        assert rp.browser.send("GET", f"/frontchannel-logout?{query}").status == 400
    assert rp.browser.send("GET", "/frontchannel-logout?iss=https://op.test&sid=other").status == 200
    assert rp.is_logged_in
    assert rp.browser.send("GET", "/frontchannel-logout?iss=https://op.test&sid=s1").status == 200
    assert not rp.is_logged_in


def test_nothing_secret_is_in_a_repr(rp: Any) -> None:
    """No token, state or verifier."""
    rp.log_in(tokens={"refresh_token": "r1-secret"})
    rp.begin()
    shown = repr([rp.client.sessions.values(), rp.client.pending.values()])

    assert "r1-secret" not in shown
    assert "access-token-of-alice" not in shown
    assert "state=" not in shown


# The grants that need no browser.


def test_client_credentials(stage: Any, auth: Any) -> None:
    """A token of its own for the API (RFC 6749 section 4.4)."""
    auth()
    stage.add("api", ResourceServer)
    stage.bind("web", Client, {"client_id": "web", "client_secret": "tea-party"})

    assert stage.act("web", "get a token").value == "got one"
    assert stage.act("web", "call /things").fields["status"] == 200
    stage.bind("bad", Client, {"client_id": "web", "client_secret": "wrong"})
    assert stage.act("bad", "get a token").error == "NoToken"


def test_a_device(stage: Any, auth: Any) -> None:
    """It shows the code, waits as long as it is told, and stops when the user says no (RFC 8628 section 3.5)."""
    auth({"clients.tv.authentication": "none", "clients.tv.grants": "urn:ietf:params:oauth:grant-type:device_code"})
    stage.bind("tv", Client, {"client_id": "tv"})
    assert stage.act("tv", "ask for the tokens").error == "NotBegun"
    shown = stage.act("tv", "begin on a device").fields
    assert stage.act("tv", "ask for the tokens").error == "TooEarly"
    stage.clock.advance(5)
    assert stage.act("tv", "ask for the tokens").value == "wait"
    form = {"user_code": shown["user_code"], "login": "alice", "password": "wonderland", "consent": "allow"}
    stage.post("auth", urlsplit(shown["verification_uri"]).path, form)
    stage.clock.advance(5)

    assert stage.act("tv", "ask for the tokens").value == "logged in"
    assert stage.act("tv", "ask for the tokens").error == "NotBegun"


def test_a_device_that_is_told_to_be_slower(stage: Any) -> None:
    """Five seconds more each time (RFC 8628 section 3.5)."""
    answers = [
        {"device_code": "d", "user_code": "u", "interval": 5},
        {"error": "slow_down"},
        {"error": "access_denied"},
    ]
    stage.scripted["op"] = lambda message: Response(
        400 if "error" in answers[0] else 200, body=json.dumps(answers.pop(0)).encode()
    )
    stage.bind("tv", Client, {"auth": "op"})
    stage.act("tv", "begin on a device")
    stage.clock.advance(5)
    assert stage.act("tv", "ask for the tokens").fields["interval"] == 10
    stage.clock.advance(9)
    assert stage.act("tv", "ask for the tokens").error == "TooEarly"
    stage.clock.advance(1)

    assert stage.act("tv", "ask for the tokens").error == "LoginFailed"
