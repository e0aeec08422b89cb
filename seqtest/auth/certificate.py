"""X.509 certificates: made for tests, and read where a client shows one (RFC 8705, RFC 9440)."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from seqtest.auth import base64url
from seqtest.auth.keys import Key, jwk_of


def self_signed(
    key: Any,
    name: str,
    addresses: Sequence[str] = (),
    start: datetime | None = None,
    days: int = 7,
    serial: int | None = None,
) -> bytes:
    """A self-signed certificate of a private key of `cryptography`, as PEM; `addresses` are IPs and host names.

    With a start and a serial number of one's own the same RSA key has the same certificate each time.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = start or datetime.now(UTC) - timedelta(minutes=5)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if addresses:
        names = [x509.IPAddress(ip_address(text)) if text[0].isdigit() else x509.DNSName(text) for text in addresses]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@lru_cache(maxsize=128)
def of_key(key: Key) -> bytes:
    """The self-signed certificate of a participant's key, as DER: the same one for the whole process."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    start = datetime(2020, 1, 1, tzinfo=UTC)
    pem = self_signed(key.material, key.kid, start=start, days=30 * 365)
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def public_jwk(der: bytes, alg: str) -> dict[str, Any]:
    """The certificate's public key. Raises ValueError where it is none for that algorithm."""
    from cryptography import x509

    return jwk_of(x509.load_der_x509_certificate(der).public_key(), alg)


def field_value(der: bytes) -> str:
    """The value of `Client-Cert` (RFC 9440 section 2.1)."""
    return f":{base64.b64encode(der).decode('ascii')}:"


def read(text: str) -> bytes:
    """The DER of a certificate in the form of `Client-Cert`, as bare base64 or as PEM. Raises ValueError."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    if "-----BEGIN" in text:
        return x509.load_pem_x509_certificate(text.encode()).public_bytes(Encoding.DER)
    bare = text.strip()
    if bare.startswith(":") and bare.endswith(":") and len(bare) > 1:
        bare = bare[1:-1]
    found = base64.b64decode(bare, validate=True)
    x509.load_der_x509_certificate(found)
    return found


def thumbprint(der: bytes) -> str:
    """`x5t#S256` (RFC 8705 section 3.1)."""
    return base64url.encode(hashlib.sha256(der).digest())


def is_issued_by(der: bytes, issuer: bytes, now: float) -> bool:
    """Whether a certificate is that authority's, and good at that moment (seconds since 1970)."""
    from cryptography import x509

    found, authority = x509.load_der_x509_certificate(der), x509.load_der_x509_certificate(issuer)
    moment = datetime.fromtimestamp(now, UTC)
    if not found.not_valid_before_utc <= moment <= found.not_valid_after_utc:
        return False
    try:
        found.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001  # cryptography has an error of its own for each thing that may be wrong
        return False
    return True


def subject_dn(der: bytes) -> str:
    """The subject as RFC 4514 writes it."""
    from cryptography import x509

    return x509.load_der_x509_certificate(der).subject.rfc4514_string()


def loopback_certificate() -> tuple[bytes, bytes]:
    """A certificate for 127.0.0.1 and localhost, and its private key, both as PEM."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return self_signed(key, "seqtest on loopback", ["127.0.0.1", "localhost"]), private
