"""`seqtest fmt`: one canonical form."""

from pathlib import Path

import pytest

UGLY = "@startuml ugly\nparticipant   A\nalt x\nA->B:hi\nend\n' kept\n@enduml\n"


@pytest.fixture
def ugly(folder: Path) -> Path:
    path = folder / "ugly.puml"
    path.write_text(UGLY)
    return path


def test_files_are_written_in_place(ugly, seqtest) -> None:
    """The file changes, once; comments stay."""
    result = seqtest("fmt", ugly)

    assert result.exit_code == 0
    assert "changed" in result.stdout
    assert "' kept" in ugly.read_text()
    assert "  A -> B : hi" in ugly.read_text()
    assert seqtest("fmt", ugly).stdout == ""


def test_check_changes_nothing(ugly, seqtest) -> None:
    """`--check` says what would change, by its exit code too."""
    result = seqtest("fmt", "--check", ugly)

    assert result.exit_code == 1
    assert ugly.read_text() == UGLY


def test_diff_changes_nothing(ugly, seqtest) -> None:
    """`--diff` prints what would change."""
    result = seqtest("fmt", "--diff", ugly)

    assert result.exit_code == 0
    assert "\n-A->B:hi\n" in result.stdout
    assert ugly.read_text() == UGLY


def test_a_formatted_file_passes_the_check(login, seqtest) -> None:
    """The first flow that `new` writes is in canonical form."""
    assert seqtest("fmt", "--check", login).exit_code == 0


def test_an_unreadable_file_is_left_as_it_is(ugly, broken, seqtest) -> None:
    """It is reported, and the others are written."""
    before = broken.read_text()

    result = seqtest("fmt", broken, ugly)

    assert result.exit_code == 3
    assert broken.read_text() == before
    assert ugly.read_text() != UGLY


def test_the_encoding_is_kept(folder, seqtest) -> None:
    """A file that is no UTF-8 is written as it was read."""
    path = folder / "latin.puml"
    path.write_bytes("@startuml\nA->B:Grüße\n@enduml\n".encode("latin-1"))

    seqtest("fmt", path)

    assert "Grüße" in path.read_bytes().decode("latin-1")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("doc.md", "# A\n\n\n```plantuml\nA   -> B : hi\n```\n"),
        ("flow.mmd", "sequenceDiagram\n  A->>B: hi\n"),
    ],
)
def test_only_plantuml_files_are_written(folder, seqtest, name: str, text: str) -> None:
    """A document's prose and Mermaid have no canonical form of ours; nothing in them changes."""
    path = folder / name
    path.write_text(text)

    result = seqtest("fmt", path)

    assert result.exit_code == 3
    assert "SQ191" in result.stderr
    assert path.read_text() == text


def test_the_folder_diagrams_is_formatted_when_nothing_is_named(login, seqtest) -> None:
    """As `seqtest run` does."""
    login.write_text(login.read_text().replace("participant ", "participant    ", 1))

    assert seqtest("fmt", "--check").exit_code == 1
