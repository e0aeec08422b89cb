"""The measuring itself: it finds what it looks for."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from svg_boxes import outside, overlaps, parsed, text_boxes  # beside this file; tests are no package


def document(body: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{body}</svg>'


def test_overlapping_text_is_found() -> None:
    """Two runs of which one begins within the other are a pair; two beside or below each other are none."""
    text = '<text x="{}" y="{}" textLength="30">x</text>'
    crossing = parsed(document(text.format(10, 20) + text.format(35, 24)))
    apart = parsed(document(text.format(10, 20) + text.format(45, 20) + text.format(10, 40)))

    assert len(list(overlaps(text_boxes(crossing)))) == 1
    assert list(overlaps(text_boxes(apart))) == []


@pytest.mark.parametrize(
    "shape",
    [
        '<text x="80" y="20" textLength="30">x</text>',
        '<rect x="90" y="0" width="20" height="5"/>',
        '<line x1="0" y1="0" x2="-3" y2="5"/>',
        '<circle cx="50" cy="98" r="5"/>',
        '<path d="M50 50h60"/>',
        '<path d="M50 50L40 101z"/>',
        '<path d="M50 50l10 -60"/>',
        '<path d="M90 90c0 7 20 7 20 0"/>',
    ],
)
def test_what_leaves_the_canvas_is_found(shape: str) -> None:
    """Each kind of shape that reaches over an edge, by its absolute and its relative coordinates."""
    assert len(outside(parsed(document(shape)))) >= 1


def test_what_is_inside_is_not_found() -> None:
    """Shapes that touch the edges are inside."""
    assert outside(parsed(document('<rect x="0" y="0" width="100" height="100"/><path d="M0 0H100V100z"/>'))) == []
