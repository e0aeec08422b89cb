"""The command's own pytest sessions, in projects whose ini files have options of all kinds."""

from pathlib import Path
from typing import Any

import pytest

INI = "[pytest]\naddopts = -p seqtest {more}\n"


@pytest.mark.parametrize(
    "more",
    [
        "-ra -q --color=yes -v --durations=2",
        "--ff -x",
        "-p xdist -n 2",
        "-p randomly --randomly-seed=3",
        "-o log_cli=true",
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        ("check", "diagrams"),
        ("diff", "--run", "diagrams/login.puml::password-is-right"),
        ("render", "--run", "diagrams/login.puml::password-is-right"),
        ("compare", "diagrams/login.puml", "diagrams/login.puml", "--runs", "1"),
        ("report", "diagrams", "-q"),
    ],
    ids=lambda command: command[0],
)
def test_options_of_the_ini_file(seqtest: Any, login: Path, folder: Path, more: str, command: tuple[str, ...]) -> None:
    """Options that pytest knows, and those of its plugins, are no error and print nothing into a command's answer."""
    for name in ("xdist", "randomly"):
        if f"-p {name}" in more:
            pytest.importorskip({"randomly": "pytest_randomly"}.get(name, name))
    if command[0] == "report" and "xdist" in more:
        pytest.skip("a report of several workers has tests of its own")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p seqtest\n")
    wanted = seqtest(*command)
    (folder / "pytest.ini").write_text(INI.format(more=more.replace("-p randomly", "-p pytest_randomly")))
    done = seqtest(*command)

    assert (done.exit_code, wanted.exit_code) == (0, 0), (done.output, wanted.output)
    if command[0] in ("check", "diff"):
        assert done.output == wanted.output
    assert "passed" not in done.output
    if command[0] != "report" and "randomly" not in more:  # which keeps its seed by itself
        assert not (folder / ".pytest_cache").exists()
