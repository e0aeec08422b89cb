"""Hostile text, wherever it comes from and wherever it goes: it is shown, and neither a terminal nor a page obeys it.

Escape sequences, control characters of both kinds, direction overrides and script tags stand in every field of a
drawing, in the headers and bodies that an application answers, and in a file's name.
"""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqtest.cli.main import main
from seqtest.render.markup import json_text

TEXT = "\x1b[31mred \x1b]0;t\x07 \u202eevil\u2066 <script>alert(1)</script> [[javascript:alert(1) x]] \x9b31m \x08"
STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
DRAWING = f"""\
@startuml h
title {TEXT}
participant "{TEXT}" as client <<{TEXT.replace(">", "")}>>
participant api
header {TEXT}
== {TEXT} ==
alt {TEXT}
  client -> api : GET /x
  note right : X-Thing: {TEXT}
  api --> client : 200 OK
  note left
    text = something else
  end note
else other {TEXT}
  client -> api : POST /y {TEXT}
  api --> client : 404
end
... {TEXT} ...
client -> api : tell {TEXT}
@enduml
"""
RUN = f"""\
@startuml run
title {TEXT}
participant "{TEXT}" as client
participant api
== {TEXT} ==
client -> api : GET /x
api --> client : 200 OK
note left
  text = something else
end note
@enduml
"""
APP = f"""\
import json
import seqtest

TEXT = {TEXT!r}


def app(environ, start_response):
    headers = [("Content-Type", "application/json"), ("X-Hostile", "<script>alert(1)</script> \\x1b[31m\\x9b")]
    start_response("200 OK", headers)
    return [json.dumps({{"text": TEXT, TEXT: TEXT, "long": "y" * 10_000}}, ensure_ascii=False).encode()]


@seqtest.plays("api")
def api():
    return app
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p seqtest.pytest_plugin.plugin\n")
    (tmp_path / "conftest.py").write_text(APP, encoding="utf-8")
    (tmp_path / "drawing.puml").write_text(DRAWING, encoding="utf-8")
    (tmp_path / "run.puml").write_text(RUN, encoding="utf-8")
    (tmp_path / "bad\x1b[31m\u202e.puml").write_text("@startuml\nA => B\n@enduml\n")
    return tmp_path


def said(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stdout + result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("render", "drawing.puml"),
        ("render", "drawing.puml", "--format", "mermaid"),
        ("render", "drawing.puml", "--format", "json"),
        ("render", "drawing.puml", "--format", "svg"),
        ("render", "run.puml", "--run"),
        ("render", "run.puml", "--run", "--format", "mermaid"),
        ("render", "run.puml", "--run", "--format", "json"),
        ("render", "run.puml", "--run", "--format", "svg"),
        ("check", "."),
        ("check", ".", "--format", "json"),
        ("check", ".", "--format", "github"),
        ("parse", "drawing.puml"),
        ("parse", "drawing.puml", "--json"),
        ("diff", "drawing.puml", "run.puml"),
        ("diff", "run.puml", "--run"),
        ("fmt", ".", "--check"),
        ("report", ".", "-o", "site"),
    ],
)
def test_what_a_command_says_steers_no_terminal(folder: Path, arguments: tuple[str, ...]) -> None:
    """Nothing but text and line ends, whatever the drawing, the answer or the file's name holds."""
    text = said(*arguments)

    assert len(text) > 20
    assert [hex(ord(found)) for found in STEERS.findall(text)] == []


def test_the_text_is_there_to_read(folder: Path) -> None:
    """In the picture and beside it what came is shown, without what acts."""
    shown = said("render", "run.puml", "--run")

    assert "evil" in shown
    assert "<script>" in shown


def test_a_page_and_a_picture_hold_no_script_of_it(folder: Path) -> None:
    """The report's pages have the scripts that they name, the picture has none, and no link runs anything."""
    said("report", ".", "-o", "site")
    pages = [path.read_text(encoding="utf-8") for path in (folder / "site").rglob("*.html")]
    pages.append(said("render", "run.puml", "--run", "--format", "svg"))

    assert len(pages) > 3
    for page in pages:
        assert "<script>" not in page
        assert not re.search(r"""href=["']?\s*javascript""", page, re.IGNORECASE)
        assert [hex(ord(found)) for found in STEERS.findall(page)] == []


def test_github_is_told_in_plain_words(folder: Path, monkeypatch: pytest.MonkeyPatch, pytester) -> None:
    """Annotations end where they should, and the summary holds no markup of the text's."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    result = pytester.runpytest_subprocess("--rootdir", str(folder), "-c", str(folder / "pytest.ini"), str(folder))
    commands = [line for line in result.outlines if line.startswith("::")]
    summary = (folder / "summary.md").read_text(encoding="utf-8")

    assert len(commands) >= 2
    assert [found for line in commands for found in STEERS.findall(line)] == []
    assert STEERS.findall(summary) == []
    outside = re.sub(r"(```+)\w*\n.*?\n\1\n", "", summary, flags=re.DOTALL)
    assert "<script" not in outside


def test_fmt_diff_on_a_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A patch is the text as it is; shown on a terminal it is not."""
    (folder / "drawing.puml").write_text(DRAWING.replace("client -> api : GET", "client->api:GET"), encoding="utf-8")
    from seqtest.cli import fmt

    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    assert STEERS.search(said("fmt", "--diff", "drawing.puml"))
    monkeypatch.setattr(fmt.sys, "stdout", Terminal(), raising=False)
    shown: list[str] = []
    monkeypatch.setattr(fmt.click, "echo", lambda text, **more: shown.append(text))
    with pytest.raises(SystemExit):
        fmt.fmt.callback(("drawing.puml",), False, True)  # type: ignore[misc]

    assert shown
    assert STEERS.findall("".join(shown)) == []


def test_json_is_safe_to_print_and_reads_back() -> None:
    """What steers is escaped, all else is as it was."""
    value = {TEXT: [TEXT, "äöü 日本 👩‍💻", 1]}

    assert json.loads(json_text(value)) == value
    assert STEERS.findall(json_text(value)) == []
    assert "日本 👩‍💻" in json_text(value)
