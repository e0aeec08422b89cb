"""The bound client: what it sends, what it keeps, and what it does not believe."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from seqtest.actors.client import Client
from seqtest.actors.resource_server import ResourceServer
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Headers, Lost, Response, Result

SETTINGS = {"client_id": "web", "client_secret": "tea-party", "password": "wonderland"}
TOKEN = ("client", "auth", "POST https://auth.test/oauth/token")
CALL = ("client", "users", "GET https://users.test/users/123")


@pytest.fixture
def flow(stage: Any, auth: Any) -> None:
    auth()
    stage.add("users", ResourceServer)
    stage.bind("client", Client, SETTINGS)


@pytest.mark.usefixtures("flow")
def test_log_in_and_call(stage: Any) -> None:
    """A log-in is one arrow to the authorization server, a call one to the API."""
    assert stage.act("client", "log in as alice") == Result("welcome alice")
    assert stage.act("client", "call /users/123") == Result("ok", {"status": 200, "id": 123, "sub": "123"})
    assert stage.calls == [TOKEN, CALL]


@pytest.mark.usefixtures("flow")
def test_refresh_on_401(stage: Any) -> None:
    """After a 401 the client refreshes once and tries again; the new refresh token replaces the old."""
    stage.act("client", "log in as alice")
    for _ in range(2):
        stage.clock.advance(301)
        stage.calls.clear()
        assert stage.act("client", "call /users/123").fields["status"] == 200
        assert stage.calls == [CALL, TOKEN, CALL]


@pytest.mark.usefixtures("flow")
def test_refresh_before_the_call(stage: Any) -> None:
    """Where that is drawn, the client refreshes when it knows that the token has expired."""
    stage.bind("client", Client, {**SETTINGS, "refresh": "when expired"})
    stage.act("client", "log in as alice")
    stage.clock.advance(301)
    stage.calls.clear()

    assert stage.act("client", "call /users/123").value == "ok"
    assert stage.calls == [TOKEN, CALL]
    stage.act("auth", "disable alice")
    stage.clock.advance(301)
    assert stage.act("client", "call /users/123").error == "LoggedOut"


@pytest.mark.usefixtures("flow")
def test_log_out(stage: Any) -> None:
    """Log-out gives the refresh token back and forgets everything."""
    stage.act("client", "log in as alice")
    held = stage.actors["client"].state()
    assert held["logged_in"]
    assert stage.act("client", "log out").value == "logged out"

    assert stage.calls[-1] == ("client", "auth", "POST https://auth.test/oauth/revoke")
    assert stage.actors["auth"].state()["revoked"] == [held["access_token"], held["refresh_token"]]
    assert stage.act("client", "call /users/123").error == "NotLoggedIn"
    assert stage.actors["client"].state() == {"logged_in": False}
    assert stage.act("client", "log out").value == "logged out"


@pytest.mark.usefixtures("flow")
def test_refused_refresh(stage: Any) -> None:
    """When the refresh is refused the 401 stands, and the client is logged out."""
    stage.act("client", "log in as alice")
    stage.act("auth", "disable alice")
    stage.clock.advance(301)

    assert stage.act("client", "call /users/123").fields["status"] == 401
    assert stage.act("client", "call /users/123").error == "NotLoggedIn"


@pytest.mark.usefixtures("flow")
def test_who_logs_in(stage: Any) -> None:
    """Names and passwords come from the action, its fields or the settings; a wrong password is an error."""
    assert stage.act("client", "log in as bob with builder").value == "welcome bob"
    assert stage.act("client", "log in", username="bob", password="builder").value == "welcome bob"
    assert stage.act("client", "log in as alice with wrong").error == "LoginFailed"
    assert stage.act("client", "log in").error == "WhoLogsIn"
    stage.bind("client", Client, {**SETTINGS, "password": "", "users.bob.password": "builder"})
    assert stage.act("client", "log in").value == "welcome bob"
    stage.bind("client", Client, {"client_id": "web", "client_secret": "tea-party"})
    assert stage.act("client", "log in as alice").error == "NoPassword"
    assert stage.actors["client"].act(type("A", (), {"text": "dance", "fields": {}})()) is None


def test_answers_that_are_no_json(stage: Any) -> None:
    """An API's answer may be anything; a client without a refresh token does not refresh."""
    stage.scripted["auth"] = lambda message: Response(200, Headers(), b'{"access_token":"a","token_type":"Bearer"}')
    stage.scripted["users"] = lambda message: Response(401, Headers(), b"<html>")
    stage.add("client", Client, auth="auth", api="users", password="x")
    stage.act("client", "log in as alice")

    assert stage.act("client", "call users") == Result("refused", {"status": 401})


def test_public_client(stage: Any) -> None:
    """Without a secret the client says its name in the form, and asks for its scope."""
    seen: list[Any] = []

    def answer(message: Any) -> Response:
        seen.append(message)
        return Response(200, Headers(), b'{"access_token":"a","token_type":"bearer"}')

    stage.scripted["auth"] = answer
    stage.add("client", Client, auth="auth", api="users", password="x", scope="a b", token_endpoint="/token")
    stage.act("client", "log in as alice")

    assert seen[0].url == "https://auth.test/token"
    assert seen[0].headers.get("Authorization") is None
    sent = parse_qs(seen[0].body.decode())
    assert (sent["client_id"], sent["scope"], sent["username"]) == (["client"], ["a b"], ["alice"])


@pytest.mark.parametrize(
    "body",
    [
        {"access_token": "a"},
        {"access_token": "a", "token_type": "mac"},
        {"token_type": "Bearer"},
        {"access_token": "", "token_type": "Bearer"},
        {"access_token": 7, "token_type": "Bearer"},
        [],
        "nonsense",
    ],
)
def test_token_responses_it_does_not_believe(stage: Any, body: Any) -> None:
    """A token of an unknown type, or no token, is no log-in (RFC 6749 section 7.1)."""
    stage.scripted["auth"] = lambda message: Response(200, Headers(), json.dumps(body).encode())
    stage.add("client", Client, auth="auth", password="x")

    assert stage.act("client", "log in as alice").error == "LoginFailed"


def test_lost_answers(stage: Any) -> None:
    """A lost answer is a connection error, as it would be for any client."""
    stage.scripted["auth"] = lambda message: Lost()
    stage.add("client", Client, auth="auth", password="x")

    with pytest.raises(ConnectionError):
        stage.act("client", "log in as alice")


def test_nobody_to_call(stage: Any) -> None:
    """Without exactly one server of the kind the diagram must say which is meant."""
    stage.add("client", Client, password="x")

    with pytest.raises(UnplayableScenario, match="SQ387"):
        stage.act("client", "log in as alice")


@pytest.mark.usefixtures("flow")
def test_reprs_hide_tokens(stage: Any) -> None:
    """No repr of the client's parts holds a token or a secret."""
    stage.act("client", "log in as alice")
    client = stage.actors["client"]
    held = client.state()

    for secret in (held["access_token"], held["refresh_token"], "tea-party"):
        assert secret not in repr([client.session, client.settings])
