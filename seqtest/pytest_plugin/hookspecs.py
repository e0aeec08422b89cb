"""Hooks that conftest files and plugins may implement."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from seqtest.verdict import Verdict


@pytest.hookspec
def pytest_seqtest_verdict(item: pytest.Item, verdict: "Verdict") -> None:
    """Called after each case that was played to an answer, kept or broken, before pytest hears of it."""
