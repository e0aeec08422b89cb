"""The fields of a page's forms as they stand in its text, also where no reader of HTML is installed."""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from seqtest.pattern import pattern

_INPUT = pattern(
    r"""<((?:input|button|meta|textarea)\b(?:(?:[^<>"']|"[^"]*"|'[^']*')*+(?=>)|[^<>]*+))(?:>([^<]*)</textarea)?""",
    re.IGNORECASE,
)
"""A tag with its quotes in pairs, in which there may be a `>`; where they are none, up to the next bracket."""
_ATTRIBUTE = pattern(
    r"""(?<![\w-])(name|value|content|type)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)


class Input(NamedTuple):
    """One field, button or `meta`; empty texts for what it does not have."""

    name: str
    type: str
    value: str


def inputs(text: str) -> Iterator[Input]:
    """Each in its order; the value of a `textarea` is what stands in it."""
    for tag, inside in _INPUT.findall(text):
        held = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag)}
        value = unescape(inside).strip() or held.get("value", held.get("content", ""))
        yield Input(held.get("name", ""), held.get("type", "").lower(), value)
