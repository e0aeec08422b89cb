"""How an arrow is read, by who is bound."""

import pytest

from seqtest.diagram import Diagram, Message, Note, Participant
from seqtest.diagram.expectation import ActionLine, Expectation, Promise, Template
from seqtest.scenario import Reading, Script
from seqtest.scenario.expand import expand


@pytest.mark.parametrize(
    ("bound", "reading"),
    [
        ((), Reading.TELL),
        (("b",), Reading.DRIVE),
        (("a",), Reading.MOCK),
        (("a", "b"), Reading.OBSERVE),
    ],
)
def test_arrow_reads_by_its_ends(only, bound, reading) -> None:
    """Scripted or bound at each end makes four readings."""
    scenario = only("a -> b : hi")

    assert Script(scenario, frozenset(bound)).reading(scenario.steps[0]) is reading


def test_gates_are_scripted(only) -> None:
    """Outside the drawing there is only what the diagram says."""
    scenario = only("[-> a : hi")

    assert Script(scenario, frozenset({"a"})).reading(scenario.steps[0]) is Reading.DRIVE


def test_promises_are_read_by_who_is_asked_to() -> None:
    """Labels and notes are read by functions that can be given, each item once."""
    asked: list[object] = []

    def expect(message: Message) -> Expectation:
        asked.append(message)
        return Expectation(ActionLine(Template((message.text,))))

    def note_promises(note: Note) -> tuple[Promise, ...]:
        asked.append(note)
        return ()

    items = (Note("over", (), ("a",)), Message("a", "b", "hi"))
    diagram = Diagram("d", (Participant("a", "a"), Participant("b", "b")), items)
    (scenario,) = expand(diagram, expect=expect, note_promises=note_promises)

    assert asked == list(items)
    assert scenario.steps[0].expectation == Expectation(ActionLine(Template(("hi",))))
