"""Openness never hides secrets: what must not turn up where it is not drawn.

A password, client secret, private key, `code_verifier` or refresh token of the run that stands in a message of a bound
participant, in a place that no promise drew, is a failure. Two places are their own, where they may come undrawn: HTTP
Basic, and the optional member of a token answer (RFC 6749 section 5.1).
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from seqtest.contents.context import Context
from seqtest.contents.report import Notes
from seqtest.contents.view import Unreadable, View
from seqtest.exchange import Action, Request, Response, Result

SECRET_FIELDS = {
    "password": "a password",
    "client_secret": "a client secret",
    "code_verifier": "a code verifier",
    "refresh_token": "a refresh token",
}
"""Field → what it is called. Whoever sends one has a secret of the run in hand."""
SETTING_ENDINGS = {"password": "a password", "secret": "a client secret", "client_secret": "a client secret"}
_REGULAR = re.compile(r"[\w.~+/=-]+")
_MIDDLE = re.compile(r"[\w.~+-]+")
_FINE = re.compile(r"[\w-]+")
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:\w+ )?PRIVATE KEY-----")
_PRIVATE_MEMBERS = frozenset(("d", "p", "q", "dp", "dq", "qi"))
SHORTEST = 4
"""A shorter secret would be found everywhere."""


class Leaf(NamedTuple):
    """A text in a message, and the top-level field that it stands in."""

    place: str
    name: str
    text: str


def leaves(view: View) -> list[Leaf]:
    """Every text in a message: target, headers, fields, body."""
    content = view.content
    found: list[Leaf] = []
    if isinstance(content, Action):
        found.append(Leaf("text", "", content.text))
    if isinstance(content, (Action, Result)):
        for name, value in content.fields.items():
            _add("field", str(name), value, found)
        if isinstance(content, Result) and content.value is not None:
            _add("text", "", content.value, found)
        return found
    if isinstance(content, Request):
        found.append(Leaf("path", "", unquote_plus(content.url.partition("?")[0])))
        found += [Leaf("query", name, value) for name, values in view.query.items() for value in values]
    if isinstance(content, (Request, Response)):
        found += [Leaf("header", name, value) for name, values in view.headers.items() for value in values]
        if content.body:
            _add_body(view, found)
    return found


def _add_body(view: View, found: list[Leaf]) -> None:
    if view.has_form and view.media_type in ("application/x-www-form-urlencoded", ""):
        found += [Leaf("form", name, value) for name, values in view.form.items() for value in values]
        return
    try:
        held = view.json
    except Unreadable:
        found.append(Leaf("body", "", view.body.decode("utf-8", "replace")))
        return
    if isinstance(held, Mapping):
        for name, value in held.items():
            _add("json", name, value, found)
    else:
        _add("json", "", held, found)


def _add(place: str, name: str, value: Any, found: list[Leaf]) -> None:
    if isinstance(value, str):
        found.append(Leaf(place, name, value))
    elif isinstance(value, Mapping):
        for member, held in value.items():
            found.append(Leaf(place, name, str(member)))
            _add(place, name, held, found)
        if "kty" in value and _PRIVATE_MEMBERS & value.keys():
            found.append(Leaf(place, name, "-----BEGIN PRIVATE KEY-----"))
    elif isinstance(value, (list, tuple)):
        for held in value:
            _add(place, name, held, found)
    elif value is not None and not isinstance(value, bool):
        found.append(Leaf(place, name, str(value)))


class Secrets:
    """The secrets of one run, found by word; the few that are no words are looked for one by one."""

    def __init__(self, context: Context) -> None:
        self.words: dict[str, str] = {}
        self.phrases: dict[str, str] = {}
        public = set(context.participants)
        found: list[tuple[str, str]] = []
        for settings in context.settings.values():
            for path, value in settings.items():
                segments = path.split(".")
                kind = SETTING_ENDINGS.get(segments[-1])
                if kind is None:
                    public.update(segments)
                    public.add(str(value))
                else:
                    public.update(segments[:-1])
                    found.append((str(value), kind))
        self.public = public
        """What a secret must not be confused with: user `admin` may well have the password `admin`."""
        for text, kind in found:
            self.add(text, kind)

    def add(self, text: str, kind: str) -> None:
        """From now on this is a secret."""
        if len(text) < SHORTEST or text in self.public:
            return
        (self.words if _REGULAR.fullmatch(text) else self.phrases).setdefault(text, kind)

    def learn(self, found: Sequence[Leaf], literals: Set[str]) -> None:
        """The secrets of a message by its fields' names. `literals`: those whose value the drawing itself says."""
        for leaf in found:
            kind = SECRET_FIELDS.get(leaf.name)
            # A password that the drawing makes up to be refused (`password = looking-glass`) is nobody's.
            if kind is not None and leaf.place != "header" and not (kind == "a password" and leaf.name in literals):
                self.add(leaf.text, kind)

    def look_for(self, undrawn: Sequence[Leaf], view: View, notes: Notes, span: Any) -> None:
        """Fail for each secret that stands where nothing is drawn."""
        told: set[str] = set()
        for leaf in undrawn:
            for kind in self._in(leaf, view):
                if kind not in told:
                    told.add(kind)
                    place = f"in `{leaf.name}`" if leaf.name else f"in the {leaf.place}"
                    do = f"draw `{leaf.name}` if it belongs there" if leaf.name else "keep it out of this message"
                    notes.fail(
                        "SQ560",
                        f"{kind} of this run turned up {place}, where it is not drawn",
                        span,
                        label="not drawn on this arrow",
                        why="contents are open, but openness never hides secrets",
                        do=do,
                    )

    def _in(self, leaf: Leaf, view: View) -> Iterator[str]:
        if self._is_in_its_place(leaf, view):
            return
        kind = SECRET_FIELDS.get(leaf.name) if leaf.place in ("query", "form", "json") else None
        if kind is not None and len(leaf.text) >= SHORTEST:
            yield kind
        text = leaf.text
        if "PRIVATE KEY" in text and _PRIVATE_KEY.search(text):
            yield "a private key"
        if self.words:
            for word in _words(text):
                found = self.words.get(word)
                if found is not None:
                    yield found
        for phrase, found in self.phrases.items():
            if phrase in text:
                yield found

    def _is_in_its_place(self, leaf: Leaf, view: View) -> bool:
        if leaf.place == "header":
            # HTTP's own place for a client's secret (RFC 6749 section 2.3.1), as undrawn as the rest of HTTP's framing.
            return (
                isinstance(view.content, Request) and leaf.name == "authorization" and leaf.text[:6].lower() == "basic "
            )
        return (
            # RFC 6749 section 5.1: a token answer may have a refresh token, and contents are open.
            leaf.name == "refresh_token"
            and leaf.place == "json"
            and isinstance(view.content, Response)
            and isinstance(view.json, Mapping)
            and "access_token" in view.json
        )


def _words(text: str) -> Iterable[str]:
    """The words of a text, cut finely and coarsely: a secret may have `.` or `=` in it, or stand next to one."""
    if _FINE.fullmatch(text):
        return (text,)
    words = [word for cut in (_FINE, _MIDDLE, _REGULAR) for word in cut.findall(text)]
    if "%" in text:
        words += [word for cut in (_FINE, _REGULAR) for word in cut.findall(unquote_plus(text))]
    if text[:6].lower() == "basic ":
        words += _of_basic(text[6:])
    return words


def _of_basic(credentials: str) -> list[str]:
    """What HTTP Basic hides: id and secret (RFC 6749 section 2.3.1)."""
    try:
        pair = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, UnicodeError):
        return []
    return [unquote_plus(part) for part in pair.split(":", 1)]
