"""What an arrow says whoever plays it: compiled once for all steps and cases that share it, as far as they ask."""

import re
from collections.abc import Iterator, Sequence, Set

from seqtest.contents import framing
from seqtest.contents.clause import Clause, Group
from seqtest.contents.leaves import Cover
from seqtest.contents.target import Target
from seqtest.diagram.expectation import QUERY_METHODS, ActionLine, Expectation, Plain, Promise, RequestLine, StatusLine
from seqtest.once import once, once_for_each

_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)


class Promised:
    """An expectation compiled."""

    def __init__(self, expectation: Expectation) -> None:
        self.expectation = expectation
        line = expectation.line
        self.target = Target(line) if isinstance(line, RequestLine) else None
        bare = "" if not isinstance(line, RequestLine) else "query" if line.method in QUERY_METHODS else "form"
        self.group = Group(expectation.promises, expectation.is_closed, bare)

    @once
    def draws_json(self) -> bool:
        """Whether bare fields of a body are JSON members."""
        return _draws_json(self.group, self.expectation.line)

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


def _draws_json(group: Group, line: RequestLine | StatusLine | ActionLine) -> bool:
    for clause in group.clauses:
        if clause.header == "content-type" and clause.operator == "=" and isinstance(clause.promise.values[0], Plain):
            return _JSON.match(clause.promise.values[0].text) is not None
    if isinstance(line, RequestLine) and line.is_json and line.method not in QUERY_METHODS:
        return True
    return any(clause.place == "json" for clause in group.clauses)
