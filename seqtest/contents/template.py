"""Text with braces held against text that came: which values the `{new x}` in it took."""

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from seqtest.contents.header import origin
from seqtest.contents.scope import Open, Scope, Unknown
from seqtest.contents.text import text_of
from seqtest.diagram.expectation import (
    Call,
    Expression,
    Moment,
    New,
    Plain,
    Promise,
    Reference,
    Template,
    Value,
    expressions,
)

ANY_TEXT = r"(.+?)"
ANY_PIECE = r"([^;]+?)"
"""Of a header with several pieces: what is new is no attribute of a cookie, nor another cookie."""
ANY_SEGMENT = r"([^/?#]+?)"


def new_names(value: Value | None) -> tuple[str, ...]:
    """The names in `{new x}` that stand in the text itself, not inside a function."""
    if not isinstance(value, Template):
        return ()
    return tuple(part.name for part in value.parts if isinstance(part, New))


def references(value: Value | None) -> tuple[str, ...]:
    """The plain names in the text itself: what a reader of the text learns with it."""
    if not isinstance(value, Template):
        return ()
    return tuple(str(part.path[0]) for part in value.parts if isinstance(part, Reference) and len(part.path) == 1)


def has_new(value: Value | None) -> bool:
    """Whether any `{new x}` stands in it, inside a function too."""
    return any(isinstance(held, New) for held in expressions(value))


def taken(text: str, template: Template, scope: Scope, hole: str = ANY_TEXT) -> dict[str, str] | None:
    """The values of the template's `{new x}`; None when the text is another one. Raises Unknown."""
    names: list[str | Open] = []
    pattern = "".join(_piece(part, scope, names, hole) for part in template.parts)
    match = re.fullmatch(pattern, text, re.DOTALL)
    return None if match is None else _agreeing(names, match.groups(), scope)


def _piece(part: str | Expression, scope: Scope, names: list[str | Open], hole: str) -> str:
    if isinstance(part, str):
        return re.escape(part)
    if isinstance(part, New):
        names.append(part.name)
        return hole
    if (before := _new_before(part, scope, names)) is not None:
        names.append(before)
        return hole
    value = scope.expression(part)
    if isinstance(value, Open):
        names.append(value)
        return hole
    return re.escape(text_of(value))


def _new_before(part: Expression, scope: Scope, names: Collection[object]) -> str | None:
    """A name that this very text says to be new before, and that nobody knew: then it takes the same value."""
    if not (isinstance(part, Reference) and len(part.path) == 1 and part.path[0] in names):
        return None
    try:
        scope.expression(part)
    except Unknown:
        return str(part.path[0])
    return None


def _agreeing(names: list[str | Open], values: tuple[str, ...], scope: Scope) -> dict[str, str] | None:
    """The values by name. One of which only a function was seen before must be what that is of."""
    found: dict[str, str] = {}
    for name, value in zip(names, values, strict=True):
        if isinstance(name, Open) and not name.holds_of(value, scope):
            return None
        if found.setdefault(name.name if isinstance(name, Open) else name, value) != value:
            return None
    return found


def is_made_of(promise: Promise, names: set[Any]) -> bool:
    """Whether the value is made of the message's own fields: a function of one, or a time that counts from one."""
    values = list(promise.values)
    for child in promise.children:
        values += child.values
    for value in values:
        if isinstance(value, Plain):
            continue
        if isinstance(value, Moment):
            if value.base != "now" and value in promise.values:
                return True
            continue
        for held in expressions(value):
            if isinstance(held, Call) and any(
                isinstance(one, Reference) and one.path[0] in names for one in held.arguments
            ):
                return True
    return False


# ---- URLs ----

_HOLE = "seqtest-new-{}-value"
_HOLES = re.compile(r"seqtest-new-(\d+)-value", re.IGNORECASE)


def url_taken(url: str, template: Template, scope: Scope, base: str) -> dict[str, str] | None:
    """The same for a URL: scheme, host and path as drawn relative to `base`, the drawn query fields in any order."""
    names: list[str] = []
    drawn = "".join(_url_piece(part, scope, names) for part in template.parts)
    try:
        came, promised = urlsplit(urljoin(base, url)), urlsplit(urljoin(base, drawn))
        if origin(came) != origin(promised):
            return None
    except ValueError:
        return None  # no URL
    found: dict[str, str] = {}
    if not _fill(promised.path or "/", came.path or "/", names, found, ANY_SEGMENT):
        return None
    if promised.fragment and not _fill(promised.fragment, came.fragment, names, found, ANY_TEXT):
        return None
    held = parse_qs(came.query, keep_blank_values=True)
    for name, values in parse_qs(promised.query, keep_blank_values=True).items():
        if len(held.get(name, ())) != len(values):
            return None
        if not all(_fill(value, one, names, found, ANY_TEXT) for value, one in zip(values, held[name], strict=True)):
            return None
    return found


def _url_piece(part: str | Expression, scope: Scope, names: list[str]) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, New):
        names.append(part.name)
        return _HOLE.format(len(names) - 1)
    if (before := _new_before(part, scope, names)) is not None:
        names.append(before)
        return _HOLE.format(len(names) - 1)
    return text_of(scope.expression(part))


def _fill(drawn: str, came: str, names: list[str], found: dict[str, str], hole: str) -> bool:
    pieces = _HOLES.split(drawn)
    pattern = "".join(hole if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))
    match = re.fullmatch(pattern, came, re.DOTALL)
    if match is None:
        return False
    for number, value in zip(pieces[1::2], match.groups(), strict=True):
        if found.setdefault(names[int(number)], value) != value:
            return False
    return True
