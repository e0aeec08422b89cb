"""`--seqtest-report DIR`: what is written, when, and what is never written over."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seqtest.pytest_plugin import html

DATED = "[pytest]\naddopts = -p seqtest\nseqtest_start = 2026-01-31T12:00:00Z\n"


def index(project: pytest.Pytester, folder: str = "out") -> str:
    return (project.path / folder / "index.html").read_text(encoding="utf-8")


def pages(project: pytest.Pytester, folder: str = "out") -> list[str]:
    return sorted(path.name for path in (project.path / folder / "flows").iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_case_has_a_page(project, write, drawings) -> None:
    """Kept, broken and unreadable ones; the summary says where."""
    write("branches.puml", drawings.branches)
    write("broken.puml", drawings.broken)

    result = project.runpytest("--seqtest-report", "out")

    result.assert_outcomes(passed=2, failed=1, errors=1)
    result.stdout.fnmatch_lines(["seqtest report: out/index.html"])
    assert len(pages(project)) == 4
    assert "2 of 4 cases not kept" in index(project)
    assert "broken.puml-unreadable.html" in pages(project)


LOADED = """
def pytest_unconfigure():
    import sys

    assert not {"seqtest.render.html.report", "jinja2"} & {*sys.modules}
"""


def test_without_the_option_nothing_is_written_and_nothing_loaded(project, write, drawings) -> None:
    """No folder, no template, no Jinja2."""
    write("hello.puml", drawings.hello)
    project.makeconftest((project.path / "conftest.py").read_text() + LOADED)

    result = project.runpytest_subprocess()

    result.assert_outcomes(passed=1)
    assert result.ret == 0
    assert not list(project.path.rglob("*.html"))


def test_workers_and_one_process_write_the_same(project, write, drawings) -> None:
    """Under pytest-xdist every byte but the real times is the same, whatever the order."""
    project.makeini(DATED)
    write("branches.puml", drawings.branches)
    write("hello.puml", drawings.hello)
    write("broken.puml", drawings.broken)

    project.runpytest_subprocess("--seqtest-report", "one")
    project.runpytest_subprocess("-p", "xdist", "-n", "2", "--seqtest-report", "two")

    one, two = contents(project.path / "one"), contents(project.path / "two")
    assert set(one) == set(two)
    assert {name for name in one if one[name] != two[name]} <= {"times.js"}
    assert len(one) > 8


def test_what_was_not_run_is_counted(project, write, drawings) -> None:
    """`-x` stops; the report has what was run and says how much was not."""
    write("a_broken.puml", drawings.broken)
    write("hello.puml", drawings.hello)
    write("branches.puml", drawings.branches)

    project.runpytest("-x", "--seqtest-report", "out")

    assert pages(project) == ["a_broken.puml-unreadable.html"]
    assert "4 more cases were collected and not run" in index(project)


def test_the_last_failed_alone(project, write, drawings) -> None:
    """`--lf` makes a report of what it runs, in the place of the earlier one, whose other pages go."""
    write("branches.puml", drawings.branches)
    project.runpytest("-p", "cacheprovider", "--seqtest-report", "out")
    assert len(pages(project)) == 3

    result = project.runpytest("-p", "cacheprovider", "--lf", "--seqtest-report", "out")

    result.assert_outcomes(failed=1)
    assert pages(project) == ["branches.puml-the-drawing-is-wrong.html"]


def test_collecting_alone_writes_nothing(project, write, drawings) -> None:
    """`--collect-only` runs no case."""
    write("hello.puml", drawings.hello)

    project.runpytest("--collect-only", "--seqtest-report", "out")

    assert not (project.path / "out").exists()


@pytest.mark.parametrize("arguments", [("nowhere.puml",), ("-k", "nonsense")])
def test_a_session_without_cases_leaves_the_earlier_report(arguments, project, write, drawings) -> None:
    """A slip on the command line loses nothing."""
    write("hello.puml", drawings.hello)
    project.runpytest("--seqtest-report", "out")
    before = contents(project.path / "out")

    project.runpytest("--seqtest-report", "out", *arguments)

    assert contents(project.path / "out") == before


def test_a_folder_with_files_is_refused(project, write, drawings) -> None:
    """Before anything is run; what is in it stays."""
    write("hello.puml", drawings.hello)
    write("docs/mine.txt", "mine")

    result = project.runpytest("--seqtest-report", "docs")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*SQ467*docs*", "*got:*no seqtest-report.json*"])
    result.stdout.no_fnmatch_line("*passed*")
    assert contents(project.path / "docs") == {"mine.txt": b"mine"}


def test_a_file_is_refused(project, write, drawings) -> None:
    """The name of a file is no folder's."""
    write("hello.puml", drawings.hello)

    result = project.runpytest("--seqtest-report", "hello.puml")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*SQ467*", "*it is no folder*"])
    assert (project.path / "hello.puml").read_text() == drawings.hello


