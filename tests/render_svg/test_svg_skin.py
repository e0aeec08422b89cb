"""What `skinparam` and `<style>` change, and how lines are kept off letters."""

import re
import sys
from pathlib import Path

import pytest

from seqtest.render.svg.colors import contrast, gray, rgb
from seqtest.render.svg.draw import draw

sys.path.insert(0, str(Path(__file__).parent))
from svg_boxes import SVG, diagram, groups, parsed, words  # beside this file; tests are no package


def sizes(root, name):  # type: ignore[no-untyped-def]
    found = (
        re.search(r"font-size:(\d+)px", t.get("style") or "") for g in groups(root, name) for t in g.iter(f"{SVG}text")
    )
    return {match[1] if match else "13" for match in found}


def test_font_sizes_and_styles_are_kept() -> None:
    """Of participants, arrows, notes, boxes and titles; `defaultFontSize` is that of the rest."""
    root = parsed(
        draw(
            diagram(
                "skinparam defaultFontSize 11",
                "skinparam participantFontSize 20",
                "skinparam participantFontStyle bold",
                "skinparam arrowFontSize 16",
                "title T",
                "A -> B : x",
                "note left: n",
            )
        )
    )

    assert sizes(root, "participant-head") == {"20"}
    assert sizes(root, "message") == {"16"}
    assert sizes(root, "note") == sizes(root, "title") == {"11"}
    assert "b" in (next(groups(root, "participant-head")[0].iter(f"{SVG}text")).get("class") or "").split()


def test_an_absurd_size_is_bounded() -> None:
    """Neither nothing nor a poster."""
    root = parsed(draw(diagram("skinparam arrowFontSize 9000", "A -> B : x")))

    assert sizes(root, "message") == {"40"}


def color_of(svg: str, element, what: str) -> str | None:  # type: ignore[no-untyped-def]
    for name in (element.get("class") or "").split():
        if name[0] == "c" and (match := re.search(rf"\.{name}{{[^}}]*{what}:(#\w+)", svg)):
            return match[1]
    return None


def test_colours_of_the_parts() -> None:
    """Lifelines, bars, frames and their tabs, references, dividers, titles and legends."""
    svg = draw(
        diagram(
            "skinparam sequence {",
            "LifeLineBorderColor #111111",
            "LifeLineBackgroundColor #222222",
            "GroupBorderColor #333333",
            "GroupBackgroundColor #ffaaaa",
            "ReferenceBackgroundColor #ffffaa",
            "DividerBackgroundColor #aaffaa",
            "}",
            "skinparam titleFontColor #550000",
            "title T",
            "A -> B ++ : x",
            "alt a",
            "B -> A",
            "end",
            "ref over A : r",
            "== d ==",
        )
    )
    root = parsed(svg)
    tags = {"participant-lifeline": "line", "fragment": "rect", "tab": "path", "ref": "rect", "divider": "rect"}
    first = {name: next(groups(root, name)[0].iter(f"{SVG}{tag}")) for name, tag in tags.items()}
    bar = next(rect for rect in root.iter(f"{SVG}rect") if (rect.get("class") or "").startswith("bar"))

    assert color_of(svg, first["participant-lifeline"], "stroke") == "#111111"
    assert color_of(svg, bar, "fill") == "#222222"
    assert color_of(svg, first["fragment"], "stroke") == "#333333"
    assert color_of(svg, first["tab"], "fill") == "#ffaaaa"
    assert color_of(svg, first["ref"], "fill") == "#ffffaa"
    assert color_of(svg, first["divider"], "fill") == "#aaffaa"
    assert color_of(svg, groups(root, "title")[0], "fill") == "#550000"


@pytest.mark.parametrize(
    "line", ["skinparam defaultFontColor #000055", "<style>\nroot { FontColor #000055 }\n</style>"]
)
def test_words_have_the_colour_of_all_words(line: str) -> None:
    """Where their own place has none."""
    svg = draw(diagram("skinparam noteFontColor #550000", *line.split("\n"), "A -> B : x", "note left : n"))
    root = parsed(svg)
    found = {name: color_of(svg, groups(root, name)[0], "fill") for name in ("participant-head", "note")}

    assert found == {"participant-head": "#000055", "note": "#550000"}
    assert "#000055" in {color_of(svg, each, "fill") for each in groups(root, "message")[0].iter()}


def test_a_name_below_a_figure_has_its_colour() -> None:
    """It stands on the page, not on the figure's own colour."""
    svg = draw(
        diagram("skinparam actorFontColor #005500", "skinparam actorBackgroundColor #004400", "actor A", "A -> A")
    )
    (head,) = groups(parsed(svg), "participant-head")

    assert color_of(svg, head, "fill") == "#005500"


