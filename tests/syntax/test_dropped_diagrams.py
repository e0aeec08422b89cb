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


PAUSED = "@startuml\nA -> B : 1\n@pause\nA => B garbage\n@append A -> B : 2\n{end}@enduml\n"


def test_what_is_paused_is_left_out() -> None:
    """The lines between `@pause` and `@unpause` need not be PlantUML; `@append` is a line all the same."""
    (diagram,) = read(Source("flow.puml", PAUSED.format(end=" @unpause\nA -> B : 3\n")))

    assert [message.text for message in diagram.messages()] == ["1", "2", "3"]
    assert [message.span.column for message in diagram.messages() if message.span] == [1, 9, 1]
    assert diagram.slips == ()


def test_a_pause_without_end_is_told() -> None:
    """Arrows behind it would never be tested."""
    (diagram,) = read(Source("flow.puml", PAUSED.format(end="A -> B : 3\n")))

    assert [(slip.code, slip.span.line) for slip in diagram.slips] == [("SQ113", 3)]
    with pytest.raises(UnplayableScenario):
        api.cases(diagram)


def test_a_pause_ends_with_its_diagram() -> None:
    """The next one is read whole."""
    first, second = read(Source("flow.puml", PAUSED.format(end="") + GOOD))

    assert len(first.slips) == 1
    assert [message.text for message in second.messages()] == ["x"]
