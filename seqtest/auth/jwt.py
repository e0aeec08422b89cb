"""JSON Web Tokens in the compact form: writing, reading and verifying (RFC 7515, 7519, 8725).

A strict layer of our own stands before the library: PyJWT accepts padding, other encodings and numbers as text (its own
tests say so on purpose), and a server that is only a mock must not be more lenient than the strictest real one.
Nothing here looks at `exp`, `aud` or `iss`: what a token must claim is its reader's business.
"""

import hmac
import json
import math
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from functools import cache
from typing import Any

from seqtest.auth import base64url
from seqtest.auth.keys import ALGORITHMS, BadKey, Key, public_key
from seqtest.dataclass import dataclass, replace

MAX_LENGTH = 65_536
"""Longer texts are refused unread: a header field of that size passes no server."""

JWKS = Mapping[str, Any] | Iterable[Mapping[str, Any]]


class TokenError(Exception):
    """The text is not a token, or not one to be trusted; the message is a plain reason without secrets."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart. That it exists says nothing about its signature: `verify` does."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: str = field(repr=False)
    """`header.payload` as they stand in the text; the signature is over these characters."""
    signature: bytes = field(repr=False)

    @property
    def text(self) -> str:
        return f"{self.signing_input}.{base64url.encode(self.signature)}"

    @property
    def alg(self) -> str:
        return str(self.header["alg"])

    @property
    def kid(self) -> str | None:
        return self.header.get("kid")


def sign(header: Mapping[str, Any], claims: Mapping[str, Any], key: Key | None) -> str:
    """A token in the compact form, unsigned without a key. `alg` and `kid` are the key's unless the header has them.

    A header may lie about its `alg`: the signature is then the one that the key makes all the same.
    """
    if key is None:
        return encode({"alg": "none", **header}, claims, b"")
    full = {"alg": key.alg, **({"kid": key.kid} if key.kid else {}), **header}
    signing_input = _signing_input(full, claims)
    return f"{signing_input}.{base64url.encode(signature_of(signing_input, key, full['alg']))}"


def encode(header: Mapping[str, Any], claims: Mapping[str, Any], signature: bytes) -> str:
    """A token with whatever signature: the raw material of tampering."""
    return f"{_signing_input(header, claims)}.{base64url.encode(signature)}"


def signature_of(signing_input: str, key: Key, alg: str | None = None) -> bytes:
    """The signature that `key` makes, with `alg` where a key of its kind can (RS256's also PS256), else its own."""
    own = ALGORITHMS[key.alg]
    wanted = ALGORITHMS.get(alg or key.alg, own)
    algorithm = wanted if (wanted.kty, wanted.crv) == (own.kty, own.crv) else own
    message = signing_input.encode("ascii")
    if algorithm.is_symmetric:
        return hmac.digest(key.material, message, algorithm.hash)
    signature: bytes = _algorithm(algorithm.name).sign(message, key.material)
    return signature


def _signing_input(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    return f"{_part(header)}.{_part(claims)}"


def _part(value: Mapping[str, Any]) -> str:
    return base64url.encode(_WRITER.encode(value).encode())


_WRITER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
"""Made once; `json.dumps` with these options would make one for each part."""


@cache
def _algorithm(name: str) -> Any:
    from jwt.algorithms import get_default_algorithms

    return get_default_algorithms()[name]


def changed(token: Token, header: Mapping[str, Any] | None = None, claims: Mapping[str, Any] | None = None) -> Token:
    """The token with another header or claims under its old signature; a part that stays keeps its very characters."""
    first, second = token.signing_input.split(".")
    new_header = token.header if header is None else header
    new_claims = token.claims if claims is None else claims
    first, second = _rewritten(first, token.header, new_header), _rewritten(second, token.claims, new_claims)
    return replace(token, header=new_header, claims=new_claims, signing_input=f"{first}.{second}")


def _rewritten(part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    # As they are written: to Python 1 equals both 1.0 and True.
    written = _part(after)
    return part if written == _part(before) else written


def flipped(token: Token) -> Token:
    """The token with one bit of its signature flipped: in the bytes, for in the text it might be an unused one."""
    if not token.signature:
        return replace(token, signature=b"\x01")
    middle = len(token.signature) // 2
    damaged = bytearray(token.signature)
    damaged[middle] ^= 1
    return replace(token, signature=bytes(damaged))


def resigned(token: Token, key: Key | None) -> str:
    """The token's header and claims signed by another key, or unsigned; `kid` stays as it is in the header."""
    if key is None:
        return f"{token.signing_input}."
    alg = token.header.get("alg")
    return f"{token.signing_input}.{base64url.encode(signature_of(token.signing_input, key, alg))}"


def looks_like_jwt(text: str) -> bool:
    """Whether the text has a JWT's outer shape: three or five base64url parts, the first of which is `{"…`."""
    return text.count(".") in (2, 4) and text.startswith("eyJ")


def read(text: str, *, takes_last: bool = False) -> Token:
    """Take a token apart without verifying it. Raises TokenError with a plain reason.

    `takes_last`: of a claim that stands twice the last one counts, as RFC 7519 section 4 lets a reader do.
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise TokenError("the token is too long" if isinstance(text, str) else "the token is not text")
    parts = text.split(".", 5)
    if len(parts) != 3:
        hint = "; it may be an encrypted token (JWE)" if len(parts) == 5 else ""
        raise TokenError(
            f"a JWT has three parts between dots, this has {len(parts) if len(parts) < 6 else 'many'}{hint}"
        )
    header = read_object(parts[0], "header")
    if not isinstance(header.get("alg"), str):
        raise TokenError("the header has no `alg`")
    if not isinstance(header.get("kid", ""), str):
        raise TokenError("`kid` in the header is not a string")
    claims = read_object(parts[1], "payload", takes_last=takes_last)
    return Token(header, claims, f"{parts[0]}.{parts[1]}", _bytes(parts[2], "signature"))


def _bytes(part: str, name: str) -> bytes:
    try:
        return base64url.decode(part)
    except ValueError as error:
        raise TokenError(f"the {name} is not base64url: {error}") from None


def read_object(part: str, name: str, *, takes_last: bool = False) -> dict[str, Any]:
    """The JSON object that a part of a token is. Raises TokenError with a plain reason."""
    data = _bytes(part, name)
    try:
        value = (_TAKES_LAST if takes_last else _STRICT).decode(data.decode("utf-8"))
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no Unicode text
    except TokenError as error:
        raise TokenError(f"the {name} {error}") from None
    except UnicodeError:
        raise TokenError(f"the {name} is not UTF-8") from None
    except (ValueError, RecursionError):
        raise TokenError(f"the {name} is not JSON") from None
    if not isinstance(value, dict):
        raise TokenError(f"the {name} is not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # RFC 7515 section 4, RFC 7519 section 4: names must be unique.
        raise TokenError("has a member name twice")
    return found


def check_times(claims: Mapping[str, Any], *names: str) -> None:
    """Each that is there is a number of seconds since 1970 (RFC 7519 section 2). Raises TokenError."""
    for name in names:
        if name in claims and (isinstance(claims[name], bool) or not isinstance(claims[name], (int, float))):
            raise TokenError(f"`{name}` is no number")
        if claims.get(name, 0) < 0:
            raise TokenError(f"`{name}` is before 1970")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        # RFC 8259 section 6 leaves it to readers; an `exp` of 1e400 would never come.
        raise TokenError("holds a number that is too big")
    return value


def _no_constant(name: str) -> Any:
    raise TokenError(f"holds {name}, which is not JSON")


def _whole(text: str) -> int:
    if len(text) > DIGITS:
        raise TokenError("holds a number that is too big")
    return int(text)


DIGITS = sys.float_info.max_10_exp
"""Longer whole numbers are read by few: neither a float nor an integer of 64 bits holds them."""
_STRICT = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole
)
_TAKES_LAST = json.JSONDecoder(
    object_pairs_hook=dict, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole
)
"""Made once; `json.loads` would make one for each part."""


def verify(token: str | Token, jwks: JWKS, algorithms: Collection[str] | None = None) -> Token:
    """The token, if one of the keys made its signature (RFC 7515 section 5.2). Raises TokenError with a plain reason.

    `jwks` are the trusted keys, a JWK Set or a list of JWKs. `algorithms` are those the reader allows; without it
    those that the keys are made for. `kid` only chooses among the trusted keys; `jwk`, `jku` and `x5c` in the header
    are never believed, and an extension named in `crit` is not understood.
    """
    read_token = token if isinstance(token, Token) else read(token)
    alg = read_token.alg
    if alg not in ALGORITHMS:
        raise TokenError("the token is not signed (`alg` is none)" if alg.lower() == "none" else "`alg` is not known")
    if algorithms is not None and alg not in algorithms:
        raise TokenError(f"`alg` is {alg}, which this reader does not accept")
    if "crit" in read_token.header:
        raise TokenError("`crit` in the header asks for what this reader does not understand")
    candidates = _candidates(read_token, jwks)
    for jwk in candidates:
        if _is_signed(read_token, jwk):
            return read_token
    raise TokenError("the signature does not match")


def _candidates(token: Token, jwks: JWKS) -> list[Mapping[str, Any]]:
    known = _keys(jwks)
    if not known:
        raise TokenError("there are no keys to verify it with")
    named = known if token.kid is None else [jwk for jwk in known if jwk.get("kid", token.kid) == token.kid]
    if not named:
        raise TokenError("no key has the token's `kid`")
    fitting = [jwk for jwk in named if _fits(jwk, token.alg)]
    if not fitting:
        raise TokenError(f"no key with that `kid` is for {token.alg}" if token.kid else f"no key is for {token.alg}")
    return fitting


def _keys(jwks: JWKS) -> list[Mapping[str, Any]]:
    keys: Any = jwks.get("keys") if isinstance(jwks, Mapping) else jwks
    if not isinstance(keys, Iterable) or isinstance(keys, (str, bytes)):
        return []
    # RFC 7517 section 5: what is no key is passed over, not the whole set.
    return [jwk for jwk in keys if isinstance(jwk, Mapping)]


def _fits(jwk: Mapping[str, Any], alg: str) -> bool:
    """RFC 8725 section 3.1: one key, one algorithm; RFC 7517 sections 4.2 to 4.4."""
    algorithm = ALGORITHMS[alg]
    operations = jwk.get("key_ops")
    return (
        jwk.get("kty") == algorithm.kty
        and jwk.get("crv") == algorithm.crv
        and jwk.get("alg", alg) == alg
        and jwk.get("use", "sig") == "sig"
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )


def _is_signed(token: Token, jwk: Mapping[str, Any]) -> bool:
    try:
        key = public_key(jwk)
    except BadKey:
        return False
    message = token.signing_input.encode("ascii")
    algorithm = ALGORITHMS[token.alg]
    if algorithm.is_symmetric:
        # RFC 7518 section 3.2: a key at least as long as the hash.
        expected = hmac.digest(key, message, algorithm.hash) if len(key) * 8 >= int(algorithm.hash[3:]) else b""
        return bool(expected) and hmac.compare_digest(expected, token.signature)
    return bool(_algorithm(token.alg).verify(message, key, token.signature))
