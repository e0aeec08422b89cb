"""Where the calls in a text begin and end, and how their raw arguments are cut."""

import re
from functools import lru_cache

from seqtest.dataclass import dataclass
from seqtest.syntax.tree import Line, Place

CALL = re.compile(r"(?:[%$]|(?<!\w))[A-Za-z_]\w*+\(")


@dataclass(slots=True)
class Words:
    """The words of a text that may be variables or calls, from left to right, each part searched once."""

    text: str
    names: re.Pattern[str] | None
    calls: re.Pattern[str] | None
    variable: re.Match[str] | None = None
    call: re.Match[str] | None = None

    def __post_init__(self) -> None:
        self.variable = self.names.search(self.text) if self.names else None
        self.call = self.calls.search(self.text) if self.calls else None

    def next(self, at: int) -> tuple[int, int, str] | None:
        """The first such word from `at` on: its start, its end and itself. `at` never goes back."""
        if self.variable is not None and self.names is not None and self.variable.start() < at:
            self.variable = self.names.search(self.text, at)
        if self.call is not None and self.calls is not None and self.call.start() < at:
            self.call = self.calls.search(self.text, at)
        found = self.variable
        if self.call is not None and (found is None or self.call.start() <= found.start()):
            found = self.call
        return None if found is None else (found.start(), found.end(), found[0])


def keep(out: list[str], places: list[Place], line: Line, length: int, start: int, end: int) -> None:
    if end <= start:
        return
    origin = line.place(start)
    column = origin.column if origin.is_fixed else origin.column + start - origin.offset
    places.append(Place(length, origin.source, origin.line, column, origin.is_fixed))
    places.extend(
        Place(length + place.offset - start, place.source, place.line, place.column, place.is_fixed)
        for place in line.places
        if start < place.offset < end
    )
    out.append(line.text[start:end])


def closing(text: str, at: int) -> int | None:
    """The index of the `)` that closes a call whose arguments begin at `at`."""
    return _parentheses(text).get(at - 1)


@lru_cache(maxsize=64)
def _parentheses(text: str) -> dict[int, int]:
    """Each `(` with its `)`. Inside parentheses a quoted text holds none; one pass, however many are never closed."""
    pairs: dict[int, int] = {}
    open_: list[int] = []
    index = 0
    while index < len(text):
        char = text[index]
        if char == "(":
            open_.append(index)
        elif char == ")" and open_:
            pairs[open_.pop()] = index
        elif open_ and (char == '"' or (char == "'" and text[index - 1] in "(, =")):
            end = text.find(char, index + 1)
            index = end if end >= 0 else index
        index += 1
    return pairs


_NAME = re.compile(r"\s*(\$\w+)\s*=(?!=)")
_BLANKS = re.compile(r"\s*")


def raw_arguments(text: str) -> list[tuple[str | None, str]]:
    """The arguments of an unquoted call, with their names where they have one (`$b = text`).

    One that begins with a quote ends with the next one; all others are raw up to a comma outside parentheses. Raises
    ValueError for text behind a closing quote, and for a quote that never closes.
    """
    if not text.strip():
        return []
    found: list[tuple[str | None, str]] = []
    at = 0
    while True:
        named = _NAME.match(text, at)
        at = _after_blanks(text, named.end() if named else at)
        begin = at
        if text[at : at + 1] in ("'", '"'):
            end = text.find(text[at], at + 1)
            if end < 0:
                raise ValueError(f"a quote is never closed in `{text[at : at + 30]}`")
            value, at = text[begin + 1 : end], _after_blanks(text, end + 1)
            if at < len(text) and text[at] != ",":
                raise ValueError(f"text stands behind the closing quote: `{text[at : at + 30]}`")
        else:
            at = _end_of_raw(text, at)
            value = text[begin:at].strip()
        found.append((named[1] if named else None, value))
        if at >= len(text):
            return found
        at += 1


def _after_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _end_of_raw(text: str, at: int) -> int:
    """Where a raw argument ends: at a comma outside parentheses. Quotes hold commas only inside them."""
    depth = 0
    while at < len(text):
        char = text[at]
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "," and depth <= 0:
            break
        elif char == '"' and depth > 0:
            closed = text.find('"', at + 1)
            at = closed if closed >= 0 else at
        at += 1
    return at
