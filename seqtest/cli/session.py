"""A pytest session of the command line's own, with somebody who watches what became of each case."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from seqtest.cli import exits
from seqtest.cli.files import DEFAULT_FOLDER
from seqtest.dataclass import dataclass

if TYPE_CHECKING:
    from seqtest.verdict import Verdict

KNOWN = "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"
"""pytest would like to rewrite the asserts of a plugin before anybody imports it; the command is that somebody."""


class Silence:
    """A pytest plugin that has nothing printed, whatever options the ini file has.

    Taking pytest's own plugin away (`-p no:terminal`) would take its options away, and `addopts = -ra` were an error.
    """

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        manager = config.pluginmanager
        for name in ("terminalreporter", "terminaldistreporter"):
            if manager.has_plugin(name):
                manager.unregister(name=name)
        workers: Any = manager.get_plugin("dsession")
        if workers is not None:
            workers.terminal = None


class Quiet(Silence):
    """One that has the cases run besides here and in drawn order, and nothing kept."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> None:
        # pytest-xdist: in a worker nobody would see the verdicts, or hear Ctrl-C.
        for name, value in (("numprocesses", None), ("dist", "no"), ("tx", [])):
            if hasattr(config.option, name):
                setattr(config.option, name, value)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        super().pytest_configure(config)
        for name in ("lfplugin", "nfplugin", "stepwiseplugin", "stepwise"):
            if config.pluginmanager.has_plugin(name):
                config.pluginmanager.unregister(name=name)
        vars(config).pop("cache", None)
        if hasattr(config.option, "randomly_reorganize"):
            config.option.randomly_reorganize = False


SILENT = ("-o", "log_cli=false")


class Watcher:
    """A pytest plugin that keeps the verdicts and says how the session ended."""

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []
        self.names: list[tuple[str, ...]] = []
        """Of each verdict what stands behind the file in the node id: the diagram of several, and the case."""
        self.codes: set[int] = set()
        self.obstacles: list[str] = []
        """What kept cases from being played to an answer, as text."""

    def pytest_seqtest_verdict(self, item: pytest.Item, verdict: "Verdict") -> None:
        self.verdicts.append(verdict)
        self.names.append(tuple(item.nodeid.split("::")[1:]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed:
            code = _exit_code(report)
            self.codes.add(code)
            if code != exits.BROKEN:
                self.obstacles.append(str(report.longrepr))

    def exit_code(self, status: int) -> int:
        """The command's exit code for a pytest status: what weighs most of all that went wrong."""
        if status == pytest.ExitCode.OK:
            return exits.KEPT
        if status == pytest.ExitCode.USAGE_ERROR:
            return exits.USAGE
        for code in (exits.BROKEN, exits.UNREADABLE, exits.NO_ANSWER):
            if code in self.codes:
                return code
        return exits.NO_ANSWER


def played(
    arguments: Sequence[str],
    watcher: Watcher,
    *,
    quiet: bool = False,
    options: Sequence[str] = (),
    plugins: Sequence[object] = (),
) -> int:
    """Run pytest over the arguments and return its status. `quiet`: print nothing. `options` are the command's own."""
    extra = ["--continue-on-collection-errors", "-W", KNOWN, *options]
    if quiet:
        extra += SILENT
        plugins = [*plugins, Quiet()]
    if not any(_is_place(argument) for argument in arguments) and Path(DEFAULT_FOLDER).is_dir():
        extra.append(DEFAULT_FOLDER)
    return int(pytest.main([*extra, *arguments], plugins=[watcher, *plugins]))


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is bound in the files, by the conftest files above them and by the ini file."""

    bound: Mapping[str, frozenset[str]]
    """File → participants that somebody plays in its drawings."""
    lints: tuple[str, ...]
    """Which lints of hygiene the ini file chooses."""
    status: int
    """pytest's: whatever is not 0 kept it from finding out."""


class _Asker:
    """A pytest plugin that asks who is bound, and then ends the session before it begins."""

    def __init__(self, files: Sequence[str]) -> None:
        self.bound = dict.fromkeys(files, frozenset[str]())
        self.lints: tuple[str, ...] = ()

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        for file in self.bound:
            answers = config.hook.pytest_seqtest_bound(config=config, path=Path(file).absolute())
            self.bound[file] = frozenset[str]().union(*answers)
        self.lints = tuple(config.getini("seqtest_lints"))
        return pytest.ExitCode.OK


def cast_of(files: Sequence[str]) -> Cast:
    """Ask pytest who plays in these files; it loads their conftest files, and collects and runs nothing."""
    asker = _Asker([file for file in files if Path(file).is_file()])
    if not asker.bound:
        return Cast({}, (), 0)
    places = [f"./{file}" if file.startswith("-") else file for file in asker.bound]
    status = pytest.main(["-W", KNOWN, *SILENT, *places], plugins=[asker])
    return Cast(asker.bound, asker.lints, int(status))


def _is_place(argument: str) -> bool:
    return not argument.startswith("-") and Path(argument.split("::", 1)[0]).exists()


def _exit_code(report: pytest.TestReport | pytest.CollectReport) -> int:
    """By the first words of the message, which come through pytest-xdist too: `failed[SQ502]`, `error[SQ101]`."""
    crash = getattr(report.longrepr, "reprcrash", None)
    severity, _, rest = getattr(crash, "message", "").partition("[SQ")
    if severity == "failed":
        return exits.BROKEN
    return exits.UNREADABLE if severity == "error" and rest[:1] in ("1", "2", "3") else exits.NO_ANSWER
