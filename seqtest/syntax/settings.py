"""What PlantUML refuses inside the lines that only change the looks: of a skinparam, a style, a sprite."""

import re
import string
import zlib
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from seqtest.errors import Finding
from seqtest.syntax.reader import END, Unexpected
from seqtest.syntax.tree import Line, Setting

if TYPE_CHECKING:
    from seqtest.syntax.reader import Reader

_SPRITE = re.compile(r"sprite\s+\$?[\w.\-/]+\s*(?:\[(\d+)x(\d+)/(?:(4|8|16)(z)?|color)z?\])?\s*(.*)", re.IGNORECASE)
_SIXTY_FOUR = {
    char: value for value, char in enumerate(string.digits + string.ascii_uppercase + string.ascii_lowercase + "-_")
}


def wrong_setting(node: Setting, line: Line, body: Sequence[Line] = (), end: Line | None = None) -> Finding | None:
    """The first mistake in a setting that can be read as one; `body` and `end` are the lines of a block."""
    word = node.text[:6].lower()
    if word == "skinpa" and end is not None:
        return _wrong_parameter((*body, end))
    if word == "<style":
        return _wrong_style(body, line)
    return _wrong_sprite(node, line, body) if word == "sprite" else None


@cache
def _parameters() -> "Reader":
    from seqtest.syntax.grammar import reader
    from seqtest.syntax.statements import Statements

    return reader("sequence", Statements())


@lru_cache(maxsize=4096)
def _is_parameter(text: str) -> bool:
    try:
        _parameters().parse(text, start="parameter")
    except Unexpected:
        return False
    return True


def _wrong_parameter(lines: Sequence[Line]) -> Finding | None:
    for line in lines:
        if line.text and not _is_parameter(line.text):
            return Finding(
                "SQ102",
                "this line is no setting",
                line.span(),
                expected="a name and a value, such as `ArrowColor red`",
                do="write a value behind the name, or close the block above with `}`",
            )
    return None


@cache
def _styles() -> "Reader":
    from seqtest.syntax.grammar import reader

    return reader("style")


@lru_cache(maxsize=256)
def _wrong_place(text: str) -> tuple[int, bool] | None:
    """Where a style cannot be read further, and whether a value is missing there."""
    try:
        _styles().parse(text, start="style")
    except Unexpected as failure:
        return failure.at, failure.found in ("_CLOSE", "_SEMICOLON", END)
    return None


def _wrong_style(body: Sequence[Line], start: Line) -> Finding | None:
    text = "".join(f"{line.text}\n" for line in body)
    place = _wrong_place(text)
    if place is None:
        return None
    at, is_missing = place
    if is_missing:
        # What stands before is the name whose value is missing.
        at = len(text[:at].rstrip()) - 1
    number = text.count("\n", 0, max(at, 0))
    line = body[number] if number < len(body) else start
    offset = max(at, 0) - (text.rfind("\n", 0, max(at, 0)) + 1)
    if is_missing:
        name = line.text[: offset + 1].split()[-1:] or [line.text]
        return Finding(
            "SQ118",
            f"`{name[0]}` has no value in this style",
            line.span(offset + 1 - len(name[0]), offset + 1),
            expected="a name and a value, such as `LineColor red`, or a name and `{`",
        )
    return Finding(
        "SQ118",
        "this style cannot be read further",
        line.span(offset, offset + 1),
        expected="a name and a value, such as `LineColor red`, a name and `{`, or `}`",
    )


def _wrong_sprite(node: Setting, line: Line, body: Sequence[Line]) -> Finding | None:
    match = _SPRITE.match(node.text)
    if match is None or "<svg" in node.text.lower():
        return None
    width, height, levels, packed, rest = match.groups()
    rows = [each for each in body if each.text] if node.is_open else [line]
    if not rows:
        return Finding("SQ119", "this sprite is empty", line.span(), expected="rows of the digits `0` to `F`")
    if packed:
        data = "".join(row.text for row in rows) if node.is_open else rest
        said = _wrong_packed(data, int(width[:5]) * int(height[:5]), int(levels))
        if said is None:
            return None
        return Finding("SQ119", f"this sprite cannot be unpacked: {said}", rows[0].span(), do=_ANEW)
    if not node.is_open:
        is_file = "." in rest or rest.lower().startswith("jar:")
        if is_file or (levels is None and width is None and _is_hex(rest)):
            return None
        return Finding("SQ119", "this is neither a sprite nor a file", line.span(match.start(5)), do=_ANEW)
    if levels in (None, "16") and "color" not in node.text.lower():
        for row in rows:
            if not _is_hex(row.text):
                return Finding("SQ119", "a row of a sprite has only the digits `0` to `F`", row.span())
    return None


_ANEW = "make the sprite anew: `java -jar plantuml.jar -encodesprite 16z picture.png`"


def _is_hex(text: str) -> bool:
    return all(char in string.hexdigits for char in text)


def _wrong_packed(data: str, count: int, levels: int) -> str | None:
    """What is wrong with a sprite's packed points; None when nothing is."""
    digits = [_SIXTY_FOUR.get(char, 0) for char in data.strip()]
    packed = bytearray()
    for at in range(0, len(digits), 4):
        one, two, three, four = [*digits[at : at + 4], 0, 0, 0][:4]
        packed += bytes(((one << 2 | two >> 4) & 255, (two << 4 | three >> 2) & 255, (three << 6 | four) & 255))
    try:
        points = zlib.decompressobj(-15).decompress(bytes(packed), count + 1)
    except zlib.error:
        return "it is damaged"
    if len(points) < count:
        return f"it holds {len(points)} points of {count}"
    brightest = max(points[:count], default=0)
    return f"a point has the level {brightest} of {levels}" if brightest >= levels else None
