"""Device authorization (RFC 8628), pushed requests (RFC 9126) and token exchange (RFC 8693), by clause."""

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from seqtest.auth import jwt

WEB = ("web", "tea-party")
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
MORE = {
    "clients.web.redirect_uri": "https://web.test/cb",
    "clients.tv.authentication": "none",
    "clients.other.exchange": "https://stock.example https://orders.example",
}
REQUEST = {
    "response_type": "code",
    "redirect_uri": "https://web.test/cb",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
    "state": "xyz",
}


def error(stage: Any, answer: Any) -> tuple[int, str]:
    return answer.status, stage.json(answer)["error"]


def begin(stage: Any, **form: str) -> dict[str, Any]:
    answer = stage.post("auth", "/device_authorization", {"client_id": "tv", **form})
    assert answer.status == 200, answer.body
    assert answer.headers.get("Cache-Control") == "no-store"
    found: dict[str, Any] = stage.json(answer)
    return found


def poll(stage: Any, code: str, client_id: str = "tv") -> Any:
    form = {"grant_type": DEVICE, "device_code": code, "client_id": client_id}
    return stage.post("auth", "/token", form)


def say(stage: Any, user_code: str, **change: str) -> int:
    form = {"user_code": user_code, "login": "alice", "password": "wonderland", "consent": "allow", **change}
    found: int = stage.post("auth", "/device", form).status
    return found


def test_device_answer(stage: Any, auth: Any) -> None:
    """RFC 8628 section 3.2, with codes that are nobody's words (section 6.1)."""
    auth({**MORE, "device.lifetime": "5 minutes", "device.interval": "7 seconds"})
    found = begin(stage)

    assert re.fullmatch("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", found["user_code"])
    assert (found["expires_in"], found["interval"]) == (300, 7)
    assert found["verification_uri_complete"] == f"{found['verification_uri']}?user_code={found['user_code']}"
    assert begin(stage)["device_code"] != found["device_code"]


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower"])
def test_device_approved(stage: Any, auth: Any, typed: str) -> None:
    """As a person types it (section 6.1); the code is good once."""
    auth(MORE)
    found = begin(stage, scope="openid films")
    code = found["user_code"]
    assert say(stage, code.lower().replace("-", "") if typed == "lower" else typed.format(code)) == 200
    answer = poll(stage, found["device_code"])
    body = stage.json(answer)

    assert answer.headers.get("Cache-Control") == "no-store"
    assert jwt.read(body["access_token"]).claims["sub"] == "123"
    assert {"refresh_token", "id_token", "scope"} <= set(body)
    assert error(stage, poll(stage, found["device_code"])) == (400, "invalid_grant")
    assert say(stage, code) == 400


def test_device_refusals(stage: Any, auth: Any) -> None:
    """Section 3.5: pending, another's, unknown, denied, expired."""
    auth(MORE)
    found = begin(stage)
    assert error(stage, poll(stage, found["device_code"])) == (400, "authorization_pending")
    assert error(stage, poll(stage, "unknown")) == (400, "invalid_grant")
    stage.clock.advance(5)
    assert say(stage, found["user_code"], password="guess") == 400
    assert error(stage, poll(stage, found["device_code"])) == (400, "authorization_pending")
    assert say(stage, found["user_code"], consent="deny") == 200
    stage.clock.advance(5)
    assert error(stage, poll(stage, found["device_code"])) == (400, "access_denied")
    late = begin(stage)
    stage.clock.advance(600)
    assert say(stage, late["user_code"]) == 400
    assert error(stage, poll(stage, late["device_code"])) == (400, "expired_token")


def test_each_slow_down_adds_five_seconds(stage: Any, auth: Any) -> None:
    """Section 3.5, for this and all later polls."""
    auth(MORE)
    code = begin(stage)["device_code"]
    seen = []
    for seconds in (0, 4, 5, 15, 14):
        stage.clock.advance(seconds)
        seen.append(stage.json(poll(stage, code))["error"])

    assert seen == ["authorization_pending", "slow_down", "slow_down", "authorization_pending", "slow_down"]


def test_guessing_user_codes_is_throttled(stage: Any, auth: Any) -> None:
    """Section 5.1: after some wrong codes the right one does not help, for a while."""
    auth({**MORE, "throttle.attempts": 3})
    found = begin(stage)
    assert [say(stage, "BBBB-BBBB") for _ in range(3)] == [400] * 3
    assert say(stage, found["user_code"]) == 400
    stage.clock.advance(60)
    assert say(stage, found["user_code"]) == 200


