"""Verifying a token's signature, with what a broken verifier would let in where a switch says so."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from seqtest.actors.allowances import Allowed
from seqtest.auth import certificate, jwt, keys
from seqtest.dataclass import replace


def read(text: str, allows: Allowed, *, takes_last: bool = False) -> jwt.Token:
    """The token, unverified. Raises TokenError when it is none and no switch lets it in."""
    if "jwt_json_serialization" in allows:
        from seqtest.auth import json_form

        if json_form.is_json_form(text):
            return json_form.read(text)
    return jwt.read(text, takes_last=takes_last)


def verify(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str], allows: Allowed) -> None:
    """Raises TokenError when no key made the signature and no switch lets it in."""
    try:
        jwt.verify(token, known, algorithms)
    except jwt.TokenError:
        if not any(name in allows and accepts(token, known, algorithms) for name, accepts in _BROKEN.items()):
            raise


def _is_unsigned(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    return token.alg == "none" and not token.signature


def _is_unsigned_spelt(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    return token.alg != "none" and token.alg.strip().lower() == "none" and not token.signature


def _is_none_and_signed(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    return token.alg == "none" and token.signature != b""


def _is_stripped(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    return not token.signature and token.alg in algorithms


def _is_cut_short(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    """Only of an HMAC can a part be compared: whoever verifies it makes it anew."""
    algorithm = keys.ALGORITHMS.get(token.alg)
    if algorithm is None or not algorithm.is_symmetric or not token.signature or token.alg not in algorithms:
        return False
    for jwk in known:
        try:
            secret = keys.public_key(jwk)
        except keys.BadKey:
            continue
        if isinstance(secret, bytes):
            whole = hmac.digest(secret, token.signing_input.encode(), algorithm.hash)
            if whole.startswith(token.signature) and _is_good(replace(token, signature=whole), [jwk]):
                return True
    return False


def _is_der(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    size = _HALVES.get(token.alg)
    if size is None or token.alg not in algorithms:
        return False
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    try:
        halves = [number.to_bytes(size, "big") for number in decode_dss_signature(token.signature)]
    except (ValueError, OverflowError):
        return False
    return _is_good(replace(token, signature=b"".join(halves)), known)


def _is_anything(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    return token.alg in keys.ALGORITHMS


def _is_good_without_list(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    return _is_good(token, known)


def _is_by_public_key(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    """The classical confusion: a verifier that hands the public key's PEM to an HMAC."""
    if token.alg not in keys.ALGORITHMS or not keys.ALGORITHMS[token.alg].is_symmetric:
        return False
    public = [jwk for jwk in known if jwk.get("kty") != "oct"]
    secrets = [keys.secret_key(keys.pem(jwk).encode(), token.alg) for jwk in public]
    return any(jwt.signature_of(token.signing_input, secret) == token.signature for secret in secrets)


def _is_psychic(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    """CVE-2022-21449: with r and s zero the equation holds for every message and every key."""
    return token.alg.startswith("ES") and token.signature != b"" and not any(token.signature)


def _is_by_empty_secret(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    algorithm = keys.ALGORITHMS.get(token.alg)
    if algorithm is None or not algorithm.is_symmetric:
        return False
    return hmac.digest(b"", token.signing_input.encode(), algorithm.hash) == token.signature


def _is_by_own_certificate(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    chain = token.header.get("x5c")
    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        return False
    try:
        jwk = certificate.public_jwk(certificate.read(chain[0]), token.alg)
    except ValueError:
        return False
    return _is_good(token, [{**jwk, "kid": token.kid}])


def _is_by_key_for_something_else(
    token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]
) -> bool:
    kept = ("use", "key_ops", "alg")
    return _is_good(token, [{name: value for name, value in jwk.items() if name not in kept} for jwk in known])


def _is_by_own_key(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    jwk = token.header.get("jwk")
    return isinstance(jwk, Mapping) and _is_good(token, [{**jwk, "kid": token.kid}])


def _is_by_any_key(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    return _is_good(token, [{**jwk, "kid": token.kid} for jwk in known])


def _is_good_but_critical(token: jwt.Token, known: Sequence[Mapping[str, Any]], algorithms: Sequence[str]) -> bool:
    header = {name: value for name, value in token.header.items() if name != "crit"}
    return _is_good(replace(token, header=header), known)


def _is_good(token: jwt.Token, known: Sequence[Mapping[str, Any]]) -> bool:
    try:
        jwt.verify(token, known)
    except jwt.TokenError:
        return False
    return True


_HALVES = {"ES256": 32, "ES384": 48, "ES512": 66}
"""Bytes of r and of s (RFC 7518 section 3.4)."""

_BROKEN = {
    "jwt_alg_none": _is_unsigned,
    "jwt_alg_none_case": _is_unsigned_spelt,
    "jwt_alg_none_signed": _is_none_and_signed,
    "jwt_psychic_signature": _is_psychic,
    "jwt_hmac_empty_key": _is_by_empty_secret,
    "jwt_x5c_header": _is_by_own_certificate,
    "jwt_key_wrong_use": _is_by_key_for_something_else,
    "jwt_signature_stripped": _is_stripped,
    "jwt_signature_truncated": _is_cut_short,
    "jwt_ecdsa_der_signature": _is_der,
    "jwt_payload_tampered": _is_anything,
    "jwt_alg_family_swap": _is_good_without_list,
    "jwt_rs_to_hs_public_key": _is_by_public_key,
    "jwt_jwk_header": _is_by_own_key,
    "jwt_kid_unknown": _is_by_any_key,
    "jwt_crit_unknown": _is_good_but_critical,
}
