"""The picture in a real browser: opened by itself, where its text could do harm."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from test_svg_hostile import HOSTILE, run_through  # beside this file; tests are no package

pytestmark = pytest.mark.browser


def test_hostile_text_runs_nothing(open_page: Any, tmp_path: Path) -> None:
    """In every field of a picture that is opened by itself: no script, no dialog, no request to any host."""
    page = open_page("about:blank")
    for number, text in enumerate(HOSTILE):
        path = tmp_path / f"{number}.svg"
        path.write_text(run_through(text), encoding="utf-8")
        page.goto(path.as_uri())

        assert page.evaluate("document.documentElement.localName") == "svg"
        assert page.evaluate("document.querySelectorAll('script, img, foreignObject, image, iframe').length") == 0


def test_the_watch_sees_what_a_page_does(open_page: Any, tmp_path: Path) -> None:
    """A dialog, a complaint, an image from a host: each is noticed, else no other test could fail."""
    path = tmp_path / "bad.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><script>alert("boo"); console.error("no")</script>'
        '<image href="http://elsewhere.invalid/x.png"/></svg>',
        encoding="utf-8",
    )
    open_page(path.as_uri())

    assert {said.split()[0] for said in open_page.wrong} == {"asked", "dialog:", "console:"}
    open_page.wrong.clear()


def test_the_picture_is_dark_where_the_reader_is(open_page: Any, tmp_path: Path) -> None:
    """The page behind the drawing follows the browser's colour scheme."""
    path = tmp_path / "one.svg"
    path.write_text(run_through("hello"), encoding="utf-8")
    colors = {
        scheme: open_page(path.as_uri(), color_scheme=scheme).evaluate(
            "getComputedStyle(document.querySelector('.page')).fill"
        )
        for scheme in ("light", "dark")
    }

    assert colors == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 31)"}