def test_the_same_by_style_sheet() -> None:
    """`<style>` says `separator` and `groupHeader` for what skinparam calls divider and group."""
    svg = draw(
        diagram(
            "<style>",
            "sequenceDiagram {",
            "separator { BackgroundColor #aaffaa }",
            "groupHeader { BackgroundColor #ffaaaa }",
            "}",
            "</style>",
            "A -> B",
            "== d ==",
            "alt a",
            "B -> A",
            "end",
        )
    )
    root = parsed(svg)

    assert color_of(svg, next(groups(root, "divider")[0].iter(f"{SVG}rect")), "fill") == "#aaffaa"
    assert color_of(svg, next(groups(root, "tab")[0].iter(f"{SVG}path")), "fill") == "#ffaaaa"


def test_monochrome_has_no_colour_and_the_same_contrast() -> None:
    """Each colour becomes the grey of its brightness."""
    svg = draw(diagram("skinparam monochrome true", "participant A #red/blue", "A -[#green]> B : <color:navy>x"))
    shown = {rgb(code) for code in re.findall(r"#[0-9a-f]{6}\b", svg)}
    red, white = rgb("#ff0000"), rgb("#ffffff")
    assert red is not None
    assert white is not None

    assert all(color is not None and color.red == color.green == color.blue for color in shown)
    assert abs(contrast(gray(red), white) - contrast(red, white)) < 0.05


def test_a_colour_of_the_page() -> None:
    """It is the author's in the light, moved where the theme's ink would not be legible on it."""
    svg = draw(diagram("skinparam backgroundColor #fffbe6", "A -> B"), scheme="light")
    page = next(rect for rect in parsed(svg).iter(f"{SVG}rect") if (rect.get("class") or "").startswith("page"))

    assert color_of(svg, page, "fill") == "#fffbe6"


def test_numbers_look_as_their_format_says() -> None:
    """Bold without a format, else with the format's own markup; the words for a screen reader have none."""
    plain, own, colored = (
        groups(parsed(draw(diagram(line, "A -> B : x"))), "message")[0]
        for line in ("autonumber", 'autonumber "(00)"', 'autonumber "<b><color blue>[000]"')
    )
    classes = [(next(g.iter(f"{SVG}text")).get("class") or "").split() for g in (plain, own, colored)]

    assert [words(g) for g in (plain, own, colored)] == ["1 x", "(01) x", "[001] x"]
    assert classes[0] == ["b"]
    assert classes[1] == []
    assert classes[2][0] == "b"
    assert len(classes[2]) == 2
    assert colored.get("aria-label") == "[001]: A to B: x"


def unders(root, number: int):  # type: ignore[no-untyped-def]
    group = groups(root, "message")[number]
    return [r.get("class") for r in group.iter(f"{SVG}rect") if (r.get("class") or "").startswith("under")]


def test_lines_keep_off_letters() -> None:
    """What a lifeline would run through has the page behind it; what none runs through needs nothing."""
    root = parsed(
        draw(diagram("A -> B : x", "B -> C : x", "A -> C : a label that reaches over the second", "B -> C : x"))
    )

    assert [unders(root, n) for n in range(4)] == [[], [], ["under"], []]


def test_what_is_behind_a_text_has_the_colour_of_its_place() -> None:
    """Of the box that it is in; half in a box and half out of it there is nothing."""
    long = "a label that reaches over the second"
    inside = parsed(
        draw(diagram("box #pink", "participant A", "participant B", "participant C", "end box", f"A -> C : {long}"))
    )
    across = parsed(draw(diagram("participant A", "box #pink", "participant B", "end box", f"A -> C : {long}")))

    assert re.fullmatch(r"under c\d+", unders(inside, 0)[0])
    plain = parsed(
        draw(diagram("box", "participant A", "participant B", "participant C", "end box", f"A -> C : {long}"))
    )

    assert unders(across, 0) == []
    assert unders(plain, 0) == ["under-box"]


def test_a_note_stands_beside_the_bar() -> None:
    """That begins at its arrow's end, not on it."""
    root = parsed(draw(diagram("A -> B ++ : x", "note right: n", "B --> A -- : y")))
    bar = next(r for r in root.iter(f"{SVG}rect") if (r.get("class") or "").startswith("bar"))
    path = next(groups(root, "note")[0].iter(f"{SVG}path")).get("d") or ""
    left = float((re.match(r"M([\d.]+)", path) or ["", "0"])[1])

    assert left >= float(bar.get("x", "0")) + float(bar.get("width", "0")) + 4


def test_words_in_a_coloured_cell_are_legible() -> None:
    """In both schemes: black on a light colour, white on a dark one."""
    root = parsed(draw(diagram("legend", "|<#lightgreen> light |<#000080> dark |", "end legend", "A -> B")))
    classes = {t.text: (t.get("class") or "").split() for t in groups(root, "legend")[0].iter(f"{SVG}text")}

    assert "dk" in classes["light"]
    assert "lt" in classes["dark"]
