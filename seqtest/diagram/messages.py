"""Messages, their suffixes, returns, life events."""

from typing import Any

from seqtest.dataclass import replace
from seqtest.diagram.drawing import Drawing, stereotype
from seqtest.diagram.model import Arrow, Gate, LifeEvent, Message
from seqtest.syntax import tree as marks
from seqtest.syntax.meanings import arrow_meaning
from seqtest.syntax.tree import Piece, Who


def message(drawing: Drawing, node: marks.MessageLine) -> None:
    kind = "left_gate" if node.left is None else "right_gate" if node.right is None else "arrow"
    meaning = arrow_meaning(node.arrow.text, kind)
    if meaning is None:
        drawing.refuse(
            "SQ101",
            "this arrow has no head",
            drawing.span(node.arrow),
            label=f"got `{node.arrow.text.strip()}`, expected an arrow such as `->` or `-->`",
            do="write `->` for a request and `-->` for its reply",
        )
    if meaning.is_broken_off:
        drawing.refuse(
            "SQ101",
            "this arrow ends in its style",
            drawing.span(node.arrow),
            expected="a dash behind the `]` of the style",
            do="write `<-[#red]-`",
        )
    left = None if node.left is None else drawing.mention(node.left)
    right = None if node.right is None else drawing.mention(node.right)
    more = tuple([drawing.mention(Who(piece.text, None, piece.at, piece.end)) for piece in node.more])
    sender, receiver = (right, left) if meaning.is_reversed else (left, right)
    color = meaning.color
    if color is not None:
        drawing.color(Piece(color, node.arrow.at + max(node.arrow.text.find(color), 0)))
    for style in meaning.unknown_styles:
        drawing.refuse(
            "SQ105",
            f"`{style}` is no style of an arrow",
            drawing.span(node.arrow),
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
    number = take_number(drawing)
    label = node.label
    is_gate = kind != "arrow"
    named = (left or right or "") if is_gate else None
    send(
        drawing,
        Message(
            sender,
            receiver,
            drawing.text(label),
            arrow,
            Gate(meaning.border, meaning.is_short) if is_gate else None,
            life=suffix(drawing, node, sender, receiver, named, meaning.is_dotted, meaning.head),
            more_receivers=more,
            is_parallel=node.is_parallel,
            number=number,
            number_markup=drawing.numbering.markup if number is not None else None,
            anchors=_anchors(node),
            stereotypes=tuple([stereotype(piece) for piece in node.stereotypes]),
            link=drawing.link(node.link),
            span=drawing.span(),
            text_span=drawing.span(label) if label is not None else None,
        ),
    )


def suffix(
    drawing: Drawing,
    node: marks.MessageLine,
    sender: str | None,
    receiver: str | None,
    named: str | None,
    dotted: bool,
    head: str,
) -> tuple[LifeEvent, ...]:
    """What the marks behind the target (or autoactivate) do to whom, in order. A gate's marks act on the one named."""
    color = drawing.color(node.color)
    if node.suffix is None:
        if not drawing.is_autoactivating or head == "cross":
            return ()
        if dotted:
            return (LifeEvent("deactivate", named or sender or "", span=drawing.span()),)
        return (LifeEvent("activate", named or receiver or "", color, span=drawing.span()),)
    marks_, span = node.suffix.text, drawing.span(node.suffix)
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


def send(drawing: Drawing, message: Message) -> None:
    span = message.span or drawing.span()
    is_after_delay, drawing.lives.after_delay = drawing.lives.after_delay, False
    for event in message.life:
        if event.kind == "create" and not is_after_delay:
            check_life(drawing, event)
    wrong = drawing.lives.message(message)
    if wrong:
        drawing.refuse("SQ106", wrong, span)
    if message.receiver in drawing.lives.destroyed and not any(event.kind == "create" for event in message.life):
        drawing.slip("SQ215", f"`{message.receiver}` has been destroyed before this message", span)
    drawing.add(message, carries_notes=True)
    for event in message.life:
        if event.kind != "create":
            check_life(drawing, event, message)
        else:
            drawing.lives.count(event)


def take_number(drawing: Drawing) -> str | None:
    """What autonumber shows at the next message."""
    if drawing.numbering.is_running and not drawing.numbering.levels:
        drawing.refuse(
            "SQ108", "`autonumber resume` stands above and no `autonumber`", do="write `autonumber` above it"
        )
    return drawing.numbering.take()


def returned(drawing: Drawing, node: marks.ReturnLine) -> None:
    text = drawing.text(node.text)
    deactivates = bool(drawing.lives.activating)
    to = drawing.lives.activating[-1] if deactivates else drawing.lives.answered
    if not isinstance(to, Message) or (not deactivates and to.gate is not None):
        drawing.refuse(
            "SQ107",
            "there is nothing to return to",
            why="`return` answers the message that activated its receiver last, or else the message before",
            do="write the reply as an arrow, such as `server --> client : 200 OK`",
        )
    color = drawing.color(node.color) or to.arrow.color
    number = take_number(drawing)
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
    # Of a message to or from the border, the one participant is active.
    active = to.receiver or to.sender
    life = (LifeEvent("deactivate", active, span=drawing.span()),) if deactivates and active else ()
    send(
        drawing,
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
            number_markup=drawing.numbering.markup if number is not None else None,
            span=drawing.span(),
            text_span=drawing.span(node.text) if node.text is not None else None,
        ),
    )


def life(drawing: Drawing, node: marks.LifeLine) -> None:
    if node.who is None:
        if not drawing.lives.activating:
            drawing.refuse("SQ106", "nothing is active that could be deactivated", do="name who: `deactivate server`")
        latest = drawing.lives.activating[-1]
        who = latest.receiver or latest.sender or ""
    else:
        who = drawing.mention(node.who)
    live(drawing, node.kind, who, drawing.color(node.color), drawing.color(node.border))


def live(drawing: Drawing, kind: str, who: str, color: str | None = None, border: str | None = None) -> None:
    event = LifeEvent(kind, who, color, border, drawing.span())  # type: ignore[arg-type]  # the grammar's four kinds
    check_life(drawing, event)
    drawing.add(event)


def check_life(drawing: Drawing, event: LifeEvent, message: Message | None = None) -> None:
    """`message` is the one that the event is part of."""
    wrong = drawing.lives.event(event, message is not None)
    if wrong:
        drawing.refuse("SQ106", wrong, event.span)
    if not drawing.lives.count(event) and (message is None or node_has_suffix(message)):
        drawing.slip(
            "SQ214",
            f"`{event.participant}` is not active here",
            event.span or drawing.span(),
            do=f"remove the deactivation, or activate `{event.participant}` with `++` at an earlier message",
        )


def autoactivate(drawing: Drawing, node: marks.Autoactivate) -> None:
    drawing.is_autoactivating = node.is_on
    drawing.keep("autoactivate")


def node_has_suffix(message: Message) -> bool:
    """Whether the message's life events were written as marks, not made by autoactivate or return."""
    return not message.is_return and any(event.span != message.span for event in message.life)


def _anchors(node: marks.MessageLine) -> tuple[tuple[Any, str], ...]:
    if node.row is None and node.start is None and node.stop is None:
        return ()
    named = (("row", node.row), ("start", node.start), ("end", node.stop))
    return tuple((kind, name) for kind, name in named if name is not None)
