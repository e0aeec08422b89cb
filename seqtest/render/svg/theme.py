"""The picture's looks: fonts, the light and the dark colours, and the style sheet made of them."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from seqtest.render.svg.colors import BLACK, Rgb, gray, rgb
from seqtest.render.svg.typeset import Font

Scheme = Literal["auto", "light", "dark", "page"]
"""`page`: for a picture inside of a page that has `page_sheet()`, and may choose with `light` or `dark` on its root."""

SANS = "Arimo,'Liberation Sans',Arial,Helvetica,sans-serif"
MONO = "Cousine,'Liberation Mono',Menlo,'Courier New',monospace"

NAME = Font(14, limit=320, align="center")
STEREOTYPE = Font(12, is_italic=True, limit=320, align="center")
SPOT = Font(13, is_bold=True, limit=60, align="center")
LABEL = Font(13, limit=720)
NOTE = Font(13, limit=640, slack=1.2)
TAB = Font(12, is_bold=True, limit=400)
GUARD = Font(12, is_bold=True, limit=480, slack=1.25)
REFERENCE = Font(13, limit=480, slack=1.2, align="center")
DIVIDER = Font(13, is_bold=True, limit=600, align="center")
DELAY = Font(12, is_italic=True, limit=480, align="center")
BOX = Font(13, is_bold=True, limit=1200, align="center")
TITLE = Font(17, is_bold=True, limit=900, align="center")
CAPTION = Font(13, limit=900, align="center")
HEADER = Font(11, limit=900)
LEGEND = Font(13, limit=700, slack=1.2)
SPAN = Font(12, limit=200)
REMARK = Font(12, limit=340)


class Colors(NamedTuple):
    """One scheme. Text has a contrast of at least 4.5 to what is behind it, lines that carry meaning of 3."""

    page: str
    ink: str
    quiet: str
    """Headers, footers, what a run did not reach."""
    link: str
    head: str
    head_line: str
    lifeline: str
    bar: str
    bar_line: str
    arrow: str
    note: str
    note_line: str
    note_ink: str
    frame: str
    tab: str
    guard: str
    box: str
    box_line: str
    band: str
    legend: str
    passed: str
    failed: str
    unexpected: str
    destroy: str


LIGHT = Colors(
    page="#ffffff",
    ink="#1d2330",
    quiet="#626b7d",
    link="#0b57d0",
    head="#e9eefa",
    head_line="#6a7896",
    lifeline="#8a93a5",
    bar="#d5dff5",
    bar_line="#6a7896",
    arrow="#2b3345",
    note="#fff7d1",
    note_line="#a38a2c",
    note_ink="#29240f",
    frame="#78829a",
    tab="#e8ebf2",
    guard="#3a4358",
    box="#f2f4f8",
    box_line="#b9c1d0",
    band="#e8ebf2",
    legend="#f2f4f8",
    passed="#1a7f37",
    failed="#c3202f",
    unexpected="#a14a00",
    destroy="#b42318",
)
DARK = Colors(
    page="#15181f",
    ink="#e6e9f0",
    quiet="#9aa3b5",
    link="#8ab4ff",
    head="#262e40",
    head_line="#8492b3",
    lifeline="#717b90",
    bar="#3a4a70",
    bar_line="#8fa0c8",
    arrow="#d3d9e6",
    note="#38321a",
    note_line="#a8924a",
    note_ink="#f2ecd2",
    frame="#7f8aa3",
    tab="#2a3140",
    guard="#c3cad9",
    box="#1d222c",
    box_line="#4a5468",
    band="#2a3140",
    legend="#1d222c",
    passed="#56c271",
    failed="#ff7b85",
    unexpected="#f0a35e",
    destroy="#ff7b72",
)

INK_ON_LIGHT, INK_ON_DARK = "#000000", "#ffffff"
"""Text on an author's fill, in either scheme."""


def color(value: str) -> Rgb:
    """One of the theme's own colours."""
    return rgb(value) or BLACK


