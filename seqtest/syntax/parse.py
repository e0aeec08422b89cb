"""Reading: a file's text in, a syntax tree for each of its diagrams out."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from seqtest.dataclass import replace
from seqtest.errors import Finding
from seqtest.pattern import pattern
from seqtest.source import Source
from seqtest.syntax.lines import Block, blocks, logical_lines
from seqtest.syntax.reader import Unexpected
from seqtest.syntax.tree import (
    MOST_FINDINGS,
    Declaration,
    FurnitureLine,
    Line,
    Node,
    NoteLine,
    Piece,
    Reference,
    Setting,
    Statement,
    SyntaxTree,
    Unread,
)

if TYPE_CHECKING:
    from seqtest.syntax.includes import Includes
    from seqtest.syntax.reader import Reader


def parse(source: Source, includes: "Includes | None" = None) -> tuple[SyntaxTree, ...]:
    """Read every diagram of a file.

    A line that cannot be read is in the tree as `Unread`: `build` refuses it when it gets there, so that errors come in
    the drawing's order. Raises UnreadableDiagram for a diagram that never ends and for what the preprocessor cannot
    follow.
    """
    return tuple(parse_block(block, includes) for block in blocks(source))


def parse_block(block: Block, includes: "Includes | None" = None) -> SyntaxTree:
    """Read one diagram."""
    lines: Sequence[Line] = list(logical_lines(block.lines))
    sources: tuple[Source, ...] = ()
    notes: tuple[Finding, ...] = ()
    text = block.source.text
    if ("!" in text or "%" in text) and any(line.text.startswith("!") or "%" in line.text for line in lines):
        from seqtest.syntax.preprocess import Preprocessor

        preprocessor = Preprocessor() if includes is None else Preprocessor(includes)
        lines = preprocessor.run(lines)
        sources, notes = tuple(preprocessor.sources), tuple(preprocessor.notes)
    findings = (*block.findings, *notes)
    return SyntaxTree(block.name, tuple(statements_of(lines)), block.source, block.start, block.end, sources, findings)


@cache
def _reader() -> "Reader":
    from seqtest.syntax.grammar import reader
    from seqtest.syntax.statements import Statements

    return reader("sequence", Statements())


@lru_cache(maxsize=1 << 14)
def read_line(text: str) -> Node:
    """What a logical line says. Raises Unexpected."""
    read = _reader().parse
    try:
        return read(text, start="statement")  # type: ignore[no-any-return]  # its action makes a node
    except Unexpected as failure:
        try:
            return read(text, start="other")  # type: ignore[no-any-return]
        except Unexpected:
            raise failure from None


def statements_of(lines: Sequence[Line]) -> Iterator[Statement]:
    """The statements on the lines, each with the block of lines that it opens."""
    index = unread = 0
    missing: set[re.Pattern[str]] = set()
    untold: Unread | None = None
    legend: Line | None = None
    while index < len(lines):
        line = lines[index]
        if line.text:
            statement = statement_at(lines, index, missing, untold)
            if statement.end is not None:
                index += len(statement.body) + 1
            node = statement.node
            if isinstance(node, Unread):
                if legend is not None and untold is None:
                    from seqtest.syntax.explain import behind_a_legend

                    node = Unread(behind_a_legend(legend, node.finding))
                    statement = replace(statement, node=node)
                unread += 1
                untold = node if unread >= MOST_FINDINGS else None
            legend = line if statement.end is None and _is_placed_legend(statement.node) else None
            yield statement
        index += 1


def statement_at(
    lines: Sequence[Line], index: int, missing: set[re.Pattern[str]], untold: Unread | None = None
) -> Statement:
    """The statement that begins on a line.

    `missing` are the closing lines that no later line is: looked for once. `untold` stands for a line that cannot be
    read where enough others have been told.
    """
    line = lines[index]
    try:
        node = read_line(line.text)
    except Unexpected as failure:
        if untold is not None:
            return Statement(untold, line)
        from seqtest.syntax.explain import explain

        return Statement(Unread(explain(line, failure)), line)
    closer = _closer(node)
    if closer is None:
        return Statement(_checked(node, line) if isinstance(node, Setting) else node, line)
    is_first = closer not in missing
    last = _find_end(closer, node, lines, index + 1) if is_first else None
    if last is None:
        missing.add(closer)
        if isinstance(node, FurnitureLine) and node.text is not None:
            return Statement(node, line)
        from seqtest.syntax.explain import FARTHEST, never_closed

        behind = lines[index + 1 : index + FARTHEST] if is_first else ()
        return Statement(Unread(never_closed(line, node, behind)), line)
    body = tuple(lines[index + 1 : last])
    if isinstance(node, Setting):
        node = _checked(node, line, body, lines[last])
    return Statement(node, line, body, lines[last])


def _checked(node: Setting, line: Line, body: Sequence[Line] = (), end: Line | None = None) -> Node:
    from seqtest.syntax.settings import wrong_setting

    wrong = wrong_setting(node, line, body, end)
    return node if wrong is None else Unread(wrong)


_END_NOTE = pattern(r"end[ \t\u00a0]?note$", re.IGNORECASE)
_END_ANY_NOTE = pattern(r"end[ \t\u00a0]?[hr]?note$", re.IGNORECASE)
_END_REF = pattern(r"end[ \t\u00a0]?(?:ref)?$", re.IGNORECASE)
_END_BRACKET = pattern(r"[^\[\]]*\]$")
_END_STYLE = pattern(r"</style>$", re.IGNORECASE)
_END_SVG = pattern(r".*</svg>$", re.IGNORECASE)
_END_SPRITE = pattern(r"\}$")
_LEGEND_PLACE = pattern(r"(?:top|bottom)?\s*(?:left|right|center)?$", re.IGNORECASE)
_END_FURNITURE = {
    kind: pattern(rf"end[ \t\u00a0]?{kind}$", re.IGNORECASE)
    for kind in ("title", "caption", "header", "footer", "legend")
}


def _closer(node: Node) -> re.Pattern[str] | None:
    """What ends the block of lines that the node opens; None when it opens none."""
    match node:
        case NoteLine(text=None):
            return _END_NOTE if node.is_on_message else _END_ANY_NOTE
        case Reference(text=None):
            return _END_REF
        case Declaration(is_open=True):
            return _END_BRACKET
        case FurnitureLine() if _is_placed_legend(node):
            return _END_FURNITURE["legend"]
        case FurnitureLine(text=None):
            return _END_FURNITURE.get(node.kind, _NEVER)
        case Setting(is_open=True):
            start = node.text[:6].lower()
            return _END_STYLE if start == "<style" else _END_SVG if "<svg" in node.text else _END_SPRITE
        case _:
            return None


def _is_placed_legend(node: Node) -> bool:
    """`legend right`: a place where lines up to `end legend` follow, else a text."""
    match node:
        case FurnitureLine(kind="legend", text=Piece(text=text)):
            return bool(_LEGEND_PLACE.match(text))
        case _:
            return False


_NEVER = pattern(r"(?!)")


def _find_end(closer: re.Pattern[str], node: Node, lines: Sequence[Line], start: int) -> int | None:
    if _is_skinparam(node):
        return _find_bracket(lines, start)
    match = closer.match
    for index in range(start, len(lines)):
        if match(lines[index].text):
            return index
    return None


def _find_bracket(lines: Sequence[Line], start: int) -> int | None:
    """The line that ends in the `}` of a block's `{`; blocks nest."""
    depth = 1
    for index in range(start, len(lines)):
        text = lines[index].text
        depth += text.endswith("{") - text.endswith("}")
        if not depth:
            return index
    return None


def _is_skinparam(node: Node) -> bool:
    return isinstance(node, Setting) and node.text[:9].lower() == "skinparam"
