"""A run's words beside the drawing: right of everything, each as near to its thing's height as the others allow."""

from seqtest.render.svg import theme
from seqtest.render.svg.shapes import Rect, Remark, Text
from seqtest.render.svg.stack import Stack
from seqtest.render.svg.typeset import verbatim

PADDING = 7
DISTANCE = 18


def place_remarks(stack: Stack, drawing: Rect) -> tuple[tuple[Remark, ...], Rect]:
    """The remarks, and the canvas with them."""
    placed: list[Remark] = []
    canvas, below = drawing, drawing.y
    x = drawing.right + DISTANCE
    for mark, right, y in sorted(stack.said, key=lambda one: one[2]):
        text = verbatim(mark.text, theme.REMARK)
        top = max(below, round(y - text.height / 2 - PADDING))
        rect = Rect(x, top, text.width + 2 * PADDING, text.height + 2 * PADDING)
        below = rect.bottom + 4
        lead = (right + 6, y, x, top + rect.height / 2)
        placed.append(Remark(mark.state, rect, Text(x + PADDING, top + PADDING, text), lead))
        canvas = Rect(
            canvas.x, canvas.y, max(canvas.right, rect.right) - canvas.x, max(canvas.bottom, rect.bottom) - canvas.y
        )
    return tuple(placed), canvas
