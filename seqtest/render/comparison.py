"""A comparison of flows as text, Markdown or JSON: the same table three times."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from seqtest.dataclass import dataclass
from seqtest.render.grid import clean, cut, width_of, wrap
from seqtest.verdict.compare import Comparison, Cost, Measured

NONE = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what is counted, for each flow; None where a flow does not have it."""

    title: str
    values: tuple[float | None, ...]
    unit: str = ""
    is_heading: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no flow has it."""
        return not self.is_heading and all(value is None for value in self.values)


def lines(comparison: Comparison) -> Iterator[Line]:
    """Every row of the table, from the whole to the parts."""
    flows = comparison.flows

    def row(title: str, of: Callable[[Measured], float | None], unit: str = "") -> Line:
        return Line(title, tuple(map(of, flows)), unit)

    yield row("messages", lambda flow: flow.total.messages)
    yield row("HTTP round trips", lambda flow: flow.total.round_trips)
    yield row("look-ups (actions)", lambda flow: flow.total.lookups)
    for participant in names_of(flow.calls for flow in flows):
        calls = row(f"calls to {participant}", lambda flow, name=participant: flow.calls.get(name))  # type: ignore[misc]
        if any(calls.values):
            yield calls
    yield row("bytes on the wire", lambda flow: flow.total.bytes)
    yield row("bytes of tokens in them", lambda flow: flow.token_bytes)
    for token in names_of(flow.tokens for flow in flows):
        yield row(f"bytes of the {token}", lambda flow, name=token: flow.tokens.get(name))  # type: ignore[misc]
    yield row("time, real (median)", lambda flow: None if flow.seconds is None else flow.seconds * 1000, "ms")
    yield row("time on the run's clock", lambda flow: flow.clock_seconds, "s")
    yield from _further_calls(comparison)
    yield _heading("bytes of each HTTP message")
    yield from _messages(flows)


def _heading(title: str) -> Line:
    return Line(title, (), is_heading=True)


def names_of(found: Iterable[Mapping[str, int]]) -> list[str]:
    """The names in all of them, each once, in the order in which they first come."""
    return list(dict.fromkeys(name for one in found for name in one))


def _further_calls(comparison: Comparison) -> Iterator[Line]:
    flows = comparison.flows
    each = [flow.per_call for flow in flows]
    if not comparison.has_calls:
        return
    yield _heading("each call after the login")
    yield Line("such calls in the run", tuple(flow.calls_after_login for flow in flows))
    yield from _costs(each)
    for count in comparison.counts:
        yield _heading(f"one login and {count} call{'s' if count != 1 else ''}")
        yield from _costs([flow.for_calls(count) for flow in flows])


def _costs(costs: Sequence[Cost | None]) -> Iterator[Line]:
    found = [cost for cost in costs if cost is not None]
    yield Line("messages", tuple(cost.messages for cost in found))
    yield Line("bytes on the wire", tuple(cost.bytes for cost in found))


def _messages(flows: Sequence[Measured]) -> Iterator[Line]:
    """Each HTTP message in its order; one that several flows have stands in one row."""
    rows: list[tuple[str, list[float | None]]] = []
    for index, flow in enumerate(flows):
        place, own = 0, []
        for message in (message for message in flow.messages if message.bytes):
            same = next((n for n in range(place, len(rows)) if rows[n][0] == message.text), None)
            if same is None:
                values: list[float | None] = [None] * len(flows)
                values[index] = message.bytes
                own.append((message.text, values))
                continue
            rows[same][1][index] = message.bytes
            rows[same:same] = own
            place, own = same + len(own) + 1, []
        rows += own
    yield from (Line(text, tuple(values)) for text, values in rows)


def in_words(comparison: Comparison) -> str:
    """The answer in a sentence or two."""
    flows = comparison.flows
    broken = [flow.name for flow in flows if not flow.is_kept]
    caution = f" {' and '.join(broken)} broke a promise: its numbers are those of a broken run." if broken else ""
    more, less = comparison.chattier, comparison.calmest
    word = "chattier" if len(flows) == 2 else "the chattiest"
    if more is None:
        return f"{'Neither' if len(flows) == 2 else 'No'} flow is {word}: {_totals(*flows)}.{caution}"
    whose = "" if len(flows) == 2 else f" of {less.name}, the fewest"
    if not comparison.has_calls or more.per_call is None or less.per_call is None:
        ratio = _ratio(more.total.messages, less.total.messages)
        return f"{more.name} is {word}: {_totals(more, less)}{whose}{ratio}.{caution}"
    calls = f"with {more.calls_after_login} and {less.calls_after_login} such calls"
    rest = f" The whole runs: {_totals(more, less)}, {calls}." if len(flows) == 2 else ""
    return (
        f"{more.name} is {word}: each call after the login takes {_number(more.per_call.messages)} messages against "
        f"{_number(less.per_call.messages)}{whose}{_ratio(more.per_call.messages, less.per_call.messages)}, and "
        f"{_number(more.per_call.bytes)} bytes against {_number(less.per_call.bytes)}.{rest}{caution}"
    )


def _totals(*flows: Measured) -> str:
    first, *others = (_number(flow.total.messages) for flow in flows)
    return f"{first} messages against {', '.join(others)}"


def _ratio(more: float, less: float) -> str:
    return f" ({more / less:.1f}×)" if less else ""


def letters(comparison: Comparison) -> Sequence[str]:
    """What stands over the columns: two flows' names, of more flows letters, for their names would not fit."""
    flows = comparison.flows
    return [flow.name for flow in flows] if len(flows) == 2 else [_letter(n) for n in range(len(flows))]


