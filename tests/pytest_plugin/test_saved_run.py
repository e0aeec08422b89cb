"""`--seqtest-save FILE`: what a session saves, and where it refuses to."""

import json
from typing import Any

import pytest

PART = (
    "@startuml part\nparticipant client\nparticipant api\nclient -> api : GET /hello\napi --> client : 200\n@enduml\n"
)
INCLUDES = "@startuml\n!include parts/who.iuml\nclient -> api : GET /hello\napi --> client : 200 OK\n@enduml\n"


def saved(pytester: pytest.Pytester, name: str = "run.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((pytester.path / name).read_text())
    return found


@pytest.mark.parametrize("more", [(), ("-n", "2")])
def test_a_case_says_what_it_is_made_of(project: pytest.Pytester, more: tuple[str, ...]) -> None:
    """The drawing, what it includes and the flows that it uses, also where workers play."""
    (project.path / "parts").mkdir()
    (project.path / "parts/who.iuml").write_text("participant client\nparticipant api\n")
    (project.path / "includes.puml").write_text(INCLUDES)
    (project.path / "part.puml").write_text(PART)
    (project.path / "uses.puml").write_text(
        "@startuml\nparticipant client\nparticipant api\nref over client, api : part.puml\n"
        "client -> api : GET /hello\napi --> client : 200\n@enduml\n"
    )
    plugins = ("-p", "xdist") if more else ()
    project.runpytest_subprocess(*plugins, *more, "--seqtest-save", "run.json")
    cases = {case["file"]: case for case in saved(project)["cases"]}

    assert [*cases["includes.puml"]["made_of"]] == ["includes.puml", "parts/who.iuml"]
    assert [*cases["uses.puml"]["made_of"]] == ["part.puml", "uses.puml"]
    assert [*cases["part.puml"]["made_of"]] == ["part.puml"]


def test_equal_sessions_save_equal_cases(project: pytest.Pytester) -> None:
    """Only `made_at` and `real` differ, in whatever order the cases were played."""
    (project.path / "part.puml").write_text(PART)
    for name in ("a.json", "b.json"):
        project.runpytest_subprocess("--seqtest-save", name, "-o", "seqtest_start=2026-01-31T12:00:00Z")
    found = [saved(project, name) for name in ("a.json", "b.json")]
    for value in found:
        del value["made_at"], value["real"]
        for case in value["cases"]:
            del case["real"]

    assert found[0] == found[1]
    assert found[0]["cases"]


def test_a_session_without_cases_is_saved_as_one(project: pytest.Pytester) -> None:
    """Who watches wants to know that nothing is there any more."""
    project.runpytest_subprocess("--seqtest-save", "run.json")

    assert saved(project)["cases"] == []


@pytest.mark.parametrize("text", ["precious", '{"kind": "something else"}'])
def test_nothing_but_a_saved_run_is_overwritten(project: pytest.Pytester, text: str) -> None:
    """Before anything runs."""
    (project.path / "run.json").write_text(text)
    result = project.runpytest_subprocess("--seqtest-save", "run.json")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*SQ482*"])
    assert (project.path / "run.json").read_text() == text


def test_a_saved_run_is_replaced(project: pytest.Pytester, write, drawings) -> None:
    """And its place is said."""
    write("hello.puml", drawings.hello)
    for _ in range(2):
        result = project.runpytest_subprocess("--seqtest-save", "run.json")

    result.stdout.fnmatch_lines(["seqtest saved: run.json"])
    assert saved(project)["cases"]
