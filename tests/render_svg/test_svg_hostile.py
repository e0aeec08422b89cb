"""Hostile text: whatever is written into a drawing is shown as text and does nothing."""

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtest.diagram import (
    Box,
    CombinedFragment,
    Delay,
    Diagram,
    Divider,
    Furniture,
    InteractionUse,
    Link,
    Message,
    NewPage,
    Note,
    Operand,
    Participant,
    TextLine,
    Verbatim,
)
from seqtest.diagram.model import Arrow
from seqtest.render.svg.draw import draw
from seqtest.render.svg.mark import Extra, Mark
from seqtest.source import Span

sys.path.insert(0, str(Path(__file__).parent))
from svg_boxes import SVG, outside, overlaps, parsed, text_boxes  # beside this file; tests are no package

SPAN = Span(2, 1, 2, 9)
ELEMENTS = {
    "svg",
    "g",
    "a",
    "title",
    "desc",
    "style",
    "defs",
    "linearGradient",
    "stop",
    "rect",
    "line",
    "path",
    "circle",
    "text",
}
HOSTILE = [
    "<script>alert(1)</script>",
    "</text></svg><script>alert(1)</script>",
    '" onload="alert(1)" x="',
    "' onclick='alert(1)",
    "<img src=x onerror=alert(1)>",
    "[[javascript:alert(1) click]]",
    '[["javascript:alert(1)" click]]',
    '[[http://a.example/"onclick="alert(1) x]]',
    '[[http://a.example{"><script>} x]]',
    "<color:red;}*{background:url(http://evil.example)}>x",
    "<back:url(http://evil.example)>x</back>",
    "<u:</style><script>alert(1)</script>>x",
    "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "&lt;script&gt; &#60;script&#62; <U+003C>script<U+003E>",
    "\u202eevil\u2066 \u0000\u0008\ufffe\ud800",
    "<&x onload=alert(1)>",
    "<latex>\\input{/etc/passwd}</latex>",
    "{{\n!include /etc/passwd\n}}",
    "<img:http://evil.example/x.png>",
    "\\n\\l\\r\\t\\\\",
    "|= a | <#url(x)> b |",
]


def everywhere(text: str) -> Diagram:
    """A diagram with the text in every field that takes any."""
    line = (TextLine(text),)
    message = Message("a", "b", text, link=Link(text, text, text), number=text, stereotypes=(text,), span=SPAN)
    shapes = ("note", "hnote", "rnote")
    return Diagram(
        text,
        (
            Participant("a", text, stereotypes=(text, f"(C,#red) {text}"), link=Link(text, text), box=0, color=text),
            Participant("b", text, "actor", lines=line),
            Participant(text, text, "queue"),
        ),
        (
            message,
            Message("a", text, text, Arrow(color=text)),
            CombinedFragment(
                "alt",
                (Operand(text, (message,), color=text), Operand(text, ())),
                text,
                text,
                text,
                notes=(Note("right", line),),
            ),
            CombinedFragment("group", (Operand(text, ()),), text),
            *(Note("over", line, ("a",), shape, (text,), text, Link(text, text)) for shape in shapes),  # type: ignore[arg-type]  # the three
            InteractionUse(("a", "b"), line, text, Link(text, text), (Note("left", line),)),
            Divider(text),
            Delay(text),
            NewPage(text),
            Verbatim("skinparam", f"skinparam participantBackgroundColor {text}"),
            Verbatim("<style>", f"<style>\n{text}\n</style>"),
        ),
        (Box(text, text, (text,)),),
        tuple(
            Furniture(kind, line, (text,))  # type: ignore[arg-type]  # the six kinds
            for kind in ("title", "caption", "header", "footer", "legend", "mainframe")
        ),
    )


def run_through(text: str) -> str:
    marks = {SPAN.item: Mark("failed", text, (0,), (text, text))}
    return draw(everywhere(text), marks=marks, extras=[Extra(SPAN, text, "a", text, text)], is_interactive=True)


def check(svg: str) -> ET.Element:
    """The document has nothing but known elements and attributes, and nothing in it is fetched or run."""
    svg.encode("utf-8")
    root = parsed(svg)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ELEMENTS
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert (
                name in ("style", "class")
                or "url(" not in value
                or value.startswith("url(#")
                or name.startswith(("data-", "aria-", "href"))
            )
        if element.tag == f"{SVG}a":
            assert re.match(r"(https?://|mailto:|[^:/\\]*$|[^:]*[/?#])", element.get("href") or "")
    style = root.find(f"{SVG}style")
    assert style is not None
    assert not re.search(r"url\((?!#)|@import|expression|</", style.text or "")
    return root


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text: str) -> None:
    """In every field: no element, attribute, rule or address comes from it, and the picture is sound."""
    root = check(run_through(text))

    assert list(overlaps(text_boxes(root))) == []
    assert outside(root) == []


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '" onload="alert(1)', "javascript:alert(1)"])
def test_hostile_text_is_shown(text: str) -> None:
    """It is there to be read, letter by letter."""
    root = check(run_through(text))
    shown = "".join(element.text or "" for element in root.iter(f"{SVG}text"))

    assert text.replace(" ", "") in shown.replace(" ", "")


def test_a_javascript_link_is_no_link() -> None:
    """Its label stays, its address is nowhere but in words."""
    root = check(run_through("[[javascript:alert(1) click]]"))

    assert not any("javascript" in (a.get("href") or "") for a in root.iter(f"{SVG}a"))
    assert "click" in {element.text for element in root.iter(f"{SVG}text")}


def test_direction_overrides_turn_nothing_around() -> None:
    """U+202E is named where it stands."""
    svg = run_through("a\u202eb")

    assert "\u202e" not in svg
    assert "a[U+202E]b" in svg


@pytest.mark.parametrize("text", ["x" * 10_000, "word " * 2_000, "日" * 10_000, "**b** " * 1_500])
def test_ten_thousand_characters_are_laid_out(text: str) -> None:
    """They are broken into lines, none of them overlapping another or leaving the canvas."""
    root = check(
        draw(
            Diagram(
                "",
                (Participant("a", "a"), Participant("b", "b")),
                (Message("a", "b", text), Note("over", (TextLine(text),), ("a",))),
            )
        )
    )
    boxes = text_boxes(root)

    assert list(overlaps(boxes)) == []
    assert outside(root) == []
    assert max(box.right for box in boxes) < 2_000


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_a_sound_picture(text: str) -> None:
    """Whatever characters there are, the document is well-formed, within its canvas, and nothing overlaps."""
    root = check(run_through(text))

    assert list(overlaps(text_boxes(root))) == []
    assert outside(root) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*"ab<>&[]{}|*/\"'_-~=#\\: \n", "<b>", "[[", "]]", "**", "<size:40>", "<color:red>", "\\n"]),
        max_size=40,
    )
)
def test_any_markup_gives_a_sound_picture(pieces: list[str]) -> None:
    """Creole torn to pieces and put together again does no harm."""
    root = check(run_through("".join(pieces)))

    assert list(overlaps(text_boxes(root))) == []
    assert outside(root) == []
