"""The tutorial: its commands are run, and print what it says."""

from pathlib import Path

TUTORIAL = (Path(__file__).parents[2] / "docs/tutorial/first-flow.md").read_text(encoding="utf-8")


def test_the_first_flow_is_kept_as_the_tutorial_prints(folder, seqtest) -> None:
    """`seqtest new login` and a run of `diagrams` give the counts of the page."""
    assert ".venv/bin/seqtest new login" in TUTORIAL
    assert seqtest("new", "login").exit_code == 0

    result = seqtest("run", "diagrams")

    kept = next(line for line in result.stdout.splitlines() if "kept:" in line)
    assert f"    {kept}\n" in TUTORIAL


def test_it_breaks_as_the_tutorial_says(folder, seqtest) -> None:
    """The change that the page proposes fails, and the last words repeat the case."""
    old, new = "expires_in = 300", "expires_in = 600"
    assert f"Change `{old}` to `{new}`" in TUTORIAL
    seqtest("new", "login")
    path = Path("diagrams/login.puml")
    path.write_text(path.read_text().replace(old, new))

    result = seqtest("run", "diagrams")

    assert result.exit_code == 1
    assert "pytest 'diagrams/login.puml::password-is-right'" in result.stdout


def test_the_pictures_command_draws(login, seqtest) -> None:
    """The page's `seqtest render` works without any PlantUML."""
    assert ".venv/bin/seqtest render diagrams/login.puml" in TUTORIAL

    assert seqtest("render", "diagrams/login.puml").exit_code == 0
