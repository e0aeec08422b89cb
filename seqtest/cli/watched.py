"""A pytest plugin for the sessions of `seqtest watch`: of all that would be collected, only what a saved file concerns.

The files are met in their folders as ever, which is something else than being named: a drawing that binds nobody is
left alone there. They stand in the environment, which reaches workers too.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "SEQTEST_WATCHED"
"""A JSON list of absolute paths; not there when everything is to be run."""
_CHOSEN = frozenset(map(Path, json.loads(os.environ[VARIABLE]))) if VARIABLE in os.environ else None


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    reporter: Any = config.pluginmanager.get_plugin("seqtest-html")
    if reporter is not None:
        reporter.is_told = False  # the file is ours alone


@pytest.hookimpl(tryfirst=True)
def pytest_ignore_collect(collection_path: Path) -> bool | None:
    if _CHOSEN is None:
        return None
    if collection_path.is_dir():
        return None if any(collection_path in path.parents for path in _CHOSEN) else True
    return None if collection_path in _CHOSEN else True
