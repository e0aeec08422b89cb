"""seqtest report: what it runs, says and returns."""

import sys
from pathlib import Path

import pytest


@pytest.fixture
def flows(folder: Path) -> Path:
    """A folder with the folder `diagrams` in it: one flow that is kept and one that is not."""
    (folder / "diagrams").mkdir()
    text = (Path(__file__).parents[2] / "diagrams/password-login.puml").read_text()
    (folder / "diagrams/kept.puml").write_text(text)
    (folder / "diagrams/broken.puml").write_text(text.replace("expires_in = ", "expires_in = 9"))
    return folder


def test_it_runs_the_flows_and_writes_their_report(flows: Path, seqtest) -> None:
    """Exit code as of a run; what was not kept stands in a line each; the place is said."""
    result = seqtest("report", "-o", "site")

    assert result.exit_code == 1
    assert "diagrams/broken.puml::right-password: failed[SQ550]" in result.stdout
    assert "5 of 6 cases kept" in result.stdout
    assert result.stderr.strip() == f"wrote {Path('site/index.html')}"
    assert (flows / "site/index.html").exists()


def test_what_is_kept_is_green(flows: Path, seqtest) -> None:
    """A file alone, into the folder that is taken when none is named; quiet says nothing about it."""
    result = seqtest("report", "diagrams/kept.puml", "-q")

    assert (result.exit_code, result.stdout) == (0, "")
    assert len(list((flows / "seqtest-report/flows").iterdir())) == 3


def test_pytests_options_are_passed_on(flows: Path, seqtest) -> None:
    """`-k` chooses cases."""
    result = seqtest("report", "-k", "wrong and kept")

    assert "1 of 1 cases kept" in result.stdout


def test_a_folder_that_is_no_report_is_refused(flows: Path, seqtest) -> None:
    """Exit code 2, and the folder is as it was."""
    before = sorted(path.name for path in (flows / "diagrams").iterdir())
    result = seqtest("report", "-o", "diagrams")

    assert result.exit_code == 2
    assert "SQ467" in result.stderr
    assert sorted(path.name for path in (flows / "diagrams").iterdir()) == before


def test_without_cases_there_is_no_report(flows: Path, seqtest) -> None:
    """Nothing to show is said, and is not success."""
    result = seqtest("report", "-k", "nonsense")

    assert result.exit_code == 4
    assert "no case was run, so no report was written" in result.stderr
    assert not (flows / "seqtest-report").exists()


def test_two_cases_side_by_side(flows: Path, seqtest) -> None:
    """`--compare LEFT RIGHT`; one that is not there is an error after the report was written."""
    good = seqtest(
        "report", "diagrams/kept.puml", "--compare", "diagrams/kept.puml", "diagrams/kept.puml::wrong-password"
    )
    bad = seqtest("report", "diagrams/kept.puml", "--compare", "diagrams/kept.puml", "nowhere.puml")

    assert good.exit_code == 0
    assert bad.exit_code == 2
    assert "nowhere.puml: no such case was played" in bad.stderr


@pytest.mark.parametrize(
    ("is_terminal", "ci", "is_quiet", "count"),
    [(True, "", False, 1), (False, "", False, 0), (True, "1", False, 0), (True, "", True, 0)],
)
def test_a_bar_where_somebody_looks(is_terminal, ci, is_quiet, count, flows: Path, monkeypatch) -> None:
    """On a terminal, unless it is to be quiet or a build server's; the session goes on with it as without."""
    from seqtest.cli.progress import progress
    from seqtest.cli.session import Watcher, played

    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal, raising=False)
    monkeypatch.setenv("CI", ci)
    watcher = Watcher()
    with progress(is_quiet=is_quiet) as plugins:
        played(["diagrams/kept.puml"], watcher, options=["-p", "no:terminal"], plugins=plugins)

    assert len(plugins) == count
    assert len(watcher.verdicts) == 3


def test_a_report_of_what_was_saved(flows: Path, seqtest) -> None:
    """Nothing is run: pages, words and exit code are those of the session that saved it."""
    seqtest("run", "-q", "diagrams", "--seqtest-save", "run.json")
    (flows / "conftest.py").write_text("raise SystemExit('nobody is to load this')\n")
    result = seqtest("report", "--from", "run.json", "-o", "site")

    assert result.exit_code == 1
    assert "5 of 6 cases kept" in result.stdout
    assert "diagrams/broken.puml::right-password:" in result.stdout
    assert len(list((flows / "site/flows").iterdir())) == 6


def test_a_saved_run_of_changed_drawings_is_refused(flows: Path, seqtest) -> None:
    """Unless it is taken as it was."""
    seqtest("run", "-q", "diagrams/kept.puml", "--seqtest-save", "run.json")
    (flows / "diagrams/kept.puml").write_text("@startuml\n@enduml\n")
    refused = seqtest("report", "--from", "run.json", "-o", "site")

    assert refused.exit_code == 2
    assert "SQ469" in refused.stderr
    assert not (flows / "site").exists()
    assert seqtest("report", "--from", "run.json", "--stale", "-o", "site").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "pytest.ini"], "SQ468"),
        (["--from", "pytest.ini", "diagrams"], "--from runs nothing"),
        (["--stale"], "--stale goes with --from"),
    ],
)
def test_what_cannot_be_shown_is_a_wrong_command_line(arguments, words, flows: Path, seqtest) -> None:
    result = seqtest("report", *arguments)

    assert result.exit_code == 2
    assert words in result.stderr


def test_a_pair_that_was_not_saved(flows: Path, seqtest) -> None:
    """The report is written, and the command line was wrong."""
    seqtest("run", "-q", "diagrams/kept.puml", "--seqtest-save", "run.json")
    result = seqtest("report", "--from", "run.json", "--compare", "diagrams/kept.puml", "nowhere.puml")

    assert result.exit_code == 2
    assert "nowhere.puml: no such case was played" in result.stderr
