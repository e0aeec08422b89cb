"""autonumber: which number each message shows."""

import re
from dataclasses import field
from functools import lru_cache

from seqtest.dataclass import dataclass
from seqtest.diagram.decimal_format import DecimalFormat

_LEVEL = re.compile(r"\d+|\D+")
_MARKUP = re.compile(r"</?\w[^>]*>|\*\*|\"\"")


@dataclass(slots=True)
class Numbering:
    """Counts messages as PlantUML does. `levels` holds digits and separators by turns."""

    levels: list[str] = field(default_factory=list)
    step: int = 1
    format: str = "0"
    is_running: bool = False
    latest: str = ""
    """What the latest message showed, with its format's markup but for `<b>`; `%autonumber%` in a text."""
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
        self.latest = re.sub("</?b>", "", shown if self.markup is None else self.markup)
        return shown


def is_format(pattern: str) -> bool:
    """Whether the pattern is one that PlantUML can number with."""
    try:
        DecimalFormat.of(pattern)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)
def format_number(pattern: str, number: int) -> str:
    """The number as it is drawn, without markup. Raises ValueError for what is no format."""
    return _MARKUP.sub("", marked_number(pattern, number))


def marked_number(pattern: str, number: int) -> str:
    """The same with its markup."""
    return DecimalFormat.of(pattern).write(number)
