"""autonumber: which number each message shows."""

import re
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
        shown = "".join(self.levels) if len(self.levels) > 1 else format_number(self.format, int(self.levels[0]))
        self.levels[-1] = str(int(self.levels[-1]) + self.step)
        self.latest = shown
        return shown


_MALFORMED = re.compile(r"[#0]\.[#0]*\.[#0]|0#")


def is_format(pattern: str) -> bool:
    """Whether the pattern is a decimal format: one point at most, no optional digit behind a needed one."""
    return not _MALFORMED.search(_QUOTED.sub("", _MARKUP.sub("", pattern)))


def format_number(pattern: str, number: int) -> str:
    """The number in a decimal format: `0` a digit, `#` an optional one, the rest text; its markup removed."""
    quoted: list[str] = []

    def keep(match: re.Match[str]) -> str:
        quoted.append(match[1])
        return chr(0xE000 + len(quoted) - 1)

    text = _MARKUP.sub("", _QUOTED.sub(keep, pattern))
    places = _PLACES.search(text)
    digits = str(number).zfill(places[0].count("0")) if places else str(number)
    shown = text[: places.start()] + digits + text[places.end() :] if places else text + digits
    for index, literal in enumerate(quoted):
        shown = shown.replace(chr(0xE000 + index), literal)
    return shown
