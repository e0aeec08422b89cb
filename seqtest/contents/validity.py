"""Whether a token that somebody hands out is good at that moment."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from seqtest.contents.compare import is_number
from seqtest.contents.opener import TokenHolder
from seqtest.contents.report import Notes
from seqtest.contents.scope import Scope
from seqtest.contents.text import shown
from seqtest.diagram.expectation import Moment, Promise

if TYPE_CHECKING:
    from seqtest.contents.clause import Clause


def check_validity(clause: "Clause", token: TokenHolder, scope: Scope, notes: Notes) -> None:
    """A token that is handed out must not have expired, nor be of use only later.

    `exp = iat + 5 minutes` is true of a token of last year as well. One in `Authorization` is not handed out but used;
    and a line about the claim that involves `now` says by itself what is meant.
    """
    if clause.header and clause.header != "dpop":
        return
    now, leeway, claims = scope.now, scope.context.leeway, token.token.claims
    for name, what in (("exp", "had expired"), ("nbf", "was not good yet")):
        if name not in claims or _is_drawn_by_the_clock(clause, name):
            continue
        moment: Any = claims[name]
        line = next((one for one in clause.promise.children if one.path == (name,)), clause.promise)
        if not is_number(moment):
            if line.operator not in _SAYING_WHAT or line is clause.promise:
                _fail_for_no_time(clause, name, moment, line, notes)
            continue
        if now - leeway < moment if name == "exp" else moment <= now + leeway:
            continue
        notes.fail(
            "SQ572",
            f"{clause.described()} {what} when it was handed out",
            line.span,
            expected=f"{name} {'>' if name == 'exp' else '<='} {_at(now)}, the time of the message",
            got=f"{name} = {_at(moment)}",
            why=f"RFC 7519 section 4.1.{4 if name == 'exp' else 5}: nobody may accept it",
            do=f"draw `{name} {'<' if name == 'exp' else '>'} now` if that is meant",
        )


_SAYING_WHAT = frozenset(("=", "in", "matches", "starts with", "type"))
"""A line about a time that is none: it is drawn so."""


def _fail_for_no_time(clause: "Clause", name: str, moment: Any, line: Promise, notes: Notes) -> None:
    notes.fail(
        "SQ572",
        f"`{name}` of {clause.described()} is no number, so nobody can tell whether it is good",
        line.span,
        expected=f"{name} : number",
        got=f"{name} = {shown(moment, name)}",
        why="RFC 7519 section 2: a NumericDate is the number of seconds since 1970",
    )


def _is_drawn_by_the_clock(clause: "Clause", name: str) -> bool:
    return any(
        isinstance(value, Moment) and value.base == "now"
        for line in clause.promise.children
        if line.path == (name,)
        for value in line.values
    )


def _at(moment: Any) -> str:
    try:
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return str(moment)
