"""Styles and sprites: kept as written, and refused where PlantUML refuses them."""

import pytest

from seqtest.diagram import Diagram
from seqtest.diagram.read import read
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.render.plantuml import format_source
from seqtest.source import Source

SIXTEEN = "Os1aOcPXPMFduEJYvk7busSOONm0"
"""16 x 16 points of 16 levels, packed."""


def source(body: str) -> Source:
    return Source("flow.puml", f"@startuml\nA -> B\n{body}\n@enduml\n")


def drawn(body: str) -> Diagram:
    return read(source(body))[0]


def refused(body: str) -> Finding:
    with pytest.raises(UnreadableDiagram) as caught:
        drawn(body)
    return caught.value.finding


def style(body: str) -> str:
    return f"<style>\n{body}\n</style>"


STYLES = [
    ("names inside names", "sequenceDiagram {\n  arrow {\n    LineColor red\n  }\n}"),
    ("a block that never closes", "participant {\n  LineColor red"),
    ("a brace too much", "participant {\n}\n}"),
    ("one line", "participant { LineColor red }"),
    ("a brace on a line of its own", "participant\n{\n LineColor red\n}"),
    ("a class with blanks", ".my own {\n BackGroundColor red\n}"),
    ("several names", "participant, actor, .mine {\n FontSize 10\n}"),
    ("a star behind a name", "node * {\n FontSize 10\n}"),
    ("a depth", ":depth(1) {\n FontSize 10\n}"),
    ("signs between name and value", "participant {\n FontSize: 10;\n FontStyle bold italic;\n Padding 1, 2\n}"),
    ("a value on the next line", "participant {\n FontName\n Arial\n}"),
    ("a value in quotes", 'participant {\n FontName "Comic Sans"\n}'),
    ("a variable", ":root {\n --c: red;\n --empty:\n}\nparticipant {\n FontColor var(--c)\n}"),
    ("dark colours", "@media (prefers-color-scheme:dark) {\n root {\n FontColor red\n }\n}"),
    ("comments", "/* one\n two */\n// three\nparticipant { // four\n FontSize 10\n}"),
    ("a name that is none", "sequenceDiagram {\n nosuch {\n Foo bar\n }\n}"),
    ("an arrow, which is a name and a value", "a -> b"),
    ("nothing", ""),
]


@pytest.mark.parametrize(("what", "body"), STYLES, ids=[row[0] for row in STYLES])
def test_a_style_is_kept(what: str, body: str) -> None:
    """A style stays as it was written, and is written back so."""
    assert [message.sender for message in drawn(style(body)).messages()] == ["A"]
    assert read(Source("flow.puml", format_source(source(style(body))))) == read(source(style(body)))


WRONG_STYLES = [
    ("a name without a value", "participant {\n LineThickness 1\n FontName\n}", 6, "`FontName` has no value"),
    ("a name and nothing more", "participant", 4, "`participant` has no value"),
    ("two braces", "participant {{\n FontSize 10\n}", 4, "cannot be read further"),
    ("a brace behind a value", "participant {\n FontSize 10 {\n}", 5, "cannot be read further"),
    ("a star of its own", "* {\n FontSize 10\n}", 4, "cannot be read further"),
]


@pytest.mark.parametrize(("what", "body", "line", "words"), WRONG_STYLES, ids=[row[0] for row in WRONG_STYLES])
def test_a_wrong_style_is_told_at_its_line(what: str, body: str, line: int, words: str) -> None:
    """What PlantUML cannot read in a style is refused where it stands."""
    finding = refused(style(body))

    assert (finding.code, finding.span.line if finding.span else 0) == ("SQ118", line)
    assert words in finding.message


SPRITES = [
    ("rows of digits", "sprite $s {\nFF0\nfFf\n\n00\n}"),
    ("rows with their size", "sprite $s [3x2/16] {\nFF0\nFFF\n}"),
    ("rows of four levels", "sprite $s [2x1/4] {\n~!\n}"),
    ("packed on its line", f"sprite $s [16x16/16z] {SIXTEEN}"),
    ("packed in a block", f"sprite $s [16x16/16z] {{\n {SIXTEEN[:10]}\n\n{SIXTEEN[10:]}\n}}"),
    ("packed with more than it needs", f"sprite $s [8x16/16z] {SIXTEEN}AAAA"),
    ("a picture's file", "sprite s ./picture.png"),
    ("an SVG", 'sprite s <svg width="1" height="1"><rect/></svg>'),
]


@pytest.mark.parametrize(("what", "body"), SPRITES, ids=[row[0] for row in SPRITES])
def test_a_sprite_is_kept(what: str, body: str) -> None:
    """A sprite that can be drawn is kept."""
    assert [message.sender for message in drawn(body).messages()] == ["A"]


WRONG_SPRITES = [
    ("no rows", "sprite $s {\n\n}", 3, "empty"),
    ("a row of other signs", "sprite $s {\nFFF\nF-F\n}", 5, "digits `0` to `F`"),
    ("blanks in a row", "sprite $s [4x4/16] {\nFF FF\n}", 4, "digits `0` to `F`"),
    ("a damaged one", "sprite $s [16x16/16z] notvalid", 3, "damaged"),
    ("one cut off", f"sprite $s [16x16/16z] {SIXTEEN[:-8]}", 3, "points of 256"),
    ("one for a smaller picture", f"sprite $s [16x17/16z] {SIXTEEN}", 3, "256 points of 272"),
    ("one of other levels", f"sprite $s [16x16/8z] {SIXTEEN}", 3, "level 15 of 8"),
    ("a damaged one in a block", "sprite $s [16x16/16z] {\nnotvalid\n}", 4, "damaged"),
    ("one that is not packed", f"sprite $s [16x16/16] {SIXTEEN}", 3, "neither a sprite nor a file"),
]


@pytest.mark.parametrize(("what", "body", "line", "words"), WRONG_SPRITES, ids=[row[0] for row in WRONG_SPRITES])
def test_a_wrong_sprite_is_told_at_its_line(what: str, body: str, line: int, words: str) -> None:
    """What PlantUML cannot unpack is refused where it stands."""
    finding = refused(body)

    assert (finding.code, finding.span.line if finding.span else 0) == ("SQ119", line)
    assert words in finding.message


def test_a_link_on_a_name_in_quotes_has_a_participant_of_its_own() -> None:
    """Quotes are part of the name behind `url of`, and `check` says so."""
    body = 'url of "A" is [[https://example.org]]'
    diagram = drawn(body)

    assert [participant.id for participant in diagram.participants] == ["A", "B", '"A"']
    assert [slip.code for slip in diagram.slips] == ["SQ221"]
    assert body in format_source(source(body))


def test_a_link_on_a_name_is_that_participants() -> None:
    """Without quotes the participant is meant."""
    diagram = drawn("url of A is [[https://example.org]]")

    assert [participant.id for participant in diagram.participants] == ["A", "B"]
    assert not diagram.slips
