"""What is on the paper: a diagram's statements in order, each with the line it stands on. Marks, not yet meaning."""

from dataclasses import field

from seqtest.dataclass import dataclass
from seqtest.errors import Finding
from seqtest.source import Source, Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where the text from `offset` on was written. `is_fixed`: all of it stands at that one column (a value put in)."""

    offset: int
    source: Source
    line: int
    column: int
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line, trimmed: text, and where its pieces were written, in ascending order of offset."""

    text: str
    places: tuple[Place, ...] = field(compare=False, repr=False)
    lead: str = field(default="", compare=False, repr=False)
    """The blanks that stood before the text."""
    call: int = field(default=0, compare=False, repr=False)
    """How often the preprocessor drew this line before."""

    def place(self, offset: int) -> Place:
        """The place that covers `offset`."""
        found = self.places[0]
        for place in self.places:
            if place.offset > offset:
                break
            found = place
        return found

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """The columns of `text[start:end]`, in the file that they were written in."""
        if end is None:
            end = len(self.text)
        if len(self.places) == 1:
            first = self.places[0]
            if not first.is_fixed:
                column, end_column = first.column + start, first.column + end
                if end_column <= column:
                    end_column = column + 1
                return Span(first.line, column, first.line, end_column, first.source, self.call)
        first, last = self.place(start), self.place(max(start, end - 1))
        column = first.column + (0 if first.is_fixed else start - first.offset)
        if last.source is not first.source or last.line < first.line:
            return Span(first.line, column, first.line, column + 1, first.source, self.call)
        end_column = last.column + (1 if last.is_fixed else end - last.offset)
        if last.line == first.line:
            end_column = max(end_column, column + 1)
        return Span(first.line, column, last.line, end_column, first.source, self.call)

    @property
    def number(self) -> int:
        return self.places[0].line


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of a line."""

    text: str
    at: int = field(default=0, compare=False)

    @property
    def end(self) -> int:
        return self.at + len(self.text)


@dataclass(frozen=True, slots=True)
class Who:
    """A participant as it is named in a line; `text` is what is shown, where the line says so."""

    code: str
    text: str | None = None
    at: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)
    is_quoted: bool = field(default=True, compare=False)
    """The text stands in quotes."""


@dataclass(frozen=True, slots=True)
class Declaration:
    kind: str
    who: Who
    is_create: bool = False
    stereotypes: tuple[Piece, ...] = ()
    order: int | None = None
    link: Piece | None = None
    color: Piece | None = None
    is_open: bool = False
    """Ends in `[`: the shown text follows, up to `]`."""


@dataclass(frozen=True, slots=True)
class MessageLine:
    """`left arrow right`; a missing end is the border."""

    arrow: Piece
    left: Who | None
    right: Who | None
    label: Piece | None = None
    """None: no colon. Empty text: nothing behind the colon."""
    suffix: Piece | None = None
    color: Piece | None = None
    stereotypes: tuple[Piece, ...] = ()
    link: Piece | None = None
    more: tuple[Piece, ...] = ()
    row: str | None = None
    start: str | None = None
    stop: str | None = None
    is_parallel: bool = False


@dataclass(frozen=True, slots=True)
class LifeLine:
    """`activate A`, `A++`, a bare `deactivate`."""

    kind: str
    who: Who | None
    color: Piece | None = None
    border: Piece | None = None
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class ReturnLine:
    text: Piece | None
    color: Piece | None = None
    is_parallel: bool = False


@dataclass(frozen=True, slots=True)
class OpenGroup:
    operator: str
    text: Piece | None = None
    title: Piece | None = None
    """`group`'s own title, when a label in brackets follows it (then `text` is the label)."""
    tab_color: Piece | None = None
    color: Piece | None = None
    has_label: bool = False
    is_parallel: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    keyword: str
    text: Piece | None = None
    color: Piece | None = None


@dataclass(frozen=True, slots=True)
class EndGroup:
    text: Piece | None = None


@dataclass(frozen=True, slots=True)
class NoteLine:
    """`text` None: the lines up to `end note` are the text."""

    shape: str
    position: str
    participants: tuple[Who, ...] = ()
    is_on_message: bool = False
    text: Piece | None = None
    stereotypes: tuple[Piece, ...] = ()
    color: Piece | None = None
    link: Piece | None = None
    is_aligned: bool = False
    is_parallel: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    participants: tuple[Who, ...]
    text: Piece | None = None
    tab_color: Piece | None = None
    color: Piece | None = None
    link: Piece | None = None


@dataclass(frozen=True, slots=True)
class DividerLine:
    text: Piece | None = None
    behind: str = field(default=" ", compare=False)
    """The blanks behind the text: PlantUML centres the text with them."""


@dataclass(frozen=True, slots=True)
class DelayLine:
    text: Piece | None = None
    before: str = field(default=" ", compare=False)
    behind: str = field(default=" ", compare=False)
    """The blanks on both sides of the text: PlantUML centres the text with them."""


@dataclass(frozen=True, slots=True)
class SpaceLine:
    pixels: int | None = None


@dataclass(frozen=True, slots=True)
class NewPageLine:
    title: Piece | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    start: str
    stop: str
    text: Piece | None = None


@dataclass(frozen=True, slots=True)
class OpenBox:
    title: Piece | None = None
    stereotypes: tuple[Piece, ...] = ()
    color: Piece | None = None
    behind: str = field(default="", compare=False)
    """The blanks behind the title: PlantUML centres the title with them."""
    is_quoted: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class EndBox:
    pass


@dataclass(frozen=True, slots=True)
class Autonumber:
    """`command`: start, stop, resume or inc."""

    command: str = "start"
    number: Piece | None = None
    step: Piece | None = None
    format: Piece | None = None
    """With its quotes."""
    letter: str | None = None


@dataclass(frozen=True, slots=True)
class Autoactivate:
    is_on: bool


@dataclass(frozen=True, slots=True)
class FurnitureLine:
    """`text` None: the lines up to the closing word are the text."""

    kind: str
    text: Piece | None = None
    alignment: str | None = None


@dataclass(frozen=True, slots=True)
class UrlOf:
    who: Who
    link: Piece


@dataclass(frozen=True, slots=True)
class Setting:
    """A line that only changes the looks, or opens a block of such lines."""

    text: str
    is_open: bool = False


MOST_FINDINGS = 10
"""Lines of one diagram that are told when they cannot be read."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that cannot be read, with the reason; what reads the tree must refuse it or keep it as it is."""

    finding: Finding = field(compare=False)


Node = (
    Declaration
    | MessageLine
    | LifeLine
    | ReturnLine
    | OpenGroup
    | Branch
    | EndGroup
    | NoteLine
    | Reference
    | DividerLine
    | DelayLine
    | SpaceLine
    | NewPageLine
    | Constraint
    | OpenBox
    | EndBox
    | Autonumber
    | Autoactivate
    | FurnitureLine
    | UrlOf
    | Setting
    | Unread
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A line with what it says; for a block also the lines inside it and the one that closes it."""

    node: Node
    line: Line
    body: tuple[Line, ...] = ()
    end: Line | None = None


@dataclass(frozen=True, slots=True)
class SyntaxTree:
    """One `@startuml … @enduml` block."""

    name: str
    statements: tuple[Statement, ...]
    source: Source = field(compare=False, repr=False)
    start: Line = field(compare=False, repr=False)
    end: Line = field(compare=False, repr=False)
    includes: tuple[Source, ...] = field(default=(), compare=False, repr=False)
    """The files that were read into it."""
    findings: tuple[Finding, ...] = field(default=(), compare=False, repr=False)
    """What should be said although it could be read."""
