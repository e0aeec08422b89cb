"""`seqtest render`: the drawing, or what happened."""

from pathlib import Path

import pytest


def test_a_picture_in_text(login, seqtest) -> None:
    """Without a run it shows the drawing."""
    result = seqtest("render", login)

    assert result.exit_code == 0
    assert "Auth server" in result.stdout
    assert "POST /oauth/token" in result.stdout


def test_the_source_formatted(login, seqtest) -> None:
    """`--format puml` prints the canonical form."""
    assert seqtest("render", "--format", "puml", login).stdout == login.read_text()


def test_what_happened_in_text(login, seqtest) -> None:
    """With a run each case has its picture, and each arrow its mark."""
    result = seqtest("render", "--run", login)

    assert result.exit_code == 0
    assert result.stdout.count("✓") == 4
    assert "[password is wrong]" in result.stdout


def test_what_happened_in_plantuml(login, seqtest) -> None:
    """Each case is the author's source with marks, and no secret in it."""
    result = seqtest("render", "--run", "--format", "puml", "--out-dir", "out", login)

    assert result.exit_code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "login.password-is-right.puml",
        "login.password-is-wrong.puml",
    ]
    text = Path("out/login.password-is-right.puml").read_text()
    assert text.startswith("@startuml")
    assert "wonderland" not in text


def test_a_broken_run_is_drawn_too(login, seqtest) -> None:
    """The picture shows what failed, and the exit code is 1."""
    login.write_text(login.read_text().replace("expires_in = 300", "expires_in = 600"))

    result = seqtest("render", "--run", login)

    assert result.exit_code == 1
    assert "✗" in result.stdout


def test_what_cannot_be_run_is_said(login, seqtest) -> None:
    """A drawing that binds nobody has nothing to run."""
    login.write_text(login.read_text().replace(" <<authorization-server>>", ""))

    result = seqtest("render", "--run", login)

    assert result.exit_code == 4
    assert "error[SQ450]" in result.stderr


def test_an_unreadable_file_does_not_keep_others_back(login, broken, seqtest) -> None:
    """The others are drawn, and the exit code is 3."""
    result = seqtest("render", "--out-dir", "out", broken, login)

    assert result.exit_code == 3
    assert Path("out/login.txt").exists()
    assert "broken.puml:3:" in result.stderr


def test_a_result_in_a_file(login, seqtest) -> None:
    """`-o` writes the single result, over an older one too."""
    Path("login.txt").write_text("old")

    assert seqtest("render", login, "-o", "login.txt").exit_code == 0
    assert "POST /oauth/token" in Path("login.txt").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "puml", "-o", "diagrams/login.puml"),
        ("--format", "puml", "--out-dir", "diagrams"),
        ("--run", "-o", "both.txt"),
        ("-o", "a.txt", "--out-dir", "b"),
    ],
    ids=["the input", "the input's folder", "two results in one file", "two places"],
)
def test_nothing_is_lost(login, seqtest, arguments: tuple[str, ...]) -> None:
    """An input is never overwritten, and two results never go to one file."""
    before = login.read_text()

    result = seqtest("render", login, *arguments)

    assert result.exit_code == 2
    assert login.read_text() == before
    assert not Path("both.txt").exists()


def test_two_inputs_of_one_name(login, seqtest) -> None:
    """Results that would overwrite each other are refused before anything is written."""
    Path("other").mkdir()
    Path("other/login.puml").write_text(login.read_text())

    result = seqtest("render", login, "other/login.puml", "--out-dir", "out")

    assert result.exit_code == 2
    assert not Path("out").exists()


def test_a_place_that_cannot_be_written(login, seqtest) -> None:
    """It is an error, not a stack trace."""
    Path("file").write_text("")

    result = seqtest("render", login, "-o", "file/login.txt")

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_pictures_need_a_plantuml(login, seqtest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one at hand, the message says what to install."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("PLANTUML_JAR", raising=False)
    monkeypatch.delenv("PLANTUML_SERVER", raising=False)

    result = seqtest("render", "--format", "svg", login)

    assert result.exit_code == 4
    assert "error[SQ460]" in result.stderr
