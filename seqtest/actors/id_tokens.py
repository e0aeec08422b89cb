"""What a relying party makes sure of before it believes an ID token or a logout token.

OpenID Connect Core sections 3.1.3.7, 3.1.3.8 and 12.2; Back-Channel Logout 1.0 section 2.6.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from seqtest.actors.allowances import Allowed
from seqtest.auth import jwt, oidc
from seqtest.dataclass import dataclass

OLDEST_SECONDS = 600
"""An ID token that was issued longer ago was not made for this log-in (Core section 3.1.3.7, item 10)."""
EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Distrusted(Exception):
    """The token is not to be believed; the message is a plain reason without secrets."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must stand in tokens for this client."""

    issuer: str
    client_id: str
    algorithms: frozenset[str]
    keys: Sequence[Mapping[str, Any]]
    now: float
    leeway_seconds: int
    allows: Allowed


def id_token(
    text: Any, expected: Expected, *, nonce: str | None, access_token: str | None = None, max_age: int | None = None
) -> Mapping[str, Any]:
    """The claims. Raises Distrusted."""
    allows = expected.allows
    token = _signed(text, expected)
    claims = token.claims
    _check_kind(token, allows)
    if EVENT in _events(claims):
        allows.refuse("logout_idt_confusion", Distrusted("it is a logout token"))
    _check_party(claims, expected)
    _check_times(claims, expected)
    if nonce is not None and claims.get("nonce") != nonce:
        allows.refuse("idt_nonce_wrong", Distrusted("`nonce` is not that of this log-in"))
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise Distrusted("`sub` is missing")
    wrong = "at_hash" in claims and access_token is not None
    if wrong and claims["at_hash"] != oidc.at_hash(access_token or "", _hash_of(token)):
        allows.refuse("idt_at_hash_wrong", Distrusted("`at_hash` is not the access token's"))
    if max_age is not None:
        auth_time = claims.get("auth_time")
        is_recent = _is_number(auth_time) and expected.now - auth_time <= max_age + expected.leeway_seconds
        if not is_recent:
            # Core section 3.1.2.1: with max_age the claim must be there.
            allows.refuse("idt_auth_time_old", Distrusted("`auth_time` is missing, or longer ago than `max_age`"))
    return claims


def _check_kind(token: jwt.Token, allows: Allowed) -> None:
    """RFC 8725 sections 3.11 and 3.12: `at+jwt`, `logout+jwt` and their like say themselves that they are none."""
    if str(token.header.get("typ", "")).lower().endswith("+jwt"):
        allows.refuse("logout_idt_confusion", Distrusted("`typ` is that of another kind of token"))


def _hash_of(token: jwt.Token) -> str:
    return token.alg if token.alg != "none" else "RS256"


_OF_THE_TOKEN = frozenset({"iss", "aud", "azp", "exp", "iat", "nbf", "jti"})
"""Claims about a token itself, not about the user."""


def userinfo(text: str, expected: Expected) -> Mapping[str, Any]:
    """What signed UserInfo says, without what says whose it is (Core section 5.3.2). Raises Distrusted."""
    claims = _signed(text, expected).claims
    _check_party(claims, expected)
    return {name: held for name, held in claims.items() if name not in _OF_THE_TOKEN}


def renewed(text: Any, expected: Expected, before: Mapping[str, Any]) -> Mapping[str, Any]:
    """The claims of an ID token that came with a refresh: still the same person's (Core section 12.2)."""
    token = _signed(text, expected)
    claims = token.claims
    _check_kind(token, expected.allows)
    _check_party(claims, expected)
    _check_times(claims, expected)
    same = ("iss", "sub", "aud", "auth_time")
    is_another = any(name in before and name in claims and claims[name] != before[name] for name in same)
    # Section 12.2: a `nonce` need not be there, nor where there was none.
    is_another = is_another or ("nonce" in claims and claims["nonce"] != before.get("nonce"))
    is_another = is_another or claims.get("azp") != before.get("azp")
    if is_another or "sub" not in claims:
        expected.allows.refuse("idt_sub_reassigned", Distrusted("it is another person's, or another log-in's"))
    return claims


