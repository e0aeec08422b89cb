"""What a session pays for the plugin, and how time grows: `pytest -m benchmark -s tests/benchmarks/test_growth.py`."""

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seqtest import api
from seqtest.diagram.read import read
from seqtest.exchange import Headers, Request, Response
from seqtest.source import Source

PLUGIN = ("-p", "seqtest.pytest_plugin.plugin")
RUNS = 40
CASES = 250
ARROWS = 500
LEEWAY = 1.6
"""Four times as much may take this much more than four times as long: machines are noisy, squares are not."""

CONFTEST = """\
import seqtest


@seqtest.plays("auth")
def auth():
    return lambda message: {"ok": True}
"""
FLOW = """@startuml
client -> auth : GET /{number}
auth --> client : 200 OK
note left: ok = true
@enduml
"""


def seconds(folder: Path, *options: str, code: int = 0, autoload: bool = False) -> float:
    """The wall time of one pytest process in the folder; by default no other plugin is loaded."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if not autoload:
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    begin = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options, "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    spent = time.perf_counter() - begin
    assert run.returncode == code, run.stdout[-2000:] + run.stderr[-1000:]
    return spent


def processor_seconds(folder: Path, *options: str) -> float:
    """The processor time of one pytest process in the folder, with every plugin that is installed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(folder, *options, autoload=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.benchmark
def test_a_session_without_diagrams(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no diagram, the installed plugin adds ten milliseconds of processor time at most."""
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n")
    processor_seconds(tmp_path)
    without, with_it = [], []
    for _ in range(RUNS):
        without.append(processor_seconds(tmp_path, "-p", "no:seqtest"))
        with_it.append(processor_seconds(tmp_path))

    # Pair by pair, for what else the machine does changes slowly.
    added = statistics.median(more - less for more, less in zip(with_it, without, strict=True))
    with capsys.disabled():
        print(
            f"\nwithout a diagram, {RUNS} pairs, medians of processor time: "
            f"-p no:seqtest {statistics.median(without) * 1000:.0f} ms ({min(without) * 1000:.0f} at best), "
            f"with the plugin {statistics.median(with_it) * 1000:.0f} ({min(with_it) * 1000:.0f}); "
            f"{added * 1000:.1f} ms more"
        )
    assert added < 0.010


@pytest.mark.benchmark
def test_collecting_grows_with_the_number_of_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Four times as many files are collected in four times the time: no file looks at the others."""
    spent = {}
    for cases in (0, CASES, 4 * CASES):
        folder = tmp_path / str(cases)
        folder.mkdir()
        (folder / "conftest.py").write_text(CONFTEST)
        for number in range(cases):
            (folder / f"flow_{number:04}.puml").write_text(FLOW.replace("{number}", str(number)))
        code = 0 if cases else pytest.ExitCode.NO_TESTS_COLLECTED
        spent[cases] = min(seconds(folder, *PLUGIN, "--collect-only", code=code) for _ in range(4))

    few, many = spent[CASES] - spent[0], spent[4 * CASES] - spent[0]
    with capsys.disabled():
        print(f"\ncollected: {CASES} cases {few * 1000:.0f} ms, {4 * CASES} cases {many * 1000:.0f} ms")
    assert many < 4 * LEEWAY * few


@pytest.mark.benchmark
def test_playing_grows_with_the_number_of_arrows(capsys: pytest.CaptureFixture[str]) -> None:
    """Four times as many arrows are played and judged in four times the time."""
    few, many = played(ARROWS), played(4 * ARROWS)

    with capsys.disabled():
        print(f"\nplayed: {ARROWS} arrows {few * 1000:.0f} ms, {4 * ARROWS} arrows {many * 1000:.0f} ms")
    assert many < 4 * LEEWAY * few


def played(arrows: int) -> float:
    """The best time of three for a flow of so many arrows, each pair of which hands a value on."""
    exchange = "client -> auth : GET /next\nnote right: seen = {n}\nauth --> client : 200\nnote left: n : integer\n"
    first = "client -> auth : GET /next\nauth --> client : 200\nnote left: n : integer\n"
    source = Source("long.puml", "@startuml\n" + first + exchange * (arrows // 2 - 1) + "@enduml\n")
    (scenario,) = api.cases(read(source)[0])
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        verdict = api.play(api.ready(scenario, {"auth": answer}))
        best = min(best, time.perf_counter() - begin)
        assert verdict.is_kept
        assert verdict.arrows_seen == arrows
    return best


def answer(message: object) -> Response:
    """Counts on from what it is sent."""
    assert isinstance(message, Request)
    seen = message.url.partition("seen=")[2]
    return Response(200, Headers([("Content-Type", "application/json")]), b'{"n": %d}' % (int(seen or 0) + 1))
