"""Tokens that are of no use at the moment when somebody hands them out."""

from typing import Any

import pytest


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


def issued(kit: Any, *lines: str, **claims: Any) -> Any:
    """What is wrong with an answer in which such a token comes for the first time."""
    flow = kit.answer_flow("access_token : jwt", *(f"  {line}" for line in lines))
    flow.compose(0)
    return flow.came(1, kit.json({"access_token": kit.token(**claims)})).failures


@pytest.mark.parametrize("line", ["exp = iat + 5 minutes", "exp > iat", "exp", "exp : timestamp", "sub = alice"])
def test_a_token_that_is_issued_expired(kit: Any, line: str) -> None:
    """`exp = iat + 5 minutes` is true of a token of an hour ago, too; no one may accept that."""
    then = kit.now - 3600

    assert codes(issued(kit, line, sub="alice", iat=kit.now, exp=kit.now + 300)) == []
    (failure,) = issued(kit, line, sub="alice", iat=then, exp=then + 300)
    assert failure.code == "SQ572"
    assert "had expired when it was handed out" in failure.message
    assert (failure.expected, failure.got) == (
        "exp > 2026-01-01T00:00:00Z, the time of the message",
        "exp = 2025-12-31T23:05:00Z",
    )


def test_the_clock_of_who_issues_may_be_off_by_the_leeway(kit: Any) -> None:
    """What involves `now` has five seconds."""
    assert codes(issued(kit, exp=kit.now - 4)) == []
    assert codes(issued(kit, exp=kit.now - 5)) == ["SQ572"]
    assert codes(issued(kit, exp=kit.now + 300, nbf=kit.now + 5)) == []
    assert codes(issued(kit, exp=kit.now + 300, nbf=kit.now + 6)) == ["SQ572"]


@pytest.mark.parametrize("line", ["exp < now", "exp = now - 1 minute", "exp <= now"])
def test_an_expired_token_that_is_drawn_so(kit: Any, line: str) -> None:
    """A line that involves `now` says by itself what is meant."""
    assert codes(issued(kit, line, exp=kit.now - 60)) == []


def test_a_token_without_times_or_with_odd_ones(kit: Any) -> None:
    """Without `exp` nothing has passed, and a huge one crashes nothing."""
    assert codes(issued(kit)) == []
    assert codes(issued(kit, exp=kit.now + 300, nbf=10**18)) == ["SQ572"]


@pytest.mark.parametrize("name", ["exp", "nbf"])
@pytest.mark.parametrize("value", ["soon", "1000", None, True, [1], {}])
def test_a_time_that_is_none_is_not_good(kit: Any, name: str, value: Any) -> None:
    """Readers refuse it, or take the token for good for ever; a line that says what it is means it."""
    assert codes(issued(kit, **{name: value})) == ["SQ572"]
    assert codes(issued(kit, f"{name} present", **{name: value})) in (["SQ572"], ["SQ551", "SQ572"])
    assert codes(issued(kit, f"{name} : string", **{name: "soon"})) == []


def test_a_token_that_was_seen_before_may_have_expired(kit: Any) -> None:
    """It is not handed out then: an introspection's answer, a second look."""
    lines = "client -> auth : POST /token\nauth --> client : 200 OK\nnote left : access_token : jwt\n"
    flow = kit.flow(lines * 2)
    answer = kit.json({"access_token": kit.token(exp=kit.now + 300)})
    flow.told(0)
    assert codes(flow.came(1, answer).failures) == []
    flow.bindings = flow.bindings.at(kit.now + 3600.0)
    flow.told(2)
    assert codes(flow.came(3, answer).failures) == []


def test_a_token_that_is_used_may_have_expired(kit: Any) -> None:
    """A client that calls with an old token is what the 401 is drawn for; its own assertion is made anew."""
    old = kit.token(exp=kit.now - 60)
    authorization = kit.replace(kit.form(), headers=type(kit.form().headers)([("Authorization", f"Bearer {old}")]))

    assert codes(kit.check_request("Authorization: Bearer {token}", authorization, "exp", outside={"token": old})) == []
    request = kit.form(client_assertion=kit.token(key=kit.key, exp=kit.now - 60))
    flow = kit.request_flow("client_assertion : jwt", "  signed by auth")
    assert codes(flow.came(0, request).failures) == ["SQ572"]
