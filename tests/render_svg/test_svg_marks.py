"""A run in the picture: states at the arrows, words beside the drawing, and the drawing where it was."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from seqtest.diagram import Diagram
from seqtest.render.svg.draw import draw
from seqtest.render.svg.layout import lay_out
from seqtest.render.svg.mark import Extra, Mark
from seqtest.render.svg.shapes import Arrow
from seqtest.source import Span

sys.path.insert(0, str(Path(__file__).parent))
from svg_boxes import diagram, groups, outside, overlaps, parsed, text_boxes, words  # beside this file

FLOW = (
    "actor U",
    "U -> C : log in",
    "C -> S : POST /token",
    "note right: a note",
    "S --> C : 200 OK",
    "C --> U : done",
)


def spans(drawing: Diagram) -> list[Span]:
    return [message.span for message in drawing.messages() if message.span is not None]


def test_marks_move_nothing() -> None:
    """Every shape of the drawing is where it is without the run, however much is said beside it."""
    drawing = diagram(*FLOW)
    marks = {span.item: Mark("failed", "expected: x\ngot: y\n" * 3) for span in spans(drawing)}
    plain, marked = lay_out(drawing), lay_out(drawing, marks)

    assert [replace(e, state=None) if isinstance(e, Arrow) else e for e in marked.events] == list(plain.events)
    assert (marked.heads, marked.lifelines, marked.bars) == (plain.heads, plain.lifelines, plain.bars)
    assert marked.rect.right > plain.rect.right


def test_remarks_stand_right_of_everything_and_below_each_other() -> None:
    """Words longer than their rows push the next ones down, never onto each other, and none leaves the canvas."""
    drawing = diagram(*FLOW)
    marks = {span.item: Mark("failed", "expected: x\ngot: y\n" * 3) for span in spans(drawing)}
    layout = lay_out(drawing, marks)
    root = parsed(draw(drawing, marks=marks))

    assert all(remark.rect.x >= max(head.rect.right for head in layout.heads) for remark in layout.remarks)
    assert all(a.rect.bottom < b.rect.y for a, b in zip(layout.remarks, layout.remarks[1:], strict=False))
    assert list(overlaps(text_boxes(root))) == []
    assert outside(root) == []


@pytest.mark.parametrize("state", ["passed", "failed", "not reached"])
def test_each_state_is_said_in_words_and_shape(state: str) -> None:
    """Not by colour alone: an attribute, the label for a screen reader, and a badge with a sign of its own."""
    drawing = diagram(*FLOW)
    first = spans(drawing)[0]
    root = parsed(draw(drawing, marks={first.item: Mark(state)}))  # type: ignore[arg-type]  # one of the states
    one, two = groups(root, "message")[:2]
    badges = [e.get("d") for e in one if "badge-mark" in (e.get("class") or "")]

    assert one.get("data-state") == state
    assert (one.get("aria-label") or "").endswith(state)
    assert len(badges) == 1
    assert two.get("data-state") is None


def test_a_told_arrow_has_no_badge() -> None:
    """Told, not tested: neither passed nor failed."""
    drawing = diagram(*FLOW)
    root = parsed(draw(drawing, marks={spans(drawing)[0].item: Mark("told")}))
    (one, *_) = groups(root, "message")

    assert one.get("data-state") == "told"
    assert not any("badge" in (e.get("class") or "") for e in one)


def test_an_arrow_that_nobody_drew_is_dashed_where_it_happened() -> None:
    """Between the rows of the messages before and after it; columns stay where they were."""
    drawing = diagram(*FLOW)
    extra = Extra(
        spans(drawing)[1],
        "S",
        "U",
        "GET /jwks with a label that is wider than any column of this drawing",
        "nobody drew this",
    )
    layout = lay_out(drawing, extras=[extra])
    arrows = [e for e in layout.events if isinstance(e, Arrow)]
    root = parsed(draw(drawing, extras=[extra]))
    third = groups(root, "message")[2]

    assert [a.number for a in arrows] == [1, 2, 0, 3, 4]
    assert arrows[1].y2 < arrows[2].y1 < arrows[3].y1
    assert [line.x for line in layout.lifelines] == [line.x for line in lay_out(drawing).lifelines]
    assert third.get("data-state") == "unexpected"
    assert third.get("id") is None
    assert "nobody drew this" in {words(g) for g in groups(root, "remark")}
    assert list(overlaps(text_boxes(root))) == []
    assert outside(root) == []


def test_an_extra_before_all_others_and_from_outside() -> None:
    """What came first stands first; a party that is no participant is the border."""
    drawing = diagram(*FLOW)
    layout = lay_out(drawing, extras=[Extra(None, "somebody", "C", "x")])
    first = next(e for e in layout.events if isinstance(e, Arrow))

    assert first.number == 0
    assert first.sender == -1
    assert first.x1 < min(head.rect.x for head in layout.heads)


def test_a_runs_words_are_not_read_as_markup() -> None:
    """Stars, tags and backslashes that came over the wire are shown as they came."""
    drawing = diagram(*FLOW)
    root = parsed(
        draw(drawing, marks={spans(drawing)[0].item: Mark("failed", "**got** <b>x</b> \\n [[http://a.example]]")})
    )

    assert [words(g) for g in groups(root, "remark")] == ["**got** <b>x</b> \\n [[http://a.example]]"]


def test_what_was_not_reached_is_faded_and_still_legible() -> None:
    """Arrow, note, pause and guard in a quiet colour of their own, at no opacity that would take their contrast."""
    drawing = diagram("alt one", "U -> C : a", "note right: b", "... later ...", "else two", "U -> C : c", "end")
    (fragment,) = drawing.items
    message, pause = fragment.operands[0].items
    items = (message, message.notes[0], pause, fragment.operands[0])
    svg = draw(drawing, marks={item.span.item: Mark("not reached") for item in items})
    root = parsed(svg)

    for name in ("message", "note", "delay", "guard"):
        first = groups(root, name)[0]
        assert "faded" in (first.get("class") or "").split()
        assert first.get("data-state") == "not reached"
    assert "faded" not in (groups(root, "message")[1].get("class") or "")
    assert "opacity" not in svg


def test_a_note_that_failed_has_a_badge_and_words() -> None:
    """The check of a state is seen like that of an arrow."""
    drawing = diagram("participant U", "U -> U : a", "note over U : x = 1")
    span = drawing.items[1].span
    root = parsed(draw(drawing, marks={span.item: Mark("failed", "got 2")}))
    (note,) = groups(root, "note")

    assert "broken" in (note.get("class") or "").split()
    assert any("badge-mark" in (e.get("class") or "") for e in note)
    assert [words(g) for g in groups(root, "remark")] == ["got 2"]


def test_a_label_that_nobody_drew_covers_what_it_stands_on() -> None:
    """Where it is wider than its arrow it stands on a lifeline; the page's colour is behind it."""
    drawing = diagram(*FLOW)
    root = parsed(draw(drawing, extras=[Extra(spans(drawing)[1], "S", "C", "a label wider than its arrow is long")]))
    third = groups(root, "message")[2]

    assert [e.get("class") for e in third if e.tag.endswith("rect")] == ["under"]
