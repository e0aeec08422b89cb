"""Pictures inside texts: sprites, icons, emoji; and that a sprite written as SVG can do nothing."""

import re
import sys
from pathlib import Path

import pytest

from seqtest.render.svg.draw import draw
from seqtest.render.svg.drawing import foreign
from seqtest.render.svg.glyphs import LARGEST, glyphs_of, open_iconic

sys.path.insert(0, str(Path(__file__).parent))
from svg_boxes import SVG, diagram, groups, outside, parsed, words  # beside this file; tests are no package

GRID = ("sprite $dot [4x2/16] {", "0F00", "00F8", "}")


def uses(root, name="message"):  # type: ignore[no-untyped-def]
    return [use for group in groups(root, name) for use in group.iter(f"{SVG}use")]


def test_a_sprite_is_painted_from_its_pixels() -> None:
    """A path for each level, with a run for each row; it stands in the text and its name does not."""
    svg = draw(diagram(*GRID, "A -> B : one <$dot> two"))
    root = parsed(svg)

    assert '<path fill-opacity="0.533" d="M3 1h1v1h-1z"/><path fill-opacity="1" d="M1 0h1v1h-1zM2 1h1v1h-1z"/>' in svg
    assert len(uses(root)) == 1
    assert words(groups(root, "message")[0]) == "one two"


@pytest.mark.parametrize(
    "lines",
    [
        ("sprite $s [13x9/4] {", "mCC30000LLLLL", "0000mmC3JGGGG", "000000000mCC3", "}"),
        ("sprite $s [13x9/4z] OsQ004OGO61cHd20D3Co1oY9u40b4O0PmIKi2G",),
    ],
)
def test_a_compressed_sprite_is_the_plain_one(lines: tuple[str, ...]) -> None:
    """PlantUML's own encodings of one picture, rows of three and deflated, give the same pixels."""
    glyphs = glyphs_of(diagram(*lines, "A -> B"))
    assert glyphs is not None
    glyph = glyphs.sprites["s"]

    assert (glyph.width, glyph.height) == (13, 9)
    assert glyph.body.startswith('<path fill-opacity="0.333" d="M8 0h5v1h-5zM8 1h5v1h-5z')
    assert "M12 8h1v1h-1z" in glyph.body


def test_a_picture_is_as_large_as_asked_for() -> None:
    """`*3` and `,scale=3` are three times as large, and the label makes room for it."""
    plain, large, same = (
        parsed(draw(diagram(*GRID, f"A -> B : <$dot{how}>"))) for how in ("", "*3", ",scale=3,color=red")
    )

    assert "scale" not in (uses(plain)[0].get("transform") or "")
    assert "scale(3)" in (uses(large)[0].get("transform") or "")
    assert uses(large)[0].get("transform") == uses(same)[0].get("transform")
    assert uses(same)[0].get("class") is not None


def test_one_picture_is_defined_once() -> None:
    """However often it is shown; the ids begin with the prefix."""
    svg = draw(diagram(*GRID, "A -> B : <$dot><$dot>", "B -> A : <$dot>"), prefix="x-")

    assert svg.count('<g id="x-i0" class="pic">') == 1
    assert svg.count('href="#x-i0"') == 3


def test_a_sprite_has_its_own_colours() -> None:
    """`color`: two letters a pixel, as PlantUML paints them; other letters paint nothing."""
    svg = draw(diagram("sprite $p [9x9/color] {", "..zz,,", "00GGGG", "}", "A -> B : <$p>"))
    picture = re.search(r'<g id="i0" class="pic">(.*?)</defs>', svg)

    assert picture is not None
    assert re.findall(r'style="fill:(#\w+)" d="([^"]+)"', picture[1]) == [
        ("#000000", "M0 0h1v1h-1z"),
        ("#004411", "M2 0h1v1h-1z"),
        ("#449922", "M1 1h2v1h-2z"),
        ("#ffffff", "M1 0h1v1h-1z"),
    ]
    assert len(uses(parsed(svg))) == 1


def test_what_is_no_sprite_is_shown_as_written() -> None:
    """An unknown name, a huge picture, one without room."""
    for line in (
        f"sprite $dot [{LARGEST + 1}x1/16] {{\nF\n}}",
        "sprite $dot [1x1/color] {\n.\n}",
        "sprite other [2x2/16] {\n00\n00\n}",
    ):
        root = parsed(draw(diagram(line, "A -> B : <$dot>")))

        assert words(groups(root, "message")[0]) == "<$dot>"


