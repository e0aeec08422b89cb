"""The guide to browsers: its application and its drawing are run."""

import re
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parents[2] / "docs/guides/log-in-with-a-browser.md").read_text(encoding="utf-8")
(APP,) = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
(DRAWING,) = re.findall(r"^```plantuml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_example_passes(bare: pytest.Pytester, write) -> None:
    """All three cases."""
    write("conftest.py", APP)
    write("form.puml", DRAWING)

    bare.runpytest().assert_outcomes(passed=3)


def test_an_application_that_forgets_its_token_is_red(bare: pytest.Pytester, write) -> None:
    """Then the forged form logs in."""
    write("conftest.py", APP.replace('request.form["csrf"] != session.pop("csrf", None) or ', ""))
    write("form.puml", DRAWING)

    bare.runpytest().assert_outcomes(passed=2, failed=1)
