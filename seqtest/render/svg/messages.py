"""Where an arrow runs, where its label, its notes, a created head and the bars it begins or ends stand."""

from seqtest.dataclass import dataclass
from seqtest.render.svg.columns import BAR, LOOP
from seqtest.render.svg.heads import place_head
from seqtest.render.svg.mark import Mark
from seqtest.render.svg.notes import add_note, note_size, place_side_notes, side_height
from seqtest.render.svg.plan import MessageRow
from seqtest.render.svg.shapes import Arrow, Text
from seqtest.render.svg.stack import LastArrow, Stack

ABOVE, BETWEEN, BELOW = 4, 3, 8
"""Air above the label, between label and line, below the line."""
LOOP_HEIGHT = 16
STEEPEST = 400
"""Pixels that a slanted arrow may drop."""
TOUCH = 0.5
"""Two arrows at one height may end and begin at the same lifeline."""
MORE = 5
"""From one receiver's arrow to the next one's."""


@dataclass(slots=True)
class _Ends:
    """The arrow's two ends, and what the label may use."""

    x1: float
    x2: float
    left: float
    right: float


def place_message(stack: Stack, row: MessageRow) -> None:
    """Place the arrow in a row of its own, or (`&`) beside the one before when nothing would overlap."""
    for column in (row.sender, row.receiver, *row.more):
        stack.use(column)
    if row.is_self:
        _place_loop(stack, row)
    else:
        _place_arrow(stack, row)


