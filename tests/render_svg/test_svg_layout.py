"""Where things stand: facts about the layout of small drawings."""

import sys
from pathlib import Path
from typing import TypeVar

import pytest

from seqtest.render.svg.layout import lay_out
from seqtest.render.svg.shapes import (
    Arrow,
    Band,
    Cross,
    Frame,
    Head,
    Layout,
    Measure,
    NoteBox,
    Pause,
    Reference,
)

sys.path.insert(0, str(Path(__file__).parent))
import itertools

from svg_boxes import diagram  # beside this file; tests are no package

Shape = TypeVar("Shape")


def laid_out(*lines: str) -> Layout:
    return lay_out(diagram(*lines))


def every(layout: Layout, kind: type[Shape]) -> list[Shape]:
    return [event for event in layout.events if isinstance(event, kind)]


def arrows(*lines: str) -> list[Arrow]:
    return every(laid_out(*lines), Arrow)


def test_heads_stand_on_one_line_and_lifelines_below_their_middle() -> None:
    """Heads of different heights end at one y, where all lifelines begin."""
    layout = laid_out('participant "a\\nb\\nc" as A', "A -> B")
    tops = [head for head in layout.heads if head.role == "head"]

    assert len({head.rect.bottom for head in tops}) == 1
    assert {line.top for line in layout.lifelines} == {tops[0].rect.bottom}
    assert [line.x for line in layout.lifelines] == [head.rect.x + head.rect.width / 2 for head in tops]


def test_heads_do_not_touch() -> None:
    """However wide the names, there is air between two heads."""
    heads = [
        h
        for h in laid_out('participant "a very wide name" as A', 'participant "another wide one" as B').heads
        if h.role == "head"
    ]

    assert heads[1].rect.x - heads[0].rect.right >= 10


def test_a_label_keeps_its_lifelines_apart() -> None:
    """The label stands between its arrow's ends, whatever its width."""
    (arrow,) = arrows("A -> B : a label that is much wider than both of the heads are")

    assert arrow.text is not None
    assert arrow.x1 < arrow.text.x
    assert arrow.text.x + arrow.text.paragraph.width < arrow.x2


def test_a_wide_label_over_several_columns_moves_its_right_end_alone() -> None:
    """The columns in between stay where they are without it."""
    narrow = laid_out("A -> B", "B -> C", "A -> C : x")
    wide = laid_out("A -> B", "B -> C", "A -> C : " + "x" * 60)

    assert wide.lifelines[1].x == narrow.lifelines[1].x
    assert wide.lifelines[2].x > narrow.lifelines[2].x


def test_rows_follow_each_other() -> None:
    """Each arrow is below the one before, and its label below that arrow."""
    found = arrows(*["A -> B : x"] * 5)

    assert all(one.y2 < other.text.y for one, other in itertools.pairwise(found) if other.text)


def test_growth_is_linear() -> None:
    """A hundred more messages make the drawing higher by the same, wherever they stand."""

    def body(count: int) -> float:
        layout = laid_out(*["A -> B : x"] * count)
        return layout.lifelines[0].bottom - layout.lifelines[0].top

    assert body(300) - body(200) == body(200) - body(100)


def test_an_arrow_ends_at_the_bar() -> None:
    """An activated receiver is met at the bar's edge, and left from its other edge."""
    into, back = arrows("A -> B ++", "B --> A --")

    assert back.x1 == into.x2
    layout = laid_out("A -> B ++", "B -> C", "B --> A --")
    assert every(layout, Arrow)[1].x1 == layout.bars[0].rect.right
    assert every(layout, Arrow)[0].x2 == layout.bars[0].rect.x


def test_bars_span_their_messages_and_nest_to_the_right() -> None:
    """A bar reaches from the activating arrow to the deactivating one; an inner one stands right of the outer."""
    layout = laid_out("A -> B ++", "B -> B ++", "B --> B --", "B --> A --")
    outer, inner = layout.bars
    first, nested, back, last = every(layout, Arrow)

    assert (outer.rect.y, outer.rect.bottom) == (first.y2, last.y1)
    assert (inner.rect.y, inner.rect.bottom) == (nested.y2, back.y2)
    assert outer.rect.x < inner.rect.x < outer.rect.right


