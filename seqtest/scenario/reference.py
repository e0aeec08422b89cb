"""`ref over`: the steps of another flow, inlined."""

from collections.abc import Sequence

from seqtest.diagram import Diagram, InteractionUse
from seqtest.errors import Diagnostic, Finding, did_you_mean
from seqtest.scenario.calls import OpenCalls
from seqtest.scenario.flow import Flow, beside
from seqtest.scenario.givens import give
from seqtest.scenario.messages import unanswered
from seqtest.scenario.names import plain, slug
from seqtest.scenario.names_of_flow import reach_somebody
from seqtest.scenario.place import Decisions, Progress
from seqtest.scenario.use import Use, read_use
from seqtest.scenario.walk import Walk

DEEPEST = 50
"""How many flows may use one another in a chain."""


def inline(walk: Walk, item: InteractionUse) -> None:
    """Put the other flow's items on the way, and at its end a step that keeps what it hands out."""
    walk.place.progress.has_arrow = True
    use = read_use(walk, item)
    flow = None if use is None else _find(walk, use)
    if use is None or flow is None:
        return
    forced = _case(walk, use, flow) if use.case is not None else walk.place.forced
    if use.case is not None and forced is None:
        return
    reach_somebody(walk, use, flow)
    for participant in flow.diagram.participants:
        walk.participants.setdefault(participant.id, participant)
    place = walk.place
    instance = (*place.instance, id(item))

    def over() -> None:
        unanswered(walk)
        if use.keeps:
            text, covered = plain(item.lines[0].text), item.participants
            walk.advance(walk.add("keep", "", "", keeps=use.keeps, covered=covered, text=text, span=item.span))

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
            used_at=place.used_at or item.span,
            forced=forced,
            forced_from=len(instance) if use.case is not None else place.forced_from,
        )
    )


def _find(walk: Walk, use: Use) -> Flow | None:
    """The flow, read; None after a report of why there is none."""
    path = beside(walk.place.flow, use.file)
    try:
        diagrams = walk.flows.open(path) if _may_read(walk, use, path) else ()
        diagram = _one_of(walk, use, diagrams) if diagrams else None
        flow = walk.flows.flow(diagram) if diagram is not None else None
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
    if walk.flows.is_inside(path):
        return True
    walk.report(
        Finding(
            "SQ310",
            f"`{use.file}` lies outside the project",
            use.span,
            why=f"a diagram may only use flows below {walk.flows.root}",
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
