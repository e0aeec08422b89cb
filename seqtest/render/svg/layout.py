"""From a diagram to a picture's plain, placed shapes.

Columns first (a text between two lifelines keeps them apart), then rows from top to bottom, each as high as what is in
it; then what needs the whole width, and the text around the drawing. What a run says stands to the right of all that
and moves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from seqtest.dataclass import dataclass
from seqtest.diagram import Diagram, Furniture
from seqtest.render.svg import theme
from seqtest.render.svg.columns import BOX_PADDING, Columns, place_columns
from seqtest.render.svg.heads import place_head
from seqtest.render.svg.looks import Looks, looks_of
from seqtest.render.svg.mark import Extra, Mark
from seqtest.render.svg.plan import Plan, plan
from seqtest.render.svg.remarks import place_remarks
from seqtest.render.svg.rows import stack_rows
from seqtest.render.svg.shapes import (
    Band,
    Caption,
    Event,
    Ground,
    Head,
    Layout,
    Mainframe,
    Measure,
    PageBreak,
    Rect,
    Text,
)
from seqtest.render.svg.stack import Extent, Stack
from seqtest.render.svg.typeset import Font, Paragraph, note
from seqtest.source import DrawnAt

MARGIN = 12


def lay_out(diagram: Diagram, marks: Mapping[DrawnAt, Mark] | None = None, extras: Sequence[Extra] = ()) -> Layout:
    """Place everything a drawing shows, with a run's marks and the arrows that nobody drew."""
    planned = plan(diagram, looks_of(diagram), extras)
    columns = place_columns(planned)
    title_rows = _box_titles(columns)
    tops, heads_top = _stacked(title_rows)
    tallest = max(
        (head.height for column, head in enumerate(planned.heads) if column not in planned.created), default=0
    )
    bottom = heads_top + tallest
    stack = Stack(planned, columns, marks or {}, bottom + 8, bottom)
    heads = [
        place_head(head, column, columns.xs[column], bottom - head.height, "head")
        for column, head in enumerate(planned.heads)
        if column not in planned.created
    ]
    stack_rows(stack)
    end = stack.y + 8
    stack.finish_bars(end)
    if planned.looks.has_tails:
        heads += [
            place_head(head, column, columns.xs[column], end, "tail")
            for column, head in enumerate(planned.heads)
            if column not in stack.died
        ]
    foot = max([end, *(head.rect.bottom for head in heads)])
    extent = stack.extent
    for head in heads:
        extent.touch(*_reach(head))
    lifelines = stack.lifelines(end)
    grounds = _grounds(planned, columns, tops, foot, extent)
    body = Rect(extent.left, 0, extent.right - extent.left, max([foot, *(ground.rect.bottom for ground in grounds)]))
    events, body = _measures([event for event in stack.events if event is not None], body)
    events = [_stretched(event, body) for event in events]
    frame = _Frame(body, planned.looks)
    mainframe, captions = frame.furnish(diagram.furniture)
    remarks, canvas = place_remarks(stack, frame.rect)
    rect = Rect(canvas.x - MARGIN, canvas.y - MARGIN, canvas.width + 2 * MARGIN, canvas.height + 2 * MARGIN)
    return Layout(
        _whole(rect),
        grounds,
        lifelines,
        tuple(stack.bars),
        tuple(heads),
        tuple(events),
        captions,
        mainframe,
        remarks,
        planned.looks.color("", "backgroundcolor"),
        planned.looks.word("monochrome") == "true",
    )


