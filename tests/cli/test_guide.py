"""The guide to pictures: its commands do what it says."""

import shlex
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs/guides/pictures.md"
COMMANDS = [line.split("#")[0].strip() for line in GUIDE.read_text().splitlines() if line.startswith("    seqtest ")]


def test_there_are_commands() -> None:
    """The guide shows some."""
    assert len(COMMANDS) == 5


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_guide(login, seqtest, command: str) -> None:
    """Each ends well in a folder with a flow that passes."""
    if "png" in command:
        pytest.importorskip("resvg_py")

    arguments = shlex.split(command)[1:]
    if "--check" in arguments:  # of what was written before
        seqtest(*(argument for argument in arguments if argument != "--check"))

    assert seqtest(*arguments).exit_code == 0
