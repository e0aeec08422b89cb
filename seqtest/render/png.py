"""A picture as PNG, by resvg (extra `png`). It runs no script and fetches nothing; the fonts come with seqtest."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seqtest.errors import Finding, Unanswerable
from seqtest.render.seal import sealed_png

if TYPE_CHECKING:
    from types import ModuleType

FONTS = Path(__file__).parent / "fonts"
LARGEST = 16_000
"""Pixels of the longer side; a longer picture is made smaller."""


def rasterise(svg: str, *, width: float, height: float, scale: float = 2.0) -> bytes:
    """The PNG of an SVG of that size, `scale` device pixels for each of its own.

    Draw the SVG with `scheme` "light" or "dark": a PNG follows no viewer's mode. Raises Unanswerable when the extra is
    not installed or the picture cannot be drawn.
    """
    resvg = _resvg()
    zoom = min(scale, LARGEST / max(width, height, 1))
    try:
        made = resvg.svg_to_bytes(svg_string=svg, zoom=zoom, font_files=list(_fonts()), sans_serif_family="Arimo")
    except ValueError as error:
        raise Unanswerable(Finding("SQ463", "this picture cannot be made into a PNG", detail=str(error))) from error
    return sealed_png(bytes(made), svg)


def _resvg() -> "ModuleType":
    try:
        import resvg_py
    except ImportError:
        finding = Finding("SQ462", "PNG pictures need resvg", do='install it: pip install "seqtest[png]"')
        raise Unanswerable(finding) from None
    return resvg_py


@cache
def _fonts() -> tuple[str, ...]:
    return tuple(str(path) for path in sorted(FONTS.glob("*.ttf")))
