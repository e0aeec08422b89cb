"""Where text came from: a source, and a span of columns in one of its lines."""

from dataclasses import field
from functools import lru_cache

from seqtest.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A text with the name its user knows it by."""

    path: str
    text: str = field(repr=False)
    first_line: int = 1
    """The line of the file on which `text` begins; above 1 for a diagram inside a document."""

    def line(self, number: int) -> str:
        """The text of a 1-based line of the file, without its line end; empty when there is none."""
        lines = _lines(self.text)
        index = number - self.first_line
        return lines[index].rstrip("\r") if 0 <= index < len(lines) else ""


@lru_cache(maxsize=32)
def _lines(text: str) -> list[str]:
    """Split once: spans ask for their lines one by one."""
    return text.split("\n")


DrawnAt = tuple[str, int, int, int]
"""Path, line, column, and how often that line was drawn before."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A run of columns: 1-based lines and columns, `end_column` just behind the last character."""

    line: int
    column: int
    end_line: int
    end_column: int
    source: Source | None = field(default=None, compare=False, repr=False)
    call: int = field(default=0, compare=False, repr=False)
    """How often its line was drawn before, by a procedure or a loop of the preprocessor."""

    @classmethod
    def at(cls, source: Source | None, line: int, column: int = 1, length: int = 1) -> "Span":
        """A span of `length` columns in one line."""
        return cls(line, column, line, column + (length if length > 1 else 1), source)

    @property
    def path(self) -> str:
        return self.source.path if self.source else "<text>"

    @property
    def item(self) -> "DrawnAt":
        """What tells the item that begins here from every other of its drawing."""
        return self.path, self.line, self.column, self.call

    @property
    def text(self) -> str:
        """The whole line on which the span begins."""
        return self.source.line(self.line) if self.source else ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"
