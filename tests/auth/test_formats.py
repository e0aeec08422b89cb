"""The same content as JWT, SWT and SAML: real bytes, really signed."""

import base64
import zlib
from typing import Any
from urllib.parse import parse_qsl, quote_plus

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
    found = by_name(CLAIMS)
    for alg in formats.ALGORITHMS:
        token = found[f"JWT, {alg}"]
        assert jwt.verify(jwt.read(token.text), [verification_jwk(formats.key(alg))]).claims == CLAIMS


@pytest.mark.parametrize("has_certificate", [True, False])
def test_saml_assertion_verifies(has_certificate: bool) -> None:
    """The library that others verify with takes it, and refuses a letter changed."""
    signxml = pytest.importorskip("signxml")
    key = make_key("RS256", "k1", "formats").material
    certificate = self_signed(key, "seqtest")
    xml = saml.assertion(CLAIMS, key, certificate, shows_certificate=has_certificate)

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
    found = by_name()["SAML"]
    xml = base64.b64decode(found.text)

    assert found.raw == len(xml)
    assert xml.startswith(b"<saml:Assertion ")
    assert found.deflated is not None
    assert zlib.decompress(base64.b64decode(found.deflated), -15) == xml
    assert found.form == len("SAMLResponse=" + quote_plus(found.text))
    assert found.query == len("?SAMLResponse=" + quote_plus(found.deflated))


def test_sizes_are_those_of_the_bytes() -> None:
    """Smallest first; a signature of 256 bytes costs what base64url makes of it; a header has its line end."""
    found = formats.encodings(formats.EXAMPLE)
    sizes = {one.name: one for one in found}

    assert [one.authorization for one in found] == sorted(one.authorization for one in found)
    assert found[0].name == "opaque"
    assert (found[0].raw, found[0].encoded) == (32, 43)
    assert found[0].authorization == len(f"Authorization: Bearer {found[0].text}\r\n")
    hmac, rsa = sizes["JWT, HS256"], sizes["JWT, RS256"]
    assert rsa.encoded - hmac.encoded == 342 - 43
    assert rsa.raw - hmac.raw == 256 - 32
    assert sizes["JWT, ES256"].encoded == sizes["JWT, EdDSA"].encoded
    swt_token = sizes["SWT, HMAC-SHA256"]
    assert f'WRAP access_token="{swt_token.text}"' == swt_token.scheme.format(swt_token.text)
    assert swt_token.form > swt_token.encoded  # it is percent-encoded once more
    if formats.has_saml():
        assert sizes["SAML"].encoded > 4 * rsa.encoded


def test_equal_runs_have_equal_sizes() -> None:
    """The keys are no other ones in another process: RSA's is the one of RFC 7515 appendix A, second example."""
    assert formats.key("RS256").public_jwk["n"].startswith("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPd")


def test_growth() -> None:
    """Sizes grow evenly; the first number of roles over a limit is over it, and the one before is not."""
    found = {one.name: one for one in formats.growth(formats.EXAMPLE)}

    opaque, token = found["opaque"], found["JWT, ES256"]
    assert set(opaque.sizes.values()) == {67}
    assert set(opaque.too_many.values()) == {None}
    per_role = (token.sizes[200] - token.sizes[50]) / 150
    assert token.sizes[50] - token.sizes[10] == pytest.approx(40 * per_role, abs=3)
    make = formats.makers()["JWT, ES256"]
    for limit, first in token.too_many.items():
        assert first is not None
        assert make(formats.with_roles(formats.EXAMPLE, first)).authorization > limit
        assert make(formats.with_roles(formats.EXAMPLE, first - 1)).authorization <= limit


def test_growth_of_what_is_too_big_already() -> None:
    """A content over a limit without any role is over it with none; its own roles are replaced, not added to."""
    big = {one.name: one for one in formats.growth({"data": "x" * 5000})}
    assert big["JWT, HS256"].too_many[4096] == 0
    assert big["JWT, HS256"].too_many[16_384] not in (0, None)
    assert formats.with_roles({"sub": "1", "roles": ["a"]}, 2)["roles"] == ["team-000.editor", "team-001.editor"]
    assert "roles" not in formats.with_roles({"roles": ["a"]}, 0)


def test_without_signxml(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other formats are compared all the same; asking for SAML alone says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "signxml", None)

    assert not any(name.startswith("SAML") for name in by_name())
    with pytest.raises(saml.NoSaml, match="pip install"):
        saml.assertion(CLAIMS, None, b"")
