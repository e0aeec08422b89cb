"""The guide to notes: each of its examples is run, in the frame that it shows."""

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs/guides/notes.md"
FRAME, *EXAMPLES = re.findall(r"^```plantuml\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
MARK = "' here stands the example\n"


def test_the_examples_pass(bare: pytest.Pytester, write) -> None:
    """All twelve."""
    for number, example in enumerate(EXAMPLES):
        write(f"example-{number}.puml", FRAME.replace(MARK, example))

    bare.runpytest().assert_outcomes(passed=12)


def test_an_example_is_tested_and_not_only_drawn(bare: pytest.Pytester, write) -> None:
    """With another value it fails."""
    write("example.puml", FRAME.replace(MARK, EXAMPLES[0].replace("Bearer", "DPoP")))

    bare.runpytest().assert_outcomes(failed=1)
