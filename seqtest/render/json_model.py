"""A diagram as plain data, for other programs: what `seqtest parse --json` prints."""

from collections.abc import Iterable, Iterator
from typing import Any

from seqtest.diagram import CombinedFragment, Diagram, InteractionUse, Message, Note
from seqtest.source import Span


def model(diagram: Diagram, file: str) -> dict[str, Any]:
    """The diagram with everything in drawn order; `file` is named as it was given.

    `{"file", "title", "participants": [{"id", "name", "kind", "stereotypes", "line"}], "messages": [{"line", "sender",
    "receiver", "text", "kind"}], "fragments": [{"operator", "line"}], "references": [{"line", "participants", "text"}],
    "notes": [{"line", "text"}]}`; None stands for the end of a message at the border, fragments come in the order in
    which they open. A note that hangs on a closed fragment or on a reference is listed with it, under `"notes"`; all
    others are in the diagram's own list. A label has a hyphen for each en dash, as PlantUML draws it; when the flow is
    played, an en dash is one.
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
                "text": message.text.replace("\u2013", "-"),
                "kind": message.kind,
            }
            for message in diagram.messages()
        ],
        "fragments": [_fragment(item) for item in diagram.walk() if isinstance(item, CombinedFragment)],
        "references": [_reference(item) for item in diagram.walk() if isinstance(item, InteractionUse)],
        "notes": _listed(_notes(diagram)),
    }


def _fragment(fragment: CombinedFragment) -> dict[str, Any]:
    operator = "group" if fragment.operator == "partition" else fragment.operator
    found: dict[str, Any] = {"operator": operator, "line": _line(fragment.span)}
    if fragment.notes:
        found["notes"] = _listed(fragment.notes)
    return found


def _reference(use: InteractionUse) -> dict[str, Any]:
    found: dict[str, Any] = {
        "line": _line(use.span),
        "participants": list(use.participants),
        "text": "\n".join(line.text for line in use.lines),
    }
    if use.notes:
        found["notes"] = _listed(use.notes)
    return found


def _listed(notes: Iterable[Note]) -> list[dict[str, Any]]:
    return [{"line": _line(note.span), "text": note.text} for note in notes]


def _line(span: Span | None) -> int | None:
    return span.line if span else None


def _notes(diagram: Diagram) -> Iterator[Note]:
    """The notes that stand by themselves or hang on a message, in drawn order."""
    for item in diagram.walk():
        if isinstance(item, Note):
            yield item
        elif isinstance(item, Message):
            yield from item.notes
