"""The verbs, joined: what the command line and the pytest plugin call. Each loads only what it needs."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from seqtest.diagram import Diagram
    from seqtest.errors import Finding
    from seqtest.scenario import Scenario
    from seqtest.source import Source
    from seqtest.verdict import Verdict

DEFAULT_SEED = 0


def read(path: Path | str, *, name: str | None = None) -> "list[Diagram]":
    """Every diagram of a file. `name` is what messages call the file; by default its path as given.

    Raises UnreadableDiagram, and OSError when the file cannot be opened.
    """
    from seqtest.diagram.read import load
    from seqtest.diagram.read import read as read_source

    source: Source = load(path)
    return read_source(source if name is None else replace(source, path=name))


def bound(diagram: "Diagram", explicit: Collection[str]) -> frozenset[str]:
    """The participants that somebody plays: drawn ones of `explicit`, and those with the stereotype of a kind.

    Raises UnplayableScenario for a stereotype that is nearly a kind, or a kind that nobody plays yet.
    """
    from seqtest.run.cast import kind_of

    return frozenset(p.id for p in diagram.participants if p.id in explicit or kind_of(p) is not None)


def cases(diagram: "Diagram", *, root: Path | None = None) -> "list[Scenario]":
    """Each way through a diagram, in drawn order. Raises UnplayableScenario when it cannot be played as drawn."""
    from seqtest.scenario.expand import expand

    return list(expand(diagram, root=root))


def run(
    scenario: "Scenario",
    bindings: Mapping[str, Any],
    *,
    givens: Mapping[str, Callable[[], Any]] | None = None,
    outside: Callable[[str], Any] | None = None,
    seed: int = DEFAULT_SEED,
    command: str = "",
) -> "Verdict":
    """Play one case and judge it.

    `bindings`: participant → Actor class, WSGI application or callable; stereotypes add the built-in actors.
    `outside` gives the value of `{name}` or raises KeyError. `command` replays just this case.
    Raises UnplayableScenario before anything runs, Unanswerable when playing ends without an answer.
    """
    raise NotImplementedError


def check(diagram: "Diagram", explicit: Collection[str] = ()) -> "list[Finding]":
    """What can be said of a diagram without running it: slips, lints, and what would keep a flow from playing."""
    from seqtest.diagram.lint import lint
    from seqtest.errors import Diagnostic

    found = [*diagram.slips, *lint(diagram)]
    try:
        who = bound(diagram, explicit)
        if who:
            for scenario in cases(diagram):
                found += obstacles(scenario, who)
    except Diagnostic as error:
        found += error.findings
    return list(dict.fromkeys(found))


def diagram_id(diagram: "Diagram", path: Path) -> str:
    """A diagram's name in node ids: what follows `@startuml`, else the file's; ASCII, without blanks or brackets."""
    from seqtest.scenario.names import slug

    return slug(diagram.name) or slug(path.stem) or "diagram"


def failure_text(verdict: "Verdict", detail: Literal["long", "short", "line"] = "long", *, width: int = 100) -> str:
    """What to show of a broken case, secrets masked: everything, the findings alone, or a line."""
    from seqtest.render.failure import failure

    return failure(verdict, detail=detail, width=width)


def first_line(scenario: "Scenario") -> int:
    """The 1-based line of its file on which the case's first arrow stands."""
    path = scenario.diagram.source.path if scenario.diagram.source else None
    for step in scenario.steps:
        if step.span is not None and (path is None or step.span.path == path):
            return step.span.line
    return scenario.diagram.span.line if scenario.diagram.span else 1
