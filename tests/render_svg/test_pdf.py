"""PDF from the SVG."""

import re
import sys
import zlib

import pytest

from seqtest.diagram.read import read
from seqtest.errors import Unanswerable
from seqtest.render.pdf import pdf
from seqtest.render.svg.draw import draw
from seqtest.source import Source

LINES = '@startuml\nA -> B : über <&key>\nnote right: **bold** ""mono""\n@enduml\n'
SVG = draw(read(Source("a.puml", LINES))[0], scheme="light")


def streams(made: bytes) -> list[bytes]:
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    return [zlib.decompressobj().decompress(stream) for stream in found if stream[:1] == b"x"]


def codes(made: bytes) -> set[str]:
    """The characters that the page's fonts can be read back as."""
    return {
        chr(int(code, 16))
        for stream in streams(made)
        for line in re.findall(rb"<[0-9A-Fa-f]+> <([0-9A-Fa-f]{4})>", stream)
        for code in [line.decode()]
    }


def test_a_page_as_large_as_the_picture() -> None:
    """In points, three quarters of the SVG's pixels."""
    pytest.importorskip("typst")
    width, height = (float(n) for n in re.findall(r'(?:width|height)="(\d+)"', SVG)[:2])
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", b"".join([pdf(SVG, "t"), *streams(pdf(SVG, "t"))]))

    assert box is not None
    assert (float(box[1]), float(box[2])) == (width * 0.75, height * 0.75)


def test_its_text_is_text() -> None:
    """Letters can be read back, those outside ASCII too."""
    pytest.importorskip("typst")

    assert set("überboldmono") <= codes(pdf(SVG, "t"))


def test_equal_pictures_give_equal_bytes() -> None:
    """No date, no random id."""
    pytest.importorskip("typst")

    assert pdf(SVG, "t") == pdf(SVG, "t")


def test_a_title_is_text() -> None:
    """What a drawing is called is no part of the program that makes the page."""
    pytest.importorskip("typst")

    assert pdf(SVG, '#panic("x") ] "').startswith(b"%PDF-")


def test_what_is_no_picture_is_refused() -> None:
    """Broken SVG is an error with a code, not a traceback."""
    pytest.importorskip("typst")
    with pytest.raises(Unanswerable, match="SQ465"):
        pdf("<svg", "t")


def test_without_the_extra_the_way_to_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to guess what to install."""
    monkeypatch.setitem(sys.modules, "typst", None)

    with pytest.raises(Unanswerable, match=r'SQ464[\s\S]*pip install "seqtest\[pdf\]"'):
        pdf(SVG, "t")
