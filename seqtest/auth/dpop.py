"""DPoP proofs (RFC 9449 section 4): that the sender of a request holds a private key."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from seqtest.auth import jwt
from seqtest.auth.keys import ALGORITHMS, PRIVATE_MEMBERS, thumbprint
from seqtest.auth.pkce import S256
from seqtest.dataclass import dataclass

PROOF_ALGORITHMS = tuple(name for name, algorithm in ALGORITHMS.items() if not algorithm.is_symmetric)
_PORTS = {"http": 80, "https": 443}


class BadProof(Exception):
    """The proof is not good; the message is a plain reason."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that is good for its request, as far as it can be told without remembering others."""

    jkt: str
    """The thumbprint of its key (RFC 7638)."""
    jti: str
    iat: float
    nonce: str | None


def read(
    text: str,
    method: str,
    url: str,
    *,
    now: float,
    window_seconds: int,
    access_token: str | None = None,
    overlooks: Collection[str] = (),
) -> Proof:
    """Section 4.3: all but whether `jti` was seen before and whether the nonce is right. Raises BadProof.

    `overlooks`: what a lenient reader does not look at, of `typ`, `alg`, `jwk`, `iat`, `htm`, `htu` and `ath`.
    """
    try:
        token = jwt.read(text)
        jwk = _key(token, overlooks)
        if not ("alg" in overlooks and token.alg == "none"):
            jwt.verify(token, [jwk], PROOF_ALGORITHMS)
        jkt = thumbprint(jwk)
    except (jwt.TokenError, ValueError) as problem:
        raise BadProof(str(problem)) from None
    claims = token.claims
    try:
        jwt.check_times(claims, "exp", "nbf")
    except jwt.TokenError as problem:
        raise BadProof(str(problem)) from None
    if "iat" not in overlooks and (claims.get("exp", now + 1) <= now or claims.get("nbf", now) > now + window_seconds):
        # RFC 7519 sections 4.1.4 and 4.1.5: they need not be there, but count where they are.
        raise BadProof("it has expired, or is not good yet")
    for name in ("jti", "htm", "htu"):
        if not isinstance(claims.get(name), str) or not claims[name]:
            raise BadProof(f"`{name}` is missing or no text")
    iat = claims.get("iat")
    if isinstance(iat, bool) or not isinstance(iat, int | float):
        raise BadProof("`iat` is missing, or not now")
    if abs(now - iat) > window_seconds and "iat" not in overlooks:
        raise BadProof("`iat` is missing, or not now")
    if claims["htm"] != method and "htm" not in overlooks:
        raise BadProof("`htm` is another method")
    if "htu" not in overlooks and _place(claims["htu"]) != _place(url):
        raise BadProof("`htu` is another address")
    if access_token is not None and "ath" not in overlooks and claims.get("ath") != S256(access_token):
        raise BadProof("`ath` is not the hash of the access token")
    nonce = claims.get("nonce")
    return Proof(jkt, claims["jti"], float(iat), nonce if isinstance(nonce, str) else None)


def _key(token: jwt.Token, overlooks: Collection[str]) -> dict[str, Any]:
    if token.header.get("typ") != "dpop+jwt" and "typ" not in overlooks:
        raise BadProof("`typ` is not dpop+jwt")
    jwk = token.header.get("jwk")
    if not isinstance(jwk, dict):
        raise BadProof("`jwk` is missing")
    if not PRIVATE_MEMBERS.isdisjoint(jwk) and "jwk" not in overlooks:
        raise BadProof("`jwk` holds a private key")
    return {**jwk, "kid": token.kid} if token.kid is not None else jwk


def _place(url: str) -> tuple[str, str, int | None, str]:
    """Without query and fragment; scheme, host and port as RFC 3986 section 6.2.3 compares them."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadProof("`htu` is no address") from None
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), port or _PORTS.get(scheme), parts.path or "/"
