"""What stands in braces, in a label or on lines of a note: a JSON object, or note lines joined by commas."""

import json
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence

from seqtest.diagram.block import Line
from seqtest.diagram.expectation import Plain, Promise, Template, Value
from seqtest.diagram.note_line import TYPES
from seqtest.diagram.value import template_of
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Span
from seqtest.syntax.promise import loads, split

# ---- JSON -----------------------------------------------------------------------------------------------------------

_BEGINS_JSON = re.compile(r'\{(?:\s|\\n)*(?:"|\}?\s*$)')
_STRING_OR_BREAK = re.compile(r'"(?:[^"\\]|\\.)*"?|\\n')
_STRING_OR_BRACE = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}]')
_BLANKS = re.compile(r"[\s,:]*")
_REFERENCE = re.compile(r"\{\s*[^\W\d][^{}\"]*\}")


def is_json(text: str) -> bool:
    """Whether braces, or the first line of some, hold JSON: quoted names, or nothing."""
    return _BEGINS_JSON.match(text) is not None


def end_of_braces(text: str, start: int = 0) -> int:
    """Behind the brace that closes the one at `start`; -1 where none does. Braces in strings do not count."""
    end, depth = _closed(text, start, 0)
    return -1 if depth else end


def _closed(text: str, start: int, depth: int) -> tuple[int, int]:
    """How far the text is read until all braces are closed, and how many are open there."""
    for found in _STRING_OR_BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return found.end(), 0
    return len(text), depth


def json_of_note(lines: Sequence[Line]) -> tuple[tuple[Promise, ...], list[Line], list[Finding]]:
    """What JSON objects in a note say, the lines that are left, and what is wrong with the objects.

    An object begins a line, no further to the right than the note does, and may go on over others.
    """
    if not any(line.text[:1] == "{" for line in lines):
        return (), list(lines), []
    promises: list[Promise] = []
    rest: list[Line] = []
    findings: list[Finding] = []
    waiting = deque(lines)
    while waiting:
        line = waiting.popleft()
        if line.indent > lines[0].indent or not is_json(line.text):
            rest.append(line)
            continue
        held, (_, depth) = [line], _closed(line.text, 0, 0)
        while depth and waiting:
            held.append(waiting.popleft())
            _, depth = _closed(held[-1].text, 0, depth)
        try:
            promises += json_members(held)
        except UnreadableDiagram as error:
            findings += error.findings
    return tuple(promises), rest, findings


def json_members(lines: Sequence[Line]) -> tuple[Promise, ...]:
    """A field for each member of a JSON object. Raises UnreadableDiagram."""
    text = "\n".join(line.text for line in lines)
    # A label's line break is a blank between members, and the end of a line in a string.
    text = _STRING_OR_BREAK.sub(lambda found: "  " if found[0] == r"\n" else found[0], text)
    try:
        members = loads(text)
    except json.JSONDecodeError as error:
        line = lines[min(error.lineno, len(lines)) - 1]
        at = min(error.colno - 1, max(len(line.text) - 1, 0))
        raise _no_json(error.msg, line.span(at, at + 1)) from None
    except ValueError as error:
        raise _no_json(str(error), lines[0].span()) from None
    except RecursionError:
        raise _no_json("it is nested too deep", lines[0].span()) from None
    if not members:
        span = lines[0].span()
        return (Promise("body", (), "=", (Plain({}, "{}"),), span=span, value_span=span),)
    places = _Places(lines)
    return tuple(
        Promise(
            "field",
            (name,),
            "=",
            (_json_value(name, members[name], places.line(value, end)),),
            span=places.line(start, end).span(),
            value_span=places.line(value, end).span(),
        )
        for name, start, value, end in _members(text)
    )


def _members(text: str) -> Iterator[tuple[str, int, int, int]]:
    """Each member's name, and where it, its value and the end of that stand in the text of a JSON object."""
    decoder = json.JSONDecoder()
    start = _behind_blanks(text, text.index("{") + 1)
    while text[start] != "}":
        name, end = decoder.raw_decode(text, start)
        value = _behind_blanks(text, end)
        end = decoder.raw_decode(text, value)[1]
        yield name, start, value, end
        start = _behind_blanks(text, end)


def _behind_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


class _Places:
    """Where in the drawing the text of several lines stands."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._begins = [0]
        for line in lines:
            self._begins.append(self._begins[-1] + len(line.text) + 1)

    def line(self, start: int, end: int) -> Line:
        """The part of the text on the line on which it begins."""
        number = bisect_right(self._begins, start, hi=len(self._lines)) - 1
        line, begin = self._lines[number], self._begins[number]
        return line.cut(start - begin, min(end - begin, len(line.text)))


def _json_value(name: str, value: object, held: Line) -> Value:
    if isinstance(value, str) and "{" in value:
        # The columns of what is in braces: the text begins behind the quote.
        found = template_of(value, held.cut(1, len(held.text)))
        return Template(("", *found.parts)) if isinstance(found, Template) else found
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, (dict, list)):
        _refuse_references(name, value, held)
    return Plain(value, text, isinstance(value, str), not isinstance(value, str))


def _refuse_references(name: str, value: object, held: Line) -> None:
    """A value in braces deeper inside would be sent and compared as it stands. Raises UnreadableDiagram."""
    waiting = [(name, value)]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, dict):
            waiting += [(f"{path}.{key}", member) for key, member in one.items()]
        elif isinstance(one, list):
            waiting += [(f"{path}[{index}]", element) for index, element in enumerate(one)]
        elif isinstance(one, str) and _REFERENCE.fullmatch(one):
            raise UnreadableDiagram(
                Finding(
                    "SQ250",
                    f"`{one}` stands inside an array or an object of JSON, where it would be text",
                    held.span(),
                    do=f"take it out there, and write it on a line of a note by its path: `{path} = {one}`",
                )
            )


def _no_json(message: str, span: Span | None) -> UnreadableDiagram:
    return UnreadableDiagram(
        Finding(
            "SQ250",
            f"this is no JSON: {message}",
            span,
            why="braces with quoted names are JSON",
            do="correct it, or write `name = value`, a line for each",
        )
    )


# ---- Lines joined by commas -----------------------------------------------------------------------------------------

_MEMBER = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[\w@$-]+)(?:\.[\w@$-]+|\[[^\]]*\])*)\s*:\s*(\S.*)?$')


def pieces(held: Line) -> Iterator[Line]:
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
