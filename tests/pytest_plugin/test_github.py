"""What GitHub Actions is told: annotations at the drawing's lines, and the job's summary."""

from pathlib import Path

import pytest

WRONG = """\
@startuml flow
participant client
participant api
alt kept
  client -> api : GET /hello
  api --> client : 200 OK
else wrong
  client -> api : GET /hello
  note right : Authorization: Bearer a-very-secret-token-nobody-may-see
  api --> client : 200 OK
  note left : text = 50%, bye
end
@enduml
"""


@pytest.fixture
def summary(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run as by GitHub Actions; the file for the job's summary."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.path.parent))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path / "summary.md"))
    for name, value in (("SERVER_URL", "https://github.example"), ("REPOSITORY", "o/r"), ("SHA", "abc")):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    return project.path / "summary.md"


def commands(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.startswith("::")]


def test_a_broken_promise_is_annotated_at_its_line(project: pytest.Pytester, write, summary: Path) -> None:
    """With the path from the repository's root, columns, and what GitHub would take for marks escaped."""
    write("flows/flow.puml", WRONG)
    result = project.runpytest()
    (line,) = commands(result)
    properties, _, message = line.removeprefix("::error ").partition("::")

    assert f"file={project.path.name}/flows/flow.puml,line=11," in properties
    assert properties.startswith("title=SQ5")
    assert "in flow.puml%3A%3Awrong" in properties
    assert "50%25, bye" in message
    assert "%0Aexpected: " in message


def test_an_unreadable_line_is_annotated(project: pytest.Pytester, write, drawings, summary: Path) -> None:
    """It is an error like any other."""
    write("flows/broken.puml", drawings.broken)
    (line,) = commands(project.runpytest())

    assert line.startswith("::error title=SQ101 in broken.puml%3A%3Aunreadable,")
    assert "/flows/broken.puml,line=3,col=8,endColumn=9::" in line


def test_an_unreadable_line_is_annotated_where_nothing_is_run(project, write, drawings, summary: Path) -> None:
    """`--collect-only`, and a diagram of several or a case that is asked for by its name."""
    write("two.puml", f"{drawings.broken}{drawings.hello}")
    for more in (["--collect-only"], ["--collect-only", "two.puml::hello"], ["two.puml::hello"], ["two.puml::a::b"]):
        (line,) = commands(project.runpytest(*more))

        assert line.startswith("::error title=SQ101 in two.puml")
        assert "two.puml,line=3,col=8,endColumn=9::" in line


def test_the_summary_shows_what_happened(project: pytest.Pytester, write, summary: Path) -> None:
    """How many failed, each with a link to its line, its picture and its findings; secrets are masked."""
    write("flows/flow.puml", WRONG)
    result = project.runpytest()
    text = summary.read_text()

    assert text.startswith("### ❌ seqtest: 1 of 2 cases failed\n")
    assert "#### flow.puml::wrong" in text
    link = f"https://github.example/o/r/blob/abc/{project.path.name}/flows/flow.puml#L11"
    assert f"/flows/flow.puml:11]({link})" in text
    assert "```mermaid\n" in text
    assert "✗ " in text
    assert "failed[SQ5" in text
    assert "nobody-may-see" not in text
    assert "nobody-may-see" not in "\n".join(commands(result))


def test_a_green_session_says_what_it_proved(project: pytest.Pytester, write, drawings, summary: Path) -> None:
    """In one line, behind what earlier steps wrote."""
    summary.write_text("earlier\n")
    write("flows/hello.puml", drawings.hello)
    result = project.runpytest()

    assert commands(result) == []
    assert summary.read_text().startswith("earlier\n### ✅ seqtest: 1 case kept\n\n1 case kept: 2 arrows seen")


def test_a_session_without_flows_says_nothing(project: pytest.Pytester, summary: Path) -> None:
    """Neither do failing tests in Python: pytest's own plugins speak of them."""
    project.makepyfile("def test_it(): assert False")
    result = project.runpytest()

    assert commands(result) == []
    assert not summary.exists()


@pytest.mark.parametrize(
    ("environment", "arguments", "ini", "speaks"),
    [
        ("true", (), "", True),
        ("true", ("--seqtest-github=off",), "", False),
        ("true", (), "seqtest_github = off", False),
        ("", (), "", False),
        ("", ("--seqtest-github=on",), "seqtest_github = off", True),
        ("", (), "seqtest_github = on", True),
    ],
)
def test_it_is_switched(
    project: pytest.Pytester, write, summary: Path, monkeypatch: pytest.MonkeyPatch,
    environment: str, arguments: tuple[str, ...], ini: str, speaks: bool,
) -> None:  # fmt: skip
    """By where it runs, by the ini file, and over both by the command line."""
    monkeypatch.setenv("GITHUB_ACTIONS", environment)
    project.makeini(f"[pytest]\naddopts = -p seqtest\n{ini}\n")
    write("flows/flow.puml", WRONG)

    assert bool(commands(project.runpytest(*arguments))) is speaks
    assert summary.exists() is speaks


def test_a_wrong_word_is_a_usage_error(project: pytest.Pytester) -> None:
    """Rather than something that is silently off."""
    project.makeini("[pytest]\naddopts = -p seqtest\nseqtest_github = yes\n")
    result = project.runpytest()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*seqtest_github wants auto, on or off, got 'yes'*"])


def test_a_summary_that_cannot_be_written_is_told(project: pytest.Pytester, write, summary: Path, monkeypatch) -> None:
    """The session's result stays what it is."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path / "no/such/folder/summary.md"))
    write("flows/flow.puml", WRONG)
    result = project.runpytest()

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["seqtest could not write the job's summary: *"])


def test_workers_speak_through_their_controller(project: pytest.Pytester, write, summary: Path) -> None:
    """With pytest-xdist each annotation is there once, and one summary."""
    pytest.importorskip("xdist")
    write("flows/flow.puml", WRONG)
    result = project.runpytest_subprocess("-p", "xdist", "-n", "2")

    assert len(commands(result)) == 1
    assert summary.read_text().count("### ❌ seqtest: 1 of 2 cases failed") == 1
