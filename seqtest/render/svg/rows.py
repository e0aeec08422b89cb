"""Stacking: each row at its height, each frame around what it holds. Messages and notes have files of their own."""

from collections.abc import Callable
from typing import Any

from seqtest.diagram import Delay, Divider
from seqtest.render.svg import theme
from seqtest.render.svg.messages import place_message
from seqtest.render.svg.notes import note_size, place_note_row, place_side_notes
from seqtest.render.svg.plan import (
    BareRow,
    BetweenRow,
    CloseRow,
    ElseRow,
    LifeRow,
    MeasureRow,
    MessageRow,
    NoteRow,
    NoteSpec,
    OpenRow,
    ReferenceRow,
    SpaceRow,
)
from seqtest.render.svg.shapes import (
    Band,
    BareFrame,
    Frame,
    FrameEnd,
    Lane,
    LaneStart,
    Measure,
    PageBreak,
    Pause,
    Rect,
    Reference,
    Text,
)
from seqtest.render.svg.stack import REACH, Extent, OpenFrame, Stack
from seqtest.render.svg.typeset import label

PADDING = 12
"""From a frame's edge to what it holds."""
TAB_SLANT = 8
REFERENCE_REACH = 32
_REF = label("ref", theme.TAB)


def stack_rows(stack: Stack) -> None:
    """Place every row below the one before."""
    for row in stack.plan.rows:
        kind = type(row)
        if kind is not MessageRow and kind is not BareRow:
            stack.last = None
        if kind is not NoteRow:
            stack.note_row = None
        _ROWS[kind](stack, row)


def place_bare(stack: Stack, row: BareRow) -> None:
    stack.events.append(FrameEnd(row.fragment) if row.is_end else BareFrame(row.fragment))


def open_frame(stack: Stack, row: OpenRow) -> None:
    stack.y += 8
    frame = OpenFrame(row, len(stack.events), stack.y)
    stack.events.append(None)
    stack.frames.append(frame)
    frame.lanes.append((stack.y, row.guard, row.fragment.operands[0].color))
    stack.y += max(row.tab.height + 5, row.guard.height + 6 if row.guard.height else 0, 20)


def open_lane(stack: Stack, row: ElseRow) -> None:
    """An operand without a colour has the frame's, as in PlantUML."""
    stack.y += 4
    frame = stack.frames[-1]
    frame.lane_places.append(len(stack.events))
    stack.events.append(None)
    frame.lanes.append((stack.y, row.guard, row.operand.color or frame.lanes[0][2]))
    stack.y += row.guard.height + 3


def close_frame(stack: Stack, row: CloseRow) -> None:
    frame = stack.frames.pop()
    extent = frame.extent
    if extent.is_empty:
        _touch_all(stack, extent)
    tab_width = frame.row.tab.width + 22
    guard = frame.row.guard
    need = max(
        [tab_width + guard.width + 20, *(lane.width + 16 for _, lane, _ in frame.lanes[1:])],
    )
    left, right = extent.left - PADDING, extent.right + PADDING
    right = max(right, left + need)
    bottom = stack.y + 4
    looks = stack.plan.looks
    ground = looks.color("groupbody", "backgroundcolor")
    lanes: list[Lane] = []
    for number, (y, height, text, color) in enumerate(stack.lanes_of(frame, bottom)):
        place = Text(left + 8, y + 3, text) if number else Text(left + tab_width + 10, y + 4, text)
        mark = stack.mark(frame.row.fragment.operands[number].span)
        state = mark.state if mark else None
        lanes.append(Lane(y, height, None if text.is_empty else place, color or ground, state))
    rect = Rect(left, frame.top, right - left, bottom - frame.top)
    tab = Rect(left, frame.top, tab_width, frame.row.tab.height + 5)
    words = () if frame.row.tab.is_empty else (Text(left + 8, frame.top + 3, frame.row.tab),)
    fragment = frame.row.fragment
    placed = Frame(
        fragment,
        rect,
        tab,
        words,
        tuple(lanes),
        fragment.tab_color or looks.color("group", "backgroundcolor"),
        looks.color("group", "bordercolor"),
        looks.color("group", "fontcolor"),
    )
    stack.events[frame.place] = placed
    for number, index in enumerate(frame.lane_places, 1):
        stack.events[index] = LaneStart(placed, number)
    stack.events.append(FrameEnd(fragment))
    stack.touch(left, right)
    stack.y = bottom + 7
    if row.notes:
        _beside(stack, row.notes, rect)


def _touch_all(stack: Stack, extent: Extent) -> None:
    xs = stack.columns.xs
    extent.touch(xs[0] - REACH, xs[-1] + REACH)


def _beside(stack: Stack, notes: tuple[NoteSpec, ...], rect: Rect) -> None:
    """Notes of a frame or a reference, at its sides."""
    bottom = place_side_notes(stack, notes, rect.x, rect.right, rect.y + rect.height / 2, rect.y)
    stack.y = max(stack.y, bottom + 6)


