"""Lints about what is in tokens, and in the keys that verify them."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from seqtest.auth import base64url
from seqtest.hygiene.exchange import (
    BEARER,
    COOKIE_LIMIT,
    FIELDS,
    GRANTED,
    LONG,
    TOKENS,
    UNKNOWN,
    Exchange,
    Fault,
    Faults,
    History,
    token,
)
from seqtest.hygiene.rule import exchange_lint
from seqtest.pattern import pattern

if TYPE_CHECKING:
    from seqtest.hygiene.drawing import Drawing

_SECRET_CLAIMS = pattern(
    r"passw(or)?d|passwd|pwd|secret|client_secret|api_?key|private_key|otp|pin|card_?number|cvv|iban|ssn", re.IGNORECASE
)
_CONTACT = frozenset({"email", "phone", "phone_number", "address"})
_PERSONAL_CLAIMS = _CONTACT | {"birthdate", "birthday", "date_of_birth", "name", "given_name", "family_name", "gender"}


@exchange_lint(
    "SQ713",
    TOKENS,
    why="a signed token is not encrypted: anybody can read it (RFC 7519 section 12)",
    do="leave the claim out, or encrypt the token (JWE)",
)
def secret_in_jwt(exchange: Exchange, history: History) -> Faults:
    for name, read, at in exchange.tokens:
        for path in _paths(read.claims):
            if _SECRET_CLAIMS.fullmatch(path.rpartition(".")[2]):
                yield Fault(f"the `{name}` has a claim `{path}` that anybody can read", at)


@exchange_lint(
    "SQ714",
    TOKENS,
    why="who calls an API need not know who the user is (RFC 9068 section 6)",
    do="hand it out at UserInfo, or use opaque or encrypted tokens",
)
def pii_in_access_token(exchange: Exchange, history: History) -> Faults:
    for read, at in exchange.access_tokens:
        found = [path for path in _paths(read.claims) if path.rpartition(".")[2].lower() in _PERSONAL_CLAIMS]
        if found:
            yield Fault(f"the access token tells who the user is to anybody who sees it: {', '.join(found)}", at)


def _paths(claims: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in claims.items():
        yield f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _paths(value, f"{prefix}{name}.")


HOUR = 3600


@exchange_lint(
    "SQ715",
    TOKENS | GRANTED,
    why="a bearer token should be good for an hour at most (RFC 6750 section 5.3)",
    do="make it shorter and use refresh tokens",
)
def long_lived_access_token(exchange: Exchange, history: History) -> Faults:
    if exchange.answered is not None and "access_token" in exchange.answered.fields:
        lifetime = exchange.answered.fields.get("expires_in")
        if _is_number(lifetime) and lifetime > HOUR:
            yield Fault(_long(lifetime), exchange.answered_at, f"expires_in = {lifetime}")
            return
    for read, at in exchange.access_tokens:
        if exchange.asked.bearer in history.refresh_tokens and read is token(exchange.asked.bearer):
            continue  # some servers take the refresh token as a bearer token
        first, last = read.claims.get("iat"), read.claims.get("exp")
        if _is_number(first) and _is_number(last) and last - first > HOUR and "cnf" not in read.claims:
            yield Fault(_long(last - first), at, f"exp = iat + {last - first:g}")


def _long(seconds: float) -> str:
    return f"an access token is good for {seconds / HOUR:.3g} hours, and so is a stolen one"


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@exchange_lint(
    "SQ716",
    TOKENS | GRANTED,
    why="an access token must expire (RFC 9068 section 2.2), and its client should know when (RFC 6749 section 5.1)",
    do="add `exp` and `expires_in`",
)
def exp_missing(exchange: Exchange, history: History) -> Faults:
    for read, at in exchange.access_tokens:
        if "exp" not in read.claims:
            yield Fault("an access token never expires: it has no `exp`", at)
    answered = exchange.answered
    if answered is not None and "access_token" in answered.fields and "expires_in" not in answered.fields:
        yield Fault("a token response does not say how long the token is good: no `expires_in`", exchange.answered_at)


@exchange_lint(
    "SQ717",
    TOKENS,
    why="without an audience each API takes the tokens of all others (RFC 9068 section 2.2, RFC 9700 section 2.3)",
    do="name the API in `aud`",
)
def aud_missing(exchange: Exchange, history: History) -> Faults:
    for read, at in exchange.access_tokens:
        audience = read.claims.get("aud")
        if audience in (None, "", []):
            yield Fault("an access token is for everybody: it has no `aud`", at)
        elif audience == "*" or (isinstance(audience, list) and "*" in audience):
            yield Fault("an access token is for everybody", at, "aud = *")


@exchange_lint(
    "SQ718",
    BEARER,
    why="each API that gets a token can use it at the others (RFC 9700 section 2.3)",
    do="ask for a token for each, or exchange it",
    is_on=False,
)
def aud_broad(exchange: Exchange, history: History) -> Faults:
    if not exchange.asked.bearer or exchange.is_refused:
        return
    first = history.places.setdefault(exchange.asked.bearer, exchange.receiver)
    if first != exchange.receiver:
        yield Fault(f"{exchange.receiver} gets the access token that {first} got, too", exchange.at)


_PROFILE = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")


@exchange_lint(
    "SQ719",
    TOKENS,
    why="the JWT profile for access tokens has them all (RFC 9068 section 2)",
    do="add them",
    is_on=False,
)
def claims_9068(exchange: Exchange, history: History) -> Faults:
    for read, at in exchange.access_tokens:
        missing = [name for name in _PROFILE if name not in read.claims]
        if missing:
            yield Fault(f"an access token lacks {', '.join(f'`{name}`' for name in missing)}", at)
        elif str(read.header.get("typ", "")).lower() not in ("at+jwt", "application/at+jwt"):
            yield Fault("an access token does not say that it is one", at, f"typ = {read.header.get('typ')}")


_CLOCKS_APART = 60
"""Seconds that two clocks may be apart without a word."""


@exchange_lint(
    "SQ720",
    TOKENS,
    why="the claims contradict each other (RFC 7519 section 4.1)",
    do="look at what computes them",
)
def time_order(exchange: Exchange, history: History) -> Faults:
    for name, read, at in exchange.tokens:
        times = {one: read.claims.get(one) for one in ("iat", "nbf", "exp", "auth_time")}
        for before, after in (("iat", "exp"), ("nbf", "exp"), ("auth_time", "iat")):
            first, last = times[before], times[after]
            if _is_number(first) and _is_number(last) and (first > last or (first == last and after == "exp")):
                yield Fault(f"in the `{name}`, `{before}` is not before `{after}`", at)
        issued = times["iat"]
        if exchange.moment is not None and _is_number(issued) and issued > exchange.moment + _CLOCKS_APART:
            yield Fault(f"the `{name}` says that it was made in the future", at)


@exchange_lint(
    "SQ721",
    TOKENS,
    why="anybody can make such a token (RFC 8725 section 3.2)",
    do="sign it",
)
def alg_none(exchange: Exchange, history: History) -> Faults:
    for name, read, at in exchange.tokens:
        if read.alg.lower() == "none":
            yield Fault(f"the `{name}` is not signed", at, f"alg = {read.alg}")


@exchange_lint(
    "SQ722",
    TOKENS,
    why="who can verify an HMAC can make one, so the two sides need not trust each other only with a key pair, and "
    "a public client has no secret for it (OpenID Connect Core section 10.1)",
    do="sign with RS256 or ES256",
)
def alg_hs_across_parties(exchange: Exchange, history: History) -> Faults:
    asked, answered = exchange.asked, exchange.answered
    identity = token(answered.fields.get("id_token")) if answered is not None else None
    is_public = "grant_type" in asked.form and not asked.has_client_authentication
    if identity is not None and identity.alg.startswith("HS") and is_public:
        yield Fault(f"{exchange.sender} cannot verify its ID token: it has no secret", exchange.answered_at)
    read = None if exchange.is_refused else token(asked.bearer)
    if read is None or not read.alg.startswith("HS"):
        return
    issuer = read.claims.get("iss")
    is_its_own = history.made.get(exchange.asked.bearer) == exchange.receiver and issuer not in history.urls.values()
    if issuer != history.urls.get(exchange.receiver) and not is_its_own:
        yield Fault(
            f"{exchange.receiver} could make the tokens itself that it verifies", exchange.at, f"alg = {read.alg}"
        )


@exchange_lint(
    "SQ723",
    TOKENS,
    why="RFC 8725 section 3.2",
    do="use RS256, ES256 or EdDSA",
)
def alg_deprecated(exchange: Exchange, history: History) -> Faults:
    for name, read, at in exchange.tokens:
        if read.alg in ("RSA1_5", "RS1", "RSA-OAEP"):
            yield Fault(f"the `{name}` uses an algorithm that is given up", at, f"alg = {read.alg}")


@exchange_lint(
    "SQ724",
    TOKENS,
    why="a reader might believe it (OpenID Connect Core section 2)",
    do="name the key by `kid`",
)
def key_header_in_token(exchange: Exchange, history: History) -> Faults:
    for name, read, at in exchange.tokens:
        found = [one for one in ("jku", "jwk", "x5u", "x5c") if one in read.header]
        if found:
            yield Fault(f"the header of the `{name}` says where its own key is: {', '.join(found)}", at)


@exchange_lint(
    "SQ705",
    LONG,
    why="servers refuse longer fields with a 400 or 431, and browsers drop longer cookies",
    do="put less into the token: fewer roles, an opaque token, or ES256 in the place of RS256",
)
def token_too_big(exchange: Exchange, history: History) -> Faults:
    for name, value in exchange.asked.headers:
        if len(value) > COOKIE_LIMIT and name.lower() == "cookie":
            largest = max(len(pair) for pair in value.split(";"))
            if largest > COOKIE_LIMIT:
                yield Fault(f"a cookie of {largest:,} bytes: browsers keep {COOKIE_LIMIT:,}", exchange.at)
        smallest = [server for server, limit in HEADER_LIMITS.items() if len(name) + len(value) + 4 > limit]
        if smallest:
            yield Fault(
                f"the field `{name}` has {len(value):,} bytes: too many for {', '.join(smallest)} as they come",
                exchange.at,
            )


HEADER_LIMITS: Mapping[str, int] = {
    "nginx": 8192,
    "Apache httpd": 8190,
    "Tomcat": 8192,
    "Gunicorn": 8190,
    "Node.js": 16_384,
    "IIS": 16_384,
    "Envoy": 61_440,
}
"""Server → bytes of one field, or of all together, that it takes by default."""


@exchange_lint(
    "SQ725",
    FIELDS,
    why="whoever has them can sign (RFC 7517 section 9.2)",
    do="publish the public parts alone, and replace the key",
)
def jwks_private(exchange: Exchange, history: History) -> Faults:
    for key in _published(exchange):
        found = [name for name in ("d", "p", "q", "dp", "dq", "qi", "k") if name in key]
        if found:
            yield Fault(f"a published key set holds private parts of a key: {', '.join(found)}", exchange.answered_at)


_DIGEST_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}


def _short_secrets(drawing: "Drawing") -> Faults:
    for one in drawing.settings:
        key, _, last = one.path.rpartition(".")
        if last != "secret" or not (key == "key" or key.startswith("keys.")) or UNKNOWN in one.value:
            continue
        alg = next((other.value for other in drawing.settings if (other.who, other.path) == (one.who, key)), "HS256")
        needed, has = _DIGEST_BYTES.get(alg, 32), len(one.value.encode())
        if has < needed:
            yield Fault(f"the secret of `{key}` is too short", one.span, f"{has} bytes for {alg}", (one.who,))


@exchange_lint(
    "SQ726",
    FIELDS,
    why="RSA needs 2048 bits, an HMAC as many as its hash has (RFC 7518 sections 3.2 and 3.3)",
    do="make a longer key",
    drawing=_short_secrets,
)
def key_weak(exchange: Exchange, history: History) -> Faults:
    for key in _published(exchange):
        if key.get("kty") == "RSA" and isinstance(key.get("n"), str):
            try:
                bits = int.from_bytes(base64url.decode(key["n"])).bit_length()
            except ValueError:
                continue
            if bits < 2048:
                yield Fault("a published key is too short", exchange.answered_at, f"RSA with {bits} bits")


def _published(exchange: Exchange) -> list[Mapping[str, Any]]:
    keys = exchange.answered.fields.get("keys") if exchange.answered is not None else None
    return [key for key in keys if isinstance(key, Mapping) and "kty" in key] if isinstance(keys, list) else []


@exchange_lint(
    "SQ752",
    FIELDS,
    why="a reader must try one key after the other (OpenID Connect Core section 10.1)",
    do="name the key by `kid`",
)
def kid_missing(exchange: Exchange, history: History) -> Faults:
    server = exchange.receiver
    if len([key for key in _published(exchange) if key.get("use") != "enc"]) > 1:
        history.key_sets.add(server)
    for name in ("access_token", "id_token"):
        read = token(exchange.answered.fields.get(name)) if exchange.answered is not None else None
        if read is not None and "kid" not in read.header and not read.alg.startswith(("HS", "none")):
            history.nameless.setdefault(server, (name, exchange.answered_at))
    if server in history.key_sets and server in history.nameless:
        name, at = history.nameless[server]
        yield Fault(f"{server} publishes several keys, and its `{name}` does not say which one signed it", at)
