"""A diagram's meaning, with everything that is drawn: nothing dropped, nothing resolved against a run.

Items are in drawn order and nested as drawn. Spans say where a value came from and take no part in comparing it.
"""

from collections.abc import Iterator
from dataclasses import field
from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.errors import Finding
from seqtest.source import Source, Span

ParticipantKind = Literal["participant", "actor", "boundary", "control", "entity", "database", "collections", "queue"]
Head = Literal["filled", "open", "cross", "filled-top", "filled-bottom", "open-top", "open-bottom", "none"]
Side = Literal["left", "right"]
Operator = Literal["alt", "opt", "loop", "par", "par2", "break", "critical", "group", "partition"]
MessageKind = Literal["call", "async", "reply", "lost"]


def _span() -> Span | None:
    return field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    """`[[url{tooltip} label]]`."""

    url: str
    tooltip: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a text as written (blanks at its start kept relative to the text's common indentation)."""

    text: str
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Box:
    title: str | None
    color: str | None = None
    stereotypes: tuple[str, ...] = ()
    parent: int | None = None
    """Index in `Diagram.boxes` of the box around this one."""
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Participant:
    """A named column of the drawing. `id` is PlantUML's code, `name` the shown text as written."""

    id: str
    name: str
    kind: ParticipantKind = "participant"
    stereotypes: tuple[str, ...] = ()
    """The texts between `<<` and `>>`, trimmed."""
    order: int = 0
    color: str | None = None
    link: Link | None = None
    box: int | None = None
    is_declared: bool = True
    """False when an arrow, a note or an activation made it appear."""
    lines: tuple[TextLine, ...] = ()
    """The lines of the bracket form."""
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Note:
    """A note, hanging on a message (`participants` empty) or standing at participants."""

    position: Literal["left", "right", "top", "bottom", "over", "across"]
    lines: tuple[TextLine, ...]
    participants: tuple[str, ...] = ()
    shape: Literal["note", "hnote", "rnote"] = "note"
    stereotypes: tuple[str, ...] = ()
    color: str | None = None
    link: Link | None = None
    is_aligned: bool = False
    """`/ note`: in the row of the note before."""
    is_parallel: bool = False
    is_block: bool = False
    """Written over several lines with `end note` (so `\\n` in it is literal)."""
    span: Span | None = _span()

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """`activate`, `deactivate`, `create`, `destroy`; by a message's suffix (`Message.life`) or on a line of its own."""

    kind: Literal["activate", "deactivate", "create", "destroy"]
    participant: str
    color: str | None = None
    border: str | None = None
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Arrow:
    """How a message looks. `head` is the mark at the receiver, `tail` the one at the sender."""

    head: Head = "filled"
    tail: Head = "none"
    is_dotted: bool = False
    is_hidden: bool = False
    is_reversed: bool = False
    """Written from right to left (`A <- B`)."""
    color: str | None = None
    circle_at_start: bool = False
    circle_at_end: bool = False
    slant: int = 0
    text: str = field(default="->", compare=False)
    """The arrow as written."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The border of the drawing that a message comes from or goes to."""

    side: Side
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One arrow: who sends what to whom. `None` is the border (`gate` says which)."""

    sender: str | None
    receiver: str | None
    text: str
    """The label as written, trimmed."""
    arrow: Arrow = Arrow()
    gate: Gate | None = None
    notes: tuple[Note, ...] = ()
    life: tuple[LifeEvent, ...] = ()
    """What the suffix (`++`, `--`, `**`, `!!`) or `autoactivate` or `return` does, in order."""
    more_receivers: tuple[str, ...] = ()
    """`A -> B & C`."""
    is_return: bool = False
    """Written as `return`."""
    is_parallel: bool = False
    number: str | None = None
    """What autonumber shows, without markup."""
    number_markup: str | None = None
    """The same with the markup of its format; None where no format was given."""
    anchors: tuple[tuple[Literal["row", "start", "end"], str], ...] = ()
    stereotypes: tuple[str, ...] = ()
    link: Link | None = None
    span: Span | None = _span()
    """The whole statement."""
    text_span: Span | None = _span()
    """The label alone."""

    @property
    def kind(self) -> MessageKind:
        if self.arrow.head == "cross":
            return "lost"
        if self.arrow.is_dotted:
            return "reply"
        return "async" if self.arrow.head.startswith("open") else "call"


@dataclass(frozen=True, slots=True)
class Operand:
    """One lane of a combined fragment; `guard` is its text as written."""

    guard: str
    items: "tuple[Item, ...]"
    keyword: str = "else"
    """`else` or `also`; the first operand has the fragment's own word."""
    color: str | None = None
    span: Span | None = _span()
    guard_span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class CombinedFragment:
    """alt, opt, loop, par, break, critical, group, partition and their operands."""

    operator: Operator
    operands: tuple[Operand, ...]
    title: str = ""
    """The tab's text for `group`; otherwise empty."""
    color: str | None = None
    tab_color: str | None = None
    notes: tuple[Note, ...] = ()
    """Message notes written right after its `end`."""
    is_closed: bool = True
    is_parallel: bool = False
    span: Span | None = _span()
    """The opening line."""
    end_span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class InteractionUse:
    """`ref over`."""

    participants: tuple[str, ...]
    lines: tuple[TextLine, ...]
    color: str | None = None
    link: Link | None = None
    notes: tuple[Note, ...] = ()
    is_block: bool = False
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Divider:
    text: str
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Delay:
    text: str
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Space:
    pixels: int | None = None
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class NewPage:
    title: str | None = None
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class DurationConstraint:
    """`{a} <-> {b} : text`."""

    start: str
    end: str
    text: str
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A statement with no executable meaning (skinparam, style, sprite, hide, scale …), kept as written."""

    keyword: str
    text: str
    span: Span | None = _span()


Item = (
    Message
    | Note
    | CombinedFragment
    | InteractionUse
    | Divider
    | Delay
    | Space
    | NewPage
    | LifeEvent
    | DurationConstraint
    | Verbatim
)


@dataclass(frozen=True, slots=True)
class Furniture:
    """title, caption, header, footer, legend, mainframe: text around the drawing."""

    kind: Literal["title", "caption", "header", "footer", "legend", "mainframe"]
    lines: tuple[TextLine, ...]
    alignment: tuple[str, ...] = ()
    """The position words as written: `("top", "left")`."""
    is_block: bool = False
    span: Span | None = _span()

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Diagram:
    """One `@startuml … @enduml` block."""

    name: str
    """What follows `@startuml`; empty when nothing does."""
    participants: tuple[Participant, ...]
    """From left to right as drawn; without those that `hide unlinked` leaves out."""
    items: tuple[Item, ...]
    boxes: tuple[Box, ...] = ()
    furniture: tuple[Furniture, ...] = ()
    source: Source | None = field(default=None, compare=False, repr=False)
    span: Span | None = _span()
    slips: tuple[Finding, ...] = field(default=(), compare=False, repr=False)
    """What PlantUML draws without a word and is surely not meant (an `alt` never closed, a note that follows nothing):
    warnings when checked, errors when run."""

    @property
    def title(self) -> str | None:
        """The last title's text, or None."""
        titles = [piece.text for piece in self.furniture if piece.kind == "title"]
        return titles[-1] if titles else None

    def participant(self, id: str) -> Participant:
        """The participant with that code. Raises KeyError when there is none."""
        for participant in self.participants:
            if participant.id == id:
                return participant
        raise KeyError(id)

    def walk(self) -> Iterator[Item]:
        """Every item in drawn order, fragments before what they hold."""
        yield from walk(self.items)

    def messages(self) -> Iterator[Message]:
        """Every message in drawn order."""
        for item in self.walk():
            if isinstance(item, Message):
                yield item


def walk(items: tuple[Item, ...]) -> Iterator[Item]:
    """Every item in drawn order, fragments before what they hold."""
    # An explicit stack: diagrams nest as deep as the parser's limit allows, deeper than Python recurses.
    stack: list[Item] = list(reversed(items))
    while stack:
        item = stack.pop()
        yield item
        if isinstance(item, CombinedFragment):
            for operand in reversed(item.operands):
                stack.extend(reversed(operand.items))
