"""Openness never hides secrets: what must not turn up where it is not drawn.

A password, client secret, private key, `code_verifier` or refresh token of the run that stands in a message of a bound
participant, in a place that no promise drew, is a failure. Two places are their own, where they may come undrawn: HTTP
Basic towards whom the secret belongs to, and the optional member of a token answer (RFC 6749 section 5.1).
"""

import base64
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from html import unescape
from typing import Any
from urllib.parse import quote, unquote_plus

from seqtest.contents.context import Context
from seqtest.contents.inputs import inputs
from seqtest.contents.leaves import Leaf
from seqtest.contents.promised import Promised
from seqtest.contents.report import Notes
from seqtest.contents.view import View
from seqtest.exchange import Request, Response
from seqtest.pattern import pattern

SECRET_FIELDS = {
    "password": "a password",
    "client_secret": "a client secret",
    "code_verifier": "a code verifier",
    "refresh_token": "a refresh token",
    "registration_access_token": "a registration access token",
}
"""Field → what it is called. Whoever sends one has a secret of the run in hand."""
SETTING_ENDINGS = {"password": "a password", "secret": "a client secret", "client_secret": "a client secret"}
COMMON = frozenset(("password", "secret", "client", "client_secret", "refresh_token", "code_verifier", "test", "token"))
"""Words that every protocol says: as a secret one is only found where it is the whole text."""
_REGULAR = pattern(r"[\w.~+/=-]+")
_MIDDLE = pattern(r"[\w.~+-]+")
_FINE = pattern(r"[\w-]+")
_PROSE = pattern(r"[A-Za-z]+(?:-[A-Za-z]+)*")
_BASE64 = pattern(r"[\w+/-]{6,1000}={0,2}")
_PRIVATE_KEY = pattern(r"-----BEGIN (?:\w+ )?PRIVATE KEY-----")
SHORTEST = 4
"""A shorter secret would be found everywhere."""


