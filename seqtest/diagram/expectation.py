"""What a message promises: its label and its note lines, read.

They are contents to send when the sender is scripted, and to see when it is bound.
"""

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any, Literal

from seqtest.dataclass import dataclass
from seqtest.pattern import pattern
from seqtest.source import Span

Place = Literal[
    "field",  # a bare name: query, body or JSON, whichever the message has
    "header", "query", "form", "json", "cookie", "body",  # named outright, or by shape (`Cache-Control`)
    "jose", "claims",  # below a token
    "fragment", "parameter",  # below a Location; below a challenge or a cookie (auth-param, attribute)
    "signature",  # signed by, signature kept …
]  # fmt: skip
PLACES = frozenset(("header", "query", "form", "json", "cookie"))
"""Prefixes that say outright where a field is."""
QUERY_METHODS = frozenset(("GET", "HEAD", "DELETE"))
"""Their bare fields are in the query; every other method's are in the body."""
Operator = Literal[
    "=", "!=", "<", "<=", ">", ">=", "in", "matches", "starts with", "contains", "lacks",
    "type", "present", "absent", "unique", "schema", "openapi",
    "signed by", "signed with", "kept", "changed", "unchecked",
]  # fmt: skip
Segment = str | int | None
"""A step into a structure: a member's name, an index, or None for every element (`[*]`)."""


@dataclass(frozen=True, slots=True)
class Plain:
    """An unbraced value: `value` is its JSON reading where it has one (`300`, `true`, `"123"`), else the text."""

    value: Any
    text: str
    """As written."""
    is_quoted: bool = False
    is_typed: bool = False
    """A member of JSON, whose type is drawn with it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """`{access_token}`, `{A1.sub}`, `{auth.url}`: names and indices; a participant first, or not."""

    path: tuple[str | int, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class New:
    """`{new state}`."""

    name: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`{S256(new code_verifier)}`."""

    function: str
    arguments: "tuple[Expression, ...]"
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """`{form}`, `{form "consent"}`, `{link "Forgot?"}`: a part of the page that a browser shows."""

    kind: Literal["form", "link"]
    name: str | None
    span: Span | None = field(default=None, compare=False, repr=False)


Expression = Plain | Reference | New | Call | Page


@dataclass(frozen=True, slots=True)
class Template:
    """Text with braced expressions in it; a single expression alone keeps its value's type."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """`now`, `iat + 5 minutes`: a time relative to the clock or to a claim of the same token."""

    base: Literal["now", "iat", "exp", "nbf", "auth_time"]
    offset: float = 0.0
    """Seconds."""


Value = Plain | Template | Moment


@dataclass(frozen=True, slots=True)
class Promise:
    """One line of a note (or one member of a label's braces)."""

    place: Place
    path: tuple[Segment, ...]
    operator: Operator
    values: tuple[Value, ...] = ()
    """One value, or several for `in`; for `matches` a Plain holding the expression between the slashes."""
    type_name: str = ""
    """For `type`: `jwt`, `base64url json` …; for a header with an indented block below, what opens it (`Bearer`)."""
    name: str | None = None
    """`path as name`."""
    example: Value | None = None
    """`e.g. WDJB-MJHT`: what a scripted sender sends."""
    is_optional: bool = False
    children: "tuple[Promise, ...]" = ()
    """What is indented below."""
    is_closed: bool = False
    """`nothing else` ends the block below."""
    is_tampered: bool = False
    """`… but`: the children are changes, not checks."""
    span: Span | None = field(default=None, compare=False, repr=False)
    value_span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """`POST /oauth/token`. The target is a path, an absolute URL, `{Location}`, `{form}` …, as a template."""

    method: str
    target: Template
    is_json: bool = False
    """Whether a JSON object is drawn: unless a `Content-Type` says otherwise, the body is that."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """`200 OK`, `401 or 403`, `4xx`, `{status}`. `statuses` holds codes (`"200"`) and classes (`"4xx"`)."""

    statuses: tuple[str, ...]
    reason: str = ""
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class ActionLine:
    """`find user {id}`: an action, or the value that one gave back."""

    text: Template


@dataclass(frozen=True, slots=True)
class Expectation:
    """All that one arrow promises."""

    line: RequestLine | StatusLine | ActionLine
    promises: tuple[Promise, ...] = ()
    is_closed: bool = False
    """`nothing else` at the left edge."""
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def draws_json(self) -> bool:
        """Whether bare fields of the body are JSON members, as the `Content-Type` says, or what else is drawn."""
        for promise in self.promises:
            if promise.place == "header" and promise.operator == "=" and str(promise.path[0]).lower() == "content-type":
                drawn = promise.values[0]
                if isinstance(drawn, Plain):
                    return _JSON.match(drawn.text) is not None
        is_json = isinstance(self.line, RequestLine) and self.line.is_json
        return is_json or any(promise.place == "json" for promise in self.promises)

    def walk(self) -> Iterator[Promise]:
        """Every promise, each before what is indented below it."""
        stack = list(reversed(self.promises))
        while stack:
            promise = stack.pop()
            yield promise
            if promise.children:
                stack.extend(reversed(promise.children))


_JSON = pattern(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)


def expressions(value: "Value | Expression | None") -> Iterator[Expression]:
    """Every braced expression in a value, calls before their arguments."""
    if isinstance(value, Template):
        for part in value.parts:
            if not isinstance(part, str):
                yield from expressions(part)
    elif isinstance(value, Call):
        yield value
        for argument in value.arguments:
            yield from expressions(argument)
    elif isinstance(value, (Reference, New, Page)):
        yield value
