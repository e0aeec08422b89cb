"""Colours as authors write them, and what becomes of them so that all text stays legible, light and dark."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from seqtest.syntax.colors import DIGITS

_HEX = re.compile(r"[0-9a-f]+$")
_GRADIENT = re.compile(r"[-/\\\\|]")

TEXT_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3 (AA)."""


class Rgb(NamedTuple):
    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


BLACK, WHITE = Rgb(0, 0, 0), Rgb(255, 255, 255)


class Paint(NamedTuple):
    """What an author says about an element's colours: `#pink`, `#red/blue`, `#back:pink;line:blue;text:green`."""

    fill: Rgb | None = None
    second: Rgb | None = None
    """The other end of a gradient."""
    direction: str = ""
    """`/`, `\\`, `|` or `-`."""
    line: Rgb | None = None
    text: Rgb | None = None
    is_dashed: bool = False
    is_transparent: bool = False


NOTHING = Paint()


@cache
def _names() -> dict[str, Rgb]:
    return {name: _hexadecimal(digits) for name, digits in DIGITS.items()}


def _hexadecimal(digits: str) -> Rgb:
    return Rgb(int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16))


@lru_cache(maxsize=1024)
def rgb(text: str) -> Rgb | None:
    """The colour of `red`, `#f00`, `#ff0000`, `#ff0000cc` (over white); None for `transparent` and no colour."""
    word = text.strip().removeprefix("#").lower()
    if word in _names():
        return _names()[word]
    if not _HEX.match(word):
        return None
    if len(word) in (1, 3):
        return _hexadecimal("".join(digit * (6 // len(word)) if len(word) == 1 else digit * 2 for digit in word))
    if len(word) == 8:
        return mix(_hexadecimal(word), WHITE, int(word[6:], 16) / 255)
    return _hexadecimal(word) if len(word) == 6 else None


@lru_cache(maxsize=1024)
def paint(text: str | None) -> Paint:
    """What is written behind an element, read; what is no colour is left out."""
    if not text:
        return NOTHING
    found = NOTHING
    for number, item in enumerate(text.removeprefix("#").split(";")):
        key, has_key, value = item.partition(":")
        if not has_key:
            found = (
                _keyed(found, "back", item)
                if not number or not _is_dash(item)
                else found._replace(is_dashed=_is_dash(item))
            )
        else:
            found = _keyed(found, key.strip().lower(), value.strip())
    return found


def is_gradient(text: str | None) -> bool:
    """Whether an element's colour is one that changes from end to end."""
    return paint(text).second is not None


def _is_dash(item: str) -> bool:
    return item.strip().lower() in ("line.dashed", "line.dotted")


def _keyed(found: Paint, key: str, value: str) -> Paint:
    if key == "text":
        return found._replace(text=rgb(value))
    if key == "line":
        return found._replace(line=rgb(value))
    if key not in ("back", "header"):
        return found
    if value.lower().strip("#") in ("transparent", "clear"):
        return found._replace(is_transparent=True)
    sign = _GRADIENT.search(value)
    if sign and rgb(value[: sign.start()]) and rgb(value[sign.end() :]):
        return found._replace(fill=rgb(value[: sign.start()]), second=rgb(value[sign.end() :]), direction=sign[0])
    return found._replace(fill=rgb(value))


def mix(color: Rgb, other: Rgb, share: float) -> Rgb:
    """`share` of the colour, the rest of the other."""
    return Rgb(*(round(a * share + b * (1 - share)) for a, b in zip(color, other, strict=True)))


@lru_cache(maxsize=4096)
def luminance(color: Rgb) -> float:
    """WCAG's relative luminance, 0 to 1."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=1024)
def gray(color: Rgb) -> Rgb:
    """The grey that is as bright: every contrast stays."""
    share = luminance(color)
    part = share * 12.92 if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055
    return Rgb(*(round(part * 255),) * 3)


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    a, b = luminance(one), luminance(other)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


@lru_cache(maxsize=1024)
def legible(color: Rgb, ground: Rgb, ratio: float = TEXT_CONTRAST) -> Rgb:
    """The colour, moved towards black or white as little as it takes to stand out from the ground."""
    end = BLACK if contrast(BLACK, ground) > contrast(WHITE, ground) else WHITE
    for step in range(20):
        moved = mix(color, end, 1 - step / 20)
        if contrast(moved, ground) >= ratio:
            return moved
    return end


@lru_cache(maxsize=1024)
def ground(color: Rgb, ink: Rgb, page: Rgb, most: float = 1.0) -> Rgb:
    """A colour for a large area with the theme's ink on it: at most that share of the author's, else the page's."""
    for step in range(20):
        moved = mix(color, page, most * (1 - step / 20))
        if contrast(moved, ink) >= 7:
            return moved
    return page
