"""Runs made by hand: a real drawing, and for each of its arrows what came of it."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from seqtest.diagram.read import read
from seqtest.errors import Finding
from seqtest.exchange import Action, Answer, Headers, Request, Response, Result
from seqtest.scenario import Scenario, Script
from seqtest.scenario.expand import expand
from seqtest.source import Source
from seqtest.trace import Bindings, Occurrence, Trace
from seqtest.verdict import Verdict
from seqtest.verdict.judge import judge

NOW = 1_700_000_000.0
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjMiLCJleHAiOjE2OTk5OTk5NDB9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"

LOGIN = """\
@startuml login
title Log in
actor Alice as user
participant "Web client" as client
participant "Auth server" as auth
note over auth : issuer = https://auth.example
user -> client : log in
== Use ==
client -> auth ++ : POST /oauth/token
note right
  username = alice
  password = {password}
end note
auth --> client -- : 200 OK
note left
  access_token : jwt
  expires_in = 300
end note
... 6 minutes later ...
opt again
client -> auth : GET /users/123
auth --> client : 200 OK
end
@enduml
"""

CONTENTS: tuple[Any, ...] = (
    None,
    Request(
        "POST",
        "https://auth.test/oauth/token",
        Headers(
            [
                ("Authorization", "Basic d2ViOnRlYS1wYXJ0eS1zZWNyZXQ="),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ]
        ),
        b"grant_type=password&username=alice&password=won%26derland",
    ),
    Response(
        200,
        Headers([("Content-Type", "application/json"), ("Set-Cookie", "session=cookie-value-1234; Path=/")]),
        b'{"access_token": "%s", "expires_in": 600, "refresh_token": "8xLOxBtZp8longrefreshtoken"}' % TOKEN.encode(),
    ),
    None,
    Request(
        "GET",
        "https://auth.test/users/123?code=SplxlOBeZQQYbYS6WxSbIA",
        Headers([("Authorization", f"Bearer {TOKEN}")]),
    ),
    Response(200, Headers([("Content-Type", "application/json")]), b'{"sub": "123"}'),
)

SECRETS = (
    TOKEN, "won&derland", "won%26derland", "tea-party-secret", "d2ViOnRlYS1wYXJ0eS1zZWNyZXQ=", "cookie-value-1234",
    "8xLOxBtZp8longrefreshtoken", "SplxlOBeZQQYbYS6WxSbIA",
)  # fmt: skip


class Kept:
    """Contents that count a check and find nothing, or what they are told to find."""

    def __init__(self, *failures: Finding) -> None:
        self.failures = failures
        self.checks = 1

    def check(self, content: Any, bindings: Any, request: Any, ledger: Any) -> "Kept":
        return self


class NothingOpen:
    def close(self) -> Sequence[Finding]:
        return ()


def scenario_of(text: str, path: str = "flows/login.puml") -> Scenario:
    """The longest way through the drawing."""
    return max(expand(read(Source(path, text))[0]), key=lambda scenario: len(scenario.steps))


def trace_of(scenario: Scenario, contents: Sequence[Any], **more: Any) -> Trace:
    occurrences: list[Occurrence] = []
    for step, content in zip(scenario.steps, contents, strict=False):
        request = step.call if isinstance(content, Response | Result) and step.call >= 0 else None
        bindings = Bindings({}, {}, NOW + step.index)
        occurrences.append(
            Occurrence(step.index, step.sender, step.receiver, content, NOW + step.index, bindings, request)
        )
    finished = len(occurrences) == len(scenario.steps)
    return Trace(scenario.id, tuple(occurrences), **{"is_finished": finished, **more})


@pytest.fixture
def run() -> Callable[..., Verdict]:
    """Play a drawing by hand: `run(text, contents, failures={step: finding}, bound={"auth"}, refusal=…)`."""

    def play(
        text: str = LOGIN,
        contents: Sequence[Action | Request | Answer | None] = CONTENTS,
        failures: dict[int, Finding] | None = None,
        bound: frozenset[str] = frozenset({"auth"}),
        **more: Any,
    ) -> Verdict:
        scenario = scenario_of(text)
        found = failures or {}
        kept = [Kept(found[step.index]) if step.index in found else Kept() for step in scenario.steps]
        return judge(Script(scenario, bound), trace_of(scenario, contents, **more), kept, NothingOpen())

    return play


@pytest.fixture
def secrets() -> tuple[str, ...]:
    """What no rendering of the hand-made run may hold."""
    return SECRETS
