"""What stands for the cases of a drawing that cannot be played: items that end as errors, so that all others run.

Like a Python file that cannot be imported, such a file is an error whatever `-k` and `-m` choose: nobody knows which
cases it would have had. `--deselect` and `--ignore` leave it out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from os import PathLike
from os.path import abspath
from typing import Any

import pytest

from seqtest.errors import Diagnostic, Finding, Unanswerable, UnreadableDiagram, did_you_mean, unopened
from seqtest.pytest_plugin import failing, report

NAME = "unreadable"
"""The last part of the item's node id, whatever is wrong with the drawing, so that it stays while one repairs it."""

Nodes = list[pytest.Item | pytest.Collector]


class UnreadableItem(pytest.Item):
    """Ends as an error that says why there are no cases."""

    def __init__(self, error: Diagnostic, **rest: Any) -> None:
        super().__init__(**rest)
        self.error = error
        span = error.finding.span
        is_here = span is not None and span.path == failing.shown_path(self.path, self.config)
        self.seqtest_failed_line = span.line - 1 if span is not None and is_here else None
        self.add_marker(pytest.mark.seqtest)
        line = span.line if span is not None and is_here else 1
        self.user_properties += report.place(failing.shown_path(self.path, self.config), line)

    def setup(self) -> None:
        """Raises FlowFailed: in the set-up it counts as an error and not as a broken promise."""
        error = self.error
        raise failing.FlowFailed(str(error), error.finding, error, failing.coloured(error, self.config))

    def runtest(self) -> None:
        """Raises FlowFailed, for whoever runs it without its set-up."""
        self.setup()

    def reportinfo(self) -> tuple[PathLike[str] | str, int | None, str]:
        return self.path, self.seqtest_failed_line, failing.shown_path(self.path, self.config)


class UnreadablePart(pytest.Collector):
    """A diagram that was asked for by name in a file that cannot be read."""

    def __init__(self, error: Diagnostic, asked: Sequence[Sequence[str]], **rest: Any) -> None:
        super().__init__(**rest)
        self._error, self._asked = error, asked

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        return list(_instead(self, self._error, self._asked))


def collected(parent: pytest.Collector, collect: Callable[[], Nodes]) -> Nodes:
    """What `collect` gives; where a diagnostic keeps it from that, items that end as errors.

    With --collect-only nothing is run that could end so, and the collector itself fails. Raises FlowFailed.
    """
    try:
        nodes = collect()
    except Diagnostic as diagnostic:
        error = diagnostic
    except OSError as problem:
        error = UnreadableDiagram(_unopened(parent, problem))
    else:
        _ask_again(parent, nodes)
        return [*nodes, *_strays(parent, [node.name for node in nodes])]
    if parent.config.getoption("collectonly"):
        raise failing.FlowFailed(str(error), error.finding, error)
    return list(_instead(parent, error, _asked(parent)))


def hold_back(items: list[pytest.Item]) -> list[pytest.Item]:
    """Take the items of this file's kind out of the list, before anybody chooses among the cases."""
    held: list[pytest.Item] = [item for item in items if isinstance(item, UnreadableItem)]
    if held:
        items[:] = [item for item in items if not isinstance(item, UnreadableItem)]
    return held


def put_back(held: list[pytest.Item], items: list[pytest.Item], config: pytest.Config) -> None:
    """Put them in front of what was chosen, but for those that `--deselect` names."""
    prefixes = tuple(config.getoption("deselect") or ())
    deselected = [item for item in held if item.nodeid.startswith(prefixes)] if prefixes else []
    if deselected:
        config.hook.pytest_deselected(items=deselected)
    items[:0] = [item for item in held if item not in deselected]


def _instead(parent: pytest.Collector, error: Diagnostic, asked: Sequence[Sequence[str]]) -> Iterator[Any]:
    """An item for each node that was asked for by its id, else one: an id that is asked for must be found."""
    for head in dict.fromkeys(parts[0] for parts in asked if parts) or (NAME,):
        below = [parts[1:] for parts in asked if parts[:1] == (head,) and len(parts) > 1]
        if below:
            yield UnreadablePart.from_parent(parent, name=head, error=error, asked=below)
        else:
            yield UnreadableItem.from_parent(parent, name=head, error=error)


def _asked(parent: pytest.Collector) -> list[tuple[str, ...]]:
    """The names of the nodes below a file, or a diagram in it, that the command line asks for."""
    inside = () if isinstance(parent, pytest.File) else (parent.name,)
    found = []
    for argument in parent.config.args:
        path, *parts = argument.partition("[")[0].split("::")
        is_here = abspath(parent.config.invocation_params.dir / path) == str(parent.path)
        if is_here and tuple(parts[: len(inside)]) == inside:
            found.append(tuple(parts[len(inside) :]))
    return found


def _strays(parent: pytest.Collector, names: Sequence[str]) -> Iterator[Any]:
    """An item for each case that the command line asks for and that there is not; else pytest would run nothing."""
    for parts in _asked(parent):
        if parts and parts[0] not in names:
            error = Unanswerable(_no_case(parent, parts[0], names))
            if parent.config.getoption("collectonly"):
                raise failing.FlowFailed(str(error), error.finding, error)
            yield from _instead(parent, error, [parts])


def _no_case(parent: pytest.Collector, name: str, names: Sequence[str]) -> Finding:
    place = failing.shown_path(parent.path, parent.config)
    return Finding(
        "SQ448",
        f"{place} has no case `{name}`",
        expected=", ".join(names) or "none: it has no cases",
        do=did_you_mean(name, names),
    )


def _ask_again(parent: pytest.Collector, nodes: Nodes) -> None:
    """--lf: all cases of a drawing that could not be read the last time are to be run, as pytest does for a module."""
    plugin = parent.config.pluginmanager.get_plugin("lfplugin")
    failed: dict[Any, bool] = getattr(plugin, "lastfailed", {})
    stale = f"{parent.nodeid}::{NAME}"
    known = [key for key in failed if str(key) == stale]
    if known and not any(node.nodeid == stale for node in nodes):
        del failed[known[0]]
        failed.update((getattr(node, "id", node.nodeid), True) for node in nodes)


def _unopened(parent: pytest.Collector, problem: OSError) -> Finding:
    return unopened(failing.shown_path(parent.path, parent.config), problem)
