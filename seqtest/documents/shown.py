"""What a document asks for, and what it is given."""

from pathlib import Path
from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.render.svg.theme import Scheme

State = Literal["drawn", "kept", "failed", "error"]
"""`drawn`: not run. `error`: cannot be read, or no answer could be had."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A flow that stands in a document, and how."""

    file: Path
    root: Path
    """The project: nothing outside is read, and it is run from there."""
    diagram: str = ""
    """Which of several in the file."""
    scenario: str = ""
    """The case whose run is shown."""
    is_run: bool = False
    is_annotated: bool = False
    """Show what happened, not the drawing."""
    committed: Path | None = None
    """A kept rendering that must be what the drawing shows now."""
    scheme: Scheme = "auto"
    prefix: str = ""
    """Begins every id in the picture."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with a flow: a broken promise, an unreadable line, a stale rendering."""

    place: str
    """`flows/login.puml:12`, or the file alone."""
    message: str
    """The first line says what is wrong."""


@dataclass(frozen=True, slots=True)
class Picture:
    svg: str
    text: str
    """The same for readers of plain text."""
    name: str = ""
    """The case; empty for a drawing."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A flow ready for a document."""

    file: str
    """Below the project's root, with `/`."""
    title: str = ""
    pictures: tuple[Picture, ...] = ()
    state: State = "drawn"
    words: str = ""
    """The verdict in words: `3 cases kept`."""
    source: str = ""
    line: int = 1
    """Where the diagram begins in the file."""
    troubles: tuple[Trouble, ...] = ()
    dependencies: tuple[Path, ...] = ()
    """Files that it is made of."""
