"""Proof Key for Code Exchange (RFC 7636)."""

import hashlib
import hmac
import re

from seqtest.auth import base64url

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
"""Section 4.1."""


CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def S256(code_verifier: str) -> str:
    """The challenge of a verifier (section 4.2); of an access token the `ath` of DPoP (RFC 9449 section 4.2)."""
    return base64url.encode(hashlib.sha256(code_verifier.encode()).digest())


def is_code_challenge(text: str) -> bool:
    """Whether S256 makes such a challenge: a SHA-256 in base64url (sections 4.2 and 4.3)."""
    return CHALLENGE.fullmatch(text) is not None


def is_code_verifier(text: str) -> bool:
    """Whether the text may be a verifier: 43 to 128 unreserved characters."""
    return VERIFIER.fullmatch(text) is not None


def matches(code_verifier: str, code_challenge: str, method: str) -> bool:
    """Whether the verifier is the challenge's (section 4.6). A method that is unknown matches nothing."""
    if not is_code_verifier(code_verifier):
        return False
    made = {"S256": S256(code_verifier), "plain": code_verifier}.get(method)
    return made is not None and hmac.compare_digest(made.encode(), code_challenge.encode())
