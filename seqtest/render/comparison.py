"""A comparison of two flows as text, Markdown or JSON: the same table three times."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from seqtest.dataclass import dataclass
from seqtest.render.grid import clean, cut, width_of, wrap
from seqtest.verdict.compare import Comparison, Measured

NONE = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what is counted, for either flow; None where a flow does not have it."""

    title: str
    left: float | None
    right: float | None
    unit: str = ""
    is_heading: bool = False


def lines(comparison: Comparison) -> Iterator[Line]:
    """Every row of the table, from the whole to the parts."""
    left, right = comparison.left, comparison.right
    yield Line("messages", left.total.messages, right.total.messages)
    yield Line("HTTP round trips", left.total.round_trips, right.total.round_trips)
    yield Line("look-ups (actions)", left.total.lookups, right.total.lookups)
    for participant in dict.fromkeys((*left.calls, *right.calls)):
        if left.calls.get(participant) or right.calls.get(participant):
            yield Line(f"calls to {participant}", left.calls.get(participant), right.calls.get(participant))
    yield Line("bytes on the wire", left.total.bytes, right.total.bytes)
    yield Line("bytes of tokens in them", left.token_bytes, right.token_bytes)
    for token in dict.fromkeys((*left.tokens, *right.tokens)):
        yield Line(f"bytes of the {token}", left.tokens.get(token), right.tokens.get(token))
    yield Line("time, real (median)", _thousandth(left.seconds), _thousandth(right.seconds), "ms")
    yield Line("time on the run's clock", left.clock_seconds, right.clock_seconds, "s")
    yield from _further_calls(comparison)
    yield Line("bytes of each HTTP message", None, None, is_heading=True)
    yield from _messages(left, right)


