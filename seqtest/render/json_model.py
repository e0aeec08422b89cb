"""A diagram as plain data, for other programs: what `seqtest parse --json` prints."""

from collections.abc import Iterator
from typing import Any

from seqtest.diagram import CombinedFragment, Diagram, InteractionUse, Item, Message, Note
from seqtest.source import Span


def model(diagram: Diagram, file: str) -> dict[str, Any]:
    """The diagram with everything in drawn order; `file` is named as it was given.

    `{"file", "title", "participants": [{"id", "name", "kind", "stereotypes", "line"}], "messages": [{"line", "sender",
    "receiver", "text", "kind"}], "fragments": [{"operator", "line"}], "notes": [{"line", "text"}]}`; None stands for
    the end of a message at the border, fragments come in the order in which they open.
    """
    return {
        "file": file,
        "title": diagram.title,
        "participants": [
            {
                "id": participant.id,
                "name": participant.name,
                "kind": participant.kind,
                "stereotypes": list(participant.stereotypes),
                "line": _line(participant.span),
            }
            for participant in diagram.participants
        ],
        "messages": [
            {
                "line": _line(message.span),
                "sender": message.sender,
                "receiver": message.receiver,
                "text": message.text,
                "kind": message.kind,
            }
            for message in diagram.messages()
        ],
        "fragments": [
            {"operator": "group" if item.operator == "partition" else item.operator, "line": _line(item.span)}
            for item in diagram.walk()
            if isinstance(item, CombinedFragment)
        ],
        "notes": [{"line": _line(note.span), "text": note.text} for note in _notes(diagram)],
    }


def _line(span: Span | None) -> int | None:
    return span.line if span else None


def _notes(diagram: Diagram) -> Iterator[Note]:
    """Every note in drawn order; those of a fragment follow its `end`."""
    stack: list[Item | Note] = list(reversed(diagram.items))
    while stack:
        item = stack.pop()
        if isinstance(item, Note):
            yield item
        elif isinstance(item, Message | InteractionUse):
            yield from item.notes
        elif isinstance(item, CombinedFragment):
            stack.extend(reversed(item.notes))
            for operand in reversed(item.operands):
                stack.extend(reversed(operand.items))
