"""What differs between two diagrams: each participant and item of both, in drawn order, nested as drawn."""

from collections.abc import Iterator
from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.diagram.model import Diagram, Item, Participant

Kind = Literal["same", "added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing about an item that is not as it was: `what` names it (`label`, `note`, `sender`, `guard`)."""

    what: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A participant of either diagram or of both."""

    kind: Kind
    old: Participant | None
    new: Participant | None
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """An operand of a fragment of either diagram or of both."""

    kind: Kind
    old_guard: str
    new_guard: str
    changes: "tuple[Change, ...]"


@dataclass(frozen=True, slots=True)
class Change:
    """An item of either diagram or of both. `moved` stands where it is now, and is not there where it was."""

    kind: Kind
    old: Item | None
    new: Item | None
    details: tuple[Detail, ...] = ()
    lanes: tuple[Lane, ...] = ()

    @property
    def item(self) -> Item:
        """The item as it is now, or was."""
        item = self.new if self.new is not None else self.old
        assert item is not None  # noqa: S101 - a change is of something
        return item


@dataclass(frozen=True, slots=True)
class Difference:
    old: Diagram
    new: Diagram
    columns: tuple[Column, ...]
    """As they stand now, with those that are gone where they were."""
    changes: tuple[Change, ...]
    names: tuple[tuple[str, str], ...] = ()
    """Old code → new code of participants that are in both."""
    titles: tuple[Detail, ...] = ()
    """The title and what else stands around the drawing."""

    @property
    def is_none(self) -> bool:
        """Whether both say the same."""
        kinds = {column.kind for column in self.columns} | {change.kind for change in self.walk()}
        return kinds <= {"same"} and not self.titles and all(lane.kind == "same" for lane in self._lanes())

    def walk(self) -> Iterator[Change]:
        """Every change, fragments before what they hold."""
        return walk(self.changes)

    def _lanes(self) -> Iterator[Lane]:
        return (lane for change in self.walk() for lane in change.lanes)


def walk(changes: tuple[Change, ...]) -> Iterator[Change]:
    """Every change below, fragments before what they hold."""
    stack = list(reversed(changes))
    while stack:
        change = stack.pop()
        yield change
        stack.extend(inner for lane in reversed(change.lanes) for inner in reversed(lane.changes))