def test_files_that_are_not_the_reports_own_stay(project, write, drawings) -> None:
    """Somebody's note in the folder of an earlier report survives the next one."""
    write("hello.puml", drawings.hello)
    project.runpytest("--seqtest-report", "out")
    write("out/note.txt", "mine")
    write("out/flows/note.txt", "mine")

    project.runpytest("--seqtest-report", "out")

    assert (project.path / "out/note.txt").read_text() == "mine"
    assert (project.path / "out/flows/note.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "manifest", ["nonsense", "[]", '{"files": ["../hello.puml"]}', '{"files": ["/etc/passwd"]}', '{"files": [1]}']
)
def test_a_list_of_files_that_reaches_out_is_refused(manifest, project, write, drawings) -> None:
    """Nothing outside of the folder is ever taken away."""
    write("hello.puml", drawings.hello)
    write("out/seqtest-report.json", manifest)

    result = project.runpytest("--seqtest-report", "out", "-k", "hello")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert (project.path / "hello.puml").read_text() == drawings.hello
    assert (project.path / "out/seqtest-report.json").read_text() == manifest


def test_what_cannot_be_written_is_said_and_fails(project, write, drawings) -> None:
    """A page that stands in the way as a folder: an error in the summary, and not exit code 0."""
    write("hello.puml", drawings.hello)
    project.runpytest("--seqtest-report", "out")
    (project.path / "out/index.html").unlink()
    (project.path / "out/index.html").mkdir()

    result = project.runpytest("--seqtest-report", "out")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: *SQ467*"])


def test_an_error_in_a_users_own_code_is_a_case(project, write, drawings) -> None:
    """A fixture that raises: the page says what it said; a skipped case says why."""
    write("hello.puml", drawings.hello)
    project.makeconftest(
        "import pytest, seqtest\n\n@pytest.fixture\ndef db():\n    raise RuntimeError('no database today')\n\n"
        "@seqtest.plays('api')\ndef api(db):\n    return lambda message: None\n"
    )

    project.runpytest("--seqtest-report", "out")

    (name,) = pages(project)
    page = (project.path / "out/flows" / name).read_text()
    assert "no database today" in page
    assert "Why there is no answer" in page
    assert "Saying hello" in page


def test_what_a_user_said_in_an_error_has_no_secret(project, write, drawings) -> None:
    """A password from the command line, and one that the drawing writes out, are cut where an exception quotes them."""
    write(
        "hello.puml", drawings.hello.replace("client ->", "note over client : password = looking-glass\nclient ->", 1)
    )
    project.makeconftest(
        "import seqtest\n\n@seqtest.plays('api')\ndef api():\n"
        "    raise RuntimeError('cannot log in with wonderland-1 or looking-glass')\n"
    )

    project.runpytest("--seqtest-report", "out", "--seqtest-var", "password=wonderland-1")

    text = "".join(path.read_text() for path in (project.path / "out").rglob("*.html"))
    assert "cannot log in with" in text
    assert "wonderland-1" not in text
    assert "looking-glass" not in text


def test_a_python_file_that_cannot_be_imported(project, write, drawings) -> None:
    """It ends the session, and the earlier report stays; where pytest is to go on, the flows are reported."""
    write("hello.puml", drawings.hello)
    write("test_x.py", "import nothing_of_that_name\n")

    stopped = project.runpytest("--seqtest-report", "out")
    stopped.stdout.fnmatch_lines(["seqtest report: no case was run, so none was written"])
    assert not (project.path / "out").exists()
    project.runpytest("--seqtest-report", "out", "--continue-on-collection-errors")
    assert pages(project) == ["hello.puml-hello.html"]


