"""What an arrow says whoever plays it: compiled once for all steps and cases that share it, as far as they ask."""

from collections.abc import Iterator, Sequence, Set

from seqtest.contents import framing
from seqtest.contents.clause import Clause, Group
from seqtest.contents.leaves import Cover
from seqtest.contents.target import Target
from seqtest.diagram.expectation import QUERY_METHODS, Expectation, Plain, Promise, RequestLine
from seqtest.once import once, once_for_each


class Promised:
    """An expectation compiled."""

    def __init__(self, expectation: Expectation) -> None:
        self.expectation = expectation
        self.draws_json = expectation.draws_json
        self.target = Target(expectation.line) if isinstance(expectation.line, RequestLine) else None
        self.group = Group(expectation.promises, expectation.is_closed, self._place_of_bare_fields())

    def _place_of_bare_fields(self) -> str:
        line = self.expectation.line
        if not isinstance(line, RequestLine):
            return ""
        return "query" if line.method in QUERY_METHODS else "json" if self.draws_json else "form"

    @once
    def doubtful(self) -> list[Clause]:
        """Lines of which another one names the same place."""
        return self.group.doubtful()

    @once
    def literals(self) -> Set[str]:
        """The texts that the drawing itself says."""
        return frozenset(_literals(self.expectation.promises))

    @once
    def named(self) -> Set[str]:
        """The names given with `as`, which nothing but this drawing calls so."""
        return frozenset(_named(self.expectation.promises))

    @once
    def body_type(self) -> str:
        """The media type as which drawn fields of the body are read; see `framing.drawn_type`."""
        return framing.drawn_type(self.expectation, self.draws_json)

    @once
    def covers(self) -> Cover:
        """Which texts of the message it draws."""
        line = self.expectation.line
        return Cover(self.expectation.promises, line.method if isinstance(line, RequestLine) else "")


@once_for_each
def said_by(expectation: Expectation) -> Promised:
    """The expectation compiled; `said_by.forget()` when no case that shares it is to come."""
    return Promised(expectation)


def _literals(promises: Sequence[Promise]) -> Iterator[str]:
    for promise in promises:
        for value in promise.values:
            if type(value) is Plain:
                yield value.text
        if promise.children:
            yield from _literals(promise.children)


def _named(promises: Sequence[Promise]) -> Iterator[str]:
    for promise in promises:
        if promise.name is not None and promise.name not in promise.path:
            yield promise.name
        if promise.children:
            yield from _named(promise.children)
