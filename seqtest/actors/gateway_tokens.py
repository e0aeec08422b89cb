"""Tokens at a gateway, as Envoy's JWT filter sees them under Istio: where they stand, and whether they are good.

A request without a token passes and is nobody. A token that is there must be good: of the rules whose places it stands
in, one must take it. Istio leaves a request with two tokens undefined; here both must be good, and the first rule in
drawn order says whose request it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from seqtest.actors import signatures
from seqtest.actors.access import CannotTell, ConfiguredKeys, FetchedKeys, InlineKeys, no_keys
from seqtest.actors.allowances import NOTHING, Allowed
from seqtest.actors.claims import Claims
from seqtest.actors.istio import JwtRule, Place
from seqtest.auth import jwt
from seqtest.auth.keys import ALGORITHMS
from seqtest.clock import Clock
from seqtest.dataclass import dataclass
from seqtest.errors import Unanswerable
from seqtest.exchange import Request


class BadToken(Exception):
    """Refuse with the filter's words; a wrong audience is a 403 in Envoy, all else a 401."""

    def __init__(self, reason: str, status: int = 401) -> None:
        super().__init__(reason)
        self.status = status


class _OtherIssuer(BadToken):
    """Not this rule's; perhaps another's."""


class Keys(Protocol):
    """Where a rule's keys come from."""

    def for_token(self, token: jwt.Token) -> list[dict[str, Any]]: ...


@dataclass(slots=True)
class PushedKeys:
    """Keys that the control plane fetches and pushes: no arrow, and a rotation arrives with the next refresh."""

    configured: ConfiguredKeys
    refresh_seconds: int
    _keys: list[dict[str, Any]] = field(default_factory=list)
    _next: float = 0.0

    def for_token(self, token: jwt.Token) -> list[dict[str, Any]]:
        now = self.configured.part.clock.now()
        if now >= self._next:
            # What is published holds no shared secrets, so HMAC tokens are never good here.
            self._keys = [key for key in self.configured.for_token(token) if key.get("kty") != "oct"]
            if not self._keys:
                raise Unanswerable(no_keys(self.configured.part.participant, self.configured.issuer))
            self._next = now + self.refresh_seconds
        return self._keys


