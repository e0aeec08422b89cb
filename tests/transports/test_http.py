"""A request over a real socket of this machine, and every way in which no response comes."""

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from urllib3.exceptions import InsecureRequestWarning

from seqtest.auth.certificate import loopback_certificate
from seqtest.exchange import Headers, Request, Response
from seqtest.transports import http
from seqtest.transports.http import NoResponse, call

Speak = Callable[[socket.socket, bytes], None]


@contextmanager
def listening(speak: Speak, context: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """A server of one thread: reads a whole request, then lets `speak` have the connection."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    raw, _ = server.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(raw, server_side=True) if context else raw as connection:
                        seen.append(_whole(connection))
                        speak(connection, seen[-1])
                except OSError:
                    raw.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"{'https' if context else 'http'}://127.0.0.1:{server.getsockname()[1]}", seen
        finally:
            server.shutdown(socket.SHUT_RDWR)
            server.close()
            thread.join()


def _whole(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data and not data.startswith(b"\x16"):  # TLS begins so
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the client has gone")
    return data


def saying(text: bytes) -> Speak:
    return lambda connection, _: connection.sendall(text)


def asked(url: str, *, ca: str | None = None, is_verified: bool = True, timeout_seconds: float = 5) -> Response:
    return call(Request("GET", url + "/x"), ca=ca, is_verified=is_verified, timeout_seconds=timeout_seconds)


def test_what_is_sent_is_what_was_drawn() -> None:
    """Method, target, each field in order, the body, and only the framing beside them."""
    fields = Headers([("X-A", "1"), ("Accept", "text/html"), ("X-A", "2"), ("Content-Type", "text/plain")])
    with listening(saying(b"HTTP/1.1 204 No Content\r\n\r\n")) as (url, seen):
        answer = call(
            Request("POST", f"{url}/a%2Fb;c?q=%20&q=2", fields, b"body"),
            ca=None, is_verified=True, timeout_seconds=5,
        )  # fmt: skip

    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert answer.status == 204
    assert body == b"body"
    assert head.split(b"\r\n")[0] == b"POST /a%2Fb;c?q=%20&q=2 HTTP/1.1"
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]]
    assert sorted(names) == sorted(
        [b"host", b"accept-encoding", b"content-length", b"x-a", b"x-a", b"accept", b"content-type"]
    )


def test_a_response_comes_back_as_it_is() -> None:
    """Repeated fields, an unknown status, and no redirect is followed."""
    text = b"HTTP/1.1 302 Found\r\nLocation: /y\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nhi"
    with listening(saying(text)) as (url, seen):
        answer = asked(url)

    assert (answer.status, answer.body, len(seen)) == (302, b"hi", 1)
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_a_packed_body_is_unpacked() -> None:
    """And its fields say nothing wrong of it any more."""
    packed = gzip.compress(b'{"a": 1}')
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    with listening(saying(head + packed)) as (url, _):
        answer = asked(url)

    assert answer.body == b'{"a": 1}'
    assert list(answer.headers) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "no HTTP response, or ended before it was whole"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "no HTTP response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "ended before it was whole"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "ended before it was whole"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "cannot be unpacked"),
    ],
)
def test_what_is_no_response_is_told(text: bytes, words: str) -> None:
    """In words, not as a library's exception."""
    with listening(saying(text)) as (url, _), pytest.raises(NoResponse, match=words):
        asked(url)


def test_a_refused_connection_and_an_unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens; there is no such name."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NoResponse, match="no connection: connection refused"):
        asked(f"http://127.0.0.1:{port}")

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NoResponse, match="no host of that name"):
        asked("http://nobody.invalid")


def test_a_server_that_never_answers_or_never_ends() -> None:
    """The time-out is for the whole exchange: drops that keep coming do not prolong it."""
    is_over = threading.Event()

    def silent(connection: socket.socket, _: bytes) -> None:
        is_over.wait(10)

    def dripping(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not is_over.wait(0.02):
            connection.sendall(b".")

    for speak in (silent, dripping):
        is_over.clear()
        with listening(speak) as (url, _):
            with pytest.raises(NoResponse, match=r"no answer within 0\.2 seconds"):
                asked(url, timeout_seconds=0.2)
            is_over.set()


def test_a_body_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it fills the memory."""
    monkeypatch.setattr(http, "MAX_BODY", 100_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    with listening(saying(head + b"x" * 1_000_000)) as (url, _), pytest.raises(NoResponse, match="longer than 100,000"):
        asked(url)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    public, private = loopback_certificate()
    (folder / "key.pem").write_bytes(private)
    (folder / "certificate.pem").write_bytes(public)
    return folder / "certificate.pem"


def test_tls_is_verified(certificate: Path, tmp_path: Path) -> None:
    """A certificate that is not trusted is no connection, unless that is asked for by name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with listening(saying(b"HTTP/1.1 204 No Content\r\n\r\n"), context) as (url, seen):
        with pytest.raises(NoResponse, match=r"no TLS connection: self.signed certificate"):
            asked(url)
        assert seen == []
        assert asked(url, ca=str(certificate)).status == 204
        with pytest.warns(InsecureRequestWarning):
            assert asked(url, is_verified=False).status == 204
        with pytest.raises(NoResponse, match="cannot be read"):
            asked(url, ca=str(tmp_path / "missing.pem"))
        with pytest.raises(NoResponse, match=r"no HTTP response|ended before"):
            asked(url.replace("https", "http"))
    plain = listening(saying(b"HTTP/1.1 204 No Content\r\n\r\n"))
    with plain as (url, _), pytest.raises(NoResponse, match="no TLS connection"):
        asked(url.replace("http", "https"))
