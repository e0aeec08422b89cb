"""One flow of six requests, a hundred times: drawn and run by seqtest, and written by hand with `requests`."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "six_requests"
FILES = 100
PAIRS = 5

CONFTEST = """\
import seqtest
from shop import create_app


@seqtest.plays("auth")
def auth():
    return create_app()
"""


def handwritten(folder: Path) -> None:
    for number in range(FILES):
        shutil.copy(HERE / "handwritten.py.txt", folder / f"test_flow_{number:03}.py")


def drawn(folder: Path) -> None:
    (folder / "conftest.py").write_text(CONFTEST)
    for number in range(FILES):
        shutil.copy(HERE / "flow.puml.txt", folder / f"flow_{number:03}.puml")


def seconds(folder: Path, *options: str, writes_bytecode: bool = True) -> float:
    """The wall time of one pytest process that runs everything in the folder; all hundred must pass."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "" if writes_bytecode else "1"}
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
    assert f"{FILES} passed" in run.stdout, run.stdout[-3000:] + run.stderr[-1000:]
    return spent


def forget(folder: Path) -> None:
    """What earlier runs left there: bytecode of tests, and diagrams that were read."""
    for name in (".pytest_cache", "__pycache__"):
        shutil.rmtree(folder / name, ignore_errors=True)


@pytest.mark.benchmark
@pytest.mark.parametrize("which", ["first run", "later runs", "later runs, bytecode not written"])
def test_a_hundred_flows_against_a_hundred_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    """Both sides pass a hundred times; the ratio of their wall times is printed.

    A first run is that of a fresh checkout, as on CI; in later ones pytest has the bytecode of the hand-written tests,
    but where `PYTHONDONTWRITEBYTECODE` is set, as in many containers, and seqtest the diagrams that it read.
    """
    is_first, writes_bytecode = which == "first run", "not written" not in which
    sides = {}
    for name, write in (("hand-written", handwritten), ("seqtest", drawn)):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(HERE / "shop.py", folder)
        (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
        write(folder)
        sides[name] = folder
    options = {"hand-written": (), "seqtest": ("-p", "seqtest.pytest_plugin.plugin")}
    for name, folder in sides.items():
        # The libraries' bytecode is there in any case.
        seconds(folder, *options[name], writes_bytecode=writes_bytecode)

    ratios, times = [], {name: [] for name in sides}
    for _ in range(PAIRS):
        for name, folder in sides.items():
            if is_first:
                forget(folder)
            times[name].append(seconds(folder, *options[name], writes_bytecode=writes_bytecode))
        ratios.append(times["seqtest"][-1] / times["hand-written"][-1])

    with capsys.disabled():
        medians = ", ".join(f"{name} {statistics.median(spent):.2f} s" for name, spent in times.items())
        print(
            f"\nsix requests, {FILES} files, {which}: {medians}; ratio {statistics.median(ratios):.2f} ({PAIRS} pairs)"
        )
