"""What each message about a drawing looks like: a small drawing that earns it, and all that is said of it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from seqtest.cli.check import FORMATS, Reading

DRAWINGS = Path(__file__).parent / "messages/drawings"
FILES = sorted(DRAWINGS.glob("SQ*.puml.txt"))
"""Called so that nobody collects them."""
BOUND = re.compile(r"^' bound: (.+)$", re.MULTILINE)
"""Who somebody plays, as in `seqtest check --bound NAME`."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:5])
def test_each_message_is_printed_as_ever(
    path: Path, golden: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With file, line, column, a caret, what was expected, and what to do."""
    text, code = path.read_text(encoding="utf-8"), path.name[:5]
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"{code}.puml").write_text(text, encoding="utf-8")
    match = BOUND.search(text)
    reading = Reading({}, frozenset(match[1].split()) if match is not None else frozenset())
    reading.read(f"{code}.puml")

    assert code in [finding.code for _, finding in reading.found]
    said = "\n\n".join(FORMATS["text"](file, finding).strip("\n") for file, finding in reading.found)
    golden(f"messages/drawings/{code}.txt", said.replace(str(tmp_path), "PROJECT") + "\n")
