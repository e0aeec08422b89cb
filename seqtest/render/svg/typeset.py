"""Setting text: creole blocks in, a paragraph out, every run at its place relative to the paragraph's corner."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from math import ceil
from typing import Any, Literal, NamedTuple

from seqtest.dataclass import dataclass
from seqtest.pattern import pattern
from seqtest.render import creole
from seqtest.render.creole import PLAIN, Block, Line, Rule, Run, Style, Table, Tree
from seqtest.render.markup import visible
from seqtest.render.svg.glyphs import ICONS_ALONE, Glyph, Glyphs
from seqtest.render.svg.measure import ASCENT, DESCENT, WIDEST, by_font, width

LEADING = 1.3
"""Distance of two baselines, in sizes."""
INDENT = 16
"""A list's indentation a level."""
CELL_PADDING = 6
HEADING_STEPS = {1: 5, 2: 3, 3: 1}
"""How much larger a heading is; deeper ones are as large as text, and italic."""
NARROWEST = 80
"""Room of a line that stands deep in a list or tree."""
BRANCH = 12
"""How far a level of a tree is from the one above it."""


class Font(NamedTuple):
    """The font of a place in the picture. `limit`: lines are broken at this width; `glyphs`: the drawing's sprites."""

    size: int = 13
    is_bold: bool = False
    is_italic: bool = False
    limit: int = 560
    slack: float = 1.0
    """A line is left whole that is longer than `limit` by no more than this."""
    align: Literal["left", "center", "right"] = "left"
    glyphs: Glyphs = ICONS_ALONE


class Piece(NamedTuple):
    """A run at its place: `y` is the baseline."""

    x: float
    y: float
    width: float
    size: int
    text: str
    style: Style
    is_bold: bool
    glyph: Glyph | None = None
    """A picture of that width in place of the text, its middle at that of the text's line."""


class Area(NamedTuple):
    """A filled rectangle behind text (`color`), or without a colour a cell's border."""

    x: float
    y: float
    width: float
    height: float
    color: str | None = None


class Stroke(NamedTuple):
    """A line from one place to another; `mark` as in `creole.Rule`."""

    x: float
    y: float
    x2: float
    y2: float
    mark: str = "-"

    def moved(self, x: float, y: float) -> "Stroke":
        return self._replace(x=self.x + x, y=self.y + y, x2=self.x2 + x, y2=self.y2 + y)


