"""Pictures inside texts: the author's sprites (`<$name>`) and the icons of Open Iconic (`<&name>`)."""

import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from seqtest.dataclass import dataclass
from seqtest.diagram import Diagram, Verbatim
from seqtest.render.creole import Icon

LARGEST = 400
"""Pixels of a sprite's side; a larger one is no sprite, and its name is shown."""
ICON_SIDE = 8
_GRID = re.compile(r"\[(\d{1,4})x(\d{1,4})/(?:(4|8|16)(z?)|color)\]", re.IGNORECASE)
_SPRITE = re.compile(
    r"sprite\s+\$?(?P<name>[\w.\-/]+)\s*(?P<grid>\[[^\]]*\])?\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_DIGITS = {c: n for n, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_")}
_COLORS = {c: n for n, c in enumerate(".,$%&*+-:;<=>?@^_~GHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")}
_COLORS |= {"!": _COLORS["."], "#": _COLORS[","]}
"""The digits of a coloured sprite: two a pixel, twelve bits of red, green and blue."""
_BITS = {4: 2, 8: 3, 16: 4}


class Glyph(NamedTuple):
    """A picture with the size it is shown in. What has no colour of its own is painted in that of the text."""

    width: float
    height: float
    body: str
    """SVG elements, in their own size."""
    scale: float = 1.0

    def scaled(self, scale: float) -> "Glyph":
        return self if scale == 1 else Glyph(self.width * scale, self.height * scale, self.body, self.scale * scale)


@dataclass(frozen=True, eq=False, slots=True)
class Glyphs:
    """The sprites of a drawing; equal only to itself, so that a text set with them is set once."""

    sprites: Mapping[str, Glyph] = field(default_factory=dict)

    def find(self, icon: Icon, size: int) -> Glyph | None:
        """The picture that is asked for in text of that size, None when there is none."""
        kind, name = icon.name[0], icon.name[1:]
        found = self.sprites.get(name) if kind == "$" else open_iconic(name, size)
        return found.scaled(icon.scale) if found else None


ICONS_ALONE = Glyphs()


@cache
def open_iconic(name: str, size: int) -> Glyph | None:
    """An icon of Open Iconic, as high as the text."""
    found = _icons().get(name)
    if found is None:
        return None
    x, y, path = found
    return Glyph(size, size, f'<path transform="scale({size / ICON_SIDE:g}) translate({x:g} {y:g})" d="{path}"/>')


@cache
def _icons() -> dict[str, tuple[float, float, str]]:
    found: dict[str, tuple[float, float, str]] = json.loads(
        (Path(__file__).parent / "open_iconic.json").read_text(encoding="utf-8")
    )
    return found


def glyphs_of(diagram: Diagram) -> Glyphs | None:
    """The sprites that a drawing defines, later ones stronger; None without any. What cannot be read is left out."""
    sprites: dict[str, Glyph] = {}
    for item in diagram.walk():
        if isinstance(item, Verbatim) and item.keyword == "sprite" and (match := _SPRITE.match(item.text)):
            glyph = _sprite(match["grid"], match["rest"])
            if glyph is not None:
                sprites[match["name"]] = glyph
    return Glyphs(sprites) if sprites else None


def _sprite(grid: str | None, rest: str) -> Glyph | None:
    if rest.startswith("<svg"):
        from seqtest.render.svg.drawing import foreign

        return Glyph(*found) if (found := foreign(rest, LARGEST)) else None
    size = _GRID.fullmatch(grid or "")
    if size is None:
        return None
    width, height = int(size[1]), int(size[2])
    if not (0 < width <= LARGEST and 0 < height <= LARGEST):
        return None
    if size[3] is None:
        return _coloured(rest, height) if rest.startswith("{") else None
    levels = int(size[3])
    if size[4]:
        rows = _inflated(rest, width, height)
    elif rest.startswith("{"):
        rows = _rows([line.strip() for line in rest.strip("{} \n").split("\n")], levels)
    else:
        return None
    return Glyph(width, height, _painted(rows, width, height, levels)) if rows is not None else None


def _coloured(rest: str, height: int) -> Glyph | None:
    """As wide as its first row; a pixel of other letters is not painted."""
    lines = [line.strip() for line in rest.strip("{} \n").split("\n")][:height]
    width = len(lines[0]) // 2
    if not 0 < width <= LARGEST:
        return None
    runs: dict[int, list[str]] = {}
    for y, line in enumerate(lines):
        row = [_color(line[at : at + 2]) for at in range(0, 2 * width, 2)]
        for color, x, length in _runs([pixel + 1 for pixel in row]):
            runs.setdefault(color - 1, []).append(f"M{x} {y}h{length}v1h-{length}z")
    # The picture's style sheet is stronger than an attribute.
    body = "".join(
        f'<path style="fill:#{"".join(2 * digit for digit in f"{color:03x}")}" d="{"".join(parts)}"/>'
        for color, parts in sorted(runs.items())
    )
    return Glyph(width, len(lines), f'<g shape-rendering="crispEdges">{body}</g>')


def _color(letters: str) -> int:
    """Twelve bits, -1 for what is no colour."""
    digits = [_COLORS.get(letter, -1) for letter in letters]
    return digits[0] * 64 + digits[1] if len(digits) == 2 and min(digits) >= 0 else -1


def _rows(lines: Sequence[str], levels: int) -> list[list[int]] | None:
    """Each character is a pixel of 16 levels, two of 8 or three of 4 below each other."""
    bits = _BITS[levels]
    per_line = 6 // bits
    rows: list[list[int]] = []
    for line in lines:
        digits = [_DIGITS.get(character.upper() if levels == 16 else character) for character in line]
        if None in digits:
            return None
        for number in range(per_line):
            shift = bits * (per_line - 1 - number)
            rows.append([(digit or 0) >> shift & (levels - 1) for digit in digits])
    return rows


def _inflated(text: str, width: int, height: int) -> list[list[int]] | None:
    """Deflated, a byte a pixel, in PlantUML's base 64."""
    digits = [_DIGITS.get(character) for character in text.strip()]
    if None in digits:
        return None
    packed = bytearray()
    digits += [0] * (-len(digits) % 4)
    for at in range(0, len(digits), 4):
        a, b, c, d = (digit or 0 for digit in digits[at : at + 4])
        packed += bytes([a << 2 | b >> 4, (b << 4 | c >> 2) & 255, (c << 6 | d) & 255])
    try:
        pixels = zlib.decompressobj(-zlib.MAX_WBITS).decompress(bytes(packed), width * height)
    except zlib.error:
        return None
    return [list(pixels[at : at + width]) for at in range(0, len(pixels), width)]


def _painted(rows: Sequence[Sequence[int]], width: int, height: int, levels: int) -> str:
    """A path for each level, made of runs of equal pixels."""
    runs: dict[int, list[str]] = {}
    for y, row in enumerate(rows[:height]):
        for level, x, length in _runs(row[:width]):
            runs.setdefault(min(level, levels - 1), []).append(f"M{x} {y}h{length}v1h-{length}z")
    return "".join(
        f'<path fill-opacity="{level / (levels - 1):.3g}" d="{"".join(parts)}"/>'
        for level, parts in sorted(runs.items())
    )


def _runs(row: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Level, first pixel and length of what is not empty."""
    start = 0
    for x in range(1, len(row) + 1):
        if x == len(row) or row[x] != row[start]:
            if row[start]:
                yield row[start], start, x - start
            start = x
