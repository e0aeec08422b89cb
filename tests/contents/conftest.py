"""One drawing, read as it would be in a run, whose messages tests send and check by hand."""

import json
import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from seqtest.auth.jwt import sign
from seqtest.auth.keyring import keys_of
from seqtest.auth.keys import Key, make_key
from seqtest.contents import Contents, Context, Ledger, Report, compile, resolve_settings, urls_of
from seqtest.diagram.read import read
from seqtest.errors import Finding
from seqtest.exchange import Answer, Headers, Message, Request, Response
from seqtest.scenario import Script
from seqtest.scenario.expand import expand
from seqtest.source import Source
from seqtest.trace import Bindings

NOW = 1_767_225_600.0
AUTH_KEY = make_key("ES256", "k1", "auth")


class Keys:
    """Keys of participants: those that their settings draw, and one for `auth`."""

    def __init__(self, settings: Mapping[str, Mapping[str, Any]], others: Mapping[str, list[Key]]) -> None:
        self.settings, self.others = settings, others

    def _of(self, participant: str) -> list[Key]:
        return [*keys_of(participant, self.settings.get(participant, {})), *self.others.get(participant, [])]

    def public(self, participant: str) -> list[dict[str, Any]]:
        return [dict(key.jwk) for key in self._of(participant)]

    def private(self, participant: str, kid: str | None, alg: str | None) -> Any:
        signing = [key for key in self._of(participant) if not key.is_for_encryption]
        return next((key for key in signing if kid in (None, key.kid) and alg in (None, key.alg)), None)

    def decryption(self, participant: str) -> list[Any]:
        return [key for key in self._of(participant) if key.is_for_encryption]


class Flow:
    """A drawing's first case with its contents, bindings and ledger."""

    def __init__(
        self,
        text: str,
        bound: Collection[str] = ("auth",),
        outside: Mapping[str, Any] | None = None,
        auth_keys: bool = True,
    ) -> None:
        values = dict(outside or {})
        (diagram,) = read(Source("flow.puml", f"@startuml\nparticipant client\nparticipant auth\n{text}\n@enduml\n"))
        self.scenario = expand(diagram)[0]
        self.script = Script(self.scenario, frozenset(bound))
        settings = resolve_settings(self.scenario, values.__getitem__)
        keys = Keys(settings, {"auth": [AUTH_KEY]} if auth_keys else {})
        self.context = Context(
            frozenset(participant.id for participant in self.scenario.participants),
            self.script.bound,
            urls_of(settings),
            settings,
            keys,
            random.Random(1),
            values.__getitem__,
        )
        self.contents = [compile(step, self.script, self.context) for step in self.scenario.steps]
        self.bindings = Bindings(now=NOW)
        self.ledger = Ledger(self.context)
        self.messages: dict[int, Message | Answer] = {}

    def __getitem__(self, index: int) -> Contents:
        return self.contents[index]

    def request_of(self, index: int) -> Any:
        call = self.scenario.steps[index].call
        return self.messages.get(call) if call != index else None

    def compose(self, index: int) -> Any:
        """The step's scripted sender speaks."""
        content, self.bindings = self.contents[index].compose(self.bindings, self.request_of(index))
        self.messages[index] = content
        return content

    def came(self, index: int, content: Message | Answer) -> Report:
        """The step's bound sender spoke: it is checked, and what it makes known is known."""
        before = self.bindings
        contents = self.contents[index]
        self.messages[index] = content
        report = contents.check(content, before, self.request_of(index), self.ledger)
        self.bindings = contents.capture(content, before, self.request_of(index))
        return report

    def told(self, index: int) -> Any:
        """A scripted sender's message, entered in the ledger as the judge does."""
        before = self.bindings
        content = self.compose(index)
        self.contents[index].check(content, before, self.request_of(index), self.ledger)
        return content


def block(*lines: str) -> str:
    return "note left\n" + "".join(f"  {line}\n" for line in lines) + "end note\n" if lines else ""


class Kit:
    """What tests make messages with."""

    now = int(NOW)
    key = AUTH_KEY

    def flow(self, text: str, **more: Any) -> Flow:
        return Flow(text, **more)

    def answer_flow(self, *lines: str, label: str = "200 OK", before: str = "", **more: Any) -> Flow:
        """`client -> auth : POST /token`, and a bound auth that answers as drawn."""
        return Flow(f"{before}\nclient -> auth : POST /token\nauth --> client : {label}\n{block(*lines)}", **more)

    def request_flow(self, *lines: str, label: str = "POST /token", before: str = "", **more: Any) -> Flow:
        """A bound client whose request to auth is drawn."""
        return Flow(
            f"{before}\nclient -> auth : {label}\n{block(*lines)}auth --> client : 200 OK",
            **{"bound": ("client",), **more},
        )

    def check(self, line: str, response: Response, *below: str, **more: Any) -> list[Finding]:
        """What is wrong with the answer, of which one line is drawn."""
        flow = self.answer_flow(line, *(f"  {one}" for one in below), **more)
        flow.compose(0)
        return list(flow.came(1, response).failures)

    def check_request(self, line: str, request: Request, *below: str, **more: Any) -> list[Finding]:
        flow = self.request_flow(line, *(f"  {one}" for one in below), **more)
        return list(flow.came(0, request).failures)

    def json(self, value: Any, status: int = 200, **headers: str) -> Response:
        named = [(name.replace("_", "-"), text) for name, text in headers.items()]
        return Response(status, Headers([("Content-Type", "application/json"), *named]), json.dumps(value).encode())

    def form(self, url: str = "https://auth.test/token", method: str = "POST", **fields: Any) -> Request:
        body = urlencode(fields, doseq=True).encode()
        return Request(method, url, Headers([("Content-Type", "application/x-www-form-urlencoded")]), body)

    def token(self, key: Key | None = AUTH_KEY, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        return sign(header or {}, {"iss": "https://auth.test", **claims}, key)

    def replace(self, value: Any, **fields: Any) -> Any:
        return replace(value, **fields)


@pytest.fixture
def kit() -> Kit:
    return Kit()
