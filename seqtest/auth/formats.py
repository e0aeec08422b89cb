"""The same content as a JWT, an SWT and a SAML assertion, in real bytes: what each weighs on the wire."""

import base64
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote_plus

from seqtest.auth import jwt, saml, swt
from seqtest.auth.keys import make_key
from seqtest.dataclass import dataclass

EXAMPLE: Mapping[str, Any] = {
    "iss": "https://auth.example",
    "sub": "123",
    "aud": "https://api.example",
    "exp": 1_767_225_900,
    "iat": 1_767_225_600,
    "jti": "c5a7e1d2b3f4",
    "client_id": "web",
    "scope": "orders:read orders:write",
}
"""The content where no other is given."""

COOKIE = 4096
HEADER = 8192
"""Bytes: what browsers keep of one cookie, and what many a server takes of all header fields."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One token in one form."""

    name: str
    text: str
    is_in_use: bool = True
    """Whether it travels like this; the others are shown to see what the encoding adds."""

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return len(self.text.encode())


def encodings(claims: Mapping[str, Any]) -> list[Encoded]:
    """The claims in each form, smallest first. Without `signxml` there is no SAML among them."""
    found = [Encoded("SWT, HMAC-SHA256", swt.encode(claims, make_key("HS256", "k1", "formats").material))]
    for alg in ("HS256", "ES256", "EdDSA", "RS256"):
        text = jwt.sign({"typ": "JWT"}, claims, make_key(alg, "k1", "formats"))
        found.append(Encoded(f"JWT, {alg}", text))
    with suppress(saml.NoSaml):
        found += _saml(claims)
    return sorted(found, key=lambda one: one.size)


def has_saml() -> bool:
    """Whether SAML assertions can be made here."""
    from importlib.util import find_spec

    return find_spec("signxml") is not None


def _saml(claims: Mapping[str, Any]) -> list[Encoded]:
    from seqtest.auth.certificate import self_signed

    key = make_key("RS256", "k1", "formats").material
    found = []
    for words, certificate in (("", None), (" with certificate", self_signed(key, "seqtest"))):
        xml = saml.assertion(claims, key, certificate)
        posted = base64.b64encode(xml).decode("ascii")
        # saml-bindings-2.0 section 3.4.4.1: DEFLATE without a header, base64, then percent-encoded.
        deflated = zlib.compressobj(9, zlib.DEFLATED, -15)
        small = base64.b64encode(deflated.compress(xml) + deflated.flush()).decode("ascii")
        found += [
            Encoded(f"SAML{words}, XML", xml.decode(), is_in_use=False),
            Encoded(f"SAML{words}, POST (base64)", posted),
            Encoded(f"SAML{words}, deflated", quote_plus(small)),
        ]
    return found
