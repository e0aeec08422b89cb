"""The label of an arrow: a request, a response or an action, and the note lines that stand in it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus

from seqtest.dataclass import dataclass, replace
from seqtest.diagram.block import Line
from seqtest.diagram.braces import end_of_braces, is_json, json_members, json_of_note, pieces
from seqtest.diagram.expectation import QUERY_METHODS, ActionLine, Promise, Reference, RequestLine, StatusLine, Template
from seqtest.diagram.model import Message
from seqtest.diagram.placed import MOST_TEXTS, ORIGIN, promise_at, span_at, template_at
from seqtest.diagram.value import parts_of, target_of, template_of, unreadable
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Span
from seqtest.syntax.promise import Mark, Misread, read

FORMER_REASONS: Mapping[str, tuple[str, ...]] = {
    "302": ("Moved Temporarily",),
    "413": ("Payload Too Large", "Request Entity Too Large", "Content Too Large"),
    "414": ("Request-URI Too Long", "URI Too Long"),
    "416": ("Range Not Satisfiable", "Requested Range Not Satisfiable"),
    "418": ("I'm a teapot",),
    "422": ("Unprocessable Entity", "Unprocessable Content"),
    "1xx": ("Informational",),
    "2xx": ("Success", "Successful", "OK"),
    "3xx": ("Redirection", "Redirect"),
    "4xx": ("Client Error",),
    "5xx": ("Server Error",),
}
"""Reason phrases besides those of Python's table: former names, and those of the classes (RFC 9110 section 15)."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a label says: its first line, and more as note lines."""

    line: RequestLine | StatusLine | ActionLine
    lines: tuple[Line, ...] = ()
    promises: tuple[Promise, ...] = ()
    """What stands in JSON braces."""


def label_of(message: Message) -> Label:
    """The label's meaning. Raises UnreadableDiagram."""
    try:
        label, is_bare = _said(message.text)
    except UnreadableDiagram:
        return _read(Line(message.text, _place(message)))  # raises it again, at its place
    return label if is_bare else _label_at(label, _place(message))


@lru_cache(MOST_TEXTS)
def _said(text: str) -> tuple[Label, bool]:
    """What a label says, wherever it stands; and whether nothing in it has a place, as in most labels."""
    label = _read(Line(text, ORIGIN))
    line = label.line
    is_bare = not label.lines and not label.promises
    if isinstance(line, StatusLine):
        return label, is_bare and line.reference is None
    parts = line.target.parts if isinstance(line, RequestLine) else line.text.parts
    return label, is_bare and all(isinstance(part, str) for part in parts)


def _read(whole: Line) -> Label:
    first, *others = _lines(whole)
    if not first.text:
        return Label(ActionLine(Template(())))
    if others and (objects := _json_in(whole.text)):
        held, *below = _lines(whole, objects)
        if _mark(held).kind != "action":
            first, others = held, below
    mark = _mark(first)
    if mark.kind == "action":
        return Label(ActionLine(_action(mark, first, others)))
    line: RequestLine | StatusLine | ActionLine = (
        _request(mark, first) if mark.kind == "request" else _status(mark, first)
    )
    lines, promises = _contents(mark.part("contents") or mark.part("braces") or mark.part("location"), first)
    more, below, findings = json_of_note([other for other in others if not other.is_prose])
    if findings:
        raise UnreadableDiagram(*findings)
    promises += more
    if any(promise.place != "header" for promise in promises):
        line = with_json(line)
    return Label(line, (*lines, *below), promises)


def with_json(line: RequestLine | StatusLine | ActionLine) -> RequestLine | StatusLine | ActionLine:
    """The line of a message at which a JSON object is drawn: of a request that has a body, it is that."""
    if isinstance(line, RequestLine) and line.method not in QUERY_METHODS:
        return replace(line, is_json=True)
    return line


def _mark(line: Line) -> Mark:
    try:
        return read(line.text, "label")
    except Misread as fault:
        raise unreadable("SQ245", fault, line) from None


def _label_at(label: Label, place: Span | None) -> Label:
    """The same label at a place."""
    line = label.line
    if isinstance(line, RequestLine):
        line = replace(line, target=template_at(line.target, place))
    elif isinstance(line, ActionLine):
        line = ActionLine(template_at(line.text, place))
    elif line.reference is not None:
        line = StatusLine(
            line.statuses, line.reason, Reference(line.reference.path, span_at(line.reference.span, place))
        )
    lines = tuple(Line(one.text, span_at(one.place, place), one.indent) for one in label.lines)
    return Label(line, lines, tuple(promise_at(promise, place) for promise in label.promises))


def _place(message: Message) -> Span | None:
    """Where the label begins."""
    span = message.text_span or message.span
    at = -1 if span is None else span.text.find(message.text, span.column - 1)
    return span if span is None or at < 0 else Span.at(span.source, span.line, at + 1)


_BREAK = re.compile(r"(?<!\\)\\n")