def _whole(rect: Rect) -> Rect:
    left, top = rect.x // 1, rect.y // 1
    return Rect(left, top, -(-(rect.right - left) // 1), -(-(rect.bottom - top) // 1))


def _reach(head: Head) -> tuple[float, float]:
    rect, spot = head.rect, head.spot
    return (rect.x, rect.right) if spot is None else (min(rect.x, spot.x - 10), max(rect.right, spot.x + 10))


def _box_titles(columns: Columns) -> list[int]:
    """How high the titles of each level of boxes are."""
    levels: list[int] = []
    for box in columns.boxes:
        while len(levels) <= box.depth:
            levels.append(BOX_PADDING)
        if box.title.height:
            levels[box.depth] = max(levels[box.depth], box.title.height + 9)
    return levels


def _stacked(heights: Sequence[int]) -> tuple[list[int], int]:
    tops: list[int] = []
    y = 0
    for height in heights:
        tops.append(y)
        y += height
    return tops, y


def _grounds(planned: Plan, columns: Columns, tops: Sequence[int], foot: float, extent: Extent) -> tuple[Ground, ...]:
    found: list[Ground] = []
    for box in columns.boxes:
        pad = BOX_PADDING * (box.inner + 1)
        left = columns.xs[box.first] - columns.halves[box.first] - pad
        right = columns.xs[box.last] + columns.halves[box.last] + pad
        top = tops[box.depth]
        rect = Rect(left, top, right - left, foot + pad - top)
        text = Text((left + right - box.title.width) / 2, top + 4, box.title)
        looks, names = planned.looks, box.box.stereotypes
        color = box.box.color or looks.color("box", "backgroundcolor", names)
        line = looks.color("box", "bordercolor", names)
        place = box.box.span.line if box.box.span else None
        found.append(
            Ground(
                rect, None if box.title.is_empty else text, color, line, place, looks.color("box", "fontcolor", names)
            )
        )
        extent.touch(left, right)
    return tuple(found)


def _stretched(event: Event, body: Rect) -> Event:
    """What goes across the drawing, at its full width."""
    if isinstance(event, Band):
        middle = body.x + body.width / 2
        rect = Rect(body.x, event.rect.y, body.width, event.rect.height)
        title = event.title and event.title._replace(x=middle - event.title.width / 2)
        text = event.text._replace(x=middle - event.text.paragraph.width / 2)
        return replace(event, rect=rect, title=title, text=text)
    if isinstance(event, PageBreak):
        rect = Rect(body.x, event.rect.y, body.width, event.rect.height)
        words = event.text and event.text._replace(x=body.x + (body.width - event.text.paragraph.width) / 2)
        return replace(event, rect=rect, text=words)
    return event


def _measures(events: list[Event], body: Rect) -> tuple[list[Event], Rect]:
    """Times between arrows, left of everything: each as near as those that overlap it in height allow."""
    slots: list[tuple[float, float, float]] = []
    """Top, bottom, and the left edge reached so far."""
    left = body.x
    placed: list[Event] = []
    for event in events:
        if isinstance(event, Measure):
            text = event.text.paragraph
            middle = (event.y1 + event.y2) / 2
            top, bottom = min(event.y1, middle - text.height / 2), max(event.y2, middle + text.height / 2)
            right = min((edge for a, b, edge in slots if a <= bottom and top <= b), default=body.x) - 10
            event = replace(event, x=right, text=event.text._replace(x=right - 7 - text.width))
            slots.append((top, bottom, event.text.x))
            left = min(left, event.text.x)
        placed.append(event)
    return placed, Rect(left, body.y, body.right - left, body.height)


_ALIGN = {"header": "right", "footer": "center", "legend": "center"}
_FONTS: Mapping[str, Font] = {
    "title": theme.TITLE,
    "caption": theme.CAPTION,
    "header": theme.HEADER,
    "footer": theme.HEADER,
    "legend": theme.LEGEND,
    "mainframe": theme.TAB,
}


@dataclass(slots=True)
class _Frame:
    """The drawing's rectangle, growing by what is put around it."""

    rect: Rect
    looks: Looks

    def furnish(self, furniture: Sequence[Furniture]) -> tuple[Mainframe | None, tuple[Caption, ...]]:
        """From inside to outside: mainframe, legend, title above and caption below, header and footer."""
        last = {piece.kind: piece for piece in furniture}
        mainframe = self.main(last["mainframe"]) if "mainframe" in last else None
        captions = [
            self.put(last[kind], is_above)
            for kind, is_above in (
                ("legend", "legend" in last and "top" in last["legend"].alignment),
                ("title", True),
                ("caption", False),
                ("header", True),
                ("footer", False),
            )
            if kind in last
        ]
        return mainframe, tuple(captions)

    def main(self, piece: Furniture) -> Mainframe:
        text = self.set(piece)
        rect = self.rect
        top = rect.y - text.height - 16
        width = max(rect.width + 20, text.width + 40)
        outer = Rect(rect.x - 10, top, width, rect.bottom + 10 - top)
        self.rect = outer
        return Mainframe(outer, Rect(outer.x, top, text.width + 24, text.height + 6), Text(outer.x + 8, top + 3, text))

    def put(self, piece: Furniture, is_above: bool) -> Caption:
        """One text above or below what is there so far, which widens when the text is wider."""
        text = self.set(piece)
        is_legend = piece.kind == "legend"
        pad = 9 if is_legend else 0
        width, height = text.width + 2 * pad, text.height + 2 * pad
        distance = 10 if piece.kind in ("title", "legend") else 6
        rect = self.rect
        if width > rect.width:
            rect = Rect(rect.x - (width - rect.width) / 2, rect.y, width, rect.height)
        words = [word for word in piece.alignment if word in ("left", "right", "center")]
        align = words[-1] if words else _ALIGN.get(piece.kind, "center")
        slack = rect.width - width
        x = round(rect.x + (0 if align == "left" else slack if align == "right" else slack / 2))
        y = rect.y - distance - height if is_above else rect.bottom + distance
        top = min(rect.y, y)
        self.rect = Rect(min(rect.x, x), top, max(rect.width, width), max(rect.bottom, y + height) - top)
        box = Rect(x, y, width, height) if is_legend else None
        looks = self.looks
        colors = (looks.color(piece.kind, part) for part in ("backgroundcolor", "bordercolor", "fontcolor"))
        return Caption(piece.kind, Text(x + pad, y + pad, text), box, piece.span.line if piece.span else None, *colors)

    def set(self, piece: Furniture) -> Paragraph:
        lines = [line.text.replace("%page%", "1").replace("%lastpage%", "1") for line in piece.lines]
        if not piece.is_block:
            lines = [line.replace("\\\\", "\\").replace("\\t", "\t") for line in lines]
        return note(lines, self.looks.font(_FONTS[piece.kind], piece.kind))
