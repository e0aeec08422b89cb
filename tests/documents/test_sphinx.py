"""Real builds with Sphinx."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("sphinx")
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

PAGE = """\
Flows
=====

.. seqtest:: ../flows/login.puml
"""
pytestmark = pytest.mark.filterwarnings("ignore")  # Sphinx's own, of its dependencies


class Built(NamedTuple):
    code: int
    warnings: str
    read: list[str]
    out: Path

    def page(self, name: str = "index.html") -> str:
        return (self.out / name).read_text()


@pytest.fixture
def build(project: Path):  # type: ignore[no-untyped-def]
    """Build the documents, anew or on top of the build before."""

    def run(builder: str = "html", *, parallel: int = 0, **config: object) -> Built:
        (project / "docs/conf.py").touch()
        warnings, read = io.StringIO(), []
        out = project / f"out-{builder}"
        settings = {"extensions": ["seqtest.documents.sphinx"], "html_theme": "basic", **config}
        with patch_docutils(str(project / "docs")), docutils_namespace():
            app = Sphinx(
                project / "docs", project / "docs", out, project / f"trees-{builder}", builder,
                settings, None, warnings, parallel=parallel,
            )  # fmt: skip
            app.connect("source-read", lambda app, docname, source: read.append(docname))
            app.build()
        return Built(app.statuscode, warnings.getvalue(), read, out)

    return run


@pytest.fixture
def write(project: Path):  # type: ignore[no-untyped-def]
    """Write a document: options of its one directive, or its whole text."""

    def page(*options: str, text: str = PAGE, name: str = "index") -> None:
        lines = "".join(f"   :{option}:\n" if ":" not in option else f"   :{option}\n" for option in options)
        (project / f"docs/{name}.rst").write_text(text + lines)

    return page


def test_a_flow_is_shown(build, write) -> None:
    """The picture stands in the page, with its caption and a link to a copy of the source."""
    write("caption: How to *log in*", "name: fig-login", "code")
    built = build()
    page = built.page()

    assert (built.code, built.warnings) == (0, "")
    svg = page[page.index("<svg") : page.index("</svg>") + 6]
    ET.fromstring(svg)
    assert 'id="seqtest-index-0-0-msg1"' in svg
    assert "How to <em>log in</em>" in page
    assert 'href="_downloads/' in page
    assert "password is wrong" in page[page.index("</svg>") :]
    assert "cases kept" not in page
    assert (built.out / "_static/seqtest.css").exists()


def test_a_run_is_shown_with_verdict_and_date(build, write, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the source is linked where the configuration says it can be read."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    write("run")
    page = build(seqtest_source_url="https://code.example/{path}#L{line}").page()

    assert "✓ 2 cases kept</span> 2001-09-09 01:46 UTC" in page
    assert 'href="https://code.example/flows/login.puml#L1"' in page


def test_a_red_flow_fails_this_build_and_the_next(build, write, spoil) -> None:
    """The warning is at the broken promise; it stays red until it is mended, whatever is read again."""
    write("run")
    spoil()
    built = build()
    again = build(seqtest_rerun="changed")
    spoil(False)
    mended = build(seqtest_rerun="changed")

    assert built.code == again.code == 1
    assert "flows/login.puml:29: WARNING: failed[SQ550]" in built.warnings
    assert "ERROR: flows in the documents do not hold" in again.warnings
    assert "2 cases kept" in mended.page()
    assert (mended.code, mended.warnings) == (0, "")


def test_a_red_flow_may_be_let_pass(build, write, spoil) -> None:
    """When the configuration says so; the warning stays."""
    write("run")
    spoil()
    built = build(seqtest_fail=False)

    assert built.code == 0
    assert "failed[SQ550]" in built.warnings
    assert "✗ 1 of 2 cases failed" in built.page()


def test_a_scenario_is_shown_as_it_ran(build, write) -> None:
    """Its picture has marks."""
    write("scenario: password-is-wrong")
    page = build().page()

    assert 'data-state="passed"' in page
    assert "✓ kept" in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            ".. seqtest:: ../flows/none.puml\n",
            "docs/index.rst:4: WARNING: flows/none.puml cannot be shown: there is no such file",
        ),
        (".. seqtest:: ../../x.puml\n", "is outside the project"),
        (".. seqtest:: ../flows/login.puml\n   :committed: none.svg\n", "docs/none.svg is missing"),
    ],
)
def test_what_cannot_be_shown_fails_the_build(build, write, text: str, words: str) -> None:
    """A missing file, one outside, a rendering that is not there."""
    write(text=f"Flows\n=====\n\n{text}")
    built = build()

    assert built.code == 1
    assert words in built.warnings


def test_an_unknown_option_is_docutils_error(build, write) -> None:
    """At the directive's line."""
    write("nonsense")
    built = build()

    assert "docs/index.rst:4: ERROR:" in built.warnings
    assert 'unknown option: "nonsense"' in built.warnings


