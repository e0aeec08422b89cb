"""What a lint looks at: one message and its answer, of a run or as drawn, taken apart when something asks for it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from seqtest.auth import jwt
from seqtest.dataclass import dataclass
from seqtest.exchange import NOTHING, Headers
from seqtest.once import once
from seqtest.source import Span

Fields = Mapping[str, str]
UNKNOWN = "\N{HORIZONTAL ELLIPSIS}"
"""Stands for a value that is not known before a run."""
_NO_HEADERS = Headers()


# What an exchange shows, found by cheap tests: a lint is asked about those alone that show what it looks at.
ADDRESS = 1
"""Parameters in the address of the request, or of a redirect."""
PLAIN = 1 << 1
"""A request without TLS."""
FIELDS = 1 << 2
"""Members of a JSON answer."""
GRANTED = 1 << 3
"""A token response."""
LONG = 1 << 4
"""A field of the request that is longer than a cookie may be."""
COOKIES = 1 << 5
"""Cookies that are set."""
CORS = 1 << 6
"""Fields of CORS in the answer."""
FAILED = 1 << 7
"""An answer of 400 or more."""
PAGE = 1 << 8
"""An HTML page."""
TOKENS = 1 << 9
"""JWTs as access or ID tokens."""
BEARER = 1 << 10
"""A request with an access token."""
FORM = 1 << 11
"""A request with parameters in its body."""
AUTHORIZATION = 1 << 12
"""A request for authorization, pushed or not."""
COOKIE = 1 << 13
"""A request with cookies."""

COOKIE_LIMIT = 4096
"""RFC 6265 section 6.1, and what browsers do: bytes of a cookie's name, value and attributes."""


class Asked:
    """A request: its method, URL, fields and forms."""

    def __init__(self, method: str, url: str, headers: Headers = _NO_HEADERS, body: bytes = b"") -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body

    @once
    def path(self) -> str:
        return urlsplit(self.url).path

    @once
    def query(self) -> Fields:
        return parameters_of(self.url) if "?" in self.url or "#" in self.url else NOTHING

    @once
    def form(self) -> Fields:
        """The parameters of the body, of a form or of JSON."""
        if not self.body:
            return NOTHING
        kind = (self.headers.get("Content-Type") or "").lower()
        if "json" in kind:
            return {name: value for name, value in _json(self.body).items() if isinstance(value, str)}
        return (
            dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)) if "form" in kind else NOTHING
        )

    @once
    def parameters(self) -> Fields:
        return {**self.query, **self.form} if self.query and self.form else self.query or self.form

    @once
    def bearer(self) -> str:
        """The access token in `Authorization`; empty when there is none."""
        scheme, _, rest = (self.headers.get("Authorization") or "").partition(" ")
        return rest.strip() if scheme.lower() in ("bearer", "dpop") else ""

    @once
    def has_client_authentication(self) -> bool:
        return "client_secret" in self.form or "client_assertion" in self.form or self.is_basic

    @property
    def is_basic(self) -> bool:
        return (self.headers.get("Authorization") or "").lower().startswith("basic ")


class Answered:
    """A response."""

    def __init__(self, status: int, headers: Headers = _NO_HEADERS, body: bytes = b"") -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @once
    def fields(self) -> Mapping[str, Any]:
        """The members of a JSON body."""
        return _json(self.body) if self.body[:1] == b"{" else NOTHING

    @once
    def shows(self) -> int:
        """The bits of what this answer shows."""
        found = FAILED if self.status >= 400 else 0
        for name, value in self.headers:
            match name.lower():
                case "set-cookie":
                    found |= COOKIES
                case "location":
                    found |= ADDRESS
                case "content-type" if "html" in value:
                    found |= PAGE
                case field if field.startswith("access-control-"):
                    found |= CORS
        if self.fields:
            found |= FIELDS | GRANTED if "access_token" in self.fields else FIELDS
        return found

    @once
    def location(self) -> Fields:
        """The parameters of a redirect."""
        return parameters_of(self.headers.get("Location") or "")


