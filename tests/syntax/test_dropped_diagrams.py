"""A diagram of a file that PlantUML drops without a word is told, and keeps the file from being green."""

import pytest

from seqtest import api
from seqtest.diagram.read import read
from seqtest.errors import UnplayableScenario
from seqtest.source import Source

GOOD = "@startuml b\nA -> B : x\n@enduml\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD + "@startulm c\nA -> B : y\n@enduml\n", 4),
        ("@startuml a\nA -> B : wrong\n" + GOOD, 1),
        ("@startulm a\nA -> B : wrong\n@enduml\n" + GOOD, 1),
    ],
    ids=["misspelt-behind", "never-ended", "misspelt-before"],
)
def test_what_is_dropped_is_told(text: str, line: int) -> None:
    """The finding stands at the line that opened it, and such a file cannot be run."""
    (diagram,) = read(Source("flow.puml", text))

    assert [(slip.code, slip.span.line) for slip in diagram.slips] == [("SQ113", line)]
    with pytest.raises(UnplayableScenario):
        api.cases(diagram)


def test_other_kinds_of_diagram_may_stand_beside() -> None:
    """A mind map in the same file is nobody's slip."""
    (diagram,) = read(Source("flow.puml", "@startmindmap\n* a\n@endmindmap\n" + GOOD))

    assert diagram.slips == ()
