"""The SVG text: what a program, a screen reader and a viewer in the dark find in it."""

import re
import sys
from pathlib import Path

import pytest

from seqtest.render.svg import theme
from seqtest.render.svg.colors import contrast, rgb
from seqtest.render.svg.draw import draw
from seqtest.render.svg.ink import Ink

sys.path.insert(0, str(Path(__file__).parent))
from svg_boxes import SVG, diagram, groups, parsed, words  # beside this file; tests are no package


def picture(*lines: str):  # type: ignore[no-untyped-def]
    return parsed(draw(diagram(*lines)))


def test_the_same_diagram_gives_the_same_bytes() -> None:
    """Drawn twice, in one process or another, there is no difference."""
    lines = ("box b #red", "A -[#blue]> B : <color:green>x</color>", "note left #pink: y", "end box")

    assert draw(diagram(*lines)) == draw(diagram(*lines))


def test_every_message_says_who_and_where() -> None:
    """A group for each message with PlantUML's own attributes, its line, and words for a screen reader."""
    root = picture("participant Client as c", "autonumber", "c -> s : POST /token", "s --> c : 200 OK", "[-> c : in")
    one, two, three = groups(root, "message")

    assert [g.get("id") for g in (one, two, three)] == ["msg1", "msg2", "msg3"]
    assert [g.get("data-line") for g in (one, two, three)] == ["4", "5", "6"]
    assert (two.get("data-entity-1"), two.get("data-entity-2")) == ("part2", "part1")
    assert (three.get("data-entity-1"), three.get("data-entity-2")) == ("part1", "part1")
    assert one.get("aria-label") == "1: Client to s: POST /token"
    assert three.get("aria-label") == "3: outside to Client: in"
    assert words(one) == "1 POST /token"


def test_every_participant_has_head_lifeline_and_tail() -> None:
    """With PlantUML's classes, its code, and ids that belong together."""
    root = picture('participant "The server" as srv', "srv -> B")
    kinds = ("participant-head", "participant-lifeline", "participant-tail")

    for kind in kinds:
        first = groups(root, kind)[0]
        assert first.get("data-qualified-name") == "srv"
        assert first.get("data-entity-uid") == "part1"
        assert (first.get("id") or "").startswith("part1-")


@pytest.mark.parametrize(
    "kind", ["participant", "actor", "boundary", "control", "entity", "database", "collections", "queue"]
)
def test_each_kind_has_a_figure_of_its_own(kind: str) -> None:
    """No two of the eight kinds look the same."""
    figures = {}
    for each in ("participant", "actor", "boundary", "control", "entity", "database", "collections", "queue"):
        head = groups(picture(f"{each} A", "A -> B"), "participant-head")[0]
        figures[each] = [(shape.tag, shape.get("d", "")[-12:]) for shape in head if shape.tag != f"{SVG}text"]

    assert [each for each in figures if figures[each] == figures[kind]] == [kind]


@pytest.mark.parametrize(
    ("arrow", "shapes"),
    [
        ("->", ["path.af"]),
        ("->>", ["path.a"]),
        ("-\\", ["path.af"]),
        ("-//", ["path.a"]),
        ("->x", ["path.a.wide"]),
        ("->o", ["circle.af", "path.af"]),
        ("<->", ["path.af", "path.af"]),
    ],
)
def test_each_head_is_drawn(arrow: str, shapes: list[str]) -> None:
    """The marks beside the line are those of the arrow as written."""
    (message,) = groups(picture(f"A {arrow} B"), "message")
    found = [f"{e.tag.removeprefix(SVG)}.{(e.get('class') or '').replace(' ', '.')}" for e in message]

    assert sorted(found[1:]) == sorted(shapes)


def test_a_dotted_line_is_dotted_and_its_head_is_not() -> None:
    """Only the shaft of a reply is broken."""
    (message,) = groups(picture("A --> B"), "message")

    assert ["dot" in (e.get("class") or "") for e in message] == [True, False]


def test_a_hidden_arrow_is_nothing() -> None:
    """It takes its row and its number, and shows neither line nor label."""
    hidden, shown = groups(picture("A -[hidden]> B : x", "A -> B : y"), "message")

    assert list(hidden) == []
    assert words(shown) == "y"


def test_fragments_are_groups_around_their_content() -> None:
    """The nesting of the drawing is that of the document."""
    root = picture("alt a", "A -> B : x", "loop 3", "B -> C : y", "end", "else b", "A -> C : z", "end", "A -> B : w")
    alt, loop = groups(root, "fragment")

    assert (alt.get("data-operator"), loop.get("data-operator")) == ("alt", "loop")
    assert [words(m) for m in groups(alt, "message")] == ["x", "y", "z"]
    assert [words(m) for m in groups(loop, "message")] == ["y"]
    assert [words(g) for g in groups(alt, "guard")] == ["[a]", "[3]", "[b]"]


