"""A diagram as plain data, for other programs: what `seqtest parse --json` prints."""

from collections.abc import Iterator
from typing import Any

from seqtest.diagram import CombinedFragment, Diagram, InteractionUse, Message, Note
from seqtest.source import Span


def model(diagram: Diagram, file: str) -> dict[str, Any]:
    """The diagram with everything in drawn order; `file` is named as it was given.

    `{"file", "title", "participants": [{"id", "name", "kind", "stereotypes", "line"}], "messages": [{"line", "sender",
    "receiver", "text", "kind"}], "fragments": [{"operator", "line"}], "notes": [{"line", "text"}]}`; None stands for
    the end of a message at the border, fragments come in the order in which they open. A note that hangs on a closed
    fragment is listed with it, under `"notes"`; all others are in the diagram's own list.
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
        "fragments": [_fragment(item) for item in diagram.walk() if isinstance(item, CombinedFragment)],
        "notes": [{"line": _line(note.span), "text": note.text} for note in _notes(diagram)],
    }


def _fragment(fragment: CombinedFragment) -> dict[str, Any]:
    operator = "group" if fragment.operator == "partition" else fragment.operator
    found: dict[str, Any] = {"operator": operator, "line": _line(fragment.span)}
    if fragment.notes:
        found["notes"] = [{"line": _line(note.span), "text": note.text} for note in fragment.notes]
    return found


def _line(span: Span | None) -> int | None:
    return span.line if span else None


def _notes(diagram: Diagram) -> Iterator[Note]:
    """The notes that stand by themselves or hang on a message or a reference, in drawn order."""
    for item in diagram.walk():
        if isinstance(item, Note):
            yield item
        elif isinstance(item, Message | InteractionUse):
            yield from item.notes
