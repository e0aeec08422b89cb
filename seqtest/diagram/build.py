"""From marks to meaning: a syntax tree in, a diagram out.

Statements are taken in order, with the state that PlantUML keeps: who exists, which groups and boxes are open, what a note or
a life event would hang on, the stack that `return` follows, the number of the next message.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Never

from seqtest.diagram.columns import Columns
from seqtest.diagram.lives import Lives
from seqtest.diagram.model import (
    Arrow,
    Box,
    CombinedFragment,
    Delay,
    Diagram,
    Divider,
    DurationConstraint,
    Furniture,
    Gate,
    InteractionUse,
    Item,
    LifeEvent,
    Link,
    Message,
    NewPage,
    Note,
    Operand,
    Space,
    TextLine,
    Verbatim,
)
from seqtest.diagram.numbering import Numbering, is_format
from seqtest.diagram.texts import block_lines, lines_of, visible
from seqtest.errors import Finding, UnreadableDiagram, did_you_mean
from seqtest.source import Span
from seqtest.syntax import tree as marks
from seqtest.syntax.colors import unknown_color
from seqtest.syntax.themes import THEMES
from seqtest.syntax.meanings import arrow_meaning, link_parts
from seqtest.syntax.tree import Piece, Statement, SyntaxTree, Who

DEEPEST = 500
"""Groups inside groups that are still read."""


def build(tree: SyntaxTree) -> Diagram:
    """The diagram that the statements draw.

    Raises UnreadableDiagram for what PlantUML refuses although each line by itself reads well (an `end` with nothing open, an
    unknown colour, `return` with nowhere to go).
    """
    builder = _Builder()
    for statement in tree.statements:
        builder.take(statement)
    return builder.finish(tree)


@dataclass(slots=True)
class _OpenFragment:
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

    def close_operand(self, levels: dict[str, int]) -> None:
        guard_span, span = self.guard_span, self.opened or self.span
        self.operands.append(Operand(self.guard, tuple(self.items), self.keyword, self.color, span, guard_span))
        self.items = []
        for who, level in levels.items():
            self.highest[who] = max(level, self.highest.get(who, 0))


@dataclass(slots=True)
class _Builder:
    columns: Columns = field(default_factory=Columns)
    lives: Lives = field(default_factory=Lives)
    numbering: Numbering = field(default_factory=Numbering)
    top: list[Item] = field(default_factory=list)
    open: list[_OpenFragment] = field(default_factory=list)
    furniture: list[Furniture] = field(default_factory=list)
    slips: list[Finding] = field(default_factory=list)
    carrier: tuple[list[Item], int] | None = None
    """What a note without a participant hangs on."""
    is_autoactivating: bool = False
    ignores_pages: bool = False
    statement: Statement = field(init=False)

    # The frame

    def take(self, statement: Statement) -> None:
        self.statement = statement
        _ACTIONS[type(statement.node)](self, statement.node)

    @property
    def items(self) -> list[Item]:
        return self.open[-1].items if self.open else self.top

    def span(self, piece: Piece | None = None) -> Span:
        line = self.statement.line
        return line.span() if piece is None else line.span(piece.at, max(piece.end, piece.at + 1))

    def refuse(self, code: str, message: str, span: Span | None = None, **more: Any) -> Never:
        raise UnreadableDiagram(Finding(code, message, span or self.span(), **more))

    def slip(self, code: str, message: str, span: Span, **more: Any) -> None:
        self.slips.append(Finding(code, message, span, severity="warning", **more))

    def add(self, item: Item, carries_notes: bool = False) -> None:
        items = self.items
        items.append(item)
        if carries_notes:
            self.carrier = items, len(items) - 1

    def finish(self, tree: SyntaxTree) -> Diagram:
        while self.open:
            fragment = self.open[-1]
            word = fragment.node.operator
            self.slip(
                "SQ212",
                f"this `{word}` is never closed",
                fragment.span,
                label="opened here",
                expected="`end`",
                got="`@enduml`",
                do=f"add a line `end` where the `{word}` ends",
            )
            self.close_group(None)
        for index in self.columns.open_boxes:
            box = self.columns.boxes[index]
            if box.span is not None:
                self.slip("SQ213", "this `box` is never closed", box.span, do="add a line `end box`")
        if not self.columns.participants:
            self.refuse_empty(tree)
        whole = Span(tree.start.number, 1, tree.end.number, len(tree.end.text) + 1, tree.source)
        return Diagram(
            name=tree.name,
            participants=tuple(self.columns.participants),
            items=tuple(self.top),
            boxes=tuple(self.columns.boxes),
            furniture=tuple(self.furniture),
            source=tree.source,
            span=whole,
            slips=(*tree.findings, *self.slips),
        )

    def refuse_empty(self, tree: SyntaxTree) -> Never:
        self.refuse_at(
            tree.start.span(),
            "SQ111",
            "nobody takes part in this diagram",
            expected="at least one participant or arrow, such as `client -> server : GET /`",
        )

    def refuse_at(self, span: Span, code: str, message: str, **more: Any) -> Never:
        raise UnreadableDiagram(Finding(code, message, span, **more))

    # Shared pieces

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

    # Participants and boxes

    def declaration(self, node: marks.Declaration) -> None:
        who, span = node.who, self.span()
        is_known = who.code in self.columns.known
        color = None if is_known else self.color(node.color, is_long=True)
        lines = self.block() if node.is_open else ()
        if node.is_open and not lines:
            self.refuse("SQ117", "nothing is written between the brackets", expected="at least one line before `]`")
        self.columns.declare(
            who.code,
            "\\n".join(line.text for line in lines)
            if lines
            else visible(who.text if who.text is not None else who.code),
            node.kind,  # type: ignore[arg-type]  # the grammar knows no other kind
            span,
            stereotypes=tuple(_stereotype(piece) for piece in node.stereotypes),
            order=node.order or 0,
            color=None if node.is_open else color,
            link=self.link(node.link),
            lines=lines,
        )
        if node.is_create:
            self.live("create", who.code)

    def url_of(self, node: marks.UrlOf) -> None:
        code = self.mention(node.who)
        link = self.link(node.link)
        assert link is not None
        self.columns.link(code, link)

    def open_box(self, node: marks.OpenBox) -> None:
        color = self.color(node.color, is_simple=False, is_long=True)
        stereotypes = tuple(_stereotype(piece) for piece in node.stereotypes)
        title = None if node.title is None else visible(node.title.text)
        self.columns.open_box(Box(title, color, stereotypes, span=self.span()))

    def end_box(self, node: marks.EndBox) -> None:
        if not self.columns.close_box():
            self.refuse("SQ110", "no `box` is open here", do="remove this line, or add the `box` that it closes")

    # Messages

    def message(self, node: marks.MessageLine) -> None:
        kind = "left_gate" if node.left is None else "right_gate" if node.right is None else "arrow"
        meaning = arrow_meaning(node.arrow.text, kind)  # type: ignore[arg-type]  # mypy joins the literals to str
        if meaning is None:
            self.refuse(
                "SQ101",
                "this arrow has no head",
                self.span(node.arrow),
                label=f"got `{node.arrow.text.strip()}`, expected an arrow such as `->` or `-->`",
                do="write `->` for a request and `-->` for its reply",
            )
        left = None if node.left is None else self.mention(node.left)
        right = None if node.right is None else self.mention(node.right)
        more = tuple(self.mention(Who(piece.text, None, piece.at, piece.end)) for piece in node.more)
        sender, receiver = (right, left) if meaning.is_reversed else (left, right)
        color = meaning.color
        if color is not None:
            self.color(Piece(color, node.arrow.at + max(node.arrow.text.find(color), 0)))
        for style in meaning.unknown_styles:
            self.refuse(
                "SQ105",
                f"`{style}` is no style of an arrow",
                self.span(node.arrow),
                expected="a colour with `#`, `dotted`, `dashed`, `bold` or `hidden`",
                got=f"`{style}`",
            )
        arrow = Arrow(
            head=meaning.head,  # type: ignore[arg-type]  # one of the heads, by construction
            tail=meaning.tail,  # type: ignore[arg-type]
            is_dotted=meaning.is_dotted,
            is_hidden=meaning.is_hidden,
            is_reversed=meaning.is_reversed,
            color=color,
            circle_at_start=meaning.circle_at_start,
            circle_at_end=meaning.circle_at_end,
            slant=meaning.slant,
            text=node.arrow.text,
        )
        number = self.numbering.take()
        label = node.label
        is_gate = kind != "arrow"
        named = (left or right or "") if is_gate else None
        self.send(
            Message(
                sender,
                receiver,
                self.text(label),
                arrow,
                Gate(meaning.border, meaning.is_short) if is_gate else None,
                life=self.suffix(node, sender, receiver, named, meaning.is_dotted, meaning.head),
                more_receivers=more,
                is_parallel=node.is_parallel,
                number=number,
                anchors=_anchors(node),
                stereotypes=tuple(_stereotype(piece) for piece in node.stereotypes),
                link=self.link(node.link),
                span=self.span(),
                text_span=self.span(label) if label is not None else None,
            )
        )

    def suffix(
        self,
        node: marks.MessageLine,
        sender: str | None,
        receiver: str | None,
        named: str | None,
        dotted: bool,
        head: str,
    ) -> tuple[LifeEvent, ...]:
        """What the marks behind the target (or autoactivate) do to whom, in order. A gate's marks act on the one named."""
        if node.suffix is None:
            if node.color is not None:
                self.color(node.color)
            if not self.is_autoactivating or head == "cross":
                return ()
            who = named or (sender if dotted else receiver)
            assert who is not None
            return (LifeEvent("deactivate" if dotted else "activate", who, span=self.span()),)
        marks_, span = node.suffix.text, self.span(node.suffix)
        color = self.color(node.color)
        events: list[LifeEvent] = []
        for mark in (marks_[0],) if named is not None else dict.fromkeys(marks_):
            if mark == "+":
                events.append(LifeEvent("activate", named or receiver or "", color, span=span))
            elif mark == "-":
                events.append(LifeEvent("deactivate", named or sender or "", span=span))
            elif mark == "*":
                events.append(LifeEvent("create", named or receiver or "", span=span))
            else:
                events.append(LifeEvent("destroy", named or receiver or "", span=span))
        return tuple(events)

    def send(self, message: Message) -> None:
        span = message.span or self.span()
        for event in message.life:
            if event.kind == "create":
                self.check_life(event)
        wrong = self.lives.message(message)
        if wrong:
            self.refuse("SQ106", wrong, span)
        if message.receiver in self.lives.destroyed and not any(event.kind == "create" for event in message.life):
            self.slip("SQ215", f"`{message.receiver}` has been destroyed before this message", span)
        self.add(message, carries_notes=True)
        for event in message.life:
            if event.kind != "create":
                self.check_life(event, is_counted=node_has_suffix(message))
            else:
                self.lives.count(event)

    def returned(self, node: marks.ReturnLine) -> None:
        text = self.text(node.text)
        deactivates = bool(self.lives.activating)
        to = self.lives.activating[-1] if deactivates else self.lives.bearer
        if not isinstance(to, Message) or (not deactivates and to.gate is not None):
            self.refuse(
                "SQ107",
                "there is nothing to return to",
                why="`return` answers the message that activated its receiver last, or else the message before",
                do="write the reply as an arrow, such as `server --> client : 200 OK`",
            )
        color = self.color(node.color) or to.arrow.color
        number = self.numbering.take()
        arrow = replace(
            to.arrow,
            is_dotted=True,
            color=color,
            text="return",
            tail="none",
            circle_at_start=False,
            slant=0,
            is_hidden=False,
        )
        life = (
            (LifeEvent("deactivate", to.receiver, span=self.span()),) if deactivates and to.receiver is not None else ()
        )
        self.send(
            Message(
                to.receiver,
                to.sender,
                text,
                arrow,
                to.gate,
                life=life,
                is_return=True,
                is_parallel=node.is_parallel,
                number=number,
                span=self.span(),
                text_span=self.span(node.text) if node.text is not None else None,
            )
        )

    # Life events

    def life(self, node: marks.LifeLine) -> None:
        if node.who is None:
            if not self.lives.activating:
                self.refuse("SQ106", "nothing is active that could be deactivated", do="name who: `deactivate server`")
            who = self.lives.activating[-1].receiver or ""
        else:
            who = self.mention(node.who)
        self.live(node.kind, who, self.color(node.color), self.color(node.border))

    def live(self, kind: str, who: str, color: str | None = None, border: str | None = None) -> None:
        event = LifeEvent(kind, who, color, border, self.span())  # type: ignore[arg-type]  # the grammar's four kinds
        self.check_life(event)
        self.add(event)

    def check_life(self, event: LifeEvent, is_counted: bool = True) -> None:
        wrong = self.lives.event(event)
        if wrong:
            self.refuse("SQ106", wrong, event.span)
        if not self.lives.count(event) and is_counted:
            self.slip(
                "SQ214",
                f"`{event.participant}` is not active here",
                event.span or self.span(),
                do=f"remove the deactivation, or activate `{event.participant}` with `++` at an earlier message",
            )

    def autoactivate(self, node: marks.Autoactivate) -> None:
        self.is_autoactivating = node.is_on
        self.keep("autoactivate")

    # Groups

    def open_group(self, node: marks.OpenGroup) -> None:
        if len(self.open) >= DEEPEST:
            self.refuse("SQ112", f"groups are nested more than {DEEPEST} deep here")
        self.color(node.tab_color)
        guard = None if node.operator == "group" and not node.has_label else node.text
        fragment = _OpenFragment(node, self.span(), levels=dict(self.lives.levels))
        fragment.keyword = "else"
        fragment.guard = "" if guard is None else visible(guard.text)
        fragment.guard_span = None if guard is None else self.span(guard)
        fragment.color = self.color(node.color)
        self.open.append(fragment)

    def innermost(self, word: str) -> _OpenFragment:
        if not self.open:
            self.refuse(
                "SQ104",
                f"no group is open that this `{word}` could belong to",
                do="remove the line, or add the `alt`, `opt`, `loop` … that it belongs to",
            )
        return self.open[-1]

    def branch(self, node: marks.Branch) -> None:
        fragment = self.innermost(node.keyword)
        fragment.close_operand(self.lives.levels)
        self.lives.levels = dict(fragment.levels)
        fragment.keyword = node.keyword
        fragment.guard = "" if node.text is None else visible(node.text.text)
        fragment.guard_span = None if node.text is None else self.span(node.text)
        fragment.color = self.color(node.color)
        fragment.opened = self.span()

    def end_group(self, node: marks.EndGroup) -> None:
        self.innermost("end")
        self.close_group(self.span())
        self.lives.bearer = "end"

    def close_group(self, end: Span | None) -> None:
        fragment = self.open.pop()
        fragment.close_operand(self.lives.levels)
        self.lives.levels = fragment.highest
        node = fragment.node
        title = node.title if node.has_label else node.text if node.operator == "group" else None
        self.add(
            CombinedFragment(
                operator=node.operator,  # type: ignore[arg-type]  # the grammar's operators
                operands=tuple(fragment.operands),
                title="" if title is None else visible(title.text).strip(),
                color=fragment.operands[0].color,
                tab_color=None if node.tab_color is None else node.tab_color.text,
                is_closed=end is not None,
                is_parallel=node.is_parallel,
                span=fragment.span,
                end_span=end,
            ),
            carries_notes=True,
        )

    # Notes and references

    def note(self, node: marks.NoteLine) -> None:
        line = self.statement.line
        lines = self.block() if node.text is None else lines_of(line, Piece(self.text(node.text), node.text.at))
        who = tuple(self.mention(each) for each in node.participants)
        color = self.color(node.color, is_simple=node.is_on_message, is_long=True)
        note = Note(
            node.position,  # type: ignore[arg-type]  # the grammar's positions
            lines,
            who,
            node.shape,  # type: ignore[arg-type]  # the grammar's shapes
            tuple(_stereotype(piece) for piece in node.stereotypes),
            color,
            self.link(node.link),
            node.is_aligned,
            node.is_parallel,
            node.text is None,
            self.span(),
        )
        if node.text is None and not self.statement.body:
            return
        if not node.is_on_message:
            self.lives.after_delay = False
            self.add(note)
            return
        if self.carrier is None:
            self.slip(
                "SQ211",
                "this note follows no message, so PlantUML does not draw it",
                self.span(),
                do="move it below an arrow, or say where it stands: `note over client`",
            )
            return
        items, index = self.carrier
        carrier = items[index]
        assert isinstance(carrier, (Message, InteractionUse, CombinedFragment))
        items[index] = replace(carrier, notes=(*carrier.notes, note))

    def reference(self, node: marks.Reference) -> None:
        lines = self.block() if node.text is None else lines_of(self.statement.line, node.text)
        who = tuple(dict.fromkeys(self.mention(each) for each in node.participants))
        color = self.color(node.tab_color)
        self.lives.after_delay = False
        reference = InteractionUse(who, lines, color, self.link(node.link), (), node.text is None, self.span())
        self.add(reference, carries_notes=True)

    # What stands between

    def divider(self, node: marks.DividerLine) -> None:
        self.between(Divider(self.text(node.text), self.span()))

    def delay(self, node: marks.DelayLine) -> None:
        self.add(Delay(self.text(node.text), self.span()))
        self.lives.after_delay = True

    def space(self, node: marks.SpaceLine) -> None:
        self.between(Space(node.pixels, self.span()))

    def new_page(self, node: marks.NewPageLine) -> None:
        if self.ignores_pages:
            self.keep("newpage")
            return
        self.between(NewPage(None if node.title is None else visible(node.title.text), self.span()))

    def between(self, item: Item) -> None:
        self.lives.after_delay = False
        self.add(item)

    def constraint(self, node: marks.Constraint) -> None:
        self.add(DurationConstraint(node.start, node.stop, self.text(node.text), self.span()))

    # Numbers, furniture, looks

    def autonumber(self, node: marks.Autonumber) -> None:
        numbering = self.numbering
        format = None if node.format is None else node.format.text[1:-1]
        step = None if node.step is None else int(node.step.text)
        if format is not None and not is_format(format):
            self.refuse(
                "SQ108", f"`{format}` is no format of a number", self.span(node.format), expected="such as `[000]`"
            )
        if node.command == "start":
            numbering.start("1" if node.number is None else node.number.text, 1 if step is None else step, format)
        elif node.command == "stop":
            numbering.is_running = False
        elif not numbering.levels:
            self.refuse(
                "SQ108", f"`autonumber {node.command}` before any `autonumber`", do="write `autonumber` above it"
            )
        elif node.command == "resume":
            numbering.resume(step, format)
        elif not numbering.raise_level(node.letter or "A"):
            self.refuse("SQ108", f"the number has no level {node.letter}", do="start it as `autonumber 1.1`")
        self.keep("autonumber")

    def furnish(self, node: marks.FurnitureLine) -> None:
        is_block = self.statement.end is not None
        if is_block:
            lines = self.block()
        else:
            assert node.text is not None
            lines = lines_of(self.statement.line, _without_quotes(node.text) if node.kind == "title" else node.text)
        if node.kind == "legend" and not any(line.text for line in lines):
            self.refuse("SQ109", "this legend is empty", do="write a line into it, or remove it")
        words = () if node.alignment is None else (node.alignment,)
        if is_block and node.text is not None:
            words = tuple(node.text.text.lower().split())
        self.furniture.append(Furniture(node.kind, lines, words, is_block, self.span()))  # type: ignore[arg-type]  # six kinds

    def setting(self, node: marks.Setting) -> None:
        words = node.text.split()
        if words[0].lower() == "!theme" and len(words) == 2 and words[1].lower() not in THEMES:
            near = did_you_mean(words[1].lower(), sorted(THEMES))
            self.refuse(
                "SQ116", f"there is no theme `{words[1]}`", do=near or "see `plantuml.com/theme` for those there are"
            )
        keyword = words[0].rstrip("{").lower()
        self.ignores_pages |= keyword in ("ignore", "ignorenewpage")
        self.keep(keyword)

    def keep(self, keyword: str) -> None:
        """A statement with no meaning of its own stays as written."""
        rows = [self.statement.line.text]
        if self.statement.end is not None:
            rows += [line.lead + line.text for line in self.statement.body]
            rows.append(self.statement.end.text)
        self.add(Verbatim(keyword, "\n".join(rows), self.span()))


