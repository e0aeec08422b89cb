"""What has to be placed, in drawn order, one row each: every text set and every bar counted, no coordinates yet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from seqtest.dataclass import dataclass, replace
from seqtest.diagram import (
    CombinedFragment,
    Delay,
    Diagram,
    Divider,
    DurationConstraint,
    InteractionUse,
    Item,
    LifeEvent,
    Message,
    NewPage,
    Note,
    Operand,
    Participant,
    Space,
    Verbatim,
)
from seqtest.diagram.model import Arrow, Gate
from seqtest.render.svg import theme
from seqtest.render.svg.heads import HeadSize, size_head
from seqtest.render.svg.looks import Looks
from seqtest.render.svg.mark import Extra
from seqtest.render.svg.typeset import EMPTY, Font, Paragraph, label, note, numbered, verbatim
from seqtest.source import DrawnAt, Span

LEFT = -1
"""The column of the drawing's left border; the right one's is the number of columns."""


FOLD = 9
HEXAGON = 10
NOTE_PADDING = {"note": (9, 9 + FOLD), "hnote": (HEXAGON + 6, HEXAGON + 6), "rnote": (9, 9)}
"""Left and right of a note's text, by its shape."""


@dataclass(frozen=True, slots=True)
class NoteSpec:
    note: Note
    text: Paragraph

    @property
    def width(self) -> int:
        return self.text.width + sum(NOTE_PADDING[self.note.shape])


@dataclass(slots=True)
class MessageRow:
    """`before` and `after`: how many bars sender and receiver have before the message, and after it."""

    number: int
    message: Message
    sender: int
    receiver: int
    text: Paragraph
    notes: tuple[NoteSpec, ...]
    before: tuple[int, int]
    after: tuple[int, int]
    creates: bool = False
    life: list[LifeEvent] = field(default_factory=list)
    more: tuple[int, ...] = ()
    extra: Extra | None = None
    is_loop_left: bool = False

    @property
    def is_self(self) -> bool:
        return self.sender == self.receiver

    @property
    def levels(self) -> tuple[int, int]:
        """Bars that the arrow's ends have to keep off."""
        return max(self.before[0], self.after[0]), max(self.before[1], self.after[1])


@dataclass(frozen=True, slots=True)
class BareRow:
    """Begins or ends what belongs together and has no frame; it takes no room."""

    fragment: CombinedFragment
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class OpenRow:
    fragment: CombinedFragment
    tab: Paragraph
    guard: Paragraph


@dataclass(frozen=True, slots=True)
class ElseRow:
    operand: Operand
    guard: Paragraph


@dataclass(frozen=True, slots=True)
class CloseRow:
    fragment: CombinedFragment
    notes: tuple[NoteSpec, ...]


@dataclass(frozen=True, slots=True)
class NoteRow:
    spec: NoteSpec
    columns: tuple[int, ...]
    """Empty: across all."""
    level: int = 0


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    use: InteractionUse
    columns: tuple[int, ...]
    text: Paragraph
    notes: tuple[NoteSpec, ...]


@dataclass(frozen=True, slots=True)
class BetweenRow:
    """A divider, a delay or the end of a page, with its words."""

    item: Divider | Delay | NewPage
    text: Paragraph


@dataclass(frozen=True, slots=True)
class SpaceRow:
    pixels: int


@dataclass(frozen=True, slots=True)
class LifeRow:
    event: LifeEvent
    column: int


@dataclass(frozen=True, slots=True)
class MeasureRow:
    constraint: DurationConstraint
    text: Paragraph


Row = (
    MessageRow
    | BareRow
    | OpenRow
    | ElseRow
    | CloseRow
    | NoteRow
    | ReferenceRow
    | BetweenRow
    | SpaceRow
    | LifeRow
    | MeasureRow
)