def test_events_stand_in_drawn_order() -> None:
    """A reader who goes through the document meets notes, dividers and references where they are drawn."""
    root = picture("A -> B : one", "note left: two", "== three ==", "ref over A, B : four", "A -> B : five")
    found = [
        words(g)
        for g in root.iter(f"{SVG}g")
        if (g.get("class") or "").split()[0] in ("message", "note", "divider", "ref")
    ]

    assert found == ["one", "two", "three", "ref four", "five"]


def test_title_and_summary_are_there_to_be_read() -> None:
    """The document has a title and a description, and names them as its own."""
    root = picture("title Log **in**", "actor Alice", "Alice -> B : x")
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None

    assert title.text == "Log in"
    assert description.text == "Sequence diagram of 1 message between Alice, B."
    assert root.get("aria-labelledby") == title.get("id")
    assert root.get("role") == "graphics-document document"


def test_a_prefix_begins_every_id() -> None:
    """Two pictures in one page share no id, gradients included."""
    svg = draw(diagram("participant A #red/blue", "A -> B : x"), prefix="p7-")
    ids = re.findall(r' id="([^"]*)"', svg)

    assert ids
    assert all(name.startswith("p7-") for name in ids)
    assert set(re.findall(r"url\(#([^)]*)\)", svg)) <= set(ids)


def test_messages_take_the_focus_only_when_asked() -> None:
    """A plain picture has links as its only stops; an interactive one every message, in order."""
    plain, interactive = draw(diagram("A -> B")), draw(diagram("A -> B"), is_interactive=True)

    assert "tabindex" not in plain
    assert interactive.count('tabindex="0"') == 1


def test_light_and_dark() -> None:
    """`auto` has the dark colours in a media query; a fixed scheme has its own and no query."""
    auto, light, dark = (draw(diagram("A -> B"), scheme=scheme) for scheme in ("auto", "light", "dark"))

    assert auto.count("prefers-color-scheme:dark") == 1
    assert "prefers-color-scheme" not in light + dark
    assert theme.DARK.note not in light
    assert theme.LIGHT.note not in dark


