"""`seqtest render`: the drawing, or what happened."""

import json
import sys
import xml.etree.ElementTree as ElementTree
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


def test_an_unreadable_file_does_not_keep_runs_back(login, broken, seqtest) -> None:
    """With `--run` too: the cases of the others are drawn, and the exit code is 3."""
    result = seqtest("render", "--run", "--format", "svg", "--out-dir", "out", broken, login)

    assert result.exit_code == 3
    assert len(list(Path("out").iterdir())) == 2
    assert result.stderr.count("broken.puml:3:") == 1


def test_a_result_in_a_file(login, seqtest) -> None:
    """`-o` writes the single result, over an older one too."""
    Path("login.txt").write_text("old")

    assert seqtest("render", login, "-o", "login.txt").exit_code == 0
    assert "POST /oauth/token" in Path("login.txt").read_text()


def test_a_files_ending_says_its_format(login, seqtest) -> None:
    """Where no format is asked for; what a `.svg` holds is one."""
    assert seqtest("render", login, "-o", "login.svg").exit_code == 0
    assert seqtest("render", login, "-o", "login.json").exit_code == 0
    assert seqtest("render", login, "--format", "txt", "-o", "text.svg").exit_code == 0
    assert seqtest("diff", login, login, "-o", "same.svg").exit_code == 0

    assert "<svg" in Path("login.svg").read_text()[:200]
    assert Path("login.json").read_text().startswith("{")
    assert "┌" in Path("text.svg").read_text()
    assert "<svg" in Path("same.svg").read_text()[:200]


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


def test_pictures_need_no_plantuml(login, seqtest, monkeypatch: pytest.MonkeyPatch) -> None:
    """seqtest draws them itself: the drawing, and each case with what became of its arrows."""
    monkeypatch.setenv("PATH", "")

    assert seqtest("render", "--format", "svg", login, "-o", "login.svg").exit_code == 0
    assert seqtest("render", "--run", "--format", "svg", login, "--out-dir", "out").exit_code == 0

    assert ElementTree.parse("login.svg").getroot().tag.endswith("svg")
    right = Path("out/login.password-is-right.svg").read_text()
    assert "wonderland" not in right
    assert right != Path("out/login.password-is-wrong.svg").read_text()


def test_png(login, seqtest) -> None:
    """The same pictures as PNG, of the drawing's size."""
    pytest.importorskip("resvg_py")

    assert seqtest("render", "--format", "png", login, "-o", "login.png").exit_code == 0
    assert seqtest("render", "--run", "--format", "png", login, "--out-dir", "out").exit_code == 0

    assert Path("login.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(Path("out").iterdir())) == 2


def test_pdf(login, seqtest) -> None:
    """A page of the drawing, and one of each case's run."""
    pytest.importorskip("typst")

    assert seqtest("render", "--format", "pdf", login, "--out-dir", "out").exit_code == 0
    assert seqtest("render", "--format", "pdf", "--run", login, "--out-dir", "out").exit_code == 0
    names = sorted(path.name for path in Path("out").iterdir())
    assert names == ["login.password-is-right.pdf", "login.password-is-wrong.pdf", "login.pdf"]
    assert all(path.read_bytes().startswith(b"%PDF-") for path in Path("out").iterdir())


def test_png_without_the_extra(login, seqtest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install, once, and nothing is written."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    Path("diagrams/other.puml").write_text(login.read_text())

    result = seqtest("render", "--format", "png", "diagrams", "--out-dir", "out")

    assert result.exit_code == 4
    assert result.stderr.count("seqtest[png]") == 1
    assert not Path("out").exists()


def test_mermaid_and_json(login, seqtest) -> None:
    """Both of the drawing and of a run."""
    mermaid = seqtest("render", "--format", "mermaid", login).stdout
    model = json.loads(seqtest("render", "--format", "json", login).stdout)
    ran = seqtest("render", "--run", "--format", "json", login, "--out-dir", "out")

    assert "\nsequenceDiagram\n" in mermaid
    assert [participant["id"] for participant in model["participants"]] == ["client", "auth"]
    assert ran.exit_code == 0
    assert json.loads(Path("out/login.password-is-wrong.json").read_text())["is_kept"] is True
    assert "✓" in seqtest("render", "--run", "--format", "mermaid", login).stdout


def test_another_engine_needs_a_plantuml(login, seqtest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one at hand, the message says what to install."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("PLANTUML_JAR", raising=False)
    monkeypatch.delenv("PLANTUML_SERVER", raising=False)

    result = seqtest("render", "--format", "svg", "--engine", "plantuml", login)

    assert result.exit_code == 4
    assert "error[SQ460]" in result.stderr


def test_a_server_draws_when_it_is_named(login, seqtest) -> None:
    """`--server` asks that server and no other, which a closed port shows."""
    result = seqtest("render", "--format", "svg", "--server", "http://127.0.0.1:9", login)

    assert result.exit_code == 4
    assert "the PlantUML server http://127.0.0.1:9 did not draw" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "txt", "--engine", "plantuml"),
        ("--format", "pdf", "--engine", "server"),
        ("--format", "svg", "--engine", "seqtest", "--server", "http://x"),
        ("--format", "svg", "--engine", "jar", "--server", "http://x"),
    ],
)
def test_an_engine_that_would_go_unheard(login, seqtest, arguments: tuple[str, ...]) -> None:
    """Options that do not go together are a wrong command line."""
    assert seqtest("render", login, *arguments).exit_code == 2


