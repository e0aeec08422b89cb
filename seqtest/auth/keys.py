"""Signing keys and their JSON Web Keys (RFC 7517).

Keys are for tests: made when first asked for, kept for the process, and never written anywhere. What can be derived is
(HMAC secrets, EC and Ed25519 keys come from the seed), so that equal runs give equal keys; RSA keys are made by
OpenSSL, once for each name, because primes are slow to find, but where keys must outlive the process (`kept`).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from functools import cache, lru_cache
from typing import Any

from seqtest.auth import base64url
from seqtest.dataclass import dataclass

JWK = dict[str, Any]

PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Members that must never be published (RFC 7517 section 9.2)."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One algorithm of RFC 7518 or RFC 8037."""

    name: str
    kty: str
    hash: str
    """Name of the hash in `hashlib`; at_hash and c_hash use the same."""
    crv: str | None = None
    is_symmetric: bool = False
    use: str = "sig"
    """RFC 7517 section 4.2: `sig` or `enc`."""


ALGORITHMS: Mapping[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        *(Algorithm(f"HS{bits}", "oct", f"sha{bits}", is_symmetric=True) for bits in (256, 384, 512)),
        *(Algorithm(f"RS{bits}", "RSA", f"sha{bits}") for bits in (256, 384, 512)),
        *(Algorithm(f"PS{bits}", "RSA", f"sha{bits}") for bits in (256, 384, 512)),
        Algorithm("ES256", "EC", "sha256", "P-256"),
        Algorithm("ES384", "EC", "sha384", "P-384"),
        Algorithm("ES512", "EC", "sha512", "P-521"),
        Algorithm("EdDSA", "OKP", "sha512", "Ed25519"),
    )
}

PUBLIC_KEY_ALGORITHMS = tuple(name for name, algorithm in ALGORITHMS.items() if not algorithm.is_symmetric)
"""Those that a signature can be verified by without being able to make it."""

ENCRYPTION_ALGORITHMS: Mapping[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        Algorithm("RSA-OAEP-256", "RSA", "sha256", use="enc"),
        Algorithm("RSA-OAEP", "RSA", "sha1", use="enc"),
        *(Algorithm(f"ECDH-ES{wrap}", "EC", "sha256", "P-256", use="enc") for wrap in ("", "+A128KW", "+A256KW")),
    )
}
"""How a token's own key is encrypted to its reader (RFC 7518 section 4.1); RSA1_5 is none of them (RFC 8725 3.2)."""

KEY_ALGORITHMS: Mapping[str, Algorithm] = {**ALGORITHMS, **ENCRYPTION_ALGORITHMS}
"""All that keys are made for."""

