"""The `seqtest` command itself."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from seqtest import __version__
from seqtest.cli.main import COMMANDS, main


def test_help_lists_every_command() -> None:
    """Each command has a line, and the exit codes are told."""
    result = CliRunner().invoke(main, ["--help"])

    assert result.exit_code == 0
    assert all(f"\n  {command} " in result.stdout for command in COMMANDS)
    assert "Exit codes" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str) -> None:
    """`--help` of a command says what it does and ends well."""
    result = CliRunner().invoke(main, [command, "--help"])

    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")


def test_unknown_command_is_a_wrong_command_line() -> None:
    """Exit code 2."""
    assert CliRunner().invoke(main, ["dance"]).exit_code == 2


def test_version() -> None:
    """`--version` says which."""
    assert __version__ in CliRunner().invoke(main, ["--version"]).stdout


def test_help_needs_no_parser_and_no_http_client() -> None:
    """Asking for help loads neither Lark, pytest, rich nor requests."""
    code = (
        "import sys; from click.testing import CliRunner; from seqtest.cli.main import main; "
        "CliRunner().invoke(main, ['--help']); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"lark", "pytest", "rich", "requests"} & set(loaded)
