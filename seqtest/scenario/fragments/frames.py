"""`group`, `partition` and `critical`: one operand, under a name or at one go."""

from seqtest.diagram import CombinedFragment, Item
from seqtest.errors import Finding
from seqtest.scenario.names import plain
from seqtest.scenario.walk import Walk


def named_stage(walk: Walk, fragment: CombinedFragment) -> None:
    """`group`: a named stage in the report, and nothing else."""
    stage = plain(fragment.title or fragment.operands[0].guard)
    if stage:
        walk.stages[stage] = None
    walk.later(walk.inside(_items(fragment), stage=stage or walk.place.stage))


def at_one_go(walk: Walk, fragment: CombinedFragment) -> None:
    """`critical`: nothing from outside happens in between."""
    place = walk.place
    if place.critical is None:
        number = walk.number("critical")
        walk.later(walk.inside(_items(fragment), critical=number, critical_depth=len(place.lane)))
        return
    if place.critical_depth != len(place.lane):
        walk.report(
            Finding(
                "SQ321",
                "a `critical` in a lane of a `par` that stands in a `critical` cannot be played yet",
                fragment.span,
                do="leave out one of the two",
            )
        )
    walk.later(walk.inside(_items(fragment)))


def _items(fragment: CombinedFragment) -> tuple[Item, ...]:
    return tuple(item for operand in fragment.operands for item in operand.items)