def test_an_open_bar_runs_to_the_bottom() -> None:
    """What is never deactivated is active to the end."""
    layout = laid_out("A -> B ++", "A -> B")

    assert layout.bars[0].rect.bottom == layout.lifelines[1].bottom


def test_a_self_message_goes_out_and_comes_back() -> None:
    """Its label stands above the loop, and the next lifeline is right of both; with `<-` it loops to the left."""
    layout = laid_out("A -> A : a rather long label of a self message", "A -> B")
    loop = every(layout, Arrow)[0]

    assert loop.loop > 0
    assert loop.y1 < loop.y2
    assert loop.text is not None
    assert loop.text.x + loop.text.paragraph.width < layout.lifelines[1].x
    assert arrows("A <- A")[0].loop < 0


@pytest.mark.parametrize(
    ("line", "is_from_border"), [("[-> A", True), ("A ->]", False), ("A <-]", True), ("[<- A", False)]
)
def test_gates_are_at_the_border(line: str, is_from_border: bool) -> None:
    """An arrow from or to the outside ends beyond all heads."""
    layout = laid_out("A -> B", "B -> A", line)
    arrow = every(layout, Arrow)[2]
    outer = arrow.x1 if is_from_border else arrow.x2

    assert not min(h.rect.x for h in layout.heads) <= outer <= max(h.rect.right for h in layout.heads)


def test_a_short_gate_is_as_long_as_its_label() -> None:
    """`?->` begins near its participant, wherever the border is."""
    arrow = arrows("A -> B", "?-> B : hi")[1]

    assert arrow.text is not None
    assert 0 < arrow.x2 - arrow.x1 - arrow.text.paragraph.width < 40


def test_a_created_head_stands_in_its_row() -> None:
    """No head at the top; the arrow ends at the head, and the lifeline begins below it."""
    layout = laid_out("A -> B", "create C", "B -> C : new")
    (head,) = every(layout, Head)
    arrow = every(layout, Arrow)[1]

    assert [h.participant.id for h in layout.heads if h.role == "head"] == ["A", "B"]
    assert arrow.x2 == head.rect.x
    assert head.rect.y < arrow.y2 < head.rect.bottom
    assert layout.lifelines[2].top == head.rect.bottom


def test_a_destroyed_life_ends_at_its_cross() -> None:
    """Lifeline and bar end at the arrow, and there is no foot."""
    layout = laid_out("A -> B ++", "A -> B !!", "A -> A")
    (cross,) = every(layout, Cross)

    assert cross.y == layout.lifelines[1].bottom == layout.bars[0].rect.bottom
    assert [h.participant.id for h in layout.heads if h.role == "tail"] == ["A"]


def test_a_frame_is_around_what_it_holds() -> None:
    """Arrows, labels, notes and inner frames are inside; lanes are in order; the arrow after it is below."""
    layout = laid_out(
        "alt a",
        "A -> B : x",
        "note right: a note that is wide",
        "loop 3 times",
        "B -> C : y",
        "end",
        "else b",
        "B -> A",
        "end",
        "A -> C",
    )
    outer, inner = every(layout, Frame)
    x, y, z, after = every(layout, Arrow)
    (note,) = every(layout, NoteBox)

    assert outer.rect.x < inner.rect.x
    assert inner.rect.right < outer.rect.right
    assert outer.rect.y < inner.rect.y < inner.rect.bottom < outer.lanes[1].y < z.y1 < outer.rect.bottom < after.y1
    assert outer.rect.x < note.rect.x < note.rect.right < outer.rect.right
    assert outer.rect.x < x.x1 < x.x2 < outer.rect.right
    assert inner.rect.x < y.x1 < y.x2 < inner.rect.right


def test_a_frame_is_wide_enough_for_its_guards() -> None:
    """A guard wider than the arrows widens the frame, not the columns."""
    layout = laid_out("alt " + "word " * 15, "A -> B", "end")
    (frame,) = every(layout, Frame)
    (lane,) = frame.lanes

    assert lane.text is not None
    assert frame.tab.right < lane.text.x
    assert lane.text.x + lane.text.paragraph.width < frame.rect.right
    assert layout.lifelines[1].x < frame.rect.right - 200


