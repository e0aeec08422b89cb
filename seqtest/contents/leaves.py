"""Every text of a message with its path, and which of them a drawing names."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from seqtest.contents.holder import Unreadable, wire_name
from seqtest.contents.tokens import TokenError, token_of
from seqtest.contents.view import FORM_TYPES, View
from seqtest.diagram.expectation import QUERY_METHODS, Plain, Promise
from seqtest.exchange import Action, Request, Response, Result
from seqtest.once import once

Path = tuple[str | int | None, ...]
PRIVATE = "-----BEGIN PRIVATE KEY-----"
"""What stands for a private member of a JWK."""
_PRIVATE_MEMBERS = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth"))
_WHOLE = frozenset(("=", "in"))
"""They say the whole value, and so everything in it."""
_EXACT = frozenset(("=", "in", "matches", "present", "type", "unique"))
"""They draw the very text at their path; `contains`, `starts with` or `!=` draw at most a part of it."""


Leaf = tuple[str, str, str, Path]
"""A text in a message: its place, its name, the text, and the path within its place.

The name is the nearest field's: what a reader would call it. Below a header, cookie or token its parts follow in the
path: `("location", "query", "code")`. A plain tuple: a message has dozens.
"""


def leaves(view: View) -> list[Leaf]:
    """Every text in a message: target, headers and what is in them, fields, body, claims of tokens."""
    content = view.content
    found: list[Leaf] = []
    if isinstance(content, (Request, Response)):
        if isinstance(content, Request):
            found.append(("path", "", unquote_plus(content.url.partition("?")[0]), ()))
            _add_pairs("query", view.query, found)
        for name, values in view.headers.items():
            parts_of = _PARTS.get(name)
            for value in values:
                _add_text("header", name, value, (name,), found)
                if parts_of is not None:
                    found += [("header", part, text, (name, *path)) for part, text, path in parts_of(value)]
        if content.body:
            _add_body(view, found)
        return found
    if isinstance(content, Action):
        found.append(("text", "", content.text, ()))
    if isinstance(content, (Action, Result)):
        _add("field", "", content.fields, (), found)
    if isinstance(content, Result) and content.value is not None:
        _add("text", "", content.value, (), found)
    return found


def _add_pairs(place: str, pairs: Mapping[str, list[str]], found: list[Leaf]) -> None:
    for name, values in pairs.items():
        for value in values:
            _add_text(place, name, value, (name,), found)


def _add_text(place: str, name: str, text: str, path: Path, found: list[Leaf]) -> None:
    found.append((place, name, text, path))
    if "eyJ" in text and text.count(".") == 2:
        token = text.rpartition(" ")[2] if place == "header" else text
        if token.startswith("eyJ"):
            for field, held, inner in _of_token(name, token, path):
                _add(place, field, held, inner, found)


def _of_location(value: str) -> Iterator[tuple[str, str, Path]]:
    try:
        url = urlsplit(value)
    except ValueError:
        return
    for place, text in (("query", url.query), ("fragment", url.fragment)):
        for name, held in parse_qsl(text, keep_blank_values=True):
            yield name, held, (place, name)


def _of_challenge(value: str) -> Iterator[tuple[str, str, Path]]:
    for name, quoted, plain in _PARAMETER.findall(value):
        yield name, quoted or plain, ("parameter", name.lower())


def _of_cookies(value: str) -> Iterator[tuple[str, str, Path]]:
    for piece in value.split(";"):
        name, _, held = piece.partition("=")
        yield name.strip(), held.strip(), ("cookie", name.strip())


def _of_set_cookie(value: str) -> Iterator[tuple[str, str, Path]]:
    first, _, attributes = value.partition(";")
    name, _, held = first.partition("=")
    yield name.strip(), held.strip(), ("cookie", name.strip())
    if attributes:
        yield name.strip(), attributes.strip(), ("cookie", name.strip(), "attributes")


_PARAMETER = re.compile(r'([\w.~!#$%&\'*+^`|-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_PARTS = {
    "location": _of_location,
    "content-location": _of_location,
    "www-authenticate": _of_challenge,
    "proxy-authenticate": _of_challenge,
    "cookie": _of_cookies,
    "set-cookie": _of_set_cookie,
}


def _add_body(view: View, found: list[Leaf]) -> None:
    if view.has_form and (view.media_type in FORM_TYPES or view.form):
        _add_pairs("form", view.form, found)
        return
    try:
        held = view.json
    except Unreadable:
        _add_text("body", "", view.text, (), found)
        return
    _add("json", "", held, (), found)


def _add(place: str, name: str, value: Any, path: Path, found: list[Leaf]) -> None:
    # A stack, for what comes may be nested deeper than Python recurses. The order of leaves counts for nobody.
    stack = [(name, value, path)]
    while stack:
        name, value, path = stack.pop()
        if isinstance(value, str):
            found.append((place, name, value, path))
            if value.startswith("eyJ") and value.count(".") == 2:
                stack += _of_token(name, value, path)
        elif isinstance(value, (int, float)):
            if not isinstance(value, bool):
                found.append((place, name, str(value), path))
        elif isinstance(value, (dict, Mapping)):
            for member, held in value.items():
                member = str(member)
                member_path = (*path, member)
                if path:
                    found.append((place, name, member, (*member_path, "name of a member")))
                stack.append((member, held, member_path))
            if "kty" in value:
                found += [(place, member, PRIVATE, (*path, member)) for member in _private_in(value)]
        elif isinstance(value, (list, tuple)):
            stack += [(name, held, (*path, index)) for index, held in enumerate(value)]
        elif value is not None:
            found.append((place, name, str(value), path))


def _of_token(name: str, text: str, path: Path) -> list[tuple[str, Any, Path]]:
    try:
        token = token_of(text)
    except TokenError:
        return []
    return [(name, token.header, (*path, "jose")), (name, token.claims, (*path, "claims"))]


def _private_in(value: Mapping[Any, Any]) -> list[str]:
    """Of a JWK."""
    members = [member for member in value if member in _PRIVATE_MEMBERS]
    return [*members, "k"] if value["kty"] == "oct" and "k" in value else members


class Cover:
    """What the lines of one message draw: each exactly the value that it names, never what stands beside it."""

    def __init__(self, promises: Sequence[Promise], method: str) -> None:
        """`method`: the request's, which says where bare fields are; empty for what is no request."""
        self._means = _MEANS_OF_QUERY if method in QUERY_METHODS else _MEANS
        self._at: dict[Path, Set[str]] = {}
        """Paths that a line names, each with the places where that may be."""
        self._below: dict[Path, Set[str]] = {}
        """Those of which it says the whole value, and so everything in it."""
        self._each: list[tuple[Set[str], Path, bool]] = []
        """Those with `[*]`, and whether the whole value is said."""
        self._deep: list[tuple[Set[str], Path, bool]] = []
        """Those of several steps, which a query or form has in one name."""
        for promise in promises:
            self._add(promise, promise.place, ())
        self._lengths = sorted({*map(len, self._below)})

    def _add(self, promise: Promise, place: str, around: Path) -> None:
        if promise.operator not in _EXACT:
            return
        path: Path = (*around, *promise.path)
        if place == "header" and not around:
            path = (str(promise.path[0]).lower(),)
            for piece in _parts(promise, str(path[0])):
                self._note(place, (path[0], *piece), False)
        if place == "cookie":
            name = wire_name(promise.path)
            for header in ("cookie", "set-cookie"):
                self._note("header", (header,), False)
                self._note("header", (header, "cookie", name), False)
        # Of a challenge and a cookie the line says only the parts that stand in it.
        is_in_parts = place == "header" and not around and path[0] in _IN_PARTS
        self._note(place, path, promise.operator in _WHOLE and not promise.children and not is_in_parts)
        if promise.is_tampered:
            return
        for child in promise.children:
            if child.place == "signature":
                continue
            part = child.place if child.place in _INNER else None
            inner = (*path, part) if part is not None else path
            if child.place != "parameter":
                self._add(child, place, inner)
            elif child.operator in _EXACT:
                self._note(place, (*inner, str(child.path[0]).lower()), False)

    def _note(self, drawn: str, path: Path, is_whole: bool) -> None:
        places = self._means.get(drawn) or frozenset((drawn,))
        if len(path) > 1 or (path and not isinstance(path[0], str)):
            self._deep.append((places, path, is_whole))
        if None in path:
            self._each.append((places, path, is_whole))
            return
        self._at[path] = self._at.get(path, _NOWHERE) | places
        if is_whole:
            self._below[path] = self._below.get(path, _NOWHERE) | places

    @once
    def _wired(self) -> Mapping[tuple[str, str], bool]:
        """Place and name in a query or form → whether the whole value is said."""
        found: dict[tuple[str, str], bool] = {}
        for places, path, is_whole in self._deep:
            name = wire_name(path)
            for place in places & _PAIRS:
                found[place, name] = is_whole or found.get((place, name), False)
        return found

    def draws(self, leaf: Leaf) -> bool:
        """Whether a line names this very text."""
        place, _, _, path = leaf
        if place in self._at.get(path, _NOWHERE):
            return True
        if self._deep and path and place in _PAIRS:
            is_whole = self._wired.get((place, str(path[0])))
            if is_whole or (is_whole is not None and len(path) == 1):
                return True
        for length in self._lengths:
            if length < len(path) and place in self._below.get(path[:length], _NOWHERE):
                return True
        return bool(self._each) and any(
            place in places and _is_at(pattern, is_whole, path) for places, pattern, is_whole in self._each
        )


