"""The verbs, joined: what the command line and the pytest plugin call. Each loads only what it needs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, Literal

from seqtest.errors import UnplayableScenario
from seqtest.exchange import NOTHING

if TYPE_CHECKING:
    from seqtest.diagram import Diagram
    from seqtest.errors import Finding
    from seqtest.run.cast import Cast
    from seqtest.run.drive import Givens
    from seqtest.run.prepare import Prepared
    from seqtest.scenario import Scenario, Script
    from seqtest.scenario.flow import Read
    from seqtest.source import Source
    from seqtest.verdict import Verdict

DEFAULT_SEED = 0


def nowhere(name: str) -> Any:
    """No value comes from outside the diagram."""
    raise KeyError(name)


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


def cases(diagram: "Diagram", *, root: Path | None = None, read: "Read | None" = None) -> "list[Scenario]":
    """Each way through a diagram, in drawn order. `read` reads the flows that it uses, by their paths.

    Raises UnplayableScenario when it cannot be played as drawn.
    """
    from seqtest.scenario.expand import expand

    return expand(diagram, root=root, read=read) if read is not None else expand(diagram, root=root)


@dataclass(frozen=True, slots=True)
class Ready:
    """A case with its cast, checked and prepared; it can be played once."""

    script: "Script"
    cast: "Cast"
    prepared: "Prepared"
    givens: "Givens"


def ready(
    scenario: "Scenario",
    bindings: Mapping[str, Any],
    *,
    givens: "Givens" = NOTHING,
    known_givens: Collection[str] = (),
    outside: Callable[[str], Any] = nowhere,
    seed: int = DEFAULT_SEED,
    start: float | None = None,
) -> Ready:
    """All that happens before a case is played: who plays whom, and that nothing it needs is missing.

    `bindings`: participant → Actor class, WSGI application or callable; stereotypes add the built-in actors.
    `givens`: guard → what makes it true; `known_givens`: guards of other cases that can be made true.
    `outside` gives the value of `{name}` or raises KeyError.
    `start`: seconds since the epoch, by default this moment without its fraction.
    Raises UnplayableScenario and Unanswerable.
    """
    from seqtest.clock import Clock
    from seqtest.run.cast import cast
    from seqtest.run.prepare import prepare
    from seqtest.scenario import Script

    # A guard that no function brings about is prose: whether the diagram can then choose is what guard.check says.
    scenario = replace(scenario, givens=tuple(given for given in scenario.givens if given.text in givens))
    who = cast(scenario.participants, bindings)
    script = Script(scenario, who.bound)
    findings = obstacles(script, {*givens, *known_givens}, outside)
    if findings:
        raise UnplayableScenario(*findings)
    clock = Clock(int(time()) if start is None else start)
    return Ready(script, who, prepare(script, who, clock, seed=seed, outside=outside), givens)


def play(case: Ready, *, command: str = "") -> "Verdict":
    """Play a case and judge it. `command` replays just this case. Raises Unanswerable when no answer can be had."""
    from seqtest.contents.ledger import Ledger
    from seqtest.run.drive import drive
    from seqtest.verdict.judge import judge

    prepared = case.prepared
    trace = drive(case.script, case.cast, prepared.clock, givens=case.givens, prepared=prepared)
    return judge(case.script, trace, prepared.contents, Ledger(prepared.context), command=command)


def obstacles(script: "Script", known_givens: Collection[str], outside: Callable[[str], Any]) -> "list[Finding]":
    """What keeps a case from being played: branches nobody can choose, values that nobody gives."""
    from seqtest.scenario import guard, knowledge

    return [*guard.check(script, known_givens), *knowledge.check(script, outside)]


def check(diagram: "Diagram", explicit: Collection[str] = ()) -> "list[Finding]":
    """What can be said of a diagram without running it: slips, lints, and what would keep a flow from playing.

    What a conftest, an option or the environment may still give is a warning.
    """
    from seqtest.diagram.lint import lint
    from seqtest.errors import Diagnostic
    from seqtest.scenario import Script

    found = [*diagram.slips, *lint(diagram)]
    try:
        who = bound(diagram, explicit)
        for scenario in cases(diagram) if who else ():
            script = Script(scenario, who)
            certain = obstacles(script, {given.text for given in scenario.givens}, lambda name: name)
            possible = obstacles(script, (), nowhere)
            found += [one if one in certain else replace(one, severity="warning") for one in possible]
    except Diagnostic as error:
        found += error.findings
    return list(dict.fromkeys(found))


def diagram_id(diagram: "Diagram", path: Path) -> str:
    """A diagram's name in node ids: what follows `@startuml`, else the file's; ASCII, without blanks or brackets."""
    from seqtest.scenario.names import slug

    return slug(diagram.name) or slug(path.stem) or "diagram"


def diagram_names(diagrams: "Sequence[Diagram]", path: Path) -> list[str]:
    """A name for each diagram of a file of several; one without a name, or with an earlier one's, gets its number."""
    names: list[str] = []
    for number, diagram in enumerate(diagrams, 1):
        name = diagram_id(diagram, path)
        names.append(name if diagram.name and name not in names else f"{name}-{number}")
    return names


def failure_text(
    verdict: "Verdict",
    detail: Literal["long", "short", "line"] = "long",
    *,
    width: int = 100,
    is_coloured: bool = False,
) -> str:
    """What to show of a broken case, secrets masked: everything, the findings alone, or a line.

    `is_coloured`: with the escape codes of a terminal with colours.
    """
    from seqtest.render.failure import failure
    from seqtest.render.grid import ansi, plain

    return failure(verdict, detail=detail, style=ansi if is_coloured else plain, width=width)


def first_line(scenario: "Scenario") -> int:
    """The 1-based line of its file on which the case's first arrow stands."""
    path = scenario.diagram.source.path if scenario.diagram.source else None
    for step in scenario.steps:
        if step.span is not None and (path is None or step.span.path == path):
            return step.span.line
    return scenario.diagram.span.line if scenario.diagram.span else 1
