"""Guards about values that a row of a table, or a `ref`, gives: `alt kind = odd` in a table with the column `kind`."""

import re
from difflib import get_close_matches

from seqtest.diagram import Note, TextLine
from seqtest.diagram.expectation import Plain
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.scenario.names import plain
from seqtest.scenario.walk import Walk
from seqtest.source import Span

_CONDITION = re.compile(r"\{?(?P<name>[A-Za-z_]\w*)\}?\s*(?P<rest>(?:!=|=(?![=>~])|in\b).*)", re.DOTALL)
_NEAR = 0.75


def name_asked(guard: str) -> str | None:
    """The name whose value a guard is about; None when it reads like none."""
    match = _CONDITION.fullmatch(plain(guard))
    return match["name"] if match is not None else None


def holds(walk: Walk, guard: str, span: Span | None) -> bool | None:
    """Whether the guard is true of the value that is given here; None when it is about none."""
    given = walk.place.given
    match = _CONDITION.fullmatch(plain(guard)) if given else None
    if match is None:
        return None
    name = match["name"]
    if name not in given:
        near = get_close_matches(name, given, n=1, cutoff=_NEAR)
        if near:
            walk.report(_nearly(name, near[0], span))
        return None
    value = given[name]
    if not isinstance(value, Plain):
        return None
    try:
        promises = walk.flows.note_promises(Note("over", (TextLine(f"{name} {match['rest']}", span),), ("",)))
    except UnreadableDiagram as error:
        walk.report(*error.findings)
        return None
    if len(promises) != 1 or not all(isinstance(one, Plain) for one in promises[0].values):
        return None
    is_one = any(_same(value, one) for one in promises[0].values)
    return not is_one if promises[0].operator == "!=" else is_one


def _same(one: Plain, other: object) -> bool:
    return isinstance(other, Plain) and (type(one.value), one.value) == (type(other.value), other.value)


def _nearly(name: str, near: str, span: Span | None) -> Finding:
    return Finding(
        "SQ328",
        f"this guard reads like one about a given value, and there is no `{name}`",
        span,
        label=f"did you mean `{near}`?",
        why="as words it would choose nothing",
        do=f"write `{near}`, or words that compare nothing",
    )
