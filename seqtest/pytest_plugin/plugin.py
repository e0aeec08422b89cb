"""The hooks that pytest calls. They only hand over, and import what they need when a diagram was met.

A session without diagrams must not pay for seqtest: this module and the two it imports are all that is loaded then.
"""

import gc
from collections.abc import Generator, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from seqtest.pytest_plugin import hookspecs, options

if TYPE_CHECKING:
    from seqtest.pytest_plugin.collect import DiagramFile

INCLUDED_ONLY = ".iuml"
"""By PlantUML's custom the suffix of files that others include; read only when named."""

USUAL_THRESHOLDS = pytest.StashKey[tuple[int, int, int]]()
"""How often the garbage collector looked before the first diagram was met."""
YOUNG_OBJECTS = 10_000
"""How many new objects set the garbage collector going while diagrams are played; Python's own number is 700."""
READ_OBJECTS = 100_000
"""The same while they are collected: what is read is no garbage."""

pytest_addoption = options.add


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "seqtest: a case of a sequence diagram (every such item has it)")
    if options.are_given(config):
        options.settings(config)  # what cannot be understood is said before anything runs
    if options.speaks_to_github(config):
        from seqtest.pytest_plugin import github

        github.register(config)
    if config.getoption("seqtest_report") is not None or config.getoption("seqtest_save") is not None:
        from seqtest.pytest_plugin import html

        html.register(config)
    if any("::" in argument and " " in argument for argument in config.args):
        config.args[:] = [_by_ids(argument, config) for argument in config.args]


def pytest_seqtest_bound(config: pytest.Config, path: Path) -> frozenset[str]:
    from seqtest.pytest_plugin import conftests

    return frozenset((*options.settings(config).binds, *conftests.factories(config, path)))


def _by_ids(argument: str, config: pytest.Config) -> str:
    """`login.puml::token has expired` as `login.puml::token-has-expired`: a case may be asked for by its guard."""
    path, *parts = argument.split("::")
    patterns = (*config.getini("seqtest_files"), *config.getini("seqtest_documents"))
    if not _is_called(Path(path).name, patterns):
        return argument
    from seqtest.scenario.names import slug

    return "::".join((path, *("/".join(slug(word) for word in part.split("/")) for part in parts)))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "DiagramFile | None":
    """Files that match `seqtest_files` or `seqtest_documents`; `.iuml` files when named on the command line."""
    if not _holds_diagrams(file_path, parent):
        return None
    _leave_to_the_end(parent.config)
    from seqtest.pytest_plugin.collect import DiagramFile

    return DiagramFile.from_parent(parent, path=file_path)


def _holds_diagrams(path: Path, parent: pytest.Collector) -> bool:
    name, config = path.name, parent.config
    if _is_called(name, config.getini("seqtest_files")):
        return True
    if name.lower().endswith(INCLUDED_ONLY):
        return parent.session.isinitpath(path)
    return _is_called(name, config.getini("seqtest_documents"))


def _is_called(name: str, patterns: Iterable[str]) -> bool:
    """As `notation.is_called`, which is not loaded where no diagram is met."""
    name = name.lower()
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """A drawing that cannot be played, and a binding that reaches nobody, stay and end as errors."""
    if not config.stash.get(options.HAS_MET_DIAGRAMS, False) and not config.getoption("seqtest_bind"):
        return (yield)
    from seqtest.pytest_plugin import report, strangers, unreadable

    held = unreadable.hold_back(items)
    found = strangers.strangers(session)
    if config.option.collectonly:  # runs nothing that could end as an error
        report.tally(config).problems = [str(item.error) for item in found]
    else:
        held += found
    result = yield
    unreadable.put_back(held, items, config)
    return result


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was collected, and what plays it, lives to the session's end as well."""
    config = session.config
    if config.stash.get(options.HAS_MET_DIAGRAMS, False) and session.items and not config.option.collectonly:
        from seqtest.pytest_plugin import item

        item.load()
        _leave_to_the_end(config, again=True)


def _leave_to_the_end(config: pytest.Config, *, again: bool = False) -> None:
    """What is loaded lives to the session's end: the garbage collector need not look at it again and again."""
    usual = config.stash.get(USUAL_THRESHOLDS, None)
    if not config.getini("seqtest_gc_freeze") or (usual is not None and not again):
        return
    gc.freeze()
    if usual is None:
        usual = config.stash[USUAL_THRESHOLDS] = gc.get_threshold()
        config.add_cleanup(lambda: gc.set_threshold(*usual))
    if usual[0]:  # 0: somebody has switched the collector off
        gc.set_threshold(max(usual[0], YOUNG_OBJECTS if again else READ_OBJECTS), *usual[1:])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed case is reported at its arrow, so that editors and annotations open the drawing there."""
    made = yield
    if made.failed and call.excinfo is not None and hasattr(item, "seqtest_failed_line"):
        from seqtest.pytest_plugin.failing import Coloured, OneLine, placed

        placed(made.longrepr, call.excinfo.value)
        coloured = getattr(call.excinfo.value, "coloured", None)
        is_one_line = (
            item.config.getoption("tbstyle", "auto") == "line"
            and made.when == "call"
            and hasattr(made.longrepr, "reprcrash")
        )
        # A worker's report travels as plain data.
        is_worker = hasattr(item.config, "workerinput")
        if coloured is not None:
            vars(made)["seqtest_coloured"] = coloured
            if not is_worker:
                made.longrepr = Coloured(made.longrepr, coloured)  # type: ignore[assignment]  # pytest asks for toterminal
        if is_one_line and is_worker:
            vars(made)["seqtest_one_line"] = True
        elif is_one_line:
            made.longrepr = OneLine(made.longrepr, item.config.get_terminal_writer())  # type: ignore[assignment]  # the same
        if item.seqtest_failed_line is not None:
            path, _, name = made.location
            made.location = (path, item.seqtest_failed_line, name)
    return made


@pytest.hookimpl(wrapper=True)
def pytest_report_from_serializable(config: pytest.Config, data: dict[str, Any]) -> Generator[None, Any, Any]:
    """pytest-xdist: a failure that a worker reports has its colours here, too, or its one line."""
    report = yield
    if "seqtest_coloured" in data and report is not None:
        from seqtest.pytest_plugin.failing import Coloured

        report.longrepr = Coloured(report.longrepr, report.seqtest_coloured)
    if "seqtest_one_line" in data and report is not None:
        from seqtest.pytest_plugin.failing import OneLine

        report.longrepr = OneLine(report.longrepr, config.get_terminal_writer())
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist: a worker is told whether the terminal has colours."""
    from seqtest.pytest_plugin.failing import COLOURS, has_colours

    node.workerinput[COLOURS] = has_colours(node.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """pytest-xdist: a worker hands over what it collected."""
    collected = getattr(node, "workeroutput", {}).get("seqtest")
    if collected:
        from seqtest.pytest_plugin import report

        node.config.stash[options.HAS_MET_DIAGRAMS] = True
        report.tally(node.config).merge(collected)


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if config.stash.get(options.HAS_MET_DIAGRAMS, False):
        from seqtest.pytest_plugin import report

        report.finish(session)


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    if config.stash.get(options.HAS_MET_DIAGRAMS, False):
        from seqtest.pytest_plugin import report

        report.summarize(terminalreporter)
