"""What a drawing says before it is run: what its scripted participants will send, and its settings."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from seqtest.contents.settings import default_url, path_of
from seqtest.diagram.expectation import QUERY_METHODS, Plain, Promise, RequestLine, StatusLine, Template
from seqtest.exchange import Headers
from seqtest.hygiene.exchange import UNKNOWN, Answered, Asked, Exchange
from seqtest.once import once
from seqtest.scenario import Scenario, Step
from seqtest.source import Span


class Drawing:
    """All cases of a drawing."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        self.scenarios = scenarios
        self.by_participant: Mapping[str, Mapping[str, str]] = {
            who: settings for scenario in scenarios for who, settings in settings_of(scenario).items()
        }
        """Participant → path → value as drawn."""

    @once
    def settings(self) -> "Sequence[Setting]":
        """Each setting once."""
        found = {
            promise.span: Setting(who, path_of(promise), value_of(promise), promise.span)
            for scenario in self.scenarios
            for who, promises in scenario.settings.items()
            for promise in promises
        }
        return tuple(found.values())

    @once
    def steps(self) -> "Sequence[tuple[Scenario, Step]]":
        """Each arrow once, with the first case that it happens in."""
        found = {
            (step.span, step.kind): (scenario, step)
            for scenario in reversed(self.scenarios)
            for step in reversed(scenario.steps)
        }
        return tuple(reversed(found.values()))

    @once
    def text(self) -> str:
        """What is written, without comments."""
        return "\n".join(line for _, line in self._lines())

    def spans(self, pattern: re.Pattern[str]) -> Iterator[Span]:
        """Where the text says it, outside of comments."""
        source = self.scenarios[0].diagram.source if self.scenarios else None
        for number, line in self._lines():
            for match in pattern.finditer(line):
                yield Span.at(source, number, match.start() + 1, len(match[0]))

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether the drawing has a word of it."""
        return pattern.search(self.text) is not None

    def is_kind(self, who: str, *kinds: str) -> bool:
        """Whether the participant has one of those stereotypes."""
        everybody = (one for scenario in self.scenarios for one in scenario.participants)
        return any(one.id == who and not set(kinds).isdisjoint(one.stereotypes) for one in everybody)

    def _lines(self) -> Iterator[tuple[int, str]]:
        source = self.scenarios[0].diagram.source if self.scenarios else None
        if source is not None:
            for number, line in enumerate(source.text.split("\n"), source.first_line):
                if not line.lstrip().startswith("'"):
                    yield number, line


class Setting(NamedTuple):
    """A line of settings as drawn."""

    who: str
    path: str
    value: str
    span: Span | None


_PLACES = ("field", "query", "form", "json", "body")


class Drawn(Asked):
    """A request as its note draws it: values in braces are not known yet."""

    def __init__(self, method: str, url: str, headers: Headers, fields: Mapping[str, str]) -> None:
        super().__init__(method, url, headers)
        in_query = method in QUERY_METHODS
        self.query = {**Asked(method, url).query, **(fields if in_query else {})}
        self.form = {} if in_query else dict(fields)


def exchanges(scenario: Scenario, bound: frozenset[str], urls: Mapping[str, str]) -> Iterator[Exchange]:
    """The requests that scripted participants send to bound ones: what is drawn is all that they send."""
    for step in scenario.steps:
        expectation = step.expectation
        if step.kind != "request" or expectation is None or not isinstance(expectation.line, RequestLine):
            continue
        if step.sender in bound or any(promise.is_tampered for promise in expectation.walk()):
            continue
        target = text_of(expectation.line.target)
        url = target if "://" in target else urls.get(step.receiver, "") + target
        headers = Headers((str(one.path[0]), value_of(one)) for one in expectation.promises if one.place == "header")
        fields = {
            path_of(one): value_of(one)
            for one in expectation.promises
            if one.place in _PLACES and one.operator != "absent"
        }
        answer = scenario.steps[step.answer] if step.answer is not None else None
        yield Exchange(
            step.sender,
            step.receiver,
            Drawn(expectation.line.method, url, headers, fields),
            _answered(answer),
            step.span,
            answer.span if answer is not None else None,
        )


def _answered(step: Step | None) -> Answered | None:
    line = step.expectation.line if step is not None and step.expectation is not None else None
    if not isinstance(line, StatusLine) or not line.statuses:
        return None
    return Answered(int(line.statuses[0][0]) * 100)


def text_of(template: Template) -> str:
    return "".join(part if isinstance(part, str) else UNKNOWN for part in template.parts)


def value_of(promise: Promise) -> str:
    value = promise.values[0] if promise.values else None
    return value.text if isinstance(value, Plain) else text_of(value) if isinstance(value, Template) else UNKNOWN


def settings_of(scenario: Scenario) -> dict[str, dict[str, str]]:
    """Participant → path → value as drawn."""
    return {who: {path_of(one): value_of(one) for one in promises} for who, promises in scenario.settings.items()}


def urls_of(scenario: Scenario, settings: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Participant → its base address."""
    return {
        one.id: settings.get(one.id, {}).get("url", default_url(one.id)).rstrip("/") for one in scenario.participants
    }
