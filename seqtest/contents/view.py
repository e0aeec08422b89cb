"""A message taken apart, once: headers, query, body, cookies."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from seqtest.contents.body import CannotUnpack, text_of_body, unpacked
from seqtest.contents.holder import (
    NOTHING_FOUND,
    Ambiguous,
    Found,
    Holder,
    Path,
    Unreadable,
    grouped,
    is_scalar,
    undrawn_in,
    walk,
    wire_name,
)
from seqtest.contents.scope import MISSING
from seqtest.contents.text import beginning_of
from seqtest.diagram.expectation import QUERY_METHODS
from seqtest.exchange import Action, Answer, Message, Request, Response, Result
from seqtest.once import once
from seqtest.syntax.promise import unique_members

HTML_TYPES = frozenset(("text/html", "application/xhtml+xml"))
FORM_TYPES = frozenset(("application/x-www-form-urlencoded", ""))


class View(Holder):
    """A message as a holder of fields. What is behind its headers is read when it is first asked for."""

    def __init__(self, content: Message | Answer) -> None:
        self.content = content
        self.headers = grouped([(name.lower(), value) for name, value in getattr(content, "headers", ())])
        """Values by name in lower case."""
        values = self.headers.get("content-type")
        self.media_type = kind = values[0].partition(";")[0].strip().lower() if values else ""
        self.is_json = kind == "application/json" or kind.endswith("+json")
        self.body: bytes = getattr(content, "body", b"")
        """Unpacked, unless there is a `fault`."""
        self.fault = ""
        """Why the body cannot be unpacked."""
        if self.body and "content-encoding" in self.headers:
            try:
                self.body = unpacked(self.body, self.headers["content-encoding"])
            except CannotUnpack as problem:
                self.fault = str(problem)

    # Parts.

    @property
    def beginning(self) -> str:
        """How the body begins, for a finding."""
        return beginning_of(self.body)

    @once
    def has_form(self) -> bool:
        return isinstance(self.content, Request) and self.content.method not in QUERY_METHODS and not self.is_json

    @once
    def query(self) -> dict[str, list[str]]:
        url = self.content.url if isinstance(self.content, Request) else ""
        return grouped(parse_qsl(urlsplit(url).query, keep_blank_values=True)) if "?" in url else {}

    @once
    def form(self) -> dict[str, list[str]]:
        """The fields of a form: a request's, or of those that an HTML page shows; empty for what is no form.

        Raises Unreadable.
        """
        if isinstance(self.content, Response):
            return self._fields_of_page()
        text = self.body.decode("utf-8", "replace") if self.media_type in FORM_TYPES and not self.fault else ""
        return grouped(parse_qsl(text, keep_blank_values=True))

    def _fields_of_page(self) -> dict[str, list[str]]:
        from seqtest.user_agent.html import NoReader, form_values, read_page

        if self.media_type not in HTML_TYPES:
            kind = self.media_type or "of no type"
            raise Unreadable(f"the body is {kind}, not HTML, so it has no form", self.beginning)
        self._check_unpacked()
        try:
            return form_values(read_page(self.body, "", self.charset or None))
        except NoReader as error:
            raise Unreadable(f"{error}: `pip install 'seqtest[browser]'`") from None

    @property
    def charset(self) -> str:
        """What the type says; empty when it says nothing."""
        return self.headers.get("content-type", [""])[0].partition("charset=")[2].split(";")[0].strip(' "')

    @once
    def text(self) -> str:
        """The body as text, whatever it is."""
        return text_of_body(self.body, self.charset)

    def _check_unpacked(self) -> None:
        if self.fault:
            raise Unreadable(self.fault)

    def _check_has_fields(self) -> None:
        """A request's body has fields that can be read, or there is none. Raises Unreadable."""
        self._check_unpacked()
        if self.body and not self.is_json and self.media_type not in FORM_TYPES and not self.form:
            raise Unreadable(f"the body is {self.media_type}: neither a form nor JSON", self.beginning)

    def sent_as(self, fields: Iterable[tuple[str, str]]) -> None:
        """The fields of a form that was just made, however they are encoded."""
        self.form = grouped(fields)

    @property
    def json(self) -> Any:
        """The JSON body; MISSING for an empty one. Raises Unreadable."""
        if isinstance(self._parsed, Unreadable):
            raise self._parsed
        return self._parsed

    @once
    def _parsed(self) -> Any:
        if self.fault:
            return Unreadable(self.fault)
        if not self.body:
            return MISSING
        try:
            return _JSON.decode(self.body.removeprefix(BOM_UTF8).decode())
        except UnicodeError:
            return Unreadable("the body is not UTF-8", self.beginning)
        except RecursionError:
            return Unreadable("the body is nested too deeply")
        except json.JSONDecodeError as error:
            said = f", though its Content-Type is {self.media_type}" if self.is_json else ""
            return Unreadable(
                f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}{said}", self.beginning
            )
        except ValueError as error:
            return Ambiguous(f"the body is not JSON that everybody reads alike: {error}")

    @once
    def cookies(self) -> dict[str, list[tuple[str, dict[str, list[str]]]]]:
        """Cookies by name: value and attributes, whose names are in lower case."""
        found: dict[str, list[tuple[str, dict[str, list[str]]]]] = {}
        is_request = isinstance(self.content, Request)
        for text in self.headers.get("cookie" if is_request else "set-cookie", ()):
            for piece in text.split(";") if is_request else (text,):
                name, value, attributes = _cookie(piece)
                found.setdefault(name, []).append((value, attributes))
        return found

    # Looking.

    def look(self, place: str, path: Path) -> Found:
        return _LOOKS[place](self, path)

    def look_in_fields(self, path: Path) -> Found:
        """A bare name: query, form or JSON, whichever this message has."""
        content = self.content
        if isinstance(content, Response):
            if self.body and self.media_type and not self.is_json:
                raise Unreadable(f"the body is {self.media_type}, not JSON", self.beginning)
            return walk(self.json, path)
        if isinstance(content, Request):
            if content.method in QUERY_METHODS:
                return Found(self.query.get(wire_name(path), ()), True)
            self._check_has_fields()
            if self.is_json:
                return walk(self.json, path)
            return Found(self.form.get(wire_name(path), ()), True)
        fields = getattr(content, "fields", {})
        if not fields and isinstance(content, Result) and not is_scalar(content.value):
            return walk(content.value, path)  # an array, or an object of which nobody knows the members
        return walk(fields, path)

    def traces(self, place: str, path: Path) -> Found:
        if place not in ("field", "json"):
            return self.look(place, path)
        content = self.content
        body = self._searched(place)
        if isinstance(path[0], str) and body is not MISSING and not isinstance(body, Mapping):
            raise Unreadable("the body is no object, so it has no fields to look for")
        found = self.look(place, path)
        if place == "json" or not isinstance(content, Request):
            return found
        name = wire_name(path)
        inside = walk(body, path) if body is not MISSING else NOTHING_FOUND
        values = (*self.query.get(name, ()), *self.form.get(name, ()), *inside.values)
        return Found(values, True, found.obstacle or inside.obstacle)

    def _searched(self, place: str) -> Any:
        """The JSON in which what must be absent could be; MISSING when there is none. Raises Unreadable."""
        if isinstance(self.content, Response) or self.is_json or place == "json":
            return self.json
        if not isinstance(self.content, Request):
            return MISSING
        self._check_has_fields()
        if self.media_type or not self.body:
            return MISSING
        try:
            held = self.json  # some servers read it as JSON all the same
        except Unreadable:
            return MISSING
        return held if isinstance(held, Mapping) else MISSING

    def siblings(self, place: str) -> Mapping[str, Any]:
        try:
            held = self.json if place == "json" or (place == "field" and not self.has_form) else None
        except Unreadable:
            return {}
        return held if isinstance(held, Mapping) else {}

    def undrawn(self, drawn: Iterable[tuple[str, Path]]) -> list[str]:
        content, drawn = self.content, list(drawn)
        bare = "query" if isinstance(content, Request) and content.method in QUERY_METHODS else "body"
        in_query: set[str] = set()
        in_body: set[str] = set()
        paths: list[Path] = []
        for place, path in drawn:
            if path and place in ("field", "query", "form", "json"):
                where = bare if place == "field" else "query" if place == "query" else "body"
                (in_query if where == "query" else in_body).add(wire_name(path))
                if where == "body":
                    paths.append(path)
        found = [name for name in self.query if name not in in_query]
        if isinstance(content, (Action, Result)):
            return found + undrawn_in(content.fields, paths)
        if not self.body or any(place == "body" for place, _ in drawn):
            return found
        if self.fault:
            return [*found, "(the body)"]
        if isinstance(content, Request) and self.media_type in FORM_TYPES:
            return found + [name for name in self.form if name not in in_body]
        if isinstance(content, Response) and any(place == "form" for place, _ in drawn):
            return found + [name for name in self.form if name not in in_body]
        try:
            held = self.json
        except Unreadable:
            held = None
        if isinstance(held, Mapping) or (
            isinstance(held, list) and any(isinstance(path[0], (int, type(None))) for path in paths)
        ):
            return found + undrawn_in(held, paths)
        return [*found, "(the body)"]

    def body_names(self) -> Iterable[str]:
        """The names of the fields in a request's body."""
        if not self.is_json:
            return self.form
        try:
            held = self.json
        except Unreadable:
            return ()
        return held if isinstance(held, Mapping) else ()