def test_an_operand_without_a_colour_has_its_frames() -> None:
    """A colour behind `else` is that operand's alone; the next one has the frame's again."""
    layout = laid_out(
        "alt #gold a", "A -> B", "else #pink b", "A -> B", "else c", "A -> B", "end", "opt", "A -> B", "end"
    )
    colored, plain = every(layout, Frame)

    assert [lane.color for lane in colored.lanes] == ["#gold", "#pink", "#gold"]
    assert [lane.color for lane in plain.lanes] == [None]


def test_a_fragment_that_is_never_closed_ends_with_the_drawing() -> None:
    """Its frame is there, around all that follows."""
    layout = laid_out("A -> B", "alt x", "A -> B")
    (frame,) = every(layout, Frame)

    assert frame.rect.bottom > every(layout, Arrow)[1].y1


def test_deeply_nested_frames_are_laid_out() -> None:
    """Three hundred groups inside each other are placed, each inside the one around it."""
    layout = laid_out(*["group g"] * 300, "A -> B", *["end"] * 300)
    frames = every(layout, Frame)

    assert len(frames) == 300
    assert all(a.rect.x < b.rect.x and b.rect.bottom < a.rect.bottom for a, b in itertools.pairwise(frames))


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_message_note_stands_beside_its_arrow(side: str) -> None:
    """Outside both ends, at the arrow's height, and the next row is below it."""
    layout = laid_out("A -> B : x", f"note {side}", "one", "two", "three", "four", "end note", "A -> B")
    (note,) = every(layout, NoteBox)
    arrow, after = every(layout, Arrow)

    assert note.rect.right < arrow.x1 if side == "left" else arrow.x2 < note.rect.x
    assert note.rect.y < arrow.y1 < note.rect.bottom < after.y1


def test_notes_at_participants() -> None:
    """Left of, right of, centred over one, around two, across all."""
    layout = laid_out(
        "participant A", "participant B", "participant C",
        "note left of B: l", "note right of B: r", "note over B: o", "note over A, B: two", "note across: all",
    )  # fmt: skip
    left, right, over, two, across = every(layout, NoteBox)
    a, b, c = (line.x for line in layout.lifelines)

    assert left.rect.right < b < right.rect.x
    assert abs(over.rect.x + over.rect.width / 2 - b) <= 1
    assert two.rect.x < a < b < two.rect.right < c
    assert across.rect.x < a < c < across.rect.right


def test_an_aligned_note_shares_the_row_only_where_there_is_room() -> None:
    """`/ note` stands beside the note before it; one that would cover it goes below."""
    layout = laid_out("A -> B", "B -> C", "note over A: x", "/ note over C: y", "/ note over C: z")
    x, y, z = every(layout, NoteBox)

    assert x.rect.y == y.rect.y
    assert z.rect.y >= y.rect.bottom


def test_parallel_messages_share_a_row_only_where_there_is_room() -> None:
    """`&` draws at the height of the arrow before, unless the two would overlap."""
    beside = arrows("A -> B : x", "& C -> D : y")
    crossing = arrows(*(f"participant {name}" for name in "ABCD"), "A -> C : x", "& B -> D : y")

    assert beside[0].y1 == beside[1].y1
    assert crossing[0].y1 < crossing[1].y1


def test_a_reference_spans_its_participants() -> None:
    """From the first to the last, with its text below its tab."""
    layout = laid_out("A -> B", "B -> C", "ref over A, B : see\\nother")
    (use,) = every(layout, Reference)
    a, b, c = (line.x for line in layout.lifelines)

    assert use.rect.x < a < b < use.rect.right < c
    assert use.tab.bottom <= use.text.y


def test_dividers_and_delays() -> None:
    """A divider goes across everything with its words in the middle; a delay thins out every lifeline."""
    layout = laid_out("A -> B", "== Later ==", "... 5 minutes ...", "A -> B")
    (band,), (pause,) = every(layout, Band), every(layout, Pause)

    assert band.rect.x <= min(h.rect.x for h in layout.heads)
    assert band.rect.right >= max(h.rect.right for h in layout.heads)
    assert band.title is not None
    assert abs(band.title.x + band.title.width / 2 - (band.rect.x + band.rect.width / 2)) <= 1
    assert all(line.pauses for line in layout.lifelines)
    assert pause.rect.bottom < every(layout, Arrow)[1].y1


