"""Every way of making a flow wrong by one line turns it red: the drawings of `diagrams/`, broken line by line."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqtest import api
from seqtest.diagram.read import read
from seqtest.errors import Diagnostic
from seqtest.source import Source

DIAGRAMS = Path(__file__).parents[2] / "diagrams"
FLOWS = [
    *sorted(DIAGRAMS.glob("*.puml")),
    DIAGRAMS / "openid-connect/browser.puml",
    DIAGRAMS / "relying-party/sign-in.puml",
]
START = 1_767_225_600.0
PROMISE = re.compile(r"^(?P<indent>\s+)(?P<path>[\w.]+) (?P<operator>=|:|<=|>=|contains) (?P<value>.+)$")
HEADER = re.compile(r"^(?P<indent>\s+)(?P<path>[A-Z][\w-]*): (?P<value>.+)$")


def verdicts(text: str) -> Iterator[bool]:
    """Whether each case of the drawing is kept; a drawing that is refused is not."""
    try:
        (diagram,) = read(Source("flow.puml", text))
        for scenario in api.cases(diagram):
            yield api.play(api.ready(scenario, {}, start=START)).is_kept
    except Diagnostic:
        yield False


def checked_lines(path: Path) -> list[int]:
    """The 0-based lines of the promises that are checked: those of a bound sender's arrows, answers among them."""
    (diagram,) = api.read(path)
    found: set[int] = set()
    for scenario in api.cases(diagram):
        bound = api.bound(diagram, ())
        for step in scenario.steps:
            if step.expectation is not None and step.sender in bound:
                found |= {promise.span.line - 1 for promise in step.expectation.walk() if promise.span is not None}
    return sorted(found)


def wrong_promises(path: Path) -> Iterator[tuple[str, str]]:
    """The drawing with one checked value made another, each with what was changed."""
    lines = path.read_text().split("\n")
    for number in checked_lines(path):
        line = lines[number]
        match = PROMISE.match(line) or HEADER.match(line)
        if line.endswith(" absent"):
            changed = line.removesuffix(" absent") + " present"
        elif line.endswith(" present"):
            changed = line.removesuffix(" present") + " absent"
        elif match is not None and match["path"] == "WWW-Authenticate":
            changed = line.replace("Bearer", "DPoP").replace("Basic", "Digest")
        elif match is not None and line.partition(" : ")[2] in ("jwt", "opaque"):
            changed = line.replace(" : jwt", " : opaque").replace(" : opaque", " : integer")
        elif match is not None:
            changed = line[: match.start("value")] + "something-else"
        else:
            continue
        yield (
            f"{path.name}:{number + 1}: {changed.strip()}",
            "\n".join([*lines[:number], changed, *lines[number + 1 :]]),
        )


def statuses(path: Path) -> Iterator[tuple[str, str]]:
    """The drawing with one drawn status of a bound participant made another."""
    text = path.read_text()
    (diagram,) = api.read(path)
    bound = api.bound(diagram, ())
    for match in re.finditer(r"(?m)^\s*(\S+) --> \S+( --)? : (\d{3})( [\w ]+)?$", text):
        status = "202" if match[3] != "202" else "200"
        if match[1] in bound:
            line = text.count("\n", 0, match.start(3)) + 1
            changed = text[: match.start(3)] + status + text[match.end() :]
            yield f"{path.name}:{line}: {match[0].strip()} as {status}", changed


def arrows(path: Path) -> Iterator[tuple[str, str]]:
    """The drawing without one arrow of a bound participant (and its note), and with one twice.

    What an action gives back need not be drawn, so it is only doubled.
    """
    (diagram,) = api.read(path)
    bound = api.bound(diagram, ())
    results = {step.span for case in api.cases(diagram) for step in case.steps if step.kind == "result"}
    lines = path.read_text().split("\n")
    for message in diagram.messages():
        if message.sender not in bound or message.span is None:
            continue
        first = message.span.line - 1
        last = max(
            (note.lines[-1].span.line + (1 if note.is_block else 0) for note in message.notes), default=first + 1
        )
        if message.span not in results:
            yield f"{path.name}:{first + 1} left out", "\n".join([*lines[:first], *lines[last:]])
        yield f"{path.name}:{first + 1} twice", "\n".join([*lines[:last], *lines[first:last], *lines[last:]])


def every_break() -> Iterator[tuple[str, str]]:
    for path in FLOWS:
        yield from wrong_promises(path)
        yield from statuses(path)
        yield from arrows(path)


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_the_flows_themselves_are_kept(path: Path) -> None:
    """Unbroken, every case of every flow is green; else the rest of this file would show nothing."""
    results = list(verdicts(path.read_text()))

    assert results
    assert all(results)


BREAKS = dict(every_break())


@pytest.mark.parametrize("name", BREAKS, ids=lambda name: re.sub(r"[^\w.:-]+", "-", name)[:80])
def test_one_wrong_line_turns_it_red(name: str) -> None:
    """A flow with one wrong line is never green in all its cases."""
    assert not all(verdicts(BREAKS[name]))
