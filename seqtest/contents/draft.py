"""What a scripted sender is about to send, field by field."""

import json
from collections.abc import Mapping
from contextlib import suppress
from html import escape
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from seqtest.auth.jwt import looks_like_jwt
from seqtest.contents.holder import Path, wire_name
from seqtest.contents.scope import MISSING, Unknown
from seqtest.contents.text import text_of
from seqtest.diagram.expectation import QUERY_METHODS
from seqtest.exchange import Headers, copied


class Draft:
    """Fields that are put in one by one."""

    __slots__ = ()

    def put(self, place: str, path: Path, value: Any) -> None:
        """Set a field; where all is text, one that is there already is sent twice."""
        raise NotImplementedError

    def has(self, place: str, path: Path) -> bool:
        raise NotImplementedError

    def remove(self, place: str, path: Path) -> None:
        """`aud absent`: what would be there unless a line says that it is not."""

    def is_text(self, place: str) -> bool:
        """Whether the types of its values do not count."""
        return False

    def siblings(self, place: str) -> Mapping[str, Any]:
        return {}


def place_in(structure: Any, path: Path, value: Any) -> None:
    """Set a member of a structure, with the objects and arrays on the way to it.

    What is put in is the structure's own: more may be put into it, and the drawing's value stays as drawn.
    """
    for step, after in pairwise(path):
        inner: Any = {} if isinstance(after, str) else []
        structure = _step_into(structure, step, inner)
    _set(structure, path[-1], copied(value))


def _step_into(structure: Any, step: str | int | None, inner: Any) -> Any:
    if isinstance(structure, dict):
        return structure.setdefault(step, inner)
    index = step if isinstance(step, int) else 0
    if index >= len(structure):
        structure.append(inner)
    return structure[min(index, len(structure) - 1)]


def _set(structure: Any, step: str | int | None, value: Any) -> None:
    if isinstance(structure, dict) or (isinstance(step, int) and step < len(structure)):
        structure[step] = value
    else:
        structure.append(value)


def found_in(structure: Any, path: Path) -> Any:
    """The member at a path; MISSING when there is none."""
    for step in path:
        try:
            structure = structure[0 if step is None else step]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return structure


class ObjectDraft(Draft):
    """An object's members."""

    __slots__ = ("value",)

    def __init__(self, value: dict[str, Any] | None = None) -> None:
        self.value: dict[str, Any] = {} if value is None else value

    def put(self, place: str, path: Path, value: Any) -> None:
        place_in(self.value, path, value)

    def has(self, place: str, path: Path) -> bool:
        return found_in(self.value, path) is not MISSING

    def siblings(self, place: str) -> Mapping[str, Any]:
        return self.value


class TokenDraft(Draft):
    """A token's header and claims."""

    __slots__ = ("claims", "drawn", "header")

    def __init__(self, header: dict[str, Any], claims: dict[str, Any]) -> None:
        self.header, self.claims = header, claims
        self.drawn: set[tuple[str, Path]] = set()

    def put(self, place: str, path: Path, value: Any) -> None:
        place_in(self.header if place == "jose" else self.claims, path, value)
        self.drawn.add((place, path))

    def has(self, place: str, path: Path) -> bool:
        # A claim that is only there by default is not drawn yet.
        return (place, path) in self.drawn

    def remove(self, place: str, path: Path) -> None:
        held, last = found_in(self.header if place == "jose" else self.claims, path[:-1]), path[-1]
        if isinstance(held, dict):
            held.pop(last, None)
        elif isinstance(held, list) and isinstance(last, int):
            del held[last : last + 1]

    def siblings(self, place: str) -> Mapping[str, Any]:
        return self.claims


class PairsDraft(Draft):
    """Names with text values, in order."""

    __slots__ = ("pairs",)

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str, str]] = []

    def put(self, place: str, path: Path, value: Any) -> None:
        self.pairs.append((place, wire_name(path), text_of(value)))

    def has(self, place: str, path: Path) -> bool:
        name = wire_name(path)
        return any(held == (place, name) for held in ((kind, key) for kind, key, _ in self.pairs))

    def is_text(self, place: str) -> bool:
        return True

    def siblings(self, place: str) -> Mapping[str, Any]:
        return {name: value for _, name, value in self.pairs}

    def of(self, place: str) -> list[tuple[str, str]]:
        return [(name, value) for kind, name, value in self.pairs if kind == place]