def test_a_folder_keeps_its_shape(login, seqtest) -> None:
    """Files of one name in a folder given whole do not collide: results lie as their files do."""
    Path("diagrams/sub").mkdir()
    Path("diagrams/sub/login.puml").write_text(login.read_text())

    assert seqtest("render", "--format", "svg", "diagrams", "--out-dir", "out").exit_code == 0
    assert seqtest("render", "--run", "--format", "svg", "diagrams", "--out-dir", "ran").exit_code == 0

    assert {str(path) for path in Path("out").rglob("*.svg")} == {"out/login.svg", "out/sub/login.svg"}
    assert Path("ran/sub/login.password-is-right.svg").exists()


def test_several_diagrams_of_a_file(login, seqtest) -> None:
    """Each has a result of its own, also where names are missing or repeated."""
    text = "@startuml\nA -> B : one\n@enduml\n"
    Path("many.puml").write_text(text + text + 2 * text.replace("@startuml", "@startuml same"))

    assert seqtest("render", "--format", "svg", "many.puml", "--out-dir", "out").exit_code == 0

    names = {path.name for path in Path("out").iterdir()}
    assert names == {"many.many-1.svg", "many.many-2.svg", "many.same.svg", "many.same-4.svg"}


def test_cases_of_several_diagrams(login, seqtest) -> None:
    """Two diagrams of a file may have cases of one name."""
    text = login.read_text()
    login.write_text(text + text.replace("@startuml login", "@startuml again"))

    assert seqtest("render", "--run", "--format", "json", login, "--out-dir", "out").exit_code == 0
    assert {path.name for path in Path("out").iterdir()} == {
        "login.password-is-right.json",
        "login.password-is-wrong.json",
        "login.again.password-is-right.json",
        "login.again.password-is-wrong.json",
    }


def test_a_link_to_an_input_is_not_written(login, seqtest) -> None:
    """What leads to an input by another name is that input."""
    before = login.read_text()
    Path("link.puml").hardlink_to(login)

    assert seqtest("render", "--format", "puml", login, "-o", "link.puml").exit_code == 2
    assert login.read_text() == before


def test_documents_and_mermaid(folder, seqtest) -> None:
    """Every fence of a document is drawn, and Mermaid is written as PlantUML."""
    Path("doc.md").write_text("# A\n\n```plantuml\nA -> B : hi\n```\n\n```mermaid\nsequenceDiagram\nC->>D: ho\n```\n")

    result = seqtest("render", "--format", "puml", "doc.md")

    assert result.exit_code == 0
    assert "A -> B : hi" in result.stdout
    assert "C -> D : ho" in result.stdout
    assert seqtest("render", "--format", "svg", "doc.md", "--out-dir", "out").exit_code == 0
    assert {path.name for path in Path("out").iterdir()} == {"doc.doc-1.svg", "doc.doc-2.svg"}


