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


def explain_directive(line: Line, failure: UnexpectedInput) -> Finding | None:
    """Why a preprocessor line cannot be read; None when its word is not one of the preprocessor's."""
    word = line.text[1:].split("(")[0].split()[0].lower() if line.text[1:].split() else ""
    if word not in WORDS:
        return None
    at = _position(line, failure)
    return Finding("SQ120", f"this `!{word}` cannot be read", line.span(min(at, len(line.text) - 1), len(line.text)))


WORDS = frozenset(
    [
        "define",
        "definelong",
        "undef",
        "if",
        "ifdef",
        "ifndef",
        "elseif",
        "else",
        "endif",
        "while",
        "endwhile",
        "foreach",
        "endfor",
        "procedure",
        "function",
        "unquoted",
        "final",
        "return",
        "include",
        "includeurl",
        "include_once",
        "include_many",
        "includesub",
        "startsub",
        "endsub",
        "log",
        "assert",
        "exit",
        "local",
        "global",
    ]
)