def test_the_page_shows_what_is_asked_for(stage: Any, auth: Any) -> None:
    """Section 5.4: by whom and for what, once the code is known; codes in links are guessed no faster."""
    auth({**MORE, "throttle.attempts": 3})
    found = begin(stage, scope="openid films<b>")
    link = f"/device?user_code={found['user_code']}"

    shown = stage.get("auth", link).body.decode()
    assert "tv wants to:" in shown
    assert "<li>Know who you are</li><li>films&lt;b&gt;</li>" in shown
    assert "tv wants" not in stage.get("auth", "/device").body.decode()
    for _ in range(3):
        assert "tv wants" not in stage.get("auth", "/device?user_code=BBBB-BBBB").body.decode()
    assert "tv wants" not in stage.get("auth", link).body.decode()


def test_device_page_and_clients(stage: Any, auth: Any) -> None:
    """The page escapes what it is given; a client that may not use the grant, or that proves nothing, is refused."""
    auth({**MORE, "clients.web.grants": "password"})
    page = stage.get("auth", "/device?user_code=%22%3E%3Cscript%3E")

    assert page.status == 200
    assert b"<script>" not in page.body
    answer = stage.post("auth", "/device_authorization", {}, auth=WEB)
    assert error(stage, answer) == (400, "unauthorized_client")
    assert stage.post("auth", "/device_authorization", {"client_id": "web"}).status == 401


@pytest.mark.parametrize("action", ["disable alice", "log out alice"])
def test_a_yes_of_somebody_who_is_gone(stage: Any, auth: Any, action: str) -> None:
    """RFC 6749 section 5.2: an approval is no grant any more once the account is disabled, or logged out everywhere."""
    auth(MORE)
    found = begin(stage)
    say(stage, found["user_code"])
    stage.act("auth", action)

    assert error(stage, poll(stage, found["device_code"])) == (400, "invalid_grant")


# PAR


def push(stage: Any, **change: Any) -> Any:
    form = {name: value for name, value in {"client_id": "web", **REQUEST, **change}.items() if value is not None}
    return stage.post("auth", "/par", form, auth=WEB)


def test_pushed_request(stage: Any, auth: Any) -> None:
    """RFC 9126 sections 2.2 and 4; parameters beside the reference do not count (RFC 9101 section 6.3)."""
    auth({**MORE, "par": "required"})
    answer = push(stage)
    body = stage.json(answer)
    assert (answer.status, body["expires_in"], answer.headers.get("Cache-Control")) == (201, 60, "no-store")
    query = {"client_id": "web", "request_uri": body["request_uri"], "redirect_uri": "https://evil.test", "state": "no"}
    back = stage.interact(stage.get("auth", f"/authorize?{urlencode(query)}")).headers.get("Location")

    assert back.startswith("https://web.test/cb?")
    assert parse_qs(urlsplit(back).query)["state"] == ["xyz"]
    assert stage.json(stage.get("auth", "/.well-known/openid-configuration"))["require_pushed_authorization_requests"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"redirect_uri": "https://evil.test/"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"client_id": "other"}, "invalid_request"),
        ({"client_id": None}, "invalid_request"),
        ({"scope": 'a"b'}, "invalid_scope"),
    ],
)
def test_what_cannot_be_pushed(stage: Any, auth: Any, change: dict[str, Any], code: str) -> None:
    """Section 2.3: errors are the token endpoint's; nothing is sent anywhere."""
    auth(MORE)
    answer = push(stage, **change)

    assert error(stage, answer) == (400, code)
    assert answer.headers.get("Location") is None


def test_a_reference_that_is_not_good(stage: Any, auth: Any) -> None:
    """Section 4: unknown, another client's, used, expired: a page, and no redirect."""
    auth(MORE)

    def asked(uri: str, client_id: str = "web") -> int:
        answer = stage.get("auth", "/authorize?" + urlencode({"client_id": client_id, "request_uri": uri}))
        assert answer.status == 303 or answer.headers.get("Location") is None
        found: int = answer.status
        return found

    uri = stage.json(push(stage))["request_uri"]
    assert asked("urn:ietf:params:oauth:request_uri:unknown") == 400
    assert asked(uri, "other") == 400
    assert [asked(uri), asked(uri)] == [303, 400]
    late = stage.json(push(stage))["request_uri"]
    stage.clock.advance(60)
    assert asked(late) == 400


