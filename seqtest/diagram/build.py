"""From marks to meaning: a syntax tree in, a diagram out.

Statements are taken in order, with the state that PlantUML keeps (drawing.py): who exists, which groups and
boxes are open, what a note or a life event would hang on, the stack that `return` follows, the number of the next
message.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from seqtest.dataclass import replace
from seqtest.diagram import annotations, declarations, fragments, messages
from seqtest.diagram.drawing import Drawing
from seqtest.diagram.model import Diagram, InteractionUse, LifeEvent, Message, Note, Participant, walk
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Span
from seqtest.syntax import tree as marks
from seqtest.syntax.tree import MOST_FINDINGS, SyntaxTree

_UNLINKED = re.compile(r"(hide|show)\s+@?unlinked$", re.IGNORECASE)

ACTIONS: Mapping[type, Callable[[Drawing, Any], None]] = {
    marks.Declaration: declarations.declaration,
    marks.UrlOf: declarations.url_of,
    marks.OpenBox: declarations.open_box,
    marks.EndBox: declarations.end_box,
    marks.MessageLine: messages.message,
    marks.ReturnLine: messages.returned,
    marks.LifeLine: messages.life,
    marks.Autoactivate: messages.autoactivate,
    marks.OpenGroup: fragments.open_group,
    marks.Branch: fragments.branch,
    marks.EndGroup: fragments.end_group,
    marks.NoteLine: annotations.note,
    marks.Reference: annotations.reference,
    marks.DividerLine: annotations.divider,
    marks.DelayLine: annotations.delay,
    marks.SpaceLine: annotations.space,
    marks.NewPageLine: annotations.new_page,
    marks.Constraint: annotations.constraint,
    marks.Autonumber: annotations.autonumber,
    marks.FurnitureLine: annotations.furnish,
    marks.Setting: annotations.setting,
}


def build(tree: SyntaxTree) -> Diagram:
    """The diagram that the statements draw.

    Raises UnreadableDiagram for what PlantUML refuses although each line by itself reads well (an `end` with
    nothing open, an unknown colour, `return` with nowhere to go).
    """
    drawing = Drawing()
    for statement in tree.statements:
        drawing.statement = statement
        if isinstance(statement.node, marks.Unread):
            # A library that is not read comes before the lines that use what it would define.
            raise UnreadableDiagram(*_errors(tree, "SQ126"), *_unread(tree))
        ACTIONS[type(statement.node)](drawing, statement.node)
    _close_what_is_open(drawing, tree)
    participants = _shown(drawing, tree)
    if not participants:
        # What swallowed the drawing comes before that nothing is left of it.
        raise UnreadableDiagram(*_errors(tree, "SQ125"), _nobody(tree))
    return Diagram(
        name=tree.name,
        participants=participants,
        items=tuple(drawing.top),
        boxes=tuple(drawing.columns.boxes),
        furniture=tuple(drawing.furniture),
        source=tree.source,
        span=Span(tree.start.number, 1, tree.end.number, len(tree.end.text) + 1, tree.source),
        slips=(*tree.findings, *drawing.slips),
    )


def _shown(drawing: Drawing, tree: SyntaxTree) -> tuple[Participant, ...]:
    """Everybody who has a column: `hide unlinked` takes it from those whom nothing reaches."""
    everybody = tuple(drawing.columns.participants)
    hides = False
    for statement in tree.statements:
        if isinstance(statement.node, marks.Setting) and (match := _UNLINKED.match(statement.node.text)):
            hides = match[1].lower() == "hide"
    if not hides:
        return everybody
    linked: set[str] = set()
    for item in walk(tuple(drawing.top)):
        match item:
            case Message():
                linked.update(filter(None, (item.sender, item.receiver, *item.more_receivers)))
            case Note() | InteractionUse():
                linked.update(item.participants)
            case LifeEvent():
                linked.add(item.participant)
    return tuple(each for each in everybody if each.id in linked)


def _errors(tree: SyntaxTree, code: str) -> list[Finding]:
    """What was told of the drawing as a warning, where it is why nothing can be made of it."""
    return [replace(finding, severity="error") for finding in tree.findings if finding.code == code]


def _unread(tree: SyntaxTree) -> list[Finding]:
    """What is wrong with the lines that cannot be read: at most ten of them."""
    nodes = (statement.node for statement in tree.statements)
    return [node.finding for node in nodes if isinstance(node, marks.Unread)][:MOST_FINDINGS]


def _close_what_is_open(drawing: Drawing, tree: SyntaxTree) -> None:
    """PlantUML draws a group or box that nobody closes; it is surely a slip."""
    for fragment in reversed(drawing.open):
        word = fragment.node.operator
        drawing.slip(
            "SQ212",
            f"this `{word}` is never closed",
            tree.end.span(),
            label=f"got `{tree.end.text}`, expected `end`",
            do=f"add a line `end` where the `{word}` ends",
            also=((fragment.span, "opened here"),),
        )
    while drawing.open:
        fragments.close_group(drawing, None)
    for index in drawing.columns.open_boxes:
        span = drawing.columns.boxes[index].span
        if span is not None:
            drawing.slip("SQ213", "this `box` is never closed", span, label="opened here", do="add a line `end box`")


def _nobody(tree: SyntaxTree) -> Finding:
    return Finding(
        "SQ111",
        "nobody takes part in this diagram",
        tree.start.span(),
        expected="at least one participant or arrow, such as `client -> server : GET /`",
        got="none",
        do="draw a sequence diagram: other kinds of PlantUML diagrams are not read",
    )