@dataclass(frozen=True, slots=True)
class Plan:
    diagram: Diagram
    looks: Looks
    participants: tuple[Participant, ...]
    """Those that are shown."""
    heads: tuple[HeadSize, ...]
    rows: tuple[Row, ...]
    created: frozenset[int]
    """Columns whose first head stands in a row."""
    columns: Mapping[str, int]
    """Each shown participant's place from the left, by its id."""

    @property
    def has_left_gate(self) -> bool:
        return self._has_gate(LEFT)

    @property
    def has_right_gate(self) -> bool:
        return self._has_gate(len(self.participants))

    def _has_gate(self, border: int) -> bool:
        arrows = (row for row in self.rows if type(row) is MessageRow and border in (row.sender, row.receiver))
        return any(row.message.gate is None or not row.message.gate.is_short for row in arrows)


def plan(diagram: Diagram, looks: Looks, extras: Sequence[Extra] = ()) -> Plan:
    """Set every text and count every bar of a drawing."""
    shown = diagram.participants
    planner = _Planner(looks, {p.id: column for column, p in enumerate(shown)}, _by_place(extras))
    planner.unexpected(None)
    for item in _flat(diagram.items):
        planner.take(item)
    heads = tuple(size_head(participant, looks) for participant in shown)
    return Plan(diagram, looks, shown, heads, tuple(planner.rows), frozenset(planner.created), planner.columns)


def _by_place(extras: Sequence[Extra]) -> Mapping[DrawnAt | None, list[Extra]]:
    places: dict[DrawnAt | None, list[Extra]] = {}
    for extra in extras:
        places.setdefault(extra.after.item if extra.after is not None else None, []).append(extra)
    return places


@dataclass(frozen=True, slots=True)
class _Close:
    fragment: CombinedFragment


@dataclass(frozen=True, slots=True)
class _Bare:
    fragment: CombinedFragment
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class _Else:
    operand: Operand


def _flat(items: tuple[Item, ...]) -> Iterator[Item | _Bare | _Close | _Else]:
    # An explicit stack: drawings nest deeper than Python recurses.
    stack: list[Item | _Bare | _Close | _Else] = list(reversed(items))
    while stack:
        item = stack.pop()
        if isinstance(item, CombinedFragment) and _is_without_frame(item):
            inside = [inner for operand in item.operands for inner in _side_by_side(operand, item)]
            stack.extend(reversed([_Bare(item), *inside, _Bare(item, is_end=True)]))
            continue
        yield item
        if isinstance(item, CombinedFragment):
            stack.append(_Close(item))
            for number in range(len(item.operands) - 1, -1, -1):
                stack.extend(reversed(item.operands[number].items))
                if number:
                    stack.append(_Else(item.operands[number]))


def _is_without_frame(fragment: CombinedFragment) -> bool:
    """`par2` without words: PlantUML draws what is in it beside each other, and nothing around it."""
    words = (fragment.title, *(operand.guard for operand in fragment.operands), *fragment.notes)
    return fragment.operator == "par2" and not any(words)


def _side_by_side(operand: Operand, fragment: CombinedFragment) -> Iterator[Item]:
    """The items, the first message at the height of that before where there is room, as with `&`."""
    is_first = operand is fragment.operands[0]
    for item in operand.items:
        if isinstance(item, Message) and not is_first:
            item, is_first = replace(item, is_parallel=True), True
        yield item


