"""`par`: lanes that start together, go on in any interleaving, and are all over before what follows."""

from seqtest.diagram import CombinedFragment, Item
from seqtest.scenario.calls import OpenCalls
from seqtest.scenario.walk import Task, Walk, joined


def side_by_side(walk: Walk, fragment: CombinedFragment) -> None:
    """Fork and join. Each lane has its own open requests; what it leaves open may be answered behind the `par`."""
    place, fork, number = walk.place, walk.frontier, walk.number("par")
    ends: list[tuple[int, ...]] = []

    def start() -> None:
        walk.frontier, walk.fan, walk.previous_after = fork, {}, fork

    def over() -> None:
        ends.append(walk.frontier)
        start()

    def join() -> None:
        for calls in frames:
            calls.merge_into(place.calls)
        moved = [end for end in ends if end != fork]
        walk.frontier = joined((), (step for end in moved or [fork] for step in end))

    tasks: list[Item | Task] = []
    frames = [OpenCalls(place.calls) for _ in fragment.operands]
    for index, (operand, calls) in enumerate(zip(fragment.operands, frames, strict=True)):
        lane = (*place.lane, (number, index))
        tasks += walk.inside([start, *operand.items], leave=over, lane=lane, calls=calls)
    walk.later([*tasks, join])
