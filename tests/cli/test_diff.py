"""`seqtest diff`: two diagrams, or a drawing and its run."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def other(login: Path) -> Path:
    """The flow with another path and another promise."""
    path = login.parent / "other.puml"
    path.write_text(
        login.read_text().replace("POST /oauth/token", "POST /token").replace("expires_in = 300", "expires_in = 600")
    )
    return path


def test_equals_end_with_0(login, seqtest) -> None:
    """And say nothing, whatever the files are called."""
    shutil.copy(login, "copy.puml")
    result = seqtest("diff", login, "copy.puml")

    assert (result.exit_code, result.output) == (0, "")


def test_differences_end_with_1(login, other, seqtest) -> None:
    """Each is named, as with diff."""
    result = seqtest("diff", login, other)

    assert result.exit_code == 1
    assert "~   client -> auth : POST /token  line 18\n" in result.stdout
    assert "note       - expires_in = 300\n" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("form", "start"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("puml", b"@startuml"), ("mermaid", b"---"), ("pdf", b"%PDF")],
)
def test_one_drawing(login, other, seqtest, form: str, start: bytes) -> None:
    """In each format of a picture."""
    if form in ("png", "pdf"):
        pytest.importorskip({"png": "resvg_py", "pdf": "typst"}[form])
    result = seqtest("diff", login, other, "--format", form, "-o", "out")

    assert result.exit_code == 1
    assert Path("out").read_bytes().startswith(start)


def test_the_input_is_not_overwritten(login, other, seqtest) -> None:
    """Neither of them."""
    before = other.read_text()

    assert seqtest("diff", login, other, "-o", other).exit_code == 2
    assert other.read_text() == before


def test_one_of_several_diagrams_is_named(folder, seqtest) -> None:
    """`FILE::DIAGRAM`; what names none or no single one is refused, with those there are."""
    Path("two.puml").write_text("@startuml one\nA -> B : x\n@enduml\n@startuml two\nA -> B : y\n@enduml\n")

    assert seqtest("diff", "two.puml::one", "two.puml::two").exit_code == 1
    result = seqtest("diff", "two.puml", "two.puml::two")
    assert result.exit_code == 2
    assert "there are two.puml::one, two.puml::two" in result.stderr


@pytest.mark.parametrize("arguments", [("a.puml",), ("a.puml", "b.puml", "--run")])
def test_what_is_compared_has_to_be_said(folder, seqtest, arguments: tuple[str, ...]) -> None:
    """Two drawings, or one and its run."""
    assert seqtest("diff", *arguments).exit_code == 2


def test_an_unreadable_file_ends_with_3(login, broken, seqtest) -> None:
    """And a missing one."""
    result = seqtest("diff", login, broken)

    assert result.exit_code == 3
    assert "broken.puml:3:" in result.stderr
    assert seqtest("diff", login, "none.puml").exit_code == 3


def test_a_run_as_drawn_ends_with_0(login, seqtest) -> None:
    """There is nothing to say."""
    result = seqtest("diff", login, "--run")

    assert (result.exit_code, result.stdout) == (0, "")


def test_a_run_otherwise_ends_with_1(login, seqtest) -> None:
    """What came otherwise is named once, in the case in which it did."""
    login.write_text(login.read_text().replace("expires_in = 300", "expires_in = 600"))
    result = seqtest("diff", login, "--run")

    assert result.exit_code == 1
    assert result.stdout == (
        f"{login}::password-is-right\n"
        "  ~ auth --> client : 200 OK  line 25\n"
        "      `expires_in` is not as drawn\n"
        "        - expires_in = 600\n"
        "        + expires_in = 300\n"
    )


def test_what_did_not_happen_is_named(login, seqtest) -> None:
    """A status that stops the run leaves the rest behind."""
    text = login.read_text().replace("auth --> client -- : 200 OK", "auth --> client -- : 201 Created", 1)
    login.write_text(
        text.replace(
            "else password is wrong",
            "  client -> auth : GET /more\n  auth --> client : 404 Not Found\nelse password is wrong",
        )
    )
    result = seqtest("diff", login, "--run")

    assert result.exit_code == 1
    assert "  ~ auth --> client : 201 Created" in result.stdout
    assert "  - client -> auth : GET /more" in result.stdout


def test_a_case_is_drawn_as_it_ran(login, seqtest) -> None:
    """One at a time."""
    assert seqtest("diff", f"{login}::password-is-right", "--run", "--format", "svg", "-o", "run.svg").exit_code == 0
    assert 'data-state="passed"' in Path("run.svg").read_text()
    assert seqtest("diff", login, "--run", "--format", "svg", "-o", "both.svg").exit_code == 2
