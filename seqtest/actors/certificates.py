"""The certificate with which the other side of a connection has identified itself (RFC 8705).

The transport hands it in, as `SSL_CLIENT_CERT`: behind a socket it is the one that TLS has verified. In process there
is no TLS, so the field `Client-Cert` (RFC 9440) says whose connection it is; from a socket that field is never read,
for anybody could send it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqtest.actors.allowances import Allowed
from seqtest.actors.bearer import Refusal
from seqtest.auth import certificate

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest


def shown(request: "WebRequest") -> bytes | None:
    """The DER of the certificate; None without one, and for what is none."""
    text = request.environ.get("SSL_CLIENT_CERT")
    try:
        return certificate.read(text) if text else None
    except ValueError:
        return None


def x5t(request: "WebRequest") -> str | None:
    """Its thumbprint, as `cnf` has it."""
    found = shown(request)
    return None if found is None else certificate.thumbprint(found)


def check_certificate(request: "WebRequest", claims: Mapping[str, Any], allows: Allowed) -> None:
    """Section 3: a token that is bound to a certificate is good over that one's connections alone. Raises Refusal."""
    cnf = claims.get("cnf")
    bound = cnf.get("x5t#S256") if isinstance(cnf, Mapping) else None
    if bound is not None and x5t(request) != bound:
        allows.refuse("mtls_wrong_cert", Refusal("invalid_token", "the token is bound to another certificate"))