def _thousandth(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def _further_calls(comparison: Comparison) -> Iterator[Line]:
    left, right = comparison.left, comparison.right
    if left.per_call is None or right.per_call is None:
        return
    yield Line("each call after the login", None, None, is_heading=True)
    yield Line("such calls in the run", left.calls_after_login, right.calls_after_login)
    yield Line("messages", left.per_call.messages, right.per_call.messages)
    yield Line("bytes on the wire", left.per_call.bytes, right.per_call.bytes)
    for count in comparison.counts:
        one, other = left.for_calls(count), right.for_calls(count)
        if one is not None and other is not None:
            yield Line(f"one login and {count} call{'s' if count != 1 else ''}", None, None, is_heading=True)
            yield Line("messages", one.messages, other.messages)
            yield Line("bytes on the wire", one.bytes, other.bytes)


def _messages(left: Measured, right: Measured) -> Iterator[Line]:
    """Each HTTP message in its order; one that both flows have stands in one row."""
    waiting = [message for message in right.messages if message.bytes]
    for message in (message for message in left.messages if message.bytes):
        place = next((n for n, other in enumerate(waiting) if other.text == message.text), None)
        if place is None:
            yield Line(message.text, message.bytes, None)
            continue
        yield from (Line(other.text, None, other.bytes) for other in waiting[:place])
        yield Line(message.text, message.bytes, waiting[place].bytes)
        waiting = waiting[place + 1 :]
    yield from (Line(other.text, None, other.bytes) for other in waiting)


def in_words(comparison: Comparison) -> str:
    """The answer in a sentence or two."""
    left, right = comparison.left, comparison.right
    broken = [flow.name for flow in (left, right) if not flow.is_kept]
    caution = f" {' and '.join(broken)} broke a promise: its numbers are those of a broken run." if broken else ""
    more = comparison.chattier
    if more is None:
        return f"Neither flow is chattier: {_totals(left, right)}.{caution}"
    less = right if more is left else left
    if more.per_call is None or less.per_call is None:
        ratio = _ratio(more.total.messages, less.total.messages)
        return f"{more.name} is chattier: {_totals(more, less)}{ratio}.{caution}"
    return (
        f"{more.name} is chattier: each call after the login takes {_number(more.per_call.messages)} messages against "
        f"{_number(less.per_call.messages)}{_ratio(more.per_call.messages, less.per_call.messages)}, and "
        f"{_number(more.per_call.bytes)} bytes against {_number(less.per_call.bytes)}. The whole runs: "
        f"{_totals(more, less)}, with {more.calls_after_login} and {less.calls_after_login} such calls.{caution}"
    )


def _totals(one: Measured, other: Measured) -> str:
    return f"{_number(one.total.messages)} messages against {_number(other.total.messages)}"


def _ratio(more: float, less: float) -> str:
    return f" ({more / less:.1f}×)" if less else ""


def as_text(comparison: Comparison, *, width: int = 100) -> str:
    """The table for terminals, at most `width` columns wide, and the answer in words below it."""
    rows = list(lines(comparison))
    numbers = [cells_of(row) for row in rows]
    names = [clean(flow.name) for flow in (comparison.left, comparison.right)]
    columns = [
        max([width_of(name), *(width_of(cells[place]) for cells in numbers)]) for place, name in enumerate(names)
    ]
    columns = [min(column, max(12, width // 4)) for column in columns]
    last = max([len("difference"), *(width_of(cells[2]) for cells in numbers)])
    title = max(12, min(max(width_of(row.title) + 2 for row in rows), width - sum(columns) - last - 6))
    head = f"{'':<{title}}" + "".join(f"  {_right(cut(n, c), c)}" for n, c in zip(names, columns, strict=True))
    shown = [f"{head}  {'difference':>{last}}", "─" * min(width, title + sum(columns) + last + 6)]
    is_below = False
    for row, cells in zip(rows, numbers, strict=True):
        if row.is_heading:
            shown += ["", row.title]
            is_below = True
            continue
        text = cut(clean(("  " if is_below else "") + row.title), title)
        values = "".join(f"  {_right(cell, width_)}" for cell, width_ in zip(cells, (*columns, last), strict=True))
        shown.append(text + " " * (title - width_of(text)) + values)
    return "\n".join([*shown, "", *wrap(f"{in_words(comparison)}\n{_counted(comparison)}", width)])


def _right(text: str, width: int) -> str:
    return " " * max(0, width - width_of(text)) + text


def cells_of(row: Line) -> tuple[str, str, str]:
    """Left, right and their difference as text; empty for a heading."""
    if row.is_heading:
        return ("", "", "")
    difference = NONE if row.left is None or row.right is None else _signed(row.right - row.left, row.unit)
    return (_cell(row.left, row.unit), _cell(row.right, row.unit), difference)


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
    runs = max(comparison.left.runs, comparison.right.runs)
    return (
        f"Counted in {runs} real run{'s' if runs > 1 else ''} of each; "
        "bytes are HTTP/1.1's request or status line, headers and body, uncompressed."
    )


def as_markdown(comparison: Comparison) -> str:
    """The same table for a page or a pull request."""
    left, right = (_cell_text(flow.name) for flow in (comparison.left, comparison.right))
    shown = [
        _cell_text(in_words(comparison)),
        "",
        f"| | {left} | {right} | difference |",
        "| --- | ---: | ---: | ---: |",
    ]
    for row in lines(comparison):
        if row.is_heading:
            shown.append(f"| **{_cell_text(row.title)}** | | | |")
        else:
            shown.append("| " + " | ".join((_cell_text(row.title), *cells_of(row))) + " |")
    return "\n".join([*shown, "", _counted(comparison), ""])


def _cell_text(text: str) -> str:
    escaped = clean(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
    return escaped.replace("`", "\\`").replace("*", "\\*").replace("_", "\\_")


def as_json(comparison: Comparison) -> str:
    """The same numbers as JSON, with sorted keys."""
    value: dict[str, Any] = {
        "left": _flow(comparison.left),
        "right": _flow(comparison.right),
        "chattier": comparison.chattier.name if comparison.chattier is not None else None,
        "for_calls": [
            {"calls": count, "left": _asdict(comparison.left, count), "right": _asdict(comparison.right, count)}
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