FORMATS = ("txt", "puml", "svg", "png", "pdf", "mermaid", "json")


@pytest.mark.parametrize("form", FORMATS)
def test_a_kept_rendering_is_compared(login, seqtest, form: str) -> None:
    """What was written is current; when the drawing says something else it is stale, and nothing is written."""
    arguments = ("render", "diagrams", "--format", form, "--out-dir", "kept")
    assert seqtest(*arguments).exit_code == 0
    assert seqtest(*arguments, "--check").exit_code == 0
    (kept,) = Path("kept").iterdir()
    before = kept.read_bytes()
    login.write_text(login.read_text().replace("POST /oauth/token", "POST /token"))

    result = seqtest(*arguments, "--check")

    assert result.exit_code == 1
    assert result.stderr == f"{kept} is stale: diagrams/login.puml shows something else now\n"
    assert kept.read_bytes() == before


@pytest.mark.parametrize("form", FORMATS)
def test_a_damaged_rendering_is_stale(login, seqtest, form: str) -> None:
    """Whatever stands there that is no such result."""
    Path("kept").write_text("nothing")

    result = seqtest("render", login, "--format", form, "-o", "kept", "--check")

    assert result.exit_code == 1
    assert "kept is stale" in result.stderr


def test_each_stale_rendering_is_named(login, seqtest) -> None:
    """Missing ones too, those below folders too; what is current is not."""
    Path("diagrams/deep").mkdir()
    for name in ("one", "deep/two", "three"):
        Path(f"diagrams/{name}.puml").write_text("@startuml\nA -> B : x\n@enduml\n")
    seqtest("render", "diagrams", "--format", "svg", "--out-dir", "kept")
    Path("kept/deep/two.svg").unlink()
    Path("kept/one.svg").write_text("<svg/>")

    result = seqtest("render", "diagrams", "--format", "svg", "--out-dir", "kept", "--check")

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "kept/deep/two.svg is missing",
        "kept/one.svg is stale: diagrams/one.puml shows something else now",
    ]


def test_line_ends_of_another_system_are_no_change(login, seqtest) -> None:
    """Git may have written `\\r\\n`."""
    seqtest("render", login, "--format", "svg", "-o", "kept.svg")
    kept = Path("kept.svg")
    kept.write_bytes(kept.read_bytes().replace(b"\n", b"\r\n"))

    assert seqtest("render", login, "--format", "svg", "-o", "kept.svg", "--check").exit_code == 0


def test_another_version_of_the_rasteriser_is_no_change(login, seqtest) -> None:
    """A PNG carries what it was made of: other bytes of the same drawing are current."""
    pytest.importorskip("resvg_py")
    seqtest("render", login, "--format", "png", "-o", "kept.png")
    kept = Path("kept.png")
    kept.write_bytes(kept.read_bytes().replace(b"IEND", b"tEXt") + b"more")

    assert seqtest("render", login, "--format", "png", "-o", "kept.png", "--check").exit_code == 0


@pytest.mark.parametrize(
    "arguments", [("--check",), ("--check", "--run", "--out-dir", "kept")], ids=["no place", "run"]
)
def test_a_check_that_could_say_nothing_is_refused(login, seqtest, arguments: tuple[str, ...]) -> None:
    """Without a place there is nothing to compare with, and no two runs are alike."""
    assert seqtest("render", login, *arguments).exit_code == 2


def test_an_unreadable_drawing_fails_the_check(login, broken, seqtest) -> None:
    """It is said, and the exit code is 3 while the others are current."""
    seqtest("render", login, "--format", "svg", "--out-dir", "kept")

    result = seqtest("render", login, broken, "--format", "svg", "--out-dir", "kept", "--check")

    assert result.exit_code == 3
    assert "broken.puml:3:" in result.stderr
