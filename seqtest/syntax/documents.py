"""Diagrams inside documents: fences in Markdown, directives in reStructuredText, blocks in AsciiDoc.

What a fence holds is a source of its own whose lines and columns are counted as the document's.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath

from seqtest.source import Source
from seqtest.syntax.notation import Notation

Found = tuple[str, int, list[str]]
"""The notation's name, the index of the first row, and the rows."""

_NAME = r"(plantuml|plant-uml|puml|uml|mermaid)(?![\w-])"
_FENCE = re.compile(r"^((?:\s|>|[-*+]\s|\d{1,9}[.)]\s)*)(`{3,}|~{3,})([^`]*)$")
# `plantuml`, `{.plantuml #id}`, `{#id .plantuml}`, `{uml}`, `kroki-plantuml`.
_LANGUAGE = re.compile(rf"\s*\{{?\.?(?:kroki-)?{_NAME}|\s*\{{[^}}]*?\s\.{_NAME}", re.IGNORECASE)
_ROLE = re.compile(r"\s*\{\w[\w-]*\}")
_CONTAINER = re.compile(rf"^\s*:::\s*{_NAME}\s*$", re.IGNORECASE)
_DIRECTIVE = re.compile(r"^(\s*)\.\.\s+(uml|plantuml|mermaid)::", re.IGNORECASE)
_OPTION = re.compile(r"^\s*:[\w-]+:")
_BLOCK = re.compile(r"^\[\s*[\"']?(plantuml|uml|mermaid)(?![\w-]).*\]\s*$", re.IGNORECASE)
_DELIMITER = re.compile(r"^(?:(-{4,}|\.{4,}|--)|(`{3,})[\w,]*)\s*$")
_BETWEEN = re.compile(r"^(?:\.[^.\s].*|\[.*\])$")
_OTHER_KIND = re.compile(
    r"^\s*(?:(?:abstract\s+)?class|interface|enum|state|usecase|component|node|package|object|start\b|:[^:]*;|\[\*\]|@start(?!uml)|include::)",
    re.IGNORECASE,
)


def fences(source: Source) -> Iterator[tuple[Notation, Source]]:
    """The sequence diagrams of a document, in order; diagrams of other kinds are left out."""
    find = FINDERS[PurePath(source.path).suffix.lower()]
    rows = [row.rstrip("\r") for row in source.text.split("\n")]
    for word, start, inside in find(rows):
        text = "\n".join(_without_end(inside))
        notation: Notation = "mermaid" if word.lower() == "mermaid" else "plantuml"
        if _is_sequence(notation, text):
            yield notation, Source(source.path, text, source.first_line + start)


def _without_end(rows: list[str]) -> list[str]:
    """The rows up to an `@enduml` that no `@startuml` opens: a fence says by itself where its diagram begins."""
    if any("@start" in row for row in rows):
        return rows
    return rows[: next((at for at, row in enumerate(rows) if row.strip() == "@enduml"), len(rows))]


def _is_sequence(notation: Notation, text: str) -> bool:
    if notation == "mermaid":
        return re.search(r"^[ \t]*+sequenceDiagram\b", text, re.MULTILINE) is not None
    said = [
        row
        for row in text.split("\n")
        if row.strip() and not row.lstrip().startswith(("'", "@startuml", "!", "skinparam"))
    ]
    return bool(said) and not _OTHER_KIND.match(said[0])


def _markdown(rows: list[str]) -> Iterator[Found]:
    """Fences of every language are followed: what one shows is none, a fence inside it too."""
    index = 0
    while index < len(rows):
        row = rows[index]
        index += 1
        fence, container = _FENCE.match(row), _CONTAINER.match(row)
        if fence is None and container is None:
            continue
        prefix = fence[1] if fence else ""
        mark = fence[2] if fence else ":::"
        closing = re.compile(rf"^[\s>]*{re.escape(mark[0])}{{{len(mark)},}}\s*$")
        start, quotes = index, prefix.count(">")
        while index < len(rows) and not closing.match(rows[index]) and not (quotes and ">" not in rows[index]):
            index += 1
        word = container[1] if container else _language(fence[3]) if fence else ""
        if word:
            if fence and _ROLE.match(fence[3]):
                start = _behind_options(rows, start)
            yield word, start, [_unquoted(row, quotes) for row in rows[start:index]]
        index += index < len(rows) and closing.match(rows[index]) is not None


def _language(info: str) -> str:
    match = _LANGUAGE.match(info)
    return (match[1] or match[2]) if match else ""


def _unquoted(row: str, quotes: int) -> str:
    """The row with blanks for the marks of a quotation: the columns stay."""
    match = re.match(rf"(?:\s*>){{0,{quotes}}}", row) if quotes else None
    return " " * match.end() + row[match.end() :] if match else row


def _behind_options(rows: list[str], index: int) -> int:
    """The first row that is no option of a directive, nor goes on with one."""
    while index < len(rows) and _OPTION.match(rows[index]):
        indent = _indent(rows[index])
        index += 1
        while index < len(rows) and rows[index].strip() and _indent(rows[index]) > indent:
            index += 1
    return index


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())


def _restructured(rows: list[str]) -> Iterator[Found]:
    index = 0
    while index < len(rows):
        match = _DIRECTIVE.match(rows[index])
        index += 1
        if match is None:
            continue
        start = index = _behind_options(rows, index)
        while index < len(rows) and (not rows[index].strip() or _indent(rows[index]) > len(match[1])):
            index += 1
        yield match[2], start, rows[start:index]


def _asciidoc(rows: list[str]) -> Iterator[Found]:
    """Blocks of every sort are followed, so that one that is shown inside another is none."""
    index, word = 0, ""
    while index < len(rows):
        row = rows[index]
        index += 1
        block, delimiter = _BLOCK.match(row), _DELIMITER.match(row)
        if delimiter:
            start, mark = index, delimiter[1] or delimiter[2]
            if not word and start > 1 and rows[start - 2].strip() and not _BETWEEN.match(rows[start - 2]):
                continue  # the line below a title
            while index < len(rows) and rows[index].rstrip() != mark:
                index += 1
            if word:
                yield word, start, rows[start:index]
            index += 1
        elif word and _BETWEEN.match(row):
            continue
        word = block[1] if block else ""


FINDERS: Mapping[str, Callable[[list[str]], Iterator[Found]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".mdx": _markdown,
    ".rst": _restructured,
    ".adoc": _asciidoc,
    ".asciidoc": _asciidoc,
}