class Paragraph(NamedTuple):
    """A set text with its size in whole pixels."""

    width: int
    height: int
    pieces: tuple[Piece, ...] = ()
    areas: tuple[Area, ...] = ()
    strokes: tuple[Stroke, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.pieces and not self.strokes and not self.areas


EMPTY = Paragraph(0, 0)


@lru_cache(maxsize=8192)
def label(text: str, font: Font) -> Paragraph:
    """A one-line text as written (with `\\n`): a label, a name, a guard."""
    if not text:
        return EMPTY
    return set_blocks(creole.label(text), font)


@lru_cache(maxsize=8192)
def numbered(number: str, text: str, font: Font, markup: str | None = None) -> Paragraph:
    """A label with its number before the first line and the other lines below that line's text.

    The number looks as its `markup` says; without any it is bold.
    """
    shown = creole.runs(markup) if markup is not None else (Run(visible(number), Style(bold=True)),)
    first = _set_line(shown, font, 0.0, "left")
    if not text:
        return Paragraph(ceil(first.width), first.height, tuple(first.pieces))
    rest = label(text, font)
    indent = ceil(first.width) + 5
    shift = rest.pieces[0].y - first.pieces[0].y if rest.pieces and first.pieces else 0
    pieces = [piece._replace(y=piece.y + shift) for piece in first.pieces]
    pieces += [piece._replace(x=piece.x + indent) for piece in rest.pieces]
    areas = tuple(area._replace(x=area.x + indent) for area in rest.areas)
    strokes = tuple(stroke.moved(indent, 0) for stroke in rest.strokes)
    return Paragraph(rest.width + indent, max(rest.height, first.height), tuple(pieces), areas, strokes)


@lru_cache(maxsize=4096)
def verbatim(text: str, font: Font) -> Paragraph:
    """Text that is not markup, with real line ends."""
    lines = [visible(line) for line in text.split("\n")]
    return set_blocks([Line((Run(line),) if line else ()) for line in lines], font) if text else EMPTY


def note(lines: Sequence[str], font: Font) -> Paragraph:
    """A text of several lines, in which lists and tables count."""
    return _note(tuple(lines), font)


@lru_cache(maxsize=4096)
def _note(lines: tuple[str, ...], font: Font) -> Paragraph:
    return set_blocks(creole.blocks(lines), font)


def set_blocks(blocks: Sequence[Block], font: Font) -> Paragraph:
    """Place blocks below each other, aligned as the font says."""
    setter = _Setter(font)
    for block in blocks:
        _PLACE[type(block)](setter, block)
    return setter.finish()


class _Row(NamedTuple):
    """One line set, or a tree: its pieces at the left edge, its size, and how it is aligned."""

    pieces: list[Piece]
    areas: list[Area]
    width: float
    height: int
    align: str
    strokes: tuple[Stroke, ...] = ()


@dataclass(slots=True)
class _Setter:
    font: Font
    rows: list[_Row] = field(default_factory=list)
    rules: list[tuple[int, Rule]] = field(default_factory=list)

    def line(self, line: Line) -> None:
        font = self.font
        if line.kind == "heading":
            step = HEADING_STEPS.get(line.level)
            font = font._replace(size=font.size + step, is_bold=True) if step else font._replace(is_italic=True)
        indent = float(line.level * INDENT) if line.kind == "item" else 0.0
        for number, part in enumerate(_wrapped(line.runs, font, _room(font, indent))):
            row = _set_line(part, font, indent, line.align)
            if line.marker and not number:
                mark_width = width(line.marker, font.size, font.is_bold)
                baseline = row.pieces[0].y if row.pieces else font.size
                row.pieces.insert(
                    0, Piece(indent - mark_width - 5, baseline, mark_width, font.size, line.marker, PLAIN, font.is_bold)
                )
            self.rows.append(row)

    def rule(self, rule: Rule) -> None:
        self.rules.append((len(self.rows), rule))
        row = _set_line(rule.runs, self.font._replace(is_bold=bool(rule.runs)), 0.0, "center")
        self.rows.append(row if rule.runs else row._replace(height=9))

    def table(self, table: Table) -> None:
        cells = [[_set_cell(cell.lines, self.font) for cell in row] for row in table.rows]
        columns = max(map(len, cells))
        widths = [
            max((row[i].width for row in cells if i < len(row)), default=0) + 2 * CELL_PADDING for i in range(columns)
        ]
        for row, written in zip(cells, table.rows, strict=True):
            height = max(cell.height for cell in row) + 6
            pieces: list[Piece] = []
            areas: list[Area] = []
            x = 0
            for cell, spec, cell_width in zip(row, written, widths, strict=False):
                if spec.color:
                    areas.append(Area(x, 0, cell_width, height, spec.color))
                areas.append(Area(x, 0, cell_width, height))
                areas += [area._replace(x=area.x + x + CELL_PADDING, y=area.y + 3) for area in cell.areas]
                for piece in cell.pieces:
                    style = piece.style if piece.style.back else piece.style._replace(back=spec.color)
                    pieces.append(piece._replace(x=piece.x + x + CELL_PADDING, y=piece.y + 3, style=style))
                x += cell_width
            self.rows.append(_Row(pieces, areas, sum(widths), height, "left"))

    def tree(self, tree: Tree) -> None:
        """Each branch hangs on the one before it at its level, or on the end of the one that it grows from."""
        pieces: list[Piece] = []
        areas: list[Area] = []
        strokes: list[Stroke] = []
        ends: list[tuple[int, float]] = []
        """Level and middle of each branch that another may hang on."""
        wide, y = 0.0, 0
        for level, runs in tree.branches:
            x = float(level * BRANCH)
            lines = [
                _set_line(part, self.font, x + 8, "left") for part in _wrapped(runs, self.font, _room(self.font, x))
            ]
            middle = y + lines[0].height // 2
            while ends and ends[-1][0] > level:
                ends.pop()
            strokes.append(Stroke(x - BRANCH + 4, ends[-1][1] if ends else y, x - BRANCH + 4, middle))
            strokes.append(Stroke(x - BRANCH + 4, middle, x + 4, middle))
            ends.append((level, middle))
            for line in lines:
                pieces += [piece._replace(y=piece.y + y) for piece in line.pieces]
                areas += [area._replace(y=area.y + y) for area in line.areas]
                wide, y = max(wide, line.width), y + line.height
        self.rows.append(_Row(pieces, areas, wide, y, "", tuple(strokes)))

    def finish(self) -> Paragraph:
        total = max((row.width for row in self.rows), default=0)
        if self.rules:
            total = max([total, *(self.rows[index].width + 24 for index, _ in self.rules)])
        pieces: list[Piece] = []
        areas: list[Area] = []
        strokes: list[Stroke] = []
        tops: list[int] = []
        y = 0
        for row in self.rows:
            tops.append(y)
            dx = _shift(row.align or self.font.align, total - row.width)
            if dx or y:
                pieces += [piece._replace(x=piece.x + dx, y=piece.y + y) for piece in row.pieces]
                areas += [area._replace(x=area.x + dx, y=area.y + y) for area in row.areas]
            else:
                pieces += row.pieces
                areas += row.areas
            strokes += [stroke.moved(dx, y) for stroke in row.strokes]
            y += row.height
        strokes += [stroke for index, rule in self.rules for stroke in self._strokes(rule, index, tops[index], total)]
        return Paragraph(ceil(total), y, tuple(pieces), tuple(areas), tuple(strokes))

    def _strokes(self, rule: Rule, index: int, top: int, total: float) -> Iterator[Stroke]:
        row = self.rows[index]
        middle = top + row.height // 2
        if not rule.runs:
            yield Stroke(0, middle, total, middle, rule.mark)
            return
        half = row.width / 2 + 6
        yield Stroke(0, middle, total / 2 - half, middle, rule.mark)
        yield Stroke(total / 2 + half, middle, total, middle, rule.mark)


_PLACE: Mapping[type, Callable[[_Setter, Any], None]] = {
    Line: _Setter.line,
    Rule: _Setter.rule,
    Table: _Setter.table,
    Tree: _Setter.tree,
}


def _room(font: Font, indent: float) -> float:
    """What a line has that stands so deep in a list or a tree: some words fit beside each other everywhere."""
    return max(font.limit - indent, min(font.limit, NARROWEST))


def _shift(align: str, slack: float) -> float:
    return 0.0 if align == "left" else slack / 2 if align == "center" else slack


def _set_cell(lines: Sequence[tuple[Run, ...]], font: Font) -> Paragraph:
    setter = _Setter(font._replace(align="left"))
    for runs in lines:
        setter.line(Line(runs))
    return setter.finish()


def _size_of(style: Style, font: Font) -> int:
    size = style.size or font.size
    return max(round(size * 0.75), 7) if style.shift else size


def _set_line(runs: Sequence[Run], font: Font, indent: float, align: str) -> _Row:
    """The runs beside each other on one baseline."""
    tallest = max((run.style.size or font.size for run in runs), default=font.size)
    height = ceil(tallest * LEADING)
    if any(run.style.icon for run in runs):
        glyphs = (_glyph(run.style, font) for run in runs)
        height = max([height, *(ceil(glyph.height) + 2 for glyph in glyphs if glyph)])
    baseline = round((height - (ASCENT + DESCENT) * tallest) / 2 + ASCENT * tallest, 1)
    pieces: list[Piece] = []
    areas: list[Area] = []
    x = indent
    for text, style in ((part, run.style) for run in runs for part in by_font(run.text)):
        bold = font.is_bold or style.bold
        size = _size_of(style, font)
        if font.is_italic and not style.italic:
            style = style._replace(italic=True)
        glyph = _glyph(style, font) if style.icon else None
        advance = glyph.width if glyph else width(text, size, bold, style.mono)
        y = baseline + (3 if style.shift == "sub" else -round(tallest * 0.35) if style.shift == "sup" else 0)
        if style.back:
            areas.append(Area(x, y - ceil(ASCENT * size), advance, ceil(size * 1.15), style.back))
        shown = text.strip(" ")
        if glyph:
            pieces.append(Piece(x, y, advance, size, text, style, bold, glyph))
        elif shown:
            lead = len(text) - len(text.lstrip(" "))
            before = width(" " * lead, size, bold, style.mono) if lead else 0.0
            seen = advance if len(shown) == len(text) else width(shown, size, bold, style.mono)
            pieces.append(Piece(x + before, y, seen, size, shown, style, bold))
        x += advance
    return _Row(pieces, areas, x, height, align)


def _glyph(style: Style, font: Font) -> Glyph | None:
    return font.glyphs.find(style.icon, _size_of(style, font)) if style.icon else None


def _advance(run: Run, font: Font) -> float:
    glyph = _glyph(run.style, font)
    if glyph:
        return glyph.width
    return width(run.text, _size_of(run.style, font), font.is_bold or run.style.bold, run.style.mono)


def _wrapped(runs: Sequence[Run], font: Font, limit: float) -> Iterator[Sequence[Run]]:
    """The line in parts that fit, broken at blanks, or inside a word that alone is too wide."""
    if all(run.style.icon is None for run in runs) and (
        WIDEST * sum(len(run.text) * _size_of(run.style, font) for run in runs) <= limit
    ):
        # The line fits whatever it says.
        yield runs
        return
    if sum(_advance(run, font) for run in runs) <= limit * font.slack:
        yield runs
        return
    indent = _indent(runs, font, limit)
    start = _advance(indent, font) if indent is not None else 0.0
    part: list[Run] = []
    used = 0.0
    for word in _words(runs):
        if part and used + _advances(word, font) > limit:
            part[-1] = Run(part[-1].text.rstrip(" "), part[-1].style)
            yield part
            part, used = ([indent], start) if indent is not None else ([], 0.0)
            word = [Run(word[0].text.lstrip(" "), word[0].style), *word[1:]]
        for text, style in word:
            size, bold = _size_of(style, font), font.is_bold or style.bold
            glyph = _glyph(style, font) if style.icon else None
            for piece in (text,) if glyph else _fitting(text, size, bold, style.mono, limit - start):
                advance = glyph.width if glyph else width(piece.rstrip(" "), size, bold, style.mono)
                if part and used > start and used + advance > limit:
                    yield part
                    part, used = ([indent], start) if indent is not None else ([], 0.0)
                if part and part[-1].style == style and not glyph and part[-1] is not indent:
                    part[-1] = Run(part[-1].text + piece, style)
                else:
                    part.append(Run(piece, style))
                used += advance if glyph else width(piece, size, bold, style.mono)
    if part:
        yield part


def _indent(runs: Sequence[Run], font: Font, limit: float) -> Run | None:
    """The blanks that the line begins with, when they leave room for words: its other parts begin with them as well."""
    text, style = runs[0]
    lead = Run(text[: len(text) - len(text.lstrip(" "))], style)
    return lead if lead.text and not style.icon and _advance(lead, font) <= limit / 2 else None


def _advances(word: Sequence[Run], font: Font) -> float:
    """How wide a word is without the blank behind it."""
    *before, (text, style) = word
    return sum(_advance(run, font) for run in before) + _advance(Run(text.rstrip(" "), style), font)


def _words(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Each with the blanks around it, or a Chinese or Japanese character. One that changes looks is several runs."""
    word: list[Run] = []
    for text, style in runs:
        if style.icon:
            word.append(Run(text, style))
            continue
        lead = text[: len(text) - len(text.lstrip(" "))]
        if lead and word:
            yield word
            word = []
        pieces = text.lstrip(" ").split(" ")
        for index, piece in enumerate(pieces):
            is_ended = index < len(pieces) - 1
            shown = (lead if not index else "") + piece + (" " if is_ended else "")
            for number, part in enumerate(_CUT.split(shown)):
                if number and word:
                    yield word
                    word = []
                if part:
                    word.append(Run(part, style))
            if is_ended and word:
                yield word
                word = []
    if word:
        yield word


_IDEOGRAPH = "\u2e80-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff00-\uff65"
_OPENS, _CLOSES = (
    "([{「『（【〔《〈［｛",
    ")]},.;:!?%」』）】〕》〉］｝、。，．：；！？・ー～…々ぁぃぅぇぉっゃゅょァィゥェォッャュョ",
)
_CUT = pattern(
    rf"(?<=[{_IDEOGRAPH}])(?<![{re.escape(_OPENS)}])(?![{re.escape(_CLOSES)} ]|$)"
    rf"|(?<=[^\s{re.escape(_OPENS)}])(?=[{_IDEOGRAPH}])(?![{re.escape(_CLOSES)}])"
)
"""Where a line of Chinese or Japanese may be broken: not behind what opens, nor before what closes."""


def _fitting(word: str, size: int, bold: bool, mono: bool, limit: float) -> Iterator[str]:
    if width(word, size, bold, mono) <= limit:
        yield word
        return
    piece, used = "", 0.0
    for character in word:
        advance = width(character, size, bold, mono)
        if piece and used + advance > limit:
            yield piece
            piece, used = "", 0.0
        piece += character
        used += advance
    yield piece
