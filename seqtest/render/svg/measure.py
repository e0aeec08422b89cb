"""How wide a text is, from the font's own advance widths; no font is opened."""

from functools import cache, lru_cache
from itertools import chain
from unicodedata import category, east_asian_width

from seqtest.render.svg import metrics

UNITS = 2048
MONO_ADVANCE = 1229
"""Cousine and Courier New: every character."""
NARROW = 950
"""A joined letter of Arabic script, and of those beside it, on the average of a word."""
_NARROW = (("\u0590", "\u08ff"), ("\ufb1d", "\ufdff"), ("\ufe70", "\ufefc"))
_JOINED = ("Mn", "Me")
"""Marks above, below and around a letter."""
ASCENT, DESCENT = 0.905, 0.212
"""Arimo and Arial, in sizes."""


class _Advances(dict[str, int]):
    """Characters outside the table: a wide one takes a whole size, one that joins its neighbour nothing."""

    def __init__(self, by_width: dict[int, str], default: int) -> None:
        super().__init__(chain.from_iterable(((char, width) for char in chars) for width, chars in by_width.items()))
        self.default = default

    def __missing__(self, character: str) -> int:
        advance = self[character] = _unlisted(character, self.default)
        return advance


def _unlisted(character: str, default: int) -> int:
    if category(character) in _JOINED or character in "\u200c\u200d" or "\ufe00" <= character <= "\ufe0f":
        return 0
    if any(first <= character <= last for first, last in _NARROW):
        return NARROW
    return UNITS if east_asian_width(character) in "WF" else default


@cache
def _advances(is_bold: bool, is_mono: bool) -> _Advances:
    if is_mono:
        latin = "".join(chain.from_iterable(metrics.REGULAR.values()))
        return _Advances({MONO_ADVANCE: latin}, MONO_ADVANCE)
    return _Advances(metrics.BOLD if is_bold else metrics.REGULAR, 1366 if is_bold else 1251)


@lru_cache(maxsize=1 << 15)
def width(text: str, size: int, is_bold: bool = False, is_mono: bool = False) -> float:
    """Pixels that the text takes on one line."""
    return sum(map(_advances(is_bold, is_mono).__getitem__, text)) * size / UNITS
