"""Durations as people write them."""

import pytest

from seqtest.scenario.duration import seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5 minutes", 300), ("1 h", 3_600), ("90 s", 90), ("1 h 30 min", 5_400), ("1 day, 2 hours and 3 s", 93_603),
     ("10ms", 0.01), ("2 Weeks", 1_209_600), ("1 month", 2_592_000), ("1 year", 31_536_000), ("ten minutes", 600)],
)  # fmt: skip
def test_duration_is_read(text, expected) -> None:
    """Number and unit, once or several times."""
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "5", "minutes", "5 minutes later", "-5 s", "5 foos", "1e3 s", "5 minutesque", "1,5 h"]
)
def test_what_is_none_is_none(text) -> None:
    """A text with anything else in it is no duration."""
    assert seconds(text) is None
