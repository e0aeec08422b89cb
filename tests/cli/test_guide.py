"""The guide to pictures: its commands do what it says."""

import shlex
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs/guides/pictures.md"
COMMANDS = [line.split("#")[0].strip() for line in GUIDE.read_text().splitlines() if line.startswith("    seqtest ")]


def test_there_are_commands() -> None:
    """The guide shows some."""
    assert len(COMMANDS) == 8


@pytest.fixture
def two_states(login: Path, folder: Path) -> None:
    """`old.puml` and `new.puml` differ in one value; `login.puml` is what it is elsewhere."""
    text = login.read_text()
    for name in ("old.puml", "login.puml"):
        (folder / name).write_text(text)
    (folder / "new.puml").write_text(text.replace("expires_in = 300", "expires_in = 600"))
    assert (folder / "old.puml").read_text() != (folder / "new.puml").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_guide(login, two_states, seqtest, command: str) -> None:
    """Each ends well in a folder with a flow that passes; `diff` says with 1 that two files differ."""
    if "png" in command:
        pytest.importorskip("resvg_py")

    arguments = shlex.split(command)[1:]
    if "--check" in arguments:  # of what was written before
        seqtest(*(argument for argument in arguments if argument != "--check"))

    result = seqtest(*arguments)
    assert result.exit_code == (1 if "old.puml" in arguments else 0), result.output
