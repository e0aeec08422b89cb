"""How each kind of combined fragment unfolds: a table, an idea a file."""

from collections.abc import Callable, Mapping

from seqtest.diagram import CombinedFragment
from seqtest.errors import Finding
from seqtest.scenario.fragments.branches import each_operand, ended_or_not, with_and_without
from seqtest.scenario.fragments.frames import at_one_go, named_stage
from seqtest.scenario.fragments.lanes import side_by_side
from seqtest.scenario.fragments.loops import again
from seqtest.scenario.walk import Walk

EXPANSIONS: Mapping[str, Callable[[Walk, CombinedFragment], None]] = {
    "alt": each_operand,
    "opt": with_and_without,
    "break": ended_or_not,
    "loop": again,
    "par": side_by_side,
    "par2": side_by_side,
    "critical": at_one_go,
    "group": named_stage,
    "partition": named_stage,
}

SEVERAL_OPERANDS = ("alt", "par", "par2")


def unfold(walk: Walk, fragment: CombinedFragment) -> None:
    """Put on the walk's way what the fragment means."""
    if fragment.operator not in SEVERAL_OPERANDS and len(fragment.operands) > 1:
        second = fragment.operands[1]
        walk.report(
            Finding(
                "SQ306",
                f"`{second.keyword}` in a `{fragment.operator}` means nothing",
                second.span,
                do="write `alt` for one of several ways, or `par` for several at once",
                also=((fragment.span, "opened here"),) if fragment.span else (),
            )
        )
    if fragment.is_parallel:
        walk.report(
            Finding(
                "SQ322",
                f"`& {fragment.operator}` cannot be played yet",
                fragment.span,
                do="put both into the operands of a `par`",
            )
        )
    EXPANSIONS[fragment.operator](walk, fragment)


__all__ = ["EXPANSIONS", "unfold"]
