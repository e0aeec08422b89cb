"""One line of a note and what it promises: header or field, where the field is, what must hold of it."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

from seqtest.dataclass import replace
from seqtest.diagram.block import COOKIE_ATTRIBUTES, JOSE_FIELDS, TOKENS, Block, Line
from seqtest.diagram.expectation import PLACES, Operator, Place, Plain, Promise, Segment, Value
from seqtest.diagram.placed import MOST_TEXTS, ORIGIN, promise_at
from seqtest.diagram.value import template_of, unquoted, unreadable, value_of
from seqtest.errors import Finding, UnreadableDiagram, did_you_mean
from seqtest.syntax.promise import Mark, Misread, read, split

TYPES = (
    "jwt",
    "jwe",
    "opaque",
    "string",
    "integer",
    "number",
    "boolean",
    "object",
    "array",
    "uuid",
    "url",
    "timestamp",
    "base64url",
    "json",
    "base64url json",
)
"""What may stand behind ` : `."""


def promise_of(line: Line, block: Block) -> Promise | list[Promise] | None:
    """The line's promise; None for `nothing else`; several for a form-encoded line."""
    try:
        said = _said(line.text, block)
    except UnreadableDiagram:
        said = _read(line, block)  # raises it again, at its place
    if said is None:
        return None
    if isinstance(said, Promise):
        return promise_at(said, line.place)
    return [promise_at(promise, line.place) for promise in said]


@lru_cache(MOST_TEXTS)
def _said(text: str, block: Block) -> Promise | list[Promise] | None:
    """What a line says, wherever it stands."""
    return _read(Line(text, ORIGIN), block)


def _read(line: Line, block: Block) -> Promise | list[Promise] | None:
    text, is_optional = line.text, False
    if text.startswith("[") and text.endswith("]"):
        line, is_optional = line.cut(1, len(text) - 1), True
    pairs = list(_form_encoded(line))
    if pairs and block == "message":
        return [replace(promise, is_optional=is_optional) for promise in pairs]
    try:
        mark = read(line.text, "line")
        promise = _KINDS[mark.kind](mark, line, block)
    except Misread as fault:
        raise unreadable("SQ240", fault, line) from None
    if promise is None:
        if is_optional:
            raise UnreadableDiagram(
                Finding("SQ240", "`nothing else` cannot be optional", line.span(), do="take the brackets off")
            )
        return None
    _check_letters(promise, line)
    return replace(promise, is_optional=is_optional, span=line.span())


def _check_letters(promise: Promise, line: Line) -> None:
    """A bare name is of ASCII letters: another alphabet's `а` looks like the `a` that is meant, and is not there."""
    for name in promise.path:
        if isinstance(name, str) and not name.isascii() and f'"{name}"' not in line.text:
            odd = next(letter for letter in name if not letter.isascii())
            at = line.text.find(odd)
            raise UnreadableDiagram(
                Finding(
                    "SQ240",
                    f"the name `{name}` has a letter that is not ASCII: `{odd}`, {unicodedata.name(odd, 'unnamed')}",
                    line.span(at, at + 1),
                    why="it may look like another letter, and then nothing of that name is ever there",
                    do=f'if it is meant, quote the name: `"{name}"`',
                )
            )


_FORM = re.compile(r"[\w.~%-]+=(?:[^&\s{]|\{[^}]*\})*(?:&[\w.~%\[\]-]+=(?:[^&\s{]|\{[^}]*\})*)+")


def _form_encoded(line: Line) -> Iterator[Promise]:
    """`grant_type=password&username=alice`: each pair, decoded."""
    if not _FORM.fullmatch(line.text) or re.match(r"[^=]*=[a-z][a-z0-9+.-]*:", line.text):
        return
    from urllib.parse import unquote_plus

    for offset, pair in split(line.text, "&"):
        name, _, text = pair.partition("=")
        start = offset + len(name) + 1
        span = line.span(offset, offset + len(pair))
        if "{" in text:
            value: Value = template_of(text, line.cut(start, start + len(text)))
        else:
            value = Plain(unquote_plus(text), text, is_quoted=True)
        yield Promise(
            "field", (unquote_plus(name),), "=", (value,), span=span, value_span=line.span(start, start + len(text))
        )


def _nothing_else(mark: Mark, line: Line, block: Block) -> None:
    if block == "state":
        raise UnreadableDiagram(
            Finding(
                "SQ240", "`nothing else` closes the fields of a message", line.span(), do="take it out of this note"
            )
        )


