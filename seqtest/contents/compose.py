"""What a scripted sender sends: exactly what is drawn, fresh values where only a type is, and the tokens it makes."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from seqtest.contents.clause import Clause, Group
from seqtest.contents.compare import number_of
from seqtest.contents.draft import Draft, ObjectDraft, PairsDraft
from seqtest.contents.kinds import MAKERS
from seqtest.contents.scope import MISSING, Scope, Unknown
from seqtest.contents.text import text_of
from seqtest.contents.token import changed_token, encrypted_token, made_token
from seqtest.diagram.expectation import Moment, Promise, Template, Value
from seqtest.errors import Finding, UnplayableScenario

NEEDS_EXAMPLE = frozenset(("matches", "contains", "lacks", "<", ">", "!=", "schema", "openapi"))
"""Comparisons that many values keep: `e.g.` says which one is sent."""

ORDERED = ("<", "<=", ">", ">=")
"""Comparisons of numbers, whatever the field."""


def fill(draft: Draft, group: Group, scope: Scope) -> None:
    """Put in what is drawn, in drawn order; what is made of the message's other fields comes last."""
    for clause in group.sending:
        put(draft, clause, scope)


def put(draft: Draft, clause: Clause, scope: Scope) -> None:
    """Put in one promise. Raises UnplayableScenario where no value follows from it."""
    promise = clause.promise
    if clause.place == "signature":
        return
    if clause.operator == "absent":
        draft.remove(clause.place, clause.path)
        return
    if clause.operator != "=" and draft.has(clause.place, clause.path):
        own = draft.siblings(clause.place)
        if promise.name is not None and clause.path[0] in own and len(clause.path) == 1:
            scope.named[promise.name] = own[str(clause.path[0])]
        return
    if draft.has(clause.place, clause.path) and not draft.is_text(clause.place):
        raise cannot_send(promise, f"`{clause.word}` is drawn twice, and JSON has each member once")
    try:
        value = _value(draft, clause, scope)
    except Unknown as unknown:
        raise cannot_send(promise, str(unknown)) from None
    if value is not MISSING:
        draft.put(clause.place, clause.path, value)
        if promise.name is not None:
            scope.named[promise.name] = value


def cannot_send(promise: Promise, reason: str) -> UnplayableScenario:
    """The error for a promise that a scripted sender cannot keep."""
    return UnplayableScenario(
        Finding(
            "SQ365",
            f"nothing can be sent here: {reason}",
            promise.value_span or promise.span,
            label="a scripted sender has to send it",
        )
    )


def _value(draft: Draft, clause: Clause, scope: Scope) -> Any:
    promise = clause.promise
    is_made = clause.block == "token" and promise.example is None
    if clause.block is not None and clause.group is not None and (clause.group.clauses or is_made):
        return _BLOCKS[clause.block](draft, clause, scope)
    if promise.example is not None:
        if promise.operator == "matches":
            # Only text matches an expression, whatever the example looks like.
            return scope.text(promise.example)
        return _of(draft, clause, promise.example, scope)
    if promise.operator in ("present", "unique"):
        return "" if clause.place == "parameter" else scope.fresh()
    if promise.operator == "type":
        _check_holds_structures(draft, clause)
        return _made(clause, scope)
    if promise.operator in NEEDS_EXAMPLE:
        raise cannot_send(promise, f"many values keep `{promise.operator}`; write one behind it: `e.g. value`")
    return _of(draft, clause, promise.values[0], scope)


def _of(draft: Draft, clause: Clause, value: Value, scope: Scope) -> Any:
    if isinstance(value, Moment):
        base = number_of(scope.now if value.base == "now" else draft.siblings(clause.place).get(value.base), True)
        if base is None:
            raise Unknown(value.base, f"there is no number `{value.base}` to count from")
        return int(base + value.offset)
    if clause.place == "cookie":
        return _cookie_value(clause, scope.text(value))
    if draft.is_text(clause.place):
        return scope.text(value)
    if isinstance(value, Template):
        return scope.value(value)
    wanted = clause.literal(value)
    return wanted.value if clause.operator in ORDERED else wanted.typed()


