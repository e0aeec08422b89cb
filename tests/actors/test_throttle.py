"""Brute-force protection (RFC 6749 sections 2.3.1 and 4.3.2)."""

from typing import Any

from seqtest.actors.throttle import MAX_NAMES, Throttle

WRONG = {"grant_type": "password", "username": "alice", "password": "guess"}
RIGHT = {**WRONG, "password": "wonderland"}
WEB = ("web", "tea-party")


def test_after_some_failures_nobody_is_let_in_for_a_while(stage: Any, auth: Any) -> None:
    """Not with the right password either, until the time is over; others are let in."""
    auth({"throttle.attempts": 3, "throttle.wait": "2 minutes"})
    assert [stage.post("auth", "/token", WRONG, auth=WEB).status for _ in range(3)] == [400] * 3
    answer = stage.post("auth", "/token", RIGHT, auth=WEB)

    assert (answer.status, stage.json(answer)["error"]) == (429, "invalid_grant")
    assert answer.headers.get("Retry-After") == "120"
    assert stage.post("auth", "/token", {**RIGHT, "username": "bob", "password": "builder"}, auth=WEB).status == 200
    stage.clock.advance(119)
    assert stage.post("auth", "/token", RIGHT, auth=WEB).status == 429
    stage.clock.advance(1)
    assert stage.post("auth", "/token", RIGHT, auth=WEB).status == 200


def test_a_success_forgets_the_failures(stage: Any, auth: Any) -> None:
    """Failures count in a row only."""
    auth({"throttle.attempts": 2})
    for _ in range(3):
        assert stage.post("auth", "/token", WRONG, auth=WEB).status == 400
        assert stage.post("auth", "/token", RIGHT, auth=WEB).status == 200


def test_names_that_there_are_not_are_throttled_the_same(stage: Any, auth: Any) -> None:
    """So that a 429 tells nobody which names exist."""
    auth({"throttle.attempts": 2})

    for name in ("alice", "nobody"):
        found = [stage.post("auth", "/token", {**WRONG, "username": name}, auth=WEB).status for _ in range(3)]
        assert found == [400, 400, 429]
    assert [stage.post("auth", "/token", RIGHT, auth=("ghost", "x")).status for _ in range(3)] == [401, 401, 429]


def test_the_login_page_is_throttled(stage: Any, auth: Any) -> None:
    """The page and the token endpoint count together."""
    auth({"throttle.attempts": 2, "clients.web.redirect_uri": "https://web.test/cb", "pkce": "optional"})
    begun = stage.get("auth", "/authorize?response_type=code&client_id=web&scope=x")
    for _ in range(2):
        assert stage.interact(begun, {"login": "alice", "password": "guess"}).status == 403
    answer = stage.interact(begun)

    assert (answer.status, answer.headers.get("Location")) == (429, None)
    assert 0 < int(answer.headers.get("Retry-After")) <= 60
    assert b"too many" in answer.body
    assert stage.post("auth", "/token", RIGHT, auth=WEB).status == 429


def test_no_end_of_names_does_not_fill_the_memory() -> None:
    """The oldest name is forgotten."""
    throttle = Throttle(lambda: 0.0, 1, 60)
    for number in range(MAX_NAMES + 10):
        throttle.failed("user", str(number))

    assert (throttle.wait("user", "0"), throttle.wait("user", str(MAX_NAMES))) == (0, 60)
    assert len(throttle._failures) == MAX_NAMES
