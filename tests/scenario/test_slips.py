"""Slips of the pen: the error stands where the slip is, and before what follows from it."""

from collections.abc import Callable

import pytest

from seqtest.errors import Finding
from seqtest.scenario import Scenario, Script
from seqtest.scenario.knowledge import check

Refuse = Callable[..., list[Finding]]


def test_a_participant_that_is_nearly_another_one_comes_first(refused: Refuse) -> None:
    """What has no answer because of it comes behind."""
    first, *others = refused("participant client\nparticipant auth\nclient -> auht : GET /x\nauth --> client : 200 OK")

    assert (first.code, first.severity) == ("SQ203", "error")
    assert "auth" in first.do
    assert {finding.code for finding in others} == {"SQ301", "SQ302"}


def test_a_method_in_small_letters_is_wrong_where_it_stands(refused: Refuse) -> None:
    """Not at the response, which answers nothing because of it."""
    (finding,) = refused("client -> auth : get /jwks\nauth --> client : 200 OK")

    assert finding.code == "SQ364"
    assert finding.span is not None
    assert "get /jwks" in finding.span.text
    assert finding.do == "write `GET /jwks`"


def test_a_method_in_small_letters_that_nobody_answers_is_wrong_too(only: Callable[..., Scenario]) -> None:
    """Where it touches somebody bound; between scripted ones it is prose."""
    scenario = only("client -> auth : Post /jwks")

    assert [finding.code for finding in check(Script(scenario, frozenset({"auth"})))] == ["SQ364"]
    assert check(Script(scenario, frozenset())) == []


def test_a_request_in_brackets_is_told_without_them(only: Callable[..., Scenario]) -> None:
    """What is said can be copied into the label; a bracket of the target's own stays."""
    for text, meant in (("Log in (GET /x)", "GET /x"), ("see GET /x(1)", "GET /x(1)")):
        (finding,) = check(Script(only(f"client -> auth : {text}"), frozenset({"auth"})))
        assert finding.do == f"begin the label with it: `{meant}`"


@pytest.mark.parametrize("value", ["status 200", "it answered 403 Forbidden", "get /x", "it sent GET /x"])
def test_the_answer_of_an_action_is_a_value_whatever_it_says(only: Callable[..., Scenario], value: str) -> None:
    """It is compared as a whole, so nothing of it goes untested."""
    assert check(Script(only(f"client -> auth : sync\nauth --> client : {value}"), frozenset({"auth"}))) == []


NESTING = """
client -> api : GET /x
api -> auth : GET /y
api --> client : 200 OK
auth --> api : 200 OK
"""


def test_who_asks_waits_for_the_answer(only: Callable[..., Scenario]) -> None:
    """A bound participant cannot answer before it is answered; one that asks with `->>` can."""
    scenario = only(NESTING)

    (finding,) = check(Script(scenario, frozenset({"api"})))
    assert (finding.code, finding.label) == ("SQ303", "wrong nesting")
    assert check(Script(scenario, frozenset({"auth"}))) == []
    unasked = NESTING.replace("api -> auth", "api ->> auth").replace("auth --> api : 200 OK\n", "")
    assert check(Script(only(unasked), frozenset({"api"}))) == []


@pytest.mark.parametrize("target", ["/jwks#keys", "/jwks?a=b#{x}", "https://auth.test/#/login"])
def test_a_fragment_of_a_target_is_no_check(only: Callable[..., Scenario], target: str) -> None:
    """It is not sent. Between scripted participants it is part of the story."""
    scenario = only(f"client -> client : x\nnote left : x = 1\nclient -> auth : GET {target}\nauth --> client : 200")

    (finding,) = [one for one in check(Script(scenario, frozenset({"auth"}))) if "#" in one.message]
    assert finding.code == "SQ364"
    assert [one for one in check(Script(scenario, frozenset())) if "#" in one.message] == []
