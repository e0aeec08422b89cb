"""Where lines are broken, and what stands beside what: as a reader of PlantUML's pictures expects it."""

import re
import sys
from pathlib import Path

import pytest

from seqtest.diagram.read import read
from seqtest.render.svg.draw import draw
from seqtest.render.svg.typeset import Font, label, note
from seqtest.source import Source

sys.path.insert(0, str(Path(__file__).parent))
from svg_boxes import SVG, groups, parsed  # beside this file; tests are no package


def lines(text: str, font: Font) -> list[str]:
    """The lines of a label as they were set, each with the blanks before it."""
    found: dict[float, str] = {}
    for piece in label(text, font).pieces:
        found[round(piece.y / 14)] = found.get(round(piece.y / 14), "") + piece.text
    return list(found.values())


def picture(text: str):
    return parsed(draw(read(Source("x.puml", f"@startuml\n{text}\n@enduml\n"))[0]))


def y_of(root, words: str) -> float:
    return next(float(t.get("y", "0")) for t in root.iter(f"{SVG}text") if t.text == words)


def lines_at(root, kind: str) -> list[float]:
    """The heights of the arrows of that kind of group."""
    return [float(line.get("y1", "0")) for group in groups(root, kind) for line in list(group.iter(f"{SVG}line"))[:1]]


def test_a_word_of_several_looks_is_not_broken() -> None:
    """`A<sub>O</sub>` is one word, and so is one half of which is bold."""
    assert lines("keys A<sub>O</sub>", Font(limit=44)) == ["keys", "AO"]
    assert lines("some half**bold**word", Font(limit=100)) == ["some", "halfboldword"]
    assert lines("some half **bold** word", Font(limit=70)) == ["some half", "boldword"]  # pieces, without their blanks


def test_a_word_that_is_too_wide_alone_is_broken() -> None:
    """Whatever its looks, nothing is wider than the limit."""
    paragraph = label("x" * 60 + "**" + "y" * 60 + "**", Font(limit=100))

    assert max(piece.x + piece.width for piece in paragraph.pieces) <= 100
    assert "".join(piece.text for piece in paragraph.pieces) == "x" * 60 + "y" * 60


def test_the_rest_of_a_line_stands_where_it_began() -> None:
    """An indented line that is broken goes on with its indentation, so that JSON stays legible."""
    paragraph = label("        a long line of words", Font(limit=110))
    starts = {round(piece.x) for piece in paragraph.pieces}

    assert len(paragraph.pieces) > 1
    assert len(starts) == 1
    assert starts != {0}


def test_an_indentation_without_room_behind_it_is_not_kept() -> None:
    """A line that begins with more blanks than there is room still gets its words set."""
    paragraph = label(" " * 40 + "some words here", Font(limit=100))

    assert max(piece.x + piece.width for piece in paragraph.pieces[1:]) <= 100


@pytest.mark.parametrize(("length", "count"), [(60, 1), (70, 1), (90, 2)])
def test_a_note_that_is_a_little_too_wide_stays_whole(length: int, count: int) -> None:
    """No line of a note ends in a lonely word; one that is far too long is broken."""
    font = Font(limit=400, slack=1.2)
    text = ("abcde " * 20)[:length].strip()

    assert len({piece.y for piece in note([text], font).pieces}) == count


def test_the_authors_own_width_holds() -> None:
    """`wrapWidth` is no suggestion."""
    words = "twenty words " * 8
    free = picture(f"note over a : {words}")
    held = picture(f"skinparam wrapWidth 200\nnote over a : {words}")

    assert max(float(t.get("textLength", "0")) for g in groups(held, "note") for t in g.iter(f"{SVG}text")) <= 200
    assert len([*groups(free, "note")[0].iter(f"{SVG}text")]) < len([*groups(held, "note")[0].iter(f"{SVG}text")])


def test_bars_alone_are_room() -> None:
    """`|||` in a reference or a note draws no table; a table does."""
    room = picture("ref over a, b\n  words\n  |||\nend ref")
    table = picture("note over a\n  |x|y|\nend note")

    assert len([*groups(room, "ref")[0].iter(f"{SVG}rect")]) == 1
    assert len([*groups(table, "note")[0].iter(f"{SVG}rect")]) == 2


def test_a_note_at_the_height_of_a_message_stands_at_its_end() -> None:
    """`& note right of b` behind `a -> b`; a note of its own, or of the other end, stands below."""
    drawing = "a -> b : hello\n{}note right of {} : words\nb -> a : bye"
    beside, below, other = (
        picture("participant a\nparticipant b\n" + drawing.format(*parts))
        for parts in (("& ", "b"), ("", "b"), ("& ", "a"))
    )

    assert abs(y_of(beside, "words") - y_of(beside, "hello")) < 20
    assert y_of(below, "words") - y_of(below, "hello") > 20
    assert y_of(other, "words") - y_of(other, "hello") > 20


def test_par2_is_drawn_side_by_side() -> None:
    """Arrows that meet at a lifeline are at one height, with nothing drawn around them; the structure stays."""
    root = picture("par2\na -> b : one\nelse\nb -> c : two\nend\nc -> a : three")
    one, two, three = lines_at(root, "message")

    assert one == two < three
    (fragment,) = groups(root, "fragment")
    assert len(groups(fragment, "message")) == 2
    assert not [*fragment.iter(f"{SVG}rect")]


def test_par2_without_room_goes_below() -> None:
    """Arrows that would lie on each other do not."""
    one, two = lines_at(picture("par2\na -> c : one\nelse\na -> b : two\nend\nb -> c"), "message")[:2]

    assert one < two


def test_par2_with_words_has_its_frame() -> None:
    """What the author wrote is there to read."""
    root = picture("par2 both\na -> b : one\nelse\nb -> c : two\nend")

    assert [*groups(root, "fragment")[0].iter(f"{SVG}rect")]
    assert y_of(root, "[both]")


def test_letters_of_another_font_are_scaled() -> None:
    """A viewer without our font makes the letters narrower, not the gaps; fixed width needs no such help."""
    svg = draw(read(Source("x.puml", '@startuml\na -> b : words ""code""\n@enduml\n'))[0])

    assert re.search(r'lengthAdjust="spacingAndGlyphs" textLength="[\d.]+">words', svg)
    assert re.search(r'<text x="[\d.]+" y="[\d.]+" textLength="[\d.]+" class="mono">code', svg)
