"""Declarations, boxes, links on participants."""

import re

from seqtest.diagram.drawing import Drawing, stereotype
from seqtest.diagram.messages import live
from seqtest.diagram.model import Box
from seqtest.diagram.texts import visible
from seqtest.syntax import tree as marks
from seqtest.syntax.tree import Piece

_SPOT = re.compile(r"<<\s*\(.,\s*(#?(?![0-9a-fA-F]+\))\w+)\)")


def declaration(drawing: Drawing, node: marks.Declaration) -> None:
    who, span = node.who, drawing.span()
    is_new = who.code not in drawing.columns.known
    # PlantUML never looks at the colours of a bracket form, nor at those of somebody whom it knows.
    color = drawing.color(node.color, is_long=True) if is_new and not node.is_open else None
    if node.color is not None and len(node.color.text) == 2:
        drawing.color(node.color, is_long=True)
    for piece in node.stereotypes if is_new else ():
        check_spot(drawing, piece)
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
        color=color,
        link=drawing.link(node.link),
        lines=lines,
    )
    # Somebody whom PlantUML knows is only moved behind the others; `create B` alone creates them all the same.
    if node.is_create and is_new:
        live(drawing, "create", who.code)


def check_spot(drawing: Drawing, piece: Piece) -> None:
    """`<<(C,#ADD1B2) text>>`: the spot has a colour that exists."""
    spot = _SPOT.match(piece.text)
    if spot is not None:
        drawing.color(Piece(spot[1], piece.at + spot.start(1)))


def url_of(drawing: Drawing, node: marks.UrlOf) -> None:
    if node.who.code.startswith('"'):
        drawing.slip(
            "SQ221",
            f"{node.who.code} is a participant of its own here: quotes are part of the name",
            drawing.statement.line.span(node.who.at, node.who.end),
            do="write the short name, without quotes",
        )
    drawing.columns.link(drawing.mention(node.who), drawing.link(node.link))


def open_box(drawing: Drawing, node: marks.OpenBox) -> None:
    color = drawing.color(node.color, is_simple=False, is_long=True)
    stereotypes = tuple(stereotype(piece) for piece in node.stereotypes)
    title = None if node.title is None else visible(node.title.text)
    drawing.columns.open_box(Box(title, color, stereotypes, span=drawing.span()))


def end_box(drawing: Drawing, node: marks.EndBox) -> None:
    if not drawing.columns.close_box():
        drawing.refuse("SQ110", "no `box` is open here", do="remove this line, or add the `box` that it closes")
