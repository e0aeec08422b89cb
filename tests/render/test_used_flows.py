"""A flow that another one uses (`ref`): in the picture of the run its box stands for all that happened in it."""

import re
from pathlib import Path

import pytest

from seqtest import api
from seqtest.render.pictured import draw_run_svg
from seqtest.verdict import Verdict

DIAGRAMS = Path(__file__).parents[2] / "diagrams/logout"
BOX = re.compile(r'<g class="ref[^"]*" data-line="(\d+)" data-state="([^"]+)"( data-occurrences="([^"]*)")?([^>]*)>')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("session.puml", "rp-initiated.puml"):
        (tmp_path / name).write_text((DIAGRAMS / name).read_text())
    return tmp_path


def played(folder: Path) -> Verdict:
    """The first case of the flow that uses the other."""
    (diagram,) = api.read(folder / "rp-initiated.puml")
    scenario = api.cases(diagram, root=folder)[0]
    return api.play(api.ready(scenario, {}, start=1_769_860_800.0))


def spoil(folder: Path, old: str, new: str) -> None:
    path = folder / "session.puml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_box_names_all_that_happened_in_it(folder: Path) -> None:
    """By their places in the trace; the arrows below the box go on from there."""
    verdict = played(folder)
    steps = verdict.script.scenario.steps
    inside = [
        str(became.occurrence)
        for became in verdict.steps
        if steps[became.step].span is not None
        and steps[became.step].span.path.endswith("session.puml")
        and became.occurrence is not None
    ]
    line, state, _, occurrences, more = BOX.findall(draw_run_svg(verdict, is_interactive=True))[0]

    assert (line, state) == ("12", "passed")
    assert occurrences.split() == inside
    assert len(inside) > 5
    assert 'tabindex="0"' in more
    assert 'aria-label="ref: session.puml, passed"' in more


def test_alone_the_picture_lists_them(folder: Path) -> None:
    """A picture without a page beside it says in a line each what went by; it cannot be entered by keyboard."""
    svg = draw_run_svg(played(folder))
    box = svg[svg.index('<g class="ref') :]
    title = box[box.index("<title>") : box.index("</title>")]

    assert "tabindex" not in box.split(">")[0]
    assert title.count(" → ") > 5
    assert "browser → " in title


def test_what_went_wrong_in_it_stands_beside_the_box(folder: Path) -> None:
    """With the place in the other file; what comes after it is not reached."""
    spoil(folder, "200 OK", "201 Created")
    verdict = played(folder)
    svg = draw_run_svg(verdict)
    words = re.sub(r"<[^>]+>", " ", svg[svg.index('class="remark"') :])

    assert BOX.findall(svg)[0][1] == "failed"
    assert "expected" in words
    assert "in session.puml, line 45" in " ".join(words.split())


def test_a_drawing_alone_has_a_plain_box(folder: Path) -> None:
    """Nothing happened, so nothing is said."""
    from seqtest.render.svg.draw import draw

    (diagram,) = api.read(folder / "rp-initiated.puml")
    box = re.search(r'<g class="ref[^>]*>', draw(diagram))

    assert box is not None
    assert box[0] == '<g class="ref" data-line="12">'
