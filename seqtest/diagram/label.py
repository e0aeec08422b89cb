"""The label of an arrow: a request, a response or an action, and the note lines that stand in it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from http import HTTPStatus

from seqtest.dataclass import dataclass
from seqtest.diagram.block import Line
from seqtest.diagram.expectation import ActionLine, Plain, Promise, Reference, RequestLine, StatusLine, Template, Value
from seqtest.diagram.model import Message
from seqtest.diagram.note_line import TYPES
from seqtest.diagram.placed import MOST_TEXTS, ORIGIN, promise_at, span_at, template_at
from seqtest.diagram.value import parts_of, target_of, template_of, unreadable
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Span
from seqtest.syntax.promise import Mark, Misread, loads, read, split

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
    try:
        mark = read(first.text, "label")
    except Misread as fault:
        raise unreadable("SQ245", fault, first) from None
    if mark.kind == "action":
        return Label(ActionLine(_action(mark, first, others)))
    line = _request(mark, first) if mark.kind == "request" else _status(mark, first)
    lines, promises = _contents(mark.part("contents") or mark.part("braces") or mark.part("location"), first)
    return Label(line, (*lines, *(other for other in others if not other.is_prose)), promises)


def _label_at(label: Label, place: Span | None) -> Label:
    """The same label at a place."""
    line = label.line
    if isinstance(line, RequestLine):
        line = RequestLine(line.method, template_at(line.target, place))
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


def _lines(whole: Line) -> Iterator[Line]:
    """The lines of a label; `\\n` begins the next one."""
    begin = 0
    for start, end in (*(match.span() for match in _BREAK.finditer(whole.text)), (len(whole.text), 0)):
        text = whole.text[begin:start]
        lead = len(text) - len(text.lstrip())
        cut = whole.cut(begin + lead, begin + len(text.rstrip()))
        yield Line(cut.text, cut.place, lead)
        begin = end


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
    if re.match(r'\{\s*"', held.text) or not held.text[1:-1].strip():
        return (), _json(held)
    return tuple(_pieces(held)), ()


def _json(held: Line) -> tuple[Promise, ...]:
    try:
        members = loads(held.text)
    except ValueError as error:
        raise UnreadableDiagram(
            Finding(
                "SQ250",
                f"this is no JSON: {error}",
                held.span(),
                why="braces with quoted names are JSON",
                do="correct it, or take the quotes off the names",
            )
        ) from None
    if not members:
        return (Promise("body", (), "=", (Plain({}, "{}"),), span=held.span(), value_span=held.span()),)
    return tuple(
        Promise("field", (name,), "=", (_json_value(value, held),), span=held.span(), value_span=held.span())
        for name, value in members.items()
    )


def _json_value(value: object, held: Line) -> Value:
    import json

    if isinstance(value, str) and "{" in value:
        found = template_of(value, held)
        return Template(("", *found.parts)) if isinstance(found, Template) else found
    return Plain(value, json.dumps(value, ensure_ascii=False), isinstance(value, str), not isinstance(value, str))


_MEMBER = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[\w@$-]+)(?:\.[\w@$-]+|\[[^\]]*\])*)\s*:\s*(\S.*)?$')


def _pieces(held: Line) -> Iterator[Line]:
    """The note lines in a label's braces: `name: value` is a value, with a type's name a type."""
    for offset, text in split(held.text[1:-1]):
        piece = held.cut(offset + 1, offset + 1 + len(text))
        if not text:
            raise UnreadableDiagram(
                Finding("SQ250", "nothing stands between these commas", held.span(offset, offset + 1))
            )
        if re.search(r"(?<!\S)in\s+\S", text) and ":" not in text and "=" not in text:
            raise UnreadableDiagram(
                Finding("SQ250", "`in` has commas of its own", piece.span(), do="put this line into a note")
            )
        member = _MEMBER.match(text)
        if member is None or text[member.end(1) : member.end(1) + 2] == " :":
            yield piece
            continue
        colon = text.index(":", member.end(1))
        value = (member[2] or "").strip()
        if value.startswith("{") and re.match(r'\{\s*[\w"-]+\s*:', value):
            raise not_nested(piece)
        near = _nearly_a_type(value)
        if near:
            at = piece.text.rindex(value)
            raise UnreadableDiagram(
                Finding(
                    "SQ242",
                    f"there is no type `{value}`",
                    piece.span(at, at + len(value)),
                    label=near,
                    do=f'if it is a value, quote it: `"{value}"`',
                )
            )
        if value in TYPES:
            yield (
                piece.rewritten(f"{text[:colon]} :{text[colon + 1 :].strip()}")
                if text[colon + 1 :].startswith(" ")
                else piece.rewritten(f"{text[:colon]} : {value}")
            )
        else:
            yield piece.rewritten(f"{text[:colon]}={text[colon + 1 :]}")


_LONG_TYPES = tuple(name for name in TYPES if len(name) > 4)


def _nearly_a_type(value: str) -> str:
    """The question whether a type is meant, for a word that is nearly one's name."""
    if value in TYPES or not re.fullmatch(r"[a-z]{4,12}", value):
        return ""
    from difflib import get_close_matches

    found = get_close_matches(value, _LONG_TYPES, n=1, cutoff=0.8)
    return f"did you mean `{found[0]}`?" if found else ""


def not_nested(piece: Line) -> UnreadableDiagram:
    """The error for braces in braces."""
    return UnreadableDiagram(
        Finding(
            "SQ250",
            "braces with unquoted names do not nest",
            piece.span(),
            do="write JSON with quoted names, dotted names (`user.name: Alice`), or a note",
        )
    )