class MessageDraft(Draft):
    """A request's or a response's headers, query and body; an action's fields."""

    __slots__ = (
        "_pairs",
        "_removed",
        "body",
        "cookies",
        "fields",
        "form",
        "has_json",
        "headers",
        "is_http",
        "is_response",
        "json",
        "method",
        "query",
    )

    def __init__(self, method: str, is_response: bool, has_json: bool, is_http: bool = True) -> None:
        self.method, self.is_response, self.has_json, self.is_http = method, is_response, has_json, is_http
        """`has_json`: bare fields of a body are JSON."""
        self.headers: list[tuple[str, str]] = []
        self.query: list[tuple[str, str]] = []
        self.form: list[tuple[str, str]] = []
        self.cookies: list[tuple[str, str]] = []
        self._pairs = {"header": self.headers, "query": self.query, "form": self.form, "cookie": self.cookies}
        self.json: Any = None
        self.body: Any = MISSING
        self.fields: dict[str, Any] = {}
        self._removed: set[str] = set()
        """Headers that are drawn as absent."""

    def remove(self, place: str, path: Path) -> None:
        if place == "header":
            self._removed.add(wire_name(path).lower())

    def _where(self, place: str) -> str:
        if place != "field":
            return place
        if not self.is_http:
            return "action"
        if self.is_response or (self.has_json and self.method not in QUERY_METHODS):
            return "json"
        return "query" if self.method in QUERY_METHODS else "form"

    def put(self, place: str, path: Path, value: Any) -> None:
        where = self._where(place)
        if where == "json":
            if self.json is None:
                self.json = {} if isinstance(path[0], str) else []
            place_in(self.json, path, value)
        elif where == "action":
            place_in(self.fields, path, value)
        elif where == "body":
            self.body = value
        else:
            self._pairs[where].append((wire_name(path), text_of(value)))

    def has(self, place: str, path: Path) -> bool:
        where = self._where(place)
        if where == "json":
            return found_in(self.json, path) is not MISSING
        if where == "action":
            return found_in(self.fields, path) is not MISSING
        if where == "body":
            return self.body is not MISSING
        pairs = self._pairs[where]
        if not pairs:
            return False
        name = wire_name(path)
        if where == "header":
            return any(held.lower() == name.lower() for held, _ in pairs)
        return any(held == name for held, _ in pairs)

    def own(self, name: str) -> Any:
        """The message's own field of that name; MISSING when it has none yet."""
        for held in (self.json, self.fields):
            if isinstance(held, dict) and name in held:
                return held[name]
        for pairs in (self.form, self.query, self.headers, self.cookies):
            for key, value in pairs:
                if key == name:
                    return value
        return MISSING

    def is_text(self, place: str) -> bool:
        return self._where(place) in ("header", "query", "form", "cookie", "body")

    def siblings(self, place: str) -> Mapping[str, Any]:
        return self.fields if not self.is_http else self.json or dict(self.form) or dict(self.query)

    # The whole.

    def target(self, url: str) -> str:
        """The URL with the drawn query fields."""
        if not self.query:
            return url
        before, hash_sign, fragment = url.partition("#")
        return f"{before}{'&' if '?' in before else '?'}{urlencode(self.query)}{hash_sign}{fragment}"

    def written(self) -> tuple[Headers, bytes]:
        """Headers and body, with the Content-Type that the body needs unless one is drawn.

        Raises Unknown when several bodies are drawn.
        """
        if sum((self.body is not MISSING, self.json is not None, bool(self.form))) > 1:
            raise Unknown("body", "form fields, JSON members and `body` are drawn, and a message has one body")
        headers = Headers(self.headers)
        if self.cookies:
            if self.is_response:
                headers = Headers((*headers, *(("Set-Cookie", f"{name}={value}") for name, value in self.cookies)))
            else:
                headers = Headers((*headers, ("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies))))
        kind, body = self._typed_body()
        if kind and "content-type" not in self._removed:
            headers = headers.with_default("Content-Type", kind)
        return headers, body

    def _typed_body(self) -> tuple[str, bytes]:
        """The body, and what it is; nothing when there is none."""
        if self.body is not MISSING:
            if isinstance(self.body, (dict, list)):
                return "application/json", _json(self.body)
            text = text_of(self.body)
            return _kind_of(text), text.encode()
        if self.json is not None:
            return "application/json", _json(self.json)
        if self.form and self.is_response:
            return "text/html; charset=utf-8", _page(self.form)
        return ("application/x-www-form-urlencoded", urlencode(self.form).encode()) if self.form else ("", b"")


def _page(fields: list[tuple[str, str]]) -> bytes:
    """A page with a form that has these fields."""
    inputs = "".join(f'<input name="{escape(name)}" value="{escape(value)}">' for name, value in fields)
    return f'<!doctype html><title>Form</title><form method="post">{inputs}<button>Send</button></form>'.encode()


def _kind_of(text: str) -> str:
    """The media type of a body drawn as text: RFC 7519 section 10.3.1, RFC 8259 section 11."""
    if looks_like_jwt(text):
        return "application/jwt"
    if text[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            json.loads(text)
            return "application/json"
    return "text/plain; charset=utf-8"


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