@pytest.mark.parametrize("twice", ["client_id", "request_uri"])
def test_a_reference_that_is_there_twice(stage: Any, auth: Any, twice: str) -> None:
    """RFC 6749 section 3.1: no parameter stands twice, neither who asks nor what was pushed."""
    auth(MORE)
    query = [("client_id", "web"), ("request_uri", stage.json(push(stage))["request_uri"]), (twice, "other")]
    answer = stage.get("auth", f"/authorize?{urlencode(query)}")

    assert (answer.status, answer.headers.get("Location")) == (400, None)


# Token exchange


def exchange(stage: Any, subject: str, auth: tuple[str, str] = ("other", "croquet"), **change: Any) -> Any:
    form = {"grant_type": EXCHANGE, "subject_token": subject, "subject_token_type": ACCESS_TOKEN, **change}
    return stage.post("auth", "/token", {name: value for name, value in form.items() if value is not None}, auth=auth)


def test_impersonation_and_delegation(stage: Any, auth: Any) -> None:
    """RFC 8693 section 4.1: `act` names who acts, and inside it who acted before; without an actor there is none."""
    auth(MORE)
    subject = stage.log_in(scope="read write")["access_token"]
    form = {"grant_type": "client_credentials"}
    own = stage.json(stage.post("auth", "/token", form, auth=("other", "croquet")))["access_token"]
    body = stage.json(exchange(stage, subject, scope="read"))
    plain = jwt.read(body["access_token"]).claims
    assert (plain["sub"], plain["aud"], plain["client_id"]) == ("123", "https://stock.example", "other")
    assert (plain["scope"], body["issued_token_type"], body["token_type"]) == ("read", ACCESS_TOKEN, "Bearer")
    assert "act" not in plain
    assert "refresh_token" not in body
    actor = {"actor_token": own, "actor_token_type": ACCESS_TOKEN}
    first = stage.json(exchange(stage, subject, **actor))["access_token"]
    second = stage.json(exchange(stage, first, **actor))["access_token"]

    assert jwt.read(first).claims["act"] == {"sub": "other"}
    assert jwt.read(second).claims["act"] == {"sub": "other", "act": {"sub": "other"}}


def test_what_is_no_jwt_is_exchanged_as_none(stage: Any, auth: Any) -> None:
    """RFC 8693 sections 2.1 and 3: the type says what a token is, and which one is wanted."""
    auth({**MORE, "access_token.format": "opaque"})
    subject = stage.log_in()["access_token"]
    jwt_type = "urn:ietf:params:oauth:token-type:jwt"

    assert exchange(stage, subject).status == 200
    assert error(stage, exchange(stage, subject, subject_token_type=jwt_type)) == (400, "invalid_request")
    assert error(stage, exchange(stage, subject, requested_token_type=jwt_type)) == (400, "invalid_request")


def test_an_exchanged_token_lives_no_longer(stage: Any, auth: Any) -> None:
    """Than the one it was exchanged for."""
    auth(MORE)
    subject = stage.log_in()["access_token"]
    stage.clock.advance(200)

    assert stage.json(exchange(stage, subject))["expires_in"] == 100


def test_several_targets(stage: Any, auth: Any) -> None:
    """Section 2.1: `audience` and `resource` may stand more than once; each must be one of the client's."""
    auth(MORE)
    subject = stage.log_in()["access_token"]
    both = ["https://stock.example", "https://orders.example"]

    assert jwt.read(stage.json(exchange(stage, subject, audience=both))["access_token"]).claims["aud"] == both
    bad = ["https://stock.example", "https://evil.example"]
    assert error(stage, exchange(stage, subject, audience=bad)) == (400, "invalid_target")
    assert error(stage, exchange(stage, subject, resource=bad)) == (400, "invalid_target")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject_token": "garbage"}, "invalid_request"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"actor_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"actor_token": "x", "actor_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"scope": "read admin"}, "invalid_scope"),
        ({"auth": WEB}, "unauthorized_client"),
    ],
)
def test_exchange_refusals(stage: Any, auth: Any, change: dict[str, Any], code: str) -> None:
    """Section 2.2.2."""
    auth(MORE)
    subject = stage.log_in(scope="read")["access_token"]

    assert error(stage, exchange(stage, **{"subject": subject, **change})) == (400, code)


def test_tokens_that_are_dead_or_of_another_kind(stage: Any, auth: Any) -> None:
    """A refresh token, a revoked token, a disabled user's."""
    auth(MORE)
    tokens = stage.log_in()
    assert error(stage, exchange(stage, tokens["refresh_token"])) == (400, "invalid_request")
    assert exchange(stage, tokens["access_token"]).status == 200
    stage.act("auth", "disable alice")
    assert error(stage, exchange(stage, tokens["access_token"])) == (400, "invalid_request")
