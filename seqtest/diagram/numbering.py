"""autonumber: which number each message shows."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_LEVEL = re.compile(r"\d+|\D+")
_MARKUP = re.compile(r"</?\w[^>]*>|\*\*|\"\"")
_QUOTED = re.compile(r"'([^']*)'")
_PLACES = re.compile(r"#*0+|#+")


@dataclass(slots=True)
class Numbering:
    """Counts messages as PlantUML does. `levels` holds digits and separators by turns."""

    levels: list[str] = field(default_factory=list)
    step: int = 1
    format: str = "0"
    is_running: bool = False
    latest: str = ""
    """What the latest message showed; `%autonumber%` in a text."""
    markup: str | None = None
    """The same with the format's markup; None where the author gave no format, and the number is bold."""

    def start(self, number: str, step: int, format: str | None) -> None:
        self.levels = [str(int(part)) if part.isdigit() else part for part in _LEVEL.findall(number)]
        self.step = step
        self.format = format or "0"
        self.is_running = True

    def resume(self, step: int | None, format: str | None) -> None:
        self.step = step or self.step
        self.format = format or self.format
        self.is_running = True

    def raise_level(self, letter: str) -> bool:
        """`inc B`: the level counted up and all below it set to 1; False when there is no such level."""
        index = 2 * (ord(letter.upper()) - ord("A"))
        if index >= len(self.levels):
            return False
        self.levels[index] = str(int(self.levels[index]) + 1)
        for below in range(index + 2, len(self.levels), 2):
            self.levels[below] = "1"
        return True

    def take(self) -> str | None:
        """The number of the next message; None when nothing is numbered."""
        if not self.is_running:
            self.latest = ""
            return None
        if len(self.levels) > 1:
            shown, self.markup = "".join(self.levels), None
        else:
            number = int(self.levels[0])
            shown = format_number(self.format, number)
            self.markup = None if self.format == "0" else marked_number(self.format, number)
        self.levels[-1] = str(int(self.levels[-1]) + self.step)
        self.latest = shown
        return shown


_MALFORMED = re.compile(r"[#0]\.[#0]*\.[#0]|0#")


def is_format(pattern: str) -> bool:
    """Whether the pattern is a decimal format: one point at most, no optional digit behind a needed one."""
    return not _MALFORMED.search(_QUOTED.sub("", _MARKUP.sub("", pattern)))


def format_number(pattern: str, number: int) -> str:
    """The number in a decimal format: `0` a digit, `#` an optional one, the rest text; its markup removed."""
    return _formatted(pattern, number, lambda match: "")


def marked_number(pattern: str, number: int) -> str:
    """The same with its markup. A digit in a tag (`<color #00f>`) is no place for the number's."""
    return _formatted(pattern, number, lambda match: match[0])


def _formatted(pattern: str, number: int, markup: Callable[[re.Match[str]], str]) -> str:
    kept: list[str] = []

    def keep(text: str) -> str:
        kept.append(text)
        return chr(0xE000 + len(kept) - 1)

    text = _QUOTED.sub(lambda match: keep(match[1]), pattern)
    text = _MARKUP.sub(lambda match: keep(markup(match)), text)
    places = _PLACES.search(text)
    digits = str(number).zfill(places[0].count("0")) if places else str(number)
    shown = text[: places.start()] + digits + text[places.end() :] if places else text + digits
    for index, literal in reversed(list(enumerate(kept))):  # a tag may hold what was quoted
        shown = shown.replace(chr(0xE000 + index), literal)
    return shown
