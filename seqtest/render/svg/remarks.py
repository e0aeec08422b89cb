"""A run's words beside the drawing: right of everything, each as near to its arrow's height as the others allow."""

from collections.abc import Mapping, Sequence

from seqtest.render.svg import theme
from seqtest.render.svg.mark import Mark, State
from seqtest.render.svg.plan import MessageRow
from seqtest.render.svg.shapes import Rect, Remark, Text
from seqtest.render.svg.stack import Stack
from seqtest.render.svg.typeset import verbatim
from seqtest.source import Span

PADDING = 7
DISTANCE = 18


def place_remarks(
    stack: Stack, marks: Mapping[Span, Mark], drawing: Rect, rows: Sequence[MessageRow]
) -> tuple[tuple[Remark, ...], Rect]:
    """The remarks, and the canvas with them."""
    placed: list[Remark] = []
    canvas, below = drawing, drawing.y
    x = drawing.right + DISTANCE
    for row, end in zip(rows, stack.arrow_ends, strict=True):
        state, words = _words(row, marks)
        if state is None or not words:
            continue
        text = verbatim(words, theme.REMARK)
        arrow_right, y = end
        top = max(below, round(y - text.height / 2 - PADDING))
        rect = Rect(x, top, text.width + 2 * PADDING, text.height + 2 * PADDING)
        below = rect.bottom + 4
        placed.append(
            Remark(state, rect, Text(x + PADDING, top + PADDING, text), (arrow_right + 6, y, x, top + rect.height / 2))
        )
        canvas = Rect(
            canvas.x, canvas.y, max(canvas.right, rect.right) - canvas.x, max(canvas.bottom, rect.bottom) - canvas.y
        )
    return tuple(placed), canvas


def _words(row: MessageRow, marks: Mapping[Span, Mark]) -> tuple[State | None, str]:
    if row.extra is not None:
        return "unexpected", row.extra.text
    mark = marks.get(row.message.span) if row.message.span is not None else None
    return (mark.state, mark.text) if mark is not None else (None, "")
