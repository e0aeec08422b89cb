"""The grammar's acceptance table: more than 650 short sources with what PlantUML 1.2026.2 was seen to make of them."""

import re
import sys
from pathlib import Path

import pytest

from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram
from seqtest.source import Source

sys.path.insert(0, str(Path(__file__).parent))
from notation import participants, steps_of, words  # beside this file; tests are no package

TABLE = Path(__file__).with_name("plantuml_cases.txt")


def rows() -> list[tuple[str, str, str]]:
    found, section = [], ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif "⇒" in line and section:
            source, _, drawn = line.partition("⇒")
            found.append((section, source.removesuffix("  ").replace("⏎", "\n"), drawn.strip()))
    return found


def expected_steps(drawn: str) -> list[list[str]]:
    """The steps of the right-hand side: notes on one row taken apart, numbers without their markup."""
    drawn = re.sub(r"^\[(?:[^\[\]\"]|\"[^\"]*\"|\[[^\]]*\])*\](?: ; |$)", "", drawn) if drawn.startswith("[") else drawn
    drawn = re.sub(r"aligned\[(.*)\]", lambda match: match[1].replace(" / ", " ; "), drawn)
    drawn = re.sub(r"</?[bu]>", "", drawn)
    return [words(_trimmed(step)) for step in drawn.split(" ; ") if step.strip()]


def _apart(text: str) -> str:
    return text.replace("[", " [ ").replace("]", " ] ").replace(",", " , ")


def _trimmed(step: str) -> str:
    return re.sub(r'"\s*((?:[^"]|"(?=[^ ;\]}]))*?)\s*"', r'"\1"', step)


@pytest.mark.parametrize(("section", "source", "drawn"), rows(), ids=lambda value: None)
def test_case(section: str, source: str, drawn: str) -> None:
    """seqtest draws what PlantUML draws and refuses what it refuses, at the same line."""
    diagram_source = Source("case.puml", f"@startuml\n{source}\n@enduml\n")
    refused = re.match(r"ERR@(\d+) (.*)", drawn)
    if refused:
        with pytest.raises(UnreadableDiagram) as caught:
            read(diagram_source)
        line = caught.value.finding.span.line if caught.value.finding.span else 0
        if refused[2] not in ("no participant at all", "internal crash"):
            assert line - 1 == int(refused[1])
        return
    (diagram,) = read(diagram_source)
    if drawn.startswith("["):
        wanted = re.match(r"\[(?:[^\[\]\"]|\"[^\"]*\"|\[[^\]]*\])*\](?= ; |$)", drawn)
        assert wanted is not None
        assert words(_apart(participants(diagram))) == words(_apart(re.sub(r'\s+"\]', '"]', wanted[0])))
    assert [words(_trimmed(step)) for step in steps_of(diagram)] == expected_steps(drawn)
