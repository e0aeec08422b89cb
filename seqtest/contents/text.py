"""Values as text: on the wire, and in findings, where secrets show at most their first eight characters."""

import json
import re
from collections.abc import Mapping
from typing import Any

from seqtest.pattern import pattern

_SECRET_NAME = pattern(
    r"password|passwd|secret|token(?!_type|_endpoint)|assertion|authorization|cookie|session|verifier|private|dpop|"
    r"^(?:code|device_code|user_code|state|nonce)$",
    re.IGNORECASE,
)
_SECRET_SHAPE = pattern(r"eyJ[\w-]{8,}\.|(?:Basic|Bearer|DPoP) \S{9,}|-----BEGIN|[A-Za-z0-9_~+=-]{32,}")
_QUERY_VALUE = pattern(r"(?<==)[^&#]{9,}")
_WORD = pattern(r"""[^\s/&?,;"'{}()]""")
_LAST_WORD = pattern(r"""[^\s/&?,;"'{}()]+$""")
_PRIVATE_MEMBERS = frozenset(("d", "p", "q", "dp", "dq", "qi", "k"))
SHOWN_CHARACTERS = 8
LONGEST = 160
BEGINNING = 60


def text_of(value: Any) -> str:
    """The value where all is text: a form, a query, a header."""
    if type(value) is str:
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (Mapping, list, tuple)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    return str(value)


def shown(value: Any, name: str = "") -> str:
    """The value for a finding about the field `name`: JSON, shortened, without secrets."""
    if isinstance(value, str) and (_SECRET_NAME.search(name) or _SECRET_SHAPE.search(value)):
        return masked_url(value) if value.startswith(("http://", "https://", "/")) else masked(value)
    if isinstance(value, (Mapping, list, tuple)):
        return _short(json.dumps(without_secrets(value), ensure_ascii=False, default=str))
    if isinstance(value, str):
        return _short(json.dumps(value, ensure_ascii=False))
    return _short(json.dumps(value, ensure_ascii=False, default=str))


def masked(value: str) -> str:
    """At most the first eight characters, and never more than a quarter of it."""
    scheme, blank, rest = value.partition(" ")
    if blank and scheme in ("Basic", "Bearer", "DPoP"):
        return f'"{scheme} {_begun(rest)}"'
    return f'"{_begun(value)}"'


def _begun(secret: str) -> str:
    return f"{secret[: min(SHOWN_CHARACTERS, len(secret) // 4)]}…"


def masked_url(value: str) -> str:
    """A redirect still says where it leads; the long values that it carries are cut."""
    before, mark, after = value.partition("?")
    return json.dumps(before + mark + _QUERY_VALUE.sub(lambda match: _begun(match[0]), after), ensure_ascii=False)


def beginning_of(body: bytes) -> str:
    """How a body of whatever kind begins: one line, in which nothing that looks like a secret is whole."""
    text = " ".join(body[:LONGEST].decode("utf-8", "replace").split())
    text = _SECRET_SHAPE.sub(lambda match: f"{match[0][:SHOWN_CHARACTERS]}…", text)
    return f"{text[:BEGINNING]}…" if len(text) > BEGINNING or len(body) > LONGEST else text


def without_secrets(value: Any, name: str = "") -> Any:
    """A structure with every secret in it shortened."""
    if isinstance(value, Mapping):
        is_key = "kty" in value
        return {
            key: "…" if is_key and key in _PRIVATE_MEMBERS else without_secrets(held, str(key))
            for key, held in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [without_secrets(held, name) for held in value]
    if isinstance(value, str) and (_SECRET_NAME.search(name) or _SECRET_SHAPE.search(value)):
        return masked(value).strip('"')
    return value


def _short(text: str) -> str:
    return cut_at_a_word(text, LONGEST)


def cut_at_a_word(text: str, width: int) -> str:
    """At most so much of the text, and no part of a word: whoever masks secrets afterwards would not know the rest."""
    if len(text) <= width:
        return text
    kept = text[:width]
    if _WORD.match(text[width]):
        kept = _LAST_WORD.sub("", kept) or text[:SHOWN_CHARACTERS]
    return f"{kept}…"
