"""Plots of flows side by side: bars for what they took, lines for how it grows with each further call."""

from collections.abc import Callable, Iterator

from seqtest.render.comparison import names_of
from seqtest.render.plot import Bars, Line, Plot, bars, lines
from seqtest.verdict.compare import Comparison, Cost, Measured

CALLS = 20
"""Further calls up to which the lines go."""


def of(comparison: Comparison) -> Iterator[Plot]:
    """Every plot that the flows have numbers for; each flow has a colour, in their order."""
    flows = comparison.flows
    colors = range(len(flows))

    def row(name: str, value: Callable[[Measured], float]) -> Bars:
        return Bars(name, [value(flow) for flow in flows], colors)

    calls = [
        row(f"calls to {name}", lambda flow, name=name: flow.calls.get(name, 0))  # type: ignore[misc]
        for name in names_of(flow.calls for flow in flows)
    ]
    messages = [row("all", lambda flow: flow.total.messages), row("round trips", lambda flow: flow.total.round_trips)]
    yield bars("Messages", [*messages, *(one for one in calls if any(one.values))])
    tokens = [
        row(f"one {name}", lambda flow, name=name: flow.tokens.get(name, 0))  # type: ignore[misc]
        for name in names_of(flow.tokens for flow in flows)
    ]
    sizes = [row("on the wire", lambda flow: flow.total.bytes), row("tokens", lambda flow: flow.token_bytes)]
    yield bars("Bytes", [*sizes, *tokens])
    if comparison.has_calls:
        yield _growth("Messages", flows, lambda cost: cost.messages)
        yield _growth("Bytes on the wire", flows, lambda cost: cost.bytes)


def _growth(title: str, flows: tuple[Measured, ...], of_cost: Callable[[Cost], float]) -> Plot:
    drawn = [
        Line([of_cost(flow.for_calls(count) or Cost()) for count in range(CALLS + 1)], color, is_dashed=color % 2 == 1)
        for color, flow in enumerate(flows)
    ]
    words = f"{title}: one login and so many calls"
    return lines(words, range(CALLS + 1), drawn, "calls after the login", ticks=range(0, CALLS + 1, 5))
