"""The files a command was given: folders are searched, what cannot be read is a finding like any other."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqtest import api
from seqtest.dataclass import dataclass
from seqtest.errors import Finding, UnreadableDiagram, unopened
from seqtest.settings import FILE_PATTERNS
from seqtest.source import Span
from seqtest.syntax.notation import is_called

if TYPE_CHECKING:
    from seqtest.diagram import Diagram


DEFAULT_FOLDER = "diagrams"
"""What is meant where no file and no folder is named."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was given or found, and where it lies below the folder that was given."""

    path: str
    folder: Path = Path()


def found(paths: Iterable[str]) -> Iterator[Found]:
    """The paths as given; a folder becomes the diagram files below it, sorted."""
    for path in paths:
        if Path(path).is_dir():
            below = (file for file in Path(path).rglob("*.*") if is_called(file.name, FILE_PATTERNS))
            visible = sorted(str(file) for file in below if not any(part.startswith(".") for part in file.parts))
            yield from (Found(file, Path(file).parent.relative_to(path)) for file in visible)
        else:
            yield Found(path)


def or_default(paths: Sequence[str]) -> Sequence[str]:
    """The paths; when there are none, the folder `diagrams`. Raises click.UsageError when there is none either."""
    if paths:
        return paths
    if Path(DEFAULT_FOLDER).is_dir():
        return (DEFAULT_FOLDER,)
    raise click.UsageError(f"name a file or a folder; there is no folder {DEFAULT_FOLDER} here")


def expanded(paths: Iterable[str]) -> Iterator[str]:
    """The paths of those files."""
    return (file.path for file in found(paths))


def formatted(path: str) -> str:
    """The file in its canonical form. Raises UnreadableDiagram, for a document or a Mermaid file too."""
    from seqtest.diagram.read import load
    from seqtest.render.plantuml import format_source

    source = load(path)
    if not is_plantuml(path):
        raise UnreadableDiagram(
            Finding(
                "SQ191",
                f"{path} is no PlantUML file, so it has no canonical form",
                Span.at(source, 1),
                do=f"seqtest render --format puml {path}   writes what it draws as PlantUML",
            )
        )
    return format_source(source)


def is_plantuml(path: str) -> bool:
    """Whether the whole file is PlantUML, by its name: no document with fences, no Mermaid."""
    from seqtest.syntax.notation import notation_of

    return notation_of(path) == "plantuml"


def expanded_sources(path: str) -> list[str]:
    """Each diagram of the file as PlantUML that needs no preprocessor. Raises UnreadableDiagram."""
    from seqtest.diagram.read import read_trees
    from seqtest.render.plantuml import format

    return [format(tree) for tree in read_trees(path)]


def diagrams(path: str) -> "list[Diagram]":
    """The diagrams of a file. Raises UnreadableDiagram, for a missing file too."""
    try:
        return api.read(path)
    except OSError as error:
        raise UnreadableDiagram(unopened(path, error)) from None


def named(name: str) -> "tuple[str, Diagram]":
    """The diagram of `FILE` or `FILE::DIAGRAM`. Raises UnreadableDiagram and click.UsageError."""
    file, _, wanted = name.partition("::")
    read = diagrams(file)
    names = api.diagram_names(read, Path(file))
    if wanted in names:
        return file, read[names.index(wanted)]
    if wanted or len(read) != 1:
        there = f"there are {', '.join(f'{file}::{each}' for each in names)}" if names else "there is no diagram in it"
        raise click.UsageError(f"{name} names no single diagram; {there}")
    return file, read[0]
