"""From the text of labels and notes to what they promise.

`syntax/promise.py` says what stands on a line; here it gets its meaning: header or field, what an indented block
belongs to, which lines go together. A line that cannot be understood is an error, never prose.
"""

import re
from collections.abc import Iterable
from typing import NoReturn

from seqtest.dataclass import replace
from seqtest.diagram.block import Block, Drawn, Line, nest, opens
from seqtest.diagram.braces import json_of_note
from seqtest.diagram.contradiction import SINGLE_VALUED, contradictions, kept_twice
from seqtest.diagram.expectation import (
    ActionLine,
    Expectation,
    Promise,
    RequestLine,
    StatusLine,
    Template,
)
from seqtest.diagram.label import Label, label_of, with_json
from seqtest.diagram.model import Message, Note
from seqtest.diagram.note_line import promise_of
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Span


def expect(message: Message) -> Expectation:
    """All that one arrow promises: its label and its notes' lines. Raises UnreadableDiagram with every line's fault."""
    findings: list[Finding] = []
    try:
        label = label_of(message)
    except UnreadableDiagram as error:
        label = Label(ActionLine(Template(())))
        findings += error.findings
    promises: list[Promise] = list(label.promises)
    is_closed = False
    block: Block = "action" if isinstance(label.line, ActionLine) else "message"
    for note in (None, *message.notes):
        lines = label.lines if note is None else lines_of(note)
        members, lines, faults = json_of_note(lines)
        if members:
            label = replace(label, line=with_json(label.line))
        more, closes = _read(nest(lines), block, faults)
        findings += faults if note is None else _or_not_closed(note, faults)
        promises += [*members, *more]
        is_closed = is_closed or closes
    if isinstance(label.line, StatusLine):
        findings += [
            Finding("SQ240", "a response has no query", promise.span, do="below `Location:` the lines are its query")
            for promise in promises
            if promise.place == "query"
        ]
    promises = _each_once(promises)
    expectation = Expectation(label.line, tuple(promises), is_closed, message.text_span or message.span)
    if promises:
        may_repeat = isinstance(label.line, RequestLine) and not expectation.draws_json
        findings += contradictions(promises, may_repeat)
    findings += kept_twice(expectation.walk())
    if findings:
        raise UnreadableDiagram(*findings)
    return expectation


def _each_once(promises: list[Promise]) -> list[Promise]:
    """A header that comes once and is drawn twice with one value, in the label and in a note, is one promise."""
    found: list[Promise] = []
    single: dict[str, int] = {}
    for promise in promises:
        name = str(promise.path[0]).lower() if promise.place == "header" and promise.operator == "=" else ""
        first = found[single[name]] if name in single else None
        if first is not None and _is_said_again(first, promise):
            longer = promise if promise.children or promise.is_closed else first
            found[single[name]] = replace(
                longer,
                children=(*first.children, *promise.children),
                is_closed=first.is_closed or promise.is_closed,
            )
            continue
        if name in SINGLE_VALUED:
            single.setdefault(name, len(found))
        found.append(promise)
    return found


def _is_said_again(one: Promise, other: Promise) -> bool:
    same = (one.values, one.name, one.is_optional, one.is_tampered)
    return same == (other.values, other.name, other.is_optional, other.is_tampered) and not (
        one.is_closed and other.is_closed
    )


def note_promises(note: Note) -> tuple[Promise, ...]:
    """The lines of a note that stands at a participant: its settings, or checks of its state."""
    findings: list[Finding] = []
    promises, _ = _read(nest(lines_of(note)), "state", findings)
    if findings:
        raise UnreadableDiagram(*_or_not_closed(note, findings))
    return promises


_STATEMENT = re.compile(
    r"\s*([\w.@]+|\"[^\"]+\")\s+(<{0,2}-+(\[[^\]]*\]-*)?>{0,2}[xo]?)\s+\S|\s*(note (left|right|over)|alt|end)\b"
)


def _or_not_closed(note: Note, faults: list[Finding]) -> list[Finding]:
    """Faults of a note that swallowed the drawing behind it are one: its `end note` is missing."""
    if not faults or not note.is_block or note.span is None:
        return faults
    swallowed = next((line for line in note.lines if _STATEMENT.match(line.text) and line.span), None)
    if swallowed is None or swallowed.span is None:
        return faults
    before = [fault for fault in faults if fault.span is not None and fault.span.line < swallowed.span.line]
    opening = Span.at(note.span.source, note.span.line, note.span.column, len(note.span.text.strip()))
    return [
        *before,
        Finding(
            "SQ251",
            f"the note opened at line {note.span.line} seems not to be closed",
            swallowed.span,
            label="a line of the drawing, inside the note",
            do="write `end note` before this line",
            also=_also(opening, "opened here"),
        ),
    ]


