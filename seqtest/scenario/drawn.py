"""What an arrow makes known, and what it needs to know: names, read off the drawing."""

from collections.abc import Iterator, Mapping, Sequence

from seqtest.dataclass import dataclass
from seqtest.diagram.expectation import (
    ActionLine,
    Call,
    Expectation,
    Expression,
    New,
    Promise,
    Reference,
    RequestLine,
    Template,
    Value,
    expressions,
)
from seqtest.once import once_for_each
from seqtest.scenario.script import Script
from seqtest.source import Span


@dataclass(frozen=True, slots=True)
class Need:
    """A name in braces, and where it stands."""

    reference: Reference
    span: Span | None
    is_in_function: bool = False


class Read:
    """What is read off one expectation. It is the same for every case that shares the arrow."""

    __slots__ = ("expectation", "named", "names", "needs", "new", "new_in_label", "opened", "promises")

    def __init__(self, expectation: Expectation) -> None:
        self.expectation = expectation
        self.promises = tuple(expectation.walk())
        """Every promise, each before what is indented below it."""
        self.named = [one for one in self.promises if one.name is not None and one.operator != "absent"]
        """Those of a value that they name with `as`."""
        self.names = _names(expectation)
        """The names that the arrow makes known, each with the line that does (None for the label)."""
        self.needs: list[Need] = []
        """Every name in braces that must have a value when the arrow's turn comes."""
        self.new: dict[str, Span | None] = {}
        """The names in `{new x}` of the lines, inside functions too, each with where it stands first."""
        self.new_in_label: list[str] = []
        """Those of the label."""
        self.opened: list[str] = []
        """Those of which a line shows only a function: `{S256(new code_verifier)}`."""
        _add_needs_of_line(expectation, self.needs, self.new_in_label)
        for promise in self.promises:
            self._add(promise)

    def _add(self, promise: Promise) -> None:
        for value in promise.values:
            if type(value) is not Template:
                continue
            new: list[str] = []
            for part in value.parts:
                if not isinstance(part, str):
                    _add_needs(part, promise.value_span or promise.span, self.needs, new)
            for name in new:
                self.new.setdefault(name, promise.value_span or promise.span)
            if new and value is promise.values[0] and len(value.parts) == 1 and isinstance(value.parts[0], Call):
                self.opened.append(new[0])
        if promise.example is not None:
            _add_needs(promise.example, promise.value_span or promise.span, self.needs, [])


@once_for_each
def read(expectation: Expectation) -> Read:
    """What is read off the arrow; `read.forget()` when no case that shares it is to come."""
    return Read(expectation)


def drawn_names(expectation: Expectation) -> Sequence[tuple[str, Promise | None]]:
    """The names that the arrow makes known, each with the line that does (None for the label)."""
    return read(expectation).names


def _names(expectation: Expectation) -> list[tuple[str, Promise | None]]:
    found: list[tuple[str, Promise | None]] = [(name, None) for name in _names_in_line(expectation)]
    for promise in expectation.promises:
        _add_names(promise, True, found)
    return found


def _names_in_line(expectation: Expectation) -> Iterator[str]:
    line = expectation.line
    if isinstance(line, RequestLine):
        yield from _names_in_text(line.target)
    elif isinstance(line, ActionLine):
        yield from _names_in_text(line.text)


def _add_names(promise: Promise, is_top: bool, found: list[tuple[str, Promise | None]]) -> None:
    if promise.operator == "absent" or promise.place == "signature":
        return
    path = promise.path
    if is_top and len(path) == 1 and isinstance(path[0], str):
        found.append((path[0], promise))
    if promise.name is not None:
        found.append((promise.name, promise))
    if promise.operator == "=":
        for value in promise.values:
            if type(value) is Template:
                found += [(name, promise) for name in _names_in_text(value)]
    if promise.children and not promise.is_tampered:
        is_location = promise.place == "header" and str(path[0]).lower() == "location"
        for child in promise.children:
            _add_names(child, is_location, found)


def _names_in_text(text: Template) -> Iterator[str]:
    """`{x}` and `{new x}` in the text itself; in a function only what is new."""
    for part in text.parts:
        if isinstance(part, Reference) and len(part.path) == 1:
            yield str(part.path[0])
        elif isinstance(part, (New, Call)):
            yield from (held.name for held in expressions(part) if isinstance(held, New))


# ---- What a step needs ----


def needs(expectation: Expectation) -> Sequence[Need]:
    """Every name in braces that must have a value when the arrow's turn comes."""
    return read(expectation).needs


def _add_needs_of_line(expectation: Expectation, found: list[Need], new: list[str]) -> None:
    line = expectation.line
    if isinstance(line, RequestLine):
        _add_needs(line.target, expectation.span, found, new)
    elif isinstance(line, ActionLine):
        _add_needs(line.text, expectation.span, found, new)
    elif line.reference is not None:
        found.append(Need(line.reference, line.reference.span or expectation.span))


def _add_needs(
    value: Value | Expression, span: Span | None, found: list[Need], new: list[str], is_in_function: bool = False
) -> None:
    if isinstance(value, Reference):
        found.append(Need(value, value.span or span, is_in_function))
    elif isinstance(value, New):
        new.append(value.name)
    elif isinstance(value, Call):
        for argument in value.arguments:
            _add_needs(argument, span, found, new, is_in_function=True)
    elif isinstance(value, Template):
        for part in value.parts:
            if not isinstance(part, str):
                _add_needs(part, span, found, new)


_latest: "tuple[Script | None, Mapping[str, int]]" = (None, {})
"""Each step of a run asks: what was found for the latest script, which is known by its identity."""


def last_needs(script: Script) -> Mapping[str, int]:
    """Name → the last step in which a scripted sender needs it."""
    global _latest
    known, found = _latest
    if known is not script:
        found = _last_needs(script)
        _latest = script, found
    return found


def _last_needs(script: Script) -> dict[str, int]:
    found: dict[str, int] = {}
    for step in script.scenario.steps:
        if step.expectation is not None and not script.is_bound(step.sender):
            for need in needs(step.expectation):
                name = str(need.reference.path[0])
                found[name] = step.index
                for held in expressions(step.given[name]) if name in step.given else ():
                    if isinstance(held, Reference):
                        found[str(held.path[0])] = step.index
        for name, _ in step.keeps:
            found[name] = step.index
    return found
