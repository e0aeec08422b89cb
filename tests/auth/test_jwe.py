"""Encrypted tokens (RFC 7516): made, opened, refused."""

import builtins
import json
import sys
from typing import Any

import pytest

from seqtest.auth import base64url, jwe, jwt
from seqtest.auth.jwt import TokenError
from seqtest.auth.keys import ENCRYPTION_ALGORITHMS, make_key, public_jwk, thumbprint

SIGNED = jwt.sign({}, {"sub": "123"}, make_key("ES256", "k1", "auth"))
KEY = make_key("ECDH-ES", "e1", "web")


@pytest.mark.parametrize("alg", ENCRYPTION_ALGORITHMS)
@pytest.mark.parametrize("enc", jwe.ENCRYPTIONS)
def test_only_the_reader_opens_it(alg: str, enc: str) -> None:
    """RFC 7518 sections 4.1 and 5.1: each algorithm with each content encryption, and never another's key."""
    key, other = make_key(alg, "e1", "web"), make_key(alg, "e1", "mallory")
    text = jwe.encrypt(SIGNED, public_jwk(key), enc)
    found = jwe.decrypt(text, [other, key])

    assert found.text == SIGNED
    assert (found.header["alg"], found.header["enc"], found.header["cty"]) == (alg, enc, "JWT")
    with pytest.raises(TokenError, match="cannot be decrypted"):
        jwe.decrypt(text, [other])
    with pytest.raises(TokenError, match="not this reader's"):
        jwe.decrypt(text, [])


def test_keys_for_encryption_say_so() -> None:
    """RFC 7517 section 4.2: `use` is `enc`, and such a key verifies no signature (RFC 8725 section 3.1)."""
    jwk = public_jwk(KEY)

    assert (jwk["use"], jwk["alg"], thumbprint(jwk) != "") == ("enc", "ECDH-ES", True)
    with pytest.raises(TokenError, match="no key"):
        jwt.verify(jwt.sign({"kid": "e1"}, {}, make_key("ES256", "e1", "web")), [jwk])


def header_of(change: dict[str, Any]) -> str:
    first, *rest = jwe.encrypt(SIGNED, public_jwk(KEY)).split(".")
    header = {**json.loads(base64url.decode(first)), **change}
    return ".".join((base64url.encode(json.dumps(header).encode()), *rest))


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "dir"},
        {"alg": "RSA1_5"},
        {"alg": "PBES2-HS256+A128KW", "p2c": 2_000_000_000},
        {"alg": []},
        {"alg": None},
        {"enc": "none"},
        {"enc": {}},
        {"zip": "DEF"},
        {"crit": ["exp"]},
        {"kid": "other"},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}},
        {"epk": "x"},
        {"epk": None},
        {"cty": "x"},
    ],
)
def test_a_header_that_asks_for_something_else(change: dict[str, Any]) -> None:
    """RFC 8725 sections 3.2, 3.4 and 3.6: known algorithms, points on the curve, nothing compressed."""
    with pytest.raises(TokenError):
        jwe.decrypt(header_of(change), [KEY])


@pytest.mark.parametrize(
    "text", ["", "a.b.c", "a.b.c.d.e", SIGNED, "eyJhbGciOiJkaXIifQ....", "." * 4, "x" * 70_000], ids=map(str, range(99))
)
def test_what_is_none(text: str) -> None:
    """Never another error than TokenError."""
    with pytest.raises(TokenError):
        jwe.decrypt(text, [KEY])


@pytest.mark.parametrize(
    ("jwk", "enc"), [({"kty": "RSA", "alg": "RS256"}, "A128GCM"), (public_jwk(KEY), "A1GCM"), ({}, "")]
)
def test_what_cannot_be_encrypted_to(jwk: dict[str, Any], enc: str) -> None:
    """A key for signatures is none for encryption."""
    with pytest.raises(ValueError, match="no encryption"):
        jwe.encrypt(SIGNED, jwk, enc)


def test_what_nobody_signed_says_so() -> None:
    """RFC 8725 section 3.3: what is encrypted may be anything; only a reader that asks for it gets unsigned claims."""
    text = jwe.encrypt('{"sub":"mallory"}', public_jwk(KEY))

    assert jwe.claims(jwe.decrypt(text, [KEY])) == {"sub": "mallory"}
    with pytest.raises(TokenError):
        jwt.read(text)
    with pytest.raises(TokenError, match="not JSON"):
        jwe.claims(jwe.decrypt(jwe.encrypt("x", public_jwk(KEY)), [KEY]))


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to get it."""
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("joserfc"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setitem(sys.modules, "joserfc.jwe", None)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(jwe.NoJwe, match=r"pip install 'seqtest\[jwe\]'"):
        jwe.encrypt(SIGNED, public_jwk(KEY))
