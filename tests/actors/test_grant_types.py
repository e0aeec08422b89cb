"""Which grant types are on: all, but the password grant only where it is asked for."""

from typing import Any

import pytest

from seqtest.actors.authorization_server import AuthorizationServer

USER = {"users.alice.password": "wonderland"}
SPA = {"clients.spa.authentication": "none", "clients.spa.redirect_uri": "https://spa.test/cb"}
OLD = {"clients.old.authentication": "none"}
PASSWORD = {"grant_type": "password", "username": "alice", "password": "wonderland"}


def ask(stage: Any, settings: dict[str, Any], client_id: str = "spa") -> tuple[int, str]:
    """What a request with the right password brings: the status and the error."""
    stage.bind("auth", AuthorizationServer, settings)
    answer = stage.post("auth", "/token", {**PASSWORD, "client_id": client_id})
    return answer.status, stage.json(answer).get("error", "")


def supported(stage: Any) -> list[str]:
    document = stage.json(stage.get("auth", "/.well-known/oauth-authorization-server"))
    found: list[str] = document["grant_types_supported"]
    return found


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {**SPA, "grants": "authorization_code password"},
        {**SPA, "clients.spa.grants": "authorization_code password"},
        OLD,
    ],
    ids=["users with passwords alone", "the server's grants", "the client's grants", "a client without a page"],
)
def test_on_request(stage: Any, asked: dict[str, Any]) -> None:
    """Each way of asking for the password grant turns it on, and metadata says so (RFC 8414 section 2)."""
    client_id = next((path.split(".")[1] for path in asked if path.startswith("clients.")), "any")

    assert ask(stage, {**USER, **asked}, client_id) == (200, "")
    assert "password" in supported(stage)


@pytest.mark.parametrize(
    "settings",
    [
        {**USER, **SPA},
        {"users.alice.sub": "1"},
        {**USER, **SPA, "grants": "authorization_code"},
        {**USER, "grants": ""},
    ],
    ids=["users log in on a page", "nobody has a password", "others are named", "none are named"],
)
def test_off(stage: Any, settings: dict[str, Any]) -> None:
    """Unasked it is off (RFC 9700 section 2.4), whoever asks and whatever the password."""
    assert ask(stage, settings) == (400, "unsupported_grant_type")
    assert "password" not in supported(stage)


def test_one_client_asks_for_itself_alone(stage: Any) -> None:
    """What one client's `grants` turn on is not another's: `unauthorized_client` (RFC 6749 section 5.2)."""
    settings = {**USER, **SPA, **OLD, "clients.old.grants": "password"}

    assert ask(stage, settings, "old") == (200, "")
    assert ask(stage, settings, "spa") == (400, "unauthorized_client")
    assert {"password", "authorization_code"} <= set(supported(stage))


def test_the_refusal_says_what_to_do(stage: Any) -> None:
    """Its description names the settings that turn the grant on; the password is not in it."""
    stage.bind("auth", AuthorizationServer, {**USER, **SPA})

    answer = stage.json(stage.post("auth", "/token", {**PASSWORD, "client_id": "spa"}))

    assert "`grants`, or in the client's `clients.*.grants`" in answer["error_description"]
    assert "wonderland" not in answer["error_description"]


def test_who_registers_itself_cannot_turn_it_on(stage: Any) -> None:
    """RFC 7591 section 2: `grant_types` of a client's own making are held against what everybody may use."""
    import json

    from seqtest.exchange import Headers, Request

    body = json.dumps({"grant_types": ["password"], "response_types": []}).encode()
    request = Request("POST", "https://auth.test/register", Headers([("Content-Type", "application/json")]), body)
    answers = []
    for more in ({}, {"grants": "password"}):
        server = stage.bind("auth", AuthorizationServer, {**USER, "registration": "open", **more})
        answers.append(server.handle(request))

    assert [answer.status for answer in answers] == [400, 201]
    assert stage.json(answers[0])["error"] == "invalid_client_metadata"


def test_endpoints_of_grants_that_are_off(stage: Any) -> None:
    """Where the device grant is off, no device code is handed out."""
    stage.bind("auth", AuthorizationServer, {**USER, "grants": "password"})

    answer = stage.post("auth", "/device_authorization", {"client_id": "tv"})

    assert answer.status == 400
