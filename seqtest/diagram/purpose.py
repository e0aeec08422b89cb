"""Whether a drawing is meant as a flow to be played, or as a picture with prose in its notes."""

from seqtest.diagram.lint import reads_like_check
from seqtest.diagram.model import Diagram
from seqtest.diagram.promise import expect
from seqtest.errors import UnreadableDiagram


def is_meant_as_flow(diagram: Diagram) -> bool:
    """Whether more of what stands at its arrows reads as checks than does not.

    Asked of drawings in which nobody is bound. A name alone says nothing (any word is one), a near miss speaks for a
    check: `token : jwtt`.
    """
    meant = prose = 0
    for message in diagram.messages():
        try:
            expectation = expect(message)
        except UnreadableDiagram as error:
            near = sum("did you mean" in finding.label + finding.do for finding in error.findings)
            meant += near
            prose += len(error.findings) - near
            wrong = {finding.span.line for finding in error.findings if finding.span}
            lines = [line for note in message.notes for line in note.lines if line.span and line.span.line not in wrong]
            meant += sum(reads_like_check(line.text.strip()) for line in lines)
        else:
            meant += sum(promise.operator != "present" for promise in expectation.walk())
    return meant > prose
