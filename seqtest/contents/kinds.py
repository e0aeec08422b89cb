"""The types behind ` : `: what is one, and what a scripted sender makes up."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from seqtest.auth.base64url import encode
from seqtest.contents.compare import is_number, number_of
from seqtest.contents.scope import Scope
from seqtest.contents.tokens import TokenError, token_of
from seqtest.pattern import pattern
from seqtest.syntax.promise import loads

_UUID = pattern(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_INTEGER = pattern(r"-?(?:0|[1-9]\d*)", re.ASCII)
_NUMBER = pattern(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_TOKEN = pattern(r"[\x21-\x7e]+")
_RFC3339 = pattern(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")


def is_jwt(value: Any, is_text: bool) -> bool:
    if not isinstance(value, str):
        return False
    try:
        token_of(value)
    except TokenError:
        return False
    return True


def _is_jwe(value: Any, is_text: bool) -> bool:
    from seqtest.auth import base64url

    parts = value.split(".") if isinstance(value, str) else []
    if len(parts) != 5:
        return False
    try:
        header = loads(base64url.decode(parts[0]).decode())
        return (
            isinstance(header, dict) and "enc" in header and all(base64url.decode(part) is not None for part in parts)
        )
    except ValueError:
        return False


def _is_opaque(value: Any, is_text: bool) -> bool:
    # RFC 6749 appendix A.12: visible characters. A token that anybody can read is not opaque.
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None and not is_readable_token(value)


def is_readable_token(value: str) -> bool:
    """Whether it has the header of a JWT, were it only for lenient readers: padded, without `alg`, too long …

    A session that a framework signs (Flask's, Django's) looks alike: JSON, then its time, then a signature.
    """
    parts = value.split(".")
    if len(parts) != 3:
        return False
    header = _object(parts[0])
    return header is not None and ("alg" in header or _object(parts[1]) is not None)


def _object(part: str) -> Mapping[str, Any] | None:
    import base64

    plain = part.rstrip("=").translate(_STANDARD)
    try:
        found = json.loads(base64.b64decode(plain + "=" * (-len(plain) % 4)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


_STANDARD = str.maketrans("-_", "+/")


def _is_timestamp(value: Any, is_text: bool) -> bool:
    number = number_of(value, is_text)
    if number is not None:
        return number > 0
    if not isinstance(value, str) or _RFC3339.fullmatch(value) is None:
        return False
    try:
        # A leap second is none of Python's.
        datetime.fromisoformat(value.upper().replace(":60", ":59"))
    except ValueError:
        return False
    return True


def _is_url(value: Any, is_text: bool) -> bool:
    if not isinstance(value, str) or _TOKEN.fullmatch(value) is None:
        return False
    try:
        parts = urlsplit(value)
        return bool(parts.scheme and parts.hostname)
    except ValueError:
        return False


def _is_base64url(value: Any, is_text: bool) -> bool:
    from seqtest.auth import base64url

    try:
        return isinstance(value, str) and bool(value) and base64url.decode(value) is not None
    except ValueError:
        return False


def _is_json(value: Any, is_text: bool) -> bool:
    try:
        loads(value)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


def _is_base64url_json(value: Any, is_text: bool) -> bool:
    return opened_json(value, is_encoded=True) is not None


def opened_json(value: Any, is_encoded: bool) -> Any:
    """What a field that holds JSON as text holds; None when it does not."""
    from seqtest.auth import base64url

    try:
        return loads(base64url.decode(value).decode() if is_encoded else value)
    except (ValueError, TypeError, RecursionError):
        return None


def _spelled(is_one: Callable[[Any], bool], spelling: re.Pattern[str]) -> Callable[[Any, bool], bool]:
    def test(value: Any, is_text: bool) -> bool:
        return spelling.fullmatch(value) is not None if is_text else is_one(value)

    return test


def _is_whole(value: Any) -> bool:
    return is_number(value) and value == int(value)


KINDS: Mapping[str, Callable[[Any, bool], bool]] = {
    "jwt": is_jwt,
    "jwe": _is_jwe,
    "opaque": _is_opaque,
    "string": lambda value, is_text: isinstance(value, str),
    "integer": _spelled(_is_whole, _INTEGER),
    "number": _spelled(is_number, _NUMBER),
    "boolean": _spelled(lambda value: isinstance(value, bool), pattern("true|false")),
    "object": lambda value, is_text: isinstance(value, Mapping),
    "array": lambda value, is_text: isinstance(value, (list, tuple)),
    "uuid": lambda value, is_text: isinstance(value, str) and _UUID.fullmatch(value) is not None,
    "url": _is_url,
    "timestamp": _is_timestamp,
    "base64url": _is_base64url,
    "json": _is_json,
    "base64url json": _is_base64url_json,
}
"""A type's name → whether a value is one; where all is text, whether it spells one."""


def _make_uuid(scope: Scope) -> str:
    import uuid

    return str(uuid.UUID(bytes=scope.context.random.randbytes(16), version=4))


MAKERS: Mapping[str, Callable[[Scope], Any]] = {
    "opaque": Scope.fresh,
    "string": Scope.fresh,
    "base64url": Scope.fresh,
    "uuid": _make_uuid,
    "integer": lambda scope: scope.context.random.randrange(1, 2**31),
    "number": lambda scope: scope.context.random.randrange(1, 2**31),
    "boolean": lambda scope: True,
    "object": lambda scope: {},
    "array": lambda scope: [],
    "timestamp": lambda scope: int(scope.now),
    "url": lambda scope: f"{scope.url(scope.speaker)}/{scope.fresh()}",
    "json": lambda scope: json.dumps({}),
    "base64url json": lambda scope: encode(json.dumps({}).encode()),
}
"""What a scripted sender makes up where nothing but a type is drawn. `jwt` and what has a block is made elsewhere."""
