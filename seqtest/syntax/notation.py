"""What a file holds, by the ending of its name."""

from collections.abc import Mapping
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
