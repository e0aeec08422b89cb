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


@pytest.mark.parametrize(
    ("lines", "came", "else_"),
    [
        (["user.id = 1"], {"user": {"id": 1, "role": "admin"}}, "`user.role`"),
        (["user.id = 1", "user.role = admin"], {"user": {"id": 1, "role": "admin"}}, ""),
        (["user.id = 1", "user"], {"user": {"id": 1, "role": "admin"}}, ""),
        (["user : object"], {"user": {"id": 1}}, ""),
        (["user.a.b = 1"], {"user": {"a": {"b": 1, "c": 2}, "d": 3}, "e": 4}, "`user.a.c`, `user.d`, `e`"),
        (["keys[*].kid"], {"keys": [{"kid": "a"}, {"kid": "b", "d": "x"}]}, "`keys[1].d`"),
        (["keys[0].kid = a"], {"keys": [{"kid": "a"}, {"kid": "b"}]}, "`keys[1]`"),
        (["keys[*].d absent"], {"keys": [{"kid": "a"}]}, ""),
        (["keys[*].d absent"], {"keys": [], "more": 1}, "`more`"),
        (["json[0].id = 1"], [{"id": 1}], ""),
        (["json[0].id = 1"], [{"id": 1, "role": "admin"}, 2], "`[0].role`, `[1]`"),
        (["body lacks secret"], {"id": 1}, "`id`"),
        (["body contains id"], {"id": 1}, ""),
        (["Cache-Control absent"], [1], "`(the body)`"),
    ],
)
def test_a_path_draws_what_it_names_and_nothing_beside_it(kit: Any, lines: list[str], came: Any, else_: str) -> None:
    """`nothing else` closes what the paths lead through, too."""
    flow = kit.answer_flow(*lines, "nothing else")
    flow.compose(0)
    findings = flow.came(1, kit.json(came)).failures

    assert [one.message for one in findings] == [f"{else_} came, and `nothing else` is drawn"] * bool(else_)


def test_nothing_else_of_a_token_closes_what_stands_inside_its_claims(kit: Any) -> None:
    """And inside its header."""
    claims = ("iss present", "exp present", "cnf.jkt = x", "nothing else")
    token = {"exp": kit.now + 60, "cnf": {"jkt": "x"}}

    assert kit.check("t : jwt", kit.json({"t": kit.token(**token)}), *claims) == []
    more = kit.token(header={"jwk": {"kty": "EC"}}, **{**token, "cnf": {"jkt": "x", "kid": "y"}})
    (failure,) = kit.check("t : jwt", kit.json({"t": more}), *claims)
    assert failure.message.startswith("`cnf.kid`, `jose.jwk` came")


def test_nothing_else_of_an_action_closes_what_stands_inside_its_fields(kit: Any) -> None:
    """As of JSON."""
    flow = kit.flow("client -> auth : find\nauth --> client\nnote left\n  user.id = 1\n  nothing else\nend note")
    flow.compose(0)

    assert codes(flow.came(1, Result(fields={"user": {"id": 1}})).failures) == []
    assert codes(flow.came(1, Result(fields={"user": {"id": 1, "role": "admin"}})).failures) == ["SQ557"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([{"use": "sig"}, {"kid": "a"}], []),
        ([{"kid": "a"}], []),
        ([], []),
        ([{"kid": "a"}, {"use": "enc"}], ["SQ550"]),
        ([{"use": None}, {"kid": "a"}], ["SQ550"]),
    ],
)
def test_each_element_may_lack_what_may_be_missing(kit: Any, keys: Any, expected: list[str]) -> None:
    """And where it is there, the line holds."""
    assert codes(kit.check("[keys[*].use = sig]", kit.json({"keys": keys}))) == expected
    assert codes(kit.check("keys[*].kid present", kit.json({"keys": [{"kid": "a"}, {}]}))) == ["SQ551"]
