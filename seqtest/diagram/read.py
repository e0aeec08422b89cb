"""The whole way from a file to its diagrams."""

from pathlib import Path

from seqtest.diagram.build import build
from seqtest.diagram.model import Diagram
from seqtest.source import Source
from seqtest.syntax.parse import parse


def read(source: Source | str | Path) -> list[Diagram]:
    """Every diagram of a file (given by its path) or of a source, in order.

    Raises UnreadableDiagram with places, and OSError when there is no such file.
    """
    if not isinstance(source, Source):
        source = load(source)
    return [build(tree) for tree in parse(source)]


def load(path: str | Path) -> Source:
    """The file as a source, named as it was given. Bytes that are no UTF-8 are read as Latin-1."""
    raw = Path(path).read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return Source(str(path), text)
