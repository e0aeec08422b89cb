"""The tokens that an authorization server has issued: made, found, revoked.

Found by hash of the token, so that the ten-thousandth is found as fast as the first; by grant and by user for revoking.
What an issued token says is what its record says: a text that merely looks like it, or that somebody else signed with
the right key, is no token of this server.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, Literal

from seqtest.actors import stores
from seqtest.actors.actor import Part
from seqtest.actors.claims_request import ClaimsRequest
from seqtest.auth import base64url, jwt
from seqtest.auth.keys import Key
from seqtest.dataclass import dataclass

TokenKind = Literal["access_token", "refresh_token"]

BYTES = 32
"""Of randomness in a token: RFC 6749 section 10.10 asks for 128 bits at least, these are 256."""


@dataclass(slots=True)
class Grant:
    """What one log-in, or one client's request, gave: the family of its refresh tokens and their access tokens."""

    id: str
    client_id: str
    sub: str
    username: str | None
    scope: tuple[str, ...]
    auth_time: int | None = None
    is_openid: bool = False
    """An ID token went with its first tokens."""
    sid: str | None = None
    """The session of the browser in which it was given."""
    jkt: str | None = None
    """The key that its refresh tokens are bound to (RFC 9449 section 5)."""
    x5t: str | None = None
    """The certificate that they are bound to (RFC 8705 section 4)."""
    claims: ClaimsRequest = ClaimsRequest()
    """What was asked for beside the scope."""
    resources: tuple[str, ...] = ()
    """What its tokens are for (RFC 8707); empty where nothing was asked for."""
    is_over: bool = False
    """Whether it gives no first tokens any more: its user was logged out or disabled meanwhile."""
    is_revoked: bool = False
    records: list["Record"] = field(default_factory=list, repr=False)


@dataclass(slots=True)
class Record:
    """One token that was issued."""

    kind: TokenKind
    text: str = field(repr=False)
    grant: Grant
    scope: tuple[str, ...]
    aud: str | list[str]
    iat: int
    exp: int
    jti: str
    is_jwt: bool
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Claims beside the usual ones; they take no usual one's place."""
    is_used: bool = False
    """A refresh token that has been exchanged for its successor."""
    is_revoked: bool = False
    is_told: bool = False
    """The revocation list was told of it, which from then on is who says that it is revoked."""

    @property
    def token_type(self) -> str:
        """How an access token is sent (RFC 6749 section 7.1, RFC 9449 section 5)."""
        return "DPoP" if "jkt" in self.extra.get("cnf", {}) else "Bearer"

    @property
    def identifier(self) -> str:
        """How a revocation list knows it."""
        return self.jti if self.is_jwt else self.text

    def fields(self, issuer: str) -> dict[str, Any]:
        """The members of an introspection answer (RFC 7662 section 2.2), and of what a store is told."""
        found: dict[str, Any] = {
            **self.extra,
            "iss": issuer,
            "sub": self.grant.sub,
            "aud": self.aud,
            "client_id": self.grant.client_id,
            "iat": self.iat,
            "exp": self.exp,
            "jti": self.jti,
        }
        if self.scope:
            found["scope"] = " ".join(self.scope)
        if self.grant.username is not None:
            found["username"] = self.grant.username
        if self.kind == "access_token":
            found["token_type"] = self.token_type
        return found


@dataclass(frozen=True, slots=True)
class Recipe:
    """How tokens of one kind are made."""

    kind: TokenKind
    is_jwt: bool
    lifetime_seconds: int
    typ: str
    alg: str
    key: Callable[[str], Key]
    """The signing key in use for an algorithm."""
    encrypt: Callable[[str], str] | None = None
    """Where a signed token is encrypted to its reader."""


