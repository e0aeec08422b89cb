"""What indented lines look into: a token, a redirect, a challenge, a cookie, an object."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from seqtest.auth.challenge import ChallengeError
from seqtest.contents.header import challenges_of
from seqtest.contents.holder import Fields, Found, Holder, Path, Structure, grouped, undrawn_in, walk
from seqtest.contents.kinds import opened_json
from seqtest.contents.scope import Scope
from seqtest.contents.text import without_secrets
from seqtest.contents.tokens import TokenError, token_of
from seqtest.contents.view import View
from seqtest.diagram.expectation import Promise, Template
from seqtest.exchange import Request, Response

UNCLOSED_JOSE: tuple[Path, ...] = (("alg",), ("typ",), ("kid",))
"""Of a token closed by `nothing else` these header fields may be undrawn: nearly every token has them."""


class CannotOpen(Exception):
    """The value holds nothing of the kind; the message is a plain reason."""


class TokenHolder(Holder):
    """A JWT's header and claims."""

    __slots__ = ("text", "token")

    def __init__(self, text: str, token: Any) -> None:
        self.text, self.token = text, token

    def look(self, place: str, path: Path) -> Found:
        return walk(self.token.header if place == "jose" else self.token.claims, path)

    def siblings(self, place: str) -> Mapping[str, Any]:
        claims: Mapping[str, Any] = self.token.claims
        return claims

    def undrawn(self, drawn: Iterable[tuple[str, Path]]) -> list[str]:
        known = list(drawn)
        jose = [path for place, path in known if place == "jose" and path]
        return undrawn_in(self.token.claims, [path for place, path in known if place == "claims" and path]) + [
            f"jose.{name}" for name in undrawn_in(self.token.header, [*jose, *UNCLOSED_JOSE])
        ]

    def decoded(self) -> str:
        """The token for the report of what is wrong with it, without its signature."""
        header = json.dumps(without_secrets(dict(self.token.header)), ensure_ascii=False)
        claims = json.dumps(without_secrets(dict(self.token.claims)), ensure_ascii=False)
        return f"header: {header}\nclaims: {claims}"


class EncryptedHolder(TokenHolder):
    """An encrypted token: its own header, and the claims of the signed one inside."""

    __slots__ = ("header",)

    def __init__(self, text: str, token: Any, header: Mapping[str, Any]) -> None:
        super().__init__(text, token)
        self.header = header

    def look(self, place: str, path: Path) -> Found:
        return walk(self.header, path) if place == "jose" else super().look(place, path)


class LocationHolder(Holder):
    """A URL's decoded query and fragment."""

    __slots__ = ("drawn", "fragment", "query", "url")

    def __init__(self, url: str, drawn: Iterable[tuple[str, Path]] = ()) -> None:
        """`drawn`: fields that the URL itself draws."""
        self.drawn = list(drawn)
        parts = urlsplit(url)
        self.url = url
        self.query = Fields(grouped(parse_qsl(parts.query, keep_blank_values=True)))
        self.fragment = Fields(grouped(parse_qsl(parts.fragment, keep_blank_values=True)))

    def look(self, place: str, path: Path) -> Found:
        return (self.fragment if place == "fragment" else self.query).look(place, path)

    def traces(self, place: str, path: Path) -> Found:
        found = self.look(place, path)
        if place != "field":
            return found
        return Found((*found.values, *self.fragment.look(place, path).values), True)

    def undrawn(self, drawn: Iterable[tuple[str, Path]]) -> list[str]:
        known = [*self.drawn, *drawn]
        return self.query.undrawn(pair for pair in known if pair[0] == "query") + [
            f"fragment.{name}" for name in self.fragment.undrawn(pair for pair in known if pair[0] == "fragment")
        ]


class Parameters(Fields):
    """Parameters of a challenge, attributes of a cookie: names compare without case."""

    __slots__ = ()

    def look(self, place: str, path: Path) -> Found:
        return super().look(place, (str(path[0]).lower(),)) if len(path) == 1 else Found((), True)

    def undrawn(self, drawn: Iterable[tuple[str, Path]]) -> list[str]:
        return super().undrawn((place, (str(path[0]).lower(),)) for place, path in drawn)


