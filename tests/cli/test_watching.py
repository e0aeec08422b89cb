"""What a saved file concerns, what is run then, and what everybody is told: events are given, nothing is waited for."""

import io
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from seqtest.cli.watching import Choice, Outcome, Sessions, Watching, chosen_arguments, verdict
from seqtest.render.html.report import Report
from seqtest.render.html.saved import Saved, digest_of
from seqtest.settings import FILE_PATTERNS

DRAWING = "@startuml\n@enduml\n"


def case(root: Path, file: str, *others: str, state: str = "passed", reads: Sequence[str] = ()) -> Any:
    """A case made of its file and others."""
    return {
        "id": f"{file}::one",
        "file": file,
        "state": state,
        "made_of": {name: digest_of(root / name) for name in (file, *others)},
        "reads": list(reads),
    }


@dataclass
class Stage:
    """Sessions that end as they are told to, and what was asked of them and shown."""

    outcomes: list[Outcome] = field(default_factory=list)
    played: list[tuple[list[str], Choice]] = field(default_factory=list)
    shown: list[tuple[Report, str, str]] = field(default_factory=list)

    def play(self, arguments: Sequence[str], choice: Choice) -> Outcome:
        self.played.append((list(arguments), choice))
        return self.outcomes[min(len(self.played), len(self.outcomes)) - 1]

    def running(self, what: str) -> None:
        """Nothing."""

    def show(self, report: Report, words: str, state: str) -> None:
        self.shown.append((report, words, state))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a.puml", "b.puml", "sub/c.puml", "parts/who.iuml"):
        path = tmp_path / "diagrams" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(DRAWING)
    (tmp_path / "diagrams/gateway.yaml").write_text("a: 1\n")
    return tmp_path


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def watching(root: Path, stage: Stage) -> Watching:
    """Three drawings, the first two of which include a part; the third reads a file when it is played."""
    cases = [
        case(root, "diagrams/a.puml", "diagrams/parts/who.iuml"),
        case(root, "diagrams/b.puml", "diagrams/parts/who.iuml"),
        case(root, "diagrams/sub/c.puml", reads=["diagrams/gateway.yaml"]),
    ]
    stage.outcomes = [Outcome(Saved(cases))]
    found = Watching(root, [], stage.play, stage)
    found.run([])
    return found


