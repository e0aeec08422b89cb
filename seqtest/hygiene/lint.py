"""Run the lints over a run, or over a drawing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqtest.errors import Finding
from seqtest.exchange import NOTHING, Request, Response
from seqtest.hygiene.exchange import Answered, Asked, Exchange, Fault, History
from seqtest.hygiene.rule import ExchangeLook, Lint
from seqtest.scenario import Scenario, Script
from seqtest.trace import Trace


def lint_run(
    script: Script, trace: Trace, urls: Mapping[str, str], settings: Mapping[str, Mapping[str, Any]], on: Sequence[Lint]
) -> list[Finding]:
    """What the messages of a run show, each fault once, where it was first seen."""
    source = script.scenario.diagram.source
    history = History(urls, settings, source.text if source is not None else "")
    speaking = _speaking(on)
    found: dict[tuple[str, str], Finding] = {}
    for exchange in _happened(script, trace):
        for lint, look in speaking.about(exchange.shows):
            for fault in look(exchange, history):
                _keep(found, lint, fault, settings, exchange.sender, exchange.receiver)
        history.note(exchange)
    for lint, afterwards in speaking.afterwards:
        for fault in afterwards(history):
            _keep(found, lint, fault, settings)
    return list(found.values())


class _Speaking:
    """The lints that speak, and which of them an exchange concerns."""

    __slots__ = ("_about", "afterwards", "on")

    def __init__(self, on: Sequence[Lint]) -> None:
        self.on = tuple(on)
        self.afterwards = [(lint, lint.afterwards) for lint in on if lint.afterwards is not None]
        self._about: dict[int, list[tuple[Lint, ExchangeLook]]] = {}

    def about(self, shows: int) -> list[tuple[Lint, ExchangeLook]]:
        """Those that look at what an exchange with these bits shows. Few different ones come."""
        found = self._about.get(shows)
        if found is None:
            found = [(lint, lint.look) for lint in self.on if lint.look is not None and lint.needs & shows]
            self._about[shows] = found
        return found


_latest = _Speaking(())
"""All runs of a session have the same lints."""


def _speaking(on: Sequence[Lint]) -> _Speaking:
    global _latest
    found = _latest
    if found.on is not on:
        found = _latest = _Speaking(on)
    return found


def lint_drawing(scenarios: Sequence[Scenario], bound: frozenset[str], on: Sequence[Lint]) -> list[Finding]:
    """What a drawing shows before anything runs: what scripted participants send, settings, and its text."""
    from seqtest.hygiene.drawing import Drawing, exchanges, settings_of, urls_of

    looks = [(lint, lint.look) for lint in on if lint.look is not None and lint.is_drawn]
    found: dict[tuple[str, str], Finding] = {}
    for scenario in scenarios:
        settings = settings_of(scenario)
        history = History(urls_of(scenario, settings), settings)
        for exchange in exchanges(scenario, bound, history.urls):
            for lint, look in looks:
                if exchange.shows & lint.needs:
                    for fault in look(exchange, history):
                        _keep(found, lint, fault, settings, exchange.sender, exchange.receiver)
    drawing = Drawing(scenarios)
    for lint in on:
        if lint.drawing is not None:
            for fault in lint.drawing(drawing):
                _keep(found, lint, fault, drawing.by_participant)
    return list(found.values())


def _happened(script: Script, trace: Trace) -> Iterator[Exchange]:
    steps = script.scenario.steps
    answers = {one.request: one for one in trace.occurrences if isinstance(one.content, Response)}
    for index, one in enumerate(trace.occurrences):
        if not isinstance(one.content, Request):
            continue
        request, answer = one.content, answers.get(index)
        response = answer.content if answer is not None and isinstance(answer.content, Response) else None
        yield Exchange(
            one.sender,
            one.receiver,
            Asked(request.method, request.url, request.headers, request.body),
            Answered(response.status, response.headers, response.body) if response is not None else None,
            steps[one.step].span if one.step is not None else None,
            steps[answer.step].span if answer is not None and answer.step is not None else None,
            answer.at if answer is not None else None,
        )


def _keep(
    found: dict[tuple[str, str], Finding],
    lint: Lint,
    fault: Fault,
    settings: Mapping[str, Mapping[str, Any]],
    *who: str,
) -> None:
    """Keep a fault, but for those that `lint.token_in_url = off` in a note over one of the two leaves out."""
    if not any(_is_off(lint, settings.get(one, NOTHING)) for one in (*who, *fault.who)):
        found.setdefault((lint.code, fault.message), _finding(lint, fault))


def _is_off(lint: Lint, settings: Mapping[str, Any]) -> bool:
    value = settings.get(f"lint.{lint.name.replace('-', '_')}")
    return value is False or str(value).lower() in ("off", "false", "no")


def _finding(lint: Lint, fault: Fault) -> Finding:
    return Finding(
        lint.code,
        fault.message,
        fault.at,
        severity="warning",
        got=fault.got,
        why=lint.why,
        do=f"{lint.do}, or leave it out with `seqtest_lints = -{lint.name}`",
    )
