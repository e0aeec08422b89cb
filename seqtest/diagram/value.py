"""Values and what stands in their braces, from marks to meaning."""

from collections.abc import Mapping

from seqtest.diagram.block import Line
from seqtest.diagram.expectation import Call, Expression, Moment, New, Page, Plain, Reference, Template, Value
from seqtest.errors import Finding, UnreadableDiagram, did_you_mean
from seqtest.syntax.promise import Mark, Misread, loads, raw, value

FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "S256": (1, 1),
    "at_hash": (1, 1),
    "c_hash": (1, 1),
    "thumbprint": (1, 1),
    "basic": (2, 2),
    "base64url": (1, 1),
    "urlencode": (1, 1),
    "pem": (1, 1),
    "jwks": (1, 32),
}
"""Functions by name, with how many arguments they take."""


def value_of(line: Line) -> Value:
    """A field's value. Raises UnreadableDiagram."""
    try:
        mark = value(line.text)
    except Misread as fault:
        raise unreadable("SQ244", fault, line) from None
    if mark.kind == "moment":
        return Moment(*mark.parts)
    return Plain(*mark.parts) if mark.kind == "plain" else _template(mark, line)


def template_of(text: str, line: Line) -> Plain | Template:
    """A value that is text, as a header's or a target's. Raises UnreadableDiagram."""
    try:
        mark = raw(text)
    except Misread as fault:
        raise unreadable("SQ244", fault, line) from None
    return Plain(text, text) if mark.kind == "plain" else _template(mark, line)


def parts_of(text: str, line: Line) -> Template:
    """The same, always as a template: for actions."""
    found = template_of(text, line)
    return found if isinstance(found, Template) else Template((text,))


def target_of(text: str, line: Line) -> Template:
    """Where a request goes; the only place for `{form}` and `{link "…"}`. Raises UnreadableDiagram."""
    try:
        mark = raw(text)
    except Misread as fault:
        raise unreadable("SQ244", fault, line) from None
    if mark.kind == "plain":
        return Template((text,))
    if len(mark.parts) == 1 and mark.parts[0].kind == "page":
        return Template((_page(mark.parts[0], line),))
    return _template(mark, line)


def unreadable(code: str, fault: Misread, line: Line) -> UnreadableDiagram:
    """What could not be read, at its place in the drawing."""
    span = line.span(fault.start, max(fault.end, fault.start + 1))
    return UnreadableDiagram(Finding(code, fault.message, span, expected=fault.expected, do=fault.do))


def unquoted(text: str) -> str:
    """What stands between the quotes."""
    return str(loads(text))


def _template(mark: Mark, line: Line) -> Template:
    return Template(tuple(part.parts[0] if part.kind == "TEXT" else _expression(part, line) for part in mark.parts))


def _expression(mark: Mark, line: Line) -> Expression:
    span = line.span(mark.start, mark.end)
    if mark.kind == "new":
        return New(mark.parts[1].parts[0], span)
    if mark.kind == "reference":
        return Reference(tuple(_step(part) for part in mark.parts), span)
    if mark.kind == "call":
        return _call(mark, line)
    if mark.kind == "string":
        text = mark.parts[0].parts[0]
        return Plain(unquoted(text), text, is_quoted=True)
    if mark.kind == "number":
        text = mark.parts[0].parts[0]
        return Plain(loads(text), text)
    raise UnreadableDiagram(
        Finding(
            "SQ244",
            f"`{{{mark.parts[0].parts[0]}}}` is no value",
            span,
            label="where a browser goes",
            do="it stands alone behind the method, as the target of a browser's request: `POST {form}`",
        )
    )


def _page(mark: Mark, line: Line) -> Page:
    kind, *named = (part.parts[0] for part in mark.parts)
    name = unquoted(named[0]) if named else None
    return Page("form" if kind == "form" else "link", name, line.span(mark.start, mark.end))


def _step(mark: Mark) -> str | int:
    text = mark.parts[0]
    if mark.kind == "INT":
        return int(text)
    return unquoted(text) if mark.kind == "STRING" else text


def _call(mark: Mark, line: Line) -> Call:
    name, *arguments = mark.parts
    function = name.parts[0]
    span = line.span(mark.start, mark.end)
    if function not in FUNCTIONS:
        raise UnreadableDiagram(
            Finding(
                "SQ248",
                f"there is no function `{function}`",
                line.span(name.start, name.end),
                label=did_you_mean(function, tuple(FUNCTIONS)),
                expected=", ".join(FUNCTIONS),
            )
        )
    least, most = FUNCTIONS[function]
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least} or more"
        raise UnreadableDiagram(
            Finding(
                "SQ248", f"`{function}` takes {wanted} value{'s' if wanted != '1' else ''}, not {len(arguments)}", span
            )
        )
    return Call(function, tuple(_expression(argument, line) for argument in arguments), span)
