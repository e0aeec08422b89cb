"""Plots as SVG: bars, and lines over a number. One for a page with a style sheet, or several as a picture of their own.

Colours are classes, `c0` to `c5`: a page has them in its style sheet, a picture of its own brings them along.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.render.markup import escape, visible
from seqtest.render.svg import theme
from seqtest.render.svg.measure import width as text_width

WIDTH = 520
BAR, GAP = 22, 8
HEIGHT = 240
SIZE = 12.5
LEGEND = 24
COLORS = (
    ("#3b6fc9", "#7ea6ee"),
    ("#b5592a", "#e29a6a"),
    ("#1a7f37", "#56c271"),
    ("#626b7d", "#9aa3b5"),
    ("#8b2fb0", "#d59bf0"),
    ("#0e7c86", "#5cc8d2"),
)
"""In the light and in the dark."""

Scheme = Literal["auto", "light"]


@dataclass(frozen=True, slots=True)
class Bars:
    """One row: its name, and a bar for each value."""

    name: str
    values: Sequence[float]
    colors: Sequence[int] = (0, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line over the plot's numbers; its name stands at its end."""

    values: Sequence[float]
    color: int
    name: str = ""
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A finished plot: what it shows, its elements, and the room that they take."""

    title: str
    elements: str
    width: float
    height: float

    def in_page(self) -> str:
        """As an element of a page that has the colours."""
        return (
            f'<svg class="plot" viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'aria-label="{escape(visible(self.title))}">{self.elements}</svg>'
        )


def bars(title: str, rows: Sequence[Bars], width: float = WIDTH, longest: int = 22) -> Plot:
    """A group of bars a row, each with its number; zero is drawn as a line. Names are cut to `longest` characters."""
    most = max([1.0, *(value for row in rows for value in row.values)])
    names = [_short(visible(row.name), longest) for row in rows]
    left = max([60.0, *(_width(name) + 14 for name in names)])
    room = width - left - 14 - max(_width(number(value)) for row in rows for value in row.values)
    parts, y = [], 4.0
    for row, name in zip(rows, names, strict=True):
        group = len(row.values) * (BAR + 2) - 2
        parts.append(_text(left - 10, y + group / 2 + 5, name, "end"))
        for place, (value, color) in enumerate(zip(row.values, row.colors, strict=False)):
            top = y + place * (BAR + 2)
            size = max(1.5, round(room * value / most, 1))
            parts.append(
                f'<rect class="c{color}" x="{left:.1f}" y="{top:g}" width="{size:g}" height="{BAR}" rx="2"/>'
                + _text(left + size + 7, top + BAR - 6, number(value))
            )
        y += group + GAP
    return Plot(title, "".join(parts), width, y + 4)


def lines(
    title: str,
    across: Sequence[int],
    drawn: Sequence[Line],
    below: str,
    *,
    marks: Sequence[tuple[float, str]] = (),
    ticks: Sequence[int] = (),
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Plot:
    """Lines over the numbers `across`, from a common zero. `marks`: heights with a name, in place of round numbers."""
    most = max([1.0, *(value for line in drawn for value in line.values), *(value for value, _ in marks)])
    steps = [(0.0, "0"), *marks] if marks else [(value, number(value)) for value in _round_numbers(most)]
    most = max(most, steps[-1][0])
    ends = [f"{number(line.values[-1])} {line.name}".rstrip() for line in drawn]
    x0, y0, y1 = 16 + max(_width(words) for _, words in steps), height - 42, 16.0
    x1 = width - 20 - max(_width(end) for end in ends)
    first, last = across[0], across[-1]

    def x(value: float) -> float:
        return round(x0 + (x1 - x0) * (value - first) / (last - first), 1)

    def y(value: float) -> float:
        return round(y0 - (y0 - y1) * value / most, 1)

    parts = []
    kind = "limit" if marks else "axis"
    for value, words in steps:
        name = kind if value else "axis"
        parts.append(f'<line class="{name}" x1="{x0:g}" y1="{y(value):g}" x2="{x1:.1f}" y2="{y(value):g}"/>')
        parts.append(_text(x0 - 8, y(value) + 4, words, "end"))
    parts += [_text(x(value), y0 + 18, number(value), "middle") for value in ticks or across]
    parts.append(_text((x0 + x1) / 2, height - 6, below, "middle"))
    for line in drawn:
        places = " ".join(f"{x(n):.1f},{y(value):.1f}" for n, value in zip(across, line.values, strict=True))
        dashed = " dashed" if line.is_dashed else ""
        parts.append(f'<polyline class="c{line.color} stroke{dashed}" points="{places}"/>')
        parts.append(f'<circle class="c{line.color}" cx="{x1:.1f}" cy="{y(line.values[-1]):g}" r="4"/>')
    for end, place in zip(ends, _apart([y(line.values[-1]) for line in drawn]), strict=True):
        parts.append(_text(x1 + 9, place + 4, end))
    return Plot(title, "".join(parts), width, height)


def picture(title: str, plots: Sequence[Plot], legend: Sequence[str] = (), *, scheme: Scheme = "auto") -> str:
    """The plots below each other as an image of its own, each below its title; `auto` follows the reader's scheme.

    `legend`: what the colours mean, from the first on.
    """
    width, height = size_of(plots, legend)
    y, parts = 16.0, []
    for color, words in enumerate(legend):
        parts.append(f'<rect class="c{color}" x="16" y="{y:g}" width="14" height="14" rx="2"/>')
        parts.append(_text(38, y + 12, _short(visible(words), 80)))
        y += LEGEND
    y += GAP if legend else 0
    for plot in plots:
        parts.append(f'<text class="title" x="16" y="{y + 14:g}">{escape(visible(plot.title))}</text>')
        parts.append(f'<g transform="translate(16 {y + 28:g})">{plot.elements}</g>')
        y += plot.height + 44
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sqplot" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img"><title>{escape(visible(title))}</title>'
        f'<style>{_sheet(scheme)}</style><rect class="page" width="100%" height="100%"/>{"".join(parts)}</svg>\n'
    )


def size_of(plots: Sequence[Plot], legend: Sequence[str] = ()) -> tuple[float, float]:
    """Width and height of their picture."""
    height = 16 + LEGEND * len(legend) + (GAP if legend else 0) + sum(plot.height + 44 for plot in plots)
    return max(plot.width for plot in plots) + 32, height


def number(value: float) -> str:
    """Whole numbers with their thousands apart, small ones with a digit behind the point."""
    return f"{round(value):,}" if value >= 10 or value == round(value) else f"{value:.1f}"


def _sheet(scheme: Scheme) -> str:
    light, dark = (_rules(colors, place) for place, colors in enumerate((theme.LIGHT, theme.DARK)))
    fixed = (
        f".sqplot text{{font:{SIZE}px {theme.SANS}}}.sqplot .title{{font:bold 15px {theme.SANS}}}"
        ".sqplot .stroke{fill:none;stroke-width:2.5}.sqplot .dashed{stroke-dasharray:7 4}"
        ".sqplot .limit{stroke-dasharray:2 3}"
    )
    later = f"@media (prefers-color-scheme:dark){{{dark}}}" if scheme == "auto" else ""
    return fixed + light + later


def _rules(colors: theme.Colors, place: int) -> str:
    own = "".join(
        f".sqplot .c{index}{{fill:{pair[place]}}}.sqplot .c{index}.stroke{{fill:none;stroke:{pair[place]}}}"
        for index, pair in enumerate(COLORS)
    )
    return (
        f".sqplot .page{{fill:{colors.page}}}.sqplot text{{fill:{colors.ink}}}"
        f".sqplot .axis{{stroke:{colors.box_line}}}.sqplot .limit{{stroke:{colors.failed}}}{own}"
    )


def _round_numbers(most: float) -> list[float]:
    """From zero to what is at least that much, in three to six equal steps of 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(most / 3))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if most / (factor * power) <= 6)
    return [part * step for part in range(math.ceil(most / step) + 1)]


def _apart(places: Sequence[float], room: float = 15) -> list[float]:
    """The places, moved just so far that between two of them is room for a line of text."""
    order = sorted(range(len(places)), key=lambda index: -places[index])
    found = list(places)
    for lower, upper in pairwise(order):
        found[upper] = min(found[upper], found[lower] - room)
    return found


def _width(text: str) -> float:
    return round(text_width(text, 13), 1)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    """As wide as it was measured, whatever font the viewer has."""
    shown = visible(words)
    fit = f'lengthAdjust="spacingAndGlyphs" textLength="{text_width(shown, 13) * SIZE / 13:.1f}" ' if shown else ""
    return f'<text {fit}x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(shown)}</text>'


def _short(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
