"""Where a walk stands, what it may spend, and what it has come by."""

from collections.abc import Hashable, Mapping
from dataclasses import field

from seqtest.dataclass import dataclass
from seqtest.diagram.expectation import Value
from seqtest.errors import Finding, UnplayableScenario
from seqtest.exchange import NOTHING
from seqtest.scenario.calls import OpenCalls
from seqtest.scenario.choices import Branching, Way
from seqtest.scenario.flow import Flow
from seqtest.source import Span

Key = tuple[Hashable, ...]
Decisions = Mapping[Key, int]


@dataclass(slots=True)
class Budget:
    """How much an expansion may still do: one for each item that a walk comes by."""

    left: int
    limit: int

    def spend(self, span: Span | None) -> None:
        self.left -= 1
        if self.left < 0:
            raise UnplayableScenario(
                Finding(
                    "SQ305",
                    f"this drawing unfolds into more than {self.limit:,} arrows",
                    span,
                    label="here it went over the limit",
                    why="every branch is a case of its own, and every repetition is played",
                    do="repeat less often, or divide the drawing into several and join them with `ref over`",
                )
            )


@dataclass(slots=True)
class Progress:
    """How far the flow around has come."""

    has_arrow: bool = False
    is_ended: bool = False
    """A `break` was taken: the rest of this flow does not happen."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the walk stands."""

    flow: Flow
    progress: Progress
    way: Way
    calls: OpenCalls
    stage: str = ""
    given: Mapping[str, Value] = field(default_factory=lambda: NOTHING)
    lane: tuple[tuple[int, int], ...] = ()
    iteration: tuple[tuple[int, int], ...] = ()
    critical: int | None = None
    critical_depth: int = 0
    """How many lanes were around the `critical` fragment."""
    instance: Key = ()
    """The interaction uses (and, for all combinations, the turns of loops) that lead here."""
    uses: tuple[Flow, ...] = ()
    """The flows around this one."""
    used_at: Span | None = None
    """The outermost interaction use around."""
    forced: Decisions | None = None
    """The decisions of the case that an interaction use names, by instance below `forced_from`."""
    forced_from: int = 0


@dataclass(frozen=True, slots=True)
class Met:
    """A branching come by: the way taken, and those that could have been."""

    point: Branching
    taken: int
    allowed: tuple[int, ...]
    is_named: bool
    """An interaction use says which way to take."""

    @property
    def way(self) -> Way:
        return self.point.ways[self.taken]

    @property
    def is_free(self) -> bool:
        return (len(self.allowed) > 1 and not self.is_named) or (len(self.point.ways) == 1 and not self.is_named)

    @property
    def others(self) -> tuple[int, ...]:
        """The ways that other walks can take here."""
        return () if self.is_named else tuple(index for index in self.allowed if index != self.taken)
