"""What may be bound, and what a plain function's short answers mean."""

import pytest

from seqtest.actors.application import NotAPlayer, as_response
from seqtest.exchange import Headers, Response


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (204, Response(204)),
        (None, Response(204)),
        ("hi", Response(200, Headers((("Content-Type", "text/plain; charset=utf-8"),)), b"hi")),
        (b"hi", Response(200, Headers((("Content-Type", "text/plain; charset=utf-8"),)), b"hi")),
        ({"a": 1}, Response(200, Headers((("Content-Type", "application/json"),)), b'{"a": 1}')),
        ([1], Response(200, Headers((("Content-Type", "application/json"),)), b"[1]")),
        (({"a": 1}, 201), Response(201, Headers((("Content-Type", "application/json"),)), b'{"a": 1}')),
        (("x", 200, {"Content-Type": "text/html"}), Response(200, Headers((("Content-Type", "text/html"),)), b"x")),
        ((None, 302, [("Location", "/a")]), Response(302, Headers((("Location", "/a"),)))),
    ],
)
def test_a_short_answer_is_a_response(value, answer) -> None:
    """A status, text, JSON, and either with a status and headers."""
    assert as_response(value) == answer


@pytest.mark.parametrize("value", [object(), 1.5, True])
def test_what_is_no_answer_is_refused(value) -> None:
    """Nothing is guessed."""
    with pytest.raises(NotAPlayer, match="no answer"):
        as_response(value)
