"""Whether a token that somebody hands out is good at that moment."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from seqtest.contents.compare import is_number
from seqtest.contents.opener import TokenHolder
from seqtest.contents.report import Notes
from seqtest.contents.scope import Scope
from seqtest.diagram.expectation import Moment

if TYPE_CHECKING:
    from seqtest.contents.clause import Clause
    from seqtest.contents.ledger import Ledger


def check_validity(clause: "Clause", token: TokenHolder, scope: Scope, notes: Notes, ledger: "Ledger") -> None:
    """A token that nobody has seen before must not have expired, nor be of use only later.

    `exp = iat + 5 minutes` is true of a token of last year as well. One in `Authorization` is not handed out but used;
    and a line about the claim that involves `now` says by itself what is meant.
    """
    if (clause.header and clause.header != "dpop") or token.text in ledger.seen:
        return
    now, leeway, claims = scope.now, scope.context.leeway, token.token.claims
    for name, what in (("exp", "had expired"), ("nbf", "was not good yet")):
        moment: Any = claims.get(name)
        if not is_number(moment) or _is_drawn_by_the_clock(clause, name):
            continue
        if now - leeway < moment if name == "exp" else moment <= now + leeway:
            continue
        line = next((one for one in clause.promise.children if one.path == (name,)), clause.promise)
        notes.fail(
            "SQ572",
            f"{clause.described()} {what} when it was handed out",
            line.span,
            expected=f"{name} {'>' if name == 'exp' else '<='} {_at(now)}, the time of the message",
            got=f"{name} = {_at(moment)}",
            why=f"RFC 7519 section 4.1.{4 if name == 'exp' else 5}: nobody may accept it",
            do=f"draw `{name} {'<' if name == 'exp' else '>'} now` if that is meant",
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
