"""A tapped function's calls are arrows of a run, and plain calls outside one."""

import pytest

from seqtest.intercepts.tap import NotAnArrow, tap


def find(id: int, table: str = "users") -> str:
    """The genuine look-up."""
    return f"{table}/{id}"


def test_outside_a_run_the_function_is_just_called() -> None:
    """Nothing changes for production code."""
    assert tap(find, "users -> db : find {table} {id}")(7) == "users/7"


@pytest.mark.parametrize("arrow", ["users db", "users -> db", "users -> db :", "-> db : find"])
def test_a_text_that_is_no_arrow_is_an_error(arrow) -> None:
    """It says what an arrow looks like."""
    with pytest.raises(NotAnArrow, match="no arrow"):
        tap(find, arrow)


def test_a_place_that_is_no_parameter_is_an_error() -> None:
    """It names the parameters that there are."""
    with pytest.raises(NotAnArrow, match="id, table"):
        tap(find, "users -> db : find {name}")
