"""A folder with flows in it, and the command run there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seqtest.cli.main import main
from seqtest.cli.new import FIRST_FLOW

Seqtest = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, entered, in which pytest has no plugin but seqtest."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p seqtest\n")
    return tmp_path


@pytest.fixture
def login(folder: Path) -> Path:
    """A flow of two cases, both kept."""
    path = folder / "diagrams/login.puml"
    path.parent.mkdir()
    path.write_text(FIRST_FLOW.format(id="login", title="Log in"))
    return path


@pytest.fixture
def broken(folder: Path) -> Path:
    """A file that cannot be read."""
    path = folder / "diagrams/broken.puml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("@startuml\nparticipant a <<authorization-server>>\na => b : hi\n@enduml\n")
    return path


@pytest.fixture
def seqtest() -> Seqtest:
    """Runs the command with these arguments."""
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])
