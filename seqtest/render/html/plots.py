"""Plots of two flows side by side, as SVG: bars for what they took, lines for how it grows with each further call.

Colours come from the page's style sheet: `left`, `right`, `axis`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seqtest.render.markup import escape, visible
from seqtest.verdict.compare import Comparison, Measured

WIDTH = 520
BAR, GAP = 22, 8
LEFT = 150
HEIGHT = 240
CALLS = 20
"""Further calls up to which the lines go."""


class Bar(NamedTuple):
    name: str
    left: float
    right: float


def of(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Every plot that the two flows have numbers for, with its title."""
    left, right = comparison.left, comparison.right
    yield "Messages", bars("Messages", [Bar("all", left.total.messages, right.total.messages), *_calls(left, right)])
    sizes = [
        Bar("on the wire", left.total.bytes, right.total.bytes),
        Bar("tokens", left.token_bytes, right.token_bytes),
    ]
    sizes += [
        Bar(f"one {name}", left.tokens.get(name, 0), right.tokens.get(name, 0))
        for name in dict.fromkeys((*left.tokens, *right.tokens))
    ]
    yield "Bytes", bars("Bytes", sizes)
    if left.for_calls(1) is not None and right.for_calls(1) is not None:
        for title, of_cost in (("Messages", "messages"), ("Bytes on the wire", "bytes")):
            series = [[getattr(flow.for_calls(count), of_cost) for count in range(CALLS + 1)] for flow in (left, right)]
            words = f"{title}: one login and so many calls"
            yield words, lines(words, series[0], series[1])


def _calls(left: Measured, right: Measured) -> list[Bar]:
    names = [n for n in dict.fromkeys((*left.calls, *right.calls)) if left.calls.get(n) or right.calls.get(n)]
    return [Bar(f"calls to {name}", left.calls.get(name, 0), right.calls.get(name, 0)) for name in names]


def bars(title: str, values: Sequence[Bar]) -> str:
    """Two bars a row, each with its number; zero is drawn as a line."""
    most = max([1.0, *(value for bar in values for value in (bar.left, bar.right))])
    room = WIDTH - LEFT - 70
    row = 2 * BAR + GAP + 6
    height = 8 + row * len(values)
    parts = [_open(title, WIDTH, height)]
    for place, bar in enumerate(values):
        y = 4 + place * row
        parts.append(_text(LEFT - 10, y + BAR + 4, _short(bar.name), "end"))
        for side, value in enumerate((bar.left, bar.right)):
            top = y + side * (BAR + 2)
            size = max(1.5, round(room * value / most, 1))
            name = ("left", "right")[side]
            parts.append(f'<rect class="{name}" x="{LEFT}" y="{top}" width="{size}" height="{BAR}" rx="2"/>')
            parts.append(_text(LEFT + size + 7, top + BAR - 6, _number(value)))
    return "".join([*parts, "</svg>"])


def lines(title: str, left: Sequence[float], right: Sequence[float]) -> str:
    """Two lines over the numbers of calls from 0 on, from a common zero."""
    most = max([1.0, *left, *right])
    x0, y0, x1, y1 = 60, HEIGHT - 42, WIDTH - 80, 16
    last = len(left) - 1
    parts = [_open(title, WIDTH, HEIGHT)]
    for part in range(5):
        y = round(y0 - (y0 - y1) * part / 4, 1)
        parts.append(f'<line class="axis" x1="{x0}" y1="{y}" x2="{x1}" y2="{y}"/>')
        parts.append(_text(x0 - 8, y + 4, _number(most * part / 4), "end"))
    for count in range(0, last + 1, 5):
        x = round(x0 + (x1 - x0) * count / last, 1)
        parts.append(_text(x, y0 + 18, str(count), "middle"))
    parts.append(_text((x0 + x1) / 2, HEIGHT - 6, "calls after the login", "middle"))
    for name, values in (("left", left), ("right", right)):
        places = [
            f"{round(x0 + (x1 - x0) * count / last, 1)},{round(y0 - (y0 - y1) * value / most, 1)}"
            for count, value in enumerate(values)
        ]
        end = round(y0 - (y0 - y1) * values[-1] / most, 1)
        parts.append(f'<polyline class="{name} stroke" points="{" ".join(places)}"/>')
        parts.append(f'<circle class="{name}" cx="{x1}" cy="{end}" r="4"/>')
        parts.append(_text(x1 + 9, end + 4, _number(values[-1])))
    return "".join([*parts, "</svg>"])


def _open(title: str, width: int, height: int) -> str:
    return f'<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(visible(title))}">'


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(visible(words))}</text>'


def _short(name: str) -> str:
    return name if len(name) <= 22 else f"{name[:21]}…"


def _number(value: float) -> str:
    return f"{round(value):,}" if value >= 10 or value == round(value) else f"{value:.1f}"