def test_spaces_are_as_high_as_written() -> None:
    """`||45||` moves what follows 45 pixels down."""
    plain, spaced = arrows("A -> B", "A -> B"), arrows("A -> B", "||45||", "A -> B")

    assert spaced[1].y1 - plain[1].y1 == 45


def test_boxes_are_around_their_participants() -> None:
    """An outer box holds the inner one, both hold heads and feet, and a title wider than the head widens its box."""
    layout = laid_out(
        'box "outer"',
        "participant A",
        'box "a title that is far wider than its participant"',
        "participant B",
        "end box",
        "end box",
        "participant C",
        "A -> B",
    )
    outer, inner = layout.grounds
    heads = {head.participant.id: head.rect for head in layout.heads if head.role == "head"}

    assert outer.rect.x < heads["A"].x
    assert outer.rect.x < inner.rect.x < inner.rect.right < outer.rect.right < heads["C"].x
    assert outer.rect.y < inner.rect.y < heads["B"].y
    assert inner.text is not None
    assert inner.rect.x <= inner.text.x
    assert inner.text.x + inner.text.paragraph.width <= inner.rect.right
    assert inner.rect.bottom > max(head.rect.bottom for head in layout.heads)


def test_a_slanted_arrow_ends_lower() -> None:
    """`->(20)` ends 20 pixels below its start, and the row is so much higher."""
    slanted, after = arrows("A ->(20) B : x", "A -> B")

    assert slanted.y2 - slanted.y1 == 20
    assert after.y1 > slanted.y2


def test_a_slant_has_a_limit() -> None:
    """A number with seven digits makes no picture of ten million pixels."""
    (arrow,) = arrows("A ->(9999999) B")

    assert arrow.y2 - arrow.y1 == 400


def test_several_receivers_have_an_arrow_each() -> None:
    """`A -> B & C` draws a second arrow, to C."""
    layout = laid_out("A -> B & C : x")
    (arrow,) = every(layout, Arrow)

    assert [x2 for _, x2, _ in arrow.more] == [layout.lifelines[2].x]


def test_a_duration_stands_between_its_rows() -> None:
    """From the one anchor's height to the other's, left of everything."""
    layout = laid_out("{a} A -> B", "{b} B --> A", "{a} <-> {b} : 2 s")
    (measure,) = every(layout, Measure)
    one, other = every(layout, Arrow)

    assert (measure.y1, measure.y2) == (one.y1, other.y1)
    assert measure.x < min(head.rect.x for head in layout.heads)


def test_furniture_is_around_the_drawing() -> None:
    """Header, title, drawing, legend, caption and footer from top to bottom; a mainframe around the drawing."""
    layout = laid_out("title T", "header H", "footer F", "caption C", "legend L", "mainframe M", "A -> B")
    at = {caption.kind: caption.text.y for caption in layout.captions}
    assert layout.mainframe is not None
    frame = layout.mainframe.rect

    assert at["header"] < at["title"] < frame.y
    assert frame.bottom < at["legend"] < at["caption"] < at["footer"]
    assert all(frame.x < head.rect.x and head.rect.bottom < frame.bottom for head in layout.heads)


def test_what_an_author_hides_is_not_there() -> None:
    """No feet after `hide footbox`; nobody without a message after `hide unlinked`; no stereotypes when hidden."""
    layout = laid_out(
        "hide footbox", "hide unlinked", "hide stereotype", "participant Z", "participant A <<web>>", "A -> B"
    )

    assert [(h.participant.id, h.role) for h in layout.heads] == [("A", "head"), ("B", "head")]
    assert all(len(head.texts) == 1 for head in layout.heads)


def test_parameters_that_change_the_layout() -> None:
    """Padding moves lifelines apart, a largest message size breaks labels, alignment moves them."""
    wide = laid_out("skinparam ParticipantPadding 40", "A -> B").lifelines
    plain = laid_out("A -> B").lifelines
    assert wide[1].x - wide[0].x > plain[1].x - plain[0].x

    (broken,) = arrows("skinparam maxMessageSize 60", "A -> B : some words that need room")
    assert broken.text is not None
    assert broken.text.paragraph.width <= 60

    (right,) = [
        a for a in arrows("skinparam sequenceMessageAlign right", "A -> B : x", "A -> B : " + "y" * 40) if a.number == 1
    ]
    assert right.text is not None
    assert right.x2 - (right.text.x + right.text.paragraph.width) < 25