def _place_arrow(stack: Stack, row: MessageRow) -> None:
    message, text = row.message, row.text
    ends = _ends(stack, row)
    top = _top_notes(stack, row, ends)
    above = text.height + BETWEEN if text.height else 4
    head = stack.plan.heads[row.receiver] if row.creates and 0 <= row.receiver < len(stack.plan.heads) else None
    y = top + ABOVE + above
    if head is not None:
        y = max(y, top + head.height / 2 + 3)
    sides = [spec for spec in row.notes if spec.note.position not in ("top", "bottom")]
    height = y - top + BELOW
    y += max((side_height(sides) + 6 - height) // 2, 0)
    x = _label_x(stack, row, ends)
    extent = min(ends.left, x), max(ends.right, x + text.width)
    last = stack.last
    is_beside = (
        message.is_parallel
        and last is not None
        and not row.notes
        and not row.creates
        and text.height <= last.text_height
        and all(extent[1] <= left + TOUCH or right <= extent[0] + TOUCH for left, right in last.extents)
    )
    if is_beside and last is not None:
        y = last.y
        last.extents.append(extent)
    else:
        stack.last = LastArrow(y, text.height, [extent])
    slant = min(message.arrow.slant, STEEPEST)
    more = _more(stack, row, ends.x1, y)
    mark = _mark(stack, row)
    arrow = Arrow(
        row.number, message, ends.x1, y, ends.x2, y + slant,
        Text(x, y - BETWEEN - text.height, text) if not text.is_empty else None,
        row.sender, row.receiver, color=_color(stack, row), more=more, state=mark.state if mark else None,
        occurrences=mark.occurrences if mark else (), detail=mark.detail if mark else (), ink=_ink(stack, row),
    )  # fmt: skip
    stack.events.append(arrow)
    stack.touch(*extent)
    is_short = message.gate is not None and message.gate.is_short
    for column in (row.sender, row.receiver, *row.more):
        if not is_short or 0 <= column < len(stack.columns.xs):
            stack.touch_column(column)
    bottom = max(stack.y, y + slant + BELOW + MORE * len(more))
    _anchor(stack, row, y, y + slant)
    if head is not None:
        shown = place_head(head, row.receiver, stack.columns.x(row.receiver), y + slant - head.height // 2, "created")
        stack.events.append(shown)
        stack.touch(shown.rect.x, shown.rect.right)
        stack.born[row.receiver] = shown.rect.bottom
        bottom = max(bottom, shown.rect.bottom + 8)
    if sides:
        left_edge, right_edge = _beside_bars(stack, row, ends)
        if head is not None:
            x = stack.columns.x(row.receiver)
            left_edge, right_edge = min(left_edge, x - head.width / 2), max(right_edge, x + head.width / 2)
        bottom = max(
            bottom, place_side_notes(stack, sides, left_edge, right_edge, y + 2 - text.height / 2, top + 3) + 5
        )
    for event in row.life:
        column = stack.plan.columns[event.participant]
        stack.live(event, column, y + slant if column == row.receiver else y)
    stack.has_arrows = True
    stack.say(mark, max(ends.x1, ends.x2), y)
    stack.y = _bottom_notes(stack, row, ends, bottom)


def _ends(stack: Stack, row: MessageRow) -> _Ends:
    """Where the arrow begins and ends: at lifelines, bars, a created head, the border."""
    sending, receiving = row.levels
    x1, x2 = stack.columns.x(row.sender), stack.columns.x(row.receiver)
    gate = row.message.gate
    short = row.text.width + 30
    if gate is not None and gate.is_short:
        sign = -1 if gate.side == "left" else 1
        if row.message.sender is None:
            x1 = stack.edge(row.receiver, receiving, sign > 0) + sign * short
        else:
            x2 = stack.edge(row.sender, sending, sign > 0) + sign * short
    is_rightward = x1 <= x2
    count = len(stack.columns.xs)
    if 0 <= row.sender < count:
        x1 = stack.edge(row.sender, sending, is_rightward)
    if 0 <= row.receiver < count:
        if row.creates:
            half = stack.plan.heads[row.receiver].width / 2
            x2 = x2 - half if is_rightward else x2 + half
        else:
            x2 = stack.edge(row.receiver, receiving, not is_rightward)
    return _Ends(x1, x2, min(x1, x2), max(x1, x2))


def _beside_bars(stack: Stack, row: MessageRow, ends: _Ends) -> tuple[float, float]:
    """The arrow's outer ends, with the bars that begin or end there: notes stand beside those too."""
    left, right = ends.left, ends.right
    for column, level in zip((row.sender, row.receiver), row.levels, strict=True):
        if level and 0 <= column < len(stack.columns.xs):
            left = min(left, stack.edge(column, level, False))
            right = max(right, stack.edge(column, level, True))
    return left, right


def _label_x(stack: Stack, row: MessageRow, ends: _Ends) -> float:
    align = stack.plan.looks.word("messagealign")
    arrow = row.message.arrow
    is_rightward = ends.x1 <= ends.x2
    if align == "direction":
        align = "left" if is_rightward else "right"
    elif align == "reversedirection":
        align = "right" if is_rightward else "left"
    has_mark_left = arrow.tail != "none" or arrow.circle_at_start if is_rightward else True
    has_mark_right = arrow.tail != "none" or arrow.circle_at_start if not is_rightward else True
    left = ends.left + (17 if has_mark_left else 9)
    right = ends.right - (17 if has_mark_right else 9) - row.text.width
    if align == "center":
        return max((left + right) / 2, ends.left + 4)
    return max(right, ends.left + 4) if align == "right" else left


def _place_loop(stack: Stack, row: MessageRow) -> None:
    message, text = row.message, row.text
    lines = stack.columns.x(row.sender)
    before, after = row.before[0], row.after[0]
    is_left = row.is_loop_left
    sides = [spec for spec in row.notes if spec.note.position not in ("top", "bottom")]
    edges = [stack.edge(row.sender, level, not is_left) for level in (before, after)]
    outer = min(edges) if is_left else max(edges)
    reach = outer - LOOP if is_left else outer + LOOP
    x = outer - 8 - text.width if is_left else outer + 8
    left, right = min(reach, x, *edges), max(reach, x + text.width, *edges)
    ends = _Ends(
        edges[0],
        edges[1],
        left if is_left else lines - BAR * min(max(before, after), 1),
        right if not is_left else lines,
    )
    top = _top_notes(stack, row, ends)
    y = top + ABOVE + (text.height + BETWEEN if text.height else 4)
    height = y - top + LOOP_HEIGHT + BELOW
    y += max((side_height(sides) + 6 - height) // 2, 0)
    back = y + LOOP_HEIGHT
    mark = _mark(stack, row)
    stack.events.append(
        Arrow(
            row.number,
            message,
            edges[0],
            y,
            edges[1],
            back,
            Text(x, y - BETWEEN - text.height, text) if not text.is_empty else None,
            row.sender,
            row.receiver,
            round(reach - outer),
            _color(stack, row),
            state=mark.state if mark else None,
            occurrences=mark.occurrences if mark else (),
            detail=mark.detail if mark else (),
            ink=_ink(stack, row),
        )
    )
    stack.touch(left, right)
    stack.touch_column(row.sender)
    _anchor(stack, row, y, back)
    bottom = max(stack.y, back + BELOW)
    if sides:
        middle = (y + back) / 2 - text.height / 2
        bottom = max(bottom, place_side_notes(stack, sides, ends.left, ends.right, middle, top + 3) + 5)
    for event in row.life:
        stack.live(event, stack.plan.columns[event.participant], back)
    stack.last = None
    stack.has_arrows = True
    stack.say(mark, max(*edges, reach), (y + back) / 2)
    stack.y = _bottom_notes(stack, row, ends, bottom)


def _top_notes(stack: Stack, row: MessageRow, ends: _Ends) -> float:
    """Notes above the arrow; gives the y where the row proper begins."""
    return _middle_notes(stack, row, ends, "top", stack.y)


def _bottom_notes(stack: Stack, row: MessageRow, ends: _Ends, y: float) -> float:
    return _middle_notes(stack, row, ends, "bottom", y)


def _middle_notes(stack: Stack, row: MessageRow, ends: _Ends, position: str, y: float) -> float:
    for spec in row.notes:
        if spec.note.position == position:
            width, height = note_size(spec)
            add_note(stack, spec, (ends.x1 + ends.x2 - width) / 2, y + 3)
            y += height + 6
    return y


def _more(stack: Stack, row: MessageRow, x1: float, y: float) -> tuple[tuple[float, float, float], ...]:
    found: list[tuple[float, float, float]] = []
    for number, column in enumerate(row.more, 1):
        is_rightward = stack.columns.x(column) > stack.columns.x(row.sender)
        start = stack.edge(row.sender, row.levels[0], is_rightward)
        found.append((start, stack.edge(column, 0, not is_rightward), y + MORE * number))
    return tuple(found)


def _anchor(stack: Stack, row: MessageRow, y1: float, y2: float) -> None:
    for kind, name in row.message.anchors:
        is_end = kind == "end"
        arrow_left = min(stack.columns.x(row.sender), stack.columns.x(row.receiver))
        stack.anchors[name] = arrow_left, y2 if is_end else y1


def _color(stack: Stack, row: MessageRow) -> str | None:
    looks = stack.plan.looks
    return row.message.arrow.color or (looks.color("arrow", "color", row.message.stereotypes) if looks.skin else None)


def _mark(stack: Stack, row: MessageRow) -> Mark | None:
    extra = row.extra
    if extra is None:
        return stack.mark(row.message.span)
    return Mark("unexpected", extra.text, () if extra.occurrence is None else (extra.occurrence,), extra.detail)


def _ink(stack: Stack, row: MessageRow) -> str | None:
    looks = stack.plan.looks
    return looks.color("arrow", "fontcolor", row.message.stereotypes) if looks.skin else None
