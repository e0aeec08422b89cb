"""A pytest session of the command line's own, with somebody who watches what became of each case."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seqtest.cli import exits

if TYPE_CHECKING:
    from seqtest.verdict import Verdict

DEFAULT_FOLDER = "diagrams"


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


def played(arguments: Sequence[str], watcher: Watcher, *, quiet: bool = False) -> int:
    """Run pytest over the arguments and return its status. `quiet`: print nothing."""
    # pytest would like to rewrite the asserts of a plugin before anybody imports it; the command is that somebody.
    known = "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"
    extra = ["--continue-on-collection-errors", "-W", known]
    if quiet:
        # In drawn order, whatever the user's own runs do.
        extra += ["-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:randomly"]
    if not any(_is_place(argument) for argument in arguments) and Path(DEFAULT_FOLDER).is_dir():
        extra.append(DEFAULT_FOLDER)
    return int(pytest.main([*extra, *arguments], plugins=[watcher]))


def _is_place(argument: str) -> bool:
    return not argument.startswith("-") and Path(argument.split("::", 1)[0]).exists()


def _exit_code(report: pytest.TestReport | pytest.CollectReport) -> int:
    """By the first words of the message, which come through pytest-xdist too: `failed[SQ502]`, `error[SQ101]`."""
    crash = getattr(report.longrepr, "reprcrash", None)
    severity, _, rest = getattr(crash, "message", "").partition("[SQ")
    if severity == "failed":
        return exits.BROKEN
    return exits.UNREADABLE if severity == "error" and rest[:1] in ("1", "2", "3") else exits.NO_ANSWER
