"""Plots of two flows side by side: bars for what they took, lines for how it grows with each further call."""

from collections.abc import Iterator, Sequence

from seqtest.render.plot import Bars, Line, Plot, bars, lines
from seqtest.verdict.compare import Comparison, Measured

CALLS = 20
"""Further calls up to which the lines go."""


def of(comparison: Comparison) -> Iterator[Plot]:
    """Every plot that the two flows have numbers for."""
    left, right = comparison.left, comparison.right
    yield bars("Messages", [Bars("all", (left.total.messages, right.total.messages)), *_calls(left, right)])
    sizes = [
        Bars("on the wire", (left.total.bytes, right.total.bytes)),
        Bars("tokens", (left.token_bytes, right.token_bytes)),
    ]
    sizes += [
        Bars(f"one {name}", (left.tokens.get(name, 0), right.tokens.get(name, 0)))
        for name in dict.fromkeys((*left.tokens, *right.tokens))
    ]
    yield bars("Bytes", sizes)
    if left.for_calls(1) is not None and right.for_calls(1) is not None:
        for title, of_cost in (("Messages", "messages"), ("Bytes on the wire", "bytes")):
            yield lines(
                f"{title}: one login and so many calls",
                range(CALLS + 1),
                [
                    Line([getattr(flow.for_calls(n), of_cost) for n in range(CALLS + 1)], color, is_dashed=color == 1)
                    for color, flow in enumerate((left, right))
                ],
                "calls after the login",
                ticks=range(0, CALLS + 1, 5),
            )


def _calls(left: Measured, right: Measured) -> Sequence[Bars]:
    names = [n for n in dict.fromkeys((*left.calls, *right.calls)) if left.calls.get(n) or right.calls.get(n)]
    return [Bars(f"calls to {name}", (left.calls.get(name, 0), right.calls.get(name, 0))) for name in names]
