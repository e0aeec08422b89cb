"""The files a command was given: folders are searched, what cannot be read is a finding like any other."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seqtest import api
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.settings import FILE_PATTERNS
from seqtest.source import Source, Span

if TYPE_CHECKING:
    from seqtest.diagram import Diagram


def expanded(paths: Iterable[str]) -> Iterator[str]:
    """The paths as given; a folder becomes the diagram files below it, sorted."""
    for path in paths:
        if Path(path).is_dir():
            below = {file for pattern in FILE_PATTERNS for file in Path(path).rglob(pattern)}
            yield from sorted(str(file) for file in below if not any(part.startswith(".") for part in file.parts))
        else:
            yield path


def formatted(path: str) -> str:
    """The file in its canonical form. Raises UnreadableDiagram."""
    from seqtest.diagram.read import load
    from seqtest.render.plantuml import format_source

    return format_source(load(path))


def expanded_sources(path: str) -> list[str]:
    """Each diagram of the file as PlantUML that needs no preprocessor. Raises UnreadableDiagram."""
    from seqtest.diagram.read import load
    from seqtest.render.plantuml import format
    from seqtest.syntax.parse import parse

    return [format(tree) for tree in parse(load(path))]


def diagrams(path: str) -> "list[Diagram]":
    """The diagrams of a file. Raises UnreadableDiagram, for a missing file too."""
    try:
        return api.read(path)
    except OSError as error:
        reason = error.strerror or str(error)
        span = Span.at(Source(path, ""), 1)
        raise UnreadableDiagram(Finding("SQ190", f"{path} cannot be opened: {reason}", span)) from None