@pytest.mark.parametrize("colors", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_the_themes_contrasts(colors: theme.Colors) -> None:
    """All text has AA's 4.5 on what is behind it, all lines that carry meaning 3."""

    def ratio(one: str, other: str) -> float:
        return contrast(theme.color(one), theme.color(other))

    c = colors
    for ground in (c.page, c.head, c.tab, c.band, c.legend, c.box):
        assert ratio(c.ink, ground) >= 7
    for ground in (c.page, c.box):
        assert ratio(c.guard, ground) >= 4.5
        assert ratio(c.quiet, ground) >= 4.5
        assert ratio(c.link, ground) >= 4.5
        for line in (
            c.lifeline,
            c.arrow,
            c.frame,
            c.head_line,
            c.bar_line,
            c.passed,
            c.failed,
            c.unexpected,
            c.destroy,
        ):
            assert ratio(line, ground) >= 2.8
    assert ratio(c.note_ink, c.note) >= 7
    assert ratio(c.note_line, c.page) >= 3
    assert ratio(c.link, c.note) >= 4.5


@pytest.mark.parametrize("color", ["#pink", "#000000", "#ffff00", "#808080", "#ff0000", "#LightBlue", "#7f7f00"])
def test_text_on_an_authors_colour_is_legible(color: str) -> None:
    """On whatever fill, black or white is chosen for its contrast, in both schemes alike."""
    name, base, words_class = Ink().surface(color)
    ink = {"dk": theme.INK_ON_LIGHT, "lt": theme.INK_ON_DARK}[words_class]

    assert name
    assert base is not None
    assert contrast(theme.color(ink), base) >= 4.5


@pytest.mark.parametrize("color", ["yellow", "red", "#ccc", "lime", "navy", "white", "black"])
def test_an_authors_text_colour_is_moved_until_it_is_legible(color: str) -> None:
    """Yellow on white is darkened, navy in the dark lightened, each just enough for AA."""
    ink = Ink()
    ink.text(color, None, None)
    ((_, light, dark),) = ink.rules()

    for rule, page in ((light, theme.LIGHT.page), (dark, theme.DARK.page)):
        shown = rgb(rule.removeprefix("fill:"))
        assert shown is not None
        assert contrast(shown, theme.color(page)) >= 4.5


def test_a_legible_colour_is_left_as_it_is() -> None:
    """Dark green on white is what the author wrote."""
    ink = Ink()
    ink.text("darkgreen", None, None)

    assert ink.rules()[0][1] == "fill:#006400"


@pytest.mark.parametrize("color", ["#black", "#ff0000", "#LightGray", "#yellow", "#white"])
def test_a_large_area_keeps_the_themes_ink_legible(color: str) -> None:
    """A box's ground is brought towards the page until the labels on it can be read, light and dark."""
    ink = Ink()
    ink.area(color)
    ((_, light, dark),) = ink.rules()

    for rule, colors in ((light, theme.LIGHT), (dark, theme.DARK)):
        shown = rgb(rule.removeprefix("fill:"))
        assert shown is not None
        assert contrast(shown, theme.color(colors.ink)) >= 7


def test_keyed_colours() -> None:
    """`#back:pink;line:blue;text:green` colours ground, border and text of a note."""
    root = picture("A -> B", "note over A #back:pink;line:blue;text:green : x")
    svg = draw(diagram("A -> B", "note over A #back:pink;line:blue;text:green : x"))

    assert "fill:#ffc0cb;stroke:#0000ff" in svg
    (note,) = groups(root, "note")
    assert re.search(r"\bc\d", note.get("class") or "")


def test_skinparams_colour_their_elements() -> None:
    """Participants, arrows and notes take the colours of `skinparam` and of `<style>`."""
    svg = draw(
        diagram(
            "skinparam participantBackgroundColor #abcdef", "skinparam sequence {", "ArrowColor #cd0000", "}", "A -> B"
        )
    )
    styled = draw(diagram("<style>", "participant {", "BackgroundColor #abcdef", "}", "</style>", "A -> B"))

    assert "fill:#abcdef" in svg
    assert "stroke:#cd0000" in svg
    assert "fill:#abcdef" in styled


def test_links_are_links() -> None:
    """A message's link makes all of it one, a text's link that text alone; neither tells where it was."""
    root = picture("A -> B [[http://a.example{tip}]] : x", "A -> B : see [[http://b.example label]]")
    found = list(root.iter(f"{SVG}a"))

    assert [a.get("href") for a in found] == ["http://a.example", "http://b.example"]
    assert [a.get("rel") for a in found] == ["noopener noreferrer"] * 2
    assert [words(a) for a in found] == ["x", "label"]


def test_creole_reaches_the_picture() -> None:
    """Bold, italic, monospace, size, underline and strike are attributes of their runs."""
    root = picture('A -> B : **b** //i// ""m"" <size:20>s</size> __u__ --k--')
    by_text = {text.text: text for text in root.iter(f"{SVG}text")}

    assert by_text["b"].get("class") == "b"
    assert by_text["i"].get("class") == "i"
    assert by_text["m"].get("class") == "mono"
    assert "20px" in (by_text["s"].get("style") or "")
    assert by_text["u"].get("text-decoration") == "underline"
    assert by_text["k"].get("text-decoration") == "line-through"


def test_very_deep_frames_stay_a_readable_document() -> None:
    """Frames nested four hundred deep are all drawn, and XML readers take the document."""
    root = picture(*["group g"] * 400, "A -> B", *["end"] * 400)

    assert sum(1 for rect in root.iter(f"{SVG}rect") if rect.get("class") == "f") == 400


def test_what_stands_on_an_authors_back_colour_is_legible() -> None:
    """`<back:black>` has white text on it, in both schemes, and a colour of its own is moved against it."""
    svg = draw(diagram("A -> B : <back:black>x</back> <back:black><color:navy>y</color></back>"))
    root = parsed(svg)
    by_text = {text.text: text for text in root.iter(f"{SVG}text")}
    (name,) = (by_text["y"].get("class") or "").split()
    shown = rgb((re.search(rf"\.{name}{{fill:(#\w+)", svg) or [""])[1])

    assert by_text["x"].get("class") == "lt"
    assert shown is not None
    assert contrast(shown, theme.color("#000000")) >= 4.5


def test_transparent_fills_and_borders() -> None:
    """`#transparent` fills nothing; a border's colour is taken without one."""
    clear = draw(diagram("participant A #transparent", "box b #transparent", "participant B", "end box", "A -> B"))
    lined = draw(
        diagram(
            "skinparam participantBorderColor #cd0000",
            "skinparam sequenceBoxBorderColor #00cd00",
            "box b",
            "participant A",
            "end box",
            "A -> B",
        )
    )

    assert clear.count("fill:none") > draw(diagram("A -> B")).count("fill:none")
    assert "stroke:#cd0000" in lined
    assert "stroke:#00cd00" in lined


def test_gradients() -> None:
    """Two colours make a gradient in the written direction, on figures and on light areas."""
    svg = draw(diagram("box b #white/lightblue", "participant A #red|yellow", "end box", "A -> B"))

    assert svg.count("<linearGradient") == 2
    assert 'x2="1" y2="0"><stop stop-color="#ff0000"/>' in svg


def test_rules_and_cells_are_drawn() -> None:
    """A rule with words has a line on both sides of them, a double one twice two; a coloured cell has its ground."""
    (note,) = groups(picture("A -> B", "note over A", "--words--", "====", "|<#pink> x | y |", "end note"), "note")
    lines = list(note.iter(f"{SVG}line"))
    rects = list(note.iter(f"{SVG}rect"))

    assert len(lines) == 4
    assert len([e for e in rects if e.get("class") == "cell"]) == 2
    assert len(rects) == 3


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("red", "#ff0000"),
        ("#F00", "#ff0000"),
        ("#8", "#888888"),
        ("#ff000080", "#ff7f7f"),
        ("Technology", "#97ff97"),
        ("transparent", "None"),
        ("nope", "None"),
        ("#12345", "None"),
    ],
)
def test_colours_as_authors_write_them(written: str, expected: str) -> None:
    """Names in any case, one, three, six and eight digits; everything else is no colour."""
    assert str(rgb(written)) == expected
