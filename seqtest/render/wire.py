"""Messages as they went over the wire, for people: their first line, their fields, their bytes."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from seqtest.exchange import Action, Answer, Lost, Message, Request, Response, Result
from seqtest.render.grid import clean, cut
from seqtest.render.mask import Masker
from seqtest.render.secret_names import is_secret_name
from seqtest.verdict.fields import fields, json_of, pairs_of

Content = Message | Answer | None


def first_line(content: Content, masker: Masker, *, limit: int = 200) -> str:
    """`GET /users/123?scope=read`, `401 Unauthorized`, an action's text or the value it gave back."""
    match content:
        case Request(method, url):
            parts = urlsplit(url)
            pairs = "&".join(f"{name}={masker.value(name, value)}" for name, value in pairs_of(parts.query))
            text = f"{method} {masker.text(parts.path or '/')}" + (f"?{pairs}" if pairs else "")
        case Response(status):
            text = f"{status} {phrase(status)}".rstrip()
        case Action(text):
            text = masker.text(text)
        case Result(value, _, error):
            text = f"error: {error}" if error else "" if value is None else masker.text(str(value))
        case Lost():
            text = "lost"
        case _:
            text = ""
    return cut(clean(" ".join(text.split())), limit)


def phrase(status: int) -> str:
    """The reason phrase that belongs to a status; empty when none does."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def in_short(content: Content, masker: Masker, *, names: frozenset[str] | None = None) -> str:
    """The fields on one line, `sub=123 scope=users:read`; only those of `names` when given. Secrets are cut."""
    pieces = []
    for name, value in fields(content):
        if names is None or name.lower() in names:
            pieces.append(f"{name}={cut(masker.value(name, value), 40)}")
    return clean(" ".join(" ".join(pieces).split()))


def laid_out(content: Content, masker: Masker, *, max_lines: int = 40) -> list[str]:
    """A message as on the wire, with a JSON or form body spread over lines, secrets masked and long bodies cut."""
    match content:
        case Request(_, _, headers, body) | Response(_, headers, body):
            lines = [first_line(content, masker)]
            lines += [f"{name}: {masker.value(name, value)}" for name, value in headers]
            lines += body_lines(body, masker)
        case Action() | Result():
            lines = [first_line(content, masker)]
            lines += [f"  {name} = {masker.value(name, value)}" for name, value in fields(content)]
        case _:
            lines = [first_line(content, masker)]
    lines = [cut(clean(line), 200) for line in lines]
    return lines if len(lines) <= max_lines else [*lines[:max_lines], f"… {len(lines) - max_lines} more lines"]


def body_lines(body: bytes, masker: Masker) -> list[str]:
    """The body for reading: JSON indented, a form a field a line, text as it is, anything else by its size."""
    if not body:
        return []
    value = json_of(body)
    if value is not None:
        text = json.dumps(_masked(value, masker), indent=2, ensure_ascii=False)
        return ["", *text.split("\n")]
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return ["", f"({len(body)} bytes that are no text)"]
    pairs = pairs_of(text) if "=" in text and "\n" not in text and "<" not in text else []
    if pairs:
        return ["", *(f"{name} = {masker.value(name, value)}" for name, value in pairs)]
    return ["", *masker.text(text.strip("\r\n")).split("\n")]


def _masked(value: Any, masker: Masker, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _masked(member, masker, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_masked(member, masker, name) for member in value]
    if isinstance(value, str) or (name and is_secret_name(name) and value is not None):
        return masker.value(name, value)
    return value
