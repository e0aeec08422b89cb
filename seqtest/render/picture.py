"""What a picture shows, row by row, whatever it is painted with, before any column is measured."""

from collections.abc import Iterator, Sequence
from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.diagram import (
    CombinedFragment,
    Delay,
    Diagram,
    Divider,
    DurationConstraint,
    InteractionUse,
    Item,
    LifeEvent,
    Message,
    NewPage,
    Note,
    Participant,
)
from seqtest.render.creole import said, split
from seqtest.render.grid import clean, unmarked

State = Literal["", "passed", "failed", "told", "not reached", "unexpected"]


@dataclass(frozen=True, slots=True)
class Column:
    """A lifeline. `is_gate`: the border of the drawing, without head and line."""

    id: str
    name: str
    is_bound: bool = False
    is_gate: bool = False
    is_created: bool = False
    """Its head stands at the arrow that creates it."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Lines beside an arrow: the author's note, or what a run found."""

    lines: tuple[str, ...]
    side: Literal["left", "right", "margin"] = "margin"
    role: str = ""


@dataclass(frozen=True, slots=True)
class ArrowRow:
    """One message between columns; equal ones make a self message."""

    sender: int
    receiver: int
    lines: tuple[str, ...]
    head: Literal["filled", "open", "cross", "none"] = "filled"
    is_dotted: bool = False
    number: str = ""
    state: State = ""
    remarks: tuple[Remark, ...] = ()
    creates: bool = False
    life: tuple[tuple[str, int], ...] = ()
    """What it does to lifelines: `("activate", column)`."""