def _made(clause: Clause, scope: Scope) -> Any:
    maker = MAKERS.get(clause.promise.type_name)
    if maker is None:
        raise cannot_send(
            clause.promise, f"no {clause.promise.type_name} can be made up; write one behind it: `e.g. value`"
        )
    return maker(scope)


# ---- Blocks ----


def _token(draft: Draft, clause: Clause, scope: Scope) -> Any:
    promise = clause.promise
    if promise.is_tampered:
        return changed_token(clause, scope, fill)
    if promise.operator == "=":
        return scope.text(promise.values[0])
    made = (encrypted_token if promise.type_name == "jwe" else made_token)(clause, scope, fill)
    return made if clause.attributes is None else "; ".join((made, *_attributes(clause.attributes, scope)))


def _location(draft: Draft, clause: Clause, scope: Scope) -> str:
    pairs = _pairs(clause, scope)
    url = scope.text(clause.promise.values[0])
    query, fragment = urlencode(pairs.of("query")), urlencode(pairs.of("fragment"))
    url += f"{'&' if '?' in url else '?'}{query}" if query else ""
    return f"{url}#{fragment}" if fragment else url


def _challenge(draft: Draft, clause: Clause, scope: Scope) -> str:
    from seqtest.auth.challenge import quoted

    value = scope.text(clause.promise.values[0])
    written = ", ".join(f"{name}={quoted(held)}" for name, held in _pairs(clause, scope).of("parameter"))
    separator = ", " if "=" in value else " "
    return f"{value}{separator}{written}" if written else value


def _cookie(draft: Draft, clause: Clause, scope: Scope) -> str:
    promise = clause.promise
    value = scope.fresh() if not promise.values else _cookie_value(clause, scope.text(promise.values[0]))
    return "; ".join((value, *_attributes(clause.group, scope)))


def _cookie_value(clause: Clause, text: str) -> str:
    if ";" in text:
        raise cannot_send(
            clause.promise, "a `;` ends a cookie's value (RFC 6265 section 4.1.1); attributes stand below it"
        )
    return text


def _attributes(group: Group | None, scope: Scope) -> list[str]:
    return [name if not held else f"{name}={held}" for name, held in _filled(group, scope).of("parameter")]


def _pairs(clause: Clause, scope: Scope) -> PairsDraft:
    return _filled(clause.group, scope)


def _filled(group: Group | None, scope: Scope) -> PairsDraft:
    pairs = PairsDraft()
    if group is not None:
        fill(pairs, group, scope)
    return pairs


def _check_holds_structures(draft: Draft, clause: Clause) -> None:
    """In a form, a query, a header or a cookie all is text: whoever reads it sees no object there."""
    kind = clause.promise.type_name
    if kind in ("object", "array") and draft.is_text(clause.place):
        reason = f"here all is text, so no {kind} can be sent; write `{clause.word} : json`"
        raise cannot_send(clause.promise, f"{reason}, or draw `Content-Type: application/json` for a body of JSON")


def _object(draft: Draft, clause: Clause, scope: Scope) -> Any:
    _check_holds_structures(draft, clause)
    inner = ObjectDraft()
    if clause.group is not None:
        fill(inner, clause.group, scope)
    if clause.promise.type_name == "json":
        return text_of(inner.value)
    if clause.promise.type_name == "base64url json":
        from seqtest.auth import base64url

        return base64url.encode(text_of(inner.value).encode())
    return inner.value


_BLOCKS: Mapping[str, Callable[[Draft, Clause, Scope], Any]] = {
    "token": _token,
    "location": _location,
    "challenge": _challenge,
    "cookie": _cookie,
    "object": _object,
}
