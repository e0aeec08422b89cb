"""Diagrams kept between sessions: used when nothing changed, never when something did."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seqtest.diagram.read import read
from seqtest.errors import Finding
from seqtest.pytest_plugin.cache import Entry
from seqtest.pytest_plugin.stored import NotStorable, restore, store
from seqtest.scenario.expand import expand
from seqtest.source import Source, Span

Write = Callable[[str, str], Path]


def entries(project: pytest.Pytester) -> list[Path]:
    return sorted((project.path / ".pytest_cache/d/seqtest").glob("*.bin"))


def is_parsed(monkeypatch: pytest.MonkeyPatch, project: pytest.Pytester, *arguments: str) -> bool:
    """Whether a run of the project reads a diagram's text."""
    seen: list[str] = []
    from seqtest import api

    real = api.read

    def noted(path: Path | str, **how: Any):
        seen.append(str(path))
        return real(path, **how)

    with monkeypatch.context() as patch:
        patch.setattr(api, "read", noted)
        result = project.runpytest(*arguments)
    assert result.parseoutcomes().get("passed")
    return bool(seen)


def test_the_second_run_reads_nothing(project, write: Write, drawings: SimpleNamespace, monkeypatch) -> None:
    """A file that did not change is taken from the cache."""
    write("hello.puml", drawings.hello)

    assert is_parsed(monkeypatch, project)
    assert not is_parsed(monkeypatch, project)


def test_a_change_is_seen(project, write: Write, drawings: SimpleNamespace) -> None:
    """One character changed in a file, and the file is read anew, whatever its time stamp says."""
    path = write("hello.puml", drawings.hello)
    stamp = path.stat()
    project.runpytest().assert_outcomes(passed=1)
    write("hello.puml", drawings.hello.replace("text = hello", "text = hallo"))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))

    project.runpytest().assert_outcomes(failed=1)


def test_a_change_of_a_used_flow_is_seen(project, write: Write, drawings: SimpleNamespace) -> None:
    """A flow that another one runs by `ref over` counts with it."""
    write("part.iuml", drawings.hello)
    write("whole.puml", "@startuml\nparticipant client\nparticipant api\nref over client, api : part.iuml\n@enduml\n")
    project.runpytest().assert_outcomes(passed=1)
    project.runpytest().assert_outcomes(passed=1)
    write("part.iuml", drawings.hello.replace("text = hello", "text = hallo"))

    project.runpytest().assert_outcomes(failed=1)


def test_files_of_the_preprocessor_are_always_read(
    project, write: Write, drawings: SimpleNamespace, monkeypatch
) -> None:
    """What they mean may depend on more than their text."""
    write("hello.puml", drawings.hello.replace("@startuml hello\n", "@startuml hello\n!$x = 1\n"))

    assert is_parsed(monkeypatch, project)
    assert is_parsed(monkeypatch, project)
    assert entries(project) == []


@pytest.mark.parametrize(
    "written",
    [
        "@startuml\n\u00a0!include part.iuml\n@enduml\n",
        "@startuml\n/' why '/ !include part.iuml\n@enduml\n",
        " * @startuml\n * !include part.iuml\n * @enduml\n",
        "@startuml\r!include part.iuml\r@enduml\r",
        "\ufeff!include part.iuml\n",
    ],
    ids=["a blank of another kind", "behind a comment", "decorated", "CR alone", "a BOM"],
)
def test_a_change_of_an_included_file_is_seen(project, write: Write, drawings: SimpleNamespace, written: str) -> None:
    """However the line with `!include` is written."""
    part = drawings.hello.partition("\n")[2].replace("@enduml\n", "")
    (project.path / "hello.puml").write_bytes(written.encode())
    write("part.iuml", part)
    project.runpytest().assert_outcomes(passed=1)
    write("part.iuml", part.replace("text = hello", "text = hallo"))

    project.runpytest().assert_outcomes(failed=1)


def test_a_damaged_entry_is_read_anew(project, write: Write, drawings: SimpleNamespace) -> None:
    """Bytes that hold no entry cost time, not a result."""
    write("hello.puml", drawings.hello)
    project.runpytest()
    for damage in (b"", b"nonsense", entries(project)[0].read_bytes()[:-40], store(("another", "value"))):
        entries(project)[0].write_bytes(damage)

        project.runpytest().assert_outcomes(passed=1)


def test_a_new_binding_is_seen(project, write: Write, drawings: SimpleNamespace) -> None:
    """A drawing that was left alone is a test when somebody binds a participant of it."""
    write("hello.puml", drawings.hello)
    write("conftest.py", "")
    assert project.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert project.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED
    write("other.py", "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'{}']\n")
    project.syspathinsert()

    project.runpytest("--seqtest-bind", "api=other:app").assert_outcomes(failed=1)


