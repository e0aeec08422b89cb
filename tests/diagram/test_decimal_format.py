"""Formats of numbers, as Java's DecimalFormat writes them."""

import pytest

from seqtest.diagram.decimal_format import DecimalFormat

WRITTEN = [
    ("0", 7, "7"),
    ("[000]", 7, "[007]"),
    ("<b>(<u>##</u>)", 7, "<b>(<u>7</u>)"),
    ("Message", 7, "Message7"),
    ("'#'0", 7, "#7"),
    ("''0", 7, "'7"),
    ("0%", 7, "700%"),
    ("0‰", 7, "7000‰"),
    ("#,##0", 1234567, "1,234,567"),
    ("0,000", 7, "0,007"),
    ("0.00", 7, "7.00"),
    ("(0).", 7, "(7.)"),
    (".##", 7, "7.0"),
    ("#.", 7, "7."),
    ("0.#", 7, "7"),
    ("[0]-[0]", 7, "[07]-[]"),
    ("0;(0)", 7, "7"),
]


@pytest.mark.parametrize(("pattern", "number", "text"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_written(pattern: str, number: int, text: str) -> None:
    """A whole number is written as Java writes it."""
    assert DecimalFormat.of(pattern).write(number) == text


@pytest.mark.parametrize("pattern", ["it's 0", "0#", ";0", "0.0.0", "0,", "0.0,0", "0.#0", "0%%"])
def test_malformed(pattern: str) -> None:
    """A pattern that Java refuses is no format."""
    with pytest.raises(ValueError, match=r"\w"):
        DecimalFormat.of(pattern)
