"""A sprite that its author wrote as SVG: its plain shapes are taken over, anything that could act or load is not."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping

from seqtest.render.markup import escape

_LENGTH = re.compile(r"(-?\d{0,6}(?:\.\d{1,6})?)(?<=\d)(?:px)?$")
_NUMBERS = re.compile(r"[\d\s.,eE+-]*$")
_PATH = re.compile(r"[MmLlHhVvCcSsQqTtAaZz\d\s.,eE+-]*$")
_COLOR = re.compile(r"(?:none|[a-zA-Z]{3,24}|#[0-9a-fA-F]{3,8})$")
_TRANSFORM = re.compile(r"(?:(?:translate|scale|rotate|matrix|skewX|skewY)\([\d\s.,eE+-]{1,120}\)[\s,]?)*$")
_WORD = re.compile(r"(?:evenodd|nonzero|round|square|butt|miter|bevel)$")
_SHAPES: Mapping[str, tuple[str, ...]] = {
    "g": (),
    "path": ("d",),
    "rect": ("x", "y", "width", "height", "rx", "ry"),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "line": ("x1", "y1", "x2", "y2"),
    "polyline": ("points",),
    "polygon": ("points",),
}
_LOOKS: Mapping[str, re.Pattern[str]] = {
    "d": _PATH,
    "points": _NUMBERS,
    "transform": _TRANSFORM,
    "fill": _COLOR,
    "stroke": _COLOR,
    "fill-rule": _WORD,
    "stroke-linecap": _WORD,
    "stroke-linejoin": _WORD,
    "stroke-dasharray": _NUMBERS,
}
"""What an attribute may say; every other one is a length."""
_COMMON = (
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "fill-rule",
    "fill-opacity",
    "stroke-opacity",
    "opacity",
    "transform",
)
_MOST = 2_000
"""Shapes in one sprite."""
_DEEPEST = 20
"""Groups in groups."""


def foreign(text: str, largest: int) -> tuple[float, float, str] | None:
    """Width, height and shapes of an SVG, scaled to that size; None when it is no SVG, or larger than `largest`."""
    if "<!" in text:  # a document type can define entities, which can be made to explode
        return None
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a document type there is nothing to expand
    except ET.ParseError:
        return None
    box = _box(root)
    if box is None:
        return None
    x, y, inner_width, inner_height = box
    width, height = _length(root.get("width")) or inner_width, _length(root.get("height")) or inner_height
    if not (0 < width <= largest and 0 < height <= largest and inner_width > 0 and inner_height > 0):
        return None
    shapes = list(_shapes(root))
    if len(shapes) > _MOST:
        return None
    scale = min(width / inner_width, height / inner_height)
    place = f"scale({scale:.6g}) translate({0 - x:g} {0 - y:g})"
    return width, height, f'<g transform="{place}"{_attributes(root, _COMMON)}>{"".join(shapes)}</g>'


def _box(root: ET.Element) -> tuple[float, float, float, float] | None:
    view = (root.get("viewBox") or "").replace(",", " ").split()
    numbers = [number for word in view if (number := _length(word)) is not None]
    if len(numbers) == 4:
        return numbers[0], numbers[1], numbers[2], numbers[3]
    width, height = _length(root.get("width")), _length(root.get("height"))
    return (0, 0, width, height) if width and height else None


def _length(text: str | None) -> float | None:
    match = _LENGTH.match(text.strip()) if text else None
    return float(match[1]) if match else None


def _shapes(root: ET.Element, depth: int = 0) -> Iterator[str]:
    for element in root:
        name = element.tag.rpartition("}")[2]
        if name not in _SHAPES:
            continue
        attributes = _attributes(element, (*_SHAPES[name], *_COMMON))
        if name == "g" and depth < _DEEPEST:
            yield f"<g{attributes}>"
            yield from _shapes(element, depth + 1)
            yield "</g>"
        elif name != "g":
            yield f"<{name}{attributes}/>"


def _attributes(element: ET.Element, names: tuple[str, ...]) -> str:
    found = dict(part.partition(":")[::2] for part in (element.get("style") or "").split(";"))
    values = {key.strip(): value.strip() for key, value in found.items()} | dict(element.attrib)
    kept = [(name, values[name].strip()) for name in names if name in values]
    return "".join(_attribute(name, value) for name, value in kept if _LOOKS.get(name, _LENGTH).match(value))


def _attribute(name: str, value: str) -> str:
    # The picture's style sheet is stronger than an attribute.
    return f' style="fill:{escape(value)}"' if name == "fill" else f' {name}="{escape(value)}"'