def test_an_unreadable_drawing_is_told_at_its_line(build, write, login: Path) -> None:
    """In Sphinx's own way, with the excerpt."""
    login.write_text("@startuml\nA => B\n@enduml\n")
    write()
    built = build()

    assert built.code == 1
    assert "flows/login.puml:2:3: WARNING: error[SQ101]" in built.warnings
    assert "^^" in built.warnings


def test_only_what_changed_is_read_again(build, write, login: Path, project: Path) -> None:
    """A document depends on its drawing and on what that includes; others are left alone."""
    (project / "flows/who.iuml").write_text("participant A\n")
    login.write_text("@startuml\n!include who.iuml\nA -> B : x\n@enduml\n")
    write()
    write(text="Other\n=====\n", name="other")
    assert sorted(build(nitpicky=False).read) == ["index", "other"]
    assert build().read == []
    (project / "flows/who.iuml").write_text('participant "Somebody else" as A\n')
    built = build()

    assert built.read == ["index"]
    assert "Somebody else" in built.page()


def test_what_runs_is_run_in_every_build(build, write) -> None:
    """The application may have changed and not the drawing; `seqtest_rerun = "changed"` looks at the drawing alone."""
    write("run")
    build()

    assert build().read == ["index"]
    assert build(seqtest_rerun="changed").read == []


def test_documents_are_read_in_parallel(build, write, spoil) -> None:
    """With the same result: each page has its picture, and a red flow in any of them fails the build."""
    spoil()
    toctree = "Flows\n=====\n\n.. toctree::\n\n" + "".join(f"   page{number}\n" for number in range(6))
    write(text=toctree)
    for number in range(6):
        write(*(["run"] if number == 3 else []), name=f"page{number}")
    built = build(parallel=2)

    assert built.code == 1
    assert "flows/login.puml:29: WARNING" in built.warnings
    assert all("<svg" in built.page(f"page{number}.html") for number in range(6))


def test_other_writers_show_it_too(build, write) -> None:
    """LaTeX as PDF, plain text and manual pages as text."""
    pytest.importorskip("typst")
    write("run")
    latex, text = build("latex"), build("text")

    assert "sphinxincludegraphics" in next(latex.out.glob("*.tex")).read_text()
    assert next(latex.out.glob("seqtest-*.pdf")).read_bytes().startswith(b"%PDF")
    assert "─ POST /oauth/token ─►" in text.page("index.txt")
    assert "✓ 2 cases kept" in text.page("index.txt")


def test_without_the_extra_latex_has_text(build, write, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a warning says what to install."""
    import sys

    monkeypatch.setitem(sys.modules, "typst", None)
    write()
    built = build("latex")

    assert "SQ464" in built.warnings
    assert "POST /oauth/token" in next(built.out.glob("*.tex")).read_text()


def test_hostile_text_stays_text(build, write, login: Path) -> None:
    """In names, labels, titles and captions."""
    login.write_text(
        '@startuml\ntitle <script>t()</script>\nA -> "<img src=x onerror=a()>" : </svg><script>l()</script>\n@enduml\n'
    )
    write("caption: <script>c()</script>", "code")
    page = build().page()

    assert "<script>t(" not in page
    assert "<script>l(" not in page
    assert "<script>c(" not in page
    assert "<img src=x" not in page
