"""Our words for a parser's surprise."""

from lark import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from seqtest.errors import Finding
from seqtest.syntax.tree import Line, Node


def explain(line: Line, failure: UnexpectedInput) -> Finding:
    """Why a line cannot be read."""
    at = _position(line, failure)
    return Finding("SQ102", "this line is no statement of a sequence diagram", line.span(at, len(line.text)))


def _position(line: Line, failure: UnexpectedInput) -> int:
    if isinstance(failure, UnexpectedToken) and failure.token.type == "$END":
        return len(line.text)
    if isinstance(failure, (UnexpectedCharacters, UnexpectedToken)):
        return failure.pos_in_stream or 0
    return 0


def never_closed(line: Line, node: Node) -> Finding:
    """A block without its last line."""
    return Finding("SQ103", "this block is never closed", line.span(), label="opened here")