@pytest.mark.parametrize(
    ("word", "line", "is_left"),
    [
        ("left", "A -> B", True),
        ("right", "A -> B", False),
        ("direction", "A -> B", True),
        ("direction", "B -> A", False),
        ("reverseDirection", "A -> B", False),
    ],
)
def test_labels_are_aligned_as_asked(word: str, line: str, is_left: bool) -> None:
    """At the arrow's left or right end, or at the end where it begins."""
    _, arrow = arrows(f"skinparam sequenceMessageAlign {word}", "A -> B : " + "y" * 40, f"{line} : x")
    assert arrow.text is not None
    left, right = sorted((arrow.x1, arrow.x2))

    assert (arrow.text.x - left < right - arrow.text.x) == is_left


def test_a_centred_label_is_in_the_middle() -> None:
    """As far from one end as from the other, the head aside."""
    _, arrow = arrows("skinparam sequenceMessageAlign center", "A -> B : " + "y" * 40, "A -> B : x")
    assert arrow.text is not None
    middle = arrow.text.x + arrow.text.paragraph.width / 2

    assert abs(middle - (arrow.x1 + arrow.x2) / 2) < 6


def test_a_centred_labels_lines_are_centred() -> None:
    """Each line of it has the same middle."""
    (arrow,) = arrows("skinparam sequenceMessageAlign center", "A -> B : a\\nlonger line")
    assert arrow.text is not None
    one, other = (piece.x + piece.width / 2 for piece in arrow.text.paragraph.pieces)

    assert one == pytest.approx(other)


def test_a_note_beside_a_created_head_does_not_cover_it() -> None:
    """It stands right of the head."""
    layout = laid_out("create B", "A -> B : new", "note right: x")
    (head,), (note,) = every(layout, Head), every(layout, NoteBox)

    assert note.rect.x > head.rect.right


def test_notes_above_and_below_an_arrow() -> None:
    """`note top` and `note bottom` stand over and under it, the next row below them."""
    layout = laid_out("A -> B : x", "note top: above", "note bottom: below", "A -> B")
    above, below = every(layout, NoteBox)
    arrow, after = every(layout, Arrow)

    assert above.rect.bottom < arrow.y1 < below.rect.y < below.rect.bottom < after.y1


def test_a_note_on_a_closed_group_stands_beside_its_frame() -> None:
    """Outside the frame, and what follows is below both."""
    layout = laid_out("alt x", "A -> B", "end", "note right", *"abcdefgh", "end note", "A -> B")
    (frame,), (note,) = every(layout, Frame), every(layout, NoteBox)

    assert frame.rect.right < note.rect.x
    assert note.rect.bottom < every(layout, Arrow)[1].y1


def test_a_duration_between_rows_that_nobody_named_is_left_out() -> None:
    """An anchor that is not drawn has no height."""
    assert every(laid_out("{a} A -> B", "{a} <-> {z} : 2 s"), Measure) == []


def test_overlapping_durations_stand_beside_each_other() -> None:
    """The second one goes further left where both would share a height."""
    layout = laid_out("{a} A -> B", "{b} A -> B", "{c} A -> B", "{a} <-> {b} : one", "{a} <-> {c} : two")
    one, two = every(layout, Measure)

    assert two.x < one.text.x


@pytest.mark.parametrize(
    ("lines", "of_note", "of_arrow"),
    [
        ((), "left", "left"),
        (("skinparam noteTextAlignment right",), "right", "left"),
        (("skinparam defaultTextAlignment center",), "center", "center"),
        (("skinparam defaultTextAlignment center", "skinparam sequenceMessageAlign left"), "center", "left"),
        (("<style>", "note { HorizontalAlignment center }", "</style>"), "center", "left"),
    ],
)
def test_lines_are_set_as_they_are_asked_for(lines: tuple[str, ...], of_note: str, of_arrow: str) -> None:
    """Of a note, of all texts, of messages."""
    layout = laid_out(*lines, r"A -> B : a\nlonger", r"note left : a\nlonger")
    note, arrow = every(layout, NoteBox)[0].text.paragraph, every(layout, Arrow)[0].text
    assert arrow is not None

    for paragraph, align in ((note, of_note), (arrow.paragraph, of_arrow)):
        short, long = paragraph.pieces
        slack = long.width - short.width
        assert short.x - long.x == pytest.approx({"left": 0, "center": slack / 2, "right": slack}[align], abs=1)


