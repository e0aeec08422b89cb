"""What a file's diagrams mean, kept between sessions, so that a file that did not change needs no parser.

An entry lies in pytest's cache folder, one a file, under the hash of its path. It counts only for the very text of the
file and of every flow that it uses, for the same seqtest and Python, and the same names in messages. Files with lines
of the preprocessor are always read: what they mean may depend on other files, the environment or the date.
"""

import hashlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from seqtest import __version__, api
from seqtest.dataclass import dataclass
from seqtest.diagram import Diagram
from seqtest.pytest_plugin.stored import NotStorable, restore, store
from seqtest.scenario import Scenario

_PREPROCESSED = re.compile(rb"![\w$\\]|%\w*[(\\]")
"""Wherever it stands in its line, since decoration, comments and blanks of any kind may come before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file's diagrams; for those that were played, their cases and the files these were made of."""

    key: str
    diagrams: tuple[Diagram, ...]
    cases: tuple[tuple[Scenario, ...] | None, ...]
    used: tuple[tuple[str, str], ...]
    """Path and hash of each other file whose flows the cases use."""


class Shelf:
    """The diagrams of one file: from the cache, else read and put there."""

    def __init__(self, path: Path, name: str, config: pytest.Config) -> None:
        self._path, self._name, self._root = path, name, config.rootpath
        self._text = path.read_bytes()
        around = _around(config)
        self._place: str | None = None
        if around.folder is not None and not _PREPROCESSED.search(self._text):
            self._place = f"{around.folder}/{_hash(str(path))[:32]}.bin"
        self._key = _hash(self._text, name, around.key)
        found = self._stored()
        self._is_new = found is None
        self._entry = found or Entry(self._key, *_read(path, name, self._text), ())

    @property
    def diagrams(self) -> Sequence[Diagram]:
        return self._entry.diagrams

    def cases(self, diagram: Diagram) -> Sequence[Scenario]:
        """The cases of one of the diagrams. Raises Diagnostic."""
        at = next(place for place, one in enumerate(self._entry.diagrams) if one is diagram)
        known = self._entry.cases[at]
        if known is not None:
            return known
        used: dict[str, str] = dict(self._entry.used)
        made = tuple(api.cases(diagram, root=self._root, read=_noting(used)))
        cases = (*self._entry.cases[:at], made, *self._entry.cases[at + 1 :])
        self._entry = Entry(self._key, self._entry.diagrams, cases, tuple(used.items()))
        self._is_new = True
        return made

    def keep(self) -> None:
        """Write what is new: whole into another file, then in the place of the old one."""
        if not self._is_new or self._place is None or "" in dict(self._entry.used).values():
            return
        try:
            data = store(self._entry)
            new = f"{self._place}.{os.getpid()}"
            with open(new, "wb", buffering=0) as file:
                file.write(data)
            os.replace(new, self._place)
        except (OSError, NotStorable):
            return  # a folder that cannot be written costs time, not a result

    def _stored(self) -> Entry | None:
        if self._place is None:
            return None
        try:
            with open(self._place, "rb", buffering=0) as file:
                found = restore(file.read())
        except (OSError, ValueError):
            return None
        if not isinstance(found, Entry) or found.key != self._key:
            return None
        return found if all(_hash_of(path) == known for path, known in found.used) else None


def _read(path: Path, name: str, raw: bytes) -> tuple[tuple[Diagram, ...], tuple[None, ...]]:
    diagrams = tuple(api.read(path, name=name, raw=raw))
    return diagrams, (None,) * len(diagrams)


def _noting(used: dict[str, str]) -> Callable[[str], Sequence[Diagram]]:
    """Reads the flow that another one uses, and notes its hash; empty for one whose meaning is not its text alone."""

    def read(path: str) -> Sequence[Diagram]:
        used[path] = "" if _PREPROCESSED.search(Path(path).read_bytes()) else _hash_of(path)
        return api.read(path)

    return read


def _hash_of(path: str) -> str:
    try:
        return _hash(Path(path).read_bytes())
    except OSError:
        return "gone"


def _hash(*parts: bytes | str) -> str:
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class _Around:
    """What is the same for every file of a session."""

    folder: Path | None
    """Where entries lie; None when pytest keeps no cache."""
    key: str
    """Of what the meaning of every file depends on: folders, seqtest, Python."""


_AROUND = pytest.StashKey[_Around]()


def _around(config: pytest.Config) -> _Around:
    found = config.stash.get(_AROUND, None)
    if found is None:
        kept: Any = getattr(config, "cache", None)
        try:
            folder = kept.mkdir("seqtest") if kept is not None else None
        except OSError:
            folder = None  # a folder that cannot be written costs time, not a result
        key = _hash(str(config.rootpath), str(Path.cwd()), fingerprint())
        found = config.stash[_AROUND] = _Around(folder, key)
    return found


@cache
def fingerprint() -> str:
    """This seqtest and this Python: its version, and when the files that give diagrams their meaning were changed."""
    root = Path(__file__).parents[1]
    parts = [__version__, sys.version]
    for folder in (root, root / "syntax", root / "diagram", root / "scenario", root / "scenario" / "fragments"):
        with os.scandir(folder) as files:
            for file in sorted(files, key=lambda file: file.name):
                if file.is_file():
                    status = file.stat()
                    parts.append(f"{file.name} {status.st_size} {status.st_mtime_ns}")
    return _hash(*parts)