class Secrets:
    """The secrets of one run, found by word; the few that are no words are looked for one by one."""

    def __init__(self, context: Context) -> None:
        self.words: dict[str, str] = {}
        """A secret, or a form in which it may be written → what it is called."""
        self.phrases: dict[str, str] = {}
        self.whole: set[str] = set(COMMON)
        """Words that are found only where they are the whole text: `password = wrong` makes no secret of a word."""
        self.homes: dict[str, set[str]] = {}
        """Secret → whom its owner authenticates to with it."""
        self.held: set[str] = set()
        """What settings say, of anybody."""
        self.typed: dict[str, set[str]] = {}
        """Whom a page was shown to → the fields into which passwords are typed there, whatever they are called."""
        self.public = set(context.participants)
        """What a secret must not be confused with: user `admin` may well have the password `admin`."""
        self._said: dict[str, tuple[Leaf, Any]] = {}
        """Word → the first undrawn text of a bound sender that it stood in: it may prove to be a secret later."""
        self._texts: list[tuple[Leaf, Any]] = []
        found: list[tuple[str, str, str, bool]] = []
        for participant, settings in context.settings.items():
            for path, value in settings.items():
                segments = path.split(".")
                kind = SETTING_ENDINGS.get(segments[-1])
                if kind is None:
                    self.public.update(segments)
                else:
                    self.public.update(segments[:-1])
                    found.append((participant, str(value), kind, len(segments) > 1))
        for participant, text, kind, is_of_somebody in found:
            self._add(text, kind)
            self.held.add(text)
            if is_of_somebody:
                self.homes.setdefault(text, set()).add(participant)

    def _add(self, text: str, kind: str) -> tuple[Leaf, Any] | None:
        """From now on this is a secret. Gives where it was said before."""
        if len(text) < SHORTEST or text in self.public or text in self.words or text in self.phrases:
            return None
        if not _REGULAR.fullmatch(text):
            self.phrases[text] = kind
            for form in _forms(text):
                self.words.setdefault(form, kind)
            return next((said for said in self._texts if text in said[0][2]), None)
        self.words[text] = kind
        said = None if text in self.whole else self._said.get(text)
        for form in _forms(text):
            self.words.setdefault(form, kind)
            said = said or self._said.get(form)
        return said

    def learn(
        self, found: Sequence[Leaf], undrawn: Collection[Leaf], drawn: Promised, between: tuple[str, str], notes: Notes
    ) -> None:
        """The secrets of a message by their fields' names, at any depth; in HTTP Basic by their place."""
        sender, receiver = between
        for leaf in found:
            if leaf[1] not in _TELLING and leaf[1] not in self.typed.get(sender, ()):
                continue
            _, _, text, path = leaf
            if path == ("authorization",) and text[:6].lower() == "basic ":
                for secret in _of_basic(text[6:])[1:]:
                    self._learn(secret, "a client secret", receiver, leaf not in undrawn, notes)
                continue
            kind = self._kind_of(leaf, sender)
            if kind is not None:
                if text in drawn.literals and text not in self.words and _PROSE.fullmatch(text):
                    self.whole.add(text)
                self._learn(text, kind, receiver, leaf not in undrawn, notes)

    def read_page(self, content: Any, reader: str) -> None:
        """Which fields of a page's forms are for passwords: what another page calls so is something else."""
        if not isinstance(content, Response) or b"<input" not in (body := content.body.lower()):
            return
        if b"password" not in body and reader not in self.typed:
            return
        passwords, others = set[str](), set[str]()
        for field in inputs(content.body.decode("utf-8", "replace")):
            if field.name:
                (passwords if field.type == "password" else others).add(field.name)
        self.typed[reader] = (self.typed.get(reader, set()) - others) | passwords

    def _kind_of(self, leaf: Leaf, sender: str) -> str | None:
        """What a text is called by the name of its field; a member deep inside may be prose about the field."""
        place, name, text, path = leaf
        if place == "form" and path == (name,) and name in self.typed.get(sender, ()):
            return "a password"
        kind = SECRET_FIELDS.get(name)
        if kind is None or place not in _WITH_FIELDS or not path or path[-1] != name:
            return None
        return kind if len(path) == 1 or _REGULAR.fullmatch(text) else None

    def _learn(self, text: str, kind: str, receiver: str, is_drawn: bool, notes: Notes) -> None:
        # Undrawn it is for whom it was shown to first, and for nobody else.
        if kind in ("a password", "a client secret") and (is_drawn or text not in self.homes):
            self.homes.setdefault(text, set()).add(receiver)
        said = self._add(text, kind)
        if said is not None:
            self._tell(said[0], kind, notes, said[1])

    def look_for(self, undrawn: Sequence[Leaf], view: View, between: tuple[str, str], notes: Notes, span: Any) -> None:
        """Fail for each secret that stands where nothing is drawn."""
        told: set[str] = set()
        for leaf in undrawn:
            if _is_in_a_token_answer(leaf, view):
                continue
            for kind in self._in(leaf, view, between):
                if kind not in told:
                    told.add(kind)
                    self._tell(leaf, kind, notes, span)
            if not told:
                self._note(leaf, span)

    def _tell(self, leaf: Leaf, kind: str, notes: Notes, span: Any) -> None:
        where, name, _, _ = leaf
        name = name.title() if where == "header" else name
        place = f"in `{name}`" if name else f"in the {where}"
        line = f"{name} present" if where == "header" else name
        notes.fail(
            "SQ560",
            f"{kind} of this run turned up {place}, where it is not drawn",
            span,
            label="not drawn on this arrow",
            why="contents are open, but openness never hides secrets",
            do=f"draw `{line}` if it belongs there" if name else "keep it out of this message",
        )

    def _note(self, leaf: Leaf, span: Any) -> None:
        text = leaf[2]
        if len(text) < SHORTEST or text in self._said or _is_basic(leaf):
            return
        said = (leaf, span)
        self._texts.append(said)
        for word in _words(text):
            if len(word) >= SHORTEST:
                self._said.setdefault(word, said)

    def _in(self, leaf: Leaf, view: View, between: tuple[str, str]) -> Iterator[str]:
        text = leaf[2]
        sender, receiver = between
        if _is_basic(leaf) and isinstance(view.content, Request):
            yield from self._in_basic(text, receiver)
            return
        kind = self._kind_of(leaf, sender)
        if kind is not None and len(text) >= SHORTEST:
            yield kind
        if "PRIVATE KEY" in text and _PRIVATE_KEY.search(text):
            yield "a private key"
        if self.words and not self.words.keys().isdisjoint(words := _words(text)):
            for word in words:
                found = self.words.get(word)
                if found is not None and (word not in self.whole or word == text):
                    yield found
        for phrase, found in self.phrases.items():
            if (
                phrase in text
                or ("%" in text and phrase in unquote_plus(text))
                or ("&" in text and phrase in unescape(text))
            ):
                yield found

    def _in_basic(self, text: str, receiver: str) -> Iterator[str]:
        """HTTP's own place for a secret (RFC 6749 section 2.3.1), but only towards whom it is for."""
        for secret in _of_basic(text[6:])[1:]:
            kind = self.words.get(secret) or self.phrases.get(secret)
            homes = self.homes.get(secret)
            if kind is None and homes is None and secret and secret not in self.held:
                yield "a client secret"  # nobody has said whose it is
            elif kind is not None and homes and receiver not in homes:
                yield kind


