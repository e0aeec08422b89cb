"""Every message code has an entry in the reference."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"\bSQ[1-7]\d\d\b")


def _in_source() -> set[str]:
    return {code for path in (ROOT / "seqtest").rglob("*.py") for code in CODE.findall(path.read_text())}


def _entries() -> list[str]:
    text = (ROOT / "docs/reference/messages.md").read_text()
    return re.findall(r"^\| (SQ\d{3}) \|", text, re.MULTILINE)


def test_every_code_is_explained() -> None:
    """A code that the source can show is in docs/reference/messages.md."""
    assert sorted(_in_source() - set(_entries())) == []


def test_no_entry_is_left_over() -> None:
    """An entry whose code nothing shows any more is removed."""
    assert sorted(set(_entries()) - _in_source()) == []


def test_entries_are_sorted_and_single() -> None:
    """Entries stand in order, each code once."""
    entries = _entries()

    assert entries == sorted(set(entries))
    assert all(CODE.fullmatch(entry) for entry in entries)