@dataclass(slots=True)
class _Planner:
    looks: Looks
    columns: dict[str, int]
    extras: Mapping[DrawnAt | None, list[Extra]]
    rows: list[Row] = field(default_factory=list)
    levels: dict[int, int] = field(default_factory=dict)
    created: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)
    pending: set[int] = field(default_factory=set)
    bearer: MessageRow | None = None
    """The message whose height a life event takes."""
    count: int = 0
    label_font: Font = field(init=False)
    note_font: Font = field(init=False)
    tab_font: Font = field(init=False)
    guard_font: Font = field(init=False)
    reference_font: Font = field(init=False)
    divider_font: Font = field(init=False)
    delay_font: Font = field(init=False)

    def __post_init__(self) -> None:
        widest = self.looks.number("maxmessagesize", 2000) or self.looks.number("wrapwidth", 2000)
        limit = max(widest, 40) if widest else theme.LABEL.limit
        self.label_font = self.looks.font(theme.LABEL._replace(limit=limit), "arrow")
        wrap = self.looks.number("wrapwidth", 2000)
        noted = theme.NOTE._replace(limit=max(wrap, 40), slack=1.0) if wrap else theme.NOTE
        self.note_font = self.looks.font(noted, "note")
        self.tab_font = self.looks.font(theme.TAB, "group")
        self.guard_font = self.looks.font(theme.GUARD, "group")
        self.reference_font = self.looks.font(theme.REFERENCE, "reference")
        self.divider_font = self.looks.font(theme.DIVIDER, "divider")
        self.delay_font = self.looks.font(theme.DELAY, "delay")

    def take(self, item: Item | _Bare | _Close | _Else) -> None:
        kind = type(item)
        if kind is not Verbatim:
            _TAKE[kind](self, item)

    def notes(self, notes: Sequence[Note]) -> tuple[NoteSpec, ...]:
        return tuple(self.set_note(each) for each in notes) if notes else ()

    def set_note(self, written: Note) -> NoteSpec:
        return NoteSpec(
            written,
            note([line.text if written.is_block else _unescaped(line.text) for line in written.lines], self.note_font),
        )

    def end(self, name: str | None, gate: Gate | None) -> int:
        if name is not None:
            return self.columns[name]
        return len(self.columns) if gate is not None and gate.side == "right" else LEFT

    def message(self, message: Message) -> None:
        self.count += 1
        sender, receiver = self.end(message.sender, message.gate), self.end(message.receiver, message.gate)
        levels = self.levels.get(sender, 0), self.levels.get(receiver, 0)
        row = MessageRow(
            self.count,
            message,
            sender,
            receiver,
            numbered(message.number, message.text, self.label_font, message.number_markup)
            if message.number
            else label(message.text, self.label_font),
            self.notes(message.notes),
            levels,
            levels,
            more=tuple(self.columns[name] for name in message.more_receivers),
            is_loop_left=message.arrow.is_reversed,
        )
        target = sender if receiver in (LEFT, len(self.columns)) else receiver
        row.creates = target in self.pending
        self.pending.discard(target)
        self.bearer = row
        for event in message.life:
            if event.kind == "create":
                row.creates = True
        if row.creates and receiver not in self.touched and 0 <= receiver < len(self.columns):
            self.created.add(receiver)
        for event in message.life:
            if event.kind != "create":
                self.live(row, event)
        self.touched.update((sender, receiver, *row.more))
        self.rows.append(row)
        self.unexpected(message.span)

    def unexpected(self, span: Span | None) -> None:
        for extra in self.extras.get(span.item if span is not None else None, ()):
            known = self.columns
            sender, receiver = known.get(extra.sender, LEFT), known.get(extra.receiver, len(known))
            levels = self.levels.get(sender, 0), self.levels.get(receiver, 0)
            message = Message(extra.sender, extra.receiver, extra.label, Arrow(is_dotted=True))
            self.rows.append(
                MessageRow(
                    0,
                    message,
                    sender,
                    receiver,
                    verbatim(extra.label, self.label_font),
                    (),
                    levels,
                    levels,
                    extra=extra,
                )
            )

    def life(self, event: LifeEvent) -> None:
        column = self.columns[event.participant]
        if event.kind == "create":
            self.pending.add(column)
        elif self.bearer is not None:
            self.live(self.bearer, event)
        else:
            self.touched.add(column)
            self.count_bars(event, column)
            self.rows.append(LifeRow(event, column))

    def live(self, row: MessageRow, event: LifeEvent) -> None:
        """An event at the height of a message."""
        self.count_bars(event, self.columns[event.participant])
        row.life.append(event)
        row.after = self.levels.get(row.sender, 0), self.levels.get(row.receiver, 0)

    def count_bars(self, event: LifeEvent, column: int) -> None:
        level = self.levels.get(column, 0)
        self.levels[column] = (
            level + 1 if event.kind == "activate" else max(level - 1, 0) if event.kind == "deactivate" else 0
        )

    def open(self, fragment: CombinedFragment) -> None:
        first = fragment.operands[0]
        is_group = fragment.operator == "group"
        tab = (
            fragment.title or ("" if first.guard and is_group else fragment.operator) if is_group else fragment.operator
        )
        self.rows.append(OpenRow(fragment, label(tab, self.tab_font), self.guard(first.guard)))

    def bare(self, bare: _Bare) -> None:
        self.rows.append(BareRow(bare.fragment, bare.is_end))

    def branch(self, branch: _Else) -> None:
        self.bearer = None
        self.rows.append(ElseRow(branch.operand, self.guard(branch.operand.guard)))

    def close(self, close: _Close) -> None:
        self.bearer = None
        self.rows.append(CloseRow(close.fragment, self.notes(close.fragment.notes)))

    def guard(self, text: str) -> Paragraph:
        return label(f"[{text}]", self.guard_font) if text else EMPTY

    def note(self, written: Note) -> None:
        columns = tuple(self.columns[name] for name in written.participants)
        self.touched.update(columns)
        if self.is_beside(written, columns) and self.bearer is not None:
            self.bearer.notes += (self.set_note(written),)
            return
        self.rows.append(
            NoteRow(self.set_note(written), columns, self.levels.get(columns[0], 0) if len(columns) == 1 else 0)
        )

    def is_beside(self, written: Note, columns: tuple[int, ...]) -> bool:
        """Whether a note drawn at the height of the message before it (`& note right of b`) stands at its end."""
        row = self.bearer
        if not written.is_parallel or row is None or self.rows[-1] is not row or len(columns) != 1:
            return False
        ends = (row.sender, row.receiver)
        return columns[0] == {"left": min(ends), "right": max(ends)}.get(written.position)

    def reference(self, use: InteractionUse) -> None:
        self.bearer = None
        columns = tuple(sorted(self.columns[name] for name in use.participants))
        self.touched.update(columns)
        lines = [line.text for line in use.lines]
        self.rows.append(ReferenceRow(use, columns, note(lines, self.reference_font), self.notes(use.notes)))

    def divider(self, item: Divider) -> None:
        self.rows.append(BetweenRow(item, label(item.text.strip(), self.divider_font)))

    def delay(self, item: Delay) -> None:
        self.rows.append(BetweenRow(item, label(item.text.strip(), self.delay_font)))

    def page(self, item: NewPage) -> None:
        self.rows.append(BetweenRow(item, label(item.title or "", self.divider_font)))

    def space(self, item: Space) -> None:
        self.rows.append(SpaceRow(25 if item.pixels is None else min(item.pixels, 4000)))

    def measure(self, item: DurationConstraint) -> None:
        self.rows.append(MeasureRow(item, label(item.text, theme.SPAN)))


_TAKE: Mapping[type, Callable[[_Planner, Any], None]] = {
    Message: _Planner.message,
    LifeEvent: _Planner.life,
    CombinedFragment: _Planner.open,
    _Bare: _Planner.bare,
    _Else: _Planner.branch,
    _Close: _Planner.close,
    Note: _Planner.note,
    InteractionUse: _Planner.reference,
    Divider: _Planner.divider,
    Delay: _Planner.delay,
    NewPage: _Planner.page,
    Space: _Planner.space,
    DurationConstraint: _Planner.measure,
}


def _unescaped(text: str) -> str:
    return text.replace("\\\\", "\\").replace("\\t", "\t") if "\\" in text else text