_WITH_FIELDS = frozenset(("query", "form", "json", "field"))
_TELLING = frozenset((*SECRET_FIELDS, "authorization"))
"""Names of fields that secrets are learnt from."""


def _is_basic(leaf: Leaf) -> bool:
    place, _, text, path = leaf
    return place == "header" and path == ("authorization",) and text[:6].lower() == "basic "


def _is_in_a_token_answer(leaf: Leaf, view: View) -> bool:
    """RFC 6749 section 5.1: a token answer may have a refresh token, and contents are open."""
    place, _, _, path = leaf
    return (
        place == "json"
        and path[:1] == ("refresh_token",)
        and isinstance(view.content, Response)
        and isinstance(view.json, Mapping)
        and "access_token" in view.json
    )


def _forms(text: str) -> list[str]:
    """How else a secret may be written, without the padding."""
    raw = text.encode()
    standard = base64.b64encode(raw).decode()
    forms = {quote(text, safe=""), standard, standard.rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    return [form for form in forms if form != text]


@lru_cache(maxsize=1024)
def _words(text: str) -> Iterable[str]:
    """The words of a text, cut finely and coarsely: a secret may have `.` or `=` in it, or stand next to one.

    The same few header fields come with every message.
    """
    words = [text] if _FINE.fullmatch(text) else _cut(text)
    if text.startswith("eyJ"):
        return words  # a token, whose claims are texts of their own
    if "%" in text:
        words += _cut(unquote_plus(text))
    for encoded in _BASE64.findall(text):
        words += _cut(_decoded(encoded))
    return words


def _cut(text: str) -> list[str]:
    if not text:
        return []
    return [word for cut in (_FINE, _MIDDLE, _REGULAR) for word in cut.findall(text)]


def _decoded(encoded: str) -> str:
    """The text that base64 or base64url hides; empty when there is none."""
    plain = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()
    except ValueError:
        return ""
    return text if text.isprintable() else ""


def _of_basic(credentials: str) -> list[str]:
    """What HTTP Basic hides: id and secret (RFC 6749 section 2.3.1)."""
    try:
        pair = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:  # no base64, no ASCII, no UTF-8
        return []
    return [unquote_plus(part) for part in pair.split(":", 1)]
