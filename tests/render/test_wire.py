"""Messages as on the wire, for people."""

import pytest

from seqtest.exchange import Action, Headers, Lost, Request, Response, Result
from seqtest.render.mask import Masker
from seqtest.render.wire import Content, body_lines, first_line, in_short, laid_out
from seqtest.verdict.fields import fields, json_of

MASKER = Masker()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (
            Request("GET", "https://a.test/users/1?scope=read&code=Splxl0BeZQQYbYS6"),
            "GET /users/1?scope=read&code=Splx…",
        ),
        (Request("GET", "https://a.test"), "GET /"),
        (Response(401), "401 Unauthorized"),
        (Response(299), "299"),
        (Action("find user alice"), "find user alice"),
        (Result("Alice"), "Alice"),
        (Result(), ""),
        (Result(error="NotFound"), "error: NotFound"),
        (Lost(), "lost"),
        (None, ""),
    ],
)
def test_the_first_line_says_what_it_is(content: Content, line: str) -> None:
    """Every kind of message has a line that names it."""
    assert first_line(content, MASKER) == line


def test_a_line_from_the_wire_cannot_move_the_cursor() -> None:
    """Control characters of a hostile server are not passed on."""
    assert "\x1b" not in first_line(Action("a\x1b[2Jb"), MASKER)
    assert all("\x1b" not in line for line in laid_out(Response(200, Headers([("X", "\x1b]0;x")]), b"\x1b[1m"), MASKER))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (Request("GET", "https://a.test/?a=1&b="), [("a", "1"), ("b", "")]),
        (
            Request("POST", "https://a.test/", Headers([("Host", "a"), ("X-A", "1")]), b"c=2"),
            [("c", "2"), ("X-A", "1")],
        ),
        (Response(200, body=b'{"a": [1], "b": null}'), [("a", [1]), ("b", None)]),
        (Response(200, body=b"[1]"), []),
        (Response(200, body=b"{broken"), []),
        (Response(200, body=b"plain text"), []),
        (Action("x", {"a": 1}), [("a", 1)]),
        (Result("v", {"b": 2}), [("b", 2)]),
        (Lost(), []),
    ],
)
def test_fields_are_read_leniently(content: Content, found: list[object]) -> None:
    """What can be read is, and nothing that cannot is an error here."""
    assert list(fields(content)) == found


def test_a_deep_body_is_no_error() -> None:
    """A body nested past all reason is shown as text."""
    assert json_of(b"[" * 100_000) is None
    assert body_lines(b"[" * 30, MASKER) == ["", "[" * 30]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"", []),
        (b'{"a": {"password": "open-sesame"}}', ["", "{", '  "a": {', '    "password": "op…"', "  }", "}"]),
        (
            b'{"token": ["aaaaaaaabbbbbbbb", 1234567812345678]}',
            ["", "{", '  "token": [', '    "aaaa…",', '    "1234…"', "  ]", "}"],
        ),
        (b"a=1&client_secret=aaaabbbbcccc", ["", "a = 1", "client_secret = aaa…"]),
        (b"\xff\xfe\x00", ["", "(3 bytes that are no text)"]),
        (b"<p>a=b</p>\n", ["", "<p>a=b</p>"]),
    ],
)
def test_bodies_are_laid_out_for_reading(body: bytes, lines: list[str]) -> None:
    """JSON is indented, a form a field a line, text as it is; secrets cut in all of them."""
    assert body_lines(body, MASKER) == lines


def test_long_messages_are_cut() -> None:
    """A page of HTML does not bury the failure."""
    lines = laid_out(Response(200, body=b"line\n" * 500), MASKER)

    assert len(lines) == 41
    assert lines[-1] == "… 462 more lines"


def test_actions_are_laid_out_by_their_fields() -> None:
    """What is not HTTP shows its fields."""
    assert laid_out(Result("Alice", {"sub": "123", "password": "open-sesame"}), MASKER) == [
        "Alice",
        "  sub = 123",
        "  password = op…",
    ]
    assert laid_out(Lost(), MASKER) == ["lost"]


def test_in_short_only_what_is_wanted() -> None:
    """One line, the fields that were asked for."""
    content = Response(200, body=b'{"a": 1, "b": "x\\ny", "c": true}')

    assert in_short(content, MASKER, names=frozenset({"b", "c"})) == "b=x y c=true"
    assert in_short(content, MASKER) == "a=1 b=x y c=true"
