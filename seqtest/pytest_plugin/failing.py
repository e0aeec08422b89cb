"""How pytest shows what seqtest has to say: our words, at the drawing's line, without a stack trace of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from os.path import relpath
from pathlib import Path
from typing import Any

import pytest

from seqtest.errors import Diagnostic, Finding

Failed: type[BaseException] = pytest.fail.Exception


class FlowFailed(Failed):  # type: ignore[misc, valid-type]  # pytest gives its outcome's class as a value
    """A broken promise or a diagnostic, worded. pytest prints the text of such an exception as it stands."""

    def __init__(self, text: str, finding: Finding, diagnostic: Diagnostic | None = None) -> None:
        super().__init__(text, pytrace=False)
        self.finding = finding
        self.diagnostic = diagnostic
        """What kept seqtest from an answer; None for a broken promise."""


@contextmanager
def diagnostics_reported() -> Iterator[None]:
    """Turn a diagnostic into what pytest prints in our words."""
    try:
        yield
    except Diagnostic as error:
        raise FlowFailed(str(error), error.finding, error) from None


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


def shown_path(path: Path, config: pytest.Config) -> str:
    """The path as messages name it: from the folder in which pytest was started."""
    try:
        return relpath(path, config.invocation_params.dir)
    except ValueError:  # on another drive
        return str(path)
