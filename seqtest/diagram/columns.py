"""The drawing's columns while it is read: participants in their order, boxes around them."""

from dataclasses import field

from seqtest.dataclass import dataclass, replace
from seqtest.diagram.model import Box, Link, Participant, ParticipantKind, TextLine
from seqtest.source import Span


@dataclass(slots=True)
class Columns:
    """Participants appear where they are first named, go by `order`, and move to the far right when declared again."""

    participants: list[Participant] = field(default_factory=list)
    known: dict[str, Participant] = field(default_factory=dict)
    boxes: list[Box] = field(default_factory=list)
    open_boxes: list[int] = field(default_factory=list)

    def mention(self, code: str, name: str | None, span: Span) -> None:
        """An arrow, a note or an activation names the participant."""
        if code not in self.known:
            self._add(Participant(code, code if name is None else name, is_declared=False, box=self._box(), span=span))

    def declare(
        self,
        code: str,
        name: str,
        kind: ParticipantKind,
        span: Span,
        *,
        stereotypes: tuple[str, ...] = (),
        order: int = 0,
        color: str | None = None,
        link: Link | None = None,
        lines: tuple[TextLine, ...] = (),
    ) -> None:
        """A declaration: of a new participant, or of one that only moves."""
        old = self.known.get(code)
        if old is None:
            new = Participant(code, name, kind, stereotypes, order, color, link, self._box(), True, lines, span)
        else:
            self.participants.remove(old)
            new = old if not self.open_boxes else replace(old, box=self._box())
        self._add(new)

    def link(self, code: str, link: Link | None) -> None:
        old = self.known[code]
        new = replace(old, link=link)
        self.participants[self.participants.index(old)] = new
        self.known[code] = new

    def open_box(self, box: Box) -> None:
        self.boxes.append(replace(box, parent=self._box()))
        self.open_boxes.append(len(self.boxes) - 1)

    def close_box(self) -> bool:
        """False when none is open."""
        return bool(self.open_boxes) and self.open_boxes.pop() >= 0

    def _box(self) -> int | None:
        return self.open_boxes[-1] if self.open_boxes else None

    def _add(self, new: Participant) -> None:
        self.known[new.id] = new
        column = len(self.participants)
        while column and self.participants[column - 1].order > new.order:
            column -= 1
        self.participants.insert(column, new)
