"""Calls through `urllib.request` become a participant's arrows."""

import io
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from seqtest.exchange import Answer, Headers, Lost, Message, Request, Response
from seqtest.intercepts import patches, speaker
from seqtest.intercepts.speaker import SPEAKER, Speaker


class Playing:
    is_over = False

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.answers: list[Answer] = [Response(200, Headers((("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))), b"hello")]

    def arrive(self, sender: str, receiver: str, message: Message) -> Answer:
        assert (sender, receiver) == ("client", "auth")
        assert isinstance(message, Request)
        self.seen.append(message)
        return self.answers.pop(0)

    def participant(self, url: str) -> str:
        return "auth"


@pytest.fixture
def playing() -> Iterator[Playing]:
    run: Any = Playing()
    patches.hold()
    speaker.enter(run)
    token = SPEAKER.set(Speaker(run, "client"))
    yield run
    SPEAKER.reset(token)
    speaker.leave(run)
    patches.release()


def test_a_call_arrives(playing: Playing) -> None:
    """With its query and headers; the answer's repeated headers come back."""
    asked = urllib.request.Request("https://auth.test/keys?x=1#part", headers={"Accept": "application/json"})

    with urllib.request.urlopen(asked, timeout=1) as answer:
        assert (answer.status, answer.read(), answer.headers.get_all("Set-Cookie")) == (200, b"hello", ["a=1", "b=2"])
    assert (playing.seen[0].method, playing.seen[0].url) == ("GET", "https://auth.test/keys?x=1")
    assert playing.seen[0].headers.get("Accept") == "application/json"


@pytest.mark.parametrize("body", [b"a=1", io.BytesIO(b"a=1"), [b"a", b"=1"]])
def test_a_body_is_read_whole(playing: Playing, body: Any) -> None:
    """Whatever it is given as."""
    urllib.request.urlopen(urllib.request.Request("https://auth.test/token", data=body))

    assert (playing.seen[0].method, playing.seen[0].body) == ("POST", b"a=1")


def test_an_error_is_an_exception_with_the_answer(playing: Playing) -> None:
    """As ever: its status, its reason and its body."""
    playing.answers = [Response(401, Headers((("Content-Length", "99"),)), b'{"error": "invalid_token"}')]

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen("https://auth.test/me")

    assert (caught.value.code, caught.value.read()) == (401, b'{"error": "invalid_token"}')


def test_each_redirect_arrives_by_itself(playing: Playing) -> None:
    """It is followed, and each hop is an arrow."""
    playing.answers = [Response(302, Headers((("Location", "/b"),))), Response(200, Headers(), b"there")]

    assert urllib.request.urlopen("https://auth.test/a").read() == b"there"
    assert [one.url for one in playing.seen] == ["https://auth.test/a", "https://auth.test/b"]


def test_a_lost_answer_is_an_error_of_the_connection(playing: Playing) -> None:
    """The library's own exception."""
    playing.answers = [Lost()]

    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen("https://auth.test/x")


def test_a_proxy_is_not_asked(playing: Playing) -> None:
    """The address of the call is the participant's, whatever way it would have gone."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"https": "http://proxy.test:3128"}))

    assert opener.open("https://auth.test/x").read() == b"hello"
    assert playing.seen[0].url == "https://auth.test/x"