def _lines(whole: Line, wholes: Sequence[tuple[int, int]] = ()) -> Iterator[Line]:
    """The lines of a label; `\\n` begins the next one, but in the pieces that are `wholes`."""
    begin = 0
    breaks = (match.span() for match in _BREAK.finditer(whole.text))
    outside = [(at, end) for at, end in breaks if not any(first <= at < last for first, last in wholes)]
    for start, end in (*outside, (len(whole.text), 0)):
        text = whole.text[begin:start]
        lead = len(text) - len(text.lstrip())
        cut = whole.cut(begin + lead, begin + len(text.rstrip()))
        yield Line(cut.text, cut.place, lead)
        begin = end


_OPENS_JSON = re.compile(r'\{(?:(?<!\\)\\n|\s)*"')


def _json_in(text: str) -> list[tuple[int, int]]:
    """Where JSON objects stand in a label."""
    found, end = [], 0
    while opening := _OPENS_JSON.search(text, end):
        start, end = opening.start(), end_of_braces(text, opening.start())
        if end < 0:
            break
        found.append((start, end))
    return found


# ---- Request, status, action ----------------------------------------------------------------------------------------


def _request(mark: Mark, line: Line) -> RequestLine:
    target = mark.one("TARGET")
    return RequestLine(mark.text("METHOD"), target_of(target.parts[0], line.cut(target.start, target.end)))


def _status(mark: Mark, line: Line) -> StatusLine:
    codes = [part for part in mark.parts if part.kind == "code"]
    statuses = [code.text("STATUS") for code in codes]
    reason = ""
    for code in codes:
        found = code.part("REASON")
        if found is not None:
            reason = found.parts[0].strip()
            _check_reason(
                reason, statuses if code is codes[-1] else [code.text("STATUS")], line.span(found.start, found.end)
            )
    if statuses[0].startswith("{"):
        if len(statuses) > 1:
            raise UnreadableDiagram(
                Finding("SQ245", "a status in braces stands alone", line.span(), do="draw the statuses, `401 or 403`")
            )
        (reference,) = parts_of(statuses[0], line).parts
        if isinstance(reference, Reference):
            return StatusLine((), reason, reference)
    return StatusLine(tuple(status.lower() for status in statuses), reason)


def _check_reason(reason: str, statuses: list[str], span: Span | None) -> None:
    written = reason.lower().rstrip(".")
    if statuses[0].startswith("{") or any(
        written == known.lower() for status in statuses for known in _reasons(status)
    ):
        return
    of = next((str(status.value) for status in HTTPStatus if status.phrase.lower() == written), None)
    message = f"`{reason}` is the reason phrase of {of}" if of else "only a reason phrase may stand behind a status"
    phrases = [phrase for status in statuses for phrase in _reasons(status)[:1]]
    raise UnreadableDiagram(
        Finding(
            "SQ245",
            message,
            span,
            expected=" or ".join(phrases),
            why="what looks like a check and is none would never be tested",
            do="put what the response holds into braces (`200 OK {name: Alice}`) or into a note",
        )
    )


def _reasons(status: str) -> tuple[str, ...]:
    former = FORMER_REASONS.get(status.lower(), ())
    try:
        return (HTTPStatus(int(status)).phrase, *former)
    except ValueError:
        return former


def _action(mark: Mark, line: Line, others: Iterable[Line]) -> Template:
    found = mark.one("ACTION")
    first = line.cut(found.start, found.end)
    text = " ".join((first.text.rstrip(), *(other.text for other in others))).strip()
    try:
        return parts_of(text, first)
    except UnreadableDiagram:
        # Most actions are prose, and prose may hold braces. Where an action is tested, the script's check refuses them.
        return Template((text,))


def statuses_in(text: str) -> tuple[str, ...]:
    """The statuses of a text that says nothing else, such as `401 or 403`, the value of `{status}`."""
    try:
        label, _ = _said(text)
    except UnreadableDiagram:
        return ()
    is_alone = isinstance(label.line, StatusLine) and not (label.lines or label.promises)
    return label.line.statuses if is_alone and isinstance(label.line, StatusLine) else ()


# ---- What stands in braces or behind `Location:` --------------------------------------------------------------------


def _contents(mark: Mark | None, line: Line) -> tuple[tuple[Line, ...], tuple[Promise, ...]]:
    if mark is None:
        return (), ()
    inner = mark.parts[0] if mark.kind in ("contents", "braces", "location") else mark
    held = line.cut(inner.start, inner.end)
    if inner.kind == "LOCATION":
        written = held.text.replace("→", "Location: ", 1) if held.text.startswith("→") else held.text
        # `Location:` may stand in for an arrow of another length; the columns of the value are what an error points at.
        value = written.split(":", 1)[1].strip()
        at = held.text.rindex(value)
        place = held.cut(at, at + len(value))
        return (), (
            Promise(
                "header", ("Location",), "=", (template_of(value, place),), span=held.span(), value_span=place.span()
            ),
        )
    if is_json(held.text):
        return (), json_members((held,))
    return tuple(pieces(held)), ()
