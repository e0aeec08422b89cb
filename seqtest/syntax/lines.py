"""From a file's text to a diagram's logical lines.

PlantUML is line-oriented and contextual. The context is dealt with in this order; the grammar sees one line at a time:

1. `blocks` cuts a file into `@startuml … @enduml` blocks, leaves out what stands between `@pause` and `@unpause`, and
   takes off the decoration that stands in front of them in a source-code comment;
2. `logical_lines` joins continued lines and removes comments;
3. the preprocessor (preprocess.py) runs over these lines;
4. each line is read by `sequence.lark`, and where it opens a block of text (a note, a title, a skinparam), the lines up
   to the closing one are taken as they are (parse.py).

Every line keeps the places that it came from, through all four.
"""

import re
from collections.abc import Iterable, Iterator

from seqtest.dataclass import dataclass, replace
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Source
from seqtest.syntax.tree import Line, Place

_START = re.compile(r"^(\W*?)([@\\]startuml)(?!\w)\s*(.*)$")
_END = re.compile(r"^\W*?[@\\]enduml(?!\w)")
_PAUSE = re.compile(r"[@\\]pause")
_UNPAUSE = re.compile(r"[@\\]unpause")
_APPEND = re.compile(r"[@\\]append ")
_ARROW_DASH = re.compile(r"(?<=[-\u2013<\\/\]])\u2013|(?<=\s[ox])\u2013|\u2013(?=[-\u2013>\[\\/]|_>|[ox]\s)")
_BLANKS = " \t\f\v\u00a0\r"


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one diagram, without its fences."""

    name: str
    lines: tuple[Line, ...]
    source: Source
    start: Line
    end: Line
    prefix: str = ""
    """The decoration that stands in front of each line."""
    is_fenced: bool = True
    """Stands between `@startuml` and `@enduml`."""
    has_pauses: bool = False
    """Some of its lines are left out, between `@pause` and `@unpause`."""
    findings: tuple[Finding, ...] = ()
    """What PlantUML drops of the file before this block or behind the last one: it would never be tested."""


def physical_line(source: Source, number: int, text: str, column: int = 1) -> Line:
    """One line as written, `text` beginning at `column`: its blanks become the line's lead.

    PlantUML takes an en dash for a hyphen; word processors put them into arrows. One that is in no arrow stays: a line
    of a note is sent, and compared, as it is written.
    """
    if "\u2013" in text:
        text = _ARROW_DASH.sub("-", text)
    stripped = text.lstrip(_BLANKS)
    length = len(text) - len(stripped)
    return Line(stripped, (Place(0, source, number, column + length),), text[:length] if length else "")


def blocks(source: Source) -> tuple[Block, ...]:
    """The diagrams of a file, in order. A file without `@startuml` is one diagram.

    Raises UnreadableDiagram for a block without `@enduml`.
    """
    text = source.text.removeprefix("\ufeff")
    rows = text.split("\n")
    if "startuml" not in text:
        return (_unfenced(source, rows),)
    found: list[Block] = []
    opened: tuple[str, str, Line] | None = None
    decoration = ""
    lines: list[Line] = []
    paused: Line | None = None
    has_pauses = False
    dropped: list[Finding] = []
    for number, row in enumerate(rows, source.first_line):
        start = _START.match(row) if "startuml" in row else None
        if start:
            # A second `@startuml` begins again: what was collected is no diagram.
            if opened is not None and any(line.text.strip() for line in lines):
                dropped.append(_dropped(opened[2], "this diagram is dropped: it never ends", "opened here"))
            opened = start[1], start[3].strip(_BLANKS), physical_line(source, number, row.rstrip(_BLANKS))
            # The blanks behind the decoration are not asked for: an editor drops them from a blank line.
            decoration = start[1].rstrip(_BLANKS)
            lines, paused, has_pauses = [], None, False
        elif opened is None:
            near = _NEARLY.match(row)
            if near and near[1].lower() not in _OTHER_KINDS:
                line = physical_line(source, number, row.rstrip(_BLANKS))
                dropped.append(
                    _dropped(line, f"`@start{near[1]}` opens no diagram", "all up to the next one is dropped")
                )
        elif "enduml" in row and _END.match(row):
            if paused is None and lines and _goes_on(lines[-1]):
                raise UnreadableDiagram(_swallowed(lines[-1]))
            if paused is not None:
                dropped.append(_paused(paused))
            end = physical_line(source, number, row.rstrip(_BLANKS))
            prefix = opened[0].strip(_BLANKS)
            block = Block(opened[1], tuple(lines), source, opened[2], end, prefix, True, has_pauses, tuple(dropped))
            found.append(block)
            opened, paused, dropped = None, None, []
        else:
            at = len(decoration) if decoration and row.startswith(decoration) else 0
            line = physical_line(source, number, row[at:], 1 + at)
            if "pause" in row and _PAUSE.match(line.text):
                paused, has_pauses = line, True
            if paused is None:
                lines.append(line)
            elif append := _APPEND.match(line.text):
                cut = at + len(line.lead) + append.end()
                lines.append(physical_line(source, number, row[cut:], 1 + cut))
            elif _UNPAUSE.match(line.text):
                paused = None
    if opened is not None:
        raise UnreadableDiagram(_never_ends(opened[2], lines))
    if not found:
        return (_unfenced(source, rows),)
    if dropped:
        found[-1] = replace(found[-1], findings=(*found[-1].findings, *dropped))
    return tuple(found)


_NEARLY = re.compile(r"^\s*@start(\w+)")
_NEARLY_END = re.compile(r"@end\w*|@?enduml\b", re.IGNORECASE)
_OTHER_KINDS = frozenset(
    [
        "board",
        "bpm",
        "chart",
        "chen",
        "chronology",
        "creole",
        "def",
        "ditaa",
        "dot",
        "ebnf",
        "files",
        "flow",
        "gantt",
        "git",
        "hcl",
        "jcckit",
        "json",
        "latex",
        "math",
        "mindmap",
        "nwdiag",
        "packetdiag",
        "project",
        "regex",
        "salt",
        "tree",
        "wbs",
        "wire",
        "yaml",
    ]
)
"""Diagrams of other kinds, which may stand in the same file."""


def _dropped(line: Line, message: str, label: str) -> Finding:
    why = "what stands there would be neither drawn nor tested"
    do = "write `@startuml` above each diagram and `@enduml` below it"
    return Finding("SQ113", message, line.span(), "warning", label=label, why=why, do=do)


def _paused(line: Line) -> Finding:
    return Finding(
        "SQ113",
        "all behind this `@pause` is dropped",
        line.span(),
        "warning",
        why="what stands there would be neither drawn nor tested",
        do="write `@unpause` where the diagram goes on",
    )


def _unfenced(source: Source, rows: list[str]) -> Block:
    lines = [physical_line(source, number, row) for number, row in enumerate(rows, source.first_line)]
    last = physical_line(source, source.first_line + len(rows) - 1, rows[-1])
    return Block("", tuple(lines), source, lines[0], last, is_fenced=False)


def _goes_on(line: Line) -> bool:
    text = line.text.rstrip("\r")
    return text.endswith("\\") and not text.endswith("\\\\")


def _swallowed(line: Line) -> Finding:
    return Finding(
        "SQ103",
        "this diagram never ends: its last line goes on, and takes `@enduml` with it",
        line.span(len(line.text.rstrip("\r")) - 1),
        label="the line goes on",
        do="remove the backslash",
    )


def _never_ends(start: Line, lines: Iterable[Line]) -> Finding:
    near = next((line for line in reversed(list(lines)) if _NEARLY_END.match(line.text)), None)
    if near is not None:
        return Finding(
            "SQ103",
            "this diagram never ends",
            near.span(),
            expected="`@enduml` on a line of its own",
            do="did you mean `@enduml`?",
            also=((start.span(), "opened here"),),
        )
    return Finding(
        "SQ103",
        "this diagram never ends",
        start.span(),
        label="opened here",
        expected="`@enduml` on a line of its own",
        got="the end of the file",
        do="add a line `@enduml` after the diagram's last line",
    )


def logical_lines(lines: Iterable[Line]) -> Iterator[Line]:
    """Continued lines joined, comments gone, ends trimmed. Blank lines stay: they count inside texts."""
    return _without_comments(_joined(lines))


def _joined(lines: Iterable[Line]) -> Iterator[Line]:
    waiting: list[Line] = []
    for line in lines:
        if "\\" in line.text and _goes_on(line):
            waiting.append(Line(line.text.rstrip("\r")[:-1], line.places, line.lead))
        elif waiting:
            waiting.append(Line(line.text.rstrip("\r"), line.places, line.lead))
            yield _one(waiting)
            waiting = []
        else:
            yield line
    if waiting:
        yield _one(waiting)


def _one(lines: list[Line]) -> Line:
    """Lines of which each goes on in the next, as one."""
    texts, places, length = [lines[0].text], list(lines[0].places), len(lines[0].text)
    for line in lines[1:]:
        first = line.places[0]
        places.append(Place(length, first.source, first.line, first.column - len(line.lead), first.is_fixed))
        texts += (line.lead, line.text)
        length += len(line.lead) + len(line.text)
    return Line("".join(texts), tuple(places), lines[0].lead)


def _without_comments(lines: Iterable[Line]) -> Iterator[Line]:
    inside = False
    for line in lines:
        text = line.text.rstrip(_BLANKS)
        if inside:
            inside = not text.endswith("'/")
            continue
        if "'" in text:
            if text.startswith("'"):
                continue
            if text.startswith("/'"):
                if text.endswith("'/") and len(text) > 3:
                    continue
                closed = text.find("'/", 2)
                if closed < 0:
                    inside = True
                    continue
                yield cut(line, closed + 2, len(text))
                continue
            opened = text.rfind("/'") if text.endswith("'/") else -1
            if opened >= 0:
                yield cut(line, 0, opened)
                continue
        yield line if len(text) == len(line.text) else Line(text, line.places, line.lead)


def cut(line: Line, start: int, end: int) -> Line:
    """`line.text[start:end]`, trimmed, as a line of its own."""
    text = line.text[start:end]
    stripped = text.lstrip(_BLANKS)
    start += len(text) - len(stripped)
    return Line(stripped.rstrip(_BLANKS), places_from(line, start), line.lead)


def places_from(line: Line, start: int) -> tuple[Place, ...]:
    """The places of `line.text[start:]`, counted from there."""
    if not start:
        return line.places
    first = line.place(start)
    column = first.column if first.is_fixed else first.column + start - first.offset
    rest = [Place(place.offset - start, *_where(place)) for place in line.places if place.offset > start]
    return (Place(0, first.source, first.line, column, first.is_fixed), *rest)


def _where(place: Place) -> tuple[Source, int, int, bool]:
    return place.source, place.line, place.column, place.is_fixed
