"""Comparing flows: counts from what really went by."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from seqtest.diagram import Diagram, Participant
from seqtest.exchange import Action, Headers, Request, Response, Result
from seqtest.scenario import Scenario, Script, Step
from seqtest.trace import Bindings, Occurrence, Trace
from seqtest.verdict import StepVerdict, Verdict
from seqtest.verdict.compare import compare, measure
from seqtest.verdict.size import size

LOGIN = (
    ("client", "auth", Request("POST", "https://auth.test/token", Headers(), b"grant_type=password")),
    ("auth", "client", Response(200, Headers(), b'{"access_token": "0123456789"}')),
)
BEARER = Headers([("Authorization", "Bearer 0123456789")])
GET = ("client", "users", Request("GET", "https://users.test/users/123", BEARER))
OK = ("users", "client", Response(200, Headers(), b"{}"))
ASK = ("users", "auth", Request("POST", "https://auth.test/introspect", Headers(), b"token=0123456789"))
TOLD = ("auth", "users", Response(200, Headers(), b'{"active": true}'))
FIND = ("auth", "db", Action("find token abc"))
FOUND = ("db", "auth", Result("the token"))

LOCAL = (*LOGIN, GET, OK)
CHATTY = (*LOGIN, GET, ASK, FIND, FOUND, TOLD, OK)


def verdict(messages: Sequence[tuple[str, str, Any]], is_finished: bool = True) -> Verdict:
    """A run in which these messages went by; an answer belongs to the innermost open call."""
    steps, occurrences, open_calls = [], [], []
    for index, (sender, receiver, content) in enumerate(messages):
        request = None
        if isinstance(content, Response | Result):
            request = open_calls.pop()
        elif content is not None:
            open_calls.append(index)
        kind = "response" if isinstance(content, Response) else "request"
        steps.append(Step(index, kind, sender, receiver))
        occurrences.append(Occurrence(index, sender, receiver, content, 100.0 + index, Bindings(), request, 0.25))
    people = tuple(Participant(name, name) for name in ("client", "users", "auth", "db"))
    scenario = Scenario("x", "x", Diagram("flow", people, ()), people, tuple(steps))
    states = tuple(StepVerdict(step.index, "passed", occurrence=step.index) for step in steps)
    return Verdict(Script(scenario, frozenset({"auth"})), Trace("x", tuple(occurrences), is_finished), states, ())


def test_messages_round_trips_and_lookups_are_counted() -> None:
    """Each message that went by counts once; an action is a look-up, not a round trip."""
    total = measure([verdict(CHATTY)]).total

    assert (total.messages, total.round_trips, total.lookups) == (8, 3, 1)


def test_calls_are_counted_by_who_received_them() -> None:
    """Answers are no calls."""
    assert measure([verdict(CHATTY)]).calls == {"client": 0, "users": 1, "auth": 2, "db": 1}


def test_what_was_only_told_is_not_counted() -> None:
    """An arrow between scripted participants moves nothing."""
    assert measure([verdict((("user", "client", None), *LOCAL))]).total == measure([verdict(LOCAL)]).total


def test_bytes_are_those_of_http() -> None:
    """Request line, Host, headers, empty line and body, with the length that HTTP/1.1 asks for."""
    text = b"POST /token?a=b HTTP/1.1\r\nX-A: \xc3\xa9\r\nHost: auth.test\r\nContent-Length: 4\r\n\r\nbody"

    assert size(Request("POST", "https://auth.test/token?a=b", Headers([("X-A", "é")]), b"body")) == len(text)
    assert size(Response(404)) == len(b"HTTP/1.1 404 Not Found\r\n\r\n")
    assert size(Response(299)) == len(b"HTTP/1.1 299 \r\n\r\n")
    assert size(Action("find")) == 0


def test_the_sum_of_the_messages_is_the_whole() -> None:
    """No byte is counted twice or forgotten."""
    measured = measure([verdict(CHATTY)])

    assert sum(message.bytes for message in measured.messages) == measured.total.bytes


def test_tokens_are_weighed() -> None:
    """The length of each token, and all bytes that tokens took in all messages."""
    measured = measure([verdict(CHATTY)])

    assert measured.tokens == {"access_token": 10}
    assert measured.token_bytes == 30


def test_a_login_and_each_further_call_are_apart() -> None:
    """What comes after the first access token is the price of a call."""
    measured = measure([verdict(CHATTY)])

    assert measured.login is not None
    assert measured.per_call is not None
    assert (measured.login.messages, measured.per_call.messages) == (2, 6)
    assert measured.for_calls(10).messages == 62  # type: ignore[union-attr]  # both are there
    assert measured.login + measured.per_call == measured.total


def test_several_calls_after_a_login_are_averaged() -> None:
    """Two equal calls cost twice as much, each as before."""
    assert measure([verdict((*CHATTY, *CHATTY[2:]))]).per_call == measure([verdict(CHATTY)]).per_call


def test_an_answer_that_closes_the_login_belongs_to_it() -> None:
    """Where the user's own action was waiting for the login, its result is part of the login."""
    wrapped = (("user", "client", Action("log in")), *LOGIN, ("client", "user", Result("welcome")), *LOCAL[2:])
    measured = measure([verdict(wrapped)])

    assert measured.login is not None
    assert measured.login.messages == 4
    assert measured.per_call is not None
    assert measured.per_call.messages == 2


def test_a_flow_without_a_token_has_no_price_per_call() -> None:
    """Nothing is made up where there is no login."""
    assert measure([verdict((GET, OK))]).for_calls(10) is None


def test_the_chattier_flow_is_named() -> None:
    """The one with more messages, whichever side it is on; none when they are even."""
    chatty, local = [verdict(CHATTY)], [verdict(LOCAL)]

    assert compare(chatty, local).chattier == compare(chatty, local).flows[0]
    assert compare(local, chatty).chattier == compare(local, chatty).flows[1]
    assert compare(local, local).chattier is None


def test_more_calls_do_not_make_a_flow_chattier() -> None:
    """A flow that makes two calls is compared by what one of them costs."""
    often, once = [verdict((*LOCAL, *LOCAL[2:], *LOCAL[2:], *LOCAL[2:]))], [verdict(CHATTY)]
    comparison = compare(often, once)

    assert comparison.flows[0].calls_after_login == 4
    assert comparison.flows[0].total.messages > comparison.flows[1].total.messages
    assert comparison.chattier == comparison.flows[1]


def test_real_time_is_the_median_of_the_runs() -> None:
    """One slow run does not decide; times measured from outside come first."""
    runs = [verdict(LOCAL)] * 3

    assert measure(runs, seconds=[0.1, 9.0, 0.2]).seconds == 0.2
    assert measure(runs).seconds == 0.5
    assert measure(runs).clock_seconds == 3.0


def test_a_broken_run_is_marked() -> None:
    """The numbers of a run that was not kept do not pass for those of a good one."""
    assert not measure([verdict(LOCAL), replace(verdict(LOCAL), trace=verdict(LOCAL, is_finished=False).trace)]).is_kept


def test_nothing_can_be_measured_without_a_run() -> None:
    """There is no comparison from the text alone."""
    with pytest.raises(ValueError, match="no run"):
        measure([])
