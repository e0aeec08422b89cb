"""Painting text: each run an element with its measured length, so that every viewer shows what was laid out."""

from seqtest.render.creole import PLAIN, Style
from seqtest.render.markup import escape, href, visible
from seqtest.render.svg.colors import Rgb
from seqtest.render.svg.glyphs import Glyph
from seqtest.render.svg.ink import Ink
from seqtest.render.svg.measure import ASCENT, DESCENT
from seqtest.render.svg.shapes import Text
from seqtest.render.svg.typeset import Area, Paragraph, Piece, Stroke

BASE_SIZE = 13
_FIT = 'lengthAdjust="spacingAndGlyphs"'
"""Another font's letters are made narrower or wider, rather than pushed into each other."""
MIDDLE = 0.35
"""How far the middle of a line of text is above its baseline, in sizes."""


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    whole = int(value)
    return str(whole) if whole == value else f"{value:.1f}"


def paint_text(out: list[str], text: Text, ink: Ink, base: Rgb | None = None) -> None:
    """The paragraph's areas, rules and runs; `base` is the author's colour behind it, if there is one."""
    x, y, paragraph = text
    for area in paragraph.areas:
        _area(out, area, x, y, ink)
    for stroke in paragraph.strokes:
        _stroke(out, stroke, x, y)
    for piece in paragraph.pieces:
        if piece.glyph is not None:
            _picture(out, piece, piece.glyph, x, y, ink, base)
        elif piece.style is PLAIN and not piece.is_bold and piece.size == BASE_SIZE:
            place = f'x="{number(piece.x + x)}" y="{number(piece.y + y)}" {_FIT} textLength="{number(piece.width)}"'
            out.append(f"<text {place}>{escape(piece.text)}</text>")
        else:
            _piece(out, piece, x, y, ink, base)


def line_boxes(paragraph: Paragraph) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each line's letters."""
    lines: dict[float, tuple[float, float, int]] = {}
    for piece in paragraph.pieces:
        left, right, size = lines.get(piece.y, (piece.x, piece.x, 0))
        lines[piece.y] = min(left, piece.x), max(right, piece.x + piece.width), max(size, piece.size)
    return [(left, y - ASCENT * size, right, y + DESCENT * size) for y, (left, right, size) in lines.items()]


def _piece(out: list[str], piece: Piece, x: float, y: float, ink: Ink, base: Rgb | None) -> None:
    style = piece.style
    names = [
        name
        for name, is_set in (
            ("b", piece.is_bold),
            ("i", style.italic),
            ("mono", style.mono),
            ("link", _is_theme_link(style, base)),
        )
        if is_set
    ]
    own = ink.text(style.color, style.back, base) if style.color or style.back else ""
    if own:
        names.append(own)
    attributes = f' class="{" ".join(names)}"' if names else ""
    if piece.size != BASE_SIZE:
        attributes += f' style="font-size:{piece.size}px"' if not style.wavy else ""
    attributes += _decoration(style, piece.size)
    fit = "" if style.mono else f"{_FIT} "
    place = f'x="{number(piece.x + x)}" y="{number(piece.y + y)}" {fit}textLength="{number(piece.width)}"'
    element = f"<text {place}{attributes}>{escape(piece.text)}</text>"
    out.append(linked(element, style.url, style.tooltip) if style.url else element)


def _picture(out: list[str], piece: Piece, glyph: Glyph, x: float, y: float, ink: Ink, base: Rgb | None) -> None:
    style = piece.style
    own = ink.text(style.color, style.back, base) if style.color or style.back else ""
    top = piece.y + y - MIDDLE * piece.size - glyph.height / 2
    place = f"translate({number(piece.x + x)} {number(top)})"
    if glyph.scale != 1:
        place += f" scale({glyph.scale:g})"
    name = f' class="{own}"' if own else ""
    element = f'<use href="#{ink.glyph(glyph)}" transform="{place}"{name}/>'
    out.append(linked(element, style.url, style.tooltip) if style.url else element)


def _is_theme_link(style: Style, base: Rgb | None) -> bool:
    return bool(style.url) and base is None and not style.color and not style.back


def _decoration(style: Style, size: int) -> str:
    if style.wavy:
        font = f"font-size:{size}px;" if size != BASE_SIZE else ""
        return f' style="{font}text-decoration:underline wavy"'
    words = [
        word for word, is_set in (("underline", style.underline or style.url), ("line-through", style.strike)) if is_set
    ]
    return f' text-decoration="{" ".join(words)}"' if words else ""


def linked(element: str, url: str, tooltip: str | None) -> str:
    """The element as a link, when the address is one that only opens a page."""
    address = href(url)
    if address is None:
        return element
    title = f"<title>{escape(visible(tooltip))}</title>" if tooltip else ""
    return f'<a href="{escape(visible(address))}" target="_top" rel="noopener noreferrer">{title}{element}</a>'


def _area(out: list[str], area: Area, x: float, y: float, ink: Ink) -> None:
    name = ink.fill(area.color) if area.color else "cell"
    place = (
        f'x="{number(area.x + x)}" y="{number(area.y + y)}" width="{number(area.width)}" height="{number(area.height)}"'
    )
    if name:
        out.append(f'<rect class="{name}" {place}/>')


def _stroke(out: list[str], stroke: Stroke, x: float, y: float) -> None:
    dash = " dot" if stroke.mark == "." else " wide" if stroke.mark == "_" else ""
    stroke = stroke.moved(x, y)
    for step in (-1, 1) if stroke.mark == "=" else (0,):
        start = f'x1="{number(stroke.x)}" y1="{number(stroke.y + step)}"'
        end = f'x2="{number(stroke.x2)}" y2="{number(stroke.y2 + step)}"'
        out.append(f'<line class="cell{dash}" {start} {end}/>')
