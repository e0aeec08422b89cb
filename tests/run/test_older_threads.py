"""Threads, connections and sockets that are older than the run, or lie below what is patched."""

import _socket
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import requests

FLOW = "u -> a : GET /x\na --> u : 200"
CALLING = FLOW + "\nu -> b : GET /y\nb --> u : 200"


@contextmanager
def worker(jobs: "queue.Queue[object]", do=None) -> Iterator[threading.Event]:
    """A thread that does what comes through a queue; the event is set when it waits for its first work."""
    waits = threading.Event()

    def work() -> None:
        while True:
            waits.set()
            job = jobs.get()
            if job is None:
                return
            with suppress(BaseException):  # as a worker of somebody's might
                job()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    waits.wait(5)
    while not jobs.not_empty._waiters:
        pass
    try:
        yield waits
    finally:
        jobs.put(None)
        thread.join(5)


@pytest.mark.parametrize("url", ["https://b.test/y", "https://elsewhere.example/y"])
@pytest.mark.parametrize("count", [1, 3])
def test_work_that_is_done_after_the_answer_is_waited_for(stage, url: str, count: int) -> None:
    """It went through a queue to a thread that was there before: what it calls is the participant's."""
    jobs: queue.Queue[object] = queue.Queue()
    answered = threading.Event()

    def late() -> None:
        answered.wait(2)
        threading.Event().wait(0.05)
        requests.get(url, timeout=5)

    def a(request):
        for _ in range(count - 1):
            jobs.put(lambda: None)
        jobs.put(late)
        answered.set()
        return 200

    with worker(jobs):
        trace = stage(FLOW + "\nu -> b : GET /z\nb --> u : 200", a=a)

    assert trace.refusal is not None
    assert trace.refusal.code in ("SQ530", "SQ531", "SQ535", "SQ540"), trace.refusal


def test_work_in_a_queue_that_calls_as_drawn_is_kept(stage) -> None:
    """The older thread speaks as who gave it the work."""
    jobs: queue.Queue[object] = queue.Queue()

    def a(request):
        jobs.put(lambda: requests.get("https://b.test/y", timeout=5))
        return 200

    with worker(jobs):
        trace = stage("u -> a : GET /x\na --> u : 200\na -> b : GET /y\nb --> a : 200", a=a)

    assert trace.is_finished, trace.refusal


def test_a_queue_that_nobody_reads_is_a_store(stage) -> None:
    """A flow does not wait for what nobody will do."""
    store: queue.Queue[int] = queue.Queue()

    def a(request):
        store.put(1)
        return 200

    assert stage(FLOW, a=a).is_finished
    assert store.get() == 1


@pytest.mark.parametrize("kind", ["connect", "sendto"])
def test_a_socket_below_socket_socket_is_seen(stage, kind: str) -> None:
    """`_socket.socket` is what all others are made of."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()

        def a(request):
            raw = _socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "connect" else socket.SOCK_DGRAM)
            try:
                if kind == "connect":
                    raw.connect(address)
                else:
                    raw.sendto(b"x", address)
            finally:
                raw.close()
            return 200

        assert stage(FLOW, a=a).refusal.code == "SQ537"
        stage.settings = {"a": {"allows": "127.0.0.1"}}
        assert stage(FLOW, a=a).is_finished


def test_a_connection_that_an_older_thread_has_is_seen(stage) -> None:
    """While a participant is handling a message, what the thread sends may be the participant's."""
    begin, sent = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = socket.create_connection(server.getsockname())
        other, _ = server.accept()

        def send() -> None:
            begin.wait(5)
            with suppress(BaseException):  # the thread's own affair
                connection.sendall(b"secret")
            sent.set()

        thread = threading.Thread(target=send)
        thread.start()

        def a(request):
            begin.set()
            sent.wait(5)
            return 200

        trace = stage(FLOW, a=a)
        thread.join(5)
        connection.close()
        other.close()

    assert trace.refusal.code == "SQ537"


def test_a_server_of_the_tests_own_may_answer(stage) -> None:
    """Over a connection that the participant was allowed to open."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            accepted, _ = server.accept()
            with accepted:
                accepted.recv(100)
                accepted.sendall(b"pong")

        thread = threading.Thread(target=serve)
        thread.start()

        def a(request):
            with socket.create_connection(server.getsockname(), timeout=5) as connection:
                connection.sendall(b"ping")
                return 200 if connection.recv(100) == b"pong" else 500

        stage.settings = {"a": {"allows": "127.0.0.1"}}
        trace = stage(FLOW, a=a)
        thread.join(5)

    assert trace.is_finished, trace.refusal


def test_a_sign_to_stop_is_no_work(stage) -> None:
    """A worker that is sent home does not come back to say so; what it did before is done."""
    jobs: queue.Queue[object] = queue.Queue()
    done: list[int] = []

    def a(request):
        jobs.put(lambda: done.append(1))
        jobs.put(None)
        return 200

    with worker(jobs):
        trace = stage("u -> a : GET /x\na --> u : 200", a=a)

    assert trace.is_finished, trace.refusal
    assert done == [1]
