"""Sizes of tokens side by side: what they weigh on their way, and how they grow. As text, Markdown, JSON and plots."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from seqtest.auth.formats import LIMITS, MOST_ROLES, ROLES, Encoded, Growth
from seqtest.dataclass import dataclass
from seqtest.render.plot import Bars, Line, Plot, bars, lines, number

COLUMNS: Mapping[str, Callable[[Encoded], int]] = {
    "raw": lambda one: one.raw,
    "encoded": lambda one: one.encoded,
    "Authorization": lambda one: one.authorization,
    "form field": lambda one: one.form,
    "in a URL": lambda one: one.query,
}
"""Where a token is → its bytes there."""
NEVER = "–"


@dataclass(frozen=True, slots=True)
class Sizes:
    """All that is compared of one content."""

    found: Sequence[Encoded]
    """Smallest first."""
    growth: Sequence[Growth]
    introspected: int
    """Bytes of the answer that an opaque token is asked for with."""


Rows = Sequence[Sequence[str]]


def _tables(sizes: Sizes) -> list[tuple[str, Rows]]:
    """Each table's title and rows, the first of them its head."""
    weights = [["", *COLUMNS], *([one.name, *(number(of(one)) for of in COLUMNS.values())] for one in sizes.found)]
    growth = [
        ["", *(f"{n} role{'s' * (n != 1)}" for n in ROLES), *(f"over {limit // 1024} KB" for limit in LIMITS)],
        *(
            [one.name, *(number(one.sizes[n]) for n in ROLES), *map(_first, one.too_many.values())]
            for one in sizes.growth
        ),
    ]
    return [
        ("Bytes of one token", weights),
        ("Bytes of Authorization with so many roles, and the number of roles with which it is over a limit", growth),
    ]


def _first(too_many: int | None) -> str:
    return NEVER if too_many is None else number(too_many)


def remarks(sizes: Sizes) -> list[str]:
    """What the numbers mean where they travel."""
    found = [
        *(f"{limit // 1024} KB: {words}." for limit, words in LIMITS.items()),
        f"{NEVER}: not with {MOST_ROLES:,} roles either. What an opaque token stands for is told by introspection, in "
        f"{number(sizes.introspected)} bytes of JSON.",
    ]
    if any(one.family == "SAML" for one in sizes.found):
        found.append("SAML in a URL is deflated; elsewhere it is base64.")
    for limit in LIMITS:
        big = [one.name for one in sizes.found if one.authorization > limit]
        if big:
            found.append(f"This content is over {limit // 1024} KB as {', '.join(big)}.")
    return found


def as_text(sizes: Sizes) -> str:
    """The tables for a terminal, with a bar for each token."""
    shown = []
    most = max(one.authorization for one in sizes.found)
    marks = ["", *("█" * max(1, round(24 * one.authorization / most)) for one in sizes.found)]
    for (title, rows), ends in zip(_tables(sizes), (marks, [""] * (1 + len(sizes.growth))), strict=True):
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        shown += [title, ""]
        for row, end in zip(rows, ends, strict=True):
            cells = [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
            shown.append("  ".join([*cells, end]).rstrip())
        shown.append("")
    return "\n".join([*shown, *remarks(sizes)])


def as_markdown(sizes: Sizes) -> str:
    """The tables for a page."""
    shown = []
    for title, (head, *rows) in _tables(sizes):
        shown += [f"{title}:", "", f"| {' | '.join(head)} |", f"| --- |{' ---: |' * (len(head) - 1)}"]
        shown += [*(f"| {' | '.join(row)} |" for row in rows), ""]
    return "\n".join([*shown, *(f"- {remark}" for remark in remarks(sizes))])


def as_json(sizes: Sizes) -> str:
    """`tokens`: a list with the bytes of each; `growth`: bytes by number of roles, and the number that is too many."""
    value: dict[str, Any] = {
        "tokens": [
            {
                "format": one.name,
                "raw": one.raw,
                "encoded": one.encoded,
                "authorization": one.authorization,
                "form": one.form,
                "query": one.query,
            }
            for one in sizes.found
        ],
        "growth": [
            {
                "format": one.name,
                "authorization": {str(n): size for n, size in one.sizes.items()},
                "too_many_roles": {str(limit): first for limit, first in one.too_many.items()},
            }
            for one in sizes.growth
        ],
        "introspection": sizes.introspected,
    }
    return json.dumps(value, indent=2)


FAMILIES = ("JWT", "SAML", "SWT", "opaque")
"""In the order of the plot's colours."""
SHOWN = ("opaque", "SWT, HMAC-SHA256", "JWT, ES256", "JWT, RS256", "SAML", "SAML with certificate")
"""Formats that have a line; the other algorithms of JWTs lie between these two."""
WIDTH = 760


def plots(sizes: Sizes) -> list[Plot]:
    """Bars for what each format weighs as a header field, lines for how it grows, with the usual limits."""
    rows = [Bars(one.name, (one.authorization,), (FAMILIES.index(one.family),)) for one in sizes.found]
    drawn = [
        Line([one.sizes[n] for n in ROLES], FAMILIES.index(one.family), one.name, one.name in SHOWN[1:6:2])
        for one in sizes.growth
        if one.name in SHOWN
    ]
    most = max(line.values[-1] for line in drawn)
    marks = [(limit, f"{limit // 1024} KB") for limit in LIMITS if limit < most]
    return [
        bars("Bytes of the Authorization header field", rows, WIDTH),
        lines("Its bytes, by the number of roles", ROLES, drawn, "roles", marks=marks, width=WIDTH, height=380),
    ]
