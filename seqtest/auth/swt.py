"""Simple Web Tokens (SWT 0.9.5.1): form-encoded pairs with an HMAC at the end, flat values only."""

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

RESERVED = {"iss": "Issuer", "aud": "Audience", "exp": "ExpiresOn"}
"""JWT's claim → the name that it has here (RFC 7519 appendix B)."""


def encode(claims: Mapping[str, Any], secret: bytes) -> str:
    """The token of these claims; what is no text stands as JSON, for there are only texts."""
    unsigned = urlencode(pairs(claims))
    return f"{unsigned}&HMACSHA256={quote_plus(_signature(unsigned, secret))}"


def pairs(claims: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is encoded: names as SWT has them, and texts."""
    return [(RESERVED.get(name, name), _text(value)) for name, value in claims.items()]


def is_signed(token: str, secret: bytes) -> bool:
    """Whether the HMAC, which must be the last pair, is of what stands before it."""
    unsigned, _, signature = token.rpartition("&HMACSHA256=")
    return hmac.compare_digest(signature.encode(), quote_plus(_signature(unsigned, secret)).encode())


def _signature(unsigned: str, secret: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, unsigned.encode(), "sha256")).decode("ascii")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
