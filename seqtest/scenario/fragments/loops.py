"""`loop`: a number of times, a range of times, or once for each row of a table."""

import re
from collections.abc import Iterator, Mapping, Sequence

from seqtest.diagram import CombinedFragment, Item, Note, TextLine
from seqtest.diagram.expectation import Value
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.scenario.choices import Option
from seqtest.scenario.fragments.conditions import name_asked
from seqtest.scenario.givens import give
from seqtest.scenario.names import plain
from seqtest.scenario.names_of_flow import names_around
from seqtest.scenario.scenario import OptionalIteration
from seqtest.scenario.walk import Task, Walk
from seqtest.source import Span

_WORDS: Mapping[str, int] = {
    word: number
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
} | {"once": 1, "twice": 2, "thrice": 3}
_NUMBER = rf"(?:\d{{1,9}}|{'|'.join(_WORDS)})"
_TIMES = re.compile(
    rf"\(?(?:({_NUMBER})\s*(?:\.\.+|…|-|–|,|to)\s*)?({_NUMBER})\)?\s*(?:times|time|x|×)?", re.IGNORECASE
)
_EACH = re.compile(r"(?:for\s*)?each\b.*", re.IGNORECASE)

DO = "write `loop 3 times`, `loop 0..20 times`, or `loop each row` with a table in a `note across` as its first line"


def again(walk: Walk, fragment: CombinedFragment) -> None:
    """Repeat as often as the guard says."""
    operand = fragment.operands[0]
    guard = walk.filled(plain(operand.guard))
    if _EACH.fullmatch(guard):
        _each_row(walk, fragment)
        return
    times = _times(guard)
    if times is None:
        walk.report(_how_often(fragment, guard))
    elif times[1] > walk.loop_limit:
        walk.report(_too_often(fragment, walk.loop_limit))
    else:
        _turns(walk, operand.items, *times)


def _times(guard: str) -> tuple[int, int] | None:
    """The least and greatest number of turns; None when the guard says neither."""
    match = _TIMES.fullmatch(guard)
    if match is None:
        return None
    most = _count(match[2])
    least = most if match[1] is None else _count(match[1])
    return (least, most) if least <= most else None


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS[word.lower()]


def _turns(walk: Walk, items: tuple[Item, ...], least: int, most: int) -> None:
    """A turn is put on the way when the one before is over, so the stack stays small."""
    loop = walk.number("loop") if least < most else -1
    place = walk.place

    def turn(index: int) -> None:
        changes = {"instance": (*place.instance, f"turn {index}")} if walk.combinations else {}
        if least < most:
            changes["iteration"] = (*place.iteration, (loop, index))
        first = len(walk.steps)

        def over() -> None:
            if index >= least and len(walk.steps) > first:
                steps = tuple(range(first, len(walk.steps)))
                walk.optional.append(OptionalIteration(loop, index, steps))

        def next_turn() -> None:
            if index + 1 < most:
                turn(index + 1)

        walk.later([*walk.inside(items, leave=over, **changes), next_turn])

    if most > 0:
        turn(0)


def _each_row(walk: Walk, fragment: CombinedFragment) -> None:
    operand = fragment.operands[0]
    table = operand.items[0] if operand.items else None
    if not (isinstance(table, Note) and table.position == "across"):
        walk.report(_no_table(fragment, None))
        return
    lines = [line for line in table.lines if line.text.strip()]
    cells = [_cells(line) for line in lines]
    if len(cells) < 2 or any(row is None or len(row) != len(cells[0] or ()) for row in cells):
        bad = next((line.span for line, row in zip(lines, cells, strict=True) if row is None), None)
        walk.report(_no_table(fragment, bad or table.span))
        return
    names = [_column(text) for text, _ in cells[0] or ()]
    rows = [row for row in cells[1:] if row is not None]

    def options() -> list[Option]:
        _asked_for(walk, fragment, list(zip(names, [span for _, span in cells[0] or ()], strict=True)))
        return [Option(row[0][0], plain(row[0][0]) or "row", is_row=True, span=row[0][1]) for row in rows]

    way = walk.choose(fragment, "loop", options, 0, fragment.span)
    if way is None:
        return
    values = _values(walk, names, rows[way.index])
    tasks: list[Item | Task] = list(walk.branch(way, operand.items[1:], given=give(walk.place.given, values)))
    walk.later(tasks)


