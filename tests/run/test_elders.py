"""Threads older than the run that are given work in ways that nobody can watch."""

import contextvars
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import requests

FLOW = "u -> s : hi\nu -> a : GET /x\na --> u : 200"


class Worker:
    """Does what comes through a queue, or when it is woken."""

    def __init__(self) -> None:
        self.jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self.wakes = threading.Event()
        self.job: Callable[[], object] | None = None

    def works_off(self) -> None:
        while (job := self.jobs.get()) is not None:
            with suppress(BaseException):  # as a worker of somebody's might
                job()

    def wakes_up(self) -> None:
        while True:
            self.wakes.wait()
            self.wakes.clear()
            if self.job is None:
                return
            with suppress(BaseException):  # as above
                self.job()

    def give(self, job: Callable[[], object] | None, by: str) -> None:
        self.job = job
        self.jobs.put(job) if by == "works_off" else self.wakes.set()


@pytest.fixture(autouse=True)
def patience(stage: Any) -> None:
    """Work that ends is waited for, however busy the machine is."""
    stage.patience = 20.0


@contextmanager
def working(by: str) -> Iterator[Worker]:
    """A worker that waits for its first work."""
    worker = Worker()
    thread = threading.Thread(target=getattr(worker, by), daemon=True)
    thread.start()
    until(lambda: worker.wakes._cond._waiters if by == "wakes_up" else _is_in(thread, "works_off"))
    try:
        yield worker
    finally:
        worker.give(None, by)
        thread.join(5)


def _is_in(thread: threading.Thread, name: str) -> bool:
    import sys

    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code.co_name == name


def until(holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 5
    while not holds() and time.monotonic() < deadline:
        threading.Event().wait(0.001)


@pytest.mark.parametrize("by", ["works_off", "wakes_up"])
@pytest.mark.parametrize("url", ["https://s.test/y", "https://elsewhere.example/y"])
def test_what_it_calls_when_the_flow_is_over_fails(stage: Any, by: str, url: str) -> None:
    """To a participant, or to an address that nobody has: it goes nowhere, and the run is red."""
    called: list[object] = []

    def late() -> None:
        threading.Event().wait(0.03)
        try:
            requests.get(url, timeout=5)
        except BaseException as problem:
            called.append(problem)
            raise

    with working(by) as worker:

        def a(request: Any) -> int:
            worker.give(late, by)
            return 200

        trace = stage(FLOW, a=a)

    assert trace.refusal is not None
    assert trace.refusal.code in ("SQ530", "SQ535", "SQ536", "SQ540")
    assert type(called[0]).__name__ == "Stopped"


@pytest.mark.parametrize("by", ["works_off", "wakes_up"])
def test_work_that_calls_nobody_is_kept(stage: Any, by: str) -> None:
    """It is waited for, and that is all."""
    done: list[int] = []

    def late() -> None:
        threading.Event().wait(0.01)
        done.append(1)

    with working(by) as worker:

        def a(request: Any) -> int:
            worker.give(late, by)
            return 200

        trace = stage(FLOW, a=a)
        assert trace.is_finished, trace.refusal
        assert done == [1]


@pytest.mark.parametrize("begins", ["thread", "pool"])
def test_what_it_begins_is_waited_for(stage: Any, begins: str) -> None:
    """A scheduler, say, that begins a thread for each job, or gives it to a pool: nobody's work, and it calls late."""

    def late() -> None:
        threading.Event().wait(0.05)
        with suppress(BaseException):  # as a job of somebody's might
            requests.get("https://s.test/y", timeout=5)

    with ThreadPoolExecutor(1) as pool, working("works_off") as worker:

        def a(request: Any) -> int:
            thread = threading.Thread(target=late, daemon=True)
            worker.give(thread.start if begins == "thread" else lambda: pool.submit(late), "works_off")
            return 200

        trace = stage(FLOW, a=a)

    assert trace.refusal is not None
    assert trace.refusal.code in ("SQ536", "SQ540")


def test_what_it_begins_may_be_named_as_background(stage: Any) -> None:
    """Then nobody waits for it."""
    begun, end = threading.Event(), threading.Event()

    def a(request: Any) -> int:
        contextvars.Context().run(threading.Thread(target=idles, name="sentry-1", daemon=True).start)
        begun.wait(5)
        return 200

    def idles() -> None:
        begun.set()
        end.wait()

    started = time.perf_counter()
    stage.settings = {"a": {"background": "sentry*"}}
    traces = [stage(FLOW, a=a) for _ in range(5)]
    took = time.perf_counter() - started
    end.set()

    assert all(trace.is_finished for trace in traces)
    assert took < 3


def test_who_does_not_come_back_is_waited_for_once(stage: Any) -> None:
    """A thread may have several places of rest; the second run knows the other one."""
    first, second, end = threading.Event(), threading.Event(), threading.Event()

    def rests_elsewhere() -> None:
        first.wait()
        second.set()
        end.wait()

    thread = threading.Thread(target=rests_elsewhere, daemon=True)
    thread.start()
    until(lambda: first._cond._waiters)

    def a(request: Any) -> int:
        first.set()
        second.wait(5)
        return 200

    assert stage(FLOW, a=a).is_finished
    started = time.perf_counter()
    assert all(stage(FLOW, a=lambda request: 200).is_finished for _ in range(5))
    assert time.perf_counter() - started < 3
    end.set()
    thread.join(5)
