"""A project with a flow and a folder of documents."""

from pathlib import Path

import pytest

# pytest run in pytest forgets every module it was first to import. What is loaded here stays one and the same.
import seqtest.documents.show
import seqtest.syntax.directives
import seqtest.syntax.machine
import seqtest.syntax.preprocess  # noqa: F401  for what the comment says
from seqtest.cli.new import FIRST_FLOW


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`flows/login.puml` has two cases, both kept; its runs load no plugin but seqtest."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p seqtest.pytest_plugin.plugin\n")
    (tmp_path / "flows").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "flows/login.puml").write_text(FIRST_FLOW.format(id="login", title="Log in"))
    return tmp_path


@pytest.fixture
def login(project: Path) -> Path:
    return project / "flows/login.puml"


@pytest.fixture
def spoil(login: Path):  # type: ignore[no-untyped-def]
    """Make the flow promise what the server does not keep, or (`False`) what it keeps."""

    def change(is_red: bool = True) -> None:
        old, new = ("expires_in = 300", "expires_in = 600") if is_red else ("expires_in = 600", "expires_in = 300")
        login.write_text(login.read_text().replace(old, new))

    return change