def save(path: Path, text: str = "' changed\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + DRAWING)
    return path


def names(choice: Choice) -> list[str] | None:
    return None if choice is None else sorted(path.name for path in choice)


@pytest.mark.parametrize(
    ("saved", "concerned"),
    [
        ("diagrams/a.puml", ["a.puml"]),
        ("diagrams/parts/who.iuml", ["a.puml", "b.puml"]),
        ("diagrams/gateway.yaml", ["c.puml"]),
        ("diagrams/new.puml", ["new.puml"]),
        ("diagrams/conftest.py", None),
        ("myapp/views.py", None),
        ("pytest.ini", None),
        ("README.txt", []),
        ("diagrams/other.iuml", []),
        ("elsewhere/d.puml", []),
    ],
)
def test_what_a_saved_file_concerns(saved: str, concerned: list[str] | None, root: Path, watching: Watching) -> None:
    """A drawing its cases, a part of drawings all that have it, Python everything, the rest nothing."""
    assert names(watching.concerned([save(root / saved)])) == concerned


def test_a_file_that_is_as_it_was_concerns_nobody(root: Path, watching: Watching) -> None:
    """Editors write files that have not changed."""
    for name in ("a.puml", "parts/who.iuml", "gateway.yaml"):
        path = root / "diagrams" / name
        path.write_bytes(path.read_bytes())
        assert watching.concerned([path]) == frozenset()


def test_a_drawing_that_is_gone_concerns_its_cases(root: Path, watching: Watching, stage: Stage) -> None:
    """They are shown no more."""
    (root / "diagrams/a.puml").unlink()
    stage.outcomes.append(Outcome(Saved([])))
    watching.run([])  # as the session that was before left it
    watching.cases = {one["id"]: one for one in stage.outcomes[0].saved.cases}  # type: ignore[union-attr]

    assert names(watching.concerned([root / "diagrams/a.puml"])) == ["a.puml"]
    watching._play(frozenset([root / "diagrams/a.puml"]), "a.puml")
    assert sorted(watching.cases) == ["diagrams/b.puml::one", "diagrams/sub/c.puml::one"]


def test_a_part_that_was_missed_may_be_there_now(root: Path, watching: Watching) -> None:
    """A drawing that could not be read is read again when a file comes that it may have looked for."""
    watching.cases["diagrams/b.puml::one"]["state"] = "error"

    assert names(watching.concerned([save(root / "diagrams/parts/what.iuml")])) == ["b.puml"]


def test_only_what_is_concerned_is_run(root: Path, stage: Stage, watching: Watching) -> None:
    """The others stay as they were; what concerns nobody runs nothing."""
    first = stage.outcomes[0]
    again = Outcome(Saved([case(root, "diagrams/a.puml", state="failed")]))
    stage.outcomes += [first, again]
    watching.run([{save(root / "README.txt")}, {save(root / "diagrams/a.puml")}])

    assert [names(choice) for _, choice in stage.played] == [None, None, ["a.puml"]]
    assert stage.played[-1][0] == ["diagrams"]
    assert [words for _, words, _ in stage.shown] == ["3 cases kept", "3 cases kept", "1 of 3 cases not kept"]
    assert stage.shown[-1][2] == "broken"


def test_a_session_that_could_not_be_run_is_shown(root: Path, stage: Stage, watching: Watching) -> None:
    """With what it said, above what was found before."""
    stage.outcomes.append(Outcome(None, "ImportError while loading conftest"))
    watching.run([])
    report, words, state = stage.shown[-1]

    assert (words, state, report.problem) == (
        "the flows could not be run",
        "problem",
        "ImportError while loading conftest",
    )
    assert len(report.cases) == 3


@pytest.mark.parametrize(
    ("arguments", "choice", "expected"),
    [
        ([], None, ["diagrams"]),
        ([], ["diagrams/a.puml"], ["diagrams"]),
        (["-k", "x"], ["diagrams/a.puml"], ["-k", "x", "diagrams"]),
        (["diagrams/a.puml", "diagrams/b.puml::one"], ["diagrams/b.puml"], ["diagrams/b.puml::one"]),
        (["diagrams/sub", "-x"], ["diagrams/a.puml"], ["-x"]),
        (["-c", "pytest.ini", "diagrams"], ["diagrams/a.puml"], ["-c", "pytest.ini", "diagrams"]),
    ],
)
def test_arguments(arguments, choice, expected, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest is given the places in which something is to be run, and all that is no place."""
    monkeypatch.chdir(root)
    (root / "pytest.ini").write_text("[pytest]\n")
    files = None if choice is None else frozenset(root / name for name in choice)

    assert chosen_arguments(arguments, files, root, FILE_PATTERNS) == expected


def test_node_ids_may_be_below_another_folder(root: Path, stage: Stage) -> None:
    """A session started below the project's folder: files are named from there, node ids from above."""
    inside = case(root, "diagrams/a.puml")
    inside["file"] = "a.puml"
    stage.outcomes = [Outcome(Saved([inside]))]
    watching = Watching(root / "diagrams", [], stage.play, stage)
    watching.run([])

    assert names(watching.concerned([save(root / "diagrams/a.puml")])) == ["a.puml"]


@pytest.mark.parametrize(
    ("states", "problem", "expected"),
    [
        (["passed"], "", ("1 case kept", "kept")),
        (["passed", "skipped"], "", ("2 cases kept", "kept")),
        (["passed", "error"], "", ("1 of 2 cases not kept", "broken")),
        ([], "", ("0 cases kept", "kept")),
        (["passed"], "x", ("the flows could not be run", "problem")),
    ],
)
def test_words(states: list[str], problem: str, expected: tuple[str, str]) -> None:
    cases: Any = {str(place): {"state": state} for place, state in enumerate(states)}

    assert verdict(cases, problem) == expected


@pytest.fixture
def sessions(login: Path, folder: Path) -> Sessions:
    return Sessions(folder, io.BytesIO())


def test_a_session_is_a_process_of_its_own(sessions: Sessions, folder: Path, login: Path) -> None:
    """What is saved between two of them counts in the second; the terminal has pytest's own words."""
    (folder / "diagrams/conftest.py").write_text("print('loaded once')\n")
    first = sessions.play(["-s", "diagrams"], None)
    login.write_text(login.read_text().replace("expires_in = 300", "expires_in = 301"))
    second = sessions.play(["-s", "diagrams"], None)

    assert first.saved is not None
    assert second.saved is not None
    assert [one["state"] for one in first.saved.cases] == ["passed", "passed"]
    assert [one["state"] for one in second.saved.cases] == ["failed", "passed"]
    said = sessions.out.getvalue().decode()  # type: ignore[attr-defined]
    assert said.count("loaded once") == 2
    assert "2 cases kept" in said
    assert "seqtest saved" not in said


def test_chosen_files_alone_are_met(sessions: Sessions, folder: Path, login: Path) -> None:
    """A drawing that binds nobody is left alone, as in a folder, though it was the one that was saved."""
    plain = folder / "diagrams/plain.puml"
    plain.write_text("@startuml\nA -> B : hi\n@enduml\n")
    other = folder / "diagrams/other.puml"
    other.write_text(login.read_text())
    both = sessions.play(["diagrams"], frozenset([plain, other]))
    none = sessions.play(["diagrams"], frozenset([plain]))

    assert both.saved is not None
    assert none.saved is not None
    assert {one["file"] for one in both.saved.cases} == {"diagrams/other.puml"}
    assert none.saved.cases == []


def test_a_session_that_cannot_begin_says_why(sessions: Sessions, folder: Path) -> None:
    """Without control characters: it is shown on a page."""
    (folder / "diagrams/conftest.py").write_text("raise ImportError('no \\x1b[31mmodule\\x07')\n")
    outcome = sessions.play(["diagrams"], None)

    assert outcome.saved is None
    assert "ImportError: no module" in outcome.output
    assert "\x1b" not in outcome.output
    assert "\x07" not in outcome.output


def test_a_reader_that_has_enough_stops_nothing(sessions: Sessions, folder: Path) -> None:
    """`seqtest watch | head`: the pages still show the session."""

    class Closed(io.BytesIO):
        def write(self, data: Any) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    sessions.out = Closed()
    with warnings.catch_warnings():
        warnings.simplefilter("error", pytest.PytestUnhandledThreadExceptionWarning)
        outcome = sessions.play(["diagrams"], None)

    assert outcome.saved is not None
    assert "2 cases kept" in outcome.output


def test_an_interrupted_session_is_stopped(sessions: Sessions, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends it with all that it started, and is passed on."""
    import subprocess

    found: list[Any] = []

    class Interrupted(subprocess.Popen):  # type: ignore[type-arg]
        def wait(self, timeout: float | None = None) -> int:
            if not found:
                found.append(self)
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        sessions._run(
            [sys.executable, "-c", "import sys; sys.stdin.read(); import threading; threading.Event().wait()"], {}
        )
    assert found[0].poll() is not None
