"""The text picture of a drawing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtest.diagram.read import read
from seqtest.render.grid import width_of
from seqtest.render.text import draw_diagram
from seqtest.source import Source


def drawn(body: str, width: int = 60) -> str:
    return draw_diagram(read(Source("x.puml", f"@startuml\n{body}\n@enduml\n"))[0], width=width)


def test_arrows_span_their_columns() -> None:
    """Calls are solid, answers dotted, labels stand in the arrow."""
    assert drawn("a -> b : GET /x\nb --> a : 200 OK") == (
        "┌───┐       ┌───┐\n"
        "│ a │       │ b │\n"
        "└─┬─┘       └─┬─┘\n"
        "  │─ GET /x ─►│\n"
        "  │◄ 200 OK ╌╌│\n"
        "  ┴           ┴"
    )  # fmt: skip


def test_an_arrow_crosses_what_lies_between() -> None:
    """A lifeline on the way is crossed, and the label has the whole way for itself."""
    assert "  │─────┼────►│" in drawn("participant a\nparticipant b\nparticipant c\na -> c")


def test_self_messages_loop() -> None:
    """A message to oneself leaves and comes back."""
    assert "│──╮ think\n" in drawn("a -> a : think")
    assert "│◄─╯\n" in drawn("a -> a : think")


def test_notes_hang_beside_their_arrow() -> None:
    """A note's lines keep their indentation and are bracketed."""
    text = drawn("a -> b : x\nnote right\n  t : jwt\n    sub = 1\n  u = 2\nend note")

    assert "╭ t : jwt" in text
    assert "│   sub = 1" in text
    assert "╰ u = 2" in text


def test_a_note_at_the_left_stands_left() -> None:
    """`note left` is left of the leftmost end of its arrow."""
    line = next(line for line in drawn("a -> b : x\nnote left: hello").split("\n") if "hello" in line)

    assert line.index("hello") < line.index("►")


def test_fragments_are_frames() -> None:
    """Operator and guards are in the frame, operands are separated, nested frames stand inside."""
    text = drawn("alt good\na -> b : x\nloop 3 times\na -> b : y\nend\nelse bad\nb -> a : z\nend")

    assert "┌ alt ─ good ──" in text
    assert "├╌ bad ╌╌" in text
    assert "│ ┌ loop ─ 3 times ──" in text
    assert text.count("└") - 2 == 2


def test_dividers_delays_and_references_are_drawn() -> None:
    """What stands between arrows is in the picture."""
    text = drawn("a -> b : x\n== Next ==\n... 5 minutes later ...\nref over a, b : login.puml")

    assert "═ Next ═" in text
    assert "… 5 minutes later …" in text
    assert "┌ ref ─" in text
    assert "│ login.puml " in text


def test_active_lifelines_are_heavy() -> None:
    """An activation bar is a heavy line, from the arrow that starts it."""
    assert drawn("a -> b ++ : x\nb -> a : y\nb --> a -- : z").count("┃") == 2


def test_created_and_destroyed_participants_begin_and_end() -> None:
    """The head of a created participant stands at the arrow that creates it; after `destroy` there is no lifeline."""
    text = drawn("participant a\ncreate b\na -> b : new\na -> b : x\ndestroy b\na -> a : y")

    assert "─ new ─►│ b │" in text
    assert "╳" in text
    assert text.rstrip().split("\n")[-1].count("┴") == 1


def test_gates_are_open_ends() -> None:
    """A message from or to the border has a ring there."""
    text = drawn("[-> a : in\na ->] : out")

    assert "○─ in ─►│" in text
    assert "│─ out ─►○" in text


@pytest.mark.parametrize("width", [100, 80, 60, 50, 40, 30, 20])
def test_the_width_is_kept(width: int) -> None:
    """However narrow the terminal, no line is longer than it."""
    people = "\n".join(f'participant "Participant number {number}" as p{number}' for number in range(6))
    text = drawn(
        f"{people}\np0 -> p5 : POST /oauth/introspect with a long label\nnote right: a note\np3 -> p3 : 日本語のラベル",
        width,
    )

    assert max(width_of(line) for line in text.split("\n")) <= width
    assert "introspect" in text or width < 40


def test_too_many_participants_are_told_as_a_list() -> None:
    """Columns that cannot fit become a list that names every message."""
    people = "\n".join(f"p{number} -> p{number + 1} : GET /{number}" for number in range(30))
    text = drawn(people, 60)

    assert "p7 → p8 : GET /7" in text
    assert len(text.split("\n")) == 30


def test_long_numbers_keep_the_width_of_a_list() -> None:
    """A number such as 10.1.2 does not push a list over the edge."""
    people = "\n".join(f"p{number} -> p{number + 1} : a label that fills its line to the end" for number in range(30))

    assert max(width_of(line) for line in drawn(f"autonumber 10.1.2\n{people}", 50).split("\n")) <= 50


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=120))
def test_any_label_can_be_drawn(label: str) -> None:
    """Whatever a label holds, the picture keeps its width."""
    text = drawn(f"a -> b : x{label}.", 50)

    assert max(width_of(line) for line in text.split("\n")) <= 50


def test_deep_nesting_is_drawn() -> None:
    """A drawing nested deeper than Python recurses is still drawn, or told."""
    text = drawn("\n".join(["group g"] * 300 + ["a -> b : x"] + ["end"] * 300), 100)

    assert "x" in text


def test_equal_drawings_give_equal_pictures() -> None:
    """The picture depends on nothing but the drawing and the width."""
    body = "a -> b : x\nalt y\nb -> c : z\nend"

    assert drawn(body) == drawn(body)
