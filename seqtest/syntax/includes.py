"""Where `!include` finds its text. Nothing is fetched from a network, and nothing above the allowed folders is read."""

from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import Protocol

from seqtest.dataclass import dataclass
from seqtest.source import Source

LARGEST_FILE = 4_000_000
"""Characters of a file that are still read."""


class Includes(Protocol):
    """What the preprocessor asks for a file."""

    def read(self, target: str, origin: Source) -> Source:
        """The file named in `origin`. Raises LookupError with the reason when there is none to be had."""
        ...


LONGEST_NAME = 60
"""Characters of a name that are shown."""


@dataclass(slots=True)
class FolderIncludes:
    """Files below the file that includes them, below its first file's folder, the working directory or `roots`."""

    roots: Sequence[Path] = ()
    seen: dict[Path, Source] = field(default_factory=dict)
    first: Path | None = None

    def read(self, target: str, origin: Source) -> Source:
        """The file of that name. Raises LookupError with the reason for one that cannot be read or may not."""
        try:
            return self._read(target, origin)
        except (OSError, ValueError) as failure:  # a name that no file can have, a file nobody may open
            shown = target if len(target) <= LONGEST_NAME else f"{target[:LONGEST_NAME]}…"
            reason = getattr(failure, "strerror", None) or "no file has such a name"
            raise LookupError(f"`{shown}`: {reason}") from None

    def _read(self, target: str, origin: Source) -> Source:
        base = Path(origin.path).parent
        if self.first is None:
            self.first = base.resolve()
        allowed = [self.first, Path.cwd(), *(root.resolve() for root in self.roots)]
        candidates = [base / target, *(root / target for root in self.roots)]
        for candidate in candidates:
            path = candidate.resolve()
            if not path.is_file():
                continue
            if not any(path.is_relative_to(folder) for folder in allowed):
                raise LookupError(f"`{target}` is outside the project folder")
            return self._load(path, str(candidate))
        raise LookupError(f"there is no file `{target}`")

    def _load(self, path: Path, name: str) -> Source:
        source = self.seen.get(path)
        if source is None:
            if path.stat().st_size > LARGEST_FILE:
                raise LookupError(f"`{name}` is larger than {LARGEST_FILE:,} bytes")
            source = self.seen[path] = Source(name, decode(path.read_bytes()))
        return source


def decode(raw: bytes) -> str:
    """UTF-8, or Latin-1 for bytes that are none."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
