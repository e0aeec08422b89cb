"""Notes, references, what stands between messages, furniture and looks."""

from seqtest.dataclass import replace
from seqtest.diagram.drawing import Drawing, stereotype
from seqtest.diagram.model import (
    CombinedFragment,
    Delay,
    Divider,
    DurationConstraint,
    Furniture,
    InteractionUse,
    Message,
    NewPage,
    Note,
    Space,
)
from seqtest.diagram.numbering import is_format
from seqtest.diagram.texts import lines_of, visible
from seqtest.errors import did_you_mean
from seqtest.syntax import tree as marks
from seqtest.syntax.themes import THEMES
from seqtest.syntax.tree import Piece


def note(drawing: Drawing, node: marks.NoteLine) -> None:
    line = drawing.statement.line
    lines = drawing.block() if node.text is None else lines_of(line, Piece(drawing.text(node.text), node.text.at))
    who = tuple([drawing.mention(each) for each in node.participants])
    color = drawing.color(node.color, is_simple=node.is_on_message, is_long=True)
    note = Note(
        node.position,  # type: ignore[arg-type]  # the grammar's positions
        lines,
        who,
        node.shape,  # type: ignore[arg-type]  # the grammar's shapes
        tuple([stereotype(piece) for piece in node.stereotypes]),
        color,
        drawing.link(node.link),
        node.is_aligned,
        node.is_parallel,
        node.text is None,
        drawing.span(),
    )
    if node.text is None and not drawing.statement.body:
        return
    if not node.is_on_message:
        drawing.add(note)
        return
    if drawing.carrier is None:
        drawing.slip(
            "SQ211",
            "this note follows no message, so PlantUML does not draw it",
            drawing.span(),
            do="move it below an arrow, or say where it stands: `note over client`",
        )
        return
    items, index = drawing.carrier
    carrier = items[index]
    if isinstance(carrier, Message | InteractionUse | CombinedFragment):
        items[index] = replace(carrier, notes=(*carrier.notes, note))


def reference(drawing: Drawing, node: marks.Reference) -> None:
    lines = drawing.block() if node.text is None else lines_of(drawing.statement.line, node.text)
    who = tuple(dict.fromkeys(drawing.mention(each) for each in node.participants))
    color = drawing.color(node.tab_color)
    reference = InteractionUse(who, lines, color, drawing.link(node.link), (), node.text is None, drawing.span())
    drawing.add(reference, carries_notes=True)


def divider(drawing: Drawing, node: marks.DividerLine) -> None:
    drawing.add(Divider(drawing.text(node.text), drawing.span()))


def delay(drawing: Drawing, node: marks.DelayLine) -> None:
    drawing.add(Delay(drawing.text(node.text), drawing.span()))
    drawing.lives.after_delay = True


def space(drawing: Drawing, node: marks.SpaceLine) -> None:
    drawing.add(Space(node.pixels, drawing.span()))


def new_page(drawing: Drawing, node: marks.NewPageLine) -> None:
    if drawing.ignores_pages:
        drawing.keep("newpage")
        return
    drawing.add(NewPage(None if node.title is None else visible(node.title.text), drawing.span()))


def constraint(drawing: Drawing, node: marks.Constraint) -> None:
    drawing.add(DurationConstraint(node.start, node.stop, drawing.text(node.text), drawing.span()))


def autonumber(drawing: Drawing, node: marks.Autonumber) -> None:
    numbering = drawing.numbering
    format = None if node.format is None else node.format.text[1:-1]
    step = None if node.step is None else int(node.step.text)
    if format is not None and not is_format(format):
        drawing.refuse(
            "SQ108", f"`{format}` is no format of a number", drawing.span(node.format), expected="such as `[000]`"
        )
    if node.command == "start":
        numbering.start("1" if node.number is None else node.number.text, 1 if step is None else step, format)
    elif node.command == "stop":
        numbering.is_running = False
    elif not numbering.levels and node.command == "resume":
        # PlantUML draws it as long as no message wants a number.
        numbering.is_running = True
    elif not numbering.levels:
        drawing.refuse(
            "SQ108", f"`autonumber {node.command}` before any `autonumber`", do="write `autonumber` above it"
        )
    elif node.command == "resume":
        numbering.resume(step, format)
    elif not numbering.raise_level(node.letter or "A"):
        drawing.refuse("SQ108", f"the number has no level {node.letter}", do="start it as `autonumber 1.1`")
    drawing.keep("autonumber")


def furnish(drawing: Drawing, node: marks.FurnitureLine) -> None:
    is_block = drawing.statement.end is not None
    if is_block or node.text is None:
        lines = drawing.block()
    else:
        lines = lines_of(drawing.statement.line, _without_quotes(node.text) if node.kind == "title" else node.text)
    if not lines or (node.kind == "legend" and not any(line.text for line in lines)):
        drawing.refuse("SQ109", f"this {node.kind} is empty", do="write a line into it, or remove it")
    words: tuple[str, ...] = () if node.alignment is None else (node.alignment,)
    if is_block and node.text is not None:
        words = tuple(node.text.text.lower().split())
    drawing.furniture.append(Furniture(node.kind, lines, words, is_block, drawing.span()))  # type: ignore[arg-type]  # six kinds


def setting(drawing: Drawing, node: marks.Setting) -> None:
    words = node.text.split()
    if words[0].lower() == "!theme" and len(words) == 2 and words[1].lower() not in THEMES:
        near = did_you_mean(words[1].lower(), sorted(THEMES))
        drawing.refuse(
            "SQ116", f"there is no theme `{words[1]}`", do=near or "see `plantuml.com/theme` for those there are"
        )
    keyword = words[0].rstrip("{").lower()
    drawing.ignores_pages |= keyword in ("ignore", "ignorenewpage")
    drawing.keep(keyword)


def _without_quotes(piece: Piece) -> Piece:
    text = piece.text
    if len(text) > 2 and text[0] in '"“”' and text[-1] in '"“”':
        return Piece(text[1:-1], piece.at + 1)
    return piece
