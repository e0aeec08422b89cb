"""The lines of a text, each with the place where it was written."""

import re

from seqtest.diagram.model import TextLine
from seqtest.syntax.tree import Line, Piece

NEWLINE = "\ue100"
"""What `%newline()` leaves in a line."""
_BREAK = re.compile(r"\\\\|\\[nrl]|\ue100")


def lines_of(line: Line, piece: Piece) -> tuple[TextLine, ...]:
    """A one-line text: `\\n` (also `\\r`, `\\l`) begins the next line, `\\\\` is no break."""
    lines: list[TextLine] = []
    begin = 0
    breaks = [match.span() for match in _BREAK.finditer(piece.text) if match[0] != "\\\\"]
    for start, end in (*breaks, (len(piece.text), len(piece.text))):
        text = piece.text[begin:start]
        lines.append(TextLine(text, line.span(piece.at + begin, piece.at + max(start, begin + 1))))
        begin = end
    return tuple(lines)


def block_lines(body: tuple[Line, ...]) -> tuple[TextLine, ...]:
    """A text over several lines, without the blanks that begin all of them. `\\n` is no break here."""
    common = min([len(line.lead) for line in body if line.text], default=0)
    lines: list[TextLine] = []
    for line in body:
        lead = line.lead[common:] if line.text else ""
        if NEWLINE not in line.text:
            lines.append(TextLine(lead + line.text, line.span(0, len(line.text) or 1)))
            continue
        begin = 0
        for text in line.text.split(NEWLINE):
            lines.append(TextLine(lead + text, line.span(begin, begin + (len(text) or 1))))
            begin += len(text) + 1
            lead = ""
    return tuple(lines)


def visible(text: str) -> str:
    """A label's text, with `%newline()` as the `\\n` that one would have written."""
    return text.replace(NEWLINE, "\\n")
