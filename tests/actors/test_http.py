"""`self.http`: what a user's actor sends, and how it reads the answer."""

import random

import pytest

from seqtest.actors.actor import Actor, Part
from seqtest.clock import Clock
from seqtest.exchange import Headers, Lost, Request, Response


class Wire:
    """A network that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Request]] = []
        self.answer = Response(200, Headers((("X-Id", "7"),)), b'{"a": 1}')

    def call(self, sender, receiver, message):
        self.sent.append((sender, receiver, message))
        return self.answer

    def url(self, participant):
        return f"https://{participant}.test"


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def actor(wire) -> Actor:
    return Actor(Part("client", "https://client.test", {}, {}, Clock(0), wire, random.Random(1)))


def test_a_form_is_posted_as_the_participant(actor, wire) -> None:
    """Sender, receiver, URL, body and type."""
    actor.http.post("auth", "/token", data={"a": "1", "b": ["x", "y"]})

    sender, receiver, message = wire.sent[0]
    assert (sender, receiver, message.method, message.url) == ("client", "auth", "POST", "https://auth.test/token")
    assert message.body == b"a=1&b=x&b=y"
    assert message.headers.get("content-type") == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("more", "url", "body", "header"),
    [
        ({"params": {"q": "a b"}}, "https://auth.test/x?q=a+b", b"", None),
        ({"json": {"a": 1}}, "https://auth.test/x", b'{"a": 1}', ("Content-Type", "application/json")),
        ({"data": "raw"}, "https://auth.test/x", b"raw", None),
        ({"auth": ("web", "s")}, "https://auth.test/x", b"", ("Authorization", "Basic d2ViOnM=")),
        ({"headers": {"X-A": "1"}}, "https://auth.test/x", b"", ("X-A", "1")),
    ],
)
def test_each_argument_has_its_place(actor, wire, more, url, body, header) -> None:
    """As in the clients that people know."""
    actor.http.put("auth", "/x", **more)

    message = wire.sent[0][2]
    assert (message.url, message.body) == (url, body)
    assert message.headers == (Headers((header,)) if header else Headers())


def test_a_query_is_added_to_one_that_is_there(actor, wire) -> None:
    """And an absolute URL is taken as it is."""
    actor.http.get("auth", "https://auth.test/x?a=1", params={"b": 2})

    assert wire.sent[0][2].url == "https://auth.test/x?a=1&b=2"


def test_an_answer_reads_as_callers_like(actor, wire) -> None:
    """Status under both names, JSON, text and headers."""
    answer = actor.http.delete("auth", "/x")

    assert (answer.status, answer.status_code, answer.ok) == (200, 200, True)
    assert (answer.json(), answer.text, answer.content) == ({"a": 1}, '{"a": 1}', b'{"a": 1}')
    assert answer.headers.get("x-id") == "7"


def test_no_answer_is_a_connection_error(actor, wire) -> None:
    """A lost message never looks like an answer."""
    wire.answer = Lost()

    with pytest.raises(ConnectionError, match="auth did not answer PATCH /x"):
        actor.http.patch("auth", "/x")