def node_has_suffix(message: Message) -> bool:
    """Whether the message's life events were written as marks, not made by autoactivate or return."""
    return not message.is_return and any(event.span != message.span for event in message.life)


def _anchors(node: marks.MessageLine) -> tuple[tuple[Any, str], ...]:
    named = (("row", node.row), ("start", node.start), ("end", node.stop))
    return tuple((kind, name) for kind, name in named if name is not None)


def _stereotype(piece: Piece) -> str:
    return piece.text[2:-2].strip()


def _without_quotes(piece: Piece) -> Piece:
    text = piece.text
    if len(text) > 2 and text[0] in '"“”' and text[-1] in '"“”':
        return Piece(text[1:-1], piece.at + 1)
    return piece


_ACTIONS: dict[type, Callable[[_Builder, Any], None]] = {
    marks.Declaration: _Builder.declaration,
    marks.MessageLine: _Builder.message,
    marks.LifeLine: _Builder.life,
    marks.ReturnLine: _Builder.returned,
    marks.OpenGroup: _Builder.open_group,
    marks.Branch: _Builder.branch,
    marks.EndGroup: _Builder.end_group,
    marks.NoteLine: _Builder.note,
    marks.Reference: _Builder.reference,
    marks.DividerLine: _Builder.divider,
    marks.DelayLine: _Builder.delay,
    marks.SpaceLine: _Builder.space,
    marks.NewPageLine: _Builder.new_page,
    marks.Constraint: _Builder.constraint,
    marks.OpenBox: _Builder.open_box,
    marks.EndBox: _Builder.end_box,
    marks.Autonumber: _Builder.autonumber,
    marks.Autoactivate: _Builder.autoactivate,
    marks.FurnitureLine: _Builder.furnish,
    marks.UrlOf: _Builder.url_of,
    marks.Setting: _Builder.setting,
}
