"""base64url without padding, as strict as RFC 7515 section 2 has it."""

import base64
import re

ALPHABET = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


def encode(data: bytes) -> str:
    """The text of the bytes, without `=`."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of the text. Raises ValueError, in words a person can act on, for anything but the one right spelling.

    Python's own decoder skips unknown characters and ignores left-over bits, so two texts would be one token.
    """
    if not ALPHABET.fullmatch(text):
        raise ValueError("`=` padding is not allowed" if text.rstrip("=") != text else "a character is not base64url")
    if len(text) % 4 == 1:
        raise ValueError("the length is not possible for base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("the unused bits of the last character are not zero")
    return data
