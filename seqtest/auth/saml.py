"""SAML 2.0 assertions with the content of a JWT, signed by `signxml`: real bytes to compare sizes with."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

NAMESPACE = "urn:oasis:names:tc:SAML:2.0:assertion"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_IN_THE_FRAME = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
"""Claims that an assertion has elements of its own for; all others are attributes."""


class NoSaml(Exception):
    """`signxml` is not installed; the text says how to get it."""


def assertion(claims: Mapping[str, Any], key: Any, certificate: bytes, *, shows_certificate: bool = True) -> bytes:
    """The assertion as XML, with an enveloped RSA-SHA256 signature; the certificate (PEM) stands in it if wanted.

    Raises NoSaml without `signxml`.
    """
    try:
        signxml: Any = import_module("signxml")
    except ImportError:
        raise NoSaml("SAML needs signxml: pip install 'seqtest[saml]'") from None
    root = _unsigned(claims)
    signer = signxml.XMLSigner(
        method=signxml.methods.enveloped,
        signature_algorithm="rsa-sha256",
        digest_algorithm="sha256",
        c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#",
    )
    signed = signer.sign(root, key=key, cert=certificate.decode(), reference_uri=root.get("ID"))
    if not shows_certificate:
        # The signature is over the assertion, not over what says whose it is.
        for info in signed.findall(f".//{{{_DSIG}}}KeyInfo"):
            info.getparent().remove(info)
    written: bytes = _etree().tostring(signed)
    return written


def _etree() -> Any:
    return import_module("lxml.etree")


def _unsigned(claims: Mapping[str, Any]) -> Any:
    """The elements in the order that the schema has (saml-core-2.0 section 2.3.3)."""
    etree = _etree()

    def add(parent: Any, name: str, content: Any = None, **attributes: str) -> Any:
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
        element.text = None if content is None else str(content)
        return element

    issued = _time(claims.get("iat", claims.get("nbf", 0)))
    expiry = {"NotOnOrAfter": _time(claims["exp"])} if "exp" in claims else {}
    start = {"NotBefore": _time(claims["nbf"])} if "nbf" in claims else {}
    root = etree.Element(
        f"{{{NAMESPACE}}}Assertion",
        {"Version": "2.0", "ID": f"_{claims.get('jti', 'assertion')}", "IssueInstant": issued},
        nsmap={"saml": NAMESPACE},
    )
    add(root, "Issuer", claims.get("iss", ""))
    etree.SubElement(root, f"{{{_DSIG}}}Signature", {"Id": "placeholder"}, nsmap={"ds": _DSIG})
    subject = add(root, "Subject")
    add(subject, "NameID", claims.get("sub", ""))
    confirmation = add(subject, "SubjectConfirmation", Method=_BEARER)
    add(confirmation, "SubjectConfirmationData", **expiry)
    restriction = add(add(root, "Conditions", **start, **expiry), "AudienceRestriction")
    for name in _listed(claims.get("aud")):
        add(restriction, "Audience", name)
    add(add(add(root, "AuthnStatement", AuthnInstant=issued), "AuthnContext"), "AuthnContextClassRef", _PASSWORD)
    others = {name: value for name, value in claims.items() if name not in _IN_THE_FRAME}
    statement = add(root, "AttributeStatement") if others else None
    for name, value in others.items():
        attribute = add(statement, "Attribute", Name=name)
        for item in _listed(value):
            add(attribute, "AttributeValue", item if isinstance(item, str) else json.dumps(item))
    return root


_PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"  # noqa: S105  # a class's name


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _time(seconds: Any) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
