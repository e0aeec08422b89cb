"""A grid of terminal cells: text of any script painted at columns, each cell with a role that a style may colour."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

Style = Callable[[str, str], str]
"""`style(text, role)` gives the text as it is to be printed; roles are those of `ROLES`."""
ROLES = ("", "dim", "bold", "passed", "failed", "unexpected", "heading")

_ANSI = {"dim": "2", "bold": "1", "passed": "32", "failed": "1;31", "unexpected": "1;33", "heading": "1;36"}
_TAGS = re.compile(r"</?(?:b|i|u|s|w|color|size|font|back|sub|sup|plain|&)\b[^<>\n]*>|</?[bius]>", re.IGNORECASE)


def plain(text: str, role: str) -> str:
    """The style without colour."""
    return text


def ansi(text: str, role: str) -> str:
    """The style for a colour terminal."""
    code = _ANSI.get(role)
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


@lru_cache(maxsize=4096)
def cells(character: str) -> int:
    """Columns that a character takes: 0 for one that joins the character before it, 2 for a wide one."""
    if character.isascii():
        return 1
    from rich.cells import get_character_cell_size

    return 0 if unicodedata.combining(character) else get_character_cell_size(character)


def width_of(text: str) -> int:
    """Columns that a line takes."""
    return len(text) if text.isascii() else sum(map(cells, text))


def clean(text: str) -> str:
    """The text without what a terminal would obey: control characters and bidirectional overrides become `�`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\n":
        return character
    if character == "\t":
        return " "
    category = unicodedata.category(character)
    joins = character in "\u200c\u200d" or "\ufe00" <= character <= "\ufe0f"
    return "�" if category in ("Cc", "Cs", "Co", "Zl", "Zp") or (category == "Cf" and not joins) else character


def unmarked(text: str) -> str:
    """A drawn text as it reads: without creole's bold marks and inline tags, `\\n` as a line end."""
    text = _TAGS.sub("", text.replace("\\n", "\n").replace("<br>", "\n"))
    return re.sub(r"\*\*(.+?)\*\*", r"\1", text)


def cut(text: str, width: int) -> str:
    """The text in at most `width` columns, `…` in place of what is missing."""
    if width_of(text) <= width:
        return text
    taken, used = [], 1
    for character in text:
        used += cells(character)
        if used > width:
            break
        taken.append(character)
    return "".join(taken).rstrip() + "…" if width > 0 else ""


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at blanks, inside a word only where it alone is too long.

    What follows a break keeps the indentation of its line.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        body = paragraph.lstrip(" ")
        indent = " " * min(len(paragraph) - len(body), max(0, width - 4))
        line = ""
        for word in body.split(" "):
            if line and width_of(line) + 1 + width_of(word) > width - len(indent):
                lines.append(indent + line)
                line = ""
            line = f"{line} {word}" if line else word
            while width_of(line) > width - len(indent):
                head, line = _split(line, width - len(indent))
                lines.append(indent + head)
        lines.append(indent + line)
    return lines


def _split(text: str, width: int) -> tuple[str, str]:
    """As much of a long word as fits, rather up to a mark that words are often joined with."""
    used = 0
    for index, character in enumerate(text):
        used += cells(character)
        if used > width and index > 0:
            mark = max(text.rfind(join, 0, index) for join in "/.-_&=:,?")
            place = mark + (text[mark] not in "/") if mark > index // 3 else index
            return text[:place], text[place:]
    return text, ""


class Grid:
    """Lines of cells, grown downwards. A wide character fills two cells, the second one empty."""

    __slots__ = ("lines", "width")

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[list[tuple[str, str]]] = []

    def add_line(self) -> int:
        """A new blank line; its index."""
        self.lines.append([(" ", "")] * self.width)
        return len(self.lines) - 1

    def put(self, line: int, column: int, text: str, role: str = "") -> None:
        """Paint text from that column on; what falls off an edge is lost."""
        row = self.lines[line]
        for character in text:
            size = cells(character)
            if size == 0:
                if 0 < column <= self.width and row[column - 1][0]:
                    row[column - 1] = (row[column - 1][0] + character, row[column - 1][1])
                continue
            if column >= 0 and column + size <= self.width:
                self._free(row, column, size)
                row[column] = (character, role)
                if size == 2:
                    row[column + 1] = ("", role)
            column += size

    def clear(self, line: int, column: int) -> None:
        """Blank the line from that column on."""
        self.lines[line][column:] = [(" ", "")] * (self.width - column)

    @staticmethod
    def _free(row: list[tuple[str, str]], column: int, size: int) -> None:
        # Half of a wide character cannot stay: a blank takes its other cell.
        if row[column][0] == "" and column:
            row[column - 1] = (" ", "")
        if column + size < len(row) and row[column + size][0] == "":
            row[column + size] = (" ", "")

    def text(self, style: Style = plain) -> str:
        """The whole picture; blanks at the end of a line are left out."""
        return "\n".join(_styled(row, style) for row in self.lines)


def _styled(row: list[tuple[str, str]], style: Style) -> str:
    end = len(row)
    while end and row[end - 1][0] == " ":
        end -= 1
    pieces: list[str] = []
    start = 0
    for index in range(1, end + 1):
        if index == end or row[index][1] != row[start][1]:
            text = "".join(cell[0] for cell in row[start:index])
            pieces.append(style(text, row[start][1]) if row[start][1] else text)
            start = index
    return "".join(pieces)
