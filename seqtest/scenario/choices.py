"""The tree of places where a diagram branches, shared by every way through it."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import field

from seqtest.dataclass import dataclass
from seqtest.diagram.expectation import Promise
from seqtest.scenario.names import plain, slug, unique
from seqtest.scenario.scenario import Branch, Step
from seqtest.source import Span

Setting = tuple[str, Promise]
"""A participant's id and its setting."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way on, as drawn."""

    text: str
    """The guard as written; empty when there is none."""
    name: str
    """What the case is called."""
    setting: Setting | None = None
    holds: bool | None = None
    """Whether a guard about a value that a row or a `ref` gives holds; None for any other guard."""
    is_row: bool = False
    passes_by: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True, eq=False)
class Way:
    """One way on at a branching; the root of the tree is the diagram itself."""

    point: "Branching | None"
    index: int
    option: Option
    segment: str = ""
    """Its part of a case's id, unique within the way around it."""
    inside: "dict[Hashable, Branching]" = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    """Segments in use by the ways inside."""
    opening: tuple[Step, ...] | None = None
    """What it draws, once a walk has taken it."""

    def above(self) -> "Iterator[Way]":
        """This way and those around it, innermost first, without the root."""
        way = self
        while way.point is not None:
            yield way
            way = way.point.inside_of

    @property
    def id(self) -> str:
        return "/".join(reversed([way.segment for way in self.above()]))

    @property
    def name(self) -> str:
        return " / ".join(reversed([way.option.name for way in self.above()]))


@dataclass(slots=True, eq=False)
class Branching:
    """A place where the diagram branches."""

    operator: str
    key: tuple[Hashable, ...]
    inside_of: Way
    span: Span | None
    ways: list[Way] = field(default_factory=list)
    has_settings: bool = False
    """Some of its guards are settings, so what is possible depends on the case."""
    all: tuple[int, ...] = ()
    """The indices of its ways, without those that the values given here rule out."""
    made: tuple[Branch, ...] | None = None

    def branches(self) -> tuple[Branch, ...]:
        """Its ways as data; asked for when all walks are over, so each has its steps."""
        if self.made is None:
            self.made = self._branches()
        return self.made

    def _branches(self) -> tuple[Branch, ...]:
        return tuple(
            Branch(
                "" if way.option.passes_by else plain(way.option.text),
                way.opening or (),
                is_settled=way.option.setting is not None or way.option.holds is not None or way.option.is_row,
                setting=way.option.setting,
                span=way.option.span,
            )
            for way in self.ways
        )


def root() -> Way:
    return Way(None, 0, Option("", ""))


def branching(
    around: Way, key: tuple[Hashable, ...], operator: str, options: Callable[[], Sequence[Option]], span: Span | None
) -> Branching:
    """The branching of that key within a way; made, with its names, when it is met for the first time."""
    point = around.inside.get(key)
    if point is None:
        point = around.inside[key] = Branching(operator, key, around, span)
        for index, option in enumerate(options()):
            segment = unique(slug(option.name) or operator, around.names)
            point.ways.append(Way(point, index, option, segment))
        point.all = _possible(point.ways)
        point.has_settings = any(way.option.setting is not None for way in point.ways)
    return point


def _possible(ways: Sequence[Way]) -> tuple[int, ...]:
    """The ways whose guards are true of the given values; where none is, those whose guards say nothing of them."""
    true = tuple(way.index for way in ways if way.option.holds)
    return true or tuple(way.index for way in ways if way.option.holds is None)


def in_drawn_order(top: Way) -> list[Way]:
    """Every way of the tree, each before what is inside it."""
    # An explicit stack: drawings nest deeper than Python recurses.
    ways: list[Way] = []
    stack = [top]
    while stack:
        way = stack.pop()
        ways.append(way)
        stack.extend(inner for point in reversed(way.inside.values()) for inner in reversed(point.ways))
    return ways
