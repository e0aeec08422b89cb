"""What the claims of an access token must say: RFC 9068, RFC 7519 and MicroProfile JWT 2.1, without the signature."""

from collections.abc import Mapping
from typing import Any

from seqtest.actors.allowances import NOTHING, Allowed
from seqtest.auth import jwt
from seqtest.dataclass import dataclass

Claims = Mapping[str, Any]


class InvalidToken(Exception):
    """The token is not good here; the message says why, for `error_description`."""


ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt"})
"""RFC 9068 section 4; media types compare without case."""

REQUIRED_CLAIMS = {
    "client_id": "scope_missing_client_claim",
    "iat": "claim_iat_missing",
    "jti": "scope_missing_client_claim",
}
"""RFC 9068 section 2.2, beside those that every token must have here; with the switch that does without."""

TEXT_CLAIMS = ("iss", "sub", "jti", "client_id", "scope")
_WRONG_TYPES = {"iss": "claim_iss_array", "sub": "claim_sub_type"}
TIME_CLAIMS = ("exp", "nbf", "iat", "auth_time")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a resource server wants of a token."""

    issuer: str
    audiences: frozenset[str]
    is_any_type: bool
    """Also take tokens that do not say that they are access tokens (`typ`)."""
    algorithms: tuple[str, ...]
    leeway_seconds: int
    is_microprofile: bool = False
    """MicroProfile JWT 2.1 instead of RFC 9068; no audience then means that `aud` is not looked at."""
    max_age_seconds: int | None = None
    """How long after `iat` a token is taken at most."""
    allows: Allowed = NOTHING


def check_claims(token: jwt.Token, rules: Rules, now: float) -> Claims:
    """RFC 9068 section 4, with the types of RFC 7519. Raises InvalidToken."""
    claims = token.claims
    if rules.is_microprofile:
        return check_microprofile(claims, rules, now)
    if not rules.is_any_type and str(token.header.get("typ", "")).lower() not in ACCESS_TOKEN_TYPES:
        rules.allows.refuse("typ_wrong", InvalidToken("the header's `typ` is not at+jwt"))
    check_types(claims, rules.allows)
    for name, switch in {} if rules.is_any_type else REQUIRED_CLAIMS.items():
        if claims.get(name) in (None, ""):
            rules.allows.refuse(switch, InvalidToken(f"`{name}` is missing"))
    check_issuer(claims, rules)
    check_audience(claims, rules.audiences, rules.allows)
    check_times(claims, rules, now)
    if not claims.get("sub"):
        rules.allows.refuse("claim_sub_missing", InvalidToken("`sub` is missing"))
    return claims


def check_microprofile(claims: Claims, rules: Rules, now: float) -> Claims:
    """MicroProfile JWT 2.1, "Requirements for Rejecting MP-JWT Tokens". Raises InvalidToken."""
    check_types(claims, rules.allows)
    check_issuer(claims, rules)
    if "iat" not in claims:
        rules.allows.refuse("claim_iat_missing", InvalidToken("`iat` is missing"))
    if rules.audiences:
        check_audience(claims, rules.audiences, rules.allows)
    check_times(claims, rules, now)
    if not principal(claims):
        reason = "there is no principal: neither upn nor preferred_username nor sub"
        rules.allows.refuse("claim_sub_missing", InvalidToken(reason))
    return claims


def check_issuer(claims: Claims, rules: Rules) -> None:
    """RFC 9068 section 4: exactly the issuer that is trusted."""
    if "iss" not in claims:
        rules.allows.refuse("claim_iss_missing", InvalidToken("`iss` is another issuer"))
    elif claims["iss"] != rules.issuer:
        is_near = str(claims["iss"]).startswith(rules.issuer) and "claim_iss_near_miss" in rules.allows
        is_named = isinstance(claims["iss"], list) and rules.issuer in claims["iss"]
        if not is_near and not is_named:
            rules.allows.refuse("claim_iss_wrong", InvalidToken("`iss` is another issuer"))


def check_types(claims: Claims, allows: Allowed) -> None:
    """RFC 7519 section 4.1: texts are texts and times are numbers, never the other way round."""
    for name in TEXT_CLAIMS:
        if name in claims and not isinstance(claims[name], str) and _WRONG_TYPES.get(name) not in allows:
            raise InvalidToken(f"`{name}` is no string")
    for name in TIME_CLAIMS:
        time_of(claims, name, allows)
    if not isinstance(claims.get("cnf", {}), Mapping):
        # RFC 7800 section 3.1: what it is bound to cannot be told, so it is nobody's.
        raise InvalidToken("`cnf` is no object")


_NEVER = {"exp": float("inf")}
"""What a time stands for that does not count."""


def time_of(claims: Claims, name: str, allows: Allowed) -> float | None:
    """The claim as seconds since the epoch; None when it is absent. Raises InvalidToken for what is no number."""
    value = claims.get(name)
    if isinstance(value, str) and "claim_exp_string" in allows and value.isascii() and value.isdigit():
        return float(value)
    if name in claims and (isinstance(value, bool) or not isinstance(value, int | float)):
        allows.refuse("claim_exp_wrong_type", InvalidToken(f"`{name}` is no number"))
        return _NEVER.get(name)
    if isinstance(value, int | float) and value < 0:
        raise InvalidToken(f"`{name}` is before 1970")
    return value


def check_times(claims: Claims, rules: Rules, now: float) -> None:
    """`exp` must be there and to come, `nbf` must be past, and `iat` not too long ago. Raises InvalidToken."""
    allows, leeway = rules.allows, rules.leeway_seconds
    exp, nbf, iat = (time_of(claims, name, allows) for name in ("exp", "nbf", "iat"))
    if exp is None:
        allows.refuse("claim_exp_missing", InvalidToken("`exp` is missing"))
    elif now >= exp + leeway:
        allows.refuse("claim_exp_past", InvalidToken("the token has expired"))
    if nbf is not None and now < nbf - leeway:
        allows.refuse("claim_nbf_future", InvalidToken("the token is not good yet"))
    if rules.max_age_seconds is not None and now >= (iat or 0) + rules.max_age_seconds + leeway:
        allows.refuse("claim_iat_too_old", InvalidToken("the token was issued too long ago"))


def check_audience(claims: Claims, audiences: frozenset[str], allows: Allowed, switch: str = "claim_aud_wrong") -> None:
    """RFC 7519 section 4.1.3: a reader who is not named must refuse."""
    aud = claims.get("aud")
    named = [aud] if isinstance(aud, str) else aud
    if isinstance(aud, dict) and "claim_aud_type" in allows:
        named = list(aud)
    if aud is None:
        allows.refuse("claim_aud_missing", InvalidToken("`aud` is missing or no text"))
    elif not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise InvalidToken("`aud` is missing or no text")
    elif audiences.isdisjoint(named):
        is_part = "claim_aud_substring" in allows and any(one in name for name in named for one in audiences)
        if not is_part:
            allows.refuse(switch, InvalidToken("`aud` is another audience"))


PRINCIPAL_CLAIMS = ("upn", "preferred_username", "sub")
"""MicroProfile JWT 2.1, "The Principal name": the first that there is."""


def principal(claims: Claims) -> str:
    """The name of the caller; empty when there is none. A claim that is there and no text is none, not the next one."""
    found = next((claims[name] for name in PRINCIPAL_CLAIMS if name in claims), "")
    return found if isinstance(found, str) else ""


def groups_of(claims: Claims, path: str, allows: Allowed) -> frozenset[str]:
    """The roles of the caller (`realm_access/roles` leads into objects); empty for what is no array of texts."""
    found: Any = claims
    for name in path.split("/"):
        found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, str) and "groups_type" in allows:
        found = found.split(",")
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        return frozenset()
    return frozenset(found)