@pytest.mark.parametrize("place", ["over B", "right of B", "left of B"])
def test_notes_that_are_to_stand_beside_each_other_do(place: str) -> None:
    """The lifelines make room for them."""
    layout = laid_out("A -> B", "note over A : initial state of A", f"/ note {place} : initial state of B")
    one, other = every(layout, NoteBox)

    assert one.rect.y == other.rect.y
    assert one.rect.right < other.rect.x


def test_a_tree_is_drawn_with_lines() -> None:
    """A branch hangs on the one before it at its level, a deeper one on the end of what it grows from."""
    (placed,) = arrows(r"A -> B : |_ a\n  |_ b\n|_ c")
    assert placed.text is not None
    paragraph = placed.text.paragraph
    uprights = [stroke for stroke in paragraph.strokes if stroke.x == stroke.x2]
    twigs = [stroke for stroke in paragraph.strokes if stroke.y == stroke.y2]

    assert [piece.text for piece in paragraph.pieces] == ["a", "b", "c"]
    assert uprights[0].y == 0
    assert (uprights[1].x, uprights[1].y) == (twigs[0].x2, twigs[0].y)
    assert (uprights[2].x, uprights[2].y) == (twigs[0].x, twigs[0].y)
    assert [stroke.y2 for stroke in uprights] == [stroke.y for stroke in twigs]
    assert all(stroke.x2 < piece.x for stroke, piece in zip(twigs, paragraph.pieces, strict=True))


def test_a_rule_in_a_numbered_label_stands_behind_the_number() -> None:
    """As the other lines do."""
    (placed,) = arrows("autonumber", "A -> B : == words ==")
    assert placed.text is not None
    paragraph = placed.text.paragraph

    assert paragraph.pieces[0].x + paragraph.pieces[0].width < min(stroke.x for stroke in paragraph.strokes)


@pytest.mark.parametrize("who", ["A", "B", "C"])
def test_a_reference_over_one_participant_is_over_nobody_else(who: str) -> None:
    """However long its text is."""
    layout = laid_out("A -> B", "B -> C", f"ref over {who} : {'a long text ' * 5}")
    (placed,) = every(layout, Reference)

    assert [line.participant.id for line in layout.lifelines if placed.rect.x <= line.x <= placed.rect.right] == [who]


def test_a_spot_has_room_beside_a_wide_stereotype() -> None:
    """Neither the spot nor a stereotype wider than the name reaches over the head's border."""
    layout = laid_out("participant IdP << (I,orchid) openid provider >>", "IdP -> A")
    head = layout.heads[0]

    assert head.spot is not None
    assert head.rect.x + 10 < head.spot.x
    assert all(text.x + text.paragraph.width < head.rect.right for text in head.texts)


def test_an_icons_stereotype_spot_stands_beside_it() -> None:
    """It belongs to the head, and the canvas has room for it."""
    layout = laid_out("actor A <<(C,#red) human>>", "A -> B")
    head = layout.heads[0]
    assert head.spot is not None

    assert head.figure.right < head.spot.x
    assert layout.rect.x < head.spot.x < layout.rect.right


def test_an_activation_before_the_first_message_begins_at_the_head() -> None:
    """The bar reaches up to the head."""
    layout = laid_out("participant A", "participant B", "activate A", "A -> B")

    assert layout.bars[0].rect.y == layout.lifelines[0].top


def test_a_life_ends_on_a_row_of_its_own_after_a_group() -> None:
    """`destroy` after `end` has no message to stand at: its cross is below the frame."""
    layout = laid_out("A -> B ++", "alt x", "A -> B", "end", "destroy B")
    (cross,), (frame,) = every(layout, Cross), every(layout, Frame)

    assert cross.y > frame.rect.bottom


def test_who_was_destroyed_and_takes_part_again_lives_on() -> None:
    """The lifeline goes on to the bottom, where the foot is."""
    layout = laid_out("A -> B !!", "A -> B")

    assert layout.lifelines[1].bottom == layout.lifelines[0].bottom
    assert [h.participant.id for h in layout.heads if h.role == "tail"] == ["A", "B"]