@dataclass(frozen=True, slots=True)
class NoteRow:
    first: int
    last: int
    lines: tuple[str, ...]
    tab: str = ""
    """`ref`, or nothing."""
    state: State = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A line across the whole picture: a divider, or a delay."""

    kind: Literal["divider", "delay"]
    text: str
    state: State = ""


@dataclass(frozen=True, slots=True)
class OpenRow:
    operator: str
    guard: str


@dataclass(frozen=True, slots=True)
class ElseRow:
    guard: str


@dataclass(frozen=True, slots=True)
class CloseRow:
    pass


@dataclass(frozen=True, slots=True)
class LifeRow:
    events: tuple[tuple[str, int], ...]


Row = ArrowRow | NoteRow | RuleRow | OpenRow | ElseRow | CloseRow | LifeRow


@dataclass(frozen=True, slots=True)
class Picture:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    title: str = ""


def shown_lines(text: str) -> tuple[str, ...]:
    """A label, a name or a guard as the lines that a reader sees, without its markup."""
    return tuple(clean(said(line)).strip() for part in text.split("\n") for line, _ in split(part)) if text else ()


def columns_of(
    participants: Sequence[Participant],
    used: Sequence[str],
    bound: frozenset[str] = frozenset(),
    created: frozenset[str] = frozenset(),
) -> tuple[Column, ...]:
    """The lifelines from left to right, with a gate at each border that an arrow touches."""
    columns = [
        Column(p.id, " ".join(shown_lines(p.name)) or p.id, p.id in bound, is_created=p.id in created)
        for p in participants
    ]
    left = [Column("[", "", is_gate=True)] if "[" in used else []
    right = [Column("]", "", is_gate=True)] if "]" in used else []
    return (*left, *columns, *right)


def ends_of(message: Message) -> tuple[str, str]:
    """The ids of sender and receiver, a gate as `[` or `]`."""
    gate = "]" if message.gate is not None and message.gate.side == "right" else "["
    return message.sender or gate, message.receiver or gate


def head_of(message: Message) -> Literal["filled", "open", "cross", "none"]:
    head = message.arrow.head
    if head in ("cross", "none"):
        return "cross" if head == "cross" else "none"
    return "open" if head.startswith("open") else "filled"


def picture_of_diagram(diagram: Diagram) -> Picture:
    """The drawing as its author made it, nothing played."""
    used = [end for message in diagram.messages() for end in ends_of(message)]
    created = frozenset(event.participant for event in _life(diagram.items) if event.kind == "create")
    columns = columns_of(diagram.participants, used, created=created)
    index = {column.id: position for position, column in enumerate(columns)}
    return Picture(columns, tuple(_rows(diagram.items, index)), " ".join(shown_lines(diagram.title or "")))


def _life(items: Sequence[Item]) -> Iterator[LifeEvent]:
    stack = list(items)
    while stack:
        item = stack.pop()
        if isinstance(item, LifeEvent):
            yield item
        elif isinstance(item, Message):
            yield from item.life
        elif isinstance(item, CombinedFragment):
            stack.extend(inner for operand in item.operands for inner in operand.items)


def _rows(items: Sequence[Item], index: dict[str, int]) -> Iterator[Row]:
    # An explicit stack, as in `Diagram.walk`: drawings nest deeper than Python recurses.
    created: set[str] = set()
    stack: list[Item | Row] = list(reversed(items))
    while stack:
        item = stack.pop()
        match item:
            case CombinedFragment():
                stack.extend(reversed(list(_opened(item))))
            case LifeEvent(kind="create"):
                created.add(item.participant)
            case Message():
                yield from _arrows(item, index, created)
            case ArrowRow() | NoteRow() | RuleRow() | OpenRow() | ElseRow() | CloseRow() | LifeRow():
                yield item
            case _:
                yield from row_of(item, index)


def _opened(fragment: CombinedFragment) -> Iterator[Item | Row]:
    for number, operand in enumerate(fragment.operands):
        guard = " ".join(shown_lines(operand.guard))
        yield ElseRow(guard) if number else OpenRow(fragment.operator, " ".join(filter(None, (fragment.title, guard))))
        yield from operand.items
    yield CloseRow()
    yield from fragment.notes


def row_of(item: Item, index: dict[str, int]) -> Iterator[Row]:
    """The row of an item that is neither a message nor a fragment; none for what has no picture in text."""
    match item:
        case Note():
            yield _note(item, index)
        case InteractionUse():
            places = sorted(index[name] for name in item.participants if name in index) or [0, len(index) - 1]
            lines = tuple(line for text in item.lines for line in shown_lines(text.text))
            yield NoteRow(places[0], places[-1], lines, "ref")
        case Divider():
            yield RuleRow("divider", " ".join(shown_lines(item.text)))
        case Delay():
            yield RuleRow("delay", " ".join(shown_lines(item.text)))
        case NewPage():
            yield RuleRow("divider", item.title or "")
        case DurationConstraint():
            yield RuleRow("delay", " ".join(shown_lines(item.text)))
        case LifeEvent() if item.participant in index:
            yield LifeRow(((item.kind, index[item.participant]),))
        case _:
            return


def _note(note: Note, index: dict[str, int]) -> NoteRow:
    places = sorted(index[name] for name in note.participants if name in index) or [0, len(index) - 1]
    return NoteRow(places[0], places[-1], note_lines(note))


def note_lines(note: Note) -> tuple[str, ...]:
    """A note's lines with their indentation, which says what holds what."""
    return tuple(clean(unmarked(line.text)).rstrip() for line in note.lines)


def _arrows(message: Message, index: dict[str, int], created: set[str]) -> Iterator[ArrowRow]:
    sender, receiver = ends_of(message)
    remarks = tuple(
        Remark(note_lines(note), "left" if note.position == "left" else "right", "dim") for note in message.notes
    )
    life = tuple((event.kind, index[event.participant]) for event in message.life if event.participant in index)
    creates = receiver in created or any(kind == "create" for kind, _ in life)
    created.discard(receiver)
    for number, end in enumerate((receiver, *message.more_receivers)):
        if sender in index and end in index:
            yield ArrowRow(
                index[sender],
                index[end],
                shown_lines(message.text) if not number else (),
                head_of(message),
                message.arrow.is_dotted,
                message.number or "" if not number else "",
                remarks=remarks if not number else (),
                creates=creates and not number,
                life=life if not number else (),
            )