def _header(mark: Mark, line: Line, block: Block) -> Promise:
    name = mark.parts[0].parts[0][:-1]
    text = mark.text("RAW")
    span = line.span(0, len(name))
    suggested = f"{name} : {text}" if text in TYPES else f"{name} = {text}"
    if block != "message":
        raise UnreadableDiagram(
            Finding(
                "SQ241",
                "no header stands here",
                span,
                label="a colon directly behind a name is a header's",
                do=f"write `{suggested}`",
            )
        )
    if text in TYPES:
        raise UnreadableDiagram(
            Finding(
                "SQ241",
                f"the header `{name}` would have to be the text `{text}`, which is a type",
                span,
                label="a colon directly behind a name is a header's",
                do=f"write `{name} : {text}`",
            )
        )
    if not _is_header_name(name):
        raise UnreadableDiagram(
            Finding(
                "SQ241",
                f"`{name}` is no header",
                span,
                label="a colon directly behind a name is a header's",
                why="a header's name begins with a capital or has a hyphen; everything else is a field",
                do=f"write `{suggested}`",
            )
        )
    raw = mark.part("RAW")
    if raw is None:
        return Promise(
            "header", (name,), "=", (Plain("", ""),), span=line.span(), value_span=line.span(mark.end - 1, mark.end)
        )
    place = line.cut(raw.start, raw.end)
    value = template_of(text, place)
    is_tampered = mark.part("BUT") is not None
    return Promise(
        "header", (name,), "=", (value,), type_name=_scheme(text), is_tampered=is_tampered, value_span=place.span()
    )


def _scheme(text: str) -> str:
    """What opens a header's block: the scheme of `Bearer {token}` or of a challenge."""
    return text.split(None, 1)[0] if text.strip() else ""


def _is_header_name(name: str) -> bool:
    return name[:1].isupper() or "-" in name


def _path(mark: Mark, block: Block, line: Line) -> tuple[Place, tuple[Segment, ...]]:
    """Where a path leads: the place it names or implies, and the rest of the way."""
    path = mark.one("path")
    first, *others = path.parts
    is_quoted = first.kind == "quoted"
    segments: tuple[Segment, ...] = (_segment(first.parts[0]), *map(_segment, others))
    name = cast(str, segments[0])
    return _PLACES_IN[block](name, is_quoted, segments, line)


def _segment(mark: Mark) -> Segment:
    text: str = mark.parts[0]
    if mark.kind == "STAR":
        return None
    if mark.kind == "INT":
        return int(text)
    return unquoted(text) if mark.kind == "STRING" else text


Where = tuple[Place, tuple[Segment, ...]]


def _in_message(name: str, is_quoted: bool, path: tuple[Segment, ...], line: Line) -> Where:
    if is_quoted:
        return "field", path
    if name in PLACES and len(path) > 1 and (isinstance(path[1], str) or name == "json"):
        return cast(Place, name), path[1:]
    if name == "body" and len(path) == 1:
        return "body", ()
    if len(path) == 1 and _is_header_name(name):
        return "header", path
    return "field", path


def _in_state(name: str, is_quoted: bool, path: tuple[Segment, ...], line: Line) -> Where:
    return "field", path


def _in_token(name: str, is_quoted: bool, path: tuple[Segment, ...], line: Line) -> Where:
    if not is_quoted and name in ("jose", "claims") and len(path) > 1:
        return cast(Place, name), path[1:]
    return ("jose" if not is_quoted and name in JOSE_FIELDS else "claims"), path


def _in_token_of_cookie(name: str, is_quoted: bool, path: tuple[Segment, ...], line: Line) -> Where:
    if not is_quoted and name in COOKIE_ATTRIBUTES and len(path) == 1:
        return "parameter", path
    return _in_token(name, is_quoted, path, line)


def _in_location(name: str, is_quoted: bool, path: tuple[Segment, ...], line: Line) -> Where:
    if not is_quoted and name in ("query", "fragment") and len(path) > 1:
        return cast(Place, name), path[1:]
    return "query", path


def _in_parameters(name: str, is_quoted: bool, path: tuple[Segment, ...], line: Line) -> Where:
    return "parameter", path


_PLACES_IN: Mapping[Block, Callable[[str, bool, tuple[Segment, ...], Line], Where]] = {
    "message": _in_message,
    "action": _in_state,
    "state": _in_state,
    "token": _in_token,
    "location": _in_location,
    "challenge": _in_parameters,
    "cookie": _in_parameters,
    "token in a cookie": _in_token_of_cookie,
    "object": _in_state,
}


def _on_path(mark: Mark, line: Line, block: Block, operator: Operator, **more: Any) -> Promise:
    place, path = _path(mark, block, line)
    return Promise(place, path, operator, **more)


def _name(mark: Mark) -> str | None:
    # The path's own names are inside its mark, so a NAME beside it is the one behind `as`.
    return mark.text("NAME") or None


def _present(mark: Mark, line: Line, block: Block) -> Promise:
    return _on_path(mark, line, block, "present", name=_name(mark))


def _word(mark: Mark, line: Line, block: Block) -> Promise:
    name = _name(mark)
    operator = cast(Operator, mark.text("WORD"))
    if operator == "absent" and name:
        found = mark.one("NAME")
        raise UnreadableDiagram(
            Finding("SQ240", "what is absent cannot be kept", line.span(found.start, found.end), do="take `as` off")
        )
    promise = _on_path(mark, line, block, operator, name=name)
    if operator == "absent" and block == "location" and promise.place == "query" and not line.text.startswith("query."):
        # A bare name that must not be there is in neither of a redirect's two places.
        return replace(promise, place="field")
    return promise


