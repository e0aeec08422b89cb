"""The cases of a flow: every way on at every branching, in at least one walk."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from seqtest.dataclass import dataclass, replace
from seqtest.diagram import CombinedFragment, Delay, Divider, InteractionUse, LifeEvent, Message, Note
from seqtest.errors import Finding
from seqtest.scenario.choices import Branching, Way, in_drawn_order, root
from seqtest.scenario.delay import pause
from seqtest.scenario.flow import Flow, Library
from seqtest.scenario.fragments import unfold
from seqtest.scenario.lives import follow
from seqtest.scenario.messages import place_message, unanswered
from seqtest.scenario.names import plain
from seqtest.scenario.notes import place_note
from seqtest.scenario.place import Budget, Key
from seqtest.scenario.reference import inline
from seqtest.scenario.walk import Case, Walk
from seqtest.source import Span


def _divide(walk: Walk, divider: Divider) -> None:
    stage = plain(divider.text)
    if stage:
        walk.stages[stage] = None
    walk.place = replace(walk.place, stage=stage)


def _wait(walk: Walk, delay: Delay) -> None:
    text = walk.filled(delay.text)
    time = pause(replace(delay, text=text))
    if isinstance(time, Finding):
        walk.report(time)
    elif time is not None:
        walk.advance(walk.add("delay", "", "", pause=time, text=text.strip(), span=delay.span))


HANDLERS: Mapping[type, Callable[[Walk, object], None]] = {
    Message: place_message,  # type: ignore[dict-item]  # a handler is called with items of its own type only
    CombinedFragment: unfold,  # type: ignore[dict-item]
    InteractionUse: inline,  # type: ignore[dict-item]
    Note: place_note,  # type: ignore[dict-item]
    Divider: _divide,  # type: ignore[dict-item]
    Delay: _wait,  # type: ignore[dict-item]
    LifeEvent: follow,  # type: ignore[dict-item]
}
"""What a walk does at each kind of item. Those that are not here are looks only."""


def go(walk: Walk) -> Walk:
    """Walk to the end."""
    walk.later(walk.place.flow.diagram.items)
    todo, budget = walk.todo, walk.budget
    span: Span | None = None
    while todo:
        entry = todo.pop()
        if callable(entry):
            budget.spend(span)
            entry()
            continue
        if walk.place.progress.is_ended:
            continue
        span = entry.span
        budget.spend(span)
        handle = HANDLERS.get(type(entry))
        if handle is not None:
            handle(walk, entry)
    unanswered(walk)
    return walk


@dataclass(slots=True)
class Explorer:
    """Walks a flow until every way on has been taken, or, on demand, every combination of them."""

    flows: Library
    budget: Budget
    loop_limit: int
    combinations: bool = False

    def cases(self, flow: Flow, uses: tuple[Flow, ...] = ()) -> list[Case]:
        """The cases in drawn order, with unique ids."""
        top = root()
        found = self._all(flow, top, uses) if self.combinations else self._each(flow, top, uses)
        order = {id(way): number for number, way in enumerate(in_drawn_order(top))}
        found.sort(key=lambda pair: [order[id(way)] for way in pair[1]])
        return [_case(walk, ways) for walk, ways in found]

    def _each(self, flow: Flow, top: Way, uses: tuple[Flow, ...]) -> list[tuple[Walk, list[Way]]]:
        """The first walk takes the first operand everywhere, every other one differs from it in one place."""
        found: list[tuple[Walk, list[Way]]] = []
        seen: set[Way] = {top}
        # Those whose ways are all seen or waiting: later walks need not look again.
        settled: set[Branching] = set()
        taken_before: set[tuple[Way, ...]] = set()
        todo: list[tuple[Way, dict[Branching, int]]] = [(top, {})]
        for target, decisions in todo:
            walk = self._walk(flow, top, decisions, uses)
            ways = tuple(met.way for met in walk.met)
            if ways not in taken_before:
                taken_before.add(ways)
                found.append((walk, [_leaf(walk, target)]))
            seen.update(ways)
            for met in walk.met:
                if met.point in settled:
                    continue
                if not (met.is_named or met.point.has_settings):
                    settled.add(met.point)
                for index in met.others:
                    way = met.point.ways[index]
                    if way not in seen:
                        seen.add(way)
                        todo.append((way, {**decisions, met.point: index}))
        self._all_taken(found, top)
        return found

    def _all(self, flow: Flow, top: Way, uses: tuple[Flow, ...]) -> list[tuple[Walk, list[Way]]]:
        found: list[tuple[Walk, list[Way]]] = []
        todo: list[dict[Branching, int]] = [{}]
        while todo:
            decisions = todo.pop()
            walk = self._walk(flow, top, decisions, uses)
            found.append((walk, _leaves(walk, top)))
            before: dict[Branching, int] = {}
            for met in walk.met:
                if met.point not in decisions:
                    todo.extend({**before, met.point: index} for index in met.others)
                before[met.point] = met.taken
        return found

    def _walk(self, flow: Flow, top: Way, decisions: Mapping[Branching, int], uses: tuple[Flow, ...]) -> Walk:
        """Walk once; and again when `->>` requests turned out to have drawn answers, so that these are waited for."""
        synchronous: frozenset[Key] = frozenset()
        while True:
            walk = Walk(
                self.flows,
                flow,
                top,
                decisions,
                self.budget,
                synchronous=synchronous,
                loop_limit=self.loop_limit,
                combinations=self.combinations,
                uses=uses,
                cases_of=Explorer(self.flows, self.budget, self.loop_limit).cases,
            )
            go(walk)
            if walk.answered_async <= synchronous:
                return walk
            synchronous |= walk.answered_async

    def _all_taken(self, found: Sequence[tuple[Walk, list[Way]]], top: Way) -> None:
        """Report operands that no case can reach, since the settings of the guards around contradict them."""
        named = {id(met.point) for walk, _ in found for met in walk.met if met.is_named}
        ways = in_drawn_order(top)
        taken = {way.option.span for way in ways if way.opening is not None}
        for way in ways:
            if way.point is None or way.opening is not None or id(way.point) in named:
                continue
            is_ruled_out = way.index not in way.point.all
            if is_ruled_out and (way.option.span in taken or len(way.point.key) > 1):
                continue  # another row takes it, or another use of the flow in which it is drawn may
            found[0][0].report(_unreachable(way, is_ruled_out))


def _unreachable(way: Way, is_ruled_out: bool) -> Finding:
    return Finding(
        "SQ319",
        f"no case can reach this operand: `{plain(way.option.text)}`",
        way.option.span,
        why="no row has such a value"
        if is_ruled_out
        else "an earlier guard sets the same setting to another value in every case",
        do="add a row, or take the operand out"
        if is_ruled_out
        else "nest the fragments, or give the guards the same values",
    )


def _leaves(walk: Walk, top: Way) -> list[Way]:
    """The ways of a walk in which it takes no other."""
    ways = [met.way for met in walk.met if met.is_free]
    inner = {id(way.point.inside_of) for way in ways if way.point is not None}
    leaves = list(dict.fromkeys(way for way in ways if id(way) not in inner))
    return leaves or [top]


def _leaf(walk: Walk, target: Way) -> Way:
    """What a case is called by: the way it is for, and the first one inside that, down to the last."""
    inside: dict[int, list[Way]] = {}
    for met in walk.met:
        if met.is_free:
            inside.setdefault(id(met.point.inside_of), []).append(met.way)
    while ways := inside.get(id(target)):
        target = next((way for way in ways if not way.option.passes_by), ways[0])
    return target


def _case(walk: Walk, ways: Iterable[Way]) -> Case:
    named = [way for way in ways if way.point is not None]
    return Case(
        "+".join(way.id for way in named),
        " + ".join(way.name for way in named),
        {met.point.key: met.taken for met in walk.met},
        walk,
    )