class Tokens:
    """All tokens of one authorization server in one run."""

    def __init__(self, part: Part, issuer: str, token_store: str | None, revocation_list: str | None) -> None:
        self.part = part
        self.issuer = issuer
        self.token_store = token_store
        self.revocation_list = revocation_list
        self._by_hash: dict[bytes, Record] = {}
        self._by_user: dict[str, list[Grant]] = {}
        self._by_session: dict[str, list[Grant]] = {}
        self._lock = threading.Lock()

    def random_text(self, size: int = BYTES) -> str:
        """A new value that nobody can guess, seeded by the run."""
        return base64url.encode(self.part.random.randbytes(size))

    def open_grant(
        self,
        client_id: str,
        sub: str,
        username: str | None,
        scope: tuple[str, ...],
        auth_time: int | None = None,
        sid: str | None = None,
    ) -> Grant:
        """A new family of tokens."""
        grant = Grant(self.random_text(16), client_id, sub, username, scope, auth_time, sid=sid)
        if sid is not None:
            self._by_session.setdefault(sid, []).append(grant)
        if username is not None:
            self._by_user.setdefault(username, []).append(grant)
        return grant

    def issue(
        self,
        recipe: Recipe,
        grant: Grant,
        scope: tuple[str, ...],
        aud: str | list[str],
        extra: Mapping[str, Any] | None = None,
    ) -> Record:
        """A new token; an opaque one is saved in the token store."""
        issued_at = int(self.part.clock.now())
        record = Record(
            recipe.kind, "", grant, scope, aud, issued_at, issued_at + recipe.lifetime_seconds,
            self.random_text(16), recipe.is_jwt, dict(extra or {}),
        )  # fmt: skip
        record.text = self._sign(recipe, record) if recipe.is_jwt else self.random_text()
        self._by_hash[_hash(record.text)] = record
        grant.records.append(record)
        if self.token_store and not record.is_jwt:
            stores.ask(self.part, self.token_store, f"save token {record.text}", record.fields(self.issuer))
        return record

    def _sign(self, recipe: Recipe, record: Record) -> str:
        claims = record.fields(self.issuer)
        for name in ("username", "token_type"):
            claims.pop(name, None)
        signed = jwt.sign({"typ": recipe.typ}, claims, recipe.key(recipe.alg))
        return recipe.encrypt(signed) if recipe.encrypt is not None else signed

    def find(self, text: str) -> Record | None:
        """The record of a token, if this server issued it. Asks the token store about everything that is no JWT."""
        record = self._by_hash.get(_hash(text))
        if self.token_store and not (record.is_jwt if record else jwt.looks_like_jwt(text)):
            found = stores.find(self.part, self.token_store, f"token {text}")
            if found is None:
                return None
            if record is not None and (found.text.lower() == "revoked" or found.fields.get("revoked") is True):
                record.is_revoked = True
        return record

    def is_live(self, record: Record) -> bool:
        """Whether the token is neither expired nor used up nor known here as revoked."""
        return not (self.is_revoked(record) or record.is_used or self.part.clock.now() >= record.exp)

    def is_revoked(self, record: Record) -> bool:
        """Whether the token, or its whole family, was revoked here."""
        return record.is_revoked or record.grant.is_revoked

    def is_listed(self, record: Record) -> bool:
        """Whether the revocation list, where there is one, has the token."""
        return self.revocation_list is not None and stores.is_revoked(
            self.part, self.revocation_list, record.identifier
        )

    def use(self, record: Record) -> bool:
        """Use a refresh token up; False when it was used before. Of two at once only one is first."""
        with self._lock:
            first, record.is_used = not record.is_used, True
        return first

    def revoke(self, record: Record) -> None:
        """Revoke one token; the revocation list, or the token store, is told once."""
        if record.is_revoked or record.is_told:
            return
        if record.kind == "refresh_token" and self.revocation_list is not None:
            record.is_told = True
            stores.ask(self.part, self.revocation_list, f"revoke {record.identifier}", {"exp": record.exp})
            return
        record.is_revoked = True
        if self.token_store and not record.is_jwt:
            stores.ask(self.part, self.token_store, f"revoke token {record.text}")

    def revoke_grant(self, grant: Grant, *, with_access_tokens: bool = True) -> None:
        """Revoke what is still alive of a family: first its refresh tokens, then its access tokens."""
        grant.is_over = True
        for kind in ("refresh_token", "access_token") if with_access_tokens else ("refresh_token",):
            for record in grant.records:
                if record.kind == kind and self.is_live(record):
                    self.revoke(record)
        if self.revocation_list is None and with_access_tokens:
            grant.is_revoked = True

    def revoke_client(self, client_id: str) -> None:
        """Revoke all that a client was given."""
        for grant in {id(record.grant): record.grant for record in self._by_hash.values()}.values():
            if grant.client_id == client_id:
                self.revoke_grant(grant)

    def grants_of(self, username: str) -> list[Grant]:
        """The user's grants, oldest first."""
        return list(self._by_user.get(username, ()))

    def grants_of_session(self, sid: str) -> list[Grant]:
        """The grants that were given in one session of a browser."""
        return list(self._by_session.get(sid, ()))

    def __iter__(self) -> Iterator[Record]:
        return iter(self._by_hash.values())

    def __repr__(self) -> str:
        return f"Tokens({len(self._by_hash)} issued)"


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