@dataclass(frozen=True, slots=True)
class Found:
    """A token in a request."""

    place: Place
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a request is from: the claims of the token that counts, and the rule that took it."""

    rule: JwtRule
    token: jwt.Token
    text: str = field(repr=False)
    place: Place

    @property
    def claims(self) -> Claims:
        return self.token.claims

    @property
    def principal(self) -> str:
        """`<iss>/<sub>`; empty when one of them is missing."""
        iss, sub = self.claims.get("iss"), self.claims.get("sub")
        return f"{iss}/{sub}" if isinstance(iss, str) and isinstance(sub, str) and iss and sub else ""


class TokenFilter:
    """The JWT filter of one gateway."""

    def __init__(
        self, rules: Sequence[tuple[JwtRule, Keys]], clock: Clock, leeway_seconds: int, allows: Allowed = NOTHING
    ) -> None:
        self.allows = allows
        self.rules = rules
        self.clock = clock
        self.leeway_seconds = leeway_seconds

    def identities(self, request: Request) -> list[Identity]:
        """Whose tokens the request brings, in the order of the rules. Raises BadToken when one of them is not good."""
        found: list[tuple[int, Identity]] = []
        refusals: list[BadToken] = []
        for token in tokens_in(request, [rule for rule, _ in self.rules]):
            try:
                found.append(self._taken(token))
            except BadToken as refusal:
                refusals.append(refusal)
        for bad in refusals:
            is_let_in = isinstance(bad, _OtherIssuer) and "gw_unknown_issuer" in self.allows
            if not is_let_in and not (found and "gw_two_tokens" in self.allows):
                raise bad
        return [identity for _, identity in sorted(found, key=lambda pair: pair[0])]

    def _taken(self, found: Found) -> tuple[int, Identity]:
        refusal: BadToken = _OtherIssuer("Jwt issuer is not configured")
        try:
            token = signatures.read(found.text, self.allows)
        except jwt.TokenError as problem:
            three = "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections"
            raise BadToken(three if found.text.count(".") != 2 else f"Jwt cannot be read: {problem}") from None
        for index, (rule, keys) in enumerate(self.rules):
            if found.place not in rule.places:
                continue
            try:
                self._check(token, rule, keys)
            except _OtherIssuer:
                continue
            except BadToken as reason:
                refusal = reason
                continue
            return index, Identity(rule, token, found.text, found.place)
        raise refusal

    def _check(self, token: jwt.Token, rule: JwtRule, keys: Keys) -> None:
        """In Envoy's order: issuer, time, audience, and the signature last."""
        claims = token.claims
        if claims.get("iss") != rule.issuer:
            raise _OtherIssuer("Jwt issuer is not configured")
        self._check_times(claims)
        if rule.audiences:
            aud = claims.get("aud")
            named = [aud] if isinstance(aud, str) else aud if isinstance(aud, list) else []
            if not any(isinstance(name, str) and name in rule.audiences for name in named):
                self.allows.refuse("gw_audience_status", BadToken("Audiences in Jwt are not allowed", 403))
        try:
            known = keys.for_token(token)
            if "jwt_kid_cross_issuer" in self.allows:
                known = [key for _, others in self.rules for key in others.for_token(token)]
            signatures.verify(token, known, tuple(ALGORITHMS), self.allows)
        except CannotTell:
            self.allows.refuse("gw_jwks_down", BadToken("Jwks remote fetch is failed"))
        except jwt.TokenError as reason:
            is_keyless = "key" in str(reason)
            raise BadToken(
                "Jwks doesn't have key to match kid or alg from Jwt" if is_keyless else "Jwt verification fails"
            ) from None

    def _check_times(self, claims: Claims) -> None:
        now = self.clock.now()
        for name in ("exp", "nbf", "iat"):
            value = claims.get(name, 0)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise BadToken(f"Jwt payload [{name}] field is not a number")
            if value < 0:
                raise BadToken(f"Jwt payload [{name}] field is not a positive 64 bit integer")
        # `exp` is not required here, unlike in RFC 9068: Envoy asks for it only with `require_expiration`.
        if "exp" in claims and now >= claims["exp"] + self.leeway_seconds:
            self.allows.refuse("claim_exp_past", BadToken("Jwt is expired"))
        if "nbf" in claims and now < claims["nbf"] - self.leeway_seconds:
            self.allows.refuse("claim_nbf_future", BadToken("Jwt not yet valid"))


def tokens_in(request: Request, rules: Sequence[JwtRule]) -> list[Found]:
    """Every token that stands where one of the rules looks, each place once."""
    places = dict.fromkeys(place for rule in rules for place in rule.places)
    return [Found(place, text) for place in places for text in _READERS[place.kind](request, place)]


def _in_header(request: Request, place: Place) -> list[str]:
    values = [value.strip() for value in request.headers.get_all(place.name)]
    if not place.prefix:
        return values
    prefix = place.prefix.strip().lower()
    # RFC 9110 section 11.1: a scheme compares without case; another scheme is no token.
    return [value[len(prefix) :].strip() for value in values if _starts_with(value, prefix, place.prefix)]


def _starts_with(value: str, prefix: str, drawn: str) -> bool:
    rest = value[len(prefix) :]
    return value.lower().startswith(prefix) and (not drawn.endswith(" ") or rest[:1] in ("", " ", "\t"))


def _in_param(request: Request, place: Place) -> list[str]:
    pairs = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    return [value for name, value in pairs if name == place.name]


def _in_cookie(request: Request, place: Place) -> list[str]:
    found = []
    for line in request.headers.get_all("Cookie"):
        try:
            jar = SimpleCookie(line)
        except CookieError:
            continue
        if place.name in jar:
            found.append(jar[place.name].value)
    return found


_READERS = {"header": _in_header, "param": _in_param, "cookie": _in_cookie}


def keys_of(rule: JwtRule, fetched: FetchedKeys | None, pushed: PushedKeys | None) -> Keys:
    """The rule's keys: inline before fetched before pushed."""
    if rule.jwks is not None:
        return InlineKeys([dict(key) for key in rule.jwks])
    found = fetched or pushed
    if found is None:
        raise LookupError(rule.issuer)
    return found


def claim_at(claims: Mapping[str, Any], path: Sequence[str]) -> Any:
    """The claim at a path through objects; None when there is none."""
    found: Any = claims
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
