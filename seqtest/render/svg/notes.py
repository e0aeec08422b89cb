"""Where notes stand: beside an arrow or a frame, at a lifeline, over some or all of them."""

from collections.abc import Sequence

from seqtest.render.svg.columns import BAR, DISTANCE
from seqtest.render.svg.plan import NOTE_PADDING, NoteRow, NoteSpec
from seqtest.render.svg.shapes import NoteBox, Rect, Text
from seqtest.render.svg.stack import Stack


def note_size(spec: NoteSpec) -> tuple[int, int]:
    """Width and height of a note with its shape's padding."""
    return spec.width, max(spec.text.height, 14) + 11


def add_note(stack: Stack, spec: NoteSpec, x: float, y: float, width: float | None = None) -> None:
    """The note with its upper left corner at that place; a given width is the least."""
    own, height = note_size(spec)
    wide = max(own, width or 0)
    left = NOTE_PADDING[spec.note.shape][0]
    # A note that is as wide as what it is over has its text in its middle.
    shift = left if wide <= own else round((wide - spec.text.width) / 2)
    looks, note = stack.plan.looks, spec.note
    color, line, ink = (
        looks.color("note", part, note.stereotypes) for part in ("backgroundcolor", "bordercolor", "fontcolor")
    )
    place = Text(round(x) + shift, y + 6, spec.text)
    mark = stack.mark(note.span)
    rect = Rect(round(x), y, wide, height)
    stack.events.append(NoteBox(note, rect, place, note.color or color, line, ink, mark.state if mark else None))
    stack.say(mark, rect.right, y + height / 2)
    stack.touch(round(x), round(x) + wide)


def place_side_notes(
    stack: Stack, notes: Sequence[NoteSpec], left: float, right: float, middle: float, top: float
) -> float:
    """Notes of one thing, each side's below each other, around its middle but not above `top`. Gives their bottom."""
    bottom = top
    for is_right in (False, True):
        side = [spec for spec in notes if (spec.note.position == "right") == is_right]
        if not side:
            continue
        y = max(top, round(middle - side_height(side) / 2))
        for spec in side:
            width, height = note_size(spec)
            add_note(stack, spec, right + DISTANCE if is_right else left - DISTANCE - width, y)
            y += height + 4
        bottom = max(bottom, y - 4)
    return bottom


def side_height(notes: Sequence[NoteSpec]) -> int:
    """Of notes below each other."""
    return sum(note_size(spec)[1] + 4 for spec in notes) - 4 if notes else 0


def place_note_row(stack: Stack, row: NoteRow) -> None:
    """In a row of its own, or (`/`, `&`) in that of the note before when there is room."""
    for column in row.columns:
        stack.use(column)
    x, width, height = _place(stack, row)
    shared = stack.note_row
    wants_to_share = row.spec.note.is_aligned or row.spec.note.is_parallel
    if shared and wants_to_share and all(x + width < left - 2 or right + 2 < x for left, right in shared[2]):
        top, bottom, extents = shared
        extents.append((x, x + width))
    else:
        top = bottom = stack.y + 4
        extents = [(x, x + width)]
    add_note(stack, row.spec, x, top, width)
    for column in row.columns:
        stack.touch_column(column)
    bottom = max(bottom, top + height)
    stack.note_row = top, bottom, extents
    stack.y = max(stack.y, bottom + 6)


def _place(stack: Stack, row: NoteRow) -> tuple[float, float, float]:
    """x, width and height."""
    width, height = note_size(row.spec)
    columns = stack.columns
    if not row.columns:
        heads = stack.plan.heads
        left, right = columns.xs[0] - heads[0].width / 2, columns.xs[-1] + heads[-1].width / 2
        wide = max(width, right - left)
        return (left + right - wide) / 2, wide, height
    if len(row.columns) > 1:
        left, right = min(map(columns.x, row.columns)) - 24, max(map(columns.x, row.columns)) + 24
        wide = max(width, right - left)
        return (left + right - wide) / 2, wide, height
    x = columns.x(row.columns[0])
    if row.spec.note.position == "left":
        return x - width - DISTANCE - (BAR if row.level else 0), width, height
    if row.spec.note.position == "right":
        return x + DISTANCE + row.level * BAR, width, height
    return x - width / 2, width, height