def logout_token(text: Any, expected: Expected, seen: set[str]) -> Mapping[str, Any]:
    """The claims; its `jti` is added to `seen`. Raises Distrusted."""
    allows = expected.allows
    token = _signed(text, expected, "logout_token_invalid", "logout_token_invalid")
    claims = token.claims
    events = _events(claims)
    if not isinstance(events.get(EVENT), Mapping) or "nonce" in claims:
        # Sections 2.4 and 2.6: an ID token must never log anybody out.
        allows.refuse("logout_idt_confusion", Distrusted("it is no logout token"))
    jti = claims.get("jti")
    is_whole = (
        claims.get("iss") == expected.issuer
        and expected.client_id in _audience(claims)
        and _is_number(claims.get("iat"))
        and claims["iat"] >= 0
        and isinstance(jti, str)
        and (isinstance(claims.get("sub"), str) or isinstance(claims.get("sid"), str))
        and str(token.header.get("typ", "logout+jwt")).lower() in ("logout+jwt", "jwt")
    )
    _check_begin(claims, expected)
    exp = claims.get("exp")
    is_alive = _is_number(exp) and expected.now < exp + expected.leeway_seconds
    if not is_whole or not is_alive:
        allows.refuse("logout_token_invalid", Distrusted("it is not this client's, not whole, or too old"))
    if str(jti) in seen:
        allows.refuse("logout_token_replay", Distrusted("it was used before"))
    seen.add(str(jti))
    return claims


def _signed(
    text: Any, expected: Expected, unsigned: str = "idt_alg_none", wrong: str = "idt_signature_invalid"
) -> jwt.Token:
    """The token, if the provider signed it. `unsigned` and `wrong` name the switches that let in one without."""
    if not isinstance(text, str):
        raise Distrusted("there is none")
    try:
        token = jwt.read(text)
        jwt.verify(token, expected.keys, expected.algorithms)
    except jwt.TokenError as problem:
        reason = Distrusted(str(problem))
        try:
            token = jwt.read(text)
        except jwt.TokenError:
            raise reason from None
        is_unsigned = token.alg.lower() == "none"
        expected.allows.refuse(unsigned if is_unsigned else wrong, reason)
    return token


def _check_party(claims: Mapping[str, Any], expected: Expected) -> None:
    allows, client_id = expected.allows, expected.client_id
    if claims.get("iss") != expected.issuer:
        allows.refuse("idt_iss_wrong", Distrusted("`iss` is another issuer"))
    audience = _audience(claims)
    if client_id not in audience or len(audience) > 1:
        # Core section 3.1.3.7, item 3: also with audiences that are not trusted beside the client.
        allows.refuse("idt_aud_wrong", Distrusted("`aud` is not this client alone"))
    if claims.get("azp", client_id) != client_id:
        allows.refuse("idt_azp_wrong", Distrusted("`azp` is another client"))


def _check_times(claims: Mapping[str, Any], expected: Expected) -> None:
    exp, iat, leeway = claims.get("exp"), claims.get("iat"), expected.leeway_seconds
    _check_begin(claims, expected)
    is_alive = _is_number(exp) and expected.now < exp + leeway
    is_new = _is_number(iat) and expected.now - OLDEST_SECONDS - leeway <= iat
    if not is_alive or not is_new:
        expected.allows.refuse("idt_expired", Distrusted("`exp` or `iat` is missing, or too long ago"))


def _check_begin(claims: Mapping[str, Any], expected: Expected) -> None:
    """RFC 7519 section 4.1.5, where there is an `nbf`."""
    try:
        jwt.check_times(claims, "nbf")
    except jwt.TokenError as problem:
        raise Distrusted(str(problem)) from None
    if expected.now < claims.get("nbf", 0) - expected.leeway_seconds:
        raise Distrusted("`nbf` has not come yet")


def _audience(claims: Mapping[str, Any]) -> list[Any]:
    found = claims.get("aud")
    return found if isinstance(found, list) else [found]


def _events(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    found = claims.get("events")
    return found if isinstance(found, Mapping) else {}


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
