"""The page of clauses says what the tests show."""

import importlib.util
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "conformance.md"
_spec = importlib.util.spec_from_file_location("conformance", ROOT / "tools" / "conformance.py")
assert _spec is not None
assert _spec.loader is not None
conformance = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(conformance)


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    return tomllib.loads(conformance.TABLE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def by_test() -> dict[str, list[tuple[str, str]]]:
    return conformance.clauses_by_test()


def test_every_clause_has_its_row_and_every_row_a_test(table: Any, by_test: Any) -> None:
    """No test cites what the table lacks, and no row claims what no test shows."""
    assert conformance.problems(table, by_test) == []


def test_page_is_what_the_generator_prints(table: Any, by_test: Any) -> None:
    """The page is up to date: `python tools/conformance.py > docs/reference/conformance.md`."""
    assert PAGE.read_text(encoding="utf-8") == conformance.page(table, by_test)


def test_a_missing_row_and_a_missing_test_are_found() -> None:
    """A clause without a row, a row without a test, a refusal without a row and a home of no test are each named."""
    table = {"spec": {"RFC 1": {"clauses": {"2": "x"}, "refused": ["4"]}}, "home": {"t::gone": "RFC 1"}}

    assert conformance.problems(table, {"t::a": [("RFC 1", "3")]}) == [
        "t::a cites RFC 1 3, which has no row",
        "RFC 1 2 has a row and no test",
        "RFC 1 4 is refused and has no row",
        "t::gone is no test",
    ]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("(RFC 6749 section 5.2).", [("RFC 6749", "5.2")]),
        ("(RFC 9110 section 11.1, 6750 2.1)", [("RFC 9110", "11.1"), ("RFC 6750", "2.1")]),
        ("OpenID Connect Core sections 3.1 and 5.3 have", [("Core", "3.1"), ("Core", "5.3")]),
        ("RFC 8628 section 3.2, nobody's words (section 6.1)", [("RFC 8628", "3.2"), ("RFC 8628", "6.1")]),
        ("Sections 8 and 9: the nonce", [("RFC 9449", "8"), ("RFC 9449", "9")]),
        ("RFC 8037 appendix A.4 has", [("RFC 8037", "appendix A.4")]),
        ("as RFC 6750 says: no token", []),
    ],
)
def test_citations(text: str, clauses: list[tuple[str, str]]) -> None:
    """Each way in which the tests cite a clause is read, with the module's specification where none is named."""
    assert conformance.cited(text, "RFC 9449") == clauses
