"""Whether a drawing is meant as a flow to be played, or as a picture with prose in its notes."""

from seqtest.diagram.expectation import Promise
from seqtest.diagram.model import Diagram, Message
from seqtest.diagram.note_line import promise_of
from seqtest.diagram.promise import expect, lines_of
from seqtest.errors import UnreadableDiagram

_HEADERS = {"accept", "allow", "authorization", "cookie", "dpop", "etag", "expires", "host", "link", "location", "vary"}
"""Header fields of one word: `Note: it is cold` has the form of one and is none."""


def is_meant_as_flow(diagram: Diagram) -> bool:
    """Whether more of what stands at its arrows reads as checks than does not.

    Asked of drawings in which nobody is bound. A name alone says nothing (any word is one), a near miss speaks for a
    check: `token : jwtt`.
    """
    meant = prose = 0
    for message in diagram.messages():
        try:
            promises = list(expect(message).walk())
        except UnreadableDiagram as error:
            near = sum("did you mean" in finding.label + finding.do for finding in error.findings)
            meant += near
            prose += len(error.findings) - near
            promises = _readable(message)
        meant += sum(map(_is_check, promises))
    return meant > prose


def _readable(message: Message) -> list[Promise]:
    """The lines of its notes that can be read, each by itself."""
    found: list[Promise] = []
    for note in message.notes:
        for line in lines_of(note):
            try:
                promise = promise_of(line, "message")
            except UnreadableDiagram:
                continue
            found += promise if isinstance(promise, list) else [promise] if promise else []
    return found


def _is_check(promise: Promise) -> bool:
    if promise.operator == "present":
        return False
    name = str(promise.path[0]) if promise.path else ""
    return promise.place != "header" or "-" in name or name.lower() in _HEADERS
