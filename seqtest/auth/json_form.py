"""Tokens in the JSON form of a JWS (RFC 7515 section 7.2). RFC 7519 section 1 has tokens in the compact form alone."""

import json

from seqtest.auth import jwt
from seqtest.dataclass import replace


def is_json_form(text: str) -> bool:
    """Whether the text can be no compact token, but a JSON object."""
    return text.lstrip().startswith("{")


def read(text: str) -> jwt.Token:
    """The token, unverified; of several signatures the first one. Raises jwt.TokenError.

    A text that is read as three parts between dots as well shows the claims of that reading, under the signature of the
    other one: CVE-2022-39227, two parsers for one text.
    """
    if len(text) > jwt.MAX_LENGTH:
        raise jwt.TokenError("the token is too long")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise jwt.TokenError("the token is not JSON") from None
    signed = found
    if isinstance(found, dict) and isinstance(found.get("signatures"), list):
        signed = found["signatures"][0] if found["signatures"] else None
    if not isinstance(found, dict) or not isinstance(signed, dict):
        raise jwt.TokenError("the token is no JWS in its JSON form")
    members = (signed.get("protected"), found.get("payload"), signed.get("signature"))
    parts = [part for part in members if isinstance(part, str)]
    if len(parts) != 3:
        raise jwt.TokenError("the token has no protected header, payload or signature")
    token = jwt.read(".".join(parts))
    between_dots = text.split(".")
    if len(between_dots) != 3:
        return token
    try:
        return replace(token, claims=jwt.read_object(between_dots[1], "payload"))
    except jwt.TokenError:
        return token
