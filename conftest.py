"""For seqtest's own tests: golden files, and pytest run inside pytest."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CASES = Path(__file__).parent / "tests/cases"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite golden files with what the tests made")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Holds a text against a file below tests/cases: `golden("messages/SQ450.txt", text)`."""

    def check(name: str, text: str) -> None:
        path = CASES / name
        if request.config.getoption("--accept"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: run pytest --accept and look at what it writes"
        assert text == path.read_text(encoding="utf-8")

    return check
