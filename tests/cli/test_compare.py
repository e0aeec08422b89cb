"""`seqtest compare`: two flows side by side."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def opaque(login: Path) -> Path:
    """The same flow with an opaque token."""
    path = login.with_name("opaque.puml")
    text = login.read_text().replace("startuml login", "startuml opaque").replace("format = jwt", "format = opaque")
    lines = [line for line in text.splitlines() if not line.startswith("      ") and "alg =" not in line]
    path.write_text("\n".join(lines).replace("access_token : jwt", "access_token : opaque") + "\n")
    return path


def test_the_table_has_both(login, opaque, seqtest) -> None:
    """A column each and the difference, from the first case of each file."""
    result = seqtest("compare", "--runs", "1", login, opaque)

    assert result.exit_code == 0
    assert "bytes of the access_token" in result.stdout
    assert "took the case password-is-right, one of 2" in result.stderr


def test_a_case_can_be_named(login, opaque, seqtest) -> None:
    """FILE::CASE chooses."""
    result = seqtest("compare", "--runs", "1", f"{login}::password-is-wrong", f"{opaque}::password-is-wrong")

    assert result.exit_code == 0
    assert "took the case" not in result.stderr
    assert "access_token" not in result.stdout


def test_as_json(login, opaque, seqtest) -> None:
    """`--format json` has the numbers."""
    result = seqtest("compare", "--runs", "2", "--format", "json", login, opaque)

    value = json.loads(result.stdout)
    assert value["left"]["name"] == "login [password is right]"
    assert value["left"]["runs"] == 2


def test_as_markdown(login, opaque, seqtest) -> None:
    """`--format markdown` is a table for a page."""
    assert "| --- |" in seqtest("compare", "--runs", "1", "--format", "markdown", login, opaque).stdout


def test_a_broken_flow_says_so(login, opaque, seqtest) -> None:
    """Numbers of a broken run are shown with a caution, and the exit code is 1."""
    opaque.write_text(opaque.read_text().replace("expires_in = 300", "expires_in = 600"))

    result = seqtest("compare", "--runs", "1", login, opaque)

    assert result.exit_code == 1
    assert "broke a promise" in " ".join(result.stdout.split())


def test_what_cannot_be_read_is_no_comparison(login, broken, seqtest) -> None:
    """The file's error is shown and nothing is compared."""
    result = seqtest("compare", login, broken)

    assert result.exit_code == 3
    assert "broken.puml:3:" in result.stderr
    assert result.stdout == ""


def test_a_missing_file_is_a_wrong_command_line(login, seqtest) -> None:
    """Exit code 2."""
    assert seqtest("compare", login, "nowhere.puml").exit_code == 2
