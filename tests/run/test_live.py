"""Participants that run elsewhere, behind a base URL: here servers on sockets of this machine."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

import seqtest
from seqtest import api
from seqtest.auth.keys import make_key, public_jwk
from seqtest.cli.serving import Servers, scenario_of, serve
from seqtest.diagram.read import read
from seqtest.errors import Diagnostic, TakesTooLong, Unanswerable
from seqtest.run.live import Reach, WallClock
from seqtest.source import Source
from seqtest.verdict import Verdict

SERVED = """\
@startuml
participant web
participant auth <<authorization-server>>
participant api <<resource-server>>
note over auth
  users.alice.password = wonderland
  users.alice.sub = "123"
  clients.web.secret = tea-party
  access_token.alg = ES256
  access_token.aud = api
end note
note over api : trusts = auth
web -> auth : GET /jwks
auth --> web : 200
@enduml
"""

FLOW = """
participant web
participant auth <<authorization-server>>
participant api <<resource-server>>
note over auth : url = https://auth.example
web -> auth : POST /token
note right
  Authorization: Basic {basic("web", "tea-party")}
  grant_type = password
  username = alice
  password = wonderland
end note
auth --> web : 200 OK
note left
  access_token : jwt
    iss = {auth.url}
    sub = 123
    iat = now
    exp = iat + 5 minutes
end note
alt as it was given
  web -> api : GET /users/123
  note right: Authorization: Bearer {access_token}
  api --> web : 200 OK {sub: "123"}
else changed
  web -> api : GET /users/123
  note right
    Authorization: Bearer {access_token} but
      sub = mallory
      signature kept
  end note
  api --> web : 401 Unauthorized
end
"""


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with serve(scenario_of(Source("serve.puml", SERVED)), {}) as found:
        yield found


@pytest.fixture
def live(servers: Servers) -> dict[str, str]:
    return {one.participant: one.url for one in servers.served}


def play(text: str, bindings: dict[str, Any], case: int = 0, reach: Reach | None = None) -> Verdict:
    diagram = read(Source("flow.puml", f"@startuml flow\n{text}\n@enduml\n"))[0]
    return api.play(api.ready(api.cases(diagram)[case], bindings, reach=reach))


def codes(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.failures]


@pytest.mark.parametrize("case", [0, 1])
def test_a_flow_against_live_servers(live: dict[str, str], case: int) -> None:
    """The real addresses take the place of the drawn ones, and tokens are verified by the keys that are published."""
    verdict = play(FLOW, live, case)

    assert verdict.is_kept, codes(verdict)
    assert verdict.under_test == ("auth", "api")
    assert abs(verdict.trace.occurrences[0].at - time.time()) < 60


@pytest.mark.parametrize(
    ("drawn", "wrong", "code"),
    [
        ("sub = 123", "sub = 124", "SQ550"),
        ("exp = iat + 5 minutes", "exp = iat + 6 minutes", "SQ550"),
        ("200 OK {sub", "201 Created {sub", "SQ532"),
    ],
)
def test_a_live_server_that_breaks_a_promise(live: dict[str, str], drawn: str, wrong: str, code: str) -> None:
    """Is as red as one in process."""
    assert drawn in FLOW
    assert codes(play(FLOW.replace(drawn, wrong), live))[0] == code


def test_keys_of_somebody_else_do_not_verify(live: dict[str, str]) -> None:
    """The token is the live server's, the drawn keys are not: a failure, though all claims are as drawn."""
    published = requests.get(f"{live['auth']}/jwks", timeout=5).json()["keys"][0]
    other = public_jwk(make_key("ES256", published["kid"]))
    text = FLOW.replace("note over auth : url", "note over auth : jwks = {other_keys}\nnote over auth : url")
    diagram = read(Source("flow.puml", f"@startuml flow\n{text}\n@enduml\n"))[0]

    def played(jwk: Any) -> Verdict:
        outside = {"other_keys": json.dumps({"keys": [jwk]})}.__getitem__
        return api.play(api.ready(api.cases(diagram)[0], live, outside=outside))

    assert codes(played(other)) == ["SQ562"]
    assert played(published).is_kept