def _look_in_headers(view: View, path: Path) -> Found:
    return Found(view.headers.get(str(path[0]).lower(), ()), True)


def _look_in_cookies(view: View, path: Path) -> Found:
    return Found([value for value, _ in view.cookies.get(wire_name(path), ())], True)


def _look_in_body(view: View, path: Path) -> Found:
    view._check_unpacked()
    return Found((view.text,) if view.body else (), True)


def _look_in_form(view: View, path: Path) -> Found:
    if isinstance(view.content, Request):
        view._check_has_fields()
    return Found(view.form.get(wire_name(path), ()), True)


_LOOKS: Mapping[str, Callable[[View, Path], Found]] = {
    "field": View.look_in_fields,
    "header": _look_in_headers,
    "query": lambda view, path: Found(view.query.get(wire_name(path), ()), True),
    "form": _look_in_form,
    "json": lambda view, path: walk(view.json, path),
    "cookie": _look_in_cookies,
    "body": _look_in_body,
}


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_JSON = json.JSONDecoder(object_pairs_hook=unique_members, parse_constant=_no_constant)
"""Made once; `json.loads` would make one for each body."""
_ATTRIBUTE = re.compile(r";\s*")


def _cookie(text: str) -> tuple[str, str, dict[str, list[str]]]:
    """RFC 6265 section 5.2: the pair, then attributes, of which the last one of a name counts."""
    first, *others = _ATTRIBUTE.split(text.strip())
    name, _, value = first.partition("=")
    attributes = {}
    for other in others:
        key, _, held = other.partition("=")
        if key.strip():
            attributes[key.strip().lower()] = [held.strip()]
    return name.strip(), value.strip().strip('"'), attributes
