"""How pytest shows what seqtest has to say: our words, at the drawing's line, without a stack trace of ours."""

from collections.abc import Callable
from os.path import relpath
from pathlib import Path
from typing import Any

import pytest

from seqtest.errors import Diagnostic, Finding

Failed: type[BaseException] = pytest.fail.Exception

COLOURS = "seqtest_colours"
"""What a controller of pytest-xdist calls the answer in what it tells its workers."""


class FlowFailed(Failed):  # type: ignore[misc, valid-type]  # pytest gives its outcome's class as a value
    """A broken promise or a diagnostic, worded. pytest prints the text of such an exception as it stands."""

    def __init__(
        self, text: str, finding: Finding, diagnostic: Diagnostic | None = None, coloured: str | None = None
    ) -> None:
        super().__init__(text, pytrace=False)
        self.finding = finding
        self.coloured = coloured
        """The text for a terminal with colours."""
        self.diagnostic = diagnostic
        """What kept seqtest from an answer; None for a broken promise."""


class Coloured:
    """pytest's representation of a failure, with another text for a terminal with colours."""

    def __init__(self, shown: Any, coloured: str) -> None:
        self._shown = shown
        self._coloured = coloured
        self.reprcrash = getattr(shown, "reprcrash", None)

    def toterminal(self, writer: Any) -> None:
        """pytest writes files and reports through a writer without colours."""
        if writer.hasmarkup:
            writer.line(self._coloured)
        else:
            self._shown.toterminal(writer)

    def __str__(self) -> str:
        return str(self._shown)


class OneLine:
    """pytest's representation of a failure under `--tb=line`, where pytest itself writes the line at the end."""

    def __init__(self, shown: Any, terminal: Any) -> None:
        self._shown = shown
        self._terminal = terminal
        self.reprcrash = getattr(shown, "reprcrash", None)

    def toterminal(self, writer: Any) -> None:
        """Files and reports are written whole."""
        if writer is not self._terminal:
            self._shown.toterminal(writer)

    def __str__(self) -> str:
        return str(self._shown)


def has_colours(config: pytest.Config) -> bool:
    """Whether the terminal that will show a failure has colours; pytest-xdist's controller tells its workers."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is not None:
        return bool(worker.get(COLOURS))
    return bool(getattr(config.pluginmanager.get_plugin("terminalreporter"), "hasmarkup", False))


def coloured(error: Diagnostic, config: pytest.Config) -> str | None:
    """What a diagnostic says, for a terminal with colours; None for one without."""
    if not has_colours(config):
        return None
    from seqtest.render.failure import findings
    from seqtest.render.grid import ansi

    return findings(error.findings, style=ansi)


def placed(shown: Any, error: BaseException) -> Any:
    """pytest's representation of the error, with the drawing's place where it would name a line of ours."""
    crash = getattr(shown, "reprcrash", None)
    if isinstance(error, FlowFailed) and crash is not None:
        finding = error.finding
        if finding.span is not None:
            crash.path = finding.span.path
            crash.lineno = finding.span.line
        crash.message = f"{finding.severity}[{finding.code}]: {finding.message}"
    return shown


def uncollected(shown: Callable[[Any], Any], excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
    """How pytest shows what kept a file from being collected; a slip in a conftest in its own words."""
    if isinstance(excinfo.value, pytest.UsageError):
        return str(excinfo.value)
    return placed(shown(excinfo), excinfo.value)


def shown_path(path: Path, config: pytest.Config) -> str:
    """The path as messages name it: from the folder in which pytest was started."""
    try:
        return relpath(path, config.invocation_params.dir)
    except ValueError:  # on another drive
        return str(path)
