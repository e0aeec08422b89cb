"""The verbs, joined: what the command line and the pytest plugin call. Each loads only what it needs."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqtest.errors import UnplayableScenario

if TYPE_CHECKING:
    from seqtest.diagram import Diagram
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

    Raises Diagnostic for a stereotype that is nearly a kind.
    """
    from seqtest.run.cast import bound_participants

    return bound_participants(diagram, explicit)


def cases(diagram: "Diagram", *, root: Path | None = None) -> "list[Scenario]":
    """Each way through a diagram, in drawn order. Raises UnplayableScenario when it cannot be played as drawn."""
    from seqtest.scenario.expand import expand

    if diagram.slips:
        raise UnplayableScenario(*(replace(slip, severity="error") for slip in diagram.slips))
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


def diagram_id(diagram: "Diagram", path: Path) -> str:
    """A diagram's name in node ids: what follows `@startuml`, else the file's; ASCII, without blanks or brackets."""
    return slug(diagram.name) or slug(path.stem) or "diagram"


def slug(text: str) -> str:
    """ASCII letters, digits, dots and underscores, with `-` for each run of anything else."""
    from unicodedata import normalize

    plain = normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.]+", "-", plain).strip("-.")


def failure_text(verdict: "Verdict", detail: str) -> str:
    """What to show of a broken case. `detail`: `long`, `native` (a traceback whole), `short`, `line`."""
    from seqtest.errors import lay_out

    first = verdict.failures[0]
    if detail in ("line", "no"):
        return f"{first.severity}[{first.code}]: {first.message}"
    return "\n\n".join(lay_out(finding) for finding in verdict.failures)


def first_line(scenario: "Scenario") -> int:
    """The 1-based line of its file on which the case's first arrow stands."""
    path = scenario.diagram.source.path if scenario.diagram.source else None
    for step in scenario.steps:
        if step.span is not None and (path is None or step.span.path == path):
            return step.span.line
    return scenario.diagram.span.line if scenario.diagram.span else 1
