"""Declarations, boxes, links on participants."""

from seqtest.diagram.drawing import Drawing, stereotype
from seqtest.diagram.messages import live
from seqtest.diagram.model import Box
from seqtest.diagram.texts import visible
from seqtest.syntax import tree as marks


def declaration(drawing: Drawing, node: marks.Declaration) -> None:
    who, span = node.who, drawing.span()
    is_known = who.code in drawing.columns.known
    color = None if is_known else drawing.color(node.color, is_long=True)
    lines = drawing.block() if node.is_open else ()
    if node.is_open and not lines:
        drawing.refuse("SQ117", "nothing is written between the brackets", expected="at least one line before `]`")
    drawing.columns.declare(
        who.code,
        "\\n".join(line.text for line in lines) if lines else visible(who.text if who.text is not None else who.code),
        node.kind,  # type: ignore[arg-type]  # the grammar knows no other kind
        span,
        stereotypes=tuple(stereotype(piece) for piece in node.stereotypes),
        order=node.order or 0,
        color=None if node.is_open else color,
        link=drawing.link(node.link),
        lines=lines,
    )
    if node.is_create:
        live(drawing, "create", who.code)


def url_of(drawing: Drawing, node: marks.UrlOf) -> None:
    drawing.columns.link(drawing.mention(node.who), drawing.link(node.link))


def open_box(drawing: Drawing, node: marks.OpenBox) -> None:
    color = drawing.color(node.color, is_simple=False, is_long=True)
    stereotypes = tuple(stereotype(piece) for piece in node.stereotypes)
    title = None if node.title is None else visible(node.title.text)
    drawing.columns.open_box(Box(title, color, stereotypes, span=drawing.span()))


def end_box(drawing: Drawing, node: marks.EndBox) -> None:
    if not drawing.columns.close_box():
        drawing.refuse("SQ110", "no `box` is open here", do="remove this line, or add the `box` that it closes")
