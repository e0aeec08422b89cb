"""What a drawing says before it is run: what its scripted participants will send, its settings, and its words."""

import re
from collections.abc import Callable, Iterator, Mapping

from seqtest.contents.settings import default_url, path_of
from seqtest.diagram.expectation import Plain, Promise, RequestLine, StatusLine, Template
from seqtest.exchange import Headers
from seqtest.hygiene.exchange import UNKNOWN, Answered, Asked, Exchange, Fault, Faults
from seqtest.scenario import Scenario, Step
from seqtest.source import Span

_PLACES = ("field", "query", "form", "json", "body")


class Drawn(Asked):
    """A request as its note draws it: values in braces are not known yet."""

    def __init__(self, method: str, url: str, headers: Headers, fields: Mapping[str, str]) -> None:
        super().__init__(method, url, headers)
        in_query = method in ("GET", "HEAD", "DELETE")
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
        target = _text(expectation.line.target)
        url = target if "://" in target else urls.get(step.receiver, "") + target
        headers = Headers((str(one.path[0]), _value(one)) for one in expectation.promises if one.place == "header")
        fields = {
            path_of(one): _value(one)
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


def _text(template: Template) -> str:
    return "".join(part if isinstance(part, str) else UNKNOWN for part in template.parts)


def _value(promise: Promise) -> str:
    value = promise.values[0] if promise.values else None
    return value.text if isinstance(value, Plain) else _text(value) if isinstance(value, Template) else UNKNOWN


def settings_of(scenario: Scenario) -> dict[str, dict[str, str]]:
    """Participant → path → value as drawn."""
    return {who: {path_of(one): _value(one) for one in promises} for who, promises in scenario.settings.items()}


def urls_of(scenario: Scenario, settings: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Participant → its base address."""
    return {
        one.id: settings.get(one.id, {}).get("url", default_url(one.id)).rstrip("/") for one in scenario.participants
    }


# Settings and words

_SECRETS: Mapping[str, re.Pattern[str]] = {
    "a signed token": re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,}"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\"d\"\s*:\s*\"[\w-]{20,}\""),
    "a name and a password": re.compile(r"\bAuthorization:\s*Basic\s+[A-Za-z0-9+/]{12,}={0,2}", re.IGNORECASE),
}
_STORAGE = re.compile(r"\b(?:localStorage|sessionStorage)\b")


def secret_in_diagram(scenario: Scenario) -> Faults:
    for what, pattern in _SECRETS.items():
        for span in _spans(scenario, pattern):
            yield Fault(f"{what} is written into the drawing", span)


def browser_storage(scenario: Scenario) -> Faults:
    for span in _spans(scenario, _STORAGE):
        yield Fault("a token is kept where scripts can read it", span)


def redirect_wildcard(scenario: Scenario) -> Faults:
    for path, promise in _settings(scenario):
        if path.endswith((".redirect_uri", ".redirect_uris")) and "*" in _value(promise):
            yield Fault("a redirect address is registered with a pattern in it", promise.span, _value(promise))


def clock_skew(scenario: Scenario) -> Faults:
    from seqtest.scenario import duration

    for path, promise in _settings(scenario):
        seconds = duration.seconds(_value(promise)) if path.rpartition(".")[2] in ("leeway", "clock_skew") else None
        if seconds is not None and seconds > 300:
            yield Fault(
                "a verifier takes tokens long after they have expired", promise.span, f"{path} = {_value(promise)}"
            )


def _settings(scenario: Scenario) -> Iterator[tuple[str, Promise]]:
    for promises in scenario.settings.values():
        yield from ((path_of(promise), promise) for promise in promises)


def _spans(scenario: Scenario, pattern: re.Pattern[str]) -> Iterator[Span]:
    source = scenario.diagram.source
    for number, line in enumerate(source.text.split("\n") if source is not None else (), 1):
        if source is not None and not line.lstrip().startswith("'"):
            for match in pattern.finditer(line):
                yield Span.at(source, number + source.first_line - 1, match.start() + 1, len(match[0]))


LOOKS: Mapping[str, Callable[[Scenario], Faults]] = {
    "secret-in-diagram": secret_in_diagram,
    "browser-storage": browser_storage,
    "redirect-wildcard": redirect_wildcard,
    "clock-skew": clock_skew,
}
"""Lints of the drawing's text and settings, by name."""
