"""Words of a drawing where no font can be chosen: in a terminal, in Mermaid."""

import pytest

from seqtest.render.picture import shown_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('**b** //i// __u__ --s-- ""m"" ~~w~~ <b>t</b>', ("b i u s m w t",)),
        (r"a\nb\lc\rd", ("a", "b", "c", "d")),
        (r"a\tb \\n", (r"a    b \n",)),
        ("[[http://a.example label]] <U+2605> &#9731; ~**x**", ("label ★ ☃ **x**",)),
        ("GET https://a.example/x", ("GET https://a.example/x",)),
        ("", ()),
    ],
)
def test_markup_is_not_shown(text: str, lines: tuple[str, ...]) -> None:
    """Breaks break, links are their labels, characters by number are characters."""
    assert shown_lines(text) == lines
