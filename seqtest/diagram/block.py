"""Lines of a note with their places, and which of them stand below which."""

from collections.abc import Mapping, Sequence
from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.diagram.expectation import Promise, Template
from seqtest.diagram.model import TextLine
from seqtest.source import Span

Block = Literal["message", "action", "state", "token", "location", "challenge", "cookie", "token in a cookie", "object"]
"""What lines belong to: an HTTP message, an action, a participant, or what the line above them holds."""

TOKENS: frozenset[Block] = frozenset(("token", "token in a cookie"))
COOKIE_ATTRIBUTES = frozenset(("Domain", "Expires", "HttpOnly", "Max-Age", "Partitioned", "Path", "SameSite", "Secure"))
"""Below a token in a cookie these are the cookie's, spelled like this; every other name is the token's."""

JOSE_FIELDS = frozenset(
    ("alg", "typ", "kid", "jwk", "jku", "x5c", "x5t", "x5u", "x5t#S256", "cty", "crit", "enc", "zip")
)
"""Below a token these are its header's (RFC 7515 section 4.1); every other name is a claim's."""


@dataclass(frozen=True, slots=True)
class Line:
    """Trimmed text and where it stands."""

    text: str
    place: Span | None
    """Of the first character; only its start counts."""
    indent: int = 0

    @classmethod
    def of(cls, line: TextLine) -> "Line":
        """A line of a note. Its span may begin at the blanks in front of the text or behind them."""
        whole = line.text
        text = whole.strip()
        if "\t" in whole:
            whole = whole.expandtabs(8)
        return cls(text, _found(text, line.span), len(whole) - len(whole.lstrip()))

    @property
    def is_prose(self) -> bool:
        return not self.text or self.text.startswith("//")

    def span(self, start: int = 0, end: int | None = None) -> Span | None:
        """The columns of `text[start:end]` in the drawing."""
        if self.place is None:
            return None
        length = (len(self.text) if end is None else end) - start
        line, column = self.place.line, self.place.column + start
        return Span(line, column, line, column + (length if length > 1 else 1), self.place.source)

    def cut(self, start: int, end: int) -> "Line":
        """A part of the line, at its own place."""
        return Line(self.text[start:end], self.span(start, end), self.indent)

    def rewritten(self, text: str) -> "Line":
        """Other text of the same length at the same place."""
        return Line(text, self.place, self.indent)


def _found(text: str, span: Span | None) -> Span | None:
    if span is None:
        return None
    at = span.text.find(text, span.column - 1)
    return span if at < 0 or at == span.column - 1 else Span.at(span.source, span.line, at + 1, len(text))


@dataclass(slots=True)
class Drawn:
    """A line and those indented below it."""

    line: Line
    children: "list[Drawn]"
    is_crooked: bool = False
    """It stands neither where the lines before it stand nor below one of them."""


def nest(lines: Sequence[Line]) -> list[Drawn]:
    """The lines by their indentation: a line belongs to the nearest one above that stands further left."""
    top: list[Drawn] = []
    above: list[Drawn] = []
    for line in lines:
        while above and above[-1].line.indent >= line.indent:
            above.pop()
        level = above[-1].children if above else top
        drawn = Drawn(line, [], bool(level) and level[0].line.indent != line.indent)
        level.append(drawn)
        above.append(drawn)
    return top


_TYPES: Mapping[str, Block] = {
    "jwt": "token",
    "jwe": "token",
    "object": "object",
    "json": "object",
    "base64url json": "object",
}


def opens(promise: Promise) -> Block | None:
    """What lines indented below the promise belong to; None when it holds nothing."""
    if promise.place == "header" and promise.operator == "=":
        return _header_opens(promise)
    if promise.place == "cookie":
        is_token = promise.operator == "type" and _TYPES.get(promise.type_name) == "token"
        return None if promise.operator == "absent" else "token" if is_token else "cookie"
    if promise.operator == "type":
        return _TYPES.get(promise.type_name)
    if promise.operator == "=" and _is_reference(promise):
        return "token"
    return "object" if promise.operator == "present" and promise.name is None else None


def _header_opens(promise: Promise) -> Block | None:
    name = str(promise.path[0]).lower()
    if name == "location":
        return "location"
    if name in ("www-authenticate", "proxy-authenticate"):
        return "challenge"
    value = promise.values[0]
    # The scheme, a blank and the token: `Bearer {access_token}`; or the token alone, as in `DPoP: {proof}`.
    if isinstance(value, Template) and len(_held(value)) == 1 and not isinstance(value.parts[-1], str):
        return "token"
    return None


def _held(value: Template) -> list[object]:
    return [part for part in value.parts if not isinstance(part, str)]


def _is_reference(promise: Promise) -> bool:
    value = promise.values[0]
    return isinstance(value, Template) and len(value.parts) == 1 and not isinstance(value.parts[0], str)
