"""Calls through requests become a participant's arrows; each hop and each retry is one."""

import pytest
import requests
import responses
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from seqtest.exchange import Headers, Lost, Request, Response
from seqtest.intercepts import patches, speaker
from seqtest.intercepts.speaker import SPEAKER, RunIsOver, Speaker


class Playing:
    """Answers from a table, and keeps what came."""

    def __init__(self, answers=None):
        self.is_over = False
        self.answers = answers or {}
        self.seen: list[tuple[str, str, Request]] = []

    def arrive(self, sender, receiver, message):
        self.seen.append((sender, receiver, message))
        answer = self.answers.get(message.url.removeprefix("https://auth.test"), Response(200, body=b"hello"))
        return answer.pop(0) if isinstance(answer, list) else answer

    def participant(self, url):
        return "auth" if url.startswith("https://auth.test") else None

    def host(self, host, port):
        return "auth" if host == "auth.test" else None

    def only_speaker(self):
        return ""

    is_handling = False

    def connects(self, sender, names, port, *, is_open=False):
        raise ConnectionRefusedError(f"{names[0]}:{port}")

    def sleeps(self, seconds):
        self.seen.append(("sleep", "", seconds))

    def began(self, name):
        return 1

    def ended(self, number):
        return None


@pytest.fixture
def playing():
    run = Playing()
    patches.hold()
    speaker.enter(run)
    token = SPEAKER.set(Speaker(run, "client"))
    yield run
    SPEAKER.reset(token)
    speaker.leave(run)
    patches.release()


def test_a_call_arrives_with_everything(playing) -> None:
    """Method, URL, headers and body are what the library would have sent."""
    answer = requests.post("https://auth.test/token?x=1", data={"a": "é"}, auth=("web", "s"))

    sender, receiver, message = playing.seen[0]
    assert (sender, receiver, message.method, message.url) == ("client", "auth", "POST", "https://auth.test/token?x=1")
    assert message.body == b"a=%C3%A9"
    assert message.headers.get("authorization") == "Basic d2ViOnM="
    assert message.headers.get("content-type") == "application/x-www-form-urlencoded"
    assert (answer.status_code, answer.text) == (200, "hello")


def test_cookies_of_an_answer_are_kept_by_the_session(playing) -> None:
    """Both Set-Cookie lines reach the jar and go with the next call."""
    playing.answers["/login"] = Response(200, Headers((("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/"))))
    session = requests.Session()

    session.get("https://auth.test/login")
    session.get("https://auth.test/next")

    assert playing.seen[1][2].headers.get("cookie") == "a=1; b=2"


def test_each_redirect_is_a_call(playing) -> None:
    """The library follows, and each hop arrives."""
    playing.answers["/a"] = Response(302, Headers((("Location", "/b"),)))

    requests.get("https://auth.test/a")

    assert [message.url for _, _, message in playing.seen] == ["https://auth.test/a", "https://auth.test/b"]


def test_each_retry_is_a_call(playing) -> None:
    """A session's own retry policy goes on working."""
    playing.answers["/a"] = [Response(503), Response(503), Response(200)]
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=Retry(5, status_forcelist=[503], backoff_factor=0)))

    assert session.get("https://auth.test/a").status_code == 200
    assert len(playing.seen) == 3


def test_a_streamed_body_is_read(playing) -> None:
    """A generator's chunks arrive as one body."""
    requests.post("https://auth.test/up", data=(chunk for chunk in [b"ab", b"c"]))

    assert playing.seen[0][2].body == b"abc"


def test_a_lost_answer_is_a_connection_error(playing) -> None:
    """The library's own exception, as code expects it."""
    playing.answers["/a"] = Lost()

    with pytest.raises(requests.ConnectionError):
        requests.get("https://auth.test/a")


def test_a_users_own_mock_works_beside_it(playing) -> None:
    """`responses.activate` neither swallows our calls nor loses its own."""
    with responses.RequestsMock() as mock:
        mock.get("https://elsewhere.example/x", body="mocked")

        assert requests.get("https://elsewhere.example/x").text == "mocked"
        assert requests.get("https://auth.test/y").text == "hello"
    assert [receiver for _, receiver, _ in playing.seen] == ["auth"]


def test_a_strange_address_arrives_as_nobodys(playing) -> None:
    """The run is told, and nothing goes out."""
    requests.get("https://elsewhere.example/x")

    assert playing.seen[0][1] == ""


def test_an_adapter_with_a_send_of_its_own_does_not_escape(playing) -> None:
    """Whatever is mounted, a participant's host is ours."""

    class Own(HTTPAdapter):
        def send(self, *args, **kwargs):
            raise AssertionError("escaped")

    session = requests.Session()
    session.mount("https://auth.test", Own())

    assert session.get("https://auth.test/x").text == "hello"


def test_a_late_call_of_a_run_that_is_over_goes_nowhere(playing) -> None:
    """Its thread gets a connection error."""
    playing.is_over = True

    with pytest.raises(ConnectionError):
        requests.get("https://auth.test/x")


@pytest.mark.parametrize("host", ["auth.test", "127.0.0.1"])
def test_another_client_is_seen_on_the_socket(playing, host: str) -> None:
    """What no intercept sees meets the guard, for a participant's host and for any other."""
    import http.client

    with pytest.raises(OSError, match=host):
        http.client.HTTPConnection(host, 9, timeout=1).request("GET", "/x")


def test_sleeping_takes_no_time(playing) -> None:
    """time.sleep tells the run."""
    import time

    time.sleep(1000)

    assert playing.seen == [("sleep", "", 1000.0)]


def test_a_client_imported_later_is_caught(tmp_path) -> None:
    """In a fresh process neither client is imported by us; imported during a run, both are caught."""
    import subprocess
    import sys

    program = """
import sys
from seqtest.intercepts import patches, speaker
from seqtest.intercepts.speaker import SPEAKER, Speaker
from seqtest.exchange import Response
class Playing:
    is_over = False
    def arrive(self, sender, receiver, message): return Response(200, body=b"caught")
    def participant(self, url): return "auth"
    def host(self, host, port): return "auth"
run = Playing()
patches.hold(); speaker.enter(run); SPEAKER.set(Speaker(run, "client"))
assert not {"requests", "httpx", "responses"} & set(sys.modules)
import requests
assert requests.get("https://auth.test/x").text == "caught"
from httpx import get
assert get("https://auth.test/x").text == "caught"
patches.release()
assert not hasattr(requests.Session.get_adapter, "__closure__") or requests.Session.get_adapter.__closure__ is None
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_run_is_over_error_is_a_connection_error() -> None:
    """Code that handles a dead network handles it."""
    assert issubclass(RunIsOver, ConnectionError)
