"""A body as its reader has it: unpacked as `Content-Encoding` says, and as text by the charset of its type."""

import codecs
import zlib
from collections.abc import Iterable

LARGEST = 10_000_000
"""Bytes of what is unpacked; more is no message of an auth flow."""
_WINDOWS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
"""Coding → the formats that it may have (RFC 9110 section 8.4.1): some send deflate without zlib's frame."""


class CannotUnpack(Exception):
    """A coding that is not known here, or that the body is not in; the message is a plain reason."""


def unpacked(body: bytes, fields: Iterable[str]) -> bytes:
    """The body without the codings that `Content-Encoding` names, the last one first. Raises CannotUnpack."""
    codings = [coding.strip().lower() for field in fields for coding in field.split(",")]
    for coding in reversed(codings):
        if coding in ("", "identity"):
            continue
        if coding not in _WINDOWS:
            raise CannotUnpack(f"the body is packed with `{coding}`, which cannot be unpacked here")
        body = _inflated(body, coding)
    return body


def _inflated(body: bytes, coding: str) -> bytes:
    for window in _WINDOWS[coding]:
        try:
            return _members(body, window)
        except zlib.error:
            continue
    raise CannotUnpack(f"the body is not packed with `{coding}`, as its Content-Encoding says")


def _members(body: bytes, window: int) -> bytes:
    found = bytearray()
    while body:
        member = zlib.decompressobj(window)
        found += member.decompress(body, LARGEST - len(found) + 1)
        if len(found) > LARGEST:
            raise CannotUnpack(f"the body is longer than {LARGEST:,} bytes when it is unpacked")
        if not member.eof:
            raise CannotUnpack("the body ends before all of it could be unpacked")
        body = member.unused_data
    return bytes(found)


def text_of_body(body: bytes, charset: str) -> str:
    """The text, by a byte order mark, else by the charset, else as UTF-8."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    try:
        return body.decode(charset or "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
