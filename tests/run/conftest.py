"""Flows written as a few lines, contents that read only what a test needs, and a stage to play them on."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from seqtest import api
from seqtest.actors.actor import Part
from seqtest.clock import Clock
from seqtest.contents.context import Context
from seqtest.diagram import Diagram, Participant
from seqtest.diagram.expectation import ActionLine, Expectation, Plain, Reference, RequestLine, StatusLine, Template
from seqtest.diagram.read import read
from seqtest.exchange import Action, Headers, Lost, Request, Response, Result
from seqtest.run.addresses import addresses
from seqtest.run.cast import cast
from seqtest.run.drive import Run
from seqtest.run.keys import RunKeys
from seqtest.run.prepare import Prepared, RunNetwork
from seqtest.scenario import OptionalIteration, Pause, Scenario, Script, Step
from seqtest.source import Source, Span
from seqtest.trace import Bindings, Trace
from seqtest.verdict import Verdict

START = 1_700_000_000.0
_ARROW = re.compile(r"(\S+) (->>|->x|->|-->x|-->) (\S+) : (.*)")


def flow(text: str, **settings: dict[str, Any]) -> Scenario:
    """Lines such as `user -> a : GET /x`, `a --> user : 200`, `delay 5`, `delay >=5`, `state a`, `keep x as y`.

    Blocks: `par {`, `} also {`, `}`; `maybe {`, `} again {`, `}` (iterations that may be left out); `critical {`, `}`.
    """
    return _Flow(text).scenario


class _Flow:
    def __init__(self, text: str) -> None:
        self.source = Source("flow.puml", text)
        self.steps: list[Step] = []
        self.optional: list[OptionalIteration] = []
        self.fragments = 0
        self.names: dict[str, None] = {}
        lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        self.lines = lines
        self.read(0, (), {}, (), ())
        participants = tuple(Participant(name, name) for name in self.names)
        diagram = Diagram("flow", participants, (), source=self.source)
        self.scenario = Scenario(
            "flow", "flow", diagram, participants, tuple(self.steps), optional=tuple(self.optional)
        )

    def read(self, at: int, after: tuple[int, ...], marks: dict[str, Any], opened: tuple[int, ...], end: Any) -> Any:
        calls = list(opened)
        while at < len(self.lines):
            number, line = self.lines[at]
            if line in ("}", "} also {", "} again {"):
                return at, after
            at += 1
            if line in ("par {", "maybe {", "critical {"):
                at, after = self.block(line.split()[0], at, after, marks, calls)
            else:
                after = (self.step(number, line, after, marks, calls),)
        return at, after

    def block(self, word: str, at: int, after: tuple[int, ...], marks: dict[str, Any], calls: list[int]) -> Any:
        self.fragments += 1
        fragment, lane, ends = self.fragments, 0, []
        while True:
            own = dict(marks)
            if word == "par":
                own["lane"] = (*marks.get("lane", ()), (fragment, lane))
            elif word == "critical":
                own["critical"] = fragment
            else:
                own["iteration"] = (*marks.get("iteration", ()), (fragment, lane))
            first = len(self.steps)
            at, last = self.read(at, after, own, tuple(calls), None)
            if word == "maybe":
                self.optional.append(OptionalIteration(fragment, lane, tuple(range(first, len(self.steps)))))
                after = last
            ends.append(last)
            closing = self.lines[at][1]
            at, lane = at + 1, lane + 1
            if closing == "}":
                joined = tuple(sorted({index for one in ends for index in one})) if word == "par" else last
                return at, joined

    def step(self, number: int, line: str, after: tuple[int, ...], marks: dict[str, Any], calls: list[int]) -> int:
        index, span = len(self.steps), Span.at(self.source, number, 1, len(line))
        common = dict(index=index, after=after, span=span, text=line, **marks)
        if line.startswith("delay "):
            amount = line.removeprefix("delay ")
            pause = Pause(float(amount.removeprefix(">=")), amount.startswith(">="))
            step = Step(kind="delay", sender="", receiver="", pause=pause, **common)
        elif line.startswith("state "):
            name = line.removeprefix("state ")
            step = Step(kind="state", sender=name, receiver=name, expectation=Expectation(_action("state")), **common)
        elif line.startswith("keep "):
            name, other = line.removeprefix("keep ").split(" as ")
            step = Step(kind="keep", sender="", receiver="", keeps=((name, other),), **common)
        else:
            step = self.arrow(index, line, common, calls)
        self.steps.append(step)
        return index

    def arrow(self, index: int, line: str, common: dict[str, Any], calls: list[int]) -> Step:
        match = _ARROW.fullmatch(line)
        assert match, line
        sender, arrow, receiver, label = match.groups()
        for name in (sender, receiver):
            if name not in "[]":
                self.names.setdefault(name)
        words, _, note = label.partition(" | ")
        common["text"] = words
        is_http = re.match(r"[A-Z]+ /", words) is not None
        if arrow.startswith("--") or re.match(r"\dxx|\d{3}", words):
            call = next(
                one for one in reversed(calls)
                if (self.steps[one].sender, self.steps[one].receiver) == (receiver, sender)
            )  # fmt: skip
            calls.remove(call)
            is_http = self.steps[call].kind == "request"
            self.steps[call] = replace(self.steps[call], answer=index)
            line_read: Any = StatusLine(tuple(words.split(" or "))) if is_http else _action(words)
            return Step(
                kind="response" if is_http else "result", sender=sender, receiver=receiver, call=call,
                expectation=Expectation(line_read), is_lost=arrow == "-->x", given=_fields(note), **common,
            )  # fmt: skip
        if arrow == "->":
            calls.append(index)
        line_read = RequestLine(words.split()[0], _template(words.split()[1])) if is_http else _action(words)
        return Step(
            kind="request" if is_http else "action", sender=sender, receiver=receiver, call=index,
            expectation=Expectation(line_read), is_async=arrow == "->>", is_lost=arrow == "->x", given=_fields(note),
            **common,
        )  # fmt: skip


def _fields(note: str) -> dict[str, Any]:
    return {k: Plain(v, v) for k, _, v in (part.partition("=") for part in note.split(";")) if k}


def _action(text: str) -> ActionLine:
    return ActionLine(_template(text))


def _template(text: str) -> Template:
    parts = [Reference((p,)) if n % 2 else p for n, p in enumerate(re.split(r"\{(\w+)\}", text))]
    return Template(tuple(part for part in parts if part))


@dataclass
class FakeContents:
    """Method, path, status; and the fields behind ` | ` of a line: sent when scripted, counted when not seen."""

    step: Step
    urls: dict[str, str]

    @property
    def fields(self) -> dict[str, str]:
        return {name: plain.text for name, plain in self.step.given.items()}

    def compose(self, bindings: Bindings, request: Any) -> tuple[Any, Bindings]:
        line = self.step.expectation.line
        body = ";".join(f"{k}={v}" for k, v in self.fields.items()).encode()
        who = (self.step.sender, self.step.receiver)
        learnt = bindings.learn(who, self.fields)
        if isinstance(line, RequestLine):
            url = self.urls.get(self.step.receiver, "https://outside.test")
            return Request(line.method, url + self._filled(line.target, bindings), Headers(), body), learnt
        if isinstance(line, StatusLine):
            return Response(int(line.statuses[0].replace("x", "0")), Headers(), body), learnt
        text = self._filled(line.text, bindings)
        return (Result(text) if self.step.kind == "result" else Action(text, self.fields)), learnt

    def _filled(self, template: Template, bindings: Bindings) -> str:
        return "".join(part if isinstance(part, str) else str(bindings.values[part.path[0]]) for part in template.parts)

    def fits(self, content: Any, bindings: Bindings) -> int | None:
        line = self.step.expectation.line
        if isinstance(content, Request):
            path = re.sub(r"https?://[^/]+", "", content.url).partition("?")[0]
            try:
                if not isinstance(line, RequestLine) or line.method != content.method:
                    return None
                if self._filled(line.target, bindings) != path:
                    return None
            except KeyError:
                return None
        elif isinstance(content, Action) and (
            not isinstance(line, ActionLine) or self._filled(line.text, bindings) != content.text
        ):
            return None
        return len(self._broken(content))

    def _broken(self, content: Any) -> list[str]:
        if isinstance(content, Request | Response):
            text = content.body.decode(errors="replace")
            return [name for name, value in self.fields.items() if f"{name}={value}" not in text]
        return [name for name, value in self.fields.items() if str(content.fields.get(name)) != value]

    def is_for(self, content: Any, bindings: Bindings) -> bool:
        return self.fits(content, bindings) is not None

    def status_fits(self, answer: Any, bindings: Any) -> bool:
        line = self.step.expectation.line
        if isinstance(answer, Lost):
            return False
        if isinstance(answer, Result):
            return answer.error is None
        return any(
            status == str(answer.status) or (status.endswith("xx") and status[0] == str(answer.status)[0])
            for status in line.statuses
        )

    def capture(self, content: Any, bindings: Bindings, request: Any) -> Bindings:
        return bindings.learn((self.step.sender, self.step.receiver), self.fields)

    def missing(self, content: Any, bindings: Bindings, request: Any) -> list[Any]:
        return []


@dataclass
class Stage:
    """Plays flows: `stage(text, a=app)`."""

    patience: float = 0.3
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    givens: dict[str, Callable[[], object]] = field(default_factory=dict)
    clock: Clock = field(default_factory=lambda: Clock(START))
    last: Run | None = None

    @staticmethod
    def flow(text: str) -> Scenario:
        """The scenario that these lines draw."""
        return flow(text)

    def __call__(self, text: str | Scenario, **bindings: Any) -> Trace:
        self.last = Run(self.prepare(text, **bindings), self.givens, self.patience)
        return self.last.perform()

    def prepare(self, text: str | Scenario, **bindings: Any) -> Prepared:
        scenario = flow(text) if isinstance(text, str) else text
        who = cast(scenario.participants, bindings)
        script = Script(scenario, who.bound)
        places = addresses(scenario.participants, self.settings)
        players: dict[str, Any] = {}
        network = RunNetwork(places, self.settings)

        def fetch(participant: str, request: Request) -> Response | None:
            from seqtest.run.prepare import _fetch

            return _fetch(players[participant], request)

        keys = RunKeys(self.settings, places.urls, players, fetch)
        network.use(keys)
        names = frozenset(p.id for p in scenario.participants)
        context = Context(names, script.bound, places.urls, self.settings, keys, random.Random(1), lambda name: name)
        for name, make in who.players.items():
            players[name] = make(
                Part(
                    name,
                    places.urls[name],
                    self.settings.get(name, {}),
                    who.kinds,
                    self.clock,
                    network,
                    random.Random(name),
                )
            )
        contents = [FakeContents(step, dict(places.urls)) if step.expectation else None for step in scenario.steps]
        return Prepared(script, self.clock, context, contents, players, places, network, keys)


@pytest.fixture
def stage() -> Stage:
    """A fresh stage."""
    return Stage()


@pytest.fixture
def happened() -> Callable[[Trace], list[str]]:
    """What happened, a line an arrow: `user>a GET /x`, `a>user 200`."""

    def lines(trace: Trace) -> list[str]:
        from seqtest.run.refusal import described

        return [f"{one.sender}>{one.receiver} {described(one.content)}" for one in trace.occurrences]

    return lines


@pytest.fixture
def drawn() -> Callable[..., Verdict]:
    """The whole way of one case: `drawn(text, api=app)` reads, plays and judges; `case` counts from 0."""

    def verdict(text: str, case: int = 0, **bindings: Any) -> Verdict:
        diagram = read(Source("flow.puml", f"@startuml flow\n{text}\n@enduml\n"))[0]
        return api.play(api.ready(api.cases(diagram)[case], bindings))

    return verdict
