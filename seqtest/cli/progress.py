"""How far a session of the command line's own is: a bar on a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class Bar:
    """A pytest plugin that moves a progress bar on."""

    def __init__(self, progress: Any) -> None:
        self._progress = progress
        self._task = progress.add_task("running flows", total=None)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.items:
            self._progress.update(self._task, total=len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        self._progress.update(self._task, total=len(ids))

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._progress.advance(self._task)

    def pytest_sessionfinish(self) -> None:
        self._progress.update(self._task, description="writing pages")


@contextmanager
def progress(*, is_quiet: bool) -> Iterator[list[object]]:
    """Plugins that show how far the session is: on a terminal, unless it is to be quiet or a build server's."""
    if is_quiet or not sys.stderr.isatty() or os.environ.get("CI"):
        yield []
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield [Bar(shown)]
