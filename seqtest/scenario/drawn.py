"""What an arrow makes known, and what it needs to know: names, read off the drawing."""

from collections.abc import Iterator
from dataclasses import dataclass

from seqtest.diagram.expectation import (
    ActionLine,
    Call,
    Expectation,
    Expression,
    New,
    Promise,
    Reference,
    RequestLine,
    StatusLine,
    Template,
    Value,
    expressions,
)
from seqtest.scenario.script import Script
from seqtest.source import Span


def drawn_names(expectation: Expectation) -> list[tuple[str, Promise | None]]:
    """The names that the arrow makes known, each with the line that does (None for the label)."""
    found: list[tuple[str, Promise | None]] = [(name, None) for name in _names_in_line(expectation)]
    for promise in expectation.promises:
        found += _names_of(promise, is_top=True)
    return found


def _names_in_line(expectation: Expectation) -> Iterator[str]:
    line = expectation.line
    if isinstance(line, RequestLine):
        yield from _names_in_text(line.target)
    elif isinstance(line, ActionLine):
        yield from _names_in_text(line.text)


def _names_of(promise: Promise, is_top: bool) -> Iterator[tuple[str, Promise]]:
    if promise.operator == "absent" or promise.place == "signature":
        return
    if is_top and len(promise.path) == 1 and isinstance(promise.path[0], str):
        yield promise.path[0], promise
    if promise.name is not None:
        yield promise.name, promise
    if promise.operator == "=":
        for value in promise.values:
            for name in _names_in_text(value):
                yield name, promise
    is_location = promise.place == "header" and str(promise.path[0]).lower() == "location"
    if not promise.is_tampered:
        for child in promise.children:
            yield from _names_of(child, is_top=is_location)


def _names_in_text(value: Value) -> Iterator[str]:
    """`{x}` and `{new x}` in the text itself; in a function only what is new."""
    if not isinstance(value, Template):
        return
    for part in value.parts:
        if isinstance(part, Reference) and len(part.path) == 1:
            yield str(part.path[0])
        elif isinstance(part, (New, Call)):
            yield from (held.name for held in expressions(part) if isinstance(held, New))


# ---- What a step needs ----


@dataclass(frozen=True, slots=True)
class Need:
    """A name in braces, and where it stands."""

    reference: Reference
    span: Span | None
    is_in_function: bool = False


def needs(expectation: Expectation) -> Iterator[Need]:
    """Every name in braces that must have a value when the arrow's turn comes."""
    line = expectation.line
    if isinstance(line, RequestLine):
        yield from _needs_of(line.target, expectation.span)
    elif isinstance(line, ActionLine):
        yield from _needs_of(line.text, expectation.span)
    elif isinstance(line, StatusLine) and line.reference is not None:
        yield Need(line.reference, line.reference.span or expectation.span)
    for promise in expectation.walk():
        for value in (*promise.values, *((promise.example,) if promise.example is not None else ())):
            yield from _needs_of(value, promise.value_span or promise.span)


def _needs_of(value: Value | Expression, span: Span | None, is_in_function: bool = False) -> Iterator[Need]:
    if isinstance(value, Template):
        for part in value.parts:
            if not isinstance(part, str):
                yield from _needs_of(part, span)
    elif isinstance(value, Call):
        for argument in value.arguments:
            yield from _needs_of(argument, span, is_in_function=True)
    elif isinstance(value, Reference):
        yield Need(value, value.span or span, is_in_function)


def last_needs(script: Script) -> dict[str, int]:
    """Name → the last step in which a scripted sender needs it."""
    found: dict[str, int] = {}
    for step in script.scenario.steps:
        if step.expectation is not None and not script.is_bound(step.sender):
            for need in needs(step.expectation):
                found[str(need.reference.path[0])] = step.index
        for name, _ in step.keeps:
            found[name] = step.index
    return found
