"""Encrypted tokens in the compact form (JWE, RFC 7516): a signed JWT inside, as RFC 7519 section 5.2 nests them.

Making and opening is joserfc's; a strict layer of our own stands before it, as in `jwt`. What is encrypted to a public
key may be anybody's (RFC 8725 section 3.3): only the signature inside says whose it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from importlib import import_module
from typing import Any

from seqtest.auth import base64url
from seqtest.auth.jwt import MAX_LENGTH, TokenError, read_object
from seqtest.auth.keys import ENCRYPTION_ALGORITHMS, Key
from seqtest.dataclass import dataclass

ENCRYPTIONS = ("A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM")
"""RFC 7518 section 5.1; the first is what a registration without `enc` means (Registration 1.0 section 2)."""


class NoJwe(Exception):
    """`joserfc` is not installed; the text says how to get it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What was encrypted, and the header under which it was."""

    header: Mapping[str, Any]
    text: str = field(repr=False)


def encrypt(text: str, jwk: Mapping[str, Any], enc: str = ENCRYPTIONS[0]) -> str:
    """The token, encrypted to a public key whose `alg` is one of `ENCRYPTION_ALGORITHMS`.

    Raises NoJwe without `joserfc`, and ValueError for a key or an `enc` that cannot be used.
    """
    alg = jwk.get("alg")
    if alg not in ENCRYPTION_ALGORITHMS or enc not in ENCRYPTIONS:
        raise ValueError(f"there is no encryption with {alg} and {enc}")
    header = {"alg": alg, "enc": enc, "cty": "JWT", **({"kid": jwk["kid"]} if "kid" in jwk else {})}
    made: str = _library().encrypt_compact(header, text, _imported(dict(jwk)), algorithms=[alg, enc])
    return made


def check_library() -> None:
    """Raises NoJwe when nothing can be encrypted here."""
    _library()


def looks_like_jwe(text: str) -> bool:
    """Whether the text has a JWE's outer shape: five parts, the first of which is `{"…`."""
    return text.count(".") == 4 and text.startswith("eyJ")


def read_header(text: str) -> Mapping[str, Any]:
    """The header of an encrypted token, which anybody can read. Raises TokenError with a plain reason."""
    parts = text.split(".", 5)
    if len(text) > MAX_LENGTH or len(parts) != 5:
        raise TokenError("an encrypted token has five parts between dots" if len(parts) != 5 else "it is too long")
    header = read_object(parts[0], "header")
    for part, name in zip(parts[1:], ("encrypted key", "IV", "ciphertext", "tag"), strict=True):
        try:
            base64url.decode(part)
        except ValueError as problem:
            raise TokenError(f"the {name} is not base64url: {problem}") from None
    if str(header.get("alg")) not in ENCRYPTION_ALGORITHMS or header.get("enc") not in ENCRYPTIONS:
        raise TokenError("`alg` or `enc` is not known")
    if "crit" in header or "zip" in header:
        # RFC 8725 section 3.6: what is compressed before it is encrypted tells of itself by its length.
        raise TokenError("`crit` or `zip` in the header asks for what this reader does not understand")
    return header


def decrypt(text: str, keys: Iterable[Key]) -> Opened:
    """What was encrypted to one of the keys. Raises TokenError with a plain reason, and NoJwe."""
    header = read_header(text)
    fitting = [key for key in keys if key.alg == header["alg"] and header.get("kid", key.kid) == key.kid]
    if not fitting:
        raise TokenError("it is encrypted to a key that is not this reader's")
    library = _library()
    for key in fitting:
        try:
            found = library.decrypt_compact(text, _private(key), algorithms=[header["alg"], header["enc"]])
            return Opened(header, found.plaintext.decode())
        except UnicodeDecodeError:
            raise TokenError("what is inside is no text") from None
        except Exception:  # noqa: BLE001, S112  # whatever is wrong with it: an attacker must not learn what
            continue
    raise TokenError("it cannot be decrypted")


def claims(opened: Opened) -> Mapping[str, Any]:
    """What was encrypted as a JSON object that nobody signed. Raises TokenError."""
    return read_object(base64url.encode(opened.text.encode()), "content")


def _library() -> Any:
    try:
        return import_module("joserfc.jwe")
    except ImportError:
        raise NoJwe("encrypted tokens need joserfc: pip install 'seqtest[jwe]'") from None


def _imported(jwk: Mapping[str, Any]) -> Any:
    return import_module("joserfc.jwk").import_key({name: value for name, value in jwk.items() if name != "use"})


def _private(key: Key) -> Any:
    from seqtest.auth.keys import private_pem

    kind = {"RSA": "RSAKey", "EC": "ECKey", "OKP": "OKPKey"}[ENCRYPTION_ALGORITHMS[key.alg].kty]
    return getattr(import_module("joserfc.jwk"), kind).import_key(private_pem(key))