def test_a_skipped_case_is_neither_kept_nor_broken(project, write, drawings) -> None:
    """It is there with its reason."""
    write("hello.puml", drawings.hello)
    project.makeconftest(
        (project.path / "conftest.py").read_text()
        + "\ndef pytest_collection_modifyitems(items):\n    import pytest\n"
        + "    for item in items:\n        item.add_marker(pytest.mark.skip(reason='not today'))\n"
    )

    project.runpytest("--seqtest-report", "out")

    assert "not today" in index(project)
    assert 'data-state="skipped"' in index(project)


MESS = """
import pytest


@pytest.fixture(autouse=True)
def leaves_a_mess():
    yield
    raise RuntimeError("a mess")
"""


def test_a_teardown_that_fails_leaves_what_was_played(project, write, drawings) -> None:
    """The case is an error, and its picture is still there."""
    write("hello.puml", drawings.hello)
    project.makeconftest((project.path / "conftest.py").read_text() + MESS)

    project.runpytest("--seqtest-report", "out")

    (name,) = pages(project)
    page = (project.path / "out/flows" / name).read_text()
    assert "a mess" in page
    assert "data-occurrences" in page
    assert 'data-state="error"' in index(project)


def test_a_document_has_its_own_lines(project, write, drawings) -> None:
    """A flow in a Markdown file is shown with the document's line numbers."""
    project.makeini("[pytest]\naddopts = -p seqtest\nseqtest_documents = *.md\n")
    write("README.md", f"# Hello\n\n```plantuml\n{drawings.hello}```\n")

    project.runpytest("--seqtest-report", "out").assert_outcomes(passed=1)

    (name,) = pages(project)
    page = (project.path / "out/flows" / name).read_text()
    assert 'id="L4"' in page
    assert 'id="L3"' not in page
    assert page.count("data-occurrences") == 2


def test_two_cases_are_set_side_by_side(project, write, drawings) -> None:
    """`--seqtest-report-compare LEFT RIGHT`; one that was not played is an error."""
    write("hello.puml", drawings.hello)
    write("branches.puml", drawings.branches)
    pair = ("--seqtest-report-compare", "hello.puml", "branches.puml::nothing-is-there")

    project.runpytest("--seqtest-report", "out", *pair)
    (page,) = (project.path / "out/compare").iterdir()
    result = project.runpytest("--seqtest-report", "out", "hello.puml", *pair)

    assert page.name == "hello.puml-hello--branches.puml-nothing-is-there.html"
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: branches.puml::nothing-is-there: no such case was played*"])
    assert not list((project.path / "out").rglob("*--*.html"))


def test_real_times_are_in_one_file(project, write, drawings) -> None:
    """`times.js` holds how long each case took; no page does."""
    write("hello.puml", drawings.hello)

    project.runpytest("--seqtest-report", "out")

    times = (project.path / "out/times.js").read_text()
    value = json.loads(times.removeprefix("window.seqtestTimes=").removesuffix(";\n"))
    (whole, total, _) = value["flows"]["hello.puml-hello"]
    assert whole >= (total or 0) > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value["at"])


def config(*, verbose: int = 0, has_terminal: bool = True) -> Any:
    manager = SimpleNamespace(has_plugin=lambda name: has_terminal and name == "terminalreporter")
    return SimpleNamespace(pluginmanager=manager, option=SimpleNamespace(verbose=verbose))


@pytest.mark.parametrize(
    ("pages", "is_terminal", "ci", "options", "is_shown"),
    [
        (1000, True, "", {}, True),
        (10, True, "", {}, False),
        (1000, False, "", {}, False),
        (1000, True, "true", {}, False),
        (1000, True, "", {"verbose": -1}, False),
        (1000, True, "", {"has_terminal": False}, False),
    ],
)
def test_a_bar_where_it_takes_long_and_somebody_looks(
    pages, is_terminal, ci, options, is_shown, monkeypatch, capsys
) -> None:
    """On a terminal, for many pages; not under -q, not on a build server. All files pass through it either way."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("TERM", "xterm")
    files = [(f"{number}.html", "") for number in range(20)]

    with html._progress(config(**options), pages) as shown:
        through = shown(files)
        assert (through is not files) == is_shown
        assert list(through) == files
