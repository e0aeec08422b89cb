"""The verbs, joined: what the command line and the pytest plugin call. Each loads only what it needs."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, Literal

from seqtest.dataclass import dataclass, replace
from seqtest.errors import UnplayableScenario
from seqtest.exchange import NOTHING

if TYPE_CHECKING:
    from seqtest.diagram import Diagram, Message
    from seqtest.diagram.expectation import Expectation
    from seqtest.errors import Finding
    from seqtest.hygiene.rule import Lint
    from seqtest.run.cast import Cast
    from seqtest.run.drive import Givens
    from seqtest.run.live import Reach
    from seqtest.run.prepare import Prepared
    from seqtest.scenario import Scenario, Script
    from seqtest.scenario.flow import Read
    from seqtest.verdict import Verdict

DEFAULT_SEED = 0


def nowhere(name: str) -> Any:
    """No value comes from outside the diagram."""
    raise KeyError(name)


def read(path: Path | str, *, name: str | None = None, raw: bytes | None = None) -> "list[Diagram]":
    """Every diagram of a file. `name` is what messages call the file; by default its path as given.

    `raw`: what the file holds, for a caller that has read it.

    Raises UnreadableDiagram, and OSError when the file cannot be opened.
    """
    from seqtest.diagram.read import load
    from seqtest.diagram.read import read as read_source

    return read_source(load(path, name, raw))


def bound(diagram: "Diagram", explicit: Collection[str]) -> frozenset[str]:
    """The participants that somebody plays: drawn ones of `explicit`, and those with the stereotype of a kind.

    Raises UnplayableScenario for stereotypes that are nearly a kind.
    """
    who, _, wrong = _bound_as_far_as_known(diagram, explicit)
    if wrong:
        raise UnplayableScenario(*wrong)
    return who


def uses_flows(diagram: "Diagram") -> bool:
    """Whether a `ref over` in it names the file of another flow."""
    from seqtest.diagram import InteractionUse
    from seqtest.scenario.use import first_line

    return any(isinstance(item, InteractionUse) and first_line(item)[1] is not None for item in diagram.walk())


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
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Name → the value from outside, of those that were asked for."""


def ready(
    scenario: "Scenario",
    bindings: Mapping[str, Any],
    *,
    givens: "Givens" = NOTHING,
    known_givens: Collection[str] = (),
    outside: Callable[[str], Any] = nowhere,
    told: "dict[str, Any] | None" = None,
    seed: int = DEFAULT_SEED,
    start: float | None = None,
    reach: "Reach | None" = None,
) -> Ready:
    """All that happens before a case is played: who plays whom, and that nothing it needs is missing.

    `bindings`: participant → Actor class, WSGI application, base URL or callable; stereotypes add the built-in actors.
    `givens`: guard → what makes it true; `known_givens`: guards of other cases that can be made true.
    `outside` gives the value of `{name}` or raises KeyError; `told` is filled with what it gave.
    `start`: seconds since the epoch, by default this moment without its fraction; with a live server it is always now.
    `reach`: what a run with live servers may do.
    Raises UnplayableScenario and Unanswerable.
    """
    from seqtest.clock import Clock
    from seqtest.run.cast import cast
    from seqtest.run.prepare import prepare
    from seqtest.scenario import Script

    # A guard that no function brings about is prose: whether the diagram can then choose is what guard.check says.
    scenario = replace(scenario, givens=tuple(given for given in scenario.givens if given.text in givens))
    who = cast(scenario.participants, bindings)
    clock = Clock(int(time()) if start is None else start)
    if who.live:
        from seqtest.run.live import Reach, WallClock, connected

        who, clock = connected(who, scenario, reach or Reach()), WallClock()
    script = Script(scenario, who.bound, who.user_agents)
    given = {} if told is None else told

    def remembered(name: str) -> Any:
        value = given[name] = outside(name)
        return value

    findings = obstacles(script, {*givens, *known_givens}, remembered)
    if findings:
        raise UnplayableScenario(*findings)
    return Ready(
        script,
        who,
        prepare(script, who, clock, seed=seed, outside=remembered, hosts=reach.hosts if reach else ()),
        givens,
        given,
    )