def legend(comparison: Comparison) -> Sequence[str]:
    """The letters with the flows' names; empty where the names themselves stand there."""
    if len(comparison.flows) == 2:
        return []
    return [f"{_letter(n)}  {flow.name}" for n, flow in enumerate(comparison.flows)]


def _letter(index: int) -> str:
    return chr(ord("A") + index)


def as_text(comparison: Comparison, *, width: int = 100) -> str:
    """The table for terminals, at most `width` columns wide, and the answer in words below it."""
    rows = list(lines(comparison))
    numbers = [cells_of(row) for row in rows]
    heads = [clean(head) for head in letters(comparison)]
    is_pair = len(heads) == 2
    columns = [
        max([width_of(head), *(width_of(cells[n]) for cells in numbers if cells)]) for n, head in enumerate(heads)
    ]
    columns = [min(column, max(12, width // 4)) for column in columns]
    if is_pair:
        heads.append("difference")
        columns.append(max([len("difference"), *(width_of(cells[2]) for cells in numbers if cells)]))
    taken = sum(columns) + 2 * len(columns)
    title = max(12, min(max(width_of(row.title) + 2 for row in rows), width - taken))
    head = " " * title + "".join(f"  {_right(cut(name, c), c)}" for name, c in zip(heads, columns, strict=True))
    shown = [*(cut(clean(line), width) for line in legend(comparison)), *([] if is_pair else [""])]
    shown += [head, "─" * min(width, title + taken)]
    is_below = False
    for row, cells in zip(rows, numbers, strict=True):
        if row.is_heading:
            shown += ["", row.title]
            is_below = True
            continue
        text = cut(clean(("  " if is_below else "") + row.title), title)
        values = "".join(f"  {_right(cell, width_)}" for cell, width_ in zip(cells, columns, strict=True))
        shown.append(text + " " * (title - width_of(text)) + values)
    return "\n".join([*shown, "", *wrap(f"{in_words(comparison)}\n{_counted(comparison)}", width)])


def _right(text: str, width: int) -> str:
    return " " * max(0, width - width_of(text)) + text


def cells_of(row: Line) -> tuple[str, ...]:
    """Each flow's number as text, and of two flows their difference; empty for a heading."""
    found = tuple(_cell(value, row.unit) for value in row.values)
    if len(found) != 2:
        return found
    left, right = row.values
    return (*found, NONE if left is None or right is None else _signed(right - left, row.unit))


def _cell(value: float | None, unit: str) -> str:
    return NONE if value is None else f"{_number(value)}{' ' + unit if unit else ''}"


def _signed(value: float, unit: str) -> str:
    text = _cell(abs(value), unit)
    if text == _cell(0.0, unit):
        return "="
    return f"{'+' if value > 0 else '−'}{text}"


def _number(value: float) -> str:
    """Whole numbers with their thousands apart, others with as much behind the point as matters."""
    if abs(value - round(value)) < 1e-9:
        return f"{round(value):,}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def _counted(comparison: Comparison) -> str:
    runs = max(flow.runs for flow in comparison.flows)
    return (
        f"Counted in {runs} real run{'s' if runs > 1 else ''} of each; "
        "bytes are HTTP/1.1's request or status line, headers and body, uncompressed."
    )


def as_markdown(comparison: Comparison) -> str:
    """The same table for a page or a pull request."""
    heads = [_cell_text(flow.name) for flow in comparison.flows]
    heads += ["difference"] if len(heads) == 2 else []
    shown = [
        _cell_text(in_words(comparison)),
        "",
        f"| | {' | '.join(heads)} |",
        f"| --- |{' ---: |' * len(heads)}",
    ]
    for row in lines(comparison):
        if row.is_heading:
            shown.append(f"| **{_cell_text(row.title)}** |{' |' * len(heads)}")
        else:
            shown.append("| " + " | ".join((_cell_text(row.title), *cells_of(row))) + " |")
    return "\n".join([*shown, "", _counted(comparison), ""])


def _cell_text(text: str) -> str:
    escaped = clean(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
    return escaped.replace("`", "\\`").replace("*", "\\*").replace("_", "\\_")


def as_json(comparison: Comparison) -> str:
    """The same numbers as JSON, with sorted keys."""
    value: dict[str, Any] = {
        "flows": [_flow(flow) for flow in comparison.flows],
        "chattier": comparison.chattier.name if comparison.chattier is not None else None,
        "for_calls": [
            {"calls": count, "flows": [_asdict(flow, count) for flow in comparison.flows]}
            for count in comparison.counts
        ],
    }
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


def _asdict(flow: Measured, count: int) -> dict[str, Any] | None:
    cost = flow.for_calls(count)
    return None if cost is None else asdict(cost)


def _flow(flow: Measured) -> dict[str, Any]:
    value = asdict(flow)
    value["messages"] = [asdict(message) for message in flow.messages]
    return value
