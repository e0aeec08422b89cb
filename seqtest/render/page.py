"""The text of one diagram while what happened is written into it, at the places that its spans name."""

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from seqtest.dataclass import dataclass
from seqtest.diagram import Box, CombinedFragment, Diagram, InteractionUse, LifeEvent, Message, Note, Participant
from seqtest.render.mask import Masker
from seqtest.source import Span

WHOLE = 1 << 16
"""More columns than a line has."""
_END_NOTE = re.compile(r"\s*end\s?[hr]?note\b", re.IGNORECASE)


@dataclass(slots=True)
class Page:
    """The lines of one diagram while they are edited; line numbers are the file's."""

    first: int
    lines: list[str]
    path: str
    prefix: dict[int, str] = field(default_factory=dict)
    """Line → a mark in front of the label; kept apart so that columns stay those of the spans."""
    behind: dict[int, list[str]] = field(default_factory=dict)
    """Line → what is written at its end."""
    below: dict[int, list[str]] = field(default_factory=dict)
    """Line → lines that follow it."""
    kept: dict[int, int] = field(default_factory=dict)
    """Line → columns at its start that are the drawing's bones and not text; secrets are looked for behind them."""
    arrows: dict[int, tuple[int, str, str]] = field(default_factory=dict)
    """Line → column at which the arrow is looked for, the arrow as written, and its new spelling."""
    labels: dict[int, int] = field(default_factory=dict)
    """Line → column of the label."""
    masker: Masker = field(default_factory=Masker)

    @classmethod
    def of(cls, diagram: Diagram, masker: Masker) -> "Page":
        """The page of a diagram. Raises ValueError for one that was read from nowhere."""
        source, span = diagram.source, diagram.span
        if source is None or span is None:
            raise ValueError("a diagram without a source cannot be annotated")
        lines = [line.rstrip("\r") for line in source.text.split("\n")]
        start = span.line - source.first_line
        own = lines[start : max(span.end_line - source.first_line + 1, start + 1)]
        return cls(span.line, own, source.path, kept=dict(_bones(diagram)), masker=masker)

    def line_of(self, span: Span | None) -> int | None:
        """The line on which the span begins; None when that is not on this page."""
        if span is None or span.path != self.path or not self.first <= span.line < self.first + len(self.lines):
            return None
        return span.line

    def end_of_note(self, note: Note) -> int:
        """The last line of a note; 0 for one that is not on this page."""
        first = self.line_of(note.span)
        if first is None or not note.is_block:
            return first or 0
        for line in range(first + 1, self.first + len(self.lines)):
            if _END_NOTE.match(self.lines[line - self.first]):
                return line
        return first

    def text(self) -> str:
        return (
            "\n".join(
                piece for number, line in enumerate(self.lines, self.first) for piece in self._edited(number, line)
            )
            + "\n"
        )

    def _edited(self, number: int, line: str) -> Iterator[str]:
        label = self.labels.get(number)
        bones = line[: label - 1] if label else line[: self.kept.get(number, 0)]
        rest = self.masker.source(line[len(bones) :])
        if number in self.arrows:
            column, arrow, spelling = self.arrows[number]
            place = bones.find(arrow, column - 1)
            if place >= 0:
                bones = bones[:place] + spelling + bones[place + len(arrow) :]
        tail = "".join(f" {text}" for text in self.behind.get(number, ()))
        yield f"{bones}{self.prefix.get(number, '')}{rest}{tail}"
        yield from self.below.get(number, ())


def _bones(diagram: Diagram) -> Iterator[tuple[int, int]]:
    """For each line that declares or connects something, how many of its columns must stay as they are."""
    pieces: list[Participant | Box | Any] = [*diagram.participants, *diagram.boxes, *diagram.walk()]
    for item in pieces:
        if item.span is None or item.span.path != (diagram.source.path if diagram.source else ""):
            continue
        match item:
            case (
                Participant(is_declared=True)
                | Box()
                | LifeEvent()
                | InteractionUse(is_block=True)
                | Note(is_block=True)
            ):
                yield item.span.line, WHOLE
            case Note() | InteractionUse():
                yield item.span.line, max(item.span.text.find(":"), 0)
            case Message():
                yield item.span.line, item.text_span.column - 1 if item.text_span is not None else WHOLE
                yield from _heads(item.notes)
            case CombinedFragment():
                yield item.span.line, item.span.column + len(item.operator)


def _heads(notes: tuple[Note, ...]) -> Iterator[tuple[int, int]]:
    for note in notes:
        if note.span is not None:
            yield note.span.line, WHOLE if note.is_block else max(note.span.text.find(":"), 0)
