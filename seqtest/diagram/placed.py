"""What a line of text says, put where the line stands.

Suites draw the same lines over and over. Such a text is read once, as if it stood at `ORIGIN`; whoever draws it gets
what it says with the places moved there.
"""

import json

from seqtest.diagram.expectation import Call, Expression, New, Page, Plain, Promise, Reference, Template, Value
from seqtest.source import Span

MOST_TEXTS = 1 << 14
"""How many texts of a kind are remembered."""
ORIGIN = Span(0, 0, 0, 0)
"""The first character of a text that stands nowhere yet: columns are offsets."""


def span_at(span: Span | None, place: Span | None) -> Span | None:
    """A span of a text read at `ORIGIN`, for the same text at `place`."""
    if span is None or place is None:
        return None
    line, column = place.line, place.column
    return Span(line, column + span.column, line, column + span.end_column, place.source)


def promise_at(promise: Promise, place: Span | None) -> Promise:
    """The same promise of a text at `place`."""
    return Promise(
        promise.place,
        promise.path,
        promise.operator,
        tuple([value_at(value, place) for value in promise.values]),
        promise.type_name,
        promise.name,
        None if promise.example is None else value_at(promise.example, place),
        promise.is_optional,
        promise.children,
        promise.is_closed,
        promise.is_tampered,
        span_at(promise.span, place),
        span_at(promise.value_span, place),
    )


def value_at(value: Value, place: Span | None) -> Value:
    """The same value of a text at `place`. JSON is given to each anew: who sends it may add to it."""
    if type(value) is Template:
        return template_at(value, place)
    if type(value) is Plain and type(value.value) in (dict, list):
        return Plain(json.loads(value.text), value.text, value.is_quoted, value.is_typed)
    return value


def template_at(template: Template, place: Span | None) -> Template:
    """The same template of a text at `place`."""
    return Template(tuple([part if isinstance(part, str) else expression_at(part, place) for part in template.parts]))


def expression_at(part: Expression, place: Span | None) -> Expression:
    """The same expression of a text at `place`."""
    match part:
        case Reference(path, span):
            return Reference(path, span_at(span, place))
        case New(name, span):
            return New(name, span_at(span, place))
        case Call(function, arguments, span):
            moved = tuple(expression_at(argument, place) for argument in arguments)
            return Call(function, moved, span_at(span, place))
        case Page(kind, name, span):
            return Page(kind, name, span_at(span, place))
        case Plain():
            return part
