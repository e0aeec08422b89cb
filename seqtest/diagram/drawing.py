"""A diagram while its statements are read: who exists, what is open, what a note or a life event would hang on."""

from dataclasses import field
from typing import Any, Never

from seqtest.dataclass import dataclass
from seqtest.diagram.columns import Columns
from seqtest.diagram.lives import Lives
from seqtest.diagram.model import Furniture, Item, Link, Operand, TextLine, Verbatim
from seqtest.diagram.numbering import Numbering
from seqtest.diagram.texts import block_lines, visible
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Span
from seqtest.syntax import tree as marks
from seqtest.syntax.colors import unknown_color
from seqtest.syntax.meanings import link_parts
from seqtest.syntax.tree import Piece, Statement, Who


@dataclass(slots=True)
class OpenFragment:
    """A group whose `end` has not come."""

    node: marks.OpenGroup
    span: Span
    operands: list[Operand] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    keyword: str = "else"
    guard: str = ""
    guard_span: Span | None = None
    color: str | None = None
    opened: Span | None = None
    levels: dict[str, int] = field(default_factory=dict)
    """Who was active when the group was opened: each operand begins there."""
    highest: dict[str, int] = field(default_factory=dict)
    destroyed: frozenset[str] = frozenset()
    """Who was destroyed when the group was opened."""
    ends: list[frozenset[str]] = field(default_factory=list)
    """Who is destroyed at the end of each operand."""

    def close_operand(self, levels: dict[str, int], destroyed: set[str]) -> None:
        guard_span, span = self.guard_span, self.opened or self.span
        self.operands.append(Operand(self.guard, tuple(self.items), self.keyword, self.color, span, guard_span))
        self.items = []
        self.ends.append(frozenset(destroyed))
        for who, level in levels.items():
            self.highest[who] = max(level, self.highest.get(who, 0))


@dataclass(slots=True)
class Drawing:
    """The state that PlantUML keeps from line to line, and the pieces that all statements share."""

    columns: Columns = field(default_factory=Columns)
    lives: Lives = field(default_factory=Lives)
    numbering: Numbering = field(default_factory=Numbering)
    top: list[Item] = field(default_factory=list)
    open: list[OpenFragment] = field(default_factory=list)
    furniture: list[Furniture] = field(default_factory=list)
    slips: list[Finding] = field(default_factory=list)
    carrier: tuple[list[Item], int] | None = None
    """What a note without a participant hangs on."""
    is_autoactivating: bool = False
    ignores_pages: bool = False
    statement: Statement = field(init=False)

    @property
    def items(self) -> list[Item]:
        return self.open[-1].items if self.open else self.top

    def span(self, piece: Piece | None = None) -> Span:
        line = self.statement.line
        return line.span() if piece is None else line.span(piece.at, piece.at + (len(piece.text) or 1))

    def refuse(self, code: str, message: str, span: Span | None = None, **more: Any) -> Never:
        raise UnreadableDiagram(Finding(code, message, span or self.span(), **more))

    def slip(self, code: str, message: str, span: Span, **more: Any) -> None:
        self.slips.append(Finding(code, message, span, severity="warning", **more))

    def add(self, item: Item, carries_notes: bool = False) -> None:
        items = self.items
        items.append(item)
        if carries_notes:
            self.carrier = items, len(items) - 1

    def color(self, piece: Piece | None, *, is_simple: bool = True, is_long: bool = False) -> str | None:
        """A colour as written; refuses one that does not exist.

        Keyed ones (`#back:red`) are taken only where not `is_simple`; one digit is too short where it `is_long`.
        """
        if piece is None:
            return None
        is_keyed = ":" in piece.text or ";" in piece.text
        if is_keyed:
            wrong = piece.text[1:] if is_simple else None
        elif is_long and len(piece.text) == 2:
            wrong = piece.text[1:]
        else:
            wrong = unknown_color(piece.text)
        if wrong is not None:
            self.refuse(
                "SQ105",
                f"`{wrong}` is no colour",
                self.span(piece),
                expected="a name such as `#LightBlue`, or `#rgb`, `#rrggbb`, `#rrggbbaa`",
                got=f"`{piece.text}`",
            )
        return piece.text

    def link(self, piece: Piece | None) -> Link | None:
        if piece is None:
            return None
        parts = link_parts(piece.text)
        return Link(parts.url, parts.tooltip, parts.label)

    def mention(self, who: Who) -> str:
        if who.code not in self.columns.known:
            self.columns.mention(who.code, who.text, self.statement.line.span(who.at, who.end))
        return who.code

    def text(self, piece: Piece | None) -> str:
        if piece is None:
            return ""
        text = visible(piece.text)
        return text.replace("%autonumber%", self.numbering.latest) if "%autonumber%" in text else text

    def block(self) -> tuple[TextLine, ...]:
        return block_lines(self.statement.body)

    def keep(self, keyword: str) -> None:
        """A statement with no meaning of its own stays as written."""
        rows = [self.statement.line.text]
        if keyword.startswith("auto"):
            rows = [" ".join((keyword, *rows[0][len(keyword) :].split()))]
        if self.statement.end is not None:
            rows += [line.text for line in self.block()]
            rows.append(self.statement.end.text)
        self.add(Verbatim(keyword, "\n".join(rows), self.span()))


def stereotype(piece: Piece) -> str:
    """The text between `<<` and `>>`."""
    return piece.text[2:-2].strip()
