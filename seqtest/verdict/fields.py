"""What a message says, field by field, read leniently: for showing and counting, never for judging."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from seqtest.exchange import Action, Answer, Headers, Message, Request, Response, Result

FRAMING = frozenset(
    (
        "host",
        "content-length",
        "content-type",
        "connection",
        "date",
        "server",
        "accept",
        "accept-encoding",
        "user-agent",
    )
)
"""Headers that say how a message travels rather than what it says; left out where there is room for a line only."""


def fields(content: Message | Answer | None) -> Iterator[tuple[str, Any]]:
    """What a message says, field by field: query, form or JSON members, then the headers that are not its framing."""
    match content:
        case Request(_, url, headers, body):
            yield from pairs_of(urlsplit(url).query)
            yield from _body_fields(body)
            yield from _header_fields(headers)
        case Response(_, headers, body):
            yield from _body_fields(body)
            yield from _header_fields(headers)
        case Action(_, named):
            yield from named.items()
        case Result(_, named):
            yield from named.items()


def _header_fields(headers: Headers) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in headers if name.lower() not in FRAMING)


def pairs_of(text: str) -> list[tuple[str, str]]:
    """The fields of a query or a form, empty ones too."""
    return parse_qsl(text, keep_blank_values=True)


def _body_fields(body: bytes) -> Iterator[tuple[str, Any]]:
    value = json_of(body)
    if isinstance(value, dict):
        yield from value.items()
    elif value is None and b"=" in body and b"\n" not in body:
        yield from pairs_of(body.decode("utf-8", "replace"))


def json_of(body: bytes) -> Any:
    """The body read as a JSON object or array; None when it is neither."""
    if body.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