def play(
    case: Ready,
    *,
    command: str = "",
    lints: "Sequence[Lint] | None" = None,
    timeout_seconds: float | None = None,
) -> "Verdict":
    """Play a case and judge it. `command` replays just this case. Raises Unanswerable when no answer can be had.

    `lints`: what of hygiene a kept run is warned of (`seqtest.hygiene.table.chosen`); None for those that are on by
    themselves.
    `timeout_seconds`: how long a participant may take over one message, 0 for ever; None for the usual.
    UnplayableScenario when a guard is a setting at which nobody has looked.
    """
    from seqtest.contents.ledger import Ledger
    from seqtest.run.drive import drive
    from seqtest.run.watch import TIMEOUT_SECONDS
    from seqtest.verdict.judge import judge

    prepared = case.prepared
    limit = TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds
    trace = drive(case.script, case.cast, prepared.clock, givens=case.givens, prepared=prepared, timeout_seconds=limit)
    verdict = judge(case.script, trace, prepared.contents, Ledger(prepared.context), command=command)
    verdict = replace(verdict, held=(case.given, *prepared.context.settings.values()))
    if not verdict.is_kept:
        return verdict
    from seqtest.hygiene.lint import lint_run
    from seqtest.hygiene.table import chosen

    context = prepared.context
    on = chosen() if lints is None else lints
    warnings = lint_run(case.script, trace, context.urls, context.settings, on) if on else []
    if case.script.scenario.settings:
        warnings += _unread(case)
    return replace(verdict, warnings=(*verdict.warnings, *warnings)) if warnings else verdict


def _unread(case: Ready) -> "list[Finding]":
    """Warnings of settings that nobody reads. Raises UnplayableScenario for a guard at which nobody has looked."""
    from seqtest.run.unread import guards_passed_over, never_read

    prepared = case.prepared
    passed_over = guards_passed_over(case.script, prepared.with_table, prepared.read)
    if passed_over:
        raise UnplayableScenario(*passed_over)
    return never_read(case.script, prepared.with_table, prepared.read)


def obstacles(script: "Script", known_givens: Collection[str], outside: Callable[[str], Any]) -> "list[Finding]":
    """What keeps a case from being played: slips of names, branches nobody can choose, values that nobody gives."""
    from seqtest.diagram.lint import meant_for
    from seqtest.scenario import guard, knowledge

    return [
        *meant_for(script.scenario.diagram, script.bound),
        *guard.check(script, known_givens),
        *knowledge.check(script, outside),
    ]


def forget() -> None:
    """Let go of what cases of one diagram share: those that follow are another one's."""
    from seqtest.contents.promised import said_by
    from seqtest.scenario import drawn

    said_by.forget()
    drawn.read.forget()


def check(diagram: "Diagram", explicit: Collection[str] = (), lints: "Sequence[Lint] | None" = None) -> "list[Finding]":
    """All that can be said of a diagram without running it: slips, lints, and what would keep a flow from playing.

    One error hides no other: a label is read whatever the stereotypes are, and the flow is followed without the notes
    that cannot be read. What a conftest, an option or the environment may still give is a warning, and so is all that
    is wrong with checks in a drawing in which nobody is bound. Most of what stands at its arrows must read as checks;
    else it is prose. `lints` of hygiene are warnings, too; None for those that are on by themselves.
    """
    from seqtest.diagram.lint import lint
    from seqtest.diagram.purpose import is_meant_as_flow

    who, user_agents, wrong = _bound_as_far_as_known(diagram, explicit)
    found = [*diagram.slips, *lint(diagram)]
    if who or wrong:
        found = [replace(slip, severity="error") for slip in diagram.slips] + found[len(diagram.slips) :]
        found += [*wrong, *_unplayable(replace(diagram, slips=()), who, user_agents, is_cast=not wrong)]
    elif is_meant_as_flow(diagram):
        unplayable = _unplayable(replace(diagram, slips=()), who, user_agents, is_cast=False)
        found += [replace(one, severity="warning") for one in unplayable]
    found += _unhygienic(replace(diagram, slips=()), who, lints)
    return sorted(dict.fromkeys(found), key=_place)


