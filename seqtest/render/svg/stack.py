"""The state while rows are stacked: how far down, who lives since when, which frames are open, how wide it all is."""

from collections.abc import Mapping
from dataclasses import field

from seqtest.dataclass import dataclass
from seqtest.diagram import LifeEvent
from seqtest.render.svg.columns import BAR, Columns
from seqtest.render.svg.mark import Mark
from seqtest.render.svg.plan import OpenRow, Plan
from seqtest.render.svg.shapes import Bar, Cross, Event, Lifeline, Rect
from seqtest.render.svg.typeset import Paragraph
from seqtest.source import DrawnAt, Span

REACH = 22
"""What an arrow's end occupies on both sides of its lifeline."""


@dataclass(slots=True)
class Extent:
    """How far something reaches to both sides."""

    left: float = float("inf")
    right: float = float("-inf")

    def touch(self, left: float, right: float) -> None:
        if left < self.left:
            self.left = left
        if right > self.right:
            self.right = right

    @property
    def is_empty(self) -> bool:
        return self.left > self.right


@dataclass(slots=True)
class OpenFrame:
    """A fragment whose end has not come; `place` is where its frame goes among the events."""

    row: OpenRow
    place: int
    top: float
    extent: Extent = field(default_factory=Extent)
    lanes: list[tuple[float, Paragraph, str | None]] = field(default_factory=list)
    lane_places: list[int] = field(default_factory=list)
    """Where the later lanes go among the events."""


@dataclass(slots=True)
class LastArrow:
    """The row of the latest message, for one drawn at the same height (`&`)."""

    y: float
    text_height: float
    extents: list[tuple[float, float]]


@dataclass(slots=True)
class Stack:
    plan: Plan
    columns: Columns
    marks: Mapping[DrawnAt, Mark]
    y: float
    head_bottom: float
    events: list[Event | None] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    open_bars: dict[int, list[tuple[float, LifeEvent]]] = field(default_factory=dict)
    frames: list[OpenFrame] = field(default_factory=list)
    extent: Extent = field(default_factory=Extent)
    born: dict[int, float] = field(default_factory=dict)
    """The y where a created participant's lifeline begins."""
    died: dict[int, float] = field(default_factory=dict)
    pauses: list[tuple[float, float]] = field(default_factory=list)
    anchors: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Named rows and ends: the left end's x, and y."""
    last: LastArrow | None = None
    has_arrows: bool = False
    """Whether a message was placed."""
    said: list[tuple[Mark, float, float]] = field(default_factory=list)
    """What the run says, with the right end of what it is about, and the y of its middle."""
    note_row: tuple[float, float, list[tuple[float, float]]] | None = None
    """Top, bottom and the notes' extents of the row of notes just placed."""

    def touch(self, left: float, right: float) -> None:
        """Something in the current row reaches from left to right."""
        self.extent.touch(left, right)
        if self.frames:
            self.frames[-1].extent.touch(left, right)

    def touch_column(self, column: int) -> None:
        x = self.columns.x(column)
        inside = 0 <= column < len(self.columns.xs)
        self.touch(x - REACH if inside else x, x + REACH if inside else x)

    def mark(self, span: Span | None) -> Mark | None:
        """What became of the item in a run."""
        return self.marks.get(span.item) if span is not None and self.marks else None

    def say(self, mark: Mark | None, right: float, y: float) -> None:
        """The mark's words are to stand beside the drawing, at what ends there."""
        if mark is not None and mark.text:
            self.said.append((mark, right, y))

    def edge(self, column: int, level: int, towards_right: bool) -> float:
        """Where an arrow meets a lifeline that has `level` bars, on the side of the arrow."""
        x = self.columns.x(column)
        if not level:
            return x
        return x + BAR * level if towards_right else x - BAR

    def use(self, column: int) -> None:
        """Somebody who was destroyed takes part again: the lifeline goes on."""
        self.died.pop(column, None)

    def live(self, event: LifeEvent, column: int, y: float) -> None:
        """A bar begins or ends at y, or a life ends."""
        bars = self.open_bars.setdefault(column, [])
        if event.kind == "activate":
            bars.append((y, event))
        elif event.kind == "deactivate":
            if bars:
                self._end_bar(column, y)
        elif event.kind == "destroy":
            while bars:
                self._end_bar(column, y)
            self.died[column] = y
            self.events.append(Cross(column, self.columns.x(column), y))
            self.touch_column(column)

    def _end_bar(self, column: int, y: float) -> None:
        bars = self.open_bars[column]
        top, event = bars.pop()
        left = self.columns.x(column) - BAR + BAR * len(bars)
        looks, names = self.plan.looks, self.plan.participants[column].stereotypes
        color = event.color or (looks.color("lifeline", "backgroundcolor", names) if looks.skin else None)
        border = event.border or (looks.color("lifeline", "bordercolor", names) if looks.skin else None)
        self.bars.append(Bar(column, Rect(left, top, 2 * BAR, max(y - top, 2)), color, border))

    def finish_bars(self, bottom: float) -> None:
        """Bars left open run to the bottom. Outer bars come first, so that inner ones are painted on them."""
        for column, bars in self.open_bars.items():
            while bars:
                self._end_bar(column, bottom)
        self.bars.sort(key=lambda bar: (bar.column, bar.rect.x, bar.rect.y))

    def lifelines(self, bottom: float) -> tuple[Lifeline, ...]:
        """From the head down to the tail or the end of the life."""
        pauses = tuple(self.pauses)
        found: list[Lifeline] = []
        for column, participant in enumerate(self.plan.participants):
            top = self.born.get(column, self.head_bottom)
            end = self.died.get(column, bottom)
            inside = tuple(pause for pause in pauses if top <= pause[0] and pause[1] <= end) if pauses else ()
            color = self.plan.looks.color("lifeline", "bordercolor", participant.stereotypes)
            found.append(Lifeline(column, participant, self.columns.xs[column], top, max(end, top), inside, color))
        return tuple(found)

    def lanes_of(self, frame: OpenFrame, bottom: float) -> list[tuple[float, float, Paragraph, str | None]]:
        """Each operand's y, height, guard and colour."""
        ys = [lane[0] for lane in frame.lanes] + [bottom]
        return [(y, ys[number + 1] - y, guard, color) for number, (y, guard, color) in enumerate(frame.lanes)]
