"""The pieces that all painting is made of: boxes, lines, and what an element says of itself."""

from seqtest.render.markup import escape, visible
from seqtest.render.svg.letters import number as n
from seqtest.render.svg.mark import State
from seqtest.render.svg.shapes import Arrow, Rect
from seqtest.source import Span


def line_of(span: Span | None) -> str:
    return f' data-line="{span.line}"' if span is not None else ""


def state_of(state: State | None) -> str:
    return f' data-state="{state}"' if state is not None else ""


def occurrences_of(indices: tuple[int, ...]) -> str:
    return f' data-occurrences="{" ".join(map(str, indices))}"' if indices else ""


def tooltip(lines: tuple[str, ...]) -> str:
    return f"<title>{chr(10).join(escape(visible(line)) for line in lines)}</title>"


def rectangle(name: str, r: Rect, more: str = "") -> str:
    return f'<rect class="{name}" x="{n(r.x)}" y="{n(r.y)}" width="{n(r.width)}" height="{n(r.height)}"{more}/>'


def stroke(name: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{name}" x1="{n(x1)}" y1="{n(y1)}" x2="{n(x2)}" y2="{n(y2)}"/>'


def hit_box(arrow: Arrow) -> str:
    """An invisible surface on which the arrow can be pointed at."""
    left, right = min(arrow.x1, arrow.x2), max(arrow.x1, arrow.x2)
    top, bottom = arrow.y1 - 8, arrow.y2 + 6
    if arrow.loop:
        left, right = min(left, left + arrow.loop), max(right, right + arrow.loop)
    if arrow.text is not None:
        left, top = min(left, arrow.text.x), min(top, arrow.text.y)
        right = max(right, arrow.text.x + arrow.text.paragraph.width)
    return rectangle("hit", Rect(left, top, right - left, bottom - top))
