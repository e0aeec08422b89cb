"""What a document is given of a flow."""

import re
from pathlib import Path

import pytest

from seqtest.documents.project import address, moment, root_above
from seqtest.documents.show import show
from seqtest.documents.shown import Wanted


def test_a_drawing_is_shown_and_not_run(login: Path, project: Path) -> None:
    """Its picture, its name below the project, its source; no verdict."""
    shown = show(Wanted(login, project))

    assert (shown.file, shown.title, shown.state, shown.words) == ("flows/login.puml", "Log in", "drawn", "")
    assert shown.pictures[0].svg.startswith("<svg")
    assert "POST /oauth/token" in shown.pictures[0].text
    assert shown.dependencies == (login,)


def test_a_run_has_a_verdict(login: Path, project: Path) -> None:
    """The drawing is shown, and how many cases were kept."""
    shown = show(Wanted(login, project, is_run=True))

    assert (shown.state, shown.words, shown.troubles) == ("kept", "2 cases kept", ())
    assert len(shown.pictures) == 1
    assert "data-state" not in shown.pictures[0].svg


def test_a_broken_promise_is_told_at_its_line(login: Path, project: Path, spoil) -> None:
    """With the file below the project and the line, what was expected and what came."""
    spoil()
    line = login.read_text().splitlines().index("    expires_in = 600") + 1
    shown = show(Wanted(login, project, is_run=True))

    assert (shown.state, shown.words) == ("failed", "1 of 2 cases failed")
    assert [trouble.place for trouble in shown.troubles] == [f"flows/login.puml:{line}"]
    assert shown.troubles[0].message.startswith("failed[SQ550]")
    assert "got: expires_in = 300" in shown.troubles[0].message


def test_a_scenario_is_one_case(login: Path, project: Path, spoil) -> None:
    """Its run is shown, and it alone counts."""
    spoil()
    good = show(Wanted(login, project, scenario="password-is-wrong", prefix="x-"))
    bad = show(Wanted(login, project, scenario="password-is-right", prefix="x-"))

    assert (good.state, good.words) == ("kept", "kept")
    assert (bad.state, bad.words) == ("failed", "failed")
    assert [picture.name for picture in good.pictures] == ["password-is-wrong"]
    assert 'data-state="passed"' in good.pictures[0].svg
    assert set(re.findall(r' id="(x-\d+-)', good.pictures[0].svg)) == {"x-2-"}


def test_all_runs_are_shown_when_asked_for(login: Path, project: Path) -> None:
    """A picture a case, each with ids of its own, secrets masked."""
    shown = show(Wanted(login, project, is_annotated=True))

    assert [picture.name for picture in shown.pictures] == ["password-is-right", "password-is-wrong"]
    assert all("wonderland" not in picture.svg for picture in shown.pictures)


def test_an_unknown_case_is_told(login: Path, project: Path) -> None:
    """With the cases that there are."""
    shown = show(Wanted(login, project, scenario="password-is-rigt"))

    assert shown.state == "error"
    assert "password-is-right, password-is-wrong did you mean `password-is-right`?" in shown.troubles[0].message


def test_an_unreadable_drawing_is_told_at_its_line(login: Path, project: Path) -> None:
    """There is no picture, and there is a finding with its place."""
    login.write_text("@startuml\nA => B\n@enduml\n")
    shown = show(Wanted(login, project))

    assert shown.state == "error"
    assert shown.pictures == ()
    assert shown.troubles[0].place == "flows/login.puml:2:3"
    assert "SQ101" in shown.troubles[0].message


def test_nobody_to_run_is_an_error(login: Path, project: Path) -> None:
    """A drawing in which nobody is bound proves nothing."""
    login.write_text("@startuml\nA -> B : GET /x\n@enduml\n")
    shown = show(Wanted(login, project, is_run=True))

    assert shown.state == "error"
    assert shown.words == "no answer could be had"
    assert "SQ450" in shown.troubles[0].message


def test_a_run_that_cannot_begin_is_an_error(login: Path, project: Path) -> None:
    """A broken conftest of the user is told, not taken for nothing to run."""
    (project / "conftest.py").write_text("1 / 0\n")
    shown = show(Wanted(login, project, is_run=True))

    assert shown.state == "error"
    assert shown.troubles


def test_nothing_outside_the_project_is_read(login: Path, project: Path) -> None:
    """A file above the project is refused, there or not."""
    for file in (Path("/etc/passwd"), project / "docs/../../x.puml"):
        shown = show(Wanted(file, project))
        assert "is outside the project" in shown.troubles[0].message
        assert shown.source == ""


def test_a_missing_file_is_waited_for(project: Path) -> None:
    """It is told, and the document depends on it."""
    shown = show(Wanted(project / "flows/none.puml", project))

    assert shown.troubles[0].message == "flows/none.puml cannot be shown: there is no such file"
    assert shown.dependencies == (project / "flows/none.puml",)


def test_included_files_are_dependencies(login: Path, project: Path) -> None:
    """Those of files that are included too."""
    (project / "flows/a.iuml").write_text("!include b.iuml\n")
    (project / "flows/b.iuml").write_text("participant B\n")
    login.write_text("@startuml\n!include a.iuml\nA -> B\n@enduml\n")

    assert [path.name for path in show(Wanted(login, project)).dependencies] == ["login.puml", "a.iuml", "b.iuml"]


def test_one_of_several_diagrams(login: Path, project: Path) -> None:
    """By its name; without one, or with a wrong one, the names are told."""
    login.write_text("@startuml one\nA -> B : first\n@enduml\n@startuml two\nA -> B : second\n@enduml\n")
    two = show(Wanted(login, project, diagram="two"))

    assert "second" in two.pictures[0].svg
    assert two.line == 4
    assert "say which: one, two" in show(Wanted(login, project)).troubles[0].message
    assert "there is no diagram tow" in show(Wanted(login, project, diagram="tow")).troubles[0].message


def test_a_kept_rendering_is_compared(login: Path, project: Path, spoil) -> None:
    """Current it says nothing; stale, missing and of no such form it is told."""
    from seqtest.diagram.read import read
    from seqtest.render.svg.draw import draw

    kept = project / "docs/login.svg"
    kept.write_text(draw(read(login)[0]))
    current = show(Wanted(login, project, committed=kept))
    spoil()
    stale = show(Wanted(login, project, committed=kept))
    missing = show(Wanted(login, project, committed=project / "docs/none.svg"))
    other = show(Wanted(login, project, committed=login))

    assert current.troubles == ()
    assert kept in current.dependencies
    assert "docs/login.svg is stale" in stale.troubles[0].message
    assert "docs/none.svg is missing" in missing.troubles[0].message
    assert "is none of svg, png, pdf, txt, mermaid" in other.troubles[0].message


def test_the_project_is_the_nearest_folder_that_looks_like_one(project: Path) -> None:
    """Above the documents; a folder without any mark is its own."""
    (project / "docs/deep").mkdir()

    assert root_above(project / "docs/deep") == project


def test_an_address_is_filled_in() -> None:
    """The file and its line."""
    assert address("https://h/{path}#L{line}", "a/b.puml", 7) == "https://h/a/b.puml#L7"


def test_a_build_can_be_reproduced(monkeypatch: pytest.MonkeyPatch) -> None:
    """SOURCE_DATE_EPOCH is the moment; what is no number is not."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert moment().isoformat() == "2001-09-09T01:46:40+00:00"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert moment().year > 2020
