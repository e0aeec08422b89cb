"""What the comparisons of a note line mean, one function a comparison: None when it holds, else what was expected."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from html import unescape
from typing import Any

from seqtest.contents.text import shown, text_of
from seqtest.syntax.promise import loads

STRINGS = frozenset((
    "iss", "sub", "jti", "aud", "azp", "nonce", "client_id", "client_secret", "username", "scope",
    "redirect_uri", "token_type", "grant_type", "response_type", "response_mode", "access_token",
    "refresh_token", "id_token", "id_token_hint", "login_hint", "acr", "sid", "kid", "alg", "typ", "cty", "jku",
    "x5u", "x5t", "crv", "kty", "error_description", "error_uri", "code_challenge",
    "code_challenge_method", "code_verifier", "device_code", "user_code", "verification_uri",
    "verification_uri_complete", "preferred_username", "given_name", "family_name", "email", "phone_number",
    "zoneinfo", "locale", "picture", "website", "issued_token_type", "subject_token", "subject_token_type",
    "actor_token", "requested_token_type", "audience", "client_assertion", "client_assertion_type",
    "assertion", "password", "prompt", "ath", "htm", "htu", "at_hash", "c_hash", "s_hash", "jkt",
))  # fmt: skip
"""What its RFC defines as a string: `sub = 123` promises the string, whatever the drawing's text looks like.

Names that other JSON has for numbers (`code`, `error`, `state` …) are not among them.
"""
LARGEST = sys.float_info.max


class Wanted:
    """One value that is promised, ready to compare with: as a typed value, and as text."""

    __slots__ = ("leeway", "literal", "name", "text", "value")

    def __init__(self, value: Any, text: str | None, name: str, literal: bool = False, leeway: float = 0.0) -> None:
        self.value, self.text, self.name, self.literal, self.leeway = value, text, name, literal, leeway
        """`literal`: an unquoted value of the drawing, whose type follows from the field where an RFC defines it."""

    def as_text(self) -> str:
        return self.text if self.text is not None else text_of(self.value)

    def typed(self) -> Any:
        return (
            self.as_text() if self.literal and self.name in STRINGS and not isinstance(self.value, list) else self.value
        )

    def shown(self, is_text: bool) -> str:
        return shown(self.as_text() if is_text else self.typed(), self.name)


Explanation = str | None
Comparison = Callable[[Any, bool, Wanted], Explanation]


def json_equal(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is 1.0 and never true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(json_equal(held, other[name]) for name, held in one.items())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(json_equal, one, other))
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one == other
    return type(one) is type(other) and bool(one == other)


def is_number(value: Any) -> bool:
    """Whether it is a number that everybody can count with: neither infinite nor of hundreds of digits."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= LARGEST


def equal(value: Any, is_text: bool, wanted: Wanted) -> Explanation:
    if wanted.leeway:
        number = number_of(value, is_text)
        if number is not None and is_number(wanted.value) and abs(number - wanted.value) <= wanted.leeway:
            return None
        return f"{int(wanted.value)} (give or take {wanted.leeway:g} s)"
    if is_text:
        if value == wanted.as_text() or (
            wanted.name.lower() == "samesite" and value.lower() == wanted.as_text().lower()
        ):
            return None  # RFC 6265bis section 5.6.7: the values of this attribute have no case
        return wanted.shown(True)
    promised = wanted.typed()
    if type(value) is str and type(promised) is str:
        return None if value == promised else wanted.shown(False)
    if json_equal(value, promised):
        return None
    if wanted.name == "aud" and isinstance(value, list) and len(value) == 1 and json_equal(value[0], promised):
        # RFC 7519 section 4.1.3: one audience may be a string or an array of one.
        return None
    return wanted.shown(False)


def different(value: Any, is_text: bool, wanted: Wanted) -> Explanation:
    if value is None and not is_text:
        return f"a value other than {wanted.shown(is_text)}"  # what is null is not there
    if equal(value, is_text, wanted) is None or (not is_text and text_of(value) == wanted.as_text()):
        # A difference in type only does not make a value another one.
        return f"anything but {wanted.shown(is_text)}"
    if isinstance(value, (list, tuple)) and has_word(value, is_text, wanted):
        # An `aud` that holds it among others is for it, too (RFC 7519 section 4.1.3).
        return f"anything but {wanted.shown(is_text)}, also among others"
    return None


def _ordered(symbol: str, holds: Callable[[float, float], bool]) -> Comparison:
    def compare(value: Any, is_text: bool, wanted: Wanted) -> Explanation:
        one, other = number_of(value, is_text), number_of(wanted.value, True)
        if (
            one is not None
            and other is not None
            and holds(one, other + (wanted.leeway if "<" in symbol else -wanted.leeway))
        ):
            return None
        return f"a number {symbol} {wanted.shown(is_text)}"

    return compare


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


def number_of(value: Any, is_text: bool) -> float | None:
    """The value as a number; where all is text, the number that it spells."""
    if is_number(value):
        return value  # type: ignore[no-any-return]  # narrowed by is_number
    if is_text and isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value)
        return number if is_number(number) else None
    return None


