"""Writing PlantUML back: the same drawing, comments and preprocessor kept, in one form.

Each line is written anew from what it says, and read again: where that does not give the same statement, the line stays
as it was. So a formatted file draws what it drew before.
"""

import re
from collections.abc import Iterator, Sequence

from seqtest.dataclass import replace
from seqtest.render.statements import written
from seqtest.source import Source
from seqtest.syntax import tree as marks
from seqtest.syntax.lines import blocks, logical_lines
from seqtest.syntax.parse import read_line, statement_at
from seqtest.syntax.reader import Unexpected
from seqtest.syntax.tree import Line, Node, Statement, SyntaxTree

INDENT = "  "
_END_WORD = re.compile(r"end\s*([hr]?note|ref|title|caption|header|footer|legend)$", re.IGNORECASE)
_OPENS = re.compile(
    r"!(?:if|ifdef|ifndef|while|foreach|definelong|startsub|(?:(?:unquoted|final)\s+)*(?:procedure|function))\b", re.I
)
_SHORT_FUNCTION = re.compile(r"!.*function.*\)\s*return\b", re.IGNORECASE)
_CLOSES = re.compile(r"!(?:end\w*|end\s+\w+)$", re.IGNORECASE)
_TURNS = re.compile(r"!(?:else|elseif)\b", re.IGNORECASE)


def format(tree: SyntaxTree) -> str:
    """The tree's statements as PlantUML, the preprocessor's work done and its lines gone."""
    lines = [f"@startuml {tree.name}".rstrip(), *_indented(tree.statements), "@enduml"]
    return "\n".join(lines) + "\n"


def format_source(source: Source) -> str:
    """A file with its diagrams in canonical form; what stands outside them stays as it is.

    Raises UnreadableDiagram for a diagram that never ends.
    """
    rows = source.text.split("\n")
    out: list[str] = []
    at = source.first_line
    for block in blocks(source):
        first = block.start.number if block.is_fenced else source.first_line
        last = block.end.number if block.is_fenced else source.first_line + len(rows)
        out += rows[at - source.first_line : first - source.first_line]
        if block.prefix or block.has_pauses:
            # The decoration in front belongs to another language, and what is paused need not be PlantUML.
            out += rows[first - source.first_line : last - source.first_line + 1]
        else:
            out += _formatted(block.start.text if block.is_fenced else None, block.lines, block.end.text)
        at = last + 1
    out += rows[at - source.first_line :]
    return "\n".join(out).rstrip("\n") + "\n"


def _formatted(start: str | None, lines: Sequence[Line], end: str) -> Iterator[str]:
    if start is not None:
        yield re.sub(r"\s+", " ", start) if '"' not in start else start
    yield from _without_blank_edges(_rewritten(lines))
    if start is not None:
        yield end


def _without_blank_edges(rows: Iterator[str | None]) -> Iterator[str]:
    """One blank line for several, none at the edges; None is a blank line outside of texts."""
    is_blank, has_begun = False, False
    for row in rows:
        if row is None:
            is_blank = has_begun
            continue
        if is_blank:
            yield ""
        is_blank, has_begun = False, True
        yield row


def _rewritten(lines: Sequence[Line]) -> Iterator[str | None]:
    """The lines of a block, comments and directives in their places, None for each blank one."""
    depth = 0
    index = 0
    readable = _maskings(lines)
    has_macros = any(line.text.startswith("!") for line in lines)
    missing: set[re.Pattern[str]] = set()
    untold: marks.Unread | None = None
    while index < len(lines):
        unit = _unit(lines, index)
        index += len(unit)
        line = unit[0]
        text = line.text.rstrip()
        is_comment = text.startswith(("'", "/'")) or text.endswith("'/")
        if len(unit) > 1 or is_comment:
            yield from _kept(unit, depth)
            block = None if is_comment else _opened(unit, readable[index:], missing)
            if block is not None:
                # The lines of a text behind a continued opening line are no statements.
                end = index + len(block.body)
                yield from _block_rows(replace(block, body=tuple(lines[index:end])), depth)
                index = end + 1
        elif not text:
            yield None
        elif text.startswith("!"):
            before, after = _directive_depth(text)
            depth = max(depth - before, 0)
            yield INDENT * depth + text
            depth += after
        else:
            # The block that a line opens is looked for in what follows, comments included: they stay in it.
            statement = statement_at(readable, index - 1, missing, untold)
            if isinstance(statement.node, marks.Unread):
                untold = statement.node
            before, after = _depth_change(statement.node)
            depth = max(depth - before, 0)
            if statement.end is not None:
                end = index + len(statement.body)
                statement = replace(statement, body=tuple(lines[index:end]))
                index = end + 1
            yield from _statement_rows(statement, depth, has_macros)
            depth += after


