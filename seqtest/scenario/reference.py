"""`ref over`: the steps of another flow, inlined."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from seqtest.diagram import Diagram, InteractionUse, Note
from seqtest.diagram.expectation import Value
from seqtest.errors import Diagnostic, Finding, did_you_mean
from seqtest.scenario.calls import OpenCalls
from seqtest.scenario.flow import Flow, beside
from seqtest.scenario.givens import give
from seqtest.scenario.messages import unanswered
from seqtest.scenario.names import plain, slug
from seqtest.scenario.place import Decisions, Progress
from seqtest.scenario.walk import Walk
from seqtest.source import Span

_FIRST = re.compile(
    r"(?P<file>[^\[\]]+?\.(?:puml|plantuml|pu|iuml|wsd|mmd|md|rst|adoc))"
    r"(?:::(?P<diagram>[^\[\]]+?))?(?:\[(?P<case>[^\[\]]+)\])?"
)
DEEPEST = 50
"""How many flows may use one another in a chain."""


@dataclass(frozen=True, slots=True)
class Use:
    """An interaction use, read: which flow, which case of it, what it is given and what it hands out."""

    file: str
    diagram: str | None
    case: str | None
    given: dict[str, Value] = field(default_factory=dict)
    keeps: tuple[tuple[str, str], ...] = ()
    span: Span | None = None


def inline(walk: Walk, item: InteractionUse) -> None:
    """Put the other flow's items on the way, and at its end a step that keeps what it hands out."""
    walk.place.progress.has_arrow = True
    use = _read(walk, item)
    flow = None if use is None else _find(walk, use)
    if use is None or flow is None:
        return
    forced = _case(walk, use, flow) if use.case is not None else walk.place.forced
    if use.case is not None and forced is None:
        return
    for participant in flow.diagram.participants:
        walk.participants.setdefault(participant.id, participant)
    place = walk.place
    instance = (*place.instance, id(item))

    def over() -> None:
        unanswered(walk)
        if use.keeps:
            walk.advance(walk.add("keep", "", "", keeps=use.keeps, text=plain(item.lines[0].text), span=item.span))

    walk.later(
        walk.inside(
            flow.diagram.items,
            leave=over,
            flow=flow,
            progress=Progress(),
            calls=OpenCalls(),
            given=give(place.given, use.given),
            instance=instance,
            uses=(*place.uses, place.flow),
            forced=forced,
            forced_from=len(instance) if use.case is not None else place.forced_from,
        )
    )


# ---- reading it ------------------------------------------------------------------------------------------------------


def _read(walk: Walk, item: InteractionUse) -> Use | None:
    lines = [line for line in item.lines if line.text.strip() and not line.text.lstrip().startswith("//")]
    match = _FIRST.fullmatch(lines[0].text.strip()) if lines else None
    if match is None:
        walk.report(
            Finding(
                "SQ308",
                "this names no flow",
                lines[0].span if lines else item.span,
                label="expected a file such as `login.puml`, or one of its cases as in `login.puml[ok]`",
                do="write the flow's file on the first line; words can go below it, behind `//`",
            )
        )
        return None
    given: dict[str, Value] = {}
    keeps: list[tuple[str, str]] = []
    try:
        promises = walk.library.note_promises(Note("over", tuple(lines[1:]), item.participants)) if lines[1:] else ()
    except Diagnostic as error:
        walk.report(*error.findings)
        promises = ()
    for promise in promises:
        name = promise.path[0] if len(promise.path) == 1 else None
        if not isinstance(name, str) or promise.children or promise.is_optional:
            walk.report(_neither(promise.span))
        elif promise.operator == "=" and promise.name is None:
            given[name] = promise.values[0]
        elif promise.name is not None and not promise.values and promise.operator == "present":
            keeps.append((name, promise.name))
        else:
            walk.report(_neither(promise.span))
    return Use(match["file"].strip(), match["diagram"], match["case"], given, tuple(keeps), lines[0].span or item.span)


def _find(walk: Walk, use: Use) -> Flow | None:
    """The flow, read; None after a report of why there is none."""
    path = beside(walk.place.flow, use.file)
    try:
        diagrams = walk.library.open(path) if _may_read(walk, use, path) else ()
        diagram = _one_of(walk, use, diagrams) if diagrams else None
        flow = walk.library.flow(diagram) if diagram is not None else None
    except OSError:
        walk.report(
            Finding(
                "SQ309",
                f"there is no file `{path}`",
                use.span,
                why="a flow's path is relative to the diagram that uses it",
                do="write the path of a flow that is there",
            )
        )
        return None
    except Diagnostic as error:
        walk.report(*error.findings)
        return None
    uses = (*walk.place.uses, walk.place.flow)
    if flow in uses or len(uses) > DEEPEST:
        walk.report(_endless(use, uses))
        return None
    if not diagrams and not walk.findings:
        walk.report(Finding("SQ309", f"there is no diagram in `{path}`", use.span, do="draw the flow there"))
    return flow


def _may_read(walk: Walk, use: Use, path: str) -> bool:
    if walk.library.is_inside(path):
        return True
    walk.report(
        Finding(
            "SQ310",
            f"`{use.file}` lies outside the project",
            use.span,
            why=f"a diagram may only use flows below {walk.library.root}",
            do="move the flow into the project",
        )
    )
    return False


def _one_of(walk: Walk, use: Use, diagrams: Sequence[Diagram]) -> Diagram | None:
    names = [diagram.name for diagram in diagrams]
    chosen = [one for one in diagrams if use.diagram in (None, one.name) or slug(use.diagram or "") == slug(one.name)]
    if len(chosen) == 1:
        return chosen[0]
    walk.report(
        Finding(
            "SQ312",
            f"`{use.file}` has {len(diagrams)} diagrams"
            if use.diagram is None
            else f"no diagram `{use.diagram}` there",
            use.span,
            expected="one of: " + ", ".join(f"{use.file}::{name}" for name in names),
            do=did_you_mean(use.diagram or "", names) or "say which one, as in `flows.puml::login`",
        )
    )
    return None


def _case(walk: Walk, use: Use, flow: Flow) -> Decisions | None:
    """The decisions that lead through the named case of the flow."""
    cases = walk.cases_of(flow, (*walk.place.uses, walk.place.flow))
    wanted = use.case or ""
    for case in cases:
        if wanted in (case.id, case.name) or slug(wanted) == case.id:
            return case.decisions
    circles = [finding for case in cases for finding in case.walk.findings if finding.code == "SQ311"]
    if circles:
        walk.report(circles[0])
        return None
    names = [case.name for case in cases]
    walk.report(
        Finding(
            "SQ312",
            f"`{use.file}` has no case `{wanted}`",
            use.span,
            expected="one of: " + ", ".join(f"`{name}`" for name in names),
            do=did_you_mean(wanted, names) or "write one of its cases, or none of them to play all",
        )
    )
    return None


def _endless(use: Use, uses: Sequence[Flow]) -> Finding:
    return Finding(
        "SQ311",
        "this flow uses itself",
        use.span,
        label=" → ".join((*(flow.path or "this diagram" for flow in uses[-5:]), use.file)),
        do="take what both need into a flow of its own",
    )


def _neither(span: Span | None) -> Finding:
    return Finding(
        "SQ314",
        "this line says neither what the flow is given nor what it hands out",
        span,
        label="expected `name = value` or `name as other`",
        do="write what is to be checked at the arrows of the flow itself",
    )