def test_errors_are_not_kept(project, write: Write, drawings: SimpleNamespace) -> None:
    """A file that cannot be read is reported each time."""
    write("broken.puml", drawings.broken)

    for _ in range(2):
        project.runpytest().stdout.fnmatch_lines(["*--> broken.puml:3:*"])
    assert entries(project) == []


def test_failures_from_the_cache_point_into_the_drawing(project, write: Write, drawings: SimpleNamespace) -> None:
    """Places and the lines they show are kept with what they belong to."""
    write("branches.puml", drawings.branches)
    cold = project.runpytest().stdout.lines
    warm = project.runpytest().stdout.lines

    start = next(place for place, line in enumerate(cold) if line.startswith("failed["))
    assert warm[start : start + 8] == cold[start : start + 8]


def test_without_a_cache_folder_all_works(project, write: Write, drawings: SimpleNamespace) -> None:
    """`-p no:cacheprovider` switches keeping off."""
    write("hello.puml", drawings.hello)

    project.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)
    assert entries(project) == []


def test_a_folder_that_cannot_be_written_keeps_nothing_from_running(
    project, write: Write, drawings: SimpleNamespace
) -> None:
    """A checkout that is mounted for reading only, for instance: it is not the drawings that cannot be opened."""
    write("hello.puml", drawings.hello)
    (project.path / "cache").write_text("a file where the folder would be")

    project.runpytest("-o", "cache_dir=cache").assert_outcomes(passed=1)


def test_a_warm_run_imports_no_parser_and_no_http_client(project, write: Write, drawings: SimpleNamespace) -> None:
    """The green path loads neither Lark nor requests, responses, rich, click or cryptography."""
    write("hello.puml", drawings.hello)
    write("sub/conftest.py", "import sys\ndef pytest_unconfigure():\n    print('LOADED', *sys.modules)\n")
    command = [sys.executable, "-m", "pytest", "-s", "sub", "hello.puml"]
    subprocess.run(command, cwd=project.path, capture_output=True, check=True)

    done = subprocess.run(command, cwd=project.path, capture_output=True, text=True, check=True)

    loaded = set(next(line for line in done.stdout.splitlines() if line.startswith("LOADED")).split())
    assert "seqtest.run.drive" in loaded
    assert not {"lark", "requests", "responses", "rich", "click", "cryptography", "jwt", "httpx"} & loaded


def test_what_is_stored_is_restored() -> None:
    """Equal, and what was shared is shared again."""
    source = Source("a.puml", "@startuml\nalt x\na -> b : GET /\nb --> a : 200 OK\nelse\na -> b : hi\nend\n@enduml\n")
    diagram = read(source)[0]
    entry = Entry("key", (diagram,), (tuple(expand(diagram)),), ())

    found = restore(store(entry))

    assert found == entry
    assert found.cases[0][0].diagram is found.diagrams[0]
    assert found.cases[0][0].steps[0].span.source is found.diagrams[0].source
    assert found.cases[0][0].steps[0].span.text == "a -> b : GET /"


@pytest.mark.parametrize("value", [(1, 2.5, "x", None, True, b"y"), {"a": (1,), "b": [2]}, frozenset({1}), ((), ())])
def test_plain_values_are_restored(value: object) -> None:
    """Containers keep their kind."""
    found = restore(store(value))

    assert found == value
    assert type(found) is type(value)


def test_values_nested_too_deep_are_refused() -> None:
    """They are read from the drawing each time."""
    value: tuple[object, ...] = ()
    for _ in range(100_000):
        value = (value,)

    with pytest.raises(NotStorable):
        store(value)


@pytest.mark.parametrize("value", [object(), lambda: None, Path("x"), subprocess.CompletedProcess([], 0)])
def test_other_values_are_refused(value: object) -> None:
    """Only plain data and seqtest's own dataclasses are stored."""
    with pytest.raises(NotStorable):
        store(value)


@pytest.mark.parametrize("value", [("a", [int]), subprocess.run, Path])
def test_classes_and_functions_are_never_read_back(value: object) -> None:
    """They are written by their names, and those are not found."""
    with pytest.raises(ValueError, match="no stored value"):
        restore(store(value))


def test_only_dataclasses_of_seqtest_are_made() -> None:
    """Bytes that name another class make nothing."""
    data = store(Finding("SQ101", "x", Span(1, 1, 1, 2)))

    assert restore(data) == Finding("SQ101", "x", Span(1, 1, 1, 2))


@pytest.mark.parametrize(
    "name", ["subprocess Popen", "builtins eval", "posix system", "seqtest.errors lay_out", "seqtest.api Path"]
)
def test_no_other_name_is_found(name: str) -> None:
    """Neither functions, nor other classes, nor what seqtest's modules import."""
    named = b"c" + name.replace(" ", "\n").encode() + b"\n"
    assert pickle.loads(named + b".")

    for data in (named + b".", named + b"(S'1'\ntR."):
        with pytest.raises(ValueError, match="no stored value"):
            restore(data)
