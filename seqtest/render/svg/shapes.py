"""What a laid-out picture is made of: plain shapes with their places, in whole or half pixels, y downwards.

The corner of the drawing is anywhere: a layout says where its own corner is.
"""

from typing import Literal, NamedTuple

from seqtest.dataclass import dataclass
from seqtest.diagram import CombinedFragment, Divider, InteractionUse, Message, Note, Participant
from seqtest.diagram.model import Delay, DurationConstraint, NewPage
from seqtest.render.svg.mark import Mark, State
from seqtest.render.svg.typeset import Paragraph


class Text(NamedTuple):
    """A paragraph at its upper left corner."""

    x: float
    y: float
    paragraph: Paragraph


class Rect(NamedTuple):
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Spot:
    """A stereotype's round mark: `<<(C,#ADD1B2) text>>`."""

    x: float
    y: float
    letter: Text
    color: str


@dataclass(frozen=True, slots=True)
class Head:
    """A participant's figure with its name, at the top, at the bottom, or in the row that creates it."""

    column: int
    participant: Participant
    rect: Rect
    figure: Rect
    texts: tuple[Text, ...]
    spot: Spot | None = None
    role: Literal["head", "tail", "created"] = "head"
    color: str | None = None
    line: str | None = None
    ink: str | None = None


@dataclass(frozen=True, slots=True)
class Lifeline:
    """`pauses`: where a delay thins it out."""

    column: int
    participant: Participant
    x: float
    top: float
    bottom: float
    pauses: tuple[tuple[float, float], ...] = ()
    color: str | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """An activation."""

    column: int
    rect: Rect
    color: str | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """A message from `(x1, y1)` to `(x2, y2)`. A self message (`loop` not 0) goes out at y1 and comes back at y2."""

    number: int
    """Counts the drawing's messages from 1; 0 for an arrow that is not drawn by the author."""
    message: Message
    x1: float
    y1: float
    x2: float
    y2: float
    text: Text | None
    sender: int
    receiver: int
    """Columns; -1 is the left border, the number of columns the right one."""
    loop: int = 0
    """How far a self message goes out: to the left when negative."""
    color: str | None = None
    more: tuple[tuple[float, float, float], ...] = ()
    """Further receivers' arrows: x1, x2, y."""
    state: State | None = None
    occurrences: tuple[int, ...] = ()
    """Where in a run's trace it happened."""
    detail: tuple[str, ...] = ()
    ink: str | None = None


@dataclass(frozen=True, slots=True)
class NoteBox:
    note: Note
    rect: Rect
    text: Text
    color: str | None = None
    line: str | None = None
    ink: str | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """An operand: from its line down."""

    y: float
    height: float
    text: Text | None
    color: str | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A combined fragment. Its content follows, up to its `FrameEnd`."""

    fragment: CombinedFragment
    rect: Rect
    tab: Rect
    texts: tuple[Text, ...]
    """The tab's word."""
    lanes: tuple[Lane, ...]
    tab_color: str | None = None
    line: str | None = None
    ink: str | None = None


@dataclass(frozen=True, slots=True)
class LaneStart:
    """Here begins the content of a frame's operand (not of its first, which begins with the frame)."""

    frame: Frame
    number: int


@dataclass(frozen=True, slots=True)
class BareFrame:
    """A fragment around which nothing is drawn."""

    fragment: CombinedFragment


@dataclass(frozen=True, slots=True)
class FrameEnd:
    fragment: CombinedFragment


@dataclass(frozen=True, slots=True)
class Reference:
    use: InteractionUse
    rect: Rect
    tab: Rect
    tab_text: Text
    text: Text
    color: str | None = None
    tab_color: str | None = None
    line: str | None = None
    ink: str | None = None
    mark: Mark | None = None
    """What became of the flow that is used."""


@dataclass(frozen=True, slots=True)
class Band:
    """A divider across the picture; with its words in a box."""

    divider: Divider
    rect: Rect
    title: Rect | None
    text: Text
    color: str | None = None
    line: str | None = None
    ink: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    delay: Delay
    text: Text
    rect: Rect
    state: State | None = None


@dataclass(frozen=True, slots=True)
class PageBreak:
    page: NewPage
    rect: Rect
    text: Text | None


@dataclass(frozen=True, slots=True)
class Ground:
    """A box around participants."""

    rect: Rect
    text: Text | None
    color: str | None = None
    line: str | None = None
    data_line: int | None = None
    ink: str | None = None


@dataclass(frozen=True, slots=True)
class Cross:
    """The end of a life."""

    column: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Measure:
    """The time between two arrows: a double arrow at x from y1 to y2; `reach` is where the lines to the arrows end."""

    constraint: DurationConstraint
    x: float
    y1: float
    y2: float
    reach: tuple[float, float]
    text: Text


@dataclass(frozen=True, slots=True)
class Remark:
    """What a run says about an arrow, beside the drawing, with a line that leads to the arrow."""

    state: State
    rect: Rect
    text: Text
    lead: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Caption:
    """Text around the drawing: title, caption, header, footer, legend."""

    kind: str
    text: Text
    rect: Rect | None = None
    data_line: int | None = None
    color: str | None = None
    line: str | None = None
    ink: str | None = None


@dataclass(frozen=True, slots=True)
class Mainframe:
    rect: Rect
    tab: Rect
    text: Text


Event = (
    Arrow
    | NoteBox
    | Frame
    | BareFrame
    | LaneStart
    | FrameEnd
    | Reference
    | Band
    | Pause
    | PageBreak
    | Head
    | Cross
    | Measure
)


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole picture."""

    rect: Rect
    """The canvas: nothing is outside it."""
    grounds: tuple[Ground, ...]
    lifelines: tuple[Lifeline, ...]
    bars: tuple[Bar, ...]
    heads: tuple[Head, ...]
    events: tuple[Event, ...]
    """In drawn order, frames before what they hold."""
    captions: tuple[Caption, ...] = ()
    mainframe: Mainframe | None = None
    remarks: tuple[Remark, ...] = ()
    page: str | None = None
    """The author's colour of the page."""
    is_gray: bool = False
    """`skinparam monochrome true`."""
