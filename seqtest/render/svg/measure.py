"""How wide a text is, from the font's own advance widths; no font is opened."""

import re
from functools import cache, lru_cache
from itertools import chain
from unicodedata import category, east_asian_width

from seqtest.pattern import pattern
from seqtest.render.svg import metrics

UNITS = 2048
ASCENT, DESCENT = 0.905, 0.212
"""Arimo and Arial, in sizes."""
MONO_ADVANCE = 1229
"""Cousine and Courier New: every character."""
WIDEST = 1.4
"""No character is wider, in sizes."""
PICTURE = 2560
"""An emoji."""
SIGN = 1740
"""A sign or a number in a circle that no letter font has, on the average of those that others have."""
HALF = 1024
"""A letter of half a Chinese one's width."""
_SCRIPTS = (
    ("\u0590", "\u05ff", 1180),
    ("\u0600", "\u08ff", 1020),
    ("\ufb1d", "\ufb4f", 1180),
    ("\ufb50", "\ufefc", 1020),
)
"""Letters of Hebrew, and of Arabic as they are joined, on the average of a word."""
_JOINED = ("Mn", "Me")
"""Marks above, below and around a letter."""
_MAYBE_SEQUENCE = pattern("[\u200d\ufe0f\u20e3\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]")
_BASE = "[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]"
_CHANGE = "[\ufe0f\U0001f3fb-\U0001f3ff]"
_SEQUENCES = (
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|"
    f"{_BASE}(?:{_CHANGE}(?:\u200d{_BASE}{_CHANGE}?)*|(?:\u200d{_BASE}{_CHANGE}?)+)"
)
"""Characters that are one emoji together: a flag, a key, one with a colour of skin, several that are joined."""
_SEQUENCE = pattern(_SEQUENCES)


@cache
def _signs() -> re.Pattern[str]:
    listed = set(chain.from_iterable(metrics.REGULAR.values()))
    signs = "".join(chr(code) for code in range(0x2190, 0x2C00) if chr(code) not in listed)
    return re.compile(f"((?:{_SEQUENCES}|[{re.escape(signs)}\U0001f000-\U0001faff])+)")


def by_font(text: str) -> list[str]:
    """The text in parts: letters, and emoji and signs of another font. Some viewers take one font for a whole part."""
    return [text] if text.isascii() else [part for part in _signs().split(text) if part]


class _Advances(dict[str, int]):
    """Characters outside the table: a wide one takes a whole size, one that joins its neighbour nothing."""

    def __init__(self, by_width: dict[int, str], default: int) -> None:
        super().__init__(chain.from_iterable(((char, width) for char in chars) for width, chars in by_width.items()))
        self.default = default

    def __missing__(self, character: str) -> int:
        advance = self[character] = _unlisted(character, self.default)
        return advance


def _unlisted(character: str, default: int) -> int:
    kind = category(character)
    if kind in _JOINED or character in "\u200c\u200d" or "\ufe00" <= character <= "\ufe0f":
        return 0
    for first, last, advance in _SCRIPTS:
        if first <= character <= last:
            return advance
    east_asian = east_asian_width(character)
    if kind == "So" and (character >= "\U0001f300" or (east_asian == "W" and character < "\u2e80")):
        return PICTURE
    if east_asian in "WF":
        return UNITS
    if east_asian == "H":
        return HALF
    return SIGN if kind in ("So", "No", "Nl") else default


@cache
def _advances(is_bold: bool, is_mono: bool) -> _Advances:
    if is_mono:
        latin = "".join(chain.from_iterable(metrics.REGULAR.values()))
        return _Advances({MONO_ADVANCE: latin}, MONO_ADVANCE)
    return _Advances(metrics.BOLD if is_bold else metrics.REGULAR, 1366 if is_bold else 1251)


@lru_cache(maxsize=1 << 15)
def width(text: str, size: int, is_bold: bool = False, is_mono: bool = False) -> float:
    """Pixels that the text takes on one line."""
    if not text.isascii() and _MAYBE_SEQUENCE.search(text):
        text = _SEQUENCE.sub("\U0001f600", text)
    return sum(map(_advances(is_bold, is_mono).__getitem__, text)) * size / UNITS
