"""What a picture shows, measured from its SVG text alone: the boxes of its texts, and what is outside the canvas."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from seqtest.diagram import Diagram
from seqtest.diagram.read import read
from seqtest.source import Source

SVG = "{http://www.w3.org/2000/svg}"
SLACK = 0.6
"""Coordinates are written to a tenth; two glyphs that far into each other do not touch."""


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float
    text: str = ""


def diagram(*lines: str) -> Diagram:
    """The diagram that these lines draw."""
    return read(Source("flow.puml", "\n".join(["@startuml", *lines, "@enduml", ""])))[0]


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def groups(root: ET.Element, name: str) -> list[ET.Element]:
    """The groups of that class, in document order."""
    return [group for group in root.iter(f"{SVG}g") if name in (group.get("class") or "").split()]


def words(element: ET.Element) -> str:
    """The element's texts, joined with single blanks."""
    return " ".join(text.text or "" for text in element.iter(f"{SVG}text"))


def text_boxes(root: ET.Element) -> list[Box]:
    """Each run's box from just above its capitals to just below its descenders."""
    found = []
    for text in root.iter(f"{SVG}text"):
        size = float((re.search(r"font-size:([\d.]+)px", text.get("style") or "") or ["", "13"])[1])
        x, y = float(text.get("x", "0")), float(text.get("y", "0"))
        width = float(text.get("textLength", "0"))
        found.append(Box(x, y - 0.74 * size, x + width, y + 0.2 * size, text.text or ""))
    return found


def overlaps(boxes: Iterable[Box]) -> Iterator[tuple[Box, Box]]:
    """Every two boxes that cover each other."""
    live: list[Box] = []
    for box in sorted(boxes, key=lambda box: box.top):
        live = [other for other in live if other.bottom > box.top + SLACK]
        yield from ((other, box) for other in live if other.left < box.right - SLACK and box.left < other.right - SLACK)
        live.append(box)


def canvas(root: ET.Element) -> Box:
    x, y, width, height = map(float, (root.get("viewBox") or "").split())
    return Box(x, y, x + width, y + height)


def outside(root: ET.Element) -> list[Box]:
    """What reaches over the canvas: texts, rectangles, lines, circles, and the points of paths."""
    edge = canvas(root)
    return [
        box
        for box in (*text_boxes(root), *_shapes(root))
        if box.left < edge.left or box.top < edge.top or box.right > edge.right or box.bottom > edge.bottom
    ]


def _shapes(root: ET.Element) -> Iterator[Box]:
    for element in root.iter():
        if (element.get("class") or "").startswith("page"):
            continue
        value = {key: float(text) for key, text in element.attrib.items() if re.fullmatch(r"-?\d+(\.\d+)?", text)}
        if element.tag == f"{SVG}rect":
            yield Box(value["x"], value["y"], value["x"] + value["width"], value["y"] + value["height"], "rect")
        elif element.tag == f"{SVG}line":
            xs, ys = sorted((value["x1"], value["x2"])), sorted((value["y1"], value["y2"]))
            yield Box(xs[0], ys[0], xs[1], ys[1], "line")
        elif element.tag == f"{SVG}circle":
            x, y, r = value["cx"], value["cy"], value["r"]
            yield Box(x - r, y - r, x + r, y + r, "circle")
        elif element.tag == f"{SVG}path":
            yield from (Box(x, y, x, y, "path") for x, y in _points(element.get("d") or ""))


def _points(path: str) -> Iterator[tuple[float, float]]:
    """The points that a path names; control points count, which only makes the check stricter."""
    x = y = 0.0
    for command, rest in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        numbers = list(map(float, re.findall(r"-?[\d.]+", rest)))
        if command in "Hh":
            x = numbers[-1] if command == "H" else x + numbers[-1]
            yield x, y
        elif command in "Vv":
            y = numbers[-1] if command == "V" else y + numbers[-1]
            yield x, y
        elif command in "MLml":
            for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
                x, y = (x + dx, y + dy) if command.islower() else (dx, dy)
                yield x, y
        elif command in "cq":
            x, y = x + numbers[-2], y + numbers[-1]
            yield x, y
