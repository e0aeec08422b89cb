"""What differs between two diagrams, in meaning."""

from pathlib import Path

import pytest

from seqtest.diagram import Diagram, Message
from seqtest.diagram.diff import diff
from seqtest.diagram.difference import Difference
from seqtest.diagram.read import read
from seqtest.source import Source

TABLE = Path(__file__).parents[1] / "syntax" / "plantuml_cases.txt"
LOGIN = ("participant client", "participant auth", "client -> auth : POST /token", "auth --> client : 200 OK")


def drawn(*lines: str) -> Diagram:
    return read(Source("a.puml", "\n".join(["@startuml", *lines, "@enduml", ""])))[0]


def between(old: tuple[str, ...], new: tuple[str, ...]) -> Difference:
    return diff(drawn(*old), drawn(*new))


def kinds(difference: Difference) -> list[tuple[str, str]]:
    return [
        (change.kind, change.item.text) for change in difference.walk() if isinstance(change.item, Message)
    ]  # fmt: skip


def details(difference: Difference) -> list[tuple[str, str, str]]:
    return [(d.what, d.old, d.new) for change in difference.walk() for d in change.details]


def test_a_diagram_is_like_itself() -> None:
    """Every accepted source of the grammar's table."""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        source, arrow, said = line.partition("⇒")
        if arrow and source[0] != "#" and not said.strip().startswith("ERR"):
            text = "@startuml\n" + source.removesuffix("  ").replace("⏎", "\n") + "\n@enduml\n"
            for diagram in read(Source(source.strip(), text)):
                assert diff(diagram, diagram).is_none, source


@pytest.mark.parametrize(
    "other",
    [
        (*LOGIN[:2], "client -[#red]> auth : POST /token", "auth --> client : 200 OK"),
        ("autonumber", *LOGIN),
        ("skinparam monochrome true", *LOGIN, "|||"),
        ("participant client #pink", "participant auth", *LOGIN[2:]),
        ("' a comment", *LOGIN),
    ],
    ids=["colour", "numbers", "looks", "fill", "comment"],
)
def test_looks_are_no_difference(other: tuple[str, ...]) -> None:
    """Neither is the number that a message shows."""
    assert between(LOGIN, other).is_none


def test_a_message_that_came_and_one_that_is_gone() -> None:
    """The others stay what they are."""
    more = (*LOGIN, "client -> api : GET /users")

    assert kinds(between(LOGIN, more))[-1] == ("added", "GET /users")
    assert kinds(between(more, LOGIN))[-1] == ("removed", "GET /users")
    assert not between(LOGIN, more).is_none


def test_a_changed_label_is_one_change() -> None:
    """Not one message gone and another there."""
    found = between(LOGIN, (*LOGIN[:2], "client -> auth : POST /oauth/token", LOGIN[3]))

    assert kinds(found) == [("changed", "POST /oauth/token"), ("same", "200 OK")]
    assert details(found) == [("label", "POST /token", "POST /oauth/token")]


def test_changed_ends_arrows_and_activations() -> None:
    """Each is named."""
    found = between(
        ("A -> B : the same words", "A -> B : x", "A -> B ++ : y"),
        ("A -> C : the same words", "A ->> B : x", "A -> B : y"),
    )

    assert details(found) == [
        ("ends", "A -> B", "A -> C"),
        ("arrow", "->", "->>"),
        ("activation", "activate B", ""),
    ]


def test_a_note_is_compared_line_by_line() -> None:
    """A line that changed, one that came and one that is gone."""
    old = ("A -> B : x", "note right", "expires_in = 300", "gone away", "kept", "end note")
    new = ("A -> B : x", "note left", "expires_in = 600", "kept", "token_type = Bearer", "end note")

    assert details(between(old, new)) == [
        ("note", "expires_in = 300", "expires_in = 600"),
        ("note", "gone away", ""),
        ("note", "", "token_type = Bearer"),
    ]


def test_a_renamed_participant_is_found_again() -> None:
    """By what it says and hears; its messages are the same."""
    new = ("participant app", "participant auth", "app -> auth : POST /token", "auth --> app : 200 OK")
    found = between(LOGIN, new)

    assert [(c.kind, [d.what for d in c.details]) for c in found.columns] == [("changed", ["code"]), ("same", [])]
    assert {kind for kind, _ in kinds(found)} == {"same"}
    assert not found.is_none


def test_a_renamed_participant_is_found_by_its_name() -> None:
    """Although all it says is new."""
    found = between(
        ('participant "Web client" as a', "a -> B : one"), ('participant "Web client" as b', "b -> B : two")
    )

    assert found.names == (("B", "B"), ("a", "b"))


def test_strangers_are_not_taken_for_each_other() -> None:
    """Who shares nothing is gone, and another has come; each stands where it stood."""
    found = between(("A -> B : x", "B -> C : y"), ("A -> B : x", "B -> D : z"))

    assert [(c.kind, (c.new or c.old).id) for c in found.columns if c.new or c.old] == [  # type: ignore[union-attr]
        ("same", "A"),
        ("same", "B"),
        ("removed", "C"),
        ("added", "D"),
    ]


def test_a_moved_message_is_told_once() -> None:
    """Where it is now, across fragments too."""
    found = between(
        ("A -> B : one", "A -> B : two", "alt x", "A -> B : three", "end"),
        ("A -> B : two", "alt x", "A -> B : three", "A -> B : one", "end"),
    )

    assert kinds(found) == [("same", "two"), ("same", "three"), ("moved", "one")]


def test_fragments_keep_what_they_hold() -> None:
    """A changed guard is a change of the lane; an operand that came or is gone takes its messages along."""
    old = ("alt token is good", "A -> B : x", "else token is bad", "A -> B : y", "end")
    new = ("alt token is fresh", "A -> B : x", "else token is bad", "A -> B : y", "else nothing", "A -> B : z", "end")
    found = between(old, new)
    (change,) = found.changes

    assert [(lane.kind, lane.old_guard, lane.new_guard) for lane in change.lanes] == [
        ("changed", "token is good", "token is fresh"),
        ("same", "token is bad", "token is bad"),
        ("added", "", "nothing"),
    ]
    assert kinds(found) == [("same", "x"), ("same", "y"), ("added", "z")]
    assert not found.is_none


def test_a_fragment_around_what_was_there() -> None:
    """Another operator is another fragment; what is in it has moved there."""
    found = between(("A -> B : x",), ("loop 3 times", "A -> B : x", "end"))

    assert [change.kind for change in found.walk()] == ["added", "moved"]


def test_a_title_counts() -> None:
    """And so does every text around the drawing."""
    assert not between(("title One", *LOGIN), ("title Two", *LOGIN)).is_none


def test_everything_else_is_compared() -> None:
    """Notes, references, dividers, delays and lives on lines of their own."""
    first, last = "activate A", "A -> B"
    old = (first, "note over A : state x", "ref over A : other flow", "== Log in ==", "... 5 minutes ...", last)
    new = (first, "note over A : state y", "ref over A : other flows", "== Log on ==", "... 6 minutes ...", last)
    found = between(old, new)

    assert [change.kind for change in found.changes] == ["same", *["changed"] * 4, "same"]


def test_large_diagrams_are_compared_in_time() -> None:
    """Two thousand messages against as many others, of which none is alike."""
    one = drawn(*(f"P{i % 7} -> P{i * 3 % 7} : message {i}" for i in range(2000)))
    other = drawn(*(f"P{i % 7} -> P{i * 5 % 7} : other text {i * 7919}" for i in range(2000)))

    assert sum(change.kind == "added" for change in diff(one, other).walk()) > 0
