"""Terminal cells: text of any script in a width that is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtest.render.grid import Grid, ansi, clean, cut, unmarked, width_of, wrap

LINES = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=60).map(clean)


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("日本語", 6), ("e\u0301", 1), ("→", 1), ("", 0)])
def test_width_counts_cells(text: str, width: int) -> None:
    """A wide character takes two columns, a combining one none."""
    assert width_of(text) == width


@given(LINES, st.integers(2, 30))
def test_cut_text_fits(text: str, width: int) -> None:
    """What is cut is never wider than asked for, and says that something is missing."""
    shorter = cut(text, width)

    assert width_of(shorter) <= width
    assert shorter == text or shorter.endswith("…")


@given(LINES, st.integers(4, 30))
def test_wrapped_text_fits_and_loses_nothing(text: str, width: int) -> None:
    """Wrapping keeps every character but blanks."""
    lines = wrap(text, width)

    assert all(width_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")


def test_wrapped_lines_keep_their_indentation() -> None:
    """A line that is broken goes on where it began."""
    assert wrap("  scope contains users", 16) == ["  scope contains", "  users"]


def test_a_path_is_broken_at_its_slashes() -> None:
    """A word that is too long is broken where words are joined."""
    assert wrap("/oauth/introspect", 12) == ["/oauth", "/introspect"]


@given(st.text())
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    """Escape sequences and bidirectional overrides in a label or an answer cannot reach the terminal."""
    assert not set(clean(text)) & set("\x1b\x07\x08\r\x9b\u202e\u2066\u200b")


@pytest.mark.parametrize(
    ("drawn", "read"),
    [
        ("a\\nb", "a\nb"),
        ("**bold** text", "bold text"),
        ("<color:red>x</color>", "x"),
        ("<b>x</b> < y", "x < y"),
        ("https://a.example//b", "https://a.example//b"),
    ],
)
def test_a_label_is_shown_as_it_reads(drawn: str, read: str) -> None:
    """PlantUML's marks are dropped; what only looks like one stays."""
    assert unmarked(drawn) == read


def test_painting_over_half_of_a_wide_character_leaves_no_half() -> None:
    """A line keeps its width whatever is painted over what."""
    grid = Grid(6)
    grid.add_line()
    grid.put(0, 0, "日本語")
    grid.put(0, 1, "x")
    grid.put(0, 4, "yz")

    assert grid.text() == " x本yz"


def test_text_that_falls_off_an_edge_is_lost() -> None:
    """A picture is never wider than its grid."""
    grid = Grid(4)
    grid.add_line()
    grid.put(0, -1, "ab")
    grid.put(0, 3, "cd")

    assert grid.text() == "b  c"


def test_roles_become_colours() -> None:
    """A style sees each run of one role once."""
    grid = Grid(8)
    grid.add_line()
    grid.put(0, 0, "ok", "passed")
    grid.put(0, 3, "plain")

    assert grid.text(ansi) == "\x1b[32mok\x1b[0m plain"
