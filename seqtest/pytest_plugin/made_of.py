"""What cases are made of: every file of the project that is read while a drawing is collected or played.

Whoever saves a session wants to know which drawings are still as they were, and whoever watches the project, which
cases a saved file concerns. Python says of each file that it is opened; nothing need be told of it.
"""

import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from seqtest.pytest_plugin.collect import DiagramFile, OneOfSeveral
from seqtest.render.html.saved import digest_of

NAME = "seqtest-made-of"
_WRITES = os.O_WRONLY | os.O_RDWR
_LEFT_OUT = frozenset((".git", ".pytest_cache", "__pycache__", "node_modules", "site-packages"))
_OURS = str(Path(__file__).parents[1]) + os.sep
_reading: set[str] | None = None
"""Where the names of opened files go; None while nobody asks."""
_is_hooked = False


def _opened(event: str, arguments: tuple[Any, ...]) -> None:
    if _reading is not None and event == "open":
        path, mode, flags = arguments
        is_written = isinstance(flags, int) and flags & _WRITES
        if isinstance(path, str | os.PathLike) and not is_written and not (mode and {*"wax+"} & {*mode}):
            _reading.add(os.fspath(path) if not isinstance(path, str) else path)


class MadeOf:
    """A pytest plugin that notes the files of each drawing."""

    def __init__(self, root: Path) -> None:
        global _is_hooked
        self._root = root
        self._collected: dict[Path, dict[str, str]] = {}
        if not _is_hooked:  # Python cannot take a hook away again
            _is_hooked = True
            sys.addaudithook(_opened)

    def of(self, path: Path) -> dict[str, str]:
        """The files that the cases of this one are made of, below the root → SHA-256."""
        return dict(sorted(self._collected.get(path, {}).items()))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        if not isinstance(collector, DiagramFile | OneOfSeveral):
            return (yield)
        found: set[str] = set()
        before = _swap(found)
        try:
            return (yield)
        finally:
            _swap(before)
            known = self._collected.setdefault(collector.path, {})
            known.update({name: digest_of(self._root / name) for name in self._below({*found, str(collector.path)})})

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        found: set[str] = set()
        before = _swap(found)
        item.stash[READ] = found
        try:
            return (yield)
        finally:
            _swap(before)

    def read_by(self, item: pytest.Item) -> list[str]:
        """The other files that have been read since the case began."""
        return sorted(self._below({*item.stash.get(READ, set())}) - self._collected.get(item.path, {}).keys())

    def _below(self, paths: set[str]) -> set[str]:
        found = set()
        for path in paths:
            whole = os.path.abspath(path)
            if whole.startswith(_OURS):
                continue
            name = os.path.relpath(whole, self._root) if whole.startswith(f"{self._root}{os.sep}") else ""
            parts = name.split(os.sep)
            is_data = name and not _LEFT_OUT.intersection(parts) and not name.endswith((".py", ".pyc"))
            if is_data and os.path.isfile(whole):
                found.add("/".join(parts))
        return found


READ = pytest.StashKey[set[str]]()


def _swap(found: set[str] | None) -> set[str] | None:
    global _reading
    before, _reading = _reading, found
    return before