def test_an_icon_is_as_high_as_its_text() -> None:
    """Icons of Open Iconic by their names, each once; there is none of an unknown name."""
    icon = open_iconic("lock-locked", 13)
    root = parsed(draw(diagram("A -> B : <&lock-locked> safe", "A -> B : <&no-such-icon>")))

    assert icon is not None
    assert (icon.width, icon.height) == (13, 13)
    assert len(uses(root)) == 1
    assert words(groups(root, "message")[1]) == "<&no-such-icon>"


def test_a_screen_reader_hears_the_icons_name() -> None:
    """`<&key> POST` is read `key POST`."""
    root = parsed(draw(diagram("A -> B : <&key> POST")))

    assert groups(root, "message")[0].get("aria-label") == "A to B: key POST"


def test_a_stereotype_may_be_a_sprite() -> None:
    """`<<$name>>` is the picture, not the word."""
    root = parsed(draw(diagram(*GRID, "participant A <<$dot>>", "A -> A")))

    assert words(groups(root, "participant-head")[0]) == "A"
    assert len(uses(root, "participant-head")) == 1


def test_emoji_have_short_names() -> None:
    """By GitHub's short name, by Unicode's own, by code."""
    root = parsed(draw(diagram("A -> B : <:warning:> <:calendar:> <:1f600:>")))

    assert words(groups(root, "message")[0]) == "⚠ 📆 😀"


def test_a_drawn_sprite_keeps_its_shapes_and_nothing_else() -> None:
    """Scripts, handlers, links, styles that load, and foreign elements are gone; colours and transforms are there."""
    found = foreign(
        '<svg viewBox="0 0 10 20" width="30" height="60" onload="x()">'
        '<script>alert(1)</script><style>@import "u"</style>'
        '<a href="javascript:x()"><path d="M0 0"/></a><image href="http://host/x.png"/><foreignObject/>'
        '<g transform="rotate(45 5 5)" style="fill: red; background: url(http://host)">'
        '<path d="M0 0l5 5" fill="url(#x)" stroke="blue" onclick="x()"/><circle r="2e9" cx="1"/></g></svg>',
        400,
    )
    assert found is not None
    width, height, body = found

    assert (width, height) == (30, 60)
    assert body == (
        '<g transform="scale(3) translate(0 0)"><g style="fill:red" transform="rotate(45 5 5)">'
        '<path d="M0 0l5 5" stroke="blue"/><circle cx="1"/></g></g>'
    )


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg viewBox="0 0 1 1">&a;</svg>',
        '<svg viewBox="0 0 1 1"><path></svg>',
        "<svg><path/></svg>",
        '<svg width="1e9" height="1"/>',
        '<svg viewBox="0 0 900 1"/>',
        '<svg viewBox="0 0 0 0" width="9" height="9"/>',
        '<svg viewBox="0 0 1 1">' + "<rect/>" * 3000 + "</svg>",
    ],
)
def test_what_is_no_sound_svg_is_no_sprite(text: str) -> None:
    """Entities, broken XML, no size, too large, too much."""
    assert foreign(text, LARGEST) is None


def test_deep_groups_end() -> None:
    """Groups in groups are followed to a bound, not until Python gives up."""
    found = foreign('<svg viewBox="0 0 1 1">' + "<g>" * 900 + "</g>" * 900 + "</svg>", LARGEST)

    assert found is not None
    assert found[2].count("<g") < 30


def test_slow_patterns_do_not_exist() -> None:
    """Long hostile values are refused at once."""
    digits = "1" * 50_000
    found = foreign(
        f'<svg viewBox="0 0 1 1"><path d="{digits}!" transform="translate({digits}!"/>'
        f'<polygon points="{digits}!"/></svg>',
        LARGEST,
    )

    assert found is not None
    assert digits not in found[2]


def test_pictures_stay_on_the_canvas() -> None:
    """A large one in a note, a name and a title makes room for itself."""
    svg = draw(
        diagram(*GRID, "title <$dot*9>", 'participant "<$dot*9>" as A', "A -> A : <$dot*9>", "note right: <$dot*9>")
    )
    root = parsed(svg)
    left, top, width, height = map(float, (root.get("viewBox") or "").split())
    places = re.findall(r'transform="translate\(([\d.-]+) ([\d.-]+)\) scale\(9\)"', svg)

    assert len(places) == 5
    assert outside(root) == []
    assert all(left <= float(x) and float(x) + 36 <= left + width for x, _ in places)
    assert all(top <= float(y) and float(y) + 18 <= top + height for _, y in places)
