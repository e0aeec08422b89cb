"""Plots: what is drawn where, and that words never meet."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from seqtest.render.plot import COLORS, Bars, Line, bars, lines, picture, size_of

CSS = Path(__file__).parents[2] / "seqtest/render/html/assets/report.css"


def steps(most: float) -> list[str]:
    """The words at the axis of a line that ends at that height."""
    drawn = lines("x", (0, 1), [Line((0, most), 0)], "n").elements
    return re.findall(r'text-anchor="end">([^<]*)<', drawn)


@pytest.mark.parametrize(
    ("most", "words"),
    [
        (124, ["0", "25", "50", "75", "100", "125"]),
        (4, ["0", "1", "2", "3", "4"]),
        (0, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (16_369, ["0", "5,000", "10,000", "15,000", "20,000"]),
        (6, ["0", "1", "2", "3", "4", "5", "6"]),
    ],
)
def test_an_axis_has_round_numbers(most: float, words: list[str]) -> None:
    """Three to six steps that people count in, up to what is drawn."""
    assert steps(most) == words


def test_limits_stand_in_place_of_round_numbers() -> None:
    """Each with its name, at its height: half the way up for half the number."""
    drawn = lines("x", (0, 1), [Line((0, 10), 0)], "n", marks=[(5, "half"), (10, "all")], height=142).elements

    assert re.findall(r'text-anchor="end">([^<]*)<', drawn) == ["0", "half", "all"]
    assert re.findall(r'class="limit"[^>]*y1="([\d.]+)"', drawn) == ["58", "16"]


def test_names_at_the_ends_of_lines_do_not_meet() -> None:
    """Lines that end at one height have their names below each other, in the lines' order."""
    close = [Line((0, height), 0, f"line {height}") for height in (100, 101, 99, 10)]
    drawn = lines("x", (0, 1), close, "n").elements
    places = {name: float(y) for y, name in re.findall(r'y="([\d.]+)" text-anchor="start">\S+ (line \d+)<', drawn)}

    assert sorted(places, key=places.__getitem__) == ["line 101", "line 100", "line 99", "line 10"]
    assert all(lower - upper > 14.9 for upper, lower in pairwise(sorted(places.values())))


def test_bars_end_with_their_numbers_inside_of_the_plot() -> None:
    """The longest bar leaves room for its number; zero is a line that can be seen."""
    plot = bars("x", [Bars("a name that is too long for any plot", (1_000_000, 0)), Bars("b", (5, 7))], width=300)
    bar, zero = (float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', plot.elements)[:2])
    x = float(re.findall(r'<rect [^>]* x="([\d.]+)"', plot.elements)[0])

    assert x + bar + 60 < 300
    assert zero == 1.5
    assert "…" in plot.elements


def test_a_picture_of_its_own() -> None:
    """It is well-formed whatever its names are, tells what its colours mean, and follows the reader's scheme."""
    plots = [bars("<b>", [Bars("<a>&\x00", (1, 2))]), lines("y", (0, 5), [Line((1, 2), 1, "<i>")], "n")]
    drawn = picture("<title>", plots, ("left & right", "other"))
    root = ElementTree.fromstring(drawn)
    words = [element.text for element in root.iter() if element.tag.endswith("}text")]

    assert {"<b>", "<a>&�", "left & right", "other", "2 <i>"} <= set(words)
    assert (float(root.get("width", 0)), float(root.get("height", 0))) == size_of(plots, ("left & right", "other"))
    assert "prefers-color-scheme:dark" in drawn
    assert "prefers-color-scheme" not in picture("x", plots, scheme="light")


def test_a_page_has_the_colours_of_a_picture() -> None:
    """The report's style sheet and pictures of their own show the first two alike."""
    sheet = CSS.read_text()

    for name, (light, dark) in zip(("left", "right"), COLORS, strict=False):
        assert f"--{name}: {light};" in sheet
        assert sheet.count(f"--{name}: {dark};") == 2
