"""What a project's conftest files and ini options give a diagram, for as long as pytest keeps its fixtures."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from seqtest.cli.session import Watcher, played

if TYPE_CHECKING:
    from seqtest.run.live import Reach
    from seqtest.scenario import Scenario


class Given(Protocol):
    """The first case of a diagram, with all that it has from outside: what the plugin's item says of it."""

    scenario: "Scenario"

    def bindings(self) -> Mapping[str, Any]:
        """Participant → who plays it. Raises Diagnostic."""
        ...

    def outside(self, name: str) -> Any:
        """The value of `{name}`. Raises KeyError, and Diagnostic."""
        ...

    def reach(self) -> "Reach | None":
        """What may be called."""
        ...


class _Host:
    """A pytest plugin: sets the first case of the diagram up, and does something else than playing it."""

    def __init__(self, use: Callable[[Given], None]) -> None:
        self.use = use
        self.is_used = False

    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.setuponly = True  # as by --setup-only: fixtures, and no arrow

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        del items[1:]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Any:
        found = yield
        if item.get_closest_marker("seqtest") is not None:
            self.is_used = True
            flow: Any = item
            self.use(flow)
        return found


def with_project(place: str, arguments: Sequence[str], use: Callable[[Given], None]) -> tuple[int, str]:
    """Call `use` while the fixtures of the first case at `place` are there; pytest's `arguments` count besides.

    `place` is `FILE` or `FILE::DIAGRAM`. Returns the exit code and what kept `use` from being called, as text.
    """
    host, watcher = _Host(use), Watcher()
    name = Path(place.partition("::")[0]).name
    # Whatever the file is called, it is meant.
    kept = ["--capture=no", "-o", f"seqtest_files={_quoted(name)}", "-o", "seqtest_documents="]
    status = played([place, *arguments], watcher, quiet=True, options=kept, plugins=[host])
    text = "\n\n".join(watcher.obstacles)
    if not host.is_used and not text:
        text = f"pytest finds no flow at {place}"
    return watcher.exit_code(status), text


def _quoted(name: str) -> str:
    """A file's name as a pattern of pytest's that fits nothing else."""
    import glob
    import shlex

    return shlex.quote(glob.escape(name))
