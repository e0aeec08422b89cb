"""PNG from the SVG."""

import struct
import sys

import pytest

from seqtest.diagram.read import read
from seqtest.errors import Unanswerable
from seqtest.render.png import LARGEST, rasterise
from seqtest.render.svg.draw import draw
from seqtest.source import Source

SVG = draw(read(Source("a.puml", "@startuml\nA -> B : x\n@enduml\n"))[0], scheme="light")


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_picture_is_scaled() -> None:
    """Twice as many pixels for a scale of 2."""
    pytest.importorskip("resvg_py")
    one = size_of(rasterise(SVG, width=200, height=200, scale=1))
    two = size_of(rasterise(SVG, width=200, height=200, scale=2))

    assert two == (one[0] * 2, one[1] * 2)


def test_a_huge_picture_is_made_smaller() -> None:
    """The longer side never exceeds the limit, whatever scale is asked for."""
    pytest.importorskip("resvg_py")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="40000"/>'

    assert max(size_of(rasterise(svg, width=10, height=40_000, scale=2))) <= LARGEST


def test_text_is_drawn_with_the_fonts_that_come_along() -> None:
    """Two labels of one length give different pictures: their letters are there."""
    pytest.importorskip("resvg_py")
    other = SVG.replace(">x<", ">y<")

    assert other != SVG
    assert rasterise(SVG, width=200, height=200) != rasterise(other, width=200, height=200)


def test_what_is_no_picture_is_refused() -> None:
    """Broken SVG is an error with a code, not a traceback."""
    pytest.importorskip("resvg_py")
    with pytest.raises(Unanswerable, match="SQ463"):
        rasterise("<svg", width=1, height=1)


def test_without_the_extra_the_way_to_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to guess what to install."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)

    with pytest.raises(Unanswerable, match=r'SQ462[\s\S]*pip install "seqtest\[png\]"'):
        rasterise(SVG, width=1, height=1)
