"""Reading: a file's text in, a syntax tree for each of its diagrams out."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Source
from seqtest.syntax.lines import Block, blocks, logical_lines
from seqtest.syntax.tree import (
    Declaration,
    FurnitureLine,
    Line,
    Node,
    NoteLine,
    Reference,
    Setting,
    Statement,
    SyntaxTree,
)

if TYPE_CHECKING:
    from lark import Lark

    from seqtest.syntax.includes import Includes

MOST_FINDINGS = 10


def parse(source: Source, includes: "Includes | None" = None) -> tuple[SyntaxTree, ...]:
    """Read every diagram of a file.

    Raises UnreadableDiagram with what is wrong in the first diagram that cannot be read.
    """
    return tuple(parse_block(block, includes) for block in blocks(source))


def parse_block(block: Block, includes: "Includes | None" = None) -> SyntaxTree:
    """Read one diagram. Raises UnreadableDiagram with each line of it that cannot be read (at most ten)."""
    lines: Sequence[Line] = list(logical_lines(block.lines))
    sources: tuple[Source, ...] = ()
    notes: tuple[Finding, ...] = ()
    if any(line.text.startswith("!") or "%" in line.text for line in lines):
        from seqtest.syntax.preprocess import Preprocessor

        preprocessor = Preprocessor() if includes is None else Preprocessor(includes)
        lines = preprocessor.run(lines)
        sources, notes = tuple(preprocessor.sources), tuple(preprocessor.notes)
    statements = tuple(_statements(lines))
    return SyntaxTree(block.name, statements, block.source, block.start, block.end, sources, notes)


@cache
def _parser() -> "Lark":
    from seqtest.syntax.grammar import parser
    from seqtest.syntax.statements import Statements

    return parser("sequence", Statements())


@lru_cache(maxsize=1 << 14)
def read_line(text: str) -> Node:
    """What a logical line says. Raises lark.UnexpectedInput."""
    from lark import UnexpectedInput

    read = _parser().parse
    try:
        return read(text, start="statement")  # type: ignore[return-value]  # the actions make nodes of trees
    except UnexpectedInput as failure:
        try:
            return read(text, start="other")  # type: ignore[return-value]
        except UnexpectedInput:
            raise failure from None


def _statements(lines: Sequence[Line]) -> Iterator[Statement]:
    findings: list[Finding] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if not line.text:
            continue
        try:
            statement = _statement(lines, index - 1)
        except UnreadableDiagram as failure:
            findings += failure.findings
            if len(findings) >= MOST_FINDINGS:
                break
            continue
        if statement.end is not None:
            index += len(statement.body) + 1
        yield statement
    if findings:
        raise UnreadableDiagram(*findings[:MOST_FINDINGS])


def _statement(lines: Sequence[Line], index: int) -> Statement:
    line = lines[index]
    try:
        node = read_line(line.text)
    except Exception as failure:
        from lark import UnexpectedInput

        from seqtest.syntax.explain import explain

        if not isinstance(failure, UnexpectedInput):
            raise
        raise UnreadableDiagram(explain(line, failure)) from None
    closer = _closer(node)
    if closer is None:
        return Statement(node, line)
    last = _find_end(closer, node, lines, index + 1)
    if last is None:
        if isinstance(node, FurnitureLine) and node.text is not None:
            return Statement(node, line)
        from seqtest.syntax.explain import never_closed

        raise UnreadableDiagram(never_closed(line, node))
    if _is_skinparam(node):
        _check_parameters(lines[index + 1 : last])
    return Statement(node, line, tuple(lines[index + 1 : last]), lines[last])


_END_NOTE = re.compile(r"end[ \t\u00a0]?note$", re.IGNORECASE)
_END_ANY_NOTE = re.compile(r"end[ \t\u00a0]?[hr]?note$", re.IGNORECASE)
_END_REF = re.compile(r"end[ \t\u00a0]?(?:ref)?$", re.IGNORECASE)
_END_BRACKET = re.compile(r"[^\[\]]*\]$")
_END_STYLE = re.compile(r"</style>$", re.IGNORECASE)
_END_SVG = re.compile(r".*</svg>$", re.IGNORECASE)
_END_SPRITE = re.compile(r"\}$")
_LEGEND_PLACE = re.compile(r"(?:top|bottom)?\s*(?:left|right|center)?$", re.IGNORECASE)
_END_FURNITURE = {
    kind: re.compile(rf"end[ \t\u00a0]?{kind}$", re.IGNORECASE)
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
        case FurnitureLine(kind="legend") if node.text is None or _LEGEND_PLACE.match(node.text.text):
            return _END_FURNITURE["legend"]
        case FurnitureLine(text=None):
            return _END_FURNITURE.get(node.kind, _NEVER)
        case Setting(is_open=True):
            start = node.text[:6].lower()
            return _END_STYLE if start == "<style" else _END_SVG if "<svg" in node.text else _END_SPRITE
        case _:
            return None


_NEVER = re.compile(r"(?!)")


def _find_end(closer: re.Pattern[str], node: Node, lines: Sequence[Line], start: int) -> int | None:
    depth = 0
    nests = _is_skinparam(node)
    for index in range(start, len(lines)):
        text = lines[index].text
        if nests and text.endswith("{"):
            depth += 1
        elif closer.match(text):
            if not depth:
                return index
            depth -= 1
    return None


def _is_skinparam(node: Node) -> bool:
    return isinstance(node, Setting) and node.text[:9].lower() == "skinparam"


@lru_cache(maxsize=4096)
def _read_parameter(text: str) -> Node:
    return _parser().parse(text, start="parameter")  # type: ignore[return-value]


def _check_parameters(lines: Sequence[Line]) -> None:
    from lark import UnexpectedInput

    for line in lines:
        if not line.text:
            continue
        try:
            _read_parameter(line.text)
        except UnexpectedInput:
            finding = Finding(
                "SQ102",
                "this line is no setting",
                line.span(),
                expected="a name and a value, such as `ArrowColor red`",
                do="write a value behind the name, or close the block above with `}`",
            )
            raise UnreadableDiagram(finding) from None
