"""`seqtest new`: a first flow that passes."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seqtest.cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(name: str) -> Result:
    return CliRunner().invoke(main, ["new", name])


def test_writes_a_flow_into_diagrams(folder: Path) -> None:
    """A bare name becomes a file in the folder `diagrams`, with the name as the diagram's."""
    result = new("Log in")

    assert result.exit_code == 0
    assert (folder / "diagrams/log-in.puml").read_text().startswith("@startuml log-in\ntitle Log in\n")
    assert "pytest diagrams/log-in.puml" in result.stdout


def test_writes_where_a_path_says(folder: Path) -> None:
    """A path that ends in .puml is taken as it is."""
    new("flows/deep/first.puml")

    assert (folder / "flows/deep/first.puml").exists()


def test_folders_before_a_name_lie_below_diagrams(folder: Path) -> None:
    """The drawing is named by the last part alone."""
    new("users/Log in")

    assert (folder / "diagrams/users/log-in.puml").read_text().startswith("@startuml log-in\ntitle Log in\n")
    new("diagrams/sign-up")
    assert (folder / "diagrams/sign-up.puml").exists()
    assert new("/users/login").exit_code == 2
    assert new("../login").exit_code == 2
    assert not (folder / "login.puml").exists()


def test_never_overwrites(folder: Path) -> None:
    """A file that is there stays as it was, and the exit code says so."""
    path = folder / "diagrams/login.puml"
    path.parent.mkdir()
    path.write_text("mine")

    result = new("login")

    assert result.exit_code == 2
    assert path.read_text() == "mine"


def test_a_name_needs_a_letter(folder: Path) -> None:
    """A name of which no file name can be made is a wrong command line."""
    assert new("///").exit_code == 2
    assert not (folder / "diagrams").exists()


def test_a_place_that_cannot_be_written(folder: Path) -> None:
    """A file in the way of the folder is reported, not a stack trace."""
    (folder / "diagrams").write_text("")

    result = new("login")

    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