def test_code_in_process_calls_a_live_server(live: dict[str, str]) -> None:
    """Its call is an arrow like any other, and goes through to the real server."""
    text = """
participant web
participant auth
user -> web : log in
web -> auth : POST /token
note right
  Authorization: Basic {basic("web", "tea-party")}
  grant_type = password
  username = alice
  password = wonderland
end note
auth --> web : 200 OK
note left: token_type = Bearer
web --> user : Bearer
"""

    def web(action: seqtest.Action) -> str:
        form = {"grant_type": "password", "username": "alice", "password": "wonderland"}
        answer = requests.post(f"{live['auth']}/token", data=form, auth=("web", "tea-party"), timeout=5)
        return str(answer.json()["token_type"])

    verdict = play(text, {"web": web, "auth": live["auth"]})
    assert verdict.is_kept, codes(verdict)

    undrawn = play(text.replace("POST /token", "POST /other"), {"web": web, "auth": live["auth"]})
    assert codes(undrawn)[0] == "SQ530"


def test_nobody_there_is_told_at_the_arrow() -> None:
    """A refused connection, with the address and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

    verdict = play("web -> auth : GET /jwks\nauth --> web : 200 OK", {"auth": url})

    finding = verdict.failures[0]
    assert (finding.code, finding.span and finding.span.line) == ("SQ418", 2)
    assert "connection refused" in finding.got
    assert url in finding.expected


def test_another_machine_must_be_allowed_by_name() -> None:
    """Nothing is sent to it; a pattern allows it."""
    text = "web -> auth : GET /jwks\nauth --> web : 200 OK"
    for url in ("https://idp.example", "https://127.0.0.1.idp.example", "http://192.0.2.1"):
        with pytest.raises(Unanswerable, match="SQ419"):
            play(text, {"auth": url})
    with pytest.raises(Unanswerable, match="SQ419"):
        play(text, {"auth": "https://idp.example"}, reach=Reach(hosts=("*.idp.example",)))
    scenario = api.cases(read(Source("f.puml", f"@startuml\n{text}\n@enduml\n"))[0])[0]
    api.ready(scenario, {"auth": "https://IDP.example"}, reach=Reach(hosts=("idp.example",)))
    for host in ("localhost", "auth.localhost", "127.8.8.8", "[::1]"):
        api.ready(scenario, {"auth": f"http://{host}:1"})


def test_what_a_live_server_sends_is_not_seen(live: dict[str, str]) -> None:
    """So an arrow from it is an error before anything runs, at its line; prose over it alone is none."""
    text = """
web -> api : GET /users/123
api -> auth : GET /jwks
auth --> api : 200 OK
api --> web : 401 Unauthorized
"""
    with pytest.raises(Diagnostic) as raised:
        play(text, {"api": live["api"]})
    assert [one.code for one in raised.value.findings] == ["SQ420"]
    assert raised.value.finding.span is not None
    assert raised.value.finding.span.line == 4

    silent = "web -> api : GET /users/123\napi -> api : looks at the token\napi --> web : 401 Unauthorized"
    assert play(silent, {"api": live["api"]}).is_kept


def test_delays_are_waited_for_up_to_a_limit(live: dict[str, str]) -> None:
    """A live server's clock cannot be moved."""
    text = "web -> auth : GET /jwks\nauth --> web : 200 OK\n... {} ...\nweb -> auth : GET /jwks\nauth --> web : 200 OK"
    with pytest.raises(TakesTooLong, match="SQ421"):
        play(text.format("6 minutes later"), {"auth": live["auth"]})
    started = time.monotonic()

    verdict = play(text.format("1 second later"), {"auth": live["auth"]}, reach=Reach(wait_seconds=1))

    assert verdict.is_kept
    assert time.monotonic() - started >= 1


def test_the_worlds_clock() -> None:
    """It moves by itself, not with arrows, and never back."""
    clock = WallClock()
    before = clock.now()
    clock.tick(5)
    assert clock.now() - before < 5
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


def test_a_base_url_by_a_function_of_part_is_refused(live: dict[str, str]) -> None:
    """The addresses must be known before anybody is made."""

    def making(part: Any) -> str:
        return live["auth"]

    with pytest.raises(Diagnostic, match="without the parameter `part`"):
        play("web -> auth : GET /jwks\nauth --> web : 200 OK", {"auth": making})


def test_an_action_has_no_step_in_a_live_server(live: dict[str, str]) -> None:
    """It speaks HTTP alone."""
    verdict = play("web -> auth : disable alice\nauth --> web : disabled", {"auth": live["auth"]})

    assert codes(verdict)[0] == "SQ410"