class Exchange:
    """A message, and its answer where there was one."""

    def __init__(
        self,
        sender: str,
        receiver: str,
        asked: Asked,
        answered: Answered | None,
        at: Span | None,
        answered_at: Span | None,
        moment: float | None = None,
    ) -> None:
        self.sender = sender
        self.receiver = receiver
        self.asked = asked
        self.answered = answered
        self.at = at
        """Where the request is drawn."""
        self.answered_at = answered_at
        self.moment = moment
        """The run's clock at the answer, seconds since the epoch; None where nothing runs."""

    @once
    def shows(self) -> int:
        """The bits of what this exchange shows."""
        asked, answered = self.asked, self.answered
        found = PLAIN if asked.url.startswith("http:") else 0
        for name, value in asked.headers:
            if len(name) + len(value) > COOKIE_LIMIT:
                found |= LONG
            if len(name) == 6 and name.lower() == "cookie":
                found |= COOKIE
        if asked.query:
            found |= ADDRESS
        if asked.form:
            found |= FORM
        if asked.bearer:
            found |= BEARER
        if "response_type" in asked.parameters:
            found |= AUTHORIZATION
        if self.tokens:
            found |= TOKENS
        return found | answered.shows if answered is not None else found

    @once
    def is_refused(self) -> bool:
        """A request that was turned down is no habit of anybody: it is what a test tries."""
        return self.answered is not None and self.answered.status >= 400

    @once
    def access_tokens(self) -> "Sequence[tuple[jwt.Token, Span | None]]":
        """The JWTs that are handed out or used as access tokens, each where it is drawn."""
        handed = token(self.answered.fields.get("access_token")) if self.answered is not None else None
        used = None if self.is_refused else token(self.asked.bearer)
        found = ((handed, self.answered_at), (used, self.at))
        return tuple((read, at) for read, at in found if read is not None)

    @once
    def tokens(self) -> "Sequence[tuple[str, jwt.Token, Span | None]]":
        """These and ID tokens, by the name of the field that they stand in."""
        found = [("access_token", read, at) for read, at in self.access_tokens]
        identity = token(self.answered.fields.get("id_token")) if self.answered is not None else None
        return (*found, ("id_token", identity, self.answered_at)) if identity is not None else found


@dataclass(slots=True)
class History:
    """What the exchanges before this one have shown."""

    urls: Mapping[str, str]
    """Participant → base address."""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Participant → path → value."""
    text: str = ""
    """The whole drawing: what another case shows is no gap."""
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    """Token → who issued it."""
    id_tokens: set[str] = field(default_factory=set)
    access_tokens: set[str] = field(default_factory=set)
    made: dict[str, str] = field(default_factory=dict)
    """JWT → who handed it out."""
    places: dict[str, str] = field(default_factory=dict)
    """Access token → the first API that took it."""
    calls: "dict[str, dict[str, Span | None]]" = field(default_factory=dict)
    """Access token → each API that took it, and where that is drawn."""
    scopes: dict[str, str] = field(default_factory=dict)
    """Access token → its scope."""
    returns: dict[str, dict[str, bool]] = field(default_factory=dict)
    """Redirect address → who sends codes there → whether it says who it is."""
    issuers: set[str] = field(default_factory=set)
    key_sets: set[str] = field(default_factory=set)
    """Who publishes several keys."""
    nameless: "dict[str, tuple[str, Span | None]]" = field(default_factory=dict)
    """Who issued a token without `kid` → the field that it came in, and where that is drawn."""
    cookies: dict[str, str] = field(default_factory=dict)
    """Cookie → its `SameSite` in small letters; empty when nothing was said."""

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether the drawing has a word of it."""
        return pattern.search(self.text) is not None

    def note(self, exchange: Exchange) -> None:
        """Remember what this one has shown."""
        fields = exchange.answered.fields if exchange.answered is not None else NOTHING
        if not fields:
            return
        for value in fields.values():
            if isinstance(value, str) and value.startswith("eyJ"):
                self.made.setdefault(value, exchange.receiver)
        if isinstance(refresh := fields.get("refresh_token"), str):
            self.refresh_tokens.setdefault(refresh, exchange.receiver)
        if isinstance(identity := fields.get("id_token"), str):
            self.id_tokens.add(identity)
        if isinstance(access := fields.get("access_token"), str):
            self.access_tokens.add(access)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a lint found, and where it is drawn. The text never holds a secret's value."""

    message: str
    at: Span | None
    got: str = ""
    who: tuple[str, ...] = ()
    """Whose settings may leave it out, where it is no exchange's."""


Faults = Iterator[Fault]


def parameters_of(url: str) -> dict[str, str]:
    """The parameters of a URL's query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return {}  # no URL
    return dict(parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(parts.fragment, keep_blank_values=True))


def token(text: Any) -> jwt.Token | None:
    """The JWT that the text is; None for anything else. Nothing is verified."""
    return _read(text) if isinstance(text, str) and text.startswith("eyJ") else None


@lru_cache(maxsize=64)
def _read(text: str) -> jwt.Token | None:
    """One token comes with many messages."""
    try:
        return jwt.read(text)
    except jwt.TokenError:
        return None


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return NOTHING
    return found if isinstance(found, dict) else NOTHING
