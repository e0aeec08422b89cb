"""Registered clients, and how they prove who they are (RFC 6749 section 2.3, RFC 7523 section 2.2)."""

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from seqtest.actors.actor import Part
from seqtest.actors.allowances import Allowed
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.registered_client import Client, secret_jwk
from seqtest.actors.throttle import Throttle
from seqtest.auth import basic, jwt, oauth
from seqtest.auth.certificate import is_issued_by, subject_dn
from seqtest.auth.keys import ALGORITHMS
from seqtest.dataclass import dataclass

ANONYMOUS = "anonymous"
"""The client that did not say its name, where no client is registered."""

MAX_ASSERTION_SECONDS = 3600
"""An assertion that lives longer is refused: its `jti` would have to be remembered for as long."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one request says about its client: at most one of the ways may be used (RFC 6749 section 2.3)."""

    authorization: str | None = field(default=None, repr=False)
    """The value of the `Authorization` field."""
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    assertion: str | None = field(default=None, repr=False)
    assertion_type: str | None = None
    certificate: bytes | None = field(default=None, repr=False)
    """That of the connection."""


class Clients:
    """The clients of one server in one run; remembers the assertions it has seen."""

    def __init__(
        self,
        part: Part,
        clients: Mapping[str, Client],
        audiences: tuple[str, ...],
        allows: Allowed,
        throttle: Throttle,
        has_registration: bool = False,
        authority: bytes | None = None,
    ) -> None:
        """`audiences` are those that a client assertion may name: the issuer, and perhaps the token endpoint."""
        self.part = part
        self.allows = allows
        self.throttle = throttle
        self.audiences = audiences
        self.has_registration = has_registration
        self.authority = authority
        """Who issues the certificates of clients that have no certain one."""
        self._clients = dict(clients)
        self._seen_assertions: dict[tuple[str, str], float] = {}

    @property
    def is_open(self) -> bool:
        """No client is registered, and none can be: any name is a public client."""
        return not self._clients and not self.has_registration

    def __iter__(self) -> Iterator[Client]:
        return iter(self._clients.values())

    def get(self, client_id: str) -> Client | None:
        """The client of that name; where none is registered any name is a public client."""
        takes_anybody = self.is_open or "authz_client_unknown" in self.allows
        return self._clients.get(client_id) or (Client(client_id) if takes_anybody else None)

    def add(self, client: Client) -> None:
        """Register a client, or change one."""
        self._clients[client.client_id] = client

    def remove(self, client_id: str) -> None:
        """Forget a client."""
        del self._clients[client_id]

    def authenticate(self, credentials: Credentials, endpoint: tuple[str, ...] = ()) -> Client:
        """The client of the request. Raises OAuthError.

        `endpoint`: what a client assertion may name beside the usual audiences (RFC 9126 section 2, CIBA section 7.1).
        """
        used = [
            method
            for method, is_used in (
                (self._by_basic, credentials.authorization is not None),
                (self._by_post, credentials.client_secret is not None),
                (self._by_assertion, credentials.assertion is not None or credentials.assertion_type is not None),
            )
            if is_used
        ]
        if len(used) > 1:
            problem = OAuthError("invalid_request", "the client authenticates in several ways at once")
            self.allows.refuse("client_auth_two_methods", problem)
        if not used and credentials.certificate is not None and self._identifies_by_tls(credentials.client_id):
            used = [self._by_certificate]
        if used == [self._by_assertion]:
            return self._by_assertion(credentials, endpoint)
        return (used[0] if used else self._by_name)(credentials)

    def _identifies_by_tls(self, client_id: str | None) -> bool:
        client = self.get(client_id) if client_id is not None else None
        return client is not None and client.tls_method is not None

    def _by_certificate(self, credentials: Credentials) -> Client:
        """RFC 8705 section 2: by the very certificate, or by one of the authority's with the registered subject."""
        client = self.get(credentials.client_id or "")
        shown = credentials.certificate or b""
        if client is None or client.tls_method is None:
            raise OAuthError("invalid_client", "the client is unknown, or what it proves itself with is wrong")
        client = self._known(client.client_id, client.tls_method or "")
        if client.certificate is not None:
            is_right = hmac.compare_digest(client.certificate, shown)
        else:
            is_issued = self.authority is not None and is_issued_by(shown, self.authority, self.part.clock.now())
            is_right = is_issued and subject_dn(shown) == client.subject_dn
        if not is_right:
            self.allows.refuse("mtls_wrong_cert", OAuthError("invalid_client", "the certificate is not the client's"))
        return client

    def _known(self, client_id: str, method: str) -> Client:
        client = self.get(client_id)
        if client is None:
            raise OAuthError("invalid_client", "the client is unknown, or what it proves itself with is wrong")
        if not client.allows(method):
            hint = "; no client is registered here, so none has a secret" if self.is_open else ""
            self.allows.refuse(
                "client_auth_missing" if method == "none" else "client_auth_method_switch",
                OAuthError("invalid_client", f"the client may not authenticate by {method}{hint}"),
            )
        return client

    def _by_name(self, credentials: Credentials) -> Client:
        if credentials.client_id is None and not self.is_open:
            raise OAuthError("invalid_client", "there is no client authentication and no client_id")
        return self._known(credentials.client_id or ANONYMOUS, "none")

    def _by_basic(self, credentials: Credentials) -> Client:
        pair = basic.decode(credentials.authorization or "")
        if pair is None:
            raise OAuthError("invalid_client", "the Authorization field is no readable Basic credential")
        if credentials.client_id is not None and credentials.client_id != pair[0]:
            raise OAuthError("invalid_request", "client_id is another than in the Authorization field")
        return self._by_secret(pair[0], pair[1], "client_secret_basic")

    def _by_post(self, credentials: Credentials) -> Client:
        if credentials.client_id is None:
            raise OAuthError("invalid_client", "there is a client_secret without a client_id")
        return self._by_secret(credentials.client_id, credentials.client_secret or "", "client_secret_post")

    def _check_wait(self, client_id: str) -> None:
        wait = self.throttle.wait("client", client_id)
        if wait:
            raise OAuthError(
                "invalid_client", "there were too many failures; try again later", 429, Retry_After=str(wait)
            )

    def _by_secret(self, client_id: str, secret: str, method: str) -> Client:
        self._check_wait(client_id)
        client = self.get(client_id)
        expected = client.secret if client is not None else None
        is_same = hmac.compare_digest((expected or "").encode(), secret.encode("utf-8", "surrogatepass"))
        if client is None:
            self.throttle.failed("client", client_id)
        found = self._known(client_id, method)
        if not is_same or expected is None:
            self.throttle.failed("client", client_id)
            problem = OAuthError("invalid_client", "the client is unknown, or what it proves itself with is wrong")
            self.allows.refuse("client_auth_wrong", problem)
        self.throttle.succeeded("client", client_id)
        return found

    def _by_assertion(self, credentials: Credentials, endpoint: tuple[str, ...] = ()) -> Client:
        if credentials.assertion_type != oauth.CLIENT_ASSERTION_TYPE or credentials.assertion is None:
            raise OAuthError("invalid_client", f"client_assertion_type must be {oauth.CLIENT_ASSERTION_TYPE}")
        try:
            token = jwt.read(credentials.assertion)
            client, method = self._signer(token)
            is_secret = method == "client_secret_jwt"
            keys = [secret_jwk(client)] if is_secret else client.signing_keys
            allowed = [name for name, algorithm in ALGORITHMS.items() if algorithm.is_symmetric == is_secret]
            try:
                jwt.verify(token, keys, allowed)
            except jwt.TokenError as problem:
                self.allows.refuse("client_assertion_none", problem)
            try:
                self._check_claims(token.claims, client.client_id, endpoint)
            except jwt.TokenError as problem:
                self.allows.refuse("client_assertion_claims", problem)
        except jwt.TokenError as reason:
            raise OAuthError("invalid_client", f"client_assertion: {reason}") from None
        if credentials.client_id is not None and credentials.client_id != client.client_id:
            raise OAuthError("invalid_request", "client_id is another than in the client_assertion")
        self._remember(token.claims, client.client_id)
        return client

    def _signer(self, token: jwt.Token) -> tuple[Client, str]:
        client_id = token.claims.get("sub")
        if not isinstance(client_id, str):
            raise jwt.TokenError("`sub` is missing or no string")
        client = self.get(client_id)
        method = "private_key_jwt" if client is not None and client.signing_keys else "client_secret_jwt"
        return self._known(client_id, method), method

    def _check_claims(self, claims: Mapping[str, Any], client_id: str, endpoint: tuple[str, ...]) -> None:
        """RFC 7523 section 3; `jti` as OpenID Connect Core section 9 wants it."""
        audiences = (*self.audiences, *endpoint)
        now = self.part.clock.now()
        if claims.get("iss") != client_id:
            raise jwt.TokenError("`iss` and `sub` must both be the client_id")
        # One audience as plain text: a list lets another server's assertion in (CVE-2025-27370).
        if not isinstance(claims.get("aud"), str) or claims["aud"] not in audiences:
            raise jwt.TokenError(f"`aud` must be {' or '.join(audiences)}")
        jwt.check_times(claims, "exp", "nbf", "iat")
        if "exp" not in claims or claims["exp"] <= now:
            raise jwt.TokenError("`exp` is missing or past")
        if claims["exp"] > now + MAX_ASSERTION_SECONDS:
            raise jwt.TokenError("`exp` is more than an hour away")
        if claims.get("nbf", now) > now:
            raise jwt.TokenError("`nbf` has not come yet")
        if not isinstance(claims.get("jti"), str) or not claims["jti"]:
            raise jwt.TokenError("`jti` is missing or no string")

    def _remember(self, claims: Mapping[str, Any], client_id: str) -> None:
        now = self.part.clock.now()
        if "client_assertion_claims" in self.allows and not {"jti", "exp"} <= set(claims):
            return
        used = (client_id, str(claims["jti"]))
        if self._seen_assertions.get(used, 0) > now:
            problem = OAuthError("invalid_client", "client_assertion: its `jti` was used before")
            self.allows.refuse("client_assertion_replay", problem)
        self._seen_assertions[used] = float(claims["exp"])

    def __repr__(self) -> str:
        return f"Clients({', '.join(self._clients) or 'any'})"
