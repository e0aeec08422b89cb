"""Hooks that conftest files and plugins may implement."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from seqtest.verdict import Verdict


@pytest.hookspec
def pytest_seqtest_verdict(item: pytest.Item, verdict: "Verdict") -> None:
    """Called after each case that was played to an answer, kept or broken, before pytest hears of it."""


@pytest.hookspec
def pytest_seqtest_bound(config: pytest.Config, path: Path) -> frozenset[str] | None:
    """Asked by `seqtest check`, before any session: the participants that are bound in the drawings of this file."""
