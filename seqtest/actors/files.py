"""Files that settings name: beside the diagram, or below the current folder."""

from pathlib import Path

from seqtest.actors.actor import Part


class NoFile(ValueError):
    """A file that is not there, is elsewhere, or cannot be read; the text says which."""


def text_of(part: Part, name: str) -> str:
    """The file's text. Raises NoFile."""
    roots = [Path(part.folder).resolve(), Path.cwd().resolve()]
    for root in roots:
        path = (root / name).resolve()
        if any(path.is_relative_to(one) for one in roots) and path.is_file():
            try:
                return path.read_text(encoding="utf-8")
            except (OSError, UnicodeError) as problem:
                raise NoFile(f"the file {name} cannot be read: {type(problem).__name__}") from None
    raise NoFile(f"there is no file {name} beside the diagram or below the current folder")
