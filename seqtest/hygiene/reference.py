"""The reference page of the lints, printed from their table."""

from seqtest.hygiene.rule import Lint
from seqtest.hygiene.table import LINTS

INTRODUCTION = """\
# Hygiene

A flow may be kept and still do what no careful team would want in production. Lints warn of that: pytest in its
summary of warnings, for each kept case, `seqtest check` for what the drawing itself shows. A warning never fails a run
(`-W error` makes pytest do so), and a request that was refused is no habit: trying it is what tests are for.

`seqtest_lints = -token-too-big ropc-used` in the ini file chooses: `-NAME` leaves a lint out, `NAME` adds one that
does not speak by itself, `none` and `all` come first. So do `--seqtest-lint=-NAME` of pytest and `--lint=-NAME` of
`seqtest check`. In a drawing, `lint.token_in_url = off` in a note over a participant leaves it out of the messages that
it sends and gets.

This page is printed from the table in `seqtest/hygiene`; a test compares them."""


def page() -> str:
    """The page as Markdown."""
    rows = [
        "| code | name | why | what to do | by itself | in `check` |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_row(lint) for lint in LINTS),
    ]
    return f"{INTRODUCTION}\n\n" + "\n".join(rows) + "\n"


def _row(lint: Lint) -> str:
    cells = (lint.code, f"`{lint.name}`", lint.why, lint.do, _yes(lint.is_on), _yes(lint.is_checked))
    return "| " + " | ".join(cells) + " |"


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""
