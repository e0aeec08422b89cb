"""HTTP Basic as OAuth clients use it: both halves form-encoded first (RFC 6749 section 2.3.1)."""

import base64
import re
from urllib.parse import quote_plus, unquote_plus

_ENCODED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")


def encode(client_id: str, client_secret: str) -> str:
    """The value of the `Authorization` field, scheme included."""
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"


def decode(field_value: str) -> tuple[str, str] | None:
    """The client's id and secret; None when it is another scheme or cannot be read."""
    scheme, _, credentials = field_value.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(credentials.strip(), validate=True).decode("utf-8")
    except ValueError:  # no base64, no ASCII, no UTF-8
        return None
    client_id, colon, secret = pair.partition(":")
    if colon and "%" not in pair and "+" not in pair:
        return client_id, secret
    if not colon or not _ENCODED.fullmatch(client_id) or not _ENCODED.fullmatch(secret):
        return None
    try:
        return unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except UnicodeError:
        return None