def _unhygienic(diagram: "Diagram", who: frozenset[str], lints: "Sequence[Lint] | None") -> "list[Finding]":
    """What of hygiene the drawing itself shows; nothing for prose, and what cannot be played."""
    from seqtest.diagram.purpose import is_meant_as_flow
    from seqtest.errors import Diagnostic
    from seqtest.hygiene.lint import lint_drawing
    from seqtest.hygiene.table import chosen
    from seqtest.scenario.expand import expand

    if not (who or is_meant_as_flow(diagram)):
        return []
    try:
        scenarios = expand(diagram)
    except Diagnostic:
        return []
    return lint_drawing(scenarios, who, chosen() if lints is None else lints)


def has_checks(diagram: "Diagram") -> bool:
    """Whether a label is a request's or a response's, or would be one: else the drawing is prose."""
    from seqtest.diagram.expectation import ActionLine
    from seqtest.diagram.label import label_of
    from seqtest.errors import UnreadableDiagram

    for message in diagram.messages():
        try:
            line = label_of(message).line
        except UnreadableDiagram:
            return True
        if not isinstance(line, ActionLine):
            return True
    return False


def _place(finding: "Finding") -> tuple[str, int, int]:
    return (finding.span.path, finding.span.line, finding.span.column) if finding.span else ("", 0, 0)


def _bound_as_far_as_known(
    diagram: "Diagram", explicit: Collection[str]
) -> "tuple[frozenset[str], frozenset[str], list[Finding]]":
    """Who is bound, who is a browser, and what is wrong with the stereotypes of the others."""
    from seqtest.run.cast import BROWSER, kind_of

    who: set[str] = set()
    user_agents: set[str] = set()
    wrong: list[Finding] = []
    for participant in diagram.participants:
        try:
            kind = None if participant.id in explicit else kind_of(participant)
            if kind == BROWSER:
                user_agents.add(participant.id)
            elif participant.id in explicit or kind is not None:
                who.add(participant.id)
        except UnplayableScenario as error:
            wrong += error.findings
    return frozenset(who), frozenset(user_agents), wrong


def _unplayable(
    diagram: "Diagram", who: frozenset[str], user_agents: frozenset[str], *, is_cast: bool
) -> "list[Finding]":
    """What would keep the flow from playing. `is_cast`: whether it is certain who is bound."""
    from seqtest.diagram import promise
    from seqtest.errors import Diagnostic, UnreadableDiagram
    from seqtest.scenario import Script
    from seqtest.scenario.expand import expand

    found: list[Finding] = []

    def expect(message: "Message") -> "Expectation":
        try:
            return promise.expect(message)
        except UnreadableDiagram as error:
            found.extend(error.findings)
            return promise.expect(replace(message, notes=()))

    try:
        scenarios = expand(diagram, expect=expect)
    except Diagnostic as error:
        return [*found, *error.findings]
    if found:
        return found  # a value drawn in a note that cannot be read would be missed everywhere behind it
    for scenario in scenarios:
        script = Script(scenario, who, user_agents)
        certain = obstacles(script, {given.text for given in scenario.givens}, lambda name: name)
        possible = obstacles(script, (), nowhere)
        found += [one if one in certain else replace(one, severity="warning") for one in possible]
    # What a participant can do depends on who plays it; what has been drawn by an arrow does not.
    return found if is_cast else [one for one in found if one.code in ("SQ360", "SQ361", "SQ362")]


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


def masked(finding: "Finding", verdict: "Verdict") -> "Finding":
    """A finding of a run without the run's secrets."""
    from seqtest.render.failure import masked
    from seqtest.render.mask import masker_of

    return masked(finding, masker_of(verdict))


def masked_error(findings: "Iterable[Finding]", scenario: "Scenario", told: Mapping[str, Any]) -> "Iterator[Finding]":
    """What kept a case from being played, without the secrets of its drawing and of the values from outside."""
    from seqtest.render.failure import masked
    from seqtest.render.mask import Masker, secrets_of_scenario, secrets_of_settings

    masker = Masker({*secrets_of_scenario(scenario), *secrets_of_settings(told)})
    return (masked(finding, masker) for finding in findings)


def first_line(scenario: "Scenario") -> int:
    """The 1-based line of its file on which the case's first arrow stands."""
    path = scenario.diagram.source.path if scenario.diagram.source else None
    for step in scenario.steps:
        if step.span is not None and (path is None or step.span.path == path):
            return step.span.line
    return scenario.diagram.span.line if scenario.diagram.span else 1
