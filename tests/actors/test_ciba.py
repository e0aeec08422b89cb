"""OpenID Connect CIBA Core 1.0 in poll mode, by clause."""

from typing import Any

import pytest

from seqtest.auth import jwt
from seqtest.auth.keys import make_key

WEB, OTHER = ("web", "tea-party"), ("other", "croquet")
GRANT = "urn:openid:params:grant-type:ciba"


def begin(stage: Any, auth: tuple[str, str] | None = WEB, **form: Any) -> Any:
    sent = {"scope": "openid read", "login_hint": "alice", "binding_message": "W4SCT", **form}
    return stage.post("auth", "/bc-authorize", {n: v for n, v in sent.items() if v is not None}, auth=auth)


def begun(stage: Any, **form: Any) -> dict[str, Any]:
    answer = begin(stage, **form)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = stage.json(answer)
    return found


def poll(stage: Any, name: str, auth: tuple[str, str] = WEB) -> Any:
    return stage.post("auth", "/token", {"grant_type": GRANT, "auth_req_id": name}, auth=auth)


def say(stage: Any, **change: str) -> int:
    form = {"login": "alice", "password": "wonderland", "binding_message": "W4SCT", "consent": "allow", **change}
    found: int = stage.post("auth", "/confirm", form).status
    return found


def error(stage: Any, answer: Any) -> tuple[int, str]:
    return answer.status, stage.json(answer)["error"]


def test_the_user_says_yes_elsewhere(stage: Any, auth: Any) -> None:
    """CIBA sections 7.3, 10.1 and 11: pending until then, tokens once, with an ID token about that user."""
    auth()
    answer = begin(stage)
    found = stage.json(answer)
    name = found["auth_req_id"]
    assert (found["expires_in"], found["interval"], answer.headers.get("Cache-Control")) == (120, 5, "no-store")
    assert error(stage, poll(stage, name)) == (400, "authorization_pending")
    assert say(stage) == 200
    stage.clock.advance(5)
    body = stage.json(poll(stage, name))
    assert jwt.read(body["id_token"]).claims["sub"] == "123"
    assert jwt.read(body["access_token"]).claims["scope"] == "openid read"
    stage.clock.advance(5)
    assert error(stage, poll(stage, name)) == (400, "invalid_grant")


def test_polling_errors(stage: Any, auth: Any) -> None:
    """CIBA sections 10.1 and 11: unknown, another client's, too fast, denied, expired."""
    auth()
    name = begun(stage)["auth_req_id"]
    assert error(stage, poll(stage, "unknown")) == (400, "invalid_grant")
    assert error(stage, poll(stage, name, OTHER)) == (400, "invalid_grant")
    assert [error(stage, poll(stage, name))[1] for _ in range(2)] == ["authorization_pending", "slow_down"]
    stage.clock.advance(9)
    assert error(stage, poll(stage, name))[1] == "slow_down"
    assert say(stage, consent="deny") == 200
    stage.clock.advance(20)
    assert error(stage, poll(stage, name)) == (400, "access_denied")
    late = begun(stage, requested_expiry="10")
    stage.clock.advance(10)
    assert (late["expires_in"], say(stage)) == (10, 400)
    assert error(stage, poll(stage, late["auth_req_id"])) == (400, "expired_token")
    assert error(stage, stage.post("auth", "/token", {"grant_type": GRANT}, auth=WEB)) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"login_hint": None}, (400, "invalid_request")),
        ({"id_token_hint": "x"}, (400, "invalid_request")),
        ({"login_hint": None, "login_hint_token": "x"}, (400, "invalid_request")),
        ({"login_hint": None, "id_token_hint": "x"}, (400, "invalid_request")),
        ({"login_hint": "nobody"}, (400, "unknown_user_id")),
        ({"login_hint": "carol"}, (400, "unknown_user_id")),
        ({"scope": None}, (400, "invalid_request")),
        ({"scope": "read"}, (400, "invalid_scope")),
        ({"scope": 'openid a"b'}, (400, "invalid_scope")),
        ({"binding_message": "x" * 65}, (400, "invalid_binding_message")),
        ({"binding_message": "a\x07"}, (400, "invalid_binding_message")),
        ({"requested_expiry": "0"}, (400, "invalid_request")),
        ({"requested_expiry": "soon"}, (400, "invalid_request")),
        ({"request": "a.b.c"}, (400, "invalid_request")),
        ({"auth": None, "client_id": "web"}, (401, "invalid_client")),
        ({"auth": None, "client_id": "tv"}, (400, "unauthorized_client")),
        ({"auth": OTHER}, (400, "unauthorized_client")),
    ],
)
def test_requests_that_are_refused(stage: Any, auth: Any, change: dict[str, Any], refusal: tuple[int, str]) -> None:
    """CIBA sections 7.1, 7.2 and 13."""
    users = {"users.carol.password": "x", "users.carol.disabled": True}
    auth({"clients.tv.authentication": "none", "clients.other.grants": "password", **users})

    assert error(stage, begin(stage, **change)) == refusal


def test_an_id_token_as_a_hint(stage: Any, auth: Any) -> None:
    """CIBA sections 7.1 and 7.2: one of this provider's for this client; another's, or one made up, is none."""
    server = auth()
    say_yes = begun(stage)
    say(stage)
    hint = stage.json(poll(stage, say_yes["auth_req_id"]))["id_token"]
    forged = jwt.sign({}, jwt.read(hint).claims, make_key("ES256", "m", "mallory"))

    assert server.users.by_sub("123").username == "alice"
    assert begin(stage, login_hint=None, id_token_hint=hint).status == 200
    assert error(stage, begin(stage, login_hint=None, id_token_hint=forged)) == (400, "invalid_request")
    assert error(stage, begin(stage, auth=OTHER, login_hint=None, id_token_hint=hint)) == (400, "invalid_request")


def test_only_the_user_who_was_named_can_answer(stage: Any, auth: Any) -> None:
    """Neither another user nor a wrong password nor another message; what is shown is escaped."""
    auth()
    name = begun(stage)["auth_req_id"]
    wrong = [{"login": "bob", "password": "builder"}, {"password": "guess"}, {"binding_message": "other"}]
    assert [say(stage, **change) for change in wrong] == [400] * 3
    assert error(stage, poll(stage, name))[1] == "authorization_pending"
    page = stage.get("auth", "/confirm?binding_message=%22%3E%3Cscript%3E")

    assert (page.status, b"<script>" in page.body) == (200, False)
    assert say(stage) == 200
    assert say(stage) == 400


def test_metadata_tells_of_poll_mode(stage: Any, auth: Any) -> None:
    """CIBA section 4."""
    auth()
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))

    assert document["backchannel_authentication_endpoint"] == "https://auth.test/bc-authorize"
    assert document["backchannel_token_delivery_modes_supported"] == ["poll"]
    assert document["backchannel_user_code_parameter_supported"] is False
    assert GRANT in document["grant_types_supported"]