def _column(header: str) -> str:
    """The name of a column; empty for one of prose: `|= //why |`."""
    name = plain(header.removeprefix("="))
    return "" if name.startswith("//") else name


def _asked_for(walk: Walk, fragment: CombinedFragment, columns: Sequence[tuple[str, Span | None]]) -> None:
    """A column that nothing asks for would look like one that counts. The first one names the cases."""
    seen: set[str] = set()
    for index, (name, span) in enumerate(columns):
        if name and name in seen:
            walk.report(Finding("SQ307", f"two columns have the name `{name}`", span, do="rename one of them"))
        seen.add(name)
        if index and name and not _is_asked(walk, fragment, name):
            walk.report(_nobody_asks(name, span))


def _is_asked(walk: Walk, fragment: CombinedFragment, name: str) -> bool:
    asked = names_around(walk, walk.place.flow).asked
    guards = (operand.guard for one in inside(fragment) for operand in one.operands)
    return name in asked or any(name_asked(guard) == name for guard in guards)


def inside(fragment: CombinedFragment) -> Iterator[CombinedFragment]:
    """The fragments in a fragment, at any depth."""
    stack = [fragment]
    while stack:
        one = stack.pop()
        held = [item for operand in one.operands for item in operand.items if isinstance(item, CombinedFragment)]
        yield from held
        stack += held


def _cells(line: TextLine) -> list[tuple[str, Span | None]] | None:
    """The cells of a row of a creole table, each with its place; None when the line is none."""
    text = line.text.rstrip()
    if not (text.lstrip().startswith("|") and text.endswith("|") and len(text.strip()) > 1):
        return None
    cells = []
    column = text.index("|") + 1
    for cell in text[column:-1].split("|"):
        blanks = len(cell) - len(cell.lstrip())
        span = line.span
        if span is not None:
            span = Span.at(span.source, span.line, span.column + column + blanks, len(cell.strip()))
        cells.append((cell.strip(), span))
        column += len(cell) + 1
    return cells


def _values(walk: Walk, names: list[str], row: list[tuple[str, Span | None]]) -> dict[str, Value]:
    """Each column's value, read as a note line `name = value` would be."""
    values: dict[str, Value] = {}
    for name, (text, span) in zip(names, row, strict=True):
        if not name:
            continue
        start = f"{name} = "
        if span is not None:
            span = Span(span.line, max(1, span.column - len(start)), span.line, span.end_column, span.source)
        try:
            promises = walk.flows.note_promises(Note("over", (TextLine(start + text, span),), ("",)))
        except UnreadableDiagram as error:
            walk.report(*error.findings)
            continue
        if len(promises) == 1 and promises[0].operator == "=" and promises[0].path == (name,):
            values[name] = promises[0].values[0]
        else:
            walk.report(Finding("SQ307", f"`{name}` and `{text}` are no name and value", span, do=DO))
    return values


# ---- findings --------------------------------------------------------------------------------------------------------


def _how_often(fragment: CombinedFragment, guard: str) -> Finding:
    operand = fragment.operands[0]
    return Finding(
        "SQ304",
        "nothing here says how often this loop runs",
        operand.guard_span or fragment.span,
        label="a number of times is expected" if guard else "",
        why="a test plays its loops, and a guard in words cannot be asked; once would be a guess",
        do=DO,
    )


def _too_often(fragment: CombinedFragment, limit: int) -> Finding:
    operand = fragment.operands[0]
    return Finding(
        "SQ305",
        f"this loop runs more often than {limit} times",
        operand.guard_span or fragment.span,
        why="every turn is unrolled into arrows of its own",
        do="repeat less often",
    )


def _nobody_asks(name: str, span: Span | None) -> Finding:
    return Finding(
        "SQ327",
        f"nothing asks for the column `{name}`",
        span,
        why="a value that nobody asks for would look like one that counts",
        do=f"ask for it as `{{{name}}}` in the loop, or make it a column of prose: `|= //{name} |`",
    )


def _no_table(fragment: CombinedFragment, span: Span | None) -> Finding:
    return Finding(
        "SQ307",
        "`loop each` needs a table",
        span or fragment.span,
        label="expected `|= name |= other |` and rows such as `| alice | x |`, all of one width",
        do=DO,
        also=((fragment.span, "for this loop"),) if span and fragment.span else (),
    )
