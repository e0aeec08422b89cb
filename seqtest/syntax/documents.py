"""Diagrams inside documents: fences in Markdown, directives in reStructuredText, blocks in AsciiDoc.

What a fence holds is a source of its own whose lines are counted as the document's.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Literal

from seqtest.source import Source

Notation = Literal["plantuml", "mermaid"]
_FENCE = re.compile(r"^(\s*(?:>\s*)*)(`{3,}|~{3,})\s*\{?\.?(plantuml|puml|uml|mermaid)\b", re.IGNORECASE)
_DIRECTIVE = re.compile(r"^(\s*)\.\.\s+(uml|plantuml|mermaid)::", re.IGNORECASE)
_OPTION = re.compile(r"^\s+:[\w-]+:")
_BLOCK = re.compile(r"^\[(plantuml|uml|mermaid)\b.*\]\s*$", re.IGNORECASE)
_DELIMITER = re.compile(r"^(-{4,}|\.{4,}|`{3,})\s*$")
_OTHER_KIND = re.compile(
    r"^\s*(?:(?:abstract\s+)?class|interface|enum|state|usecase|component|node|package|object|start\b|:[^:]*;|\[\*\]|@start(?!uml))",
    re.IGNORECASE,
)


def notation_of(path: str) -> Notation | Literal["document"]:
    """What a file of that name holds."""
    return BY_SUFFIX.get(PurePath(path).suffix.lower(), "plantuml")


def fences(source: Source) -> Iterator[tuple[Notation, Source]]:
    """The sequence diagrams of a document, in order; diagrams of other kinds are left out."""
    find = FINDERS[PurePath(source.path).suffix.lower()]
    rows = source.text.split("\n")
    for word, start, end in find(rows):
        text = "\n".join(row.rstrip("\r") for row in rows[start:end])
        inside = Source(source.path, text, source.first_line + start)
        notation: Notation = "mermaid" if word.lower() == "mermaid" else "plantuml"
        if _is_sequence(notation, text):
            yield notation, inside


def _is_sequence(notation: Notation, text: str) -> bool:
    if notation == "mermaid":
        return re.search(r"^\s*sequenceDiagram\b", text, re.MULTILINE) is not None
    said = [
        row
        for row in text.split("\n")
        if row.strip() and not row.lstrip().startswith(("'", "@startuml", "!", "skinparam"))
    ]
    return bool(said) and not _OTHER_KIND.match(said[0])


def _markdown(rows: list[str]) -> Iterator[tuple[str, int, int]]:
    index = 0
    while index < len(rows):
        match = _FENCE.match(rows[index])
        index += 1
        if match is None:
            continue
        start, mark = index, match[2]
        while index < len(rows) and not re.match(rf"^[\s>]*{re.escape(mark[0])}{{{len(mark)},}}\s*$", rows[index]):
            index += 1
        yield match[3], start, index


def _restructured(rows: list[str]) -> Iterator[tuple[str, int, int]]:
    index = 0
    while index < len(rows):
        match = _DIRECTIVE.match(rows[index])
        index += 1
        if match is None:
            continue
        while index < len(rows) and _OPTION.match(rows[index]):
            index += 1
        start, indent = index, len(match[1])
        while index < len(rows) and (not rows[index].strip() or len(rows[index]) - len(rows[index].lstrip()) > indent):
            index += 1
        yield match[2], start, index


def _asciidoc(rows: list[str]) -> Iterator[tuple[str, int, int]]:
    index = 0
    while index < len(rows):
        match = _BLOCK.match(rows[index])
        index += 1
        if match is None or index >= len(rows):
            continue
        if rows[index].startswith(".") and not _DELIMITER.match(rows[index]):
            index += 1
        delimiter = _DELIMITER.match(rows[index]) if index < len(rows) else None
        if delimiter is None:
            continue
        index += 1
        start = index
        while index < len(rows) and rows[index].rstrip() != delimiter[1]:
            index += 1
        yield match[1], start, index


BY_SUFFIX: Mapping[str, Notation | Literal["document"]] = {
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".md": "document",
    ".markdown": "document",
    ".rst": "document",
    ".adoc": "document",
    ".asciidoc": "document",
}
FINDERS = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".rst": _restructured,
    ".adoc": _asciidoc,
    ".asciidoc": _asciidoc,
}
