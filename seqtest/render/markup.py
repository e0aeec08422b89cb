"""The one place that escapes: text and links on their way into SVG and HTML."""

import json
import re
import unicodedata
from typing import Any

from seqtest.pattern import pattern

_SPECIAL = pattern(r"[&<>\"']")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_SCHEME = pattern(r"([A-Za-z][A-Za-z0-9+.-]*):")
_IGNORED_IN_URLS = pattern(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_RELATIVE = pattern(r"(?!//)(?![^/?#]*:)[\w.~/?#%&=+@,;!$()*'-][\w.~/?#%&=+@,;!$()*':-]*$")
"""Without a scheme: letters and what RFC 3986 allows, and no second slash that would name a host."""
_NEVER_IN_URLS = pattern(r"[<>\"\\^`{|}]")
_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
_DROPPED = frozenset("\u00ad\u200b\u2060\ufeff")
_JOINERS = frozenset("\u200c\u200d")


def escape(text: str) -> str:
    """The text as character data or as a quoted attribute's value. Takes what `visible` gave, which is fit for XML."""
    return _SPECIAL.sub(_entity, text) if _SPECIAL.search(text) else text


def _entity(match: re.Match[str]) -> str:
    return _ENTITIES[match[0]]


_STEERS = pattern(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


def json_text(value: Any, **options: Any) -> str:
    """JSON that is safe to print: what would steer a terminal is written as `\\u202e`, and read back as it was."""
    text = json.dumps(value, ensure_ascii=False, **options)
    return text if text.isascii() else _STEERS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def visible(text: str) -> str:
    """The text with nothing in it that acts instead of being seen.

    Control characters and what XML cannot hold become `�`, what steers the direction of writing is named (`[U+202E]`),
    a tab is four blanks. Invisible hints for line breaks go.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    if character == "\t":
        return "    "
    if character in _DROPPED:
        return ""
    category = unicodedata.category(character)
    if category == "Cf" and character not in _JOINERS:
        return f"[U+{ord(character):04X}]"
    if category == "Zs":
        return " "
    return character if character in _JOINERS or category == "Co" else "\ufffd"


def href(url: str) -> str | None:
    """The address when following it can only open a page or a mail: http, https, mailto or relative; else None."""
    address = _IGNORED_IN_URLS.sub("", url)
    scheme = _SCHEME.match(address)
    if scheme is None:
        return address if _RELATIVE.match(address) else None
    return address if scheme[1].lower() in _SAFE_SCHEMES and not _NEVER_IN_URLS.search(address) else None
