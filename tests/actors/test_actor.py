"""What every actor has by itself."""

from typing import Any

import pytest

from seqtest.actors import Actor, on
from seqtest.actors.actor import NotAnAnswer, match_step
from seqtest.exchange import Action, Request, Result


class Mine(Actor):
    @on("log in as {username}")
    def log_in(self, username: str) -> str:
        return f"welcome {username}"

    @on("count to {number} by {step}")
    def count(self, number: str, step: str) -> dict[str, str]:
        return {"number": number, "step": step}

    @on("fail")
    def fail(self) -> Result:
        return Result(error="Oops")


class Yours(Mine):
    @on("sign in as {username}")
    def log_in(self, username: str) -> str:
        return f"hello {username}"


def test_steps(stage: Any) -> None:
    """A step definition answers the actions that read like it, with a value, fields or a result."""
    mine = stage.add("mine", Mine)

    assert mine.act(Action("log in as alice")) == Result("welcome alice")
    assert mine.act(Action("count to 10 by 2")) == Result(fields={"number": "10", "step": "2"})
    assert mine.act(Action("fail")) == Result(error="Oops")
    assert mine.act(Action("Log in as alice")) is None


def test_overridden_steps(stage: Any) -> None:
    """A subclass's step takes the place of the one with its name."""
    yours = stage.add("yours", Yours)

    assert yours.act(Action("sign in as bob")) == Result("hello bob")
    assert yours.act(Action("log in as bob")) is None


class Theirs(Mine):
    def log_in(self, username: str) -> str:
        return f"who is {username}?"

    fail = None  # it has no such step


def test_an_override_without_a_mark_is_marked_as_what_it_overrides(stage: Any) -> None:
    """As methods are: the one of the subclass is asked, never the one that it hides."""
    theirs = stage.add("theirs", Theirs)

    assert theirs.act(Action("log in as bob")) == Result("who is bob?")
    assert theirs.act(Action("fail")) is None


class Stacked(Actor):
    @on("log in as {username}")
    @on("sign in as {username}")
    def log_in(self, username: str) -> str:
        return f"welcome {username}"


def test_a_mark_may_be_repeated(stage: Any) -> None:
    """One method for several texts."""
    stacked = stage.add("stacked", Stacked)

    assert stacked.act(Action("log in as eve")) == stacked.act(Action("sign in as eve")) == Result("welcome eve")


def test_defaults(stage: Any) -> None:
    """An actor answers no request, has no state and no keys, and knows its name and the time."""
    mine = stage.add("mine", Mine)

    with pytest.raises(NotAnAnswer, match="nothing in Mine answers GET /"):
        mine.handle(Request("GET", "https://mine.test/"))
    assert (mine.state(), mine.public_jwks(), mine.private_key(None, None)) == ({}, [], None)
    assert (mine.id, mine.now()) == ("mine", stage.clock.now())


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a", "a", {}),
        ("a {x}", "a b c", {"x": "b c"}),
        ("{x} b", "a b", {"x": "a"}),
        ("a {x}", "a ", None),
        ("a.b", "axb", None),
    ],
)
def test_patterns(pattern: str, text: str, expected: Any) -> None:
    """A place takes at least one character; everything else is text."""
    assert match_step(pattern, text) == expected
