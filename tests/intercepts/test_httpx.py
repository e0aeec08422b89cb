"""Calls through httpx and httpx2, sync and async, become a participant's arrows."""

import asyncio

import pytest

from seqtest.exchange import Headers, Lost, Response
from seqtest.intercepts import patches, speaker
from seqtest.intercepts.speaker import SPEAKER, Speaker


class Playing:
    is_over = False

    def __init__(self):
        self.seen = []
        self.counted = []
        self.answer = Response(200, Headers((("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))), b"hello")

    def arrive(self, sender, receiver, message):
        self.seen.append((sender, receiver, message))
        return self.answer

    def participant(self, url):
        return "auth"

    def began(self, name):
        self.counted.append(name)
        return len(self.counted)

    def ended(self, number):
        self.counted.pop()


@pytest.fixture(params=["httpx", "httpx2"])
def httpx(request):
    return pytest.importorskip(request.param)


@pytest.fixture
def playing(httpx):
    run = Playing()
    patches.hold()
    speaker.enter(run)
    token = SPEAKER.set(Speaker(run, "client"))
    yield run
    SPEAKER.reset(token)
    speaker.leave(run)
    patches.release()


def test_a_sync_call_arrives(httpx, playing) -> None:
    """With its body and headers, and the answer's repeated headers come back."""
    answer = httpx.post("https://auth.test/token?x=1", data={"a": "1"})

    assert playing.seen[0][2].url == "https://auth.test/token?x=1"
    assert playing.seen[0][2].body == b"a=1"
    assert (answer.text, answer.headers.get_list("set-cookie")) == ("hello", ["a=1", "b=2"])


def test_an_async_call_arrives(httpx, playing) -> None:
    """The context travels into tasks, so the sender is known."""

    async def both():
        async with httpx.AsyncClient() as client:
            return await asyncio.gather(client.get("https://auth.test/1"), client.get("https://auth.test/2"))

    assert [answer.text for answer in asyncio.run(both())] == ["hello", "hello"]
    assert {sender for sender, _, _ in playing.seen} == {"client"}
    assert playing.counted == []


def test_a_lost_answer_is_a_connect_error(httpx, playing) -> None:
    """The library's own exception."""
    playing.answer = Lost()

    with pytest.raises(httpx.ConnectError):
        httpx.get("https://auth.test/x")


def test_a_transport_of_the_users_own_is_left_alone(httpx, playing) -> None:
    """A mock transport is not the network."""
    client = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(204)))

    assert client.get("https://auth.test/x").status_code == 204
    assert playing.seen == []