def token_text(value: Any) -> Any:
    """The token in a header's value, or the value itself: what stands behind the scheme."""
    return value.rsplit(" ", 1)[-1] if isinstance(value, str) else value


def open_token(value: Any, promise: Promise, scope: Scope, holder: Holder) -> Holder:
    text = token_text(value)
    if not isinstance(text, str):
        raise CannotOpen("a JWT is text")
    try:
        if text.count(".") == 4:
            return _open_encrypted(text, scope)
        return TokenHolder(text, token_of(text))
    except TokenError as error:
        raise CannotOpen(str(error)) from None


def _open_encrypted(text: str, scope: Scope) -> Holder:
    """With the keys of whom the message is for, and nobody else's."""
    from seqtest.auth import jwe

    keys = scope.context.keys.decryption(scope.receiver)
    if not keys:
        raise CannotOpen(f"it is encrypted, and `{scope.receiver}` has no key that opens anything")
    try:
        found = jwe.decrypt(text, keys)
    except jwe.NoJwe as problem:
        raise CannotOpen(str(problem)) from None
    if found.text.count(".") != 2:
        # RFC 8725 section 3.3: anybody can encrypt to a public key.
        raise CannotOpen("what is encrypted in it is no signed token, so nobody vouches for it")
    return EncryptedHolder(text, token_of(found.text), found.header)


def open_location(value: Any, promise: Promise, scope: Scope, holder: Holder) -> Holder:
    try:
        return LocationHolder(urljoin(base_of(scope, holder), value), _drawn_in_url(promise))
    except ValueError:
        raise CannotOpen("it is no URL") from None


def _drawn_in_url(promise: Promise) -> list[tuple[str, Path]]:
    value = promise.values[0]
    parts = value.parts if isinstance(value, Template) else (getattr(value, "text", ""),)
    url = "".join(part if isinstance(part, str) else "x" for part in parts)
    split = urlsplit(url)
    return [
        (place, (name,))
        for place, text in (("query", split.query), ("fragment", split.fragment))
        for name, _ in parse_qsl(text, keep_blank_values=True)
    ]


def base_of(scope: Scope, holder: Holder) -> str:
    """What a relative redirect is relative to: the address that was asked (RFC 9110 section 10.2.2)."""
    content = holder.content if isinstance(holder, View) else None
    speaker = scope.receiver if isinstance(content, Request) else scope.speaker
    return scope.request_url or scope.context.urls.get(speaker, f"https://{speaker}.test") + "/"


def open_challenge(value: Any, promise: Promise, scope: Scope, holder: Holder) -> Holder:
    try:
        found = challenges_of(value, scope.text(promise.values[0]))
    except ChallengeError as error:
        raise CannotOpen(str(error)) from None
    if len(found) != 1:
        raise CannotOpen(f"{len(found)} challenges of that scheme came" if found else "no challenge of that scheme")
    (challenge,) = found
    parameters = {name: [held] for name, held in challenge.parameters.items()}
    return Parameters(parameters if challenge.token is None else {**parameters, "(token68)": [challenge.token]})


def open_cookie(value: Any, promise: Promise, scope: Scope, holder: Holder) -> Holder:
    held = holder.cookies.get(str(promise.path[0]), []) if isinstance(holder, View) else []
    if not held or not isinstance(getattr(holder, "content", None), Response):
        raise CannotOpen("only a cookie that is set has attributes")
    return Parameters(next((attributes for text, attributes in held if text == value), held[0][1]))


def open_object(value: Any, promise: Promise, scope: Scope, holder: Holder) -> Holder:
    if promise.type_name in ("json", "base64url json"):
        value = opened_json(value, is_encoded=promise.type_name != "json")
    if not isinstance(value, Mapping):
        raise CannotOpen("it is no object")
    return Structure(value)


OPENERS: Mapping[str, Callable[[Any, Promise, Scope, Holder], Holder]] = {
    "token": open_token,
    "location": open_location,
    "challenge": open_challenge,
    "cookie": open_cookie,
    "object": open_object,
}
"""Block → what its lines look into, given the value that came. They raise CannotOpen."""