def lines_of(note: Note) -> list[Line]:
    """The lines of a note that may be checks: none of a note that is marked as prose."""
    if note.stereotypes and any(stereotype.strip().lower() == "prose" for stereotype in note.stereotypes):
        return []
    return [line for line in map(Line.of, note.lines) if not line.is_prose]


def _read(drawn: Iterable[Drawn], block: Block, findings: list[Finding]) -> tuple[tuple[Promise, ...], bool]:
    promises: list[Promise] = []
    is_closed = False
    for item in drawn:
        if item.is_crooked:
            do = "align it with the lines that it belongs to"
            findings.append(Finding("SQ243", "this line is indented crookedly", item.line.span(), do=do))
        try:
            promise = promise_of(item.line, block)
            if promise is None:
                is_closed = True
                _nothing_below(item, "`nothing else` has nothing below it")
                continue
            if isinstance(promise, Promise):
                promises.append(_with_children(promise, item, findings))
            else:
                _nothing_below(item, "a form-encoded line has nothing below it")
                promises += promise
        except UnreadableDiagram as error:
            findings += error.findings
    return tuple(promises), is_closed


def _with_children(promise: Promise, item: Drawn, findings: list[Finding]) -> Promise:
    if not item.children:
        if promise.is_tampered:
            _refuse(
                "SQ246",
                "`but` is followed by no change",
                promise,
                "indented lines, one of them about the signature",
                do=_TAMPER,
            )
        return promise
    inner = opens(promise)
    if inner is None:
        first = item.children[0].line
        raise UnreadableDiagram(
            Finding(
                "SQ243",
                "this line is indented below something that holds nothing",
                first.span(),
                label="indented here",
                why="a JWT, `Bearer {token}`, a `Location`, a challenge, a cookie or an object holds lines",
                do="move it to the left, or give the line above a type: `name : jwt`, `name : object`",
                also=_also(item.line.span(), "holds nothing"),
            )
        )
    if promise.is_tampered and inner != "token":
        _refuse("SQ246", "only a token can be changed", promise, "`{access_token} but`", "take `but` off the line")
    is_in_cookie = inner == "token" and promise.place == "cookie"
    children, is_closed = _read(item.children, "token in a cookie" if is_in_cookie else inner, findings)
    findings += contradictions(children if inner != "location" else [*map(_in_query, children)])
    whole = replace(promise, children=children, is_closed=is_closed)
    _check_signatures(whole, inner, findings)
    return whole


def _in_query(promise: Promise) -> Promise:
    """A bare line of a redirect is about its query, whatever else it is about."""
    return replace(promise, place="query") if promise.place == "field" else promise


def _nothing_below(item: Drawn, message: str) -> None:
    if item.children:
        raise UnreadableDiagram(
            Finding("SQ243", message, item.children[0].line.span(), label="indented here", do="move it to the left")
        )


# ---- Signatures ---------------------------------------------------------------------------------------------------

_TAMPER = "write one of `signature kept`, `signature absent`, `signature changed`, `signed by p`, `signed with {value}`"


_ONLY_TAMPERED = frozenset(("kept", "absent", "changed"))


def _check_signatures(token: Promise, block: Block, findings: list[Finding]) -> None:
    if block != "token":
        return
    lines = [child for child in token.children if child.place == "signature"]
    findings += [
        Finding("SQ246", "a token has one line about its signature", extra.span, do="keep one of them")
        for extra in lines[1:]
    ]
    if not token.is_tampered:
        findings += [
            Finding(
                "SQ246",
                f"`signature {line.operator}` is a change, and this token is not changed",
                line.span,
                do="end the line above with `but`",
            )
            for line in lines
            if line.operator in _ONLY_TAMPERED
        ]
        return
    if not lines:
        findings.append(
            Finding(
                "SQ246",
                "nothing is said about the signature of a changed token",
                token.span,
                label="changed here",
                do=_TAMPER,
            )
        )
    for child in token.children:
        if child.operator == "unchecked":
            findings.append(Finding("SQ246", "a changed token is sent, not checked", child.span, do=_TAMPER))
        elif child.place != "signature" and (
            child.operator not in ("=", "absent") or child.is_optional or child.children
        ):
            findings.append(
                Finding(
                    "SQ246",
                    "this is a check, and what stands below `but` is a change",
                    child.span,
                    do="write `name = value` or `name absent`",
                )
            )
    if token.is_closed:
        findings.append(
            Finding("SQ246", "`nothing else` is a check, and what stands below `but` is a change", token.span)
        )


def _refuse(code: str, message: str, promise: Promise, expected: str, do: str) -> NoReturn:
    raise UnreadableDiagram(Finding(code, message, promise.span, expected=expected, do=do))


def _also(span: Span | None, words: str) -> tuple[tuple[Span, str], ...]:
    return () if span is None else ((span, words),)