def matches(value: Any, is_text: bool, wanted: Wanted) -> Explanation:
    """The whole value matches, not a part of it."""
    if isinstance(value, str) and _pattern(str(wanted.value)).fullmatch(value):
        return None
    return f"text that matches /{wanted.value}/ as a whole"


@lru_cache(maxsize=256)
def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def starts_with(value: Any, is_text: bool, wanted: Wanted) -> Explanation:
    if isinstance(value, str) and wanted.as_text() and value.startswith(wanted.as_text()):
        return None  # every text begins with an empty one, which proves nothing
    return f"text that starts with {wanted.shown(True)}"


def words(text: str) -> list[str]:
    """What blanks and commas separate. A blank is one of ASCII: `read\u00a0admin` is one odd word."""
    return [word for word in _SEPARATOR.split(text) if word]


_SEPARATOR = re.compile(r"[\s,]+", re.ASCII)


def has_word(value: Any, is_text: bool, wanted: Wanted) -> bool:
    """Whether it is one element of an array, or one whole word of a text (several words: next to each other)."""
    if isinstance(value, (list, tuple)):
        return any(equal(element, False, wanted) is None for element in value)
    if not isinstance(value, str):
        return False
    looked_for, held = words(wanted.as_text()), words(value)
    width = len(looked_for)
    return bool(width) and any(held[at : at + width] == looked_for for at in range(len(held) - width + 1))


def contains(value: Any, is_text: bool, wanted: Wanted) -> Explanation:
    if wanted.name == "aud" and isinstance(value, str) and not is_text:
        # RFC 7519 section 4.1.3: a text is one audience, whatever commas and blanks are in it.
        return equal(value, is_text, wanted)
    return (
        None
        if has_word(value, is_text, wanted)
        else f"{_what(value)} that contains {wanted.shown(True)}, as a whole word"
    )


def lacks(value: Any, is_text: bool, wanted: Wanted) -> Explanation:
    held = [text_of(element) for element in value] if isinstance(value, (list, tuple)) else ()
    if isinstance(value, str):
        value = " ".join(value.split())  # some reader takes every blank of Unicode for one
    # A difference in type only is none here: `5` is not lacking where "5" stands.
    if isinstance(value, (str, list, tuple)) and not has_word(value, is_text, wanted) and wanted.as_text() not in held:
        return None
    return f"{_what(value)} without {wanted.shown(True)}"


def body_equal(value: Any, is_text: bool, wanted: Wanted) -> Explanation:
    """An object or array that is drawn is compared as JSON, text as it is."""
    if isinstance(wanted.value, (dict, list)):
        try:
            return None if json_equal(loads(value), wanted.value) else wanted.shown(False)
        except (ValueError, RecursionError):
            return wanted.shown(False)
    return equal(value, is_text, wanted)


def body_contains(value: Any, is_text: bool, wanted: Wanted) -> Explanation:
    """In a body of any kind a word ends at whatever is no letter, digit, `_` or `-`."""
    if re.search(rf"(?<![\w-]){re.escape(wanted.as_text())}(?![\w-])", value):
        return None
    return f"a body that contains {wanted.shown(True)}, as a whole word"


def body_lacks(value: Any, is_text: bool, wanted: Wanted) -> Explanation:
    """Stricter than not containing it: inside a longer word, or escaped, a token has leaked all the same."""
    text = wanted.as_text()
    if text in value or text in unescape(value) or any(text in held for held in _texts_in(value)):
        return f"a body without {wanted.shown(True)}"
    return None


def _texts_in(body: str) -> Iterator[str]:
    """The texts and names in a body that is JSON, as whoever reads it has them; nothing for another body."""
    try:
        stack = [json.loads(body)]
    except (ValueError, RecursionError):
        return
    while stack:
        held = stack.pop()
        if isinstance(held, str):
            yield held
        elif isinstance(held, dict):
            stack += [*held, *held.values()]
        elif isinstance(held, list):
            stack += held


def _what(value: Any) -> str:
    return "an array" if isinstance(value, (list, tuple)) else "text"


COMPARISONS: Mapping[str, Comparison] = {
    "=": equal,
    "!=": different,
    "<": _ordered("<", lambda one, other: one < other),
    "<=": _ordered("<=", lambda one, other: one <= other),
    ">": _ordered(">", lambda one, other: one > other),
    ">=": _ordered(">=", lambda one, other: one >= other),
    "matches": matches,
    "starts with": starts_with,
    "contains": contains,
    "lacks": lacks,
}
"""A comparison of one value with one wanted value. `in` is `=` with any of several."""
BODY_COMPARISONS: Mapping[str, Comparison] = {
    **COMPARISONS,
    "=": body_equal,
    "contains": body_contains,
    "lacks": body_lacks,
}


def differs_in_type_only(value: Any, wanted: Wanted) -> bool:
    """Whether both are the same text."""
    return text_of(value) == text_of(wanted.typed()) and not isinstance(value, (list, dict))
