"""The functions that a drawing may call, by name: `{S256(code_verifier)}`. Pure, and nothing else can be called."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from seqtest.contents.text import text_of

Function = Callable[..., Any]


class CannotCompute(Exception):
    """A function that has no value for what it was given; the message is a plain reason without secrets."""


def _s256(value: Any) -> str:
    from seqtest.auth.pkce import S256

    return S256(text_of(value))


def _half_hash(value: Any, alg: str = "RS256") -> str:
    from seqtest.auth.keys import UnknownAlgorithm
    from seqtest.auth.oidc import half_hash

    try:
        return half_hash(text_of(value), alg)
    except UnknownAlgorithm as error:
        raise CannotCompute(str(error)) from None


def _thumbprint(jwk: Any) -> str:
    from seqtest.auth.keys import thumbprint

    if not isinstance(jwk, Mapping):
        raise CannotCompute("a thumbprint is made of a JWK")
    _is_one_key(jwk)
    try:
        return thumbprint(jwk)
    except ValueError as error:
        raise CannotCompute(str(error)) from None


def _is_one_key(jwk: Mapping[str, Any]) -> None:
    if "keys" in jwk and "kty" not in jwk:
        raise CannotCompute("a key set holds any number of keys; `{p.jwk}` is one, and so is `{p.jwks.keys[0]}`")


def _basic(client_id: Any, secret: Any) -> str:
    from seqtest.auth.basic import encode

    return encode(text_of(client_id), text_of(secret)).removeprefix("Basic ")


def _base64url(value: Any) -> str:
    from seqtest.auth import base64url

    return base64url.encode(value if isinstance(value, bytes) else text_of(value).encode())


def _urlencode(value: Any) -> str:
    return quote(text_of(value), safe="")


def _pem(jwk: Any) -> str:
    from seqtest.auth.keys import BadKey, pem

    if not isinstance(jwk, Mapping):
        raise CannotCompute("PEM is written of a JWK")
    _is_one_key(jwk)
    try:
        return pem(jwk)
    except (BadKey, ValueError) as error:
        raise CannotCompute(str(error)) from None


PURE: Mapping[str, Function] = {
    "S256": _s256,
    "at_hash": _half_hash,
    "c_hash": _half_hash,
    "thumbprint": _thumbprint,
    "basic": _basic,
    "base64url": _base64url,
    "urlencode": _urlencode,
    "pem": _pem,
}
"""`jwks` is not among them: whose keys they are depends on who speaks (scope.py)."""
HALF_HASHES = frozenset(("at_hash", "c_hash"))
"""These depend on the `alg` of the token that they stand in (OpenID Connect Core section 3.1.3.6)."""
