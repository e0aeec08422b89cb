"""Where a path leads, and what it cannot lead through."""

from typing import Any

import pytest

from seqtest.exchange import Result


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


@pytest.mark.parametrize("line", ["{} absent", "[{} = 1]", "{} = 1", "{} present"])
@pytest.mark.parametrize(
    ("path", "value", "met"),
    [
        ("keys.d", {"keys": [{"d": 1}]}, "`.d` met an array; `[*]` means each of its elements"),
        ("keys[0].d.e", {"keys": [{"d": [1]}]}, "`.e` met an array; `[*]` means each of its elements"),
        ("keys[*].d.e", {"keys": [{"d": {"e": 1}}, {"d": []}]}, "`.e` met an array; `[*]` means each of its elements"),
        ("users[42]", {"users": {"42": 1}}, "`[42]` met an object"),
    ],
)
def test_a_path_that_meets_another_kind_of_thing_tests_nothing(
    kit: Any, line: str, path: str, value: Any, met: str
) -> None:
    """`keys.d absent` would hold of every array, whatever private keys are in it."""
    (failure,) = kit.check(line.format(path), kit.json(value))

    assert failure.code == "SQ551"
    assert failure.message.endswith(met)


def test_a_state_that_cannot_be_looked_into_has_no_absent_members(kit: Any) -> None:
    """An object of the application's own is neither JSON nor nothing."""

    class Session:
        password = "wonderland"  # of nobody

    flow = kit.flow("client -> auth : GET /x\nauth --> client : 200 OK\nnote over auth : session.password absent")

    assert codes(flow.came(2, Result(fields={"session": Session()})).failures) == ["SQ551"]
    assert codes(flow.came(2, Result(fields={"session": {}})).failures) == []


@pytest.mark.parametrize("value", [{}, {"user": None}, {"user": "alice"}, {"user": 5}, {"user": {}}])
def test_what_has_no_members_lacks_each(kit: Any, value: Any) -> None:
    """A text is no object with a password."""
    assert kit.check("user.password absent", kit.json(value)) == []
    assert kit.check("[user.password = x]", kit.json(value)) == []