_BODY = frozenset(("body", "form", "json"))
_MEANS: Mapping[str, Set[str]] = {"field": frozenset(("field", "form", "json")), "body": _BODY}
"""What a line may be about by the place that it names."""
_MEANS_OF_QUERY: Mapping[str, Set[str]] = {"field": frozenset(("field", "query")), "body": _BODY}
_PAIRS = frozenset(("query", "form"))
_NOWHERE: Set[str] = frozenset()
_IN_PARTS = frozenset(_PARTS) - {"location", "content-location"}
_INNER = frozenset(("claims", "jose", "query", "fragment", "parameter"))


def _is_at(path: Path, is_whole: bool, came: Path) -> bool:
    if len(came) < len(path) or (len(came) > len(path) and not is_whole):
        return False
    return all(
        drawn == held or (drawn is None and isinstance(held, int)) for drawn, held in zip(path, came, strict=False)
    )


def _parts(promise: Promise, header: str) -> list[Path]:
    """The parts that a header's own line draws: `WWW-Authenticate: Bearer error="invalid_token"`, `Set-Cookie: a=b`."""
    if promise.operator != "=" or header not in _IN_PARTS:
        return []
    value = promise.values[0]
    text = value.text if isinstance(value, Plain) else "".join(map(str, getattr(value, "parts", ())))
    return [path for _, _, path in _PARTS[header](text)]
