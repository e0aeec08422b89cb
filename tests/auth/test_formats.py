"""The same content as JWT, SWT and SAML: real bytes, really signed."""

import base64
import zlib
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import pytest

from seqtest.auth import formats, jwt, saml, swt
from seqtest.auth.certificate import self_signed
from seqtest.auth.keys import make_key, verification_jwk

CLAIMS = {**formats.EXAMPLE, "roles": ["a", "b"], "level": 7}


def by_name(claims: Any = formats.EXAMPLE) -> dict[str, formats.Encoded]:
    return {one.name: one for one in formats.encodings(claims)}


def test_swt_is_signed_and_says_the_same() -> None:
    """Reserved names, an HMAC at the end, and a letter changed is found out."""
    token = swt.encode(CLAIMS, b"secret")
    pairs = dict(parse_qsl(token))

    assert (pairs["Issuer"], pairs["Audience"], pairs["ExpiresOn"]) == (CLAIMS["iss"], CLAIMS["aud"], "1767225900")
    assert (pairs["sub"], pairs["roles"], pairs["level"]) == ("123", '["a","b"]', "7")
    assert list(pairs)[-1] == "HMACSHA256"
    assert swt.is_signed(token, b"secret")
    assert not swt.is_signed(token.replace("sub=123", "sub=124"), b"secret")
    assert not swt.is_signed(token, b"other")


def test_jwts_are_signed() -> None:
    """Each by its algorithm, with the claims as they are."""
    for name, one in by_name(CLAIMS).items():
        if name.startswith("JWT"):
            key = make_key(name.split()[-1], "k1", "formats")
            assert jwt.verify(one.text, [verification_jwk(key)]).claims == CLAIMS


@pytest.mark.parametrize("has_certificate", [True, False])
def test_saml_assertion_verifies(has_certificate: bool) -> None:
    """The library that others verify with takes it, and refuses a letter changed."""
    signxml = pytest.importorskip("signxml")
    key = make_key("RS256", "k1", "formats").material
    certificate = self_signed(key, "seqtest")
    xml = saml.assertion(CLAIMS, key, certificate if has_certificate else None)

    def verified(data: bytes) -> Any:
        return signxml.XMLVerifier().verify(data, x509_cert=certificate.decode(), id_attribute="ID").signed_xml

    root = verified(xml)
    texts = {"".join(element.itertext()).strip() for element in root.iter()}
    assert {CLAIMS["iss"], CLAIMS["aud"], "123", "web", "a", "b", "7"} <= texts
    assert root.find(f"{{{saml.NAMESPACE}}}Conditions").get("NotOnOrAfter") == "2026-01-01T00:05:00Z"
    assert (b"X509Certificate" in xml) == has_certificate
    with pytest.raises(signxml.exceptions.InvalidSignature):
        verified(xml.replace(b">123<", b">124<"))


def test_saml_encodings_hold_the_assertion() -> None:
    """POST is base64, redirect DEFLATE and base64 and percent-encoding (saml-bindings-2.0 sections 3.4.4.1, 3.5.4)."""
    pytest.importorskip("signxml")
    found = by_name()
    xml = found["SAML, XML"].text

    assert base64.b64decode(found["SAML, POST (base64)"].text).decode() == xml
    assert zlib.decompress(base64.b64decode(unquote_plus(found["SAML, deflated"].text)), -15).decode() == xml


def test_sizes_are_those_of_the_bytes() -> None:
    """Smallest first; a signature of 256 bytes costs what base64url makes of it."""
    found = formats.encodings(formats.EXAMPLE)
    sizes = {one.name: one.size for one in found}

    assert [one.size for one in found] == sorted(sizes.values())
    assert sizes["JWT, RS256"] - sizes["JWT, HS256"] == 342 - 43
    assert sizes["JWT, ES256"] == sizes["JWT, EdDSA"]
    if formats.has_saml():
        assert sizes["SAML, POST (base64)"] > 4 * sizes["JWT, RS256"]


def test_without_signxml(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other formats are compared all the same; asking for SAML alone says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "signxml", None)

    assert not any(name.startswith("SAML") for name in by_name())
    with pytest.raises(saml.NoSaml, match="pip install"):
        saml.assertion(CLAIMS, None)
