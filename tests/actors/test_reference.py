from pathlib import Path

from seqtest.actors.reference import page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "actors.md"


def test_page_is_printed_from_the_tables() -> None:
    """The reference page says what the tables say."""
    assert PAGE.read_text(encoding="utf-8") == page()
