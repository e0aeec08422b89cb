"""What a file holds, by the ending of its name."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Literal

Notation = Literal["plantuml", "mermaid"]
BY_SUFFIX: Mapping[str, Notation | Literal["document"]] = {
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".md": "document",
    ".markdown": "document",
    ".mdx": "document",
    ".rst": "document",
    ".adoc": "document",
    ".asciidoc": "document",
}


def notation_of(path: str) -> Notation | Literal["document"]:
    """What a file of that name holds."""
    if path.endswith(".puml"):
        return "plantuml"  # most are: no need to take the path apart
    return BY_SUFFIX.get(PurePath(path).suffix.lower(), "plantuml")


def is_called(name: str, patterns: Iterable[str]) -> bool:
    """Whether a file of that name is one of `*.puml` and so on, in capitals or not: as some systems have it."""
    name = name.lower()
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns)
