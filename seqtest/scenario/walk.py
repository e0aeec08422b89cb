"""One way through a diagram, walked from its first item to its last.

Theory of operation. What is still to come lies on a stack (`todo`): items of the drawing, and small functions that run
when the walk gets there (entering a lane, leaving a fragment). A fragment puts its operands on the stack instead of
calling itself, so drawings may nest deeper than Python recurses. Where the walk stands in the nesting is a frozen
`Place`, swapped on entering and swapped back on leaving.

The order of steps is kept as a *frontier*: the steps that the next one must come after. A step usually becomes the
frontier; an asynchronous one joins it only at the end of the fragment around it; `par` starts each lane from the same
frontier and joins them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from seqtest.dataclass import dataclass, replace
from seqtest.diagram import Item, Participant
from seqtest.diagram.expectation import Expectation, Plain, Promise, Segment
from seqtest.errors import Finding
from seqtest.scenario.calls import OpenCalls
from seqtest.scenario.choices import Branching, Option, Way, branching
from seqtest.scenario.flow import Flow, Library
from seqtest.scenario.names import plain
from seqtest.scenario.place import Budget, Decisions, Key, Met, Place, Progress
from seqtest.scenario.scenario import Choice, Given, OptionalIteration, Pause, Step, StepKind
from seqtest.source import Span

Task = Callable[[], None]
SettingKey = tuple[str, tuple[Segment, ...]]
IN_BRACES = re.compile(r"\{\s*([\w.]+)\s*\}")


class Walk:
    """A walk, and what it has found so far."""

    def __init__(
        self,
        flows: Library,
        flow: Flow,
        top: Way,
        decisions: Mapping[Branching, int],
        budget: Budget,
        *,
        synchronous: frozenset[Key],
        loop_limit: int,
        combinations: bool,
        uses: tuple[Flow, ...] = (),
        cases_of: "CasesOf",
    ) -> None:
        self.flows, self.decisions, self.budget = flows, decisions, budget
        self.loop_limit, self.combinations, self.synchronous = loop_limit, combinations, synchronous
        self.cases_of = cases_of
        self.place = Place(flow, Progress(), top, OpenCalls(), uses=uses)
        self.todo: list[Item | Task] = []
        self.steps: list[Step] = []
        self.frontier: tuple[int, ...] = ()
        self.pending: list[int] = []
        """Asynchronous steps that the end of the fragment waits for."""
        self.fan: dict[int, int] = {}
        """Requests drawn side by side (`A -> B & C`), each with the last step of its own strand."""
        self.previous_after: tuple[int, ...] = ()
        self.settings: dict[SettingKey, Promise] = {}
        self.guard_settings: dict[SettingKey, Promise] = {}
        self.optional: list[OptionalIteration] = []
        self.givens: list[Given] = []
        self.met: list[Met] = []
        self.stages: dict[str, None] = {}
        self.participants: dict[str, Participant] = {}
        self.used: set[str] = set()
        self.destroyed: dict[str, Span | None] = {}
        self.answered_async: set[Key] = set()
        self.lookalikes: dict[int, Span | None] = {}
        """Request → a dotted arrow that looks like its answer and is none."""
        self.findings: list[Finding] = []
        self._numbers: dict[str, int] = {}

    # ---- what is still to come ---------------------------------------------------------------------------------------

    def later(self, items: Sequence[Item | Task]) -> None:
        """Put these before all else that is still to come."""
        self.todo.extend(reversed(items))

    def inside(self, items: Sequence[Item | Task], *, leave: Task | None = None, **changes: Any) -> list[Item | Task]:
        """The items, walked at a place changed like this; asynchronous steps in them end with them."""
        saved: list[Any] = []

        def enter() -> None:
            saved.extend((self.place, self.pending))
            self.place = replace(self.place, **changes)
            self.pending = []

        def out() -> None:
            self.frontier = joined(self.frontier, tuple(self.pending))
            if leave is not None:
                leave()
            self.place, self.pending = saved

        return [enter, *items, out]

    def number(self, what: str) -> int:
        """A number of its own for each `par`, `loop` …, from 0."""
        self._numbers[what] = self._numbers.get(what, -1) + 1
        return self._numbers[what]

    def report(self, *findings: Finding) -> None:
        self.findings.extend(findings)

    def filled(self, text: str) -> str:
        """A delay or a loop's guard with what a row, a `ref` or a setting gives for its names in braces."""
        if "{" not in text:
            return text

        def value(match: re.Match[str]) -> str:
            first, *path = match[1].split(".")
            key = (first, tuple(path))
            drawn = (self.guard_settings.get(key) or self.settings.get(key)) if path else None
            given = drawn.values[0] if drawn is not None and drawn.values else self.place.given.get(match[1])
            return str(given.value) if isinstance(given, Plain) else match[0]

        return IN_BRACES.sub(value, text)

    # ---- branchings ----------------------------------------------------------------------------------------------

    def choose(
        self, item: object, operator: str, options: Callable[[], Sequence[Option]], default: int, span: Span | None
    ) -> Way | None:
        """The way to take at a branching; None when no way can be taken in this case.

        `options` is asked once, by the first walk that comes by.
        """
        key = (*self.place.instance, id(item))
        point = branching(self.place.way, key, operator, options, span)
        allowed = self._allowed(point)
        if not allowed:
            self.report(_no_way(operator, span))
            return None
        index = self._pick(point, key, allowed, default)
        self.met.append(Met(point, index, allowed, is_named=self.place.forced is not None))
        self._note_guard(point.ways[index].option)
        return point.ways[index]

    def _pick(self, point: Branching, key: Key, allowed: Sequence[int], default: int) -> int:
        place = self.place
        if place.forced is not None:
            named = place.forced.get(tuple(part for part in key[place.forced_from :] if isinstance(part, int)))
            if named is not None and named not in allowed:
                self.report(_cannot_hold(point.ways[named].option, place.used_at))
            index = default if named is None else named
            return index if index in allowed else allowed[0]
        if point in self.decisions and self.decisions[point] in allowed:
            return self.decisions[point]
        if point.has_settings:
            settled = [index for index in allowed if self._holds(point.ways[index].option)]
            return (settled or ([default] if default in allowed else allowed))[0]
        return default if default in allowed else allowed[0]

    def _allowed(self, point: Branching) -> tuple[int, ...]:
        """What does not contradict the settings that other guards have made in this case."""
        if not point.has_settings:
            return point.all
        options = [(index, point.ways[index].option) for index in point.all]
        held = any(self._holds(option) for _, option in options)
        return tuple(
            index
            for index, option in options
            if not (self._contradicts(option) or (held and option.setting is None and not option.text))
        )

    def _holds(self, option: Option) -> bool:
        known = self._guarded(option)
        return known is not None and option.setting is not None and known.values == option.setting[1].values

    def _contradicts(self, option: Option) -> bool:
        known = self._guarded(option)
        return known is not None and option.setting is not None and known.values != option.setting[1].values

    def _guarded(self, option: Option) -> Promise | None:
        return self.guard_settings.get((option.setting[0], option.setting[1].path)) if option.setting else None

    def _note_guard(self, option: Option) -> None:
        if option.setting is not None:
            participant, promise = option.setting
            self.guard_settings[participant, promise.path] = promise
        elif option.text and option.holds is None and not option.passes_by and not option.is_row:
            self.givens.append(Given(plain(option.text), len(self.steps), option.span))

    def branch(self, way: Way, items: Sequence[Item | Task], **changes: Any) -> list[Item | Task]:
        """The items of a way, walked within it; the first walk that takes it keeps what it drew, for the guards."""
        start: list[int] = []

        def begin() -> None:
            start.append(len(self.steps))

        def keep() -> None:
            if way.opening is None:
                way.opening = tuple(self.steps[start[0] :])

        return self.inside([begin, *items], leave=keep, way=way, **changes)

    # ---- steps -------------------------------------------------------------------------------------------------------

    def add(
        self,
        kind: StepKind,
        sender: str,
        receiver: str,
        *,
        expectation: Expectation | None = None,
        pause: Pause | None = None,
        call: int = -1,
        after: tuple[int, ...] | None = None,
        is_async: bool = False,
        is_lost: bool = False,
        keeps: tuple[tuple[str, str], ...] = (),
        covered: tuple[str, ...] = (),
        number: str | None = None,
        text: str = "",
        span: Span | None = None,
    ) -> int:
        """Add a step at this place; its index. Who adds it moves the frontier."""
        place, index = self.place, len(self.steps)
        self.steps.append(
            Step(
                index,
                kind,
                sender,
                receiver,
                expectation,
                pause,
                call,
                None,
                self.frontier if after is None else after,
                is_async,
                is_lost,
                place.critical,
                place.lane,
                place.iteration,
                place.given,
                keeps,
                covered,
                place.stage,
                number,
                text,
                span,
                place.used_at,
            )
        )
        return index

    def advance(self, index: int) -> None:
        """This step is what the next one comes after."""
        self.previous_after = self.steps[index].after
        self.frontier = (index,)
        self.fan = {index: index}

    def choices(self) -> tuple[Choice, ...]:
        return tuple(Choice(met.point.operator, met.point.branches(), met.taken, met.is_free) for met in self.met)


@dataclass(frozen=True, slots=True)
class Case:
    """A walk with its name; `decisions` lead through the same flow again when another one uses it."""

    id: str
    """Empty when nothing branches."""
    name: str
    decisions: Decisions
    walk: Walk


CasesOf = Callable[[Flow, tuple[Flow, ...]], Sequence[Case]]


def joined(frontier: Iterable[int], more: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys((*frontier, *more)))


def _cannot_hold(option: Option, used_at: Span | None) -> Finding:
    return Finding(
        "SQ319",
        f"the case that this `ref` names cannot be played here: `{plain(option.text) or 'else'}` does not hold",
        used_at,
        why="a value that is given here, or an earlier guard's setting, contradicts it",
        do="name another case, or give another value",
        also=((option.span, "its guard"),) if option.span is not None else (),
    )


def _no_way(operator: str, span: Span | None) -> Finding:
    return Finding(
        "SQ319",
        f"no operand of this `{operator}` can hold in a case that an earlier guard's setting, or a row, has made",
        span,
        do="add an `else`, or give the guards the same setting and values",
    )
