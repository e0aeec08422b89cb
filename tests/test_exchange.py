"""What passes between participants, as an actor of one's own reads it."""

from collections import UserDict, UserList, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pytest

from seqtest.exchange import Action, Headers, Result, as_it_is

FIELDS = Headers([("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])


def test_header_fields_are_found_by_name() -> None:
    """As in `requests`, `httpx` and web frameworks: without case, and the first of several."""
    assert FIELDS["content-type"] == "text/plain"
    assert FIELDS["SET-COOKIE"] == "a=1"
    assert "content-type" in FIELDS
    assert "Authorization" not in FIELDS
    with pytest.raises(KeyError, match="Authorization"):
        FIELDS["Authorization"]


def test_header_fields_are_pairs_in_order() -> None:
    """By number, as a slice, and each pair is in them."""
    assert FIELDS[0] == ("Content-Type", "text/plain")
    assert FIELDS[1:] == (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    assert ("Set-Cookie", "b=2") in FIELDS
    assert ("set-cookie", "b=2") not in FIELDS


@dataclass
class Session:
    """An application's own record."""

    ids: Any


Pair = namedtuple("Pair", "ids other")  # what applications have

HOLDERS: list[tuple[Callable[[Any], Any], Any]] = [
    (lambda held: held, ["T1"]),
    (lambda held: (held, 2), [["T1"], 2]),
    (lambda held: Pair(held, 2), [["T1"], 2]),
    (lambda held: ((held,),), [[["T1"]]]),
    (lambda held: {"ids": held}, {"ids": ["T1"]}),
    (lambda held: {42: held, None: 1, True: 2}, {"42": ["T1"], "null": 1, "true": 2}),
    (lambda held: Session(held), {"ids": ["T1"]}),
    (lambda held: [Session((held,))], [{"ids": [["T1"]]}]),
    (lambda held: MappingProxyType({"ids": held}), {"ids": ["T1"]}),
    (lambda held: UserDict(ids=held), {"ids": ["T1"]}),
    (lambda held: UserList([held]), [["T1"]]),
    (lambda held: deque([held]), [["T1"]]),
    (lambda held: {"ids": held}.values(), [["T1"]]),
]
"""What an application may hand over that holds a list of its own, and how it is judged."""


@pytest.mark.parametrize(("made", "expected"), HOLDERS)
def test_what_holds_a_list_is_as_it_was(made: Callable[[Any], Any], expected: Any) -> None:
    """Whatever kind of container the list is in, as a value, as a field and deeper inside."""
    ids = ["T1"]
    value = made(ids)
    result = as_it_is(Result(value, {"a": value, "b": [value]}))
    action = as_it_is(Action("store", {"a": value}))

    ids.append("T2")

    assert result == Result(expected, {"a": expected, "b": [expected]})
    assert action == Action("store", {"a": expected})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b", "a"}, ["a", "b"]),
        (frozenset([10, 9]), [9, 10]),
        ({1, "a"}, [1, "a"]),
        ({"b": 1, "a": 2}.keys(), ["a", "b"]),
        (range(3), [0, 1, 2]),
        (bytearray(b"ab"), b"ab"),
        ("ab", "ab"),
        (b"ab", b"ab"),
        (Session, Session),
    ],
)
def test_what_is_no_json_is_as_json_would_have_it(value: Any, expected: Any) -> None:
    """A set is an array in a fixed order; texts, bytes and classes are themselves."""
    assert as_it_is(Result(value, {"a": value})) == Result(expected, {"a": expected})


def test_what_holds_itself_is_as_it_was() -> None:
    """A list inside its own tuple ends nowhere, and is copied all the same."""
    ids: list[Any] = ["T1"]
    ids.append((ids,))

    came = as_it_is(Result(ids)).value

    assert came[0] == "T1"
    assert came[1][0] is came
    assert came is not ids
