"""What differs between two diagrams, as text: each change in drawn order, with its line and what it was before."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from seqtest.diagram import (
    CombinedFragment,
    Delay,
    Divider,
    InteractionUse,
    Item,
    LifeEvent,
    Message,
    Note,
)
from seqtest.diagram.difference import Change, Column, Detail, Difference, Kind
from seqtest.diagram.model import DurationConstraint
from seqtest.render.creole import plain
from seqtest.render.grid import clean
from seqtest.source import Span

SIGNS: Mapping[Kind, str] = {"same": " ", "added": "+", "removed": "-", "changed": "~", "moved": ">"}
Styled = Callable[[str, Kind], str]


def difference_text(difference: Difference, *, style: Styled = lambda text, kind: text) -> str:
    """A line for each change, indented as it is nested; empty when there is none. `style` colours a line."""
    lines = [*_head(difference), *_columns(difference), *_items(difference.changes, 0)]
    return "".join(f"{style(clean(text), kind)}\n" for text, kind in lines)


_Line = tuple[str, Kind]


def _head(difference: Difference) -> Iterator[_Line]:
    for detail in difference.titles:
        yield f"~ {detail.what}", "changed"
        yield from _details((detail,), 0)


def _columns(difference: Difference) -> Iterator[_Line]:
    for column in difference.columns:
        if column.kind != "same":
            yield f"{SIGNS[column.kind]} {_column(column)}", column.kind
            yield from _details(column.details, 0)


def _column(column: Column) -> str:
    participant = column.new or column.old
    assert participant is not None  # noqa: S101 - a column is of somebody
    name = plain(participant.name)
    shown = f" ({name})" if name and name != participant.id else ""
    return f"{participant.kind} {participant.id}{shown}{_lines(_span(column.old), _span(column.new))}"


def _span(value: Any) -> Span | None:
    return getattr(value, "span", None)


def _lines(old: Span | None, new: Span | None) -> str:
    """`  line 7`, or where it was and where it is."""
    numbers = [str(span.line) for span in (old, new) if span is not None]
    if not numbers:
        return ""
    if old is not None and new is not None and old.line != new.line:
        return f"  line {numbers[0]} → {numbers[1]}"
    return f"  line {numbers[-1]}"


def _items(changes: tuple[Change, ...], depth: int) -> Iterator[_Line]:
    for change in changes:
        inner = [line for lane in change.lanes for line in _lane(change, lane, depth)]
        if change.kind == "same" and not inner:
            continue
        indent = "  " * depth
        yield (
            f"{SIGNS[change.kind]} {indent}{words_of(change.item)}{_lines(_span(change.old), _span(change.new))}",
            change.kind,
        )
        yield from _details(change.details, depth)
        yield from inner


def _lane(change: Change, lane: Any, depth: int) -> Iterator[_Line]:
    inner = list(_items(lane.changes, depth + 1))
    if not inner and lane.kind == "same":
        return
    guard = lane.new_guard if lane.kind != "removed" else lane.old_guard
    indent = "  " * depth
    is_first = lane is change.lanes[0]
    if lane.kind != "same" or not is_first:
        word = "guard" if is_first else "else"
        yield f"{SIGNS[lane.kind]} {indent}{word} [{plain(guard)}]", lane.kind
        if lane.kind == "changed":
            yield from _details((Detail("guard", lane.old_guard, lane.new_guard),), depth)
    yield from inner


def _details(details: tuple[Detail, ...], depth: int) -> Iterator[_Line]:
    indent = "  " * depth
    for detail in details:
        if detail.old:
            yield f"  {indent}    {detail.what:<10} - {_one_line(detail.old)}", "removed"
        if detail.new:
            yield f"  {indent}    {detail.what:<10} + {_one_line(detail.new)}", "added"


def _one_line(text: str) -> str:
    return " ⏎ ".join(text.strip().splitlines())


def words_of(item: Item) -> str:
    """An item on one line."""
    make = _WORDS.get(type(item))
    return make(item) if make is not None else ""


def _message(item: Message) -> str:
    arrow = "-->" if item.arrow.is_dotted else "->"
    label = plain(item.text)
    return f"{item.sender or '['} {arrow} {item.receiver or ']'}{f' : {label}' if label else ''}"


def _fragment(item: CombinedFragment) -> str:
    words = [item.operator, plain(item.title), f"[{plain(item.operands[0].guard)}]" if item.operands[0].guard else ""]
    return " ".join(word for word in words if word)


def _over(participants: tuple[str, ...]) -> str:
    return f" over {', '.join(participants)}" if participants else ""


_WORDS: Mapping[type, Callable[[Any], str]] = {
    Message: _message,
    CombinedFragment: _fragment,
    Note: lambda item: f"note{_over(item.participants)} : {_one_line(item.text)}",
    InteractionUse: lambda item: f"ref{_over(item.participants)} : {' '.join(line.text for line in item.lines)}",
    Divider: lambda item: f"== {item.text.strip()} ==",
    Delay: lambda item: f"... {item.text.strip()} ...",
    LifeEvent: lambda item: f"{item.kind} {item.participant}",
    DurationConstraint: lambda item: f"{{{item.start}}} <-> {{{item.end}}} : {item.text}",
}