def _typed(mark: Mark, line: Line, block: Block) -> Promise:
    found = mark.one("TYPE")
    type_name = " ".join(found.parts[0].split())
    if type_name not in TYPES:
        header = f"; a header has no blank before its colon: `{line.text.replace(' :', ':', 1)}`"
        place, _ = _path(mark, block, line)
        raise UnreadableDiagram(
            Finding(
                "SQ242",
                f"there is no type `{type_name}`",
                line.span(found.start, found.end),
                label=did_you_mean(type_name, TYPES),
                expected=", ".join(TYPES),
                do="write ` = value` for a value" + (header if place == "header" else ""),
            )
        )
    return _on_path(
        mark,
        line,
        block,
        "type",
        type_name=type_name,
        name=_name(mark),
        example=_example(mark, line),
        value_span=line.span(found.start, found.end),
    )


def _equal(mark: Mark, line: Line, block: Block) -> Promise:
    found = mark.one("RAW")
    place = line.cut(found.start, found.end)
    is_tampered = mark.part("BUT") is not None
    return _on_path(mark, line, block, "=", values=(value_of(place),), is_tampered=is_tampered, value_span=place.span())


def _compared(mark: Mark, line: Line, block: Block) -> Promise:
    operator = " ".join(mark.text("COMPARE").split())
    found = mark.one("VALUE")
    place = line.cut(found.start, found.end)
    if operator == "in":
        values = tuple(value_of(place.cut(offset, offset + len(piece))) for offset, piece in split(place.text) if piece)
    else:
        values = (value_of(place),)
    return _on_path(
        mark,
        line,
        block,
        cast(Operator, operator),
        values=values,
        example=_example(mark, line),
        value_span=place.span(),
    )


def _matched(mark: Mark, line: Line, block: Block) -> Promise:
    found = mark.one("EXPRESSION")
    expression = found.parts[0][1:-1]
    try:
        re.compile(expression)
    except re.error as error:
        at = found.start + 1 + (error.pos or 0)
        raise UnreadableDiagram(
            Finding("SQ249", f"this is no regular expression: {error.msg}", line.span(at, at + 1))
        ) from None
    return _on_path(
        mark,
        line,
        block,
        "matches",
        values=(Plain(expression, expression),),
        example=_example(mark, line),
        value_span=line.span(found.start, found.end),
    )


def _example(mark: Mark, line: Line) -> Value | None:
    if mark.part("EXAMPLE") is None:
        return None
    found = mark.parts[-1]
    return value_of(line.cut(found.start, found.end))


def _file(mark: Mark, line: Line, block: Block) -> Promise:
    kind = cast(Operator, mark.text("FILE_KIND"))
    found = mark.one("FILE")
    values = (Plain(found.parts[0], found.parts[0]),)
    span = line.span(found.start, found.end)
    if mark.part("path") is not None:
        return _on_path(mark, line, block, kind, values=values, value_span=span)
    return Promise("body", (), kind, values, value_span=span)


def _in_token_only(line: Line, block: Block) -> None:
    if block not in TOKENS:
        raise UnreadableDiagram(
            Finding(
                "SQ246",
                "no token stands above this line",
                line.span(),
                label="about whose signature?",
                do="indent it below a token: `access_token : jwt`",
            )
        )


def _signed_by(mark: Mark, line: Line, block: Block) -> Promise:
    _in_token_only(line, block)
    found = mark.parts[1]
    return Promise(
        "signature",
        (),
        "signed by",
        (Plain(found.parts[0], found.parts[0]),),
        value_span=line.span(found.start, found.end),
    )


def _signed_with(mark: Mark, line: Line, block: Block) -> Promise:
    _in_token_only(line, block)
    found = mark.parts[1]
    place = line.cut(found.start, found.end)
    return Promise("signature", (), "signed with", (value_of(place),), value_span=place.span())


def _signature(mark: Mark, line: Line, block: Block) -> Promise:
    state = cast(Operator, mark.text("SIGNATURE_STATE"))
    if block not in TOKENS and state == "absent":
        place, path = _PLACES_IN[block]("signature", False, ("signature",), line)
        return Promise(place, path, "absent")
    _in_token_only(line, block)
    return Promise("signature", (), state)


_KINDS: Mapping[str, Callable[[Mark, Line, Block], Promise | None]] = {
    "nothing_else": _nothing_else,
    "header": _header,
    "present": _present,
    "word": _word,
    "typed": _typed,
    "equal": _equal,
    "compared": _compared,
    "matched": _matched,
    "file": _file,
    "body_file": _file,
    "signed_by": _signed_by,
    "signed_with": _signed_with,
    "signature": _signature,
}