THUMBPRINT_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "RSA": ("e", "kty", "n"),
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
    "oct": ("k", "kty"),
}
"""RFC 7638 section 3.2, RFC 8037 section 2."""


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A private key, or an HMAC secret, that makes signatures of one algorithm or opens what is encrypted by one."""

    kid: str
    alg: str
    material: Any = field(repr=False)
    """`bytes` for HMAC, else the private key object of `cryptography`."""

    @property
    def is_for_encryption(self) -> bool:
        return self.alg in ENCRYPTION_ALGORITHMS

    @property
    def public_jwk(self) -> JWK:
        return public_jwk(self)

    @property
    def jwk(self) -> JWK:
        return verification_jwk(self)


class UnknownAlgorithm(ValueError):
    """An algorithm that seqtest makes no keys for; its text names those it has."""

    def __init__(self, name: object) -> None:
        super().__init__(f"`{name}` is no algorithm here; there are {', '.join(KEY_ALGORITHMS)}")


def make_key(alg: str, kid: str | None = None, seed: str | int = "") -> Key:
    """The key of that algorithm, name and seed: the same object for the whole process.

    The seed says whose key it is (a participant's id); keys with other seeds differ. Raises UnknownAlgorithm.
    """
    if alg not in KEY_ALGORITHMS:
        raise UnknownAlgorithm(alg)
    return _make(alg, kid or "-".join(part for part in (str(seed), alg.lower()) if part), str(seed), _SEED)


@cache
def _make(alg: str, kid: str, seed: str, kept_by: int | None) -> Key:
    more = f"\n{kept_by}" if kept_by else ""
    return Key(kid, alg, _MAKERS[KEY_ALGORITHMS[alg].kty](KEY_ALGORITHMS[alg], f"{alg}\n{kid}\n{seed}{more}".encode()))


_SEED: int | None = None


@contextmanager
def kept(seed: int) -> Iterator[None]:
    """Meanwhile every key is derived, RSA keys too: another process with the same seed has the same keys."""
    global _SEED  # keys are made once a process; so is the choice of how
    before, _SEED = _SEED, seed
    try:
        yield
    finally:
        _SEED = before


def _make_secret(algorithm: Algorithm, seed: bytes) -> bytes:
    # RFC 7518 section 3.2: at least as long as the hash.
    return hashlib.shake_256(b"seqtest oct\n" + seed).digest(hashlib.new(algorithm.hash).digest_size)


def _make_rsa(algorithm: Algorithm, seed: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    if _SEED is not None:
        from seqtest.auth.rsa import derived

        return derived(seed)
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _make_ec(algorithm: Algorithm, seed: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    curves: dict[str | None, ec.EllipticCurve] = {
        "P-256": ec.SECP256R1(),
        "P-384": ec.SECP384R1(),
        "P-521": ec.SECP521R1(),
    }
    curve = curves[algorithm.crv]
    # Shorter than the order of each curve by one bit, so it is always in range.
    size = curve.key_size - 1
    number = int.from_bytes(hashlib.shake_256(b"seqtest ec\n" + seed).digest(72), "big") % (1 << size)
    return ec.derive_private_key(number or 1, curve)


def _make_okp(algorithm: Algorithm, seed: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.shake_256(b"seqtest okp\n" + seed).digest(32))


_MAKERS = {"oct": _make_secret, "RSA": _make_rsa, "EC": _make_ec, "OKP": _make_okp}


def secret_key(secret: bytes, alg: str = "HS256", kid: str = "") -> Key:
    """A shared secret as an HMAC key, of any length: an attacker's may be short."""
    return Key(kid, alg, secret)


def pem_key(text: str, alg: str, kid: str = "") -> Key:
    """A private key from its PEM form (RFC 7468), unencrypted. Raises BadKey, and UnknownAlgorithm."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if alg not in KEY_ALGORITHMS:
        raise UnknownAlgorithm(alg)
    try:
        return Key(kid, alg, load_pem_private_key(text.encode(), None))
    except (ValueError, TypeError) as problem:
        raise BadKey("this is no private key in PEM form") from problem


def pem_jwk(text: str) -> JWK:
    """A public key from its PEM form (SubjectPublicKeyInfo, or a certificate's) as a JWK. Raises BadKey."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        if "BEGIN CERTIFICATE" in text:
            public: Any = x509.load_pem_x509_certificate(text.encode()).public_key()
        else:
            public = load_pem_public_key(text.encode())
        kty = next(
            kty for kty, name in (("RSA", "RSA"), ("EC", "Elliptic"), ("OKP", "Ed25519")) if name in _kind(public)
        )
    except (ValueError, TypeError, StopIteration) as problem:
        raise BadKey("this is no public key in PEM form") from problem
    numbers = _library()[kty].to_jwk(public, as_dict=True)
    return {name: numbers[name] for name in THUMBPRINT_MEMBERS[kty]}


def _kind(public: Any) -> str:
    return type(public).__name__


def public_jwk(key: Key) -> JWK:
    """What may be published of a key: `kty`, `kid`, `alg`, `use` and its public numbers, of which a secret has none."""
    return _names(key) if KEY_ALGORITHMS[key.alg].is_symmetric else dict(_public_jwk(key))


def verification_jwk(key: Key) -> JWK:
    """What a verifier needs: the public JWK, and for HMAC the secret itself. Not to leave the process."""
    if KEY_ALGORITHMS[key.alg].is_symmetric:
        return {**_names(key), "k": base64url.encode(key.material)}
    return public_jwk(key)


def _names(key: Key) -> JWK:
    return {"kty": KEY_ALGORITHMS[key.alg].kty, "kid": key.kid, "alg": key.alg, "use": KEY_ALGORITHMS[key.alg].use}


@lru_cache(maxsize=256)
def _public_jwk(key: Key) -> JWK:
    kty = KEY_ALGORITHMS[key.alg].kty
    numbers = _library()[kty].to_jwk(key.material.public_key(), as_dict=True)
    wanted = THUMBPRINT_MEMBERS[kty]
    return {**_names(key), **{name: numbers[name] for name in wanted}}


def jwk_of(material: Any, alg: str) -> JWK:
    """A public key of the crypto library as a JWK. Raises ValueError where it is none for that algorithm."""
    if alg not in ALGORITHMS or ALGORITHMS[alg].is_symmetric:
        raise ValueError(f"{alg} is no algorithm with a public key")
    kty = ALGORITHMS[alg].kty
    try:
        numbers = _library()[kty].to_jwk(material, as_dict=True)
    except Exception as problem:  # PyJWT has several errors for a key of another kind
        raise ValueError(f"the key is none for {alg}") from problem
    return {"kty": kty, "alg": alg, **{name: numbers[name] for name in THUMBPRINT_MEMBERS[kty]}}


def jwks(keys: Iterable[Key | Mapping[str, Any]]) -> dict[str, list[JWK]]:
    """A JWK Set that may be published: secret keys are left out, private members dropped."""
    found = [public_jwk(key) if isinstance(key, Key) else dict(key) for key in keys]
    return {
        "keys": [
            {name: value for name, value in jwk.items() if name not in PRIVATE_MEMBERS}
            for jwk in found
            if jwk.get("kty") != "oct"
        ]
    }


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638: base64url of SHA-256 over the required members. Raises ValueError for a JWK that lacks one."""
    try:
        members = {name: jwk[name] for name in THUMBPRINT_MEMBERS[jwk["kty"]]}
    except (KeyError, TypeError) as missing:
        raise ValueError(f"not a JWK with a thumbprint: {missing} is missing or unknown") from None
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return base64url.encode(hashlib.sha256(text.encode()).digest())


def pem(key: Key | Mapping[str, Any]) -> str:
    """The public key as PEM (SubjectPublicKeyInfo). Raises ValueError for a secret key, which has none."""
    from cryptography.hazmat.primitives import serialization

    public = key.material.public_key() if isinstance(key, Key) and _has_public(key) else public_key(_as_jwk(key))
    if isinstance(public, bytes):
        raise ValueError("a secret key has no public half to write as PEM")
    written = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return str(written.decode("ascii"))


def private_pem(key: Key) -> str:
    """The private key as PEM (PKCS #8, not encrypted). Raises ValueError for a secret key."""
    from cryptography.hazmat.primitives import serialization

    if not _has_public(key):
        raise ValueError("a secret key has no private half to write as PEM")
    written = key.material.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return str(written.decode("ascii"))


def _has_public(key: Key) -> bool:
    return not KEY_ALGORITHMS[key.alg].is_symmetric


def _as_jwk(key: Key | Mapping[str, Any]) -> Mapping[str, Any]:
    return verification_jwk(key) if isinstance(key, Key) else key


def _library() -> Mapping[str, Any]:
    from jwt import algorithms

    return {"RSA": algorithms.RSAAlgorithm, "EC": algorithms.ECAlgorithm, "OKP": algorithms.OKPAlgorithm}


class BadKey(ValueError):
    """A JWK that cannot be used, with the reason."""


def public_key(jwk: Mapping[str, Any]) -> Any:
    """The key object that verifies: `bytes` for a secret, else one of `cryptography`'s. Raises BadKey."""
    kty = jwk.get("kty")
    members = THUMBPRINT_MEMBERS.get(kty) if isinstance(kty, str) else None
    if members is None:
        raise BadKey("the key is of an unknown type")
    values = tuple(jwk.get(name) for name in members)
    if not all(isinstance(value, str) for value in values):
        raise BadKey(f"the {kty} key lacks one of {', '.join(members)}")
    return _load(members, values)


@lru_cache(maxsize=512)
def _load(members: tuple[str, ...], values: tuple[str, ...]) -> Any:
    jwk = dict(zip(members, values, strict=True))
    try:
        if jwk["kty"] == "oct":
            return base64url.decode(jwk["k"])
        key = _library()[jwk["kty"]].from_jwk(jwk)
    except Exception as error:  # noqa: BLE001  # cryptography has no common error for numbers that are no key
        raise BadKey(f"the {jwk['kty']} key cannot be read: {type(error).__name__}") from None
    if jwk["kty"] == "RSA" and key.key_size < 2048:
        # RFC 7518 sections 3.3 and 3.5; an exponent below 3 is refused by cryptography.
        raise BadKey(f"the RSA key has {key.key_size} bits; at least 2048 are required")
    return key