def _opened(unit: Sequence[Line], behind: Sequence[Line], missing: set[re.Pattern[str]]) -> Statement | None:
    """The statement of a continued line, when it opens a block of lines."""
    joined = list(logical_lines(unit))
    if len(joined) != 1 or not joined[0].text or joined[0].text.startswith("!"):
        return None
    statement = statement_at([*joined, *behind], 0, missing)
    return None if statement.end is None else statement


def _maskings(lines: Sequence[Line]) -> list[Line]:
    """The lines, trimmed; what continues a line or stands in a comment is no line that could close a block."""
    found: list[Line] = []
    in_comment = False
    for index, line in enumerate(lines):
        text = line.text.rstrip()
        hides = in_comment or (index > 0 and _goes_on(lines[index - 1]))
        if in_comment:
            in_comment = not text.endswith("'/")
        elif text.startswith("/'") and "'/" not in text[2:]:
            in_comment = True
        found.append(replace(line, text="'") if hides else _trimmed(line))
    return found


def _trimmed(line: Line) -> Line:
    return line if line.text == line.text.rstrip() else replace(line, text=line.text.rstrip())


def _unit(lines: Sequence[Line], index: int) -> Sequence[Line]:
    """A line with those that continue it, or a comment over several lines."""
    text = lines[index].text
    end = index + 1
    if text.startswith("/'") and "'/" not in text[2:]:
        closed = (at for at in range(end, len(lines)) if lines[at].text.rstrip().endswith("'/"))
        return lines[index : next(closed, len(lines)) + 1]
    while end < len(lines) and _goes_on(lines[end - 1]):
        end += 1
    return lines[index:end]


def _goes_on(line: Line) -> bool:
    return line.text.endswith("\\") and not line.text.endswith("\\\\")


def _kept(unit: Sequence[Line], depth: int) -> Iterator[str]:
    yield INDENT * depth + unit[0].text.rstrip("\r")
    for line in unit[1:]:
        yield (line.lead + line.text).rstrip("\r")


def _directive_depth(text: str) -> tuple[int, int]:
    """Levels to go back before the line, and to go in behind it."""
    if _CLOSES.match(text):
        return 1, 0
    if _TURNS.match(text):
        return 1, 1
    return 0, int(bool(_OPENS.match(text)) and not _SHORT_FUNCTION.match(text))


def _depth_change(node: Node) -> tuple[int, int]:
    if isinstance(node, marks.OpenGroup | marks.OpenBox):
        return 0, 1
    if isinstance(node, marks.Branch):
        return 1, 1
    return (1, 0) if isinstance(node, marks.EndGroup | marks.EndBox) else (0, 0)


def _indented(statements: Sequence[Statement]) -> Iterator[str]:
    depth = 0
    for statement in statements:
        before, after = _depth_change(statement.node)
        depth = max(depth - before, 0)
        yield from _statement_rows(statement, depth)
        depth += after


def _statement_rows(statement: Statement, depth: int, has_macros: bool = False) -> Iterator[str]:
    yield INDENT * depth + _line(statement, has_macros)
    yield from _block_rows(statement, depth)


def _block_rows(statement: Statement, depth: int) -> Iterator[str]:
    """The lines of the statement's text, and the one that closes it."""
    if statement.end is None:
        return
    body = statement.body
    # The blanks in front of a continued line are part of the text.
    joined = [index > 0 and _goes_on(body[index - 1]) for index in range(len(body))]
    leads = [len(line.lead) for line, is_joined in zip(body, joined, strict=True) if line.text and not is_joined]
    common = min(leads, default=0)
    margin = INDENT * (depth + 1)
    for line, is_joined in zip(body, joined, strict=True):
        lead = line.lead if is_joined else margin + line.lead[common:]
        yield (lead + line.text).rstrip() if line.text else ""
    match = _END_WORD.match(statement.end.text)
    yield INDENT * depth + (f"end {match[1].lower()}" if match else statement.end.text)


def _line(statement: Statement, has_macros: bool) -> str:
    """The statement's line in canonical form, when that says the same.

    A macro puts its text inside quotes as well, where it may mean something else than beside them: they stay.
    """
    old = statement.line.text
    new = written(statement.node)
    if new is None or new == old or (has_macros and new.count('"') != old.count('"')):
        return old
    try:
        return new if read_line(new) == statement.node else old
    except Unexpected:
        return old
