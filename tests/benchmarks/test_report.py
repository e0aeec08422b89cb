"""How long the HTML report of many flows takes: `pytest -m benchmark -s tests/benchmarks/test_report.py`."""

import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pytest

FLOW = (Path(__file__).parents[2] / "diagrams/opaque-token.puml").read_text()
CASES = 1_000
MOST_SECONDS = 20.0
PLUGIN = ("-p", "seqtest.pytest_plugin.plugin", "-p", "no:cacheprovider")


def seconds(folder: Path, *options: str) -> float:
    """The processor time of one pytest process in the folder, no other plugin loaded."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", *PLUGIN, *options, "flows"]
    before = getrusage(RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    after = getrusage(RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-1000:]
    assert f"{CASES} passed" in done.stdout
    return spent


@pytest.mark.benchmark
def test_a_thousand_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Running 1,000 cases of six to ten messages and writing their report takes under 20 seconds more than running."""
    (tmp_path / "flows").mkdir()
    for number in range(CASES // 2):
        text = FLOW.replace("startuml opaque-token", f"startuml flow-{number}")
        (tmp_path / f"flows/flow-{number}.puml").write_text(text)

    alone = seconds(tmp_path)
    reported = seconds(tmp_path, "--seqtest-report", "out")

    report = tmp_path / "out"
    size = sum(path.stat().st_size for path in report.rglob("*") if path.is_file())
    with capsys.disabled():
        print(f"\n{CASES} cases: {alone:.1f} s without, {reported:.1f} s with their report of {size / 1e6:.0f} MB")
        print(f"index.html {(report / 'index.html').stat().st_size / 1e3:.0f} kB")
    assert len(list((report / "flows").iterdir())) == CASES
    assert reported - alone < MOST_SECONDS
