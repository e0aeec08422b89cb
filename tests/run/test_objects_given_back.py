"""What an action gives back as an object is its members, whatever kind of object it is."""

from collections import UserString
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from seqtest.actors.actor import Actor, on
from seqtest.exchange import Result
from seqtest.intercepts.tap import tap
from seqtest.verdict import Verdict


@dataclass
class User:
    sub: str
    mail: str = "a@x.example"


def store(given_back: Any) -> type[Actor]:
    class Store(Actor):
        @on("find user {id}")
        def find(self, id: str) -> Any:
            return given_back

    return Store


def asked(*lines: str) -> str:
    return (
        "users -> db : find user 7\ndb --> users\nnote left\n" + "".join(f"  {line}\n" for line in lines) + "end note"
    )


SAME = [User("7"), {"sub": "7", "mail": "a@x.example"}, Result(User("7"))]


@pytest.mark.parametrize("given_back", SAME)
@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (('sub = "7"', "mail present", "nothing else"), []),
        (('sub = "8"',), ["SQ550"]),
        (("mail absent",), ["SQ552"]),
        (('sub = "7"', "nothing else"), ["SQ557"]),
        (("phone present",), ["SQ551"]),
    ],
)
def test_members_are_fields(drawn: Callable[..., Verdict], given_back: Any, lines: Any, found: list[str]) -> None:
    """`mail absent` would be true of every object that is no mapping."""
    verdict = drawn(asked(*lines), db=store(given_back))

    assert [failure.code for failure in verdict.failures] == found


def test_who_called_gets_the_object_itself(drawn: Callable[..., Verdict]) -> None:
    """It is looked at as JSON, and given back as it is."""
    user, got = User("7"), []
    find = tap(lambda id: None, "users -> db : find user {id}")

    def users(request: object) -> int:
        got.append(find(id="7"))
        return 200

    lines = asked('sub = "7"')
    drawing = f"client -> users : GET /u\n{lines}\nusers --> client : 200"

    assert drawn(drawing, users=users, db=store(user)).is_kept
    assert got == [user]


def test_another_value_than_the_drawn_one_is_shown_as_the_object_that_came(drawn: Callable[..., Verdict]) -> None:
    """Not as nothing."""
    verdict = drawn("users -> db : find user 7\ndb --> users : Alice", db=store({"sub": "7"}))

    assert [(failure.code, failure.got) for failure in verdict.failures] == [("SQ550", '{"sub": "7"}')]


class Opaque:
    mail = "a@x.example"


@pytest.mark.parametrize("given_back", [Opaque(), [{"mail": "a@x.example"}]])
@pytest.mark.parametrize("line", ["mail absent", "[mail = b@x.example]", "mail present"])
def test_what_cannot_be_looked_into_keeps_no_promise_of_members(
    drawn: Callable[..., Verdict], given_back: Any, line: str
) -> None:
    """`mail absent` would be true of it whatever it holds."""
    assert [failure.code for failure in drawn(asked(line), db=store(given_back)).failures] == ["SQ551"]


@pytest.mark.parametrize("given_back", [None, "Alice", 7])
def test_what_has_no_members_lacks_each(drawn: Callable[..., Verdict], given_back: Any) -> None:
    """A text is no object with an address."""
    assert drawn(asked("mail absent", "[phone = 1]"), db=store(given_back)).is_kept


@dataclass
class Named(User):
    def __str__(self) -> str:
        return f"user {self.sub}"


class Mute(User):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("given_back", "text", "found"),
    [
        (Named("7"), "user 7", []),
        (Named("7"), "user 8", ["SQ550"]),
        (UserString("Alice"), "Alice", []),
        (UserString("Alice"), "Bob", ["SQ550"]),
        (Mute("7"), "user 7", ["SQ550"]),
    ],
)
def test_the_text_of_an_object_is_what_it_says_of_itself(
    drawn: Callable[..., Verdict], given_back: Any, text: str, found: list[str]
) -> None:
    """An identifier or an amount that is a class of its own is drawn as it is written."""
    verdict = drawn(f"users -> db : find user 7\ndb --> users : {text}", db=store(given_back))

    assert [failure.code for failure in verdict.failures] == found


def test_an_object_that_says_what_it_is_has_members_still(drawn: Callable[..., Verdict]) -> None:
    """Its text is no further value of the answer."""
    for lines, found in ((('sub = "7"', "mail present", "nothing else"), []), (("mail absent",), ["SQ552"])):
        verdict = drawn(asked(*lines), db=store(Named("7")))
        assert [failure.code for failure in verdict.failures] == found