def place_reference(stack: Stack, row: ReferenceRow) -> None:
    columns = stack.columns
    for column in row.columns:
        stack.use(column)
    left, right = columns.x(row.columns[0]) - REFERENCE_REACH, columns.x(row.columns[-1]) + REFERENCE_REACH
    over = max(row.text.width + 24, 70) - (right - left)
    if over > 0 and len(row.columns) > 1:
        left, right = left - over // 2, right + (over + 1) // 2
    elif over > 0:
        # To the left it would stand over somebody else.
        right += over
    sides = [note_size(spec)[1] for spec in row.notes]
    height = 18 + 6 + row.text.height + 9
    top = stack.y + 5 + max((max(sides, default=0) - height) // 2, 0)
    rect = Rect(left, top, right - left, height)
    text = Text((left + right - row.text.width) / 2, top + 22, row.text)
    tab = Rect(left, top, _REF.width + 22, 20)
    looks = stack.plan.looks
    color = row.use.color or looks.color("reference", "backgroundcolor")
    mark = stack.mark(row.use.span)
    stack.events.append(
        Reference(
            row.use,
            rect,
            tab,
            Text(left + 8, top + 2, _REF),
            text,
            color,
            tab_color=looks.color("referenceheader", "backgroundcolor"),
            line=looks.color("reference", "bordercolor"),
            ink=looks.color("reference", "fontcolor"),
            mark=mark,
        )
    )
    stack.say(mark, right, top + height / 2)
    stack.touch(left, right)
    stack.y = top + height + 8
    if row.notes:
        _beside(stack, row.notes, rect)


def place_between(stack: Stack, row: BetweenRow) -> None:
    """Their width is that of the drawing, which is known at the end; until then 0."""
    text, top = row.text, stack.y
    if isinstance(row.item, Delay):
        height = max(text.height + 14, 24)
        xs = stack.columns.xs
        x = (xs[0] + xs[-1]) / 2 - text.width / 2
        stack.pauses.append((top + 3, top + height - 3))
        mark = stack.mark(row.item.span)
        place, rect = Text(x, top + (height - text.height) / 2, text), Rect(x, top, text.width, height)
        stack.events.append(Pause(row.item, place, rect, mark.state if mark else None))
        stack.say(mark, x + text.width, top + height / 2)
        stack.extent.touch(x, x + text.width)
        stack.y += height
        return
    height = text.height + 22
    place = Text(0, top + 11, text)
    rect = Rect(0, top + 7, 0, text.height + 8)
    stack.extent.touch(_middle(stack) - text.width / 2 - 20, _middle(stack) + text.width / 2 + 20)
    if isinstance(row.item, Divider):
        title = None if text.is_empty else Rect(0, top + 7, text.width + 24, text.height + 8)
        colors = (stack.plan.looks.color("divider", part) for part in ("backgroundcolor", "bordercolor", "fontcolor"))
        stack.events.append(Band(row.item, rect, title, place, *colors))
    else:
        stack.events.append(PageBreak(row.item, rect, None if text.is_empty else place))
    stack.y += height


def _middle(stack: Stack) -> float:
    xs = stack.columns.xs
    return (xs[0] + xs[-1]) / 2


def place_space(stack: Stack, row: SpaceRow) -> None:
    stack.y += row.pixels


def place_life(stack: Stack, row: LifeRow) -> None:
    if row.event.kind == "destroy":
        stack.y += 10
        stack.live(row.event, row.column, stack.y)
        stack.y += 12
    else:
        if row.event.kind == "activate":
            stack.use(row.column)
        # Before the first arrow a bar begins at the head, as PlantUML draws it.
        stack.live(row.event, row.column, stack.y if stack.has_arrows else stack.head_bottom)


def place_measure(stack: Stack, row: MeasureRow) -> None:
    """Outside everything placed so far, on the left; its place among other such measures is found at the end."""
    one, other = stack.anchors.get(row.constraint.start), stack.anchors.get(row.constraint.end)
    if one is None or other is None:
        return
    (x1, y1), (x2, y2) = sorted((one, other), key=lambda anchor: anchor[1])
    stack.events.append(
        Measure(row.constraint, 0, y1, y2, (x1, x2), Text(0, (y1 + y2 - row.text.height) / 2, row.text))
    )


_ROWS: dict[type, Callable[[Stack, Any], None]] = {
    MessageRow: place_message,
    BareRow: place_bare,
    OpenRow: open_frame,
    ElseRow: open_lane,
    CloseRow: close_frame,
    NoteRow: place_note_row,
    ReferenceRow: place_reference,
    BetweenRow: place_between,
    SpaceRow: place_space,
    LifeRow: place_life,
    MeasureRow: place_measure,
}