def _rules(c: Colors) -> tuple[tuple[str, str], ...]:
    """Selectors with what differs from scheme to scheme."""
    return (
        (".page", f"fill:{c.page}"),
        ("", f"fill:{c.ink}"),
        (".quiet", f"fill:{c.quiet}"),
        (".link", f"fill:{c.link}"),
        (".h", f"fill:{c.head};stroke:{c.head_line}"),
        (".hl", f"stroke:{c.head_line}"),
        (".lifeline", f"stroke:{c.lifeline}"),
        (".bar", f"fill:{c.bar};stroke:{c.bar_line}"),
        (".a", f"stroke:{c.arrow}"),
        (".af", f"fill:{c.arrow};stroke:{c.arrow}"),
        (".n", f"fill:{c.note};stroke:{c.note_line}"),
        (".nl", f"stroke:{c.note_line}"),
        (".note", f"fill:{c.note_ink}"),
        (".f", f"stroke:{c.frame}"),
        (".ft", f"fill:{c.tab};stroke:{c.frame}"),
        (".rf", f"fill:{c.page};stroke:{c.frame}"),
        (".guard", f"fill:{c.guard}"),
        (".box", f"fill:{c.box};stroke:{c.box_line}"),
        (".d", f"stroke:{c.frame}"),
        (".db", f"fill:{c.band};stroke:{c.frame}"),
        (".lg", f"fill:{c.legend};stroke:{c.box_line}"),
        (".cell", f"stroke:{c.frame}"),
        (".cross", f"stroke:{c.destroy}"),
        (".passed", f"fill:{c.passed};stroke:{c.passed}"),
        (".failed", f"fill:{c.failed};stroke:{c.failed}"),
        (".unexpected", f"fill:{c.unexpected};stroke:{c.unexpected}"),
        (".skipped", f"fill:{c.quiet};stroke:{c.quiet}"),
        (".sf", f"stroke:{c.failed}"),
        (".su", f"stroke:{c.unexpected}"),
        (".badge", f"stroke:{c.page}"),
        (".badge-mark", f"stroke:{c.page}"),
        (".lead", f"stroke:{c.quiet}"),
        (".faded", f"fill:{c.quiet}"),
        (".faded .a", f"stroke:{c.lifeline}"),
        (".faded .af", f"fill:{c.lifeline};stroke:{c.lifeline}"),
        (".faded .n", f"fill:{c.page};stroke:{c.lifeline}"),
        (".faded .nl", f"stroke:{c.lifeline}"),
        (".broken .n,.broken .nl", f"stroke:{c.failed}"),
        (".under", f"fill:{c.page}"),
        (".under-box", f"fill:{c.box}"),
        (".remark-failed", f"fill:{c.page};stroke:{c.failed}"),
        (".remark-unexpected", f"fill:{c.page};stroke:{c.unexpected}"),
        (".remark-passed", f"fill:{c.page};stroke:{c.passed}"),
        (".remark-skipped", f"fill:{c.page};stroke:{c.quiet}"),
    )


_FIXED = (
    ("text", f"font-family:{SANS};font-size:13px;stroke:none"),
    (".under,.under-box", "stroke:none"),
    (".mono", f"font-family:{MONO}"),
    (".b", "font-weight:bold"),
    (".i", "font-style:italic"),
    ("line,path,polyline", "fill:none"),
    (".lifeline", "stroke-width:1;stroke-dasharray:5 4"),
    (".pause", "stroke-dasharray:1 5"),
    (".pic path", "fill:inherit"),
    (".a,.f,.d,.cell,.hl,.nl", "fill:none"),
    (".a", "stroke-width:1.25"),
    (".dot", "stroke-dasharray:4 3"),
    (".cross", "stroke-width:2;fill:none"),
    (".wide", "stroke-width:2"),
    (".else", "stroke-dasharray:3 3"),
    (".lead", "stroke-dasharray:1 3;fill:none"),
    (".badge-mark", "stroke-width:1.6;fill:none"),
    (".hit", "stroke:none;fill:transparent"),
    ("a:focus,.message:focus,.ref:focus", "outline:2px solid #2f6fed;outline-offset:2px"),
)
_ON_FILLS = ((".dk", f"fill:{INK_ON_LIGHT}"), (".lt", f"fill:{INK_ON_DARK}"))


_COLOR = re.compile(r"#[0-9a-f]{6}\b")


def style_sheet(scheme: Scheme, own: tuple[tuple[str, str, str], ...] = (), is_gray: bool = False) -> str:
    """The rules for a scheme; `own` are the author's colours: class, declarations in the light, in the dark."""
    light = _css([(f".{name}", rule) for name, rule, _ in own])
    dark = _css([(f".{name}", rule) for name, _, rule in own])
    chosen = _chosen(scheme, light, dark)
    is_shared = scheme == "page" and not is_gray
    sheet = chosen if is_shared else f"{_theme_sheet(scheme)}{chosen}{_css(_ON_FILLS)}"
    return grayed(sheet) if is_gray else sheet


def page_sheet() -> str:
    """The rules that all pictures in a page share."""
    return _theme_sheet("page") + _css(_ON_FILLS)


def grayed(text: str) -> str:
    """Each `#rrggbb` as the grey that is as bright."""
    return _COLOR.sub(lambda match: str(gray(color(match[0]))), text)


@cache
def _theme_sheet(scheme: Scheme) -> str:
    return _chosen(scheme, _css(_rules(LIGHT)), _css(_rules(DARK))) + _css(_FIXED)


def _chosen(scheme: Scheme, light: str, dark: str) -> str:
    if scheme == "page" and dark:
        unless_light, if_dark = (dark.replace(".sq", f":root{root} .sq") for root in (":not(.light)", ".dark"))
        return f"{light}@media (prefers-color-scheme:dark){{{unless_light}}}{if_dark}"
    if scheme != "auto":
        return dark if scheme == "dark" else light
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}" if dark else light


def _css(rules: Sequence[tuple[str, str]]) -> str:
    return "".join(
        ",".join(f".sq {part}".rstrip() for part in selector.split(",")) + f"{{{body}}}" for selector, body in rules
    )
