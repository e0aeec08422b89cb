"""Lines of one message against each other."""

import pytest

from seqtest.diagram.model import Message
from seqtest.diagram.promise import expect
from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram
from seqtest.source import Source


def codes(label: str, *lines: str) -> list[str]:
    note = "".join(f"  {line}\n" for line in lines)
    arrow = f"auth --> client : {label}" if label[0].isdigit() else f"client -> auth : {label}"
    (diagram,) = read(Source("flow.puml", f"@startuml\n{arrow}\nnote left\n{note}end note\n@enduml\n"))
    (message,) = (item for item in diagram.items if isinstance(item, Message))
    try:
        expect(message)
    except UnreadableDiagram as error:
        # Both lines are named.
        return [finding.code if finding.also else "alone" for finding in error.findings]
    return []


@pytest.mark.parametrize(
    "lines",
    [
        ("grant_type = password", "grant_type absent"),
        ("username = alice", "username in bob, eve"),
        ("username = alice", "username != alice"),
        ("username in alice, bob", "username in eve"),
        ("Authorization absent", "Authorization: Bearer x"),
        ("Authorization: Bearer y", "Authorization: Bearer x"),
        ("n = 3", "n > 3"),
        ("n < 3", "n >= 3"),
        ("scope = a b", "scope lacks b"),
        ("scope = a b", "scope contains c"),
        ("code = abc", "code matches /[A-Z]+/"),
        ("uri = http://x", "uri starts with https:"),
        ("refresh_token as r", "access_token as r"),
        ("t : jwt", "  sub = a", "  sub absent"),
    ],
)
def test_lines_that_cannot_both_hold_are_an_error(lines: tuple[str, ...]) -> None:
    """Of a request and of a response."""
    assert codes("POST /token", *lines) == ["SQ252"]
    assert codes("200 OK", *lines) == ["SQ252"]


def test_a_member_of_json_has_one_value() -> None:
    """In a response, and in a request that says that it is JSON; a form may hold a field twice."""
    assert codes("200 OK", "x = a", "x = b") == ["SQ252"]
    assert codes("POST /token", "Content-Type: application/json", "x = a", "x = b") == ["SQ252"]
    assert codes("POST /token", "x = a", "x = b") == []


@pytest.mark.parametrize(
    "lines",
    [
        ("n = 3", "n >= 3", "n <= 3.0"),
        ("n > 3", "n < 5"),
        ("username = alice", "username in bob, alice"),
        ("scope contains a", "scope contains b"),
        ("access_token : jwt", "access_token = {token}"),
        ("x = {a}", "x != {b}"),
        ("Cache-Control: no-store", "Cache-Control: private"),
        ("x as a", "y as b"),
    ],
)
def test_lines_that_can_hold_together_are_none(lines: tuple[str, ...]) -> None:
    """What cannot be told from the drawing is left to the run."""
    assert codes("200 OK", *lines) == []


@pytest.mark.parametrize(
    "line",
    [
        "n > 3 e.g. 2",
        "code matches /[A-Z]{4}/ e.g. abcd",
        "scope contains a e.g. ab c",
        "scope lacks a e.g. a c",
        "n != 3 e.g. 3",
        "name as other\n  n <= 3 e.g. 4",
        "user : object\n    n >= 5 e.g. 4",
    ],
)
def test_an_example_that_breaks_its_own_line_is_refused(line: str) -> None:
    """A scripted sender would send it, though it is not what is drawn."""
    assert codes("200 OK", *line.split("\n  ")) == ["alone"]


@pytest.mark.parametrize(
    "line", ["n > 3 e.g. 4", "code matches /[A-Z]{4}/ e.g. ABCD", "scope contains a e.g. b a", "n != 3 e.g. {other}"]
)
def test_an_example_that_keeps_its_line_is_read(line: str) -> None:
    """What only a run can tell is left to it."""
    assert codes("200 OK", line) == []
