"""Threads that a participant begins and that wait for work: a pool of connections, an exporter, a queue of mails."""

import queue
import re
import sysconfig
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
from flask import Flask

from seqtest.intercepts import workers

ASKED = "u -> s : hi\nu -> a : GET /x\na --> u : 200"
CALLED = "u -> a : GET /x\na ->> s : GET /audit\na --> u : 200"


class Worker:
    """Begun at the first work that it is given."""

    def __init__(self, jobs: Any, **limit: float) -> None:
        self.jobs = jobs
        self.limit = limit
        self.thread: threading.Thread | None = None

    def give(self, job: Callable[[], object]) -> str:
        if self.thread is None:
            self.thread = threading.Thread(target=self.work_off, daemon=True)
            self.thread.start()
        self.jobs.put(job)
        return "ok"

    def work_off(self) -> None:
        while True:
            job = self.jobs.get(**self.limit) if self.limit else self.jobs.get()
            if job is None:
                return
            with suppress(BaseException):  # as a worker of somebody's might
                job()


@pytest.fixture(params=[queue.Queue, queue.SimpleQueue, queue.LifoQueue])
def worker(request: Any) -> Iterator[Worker]:
    made = Worker(request.param())
    yield made
    made.jobs.put(None)
    if made.thread is not None:
        made.thread.join()  # a run that it belongs to holds its patches until then


@pytest.fixture(autouse=True)
def patience(stage: Any) -> None:
    """Work that ends is waited for, however busy the machine is."""
    stage.patience = 20.0


def app_that(answers: Callable[[], str]) -> Flask:
    app = Flask("app")
    app.add_url_rule("/x", "x", answers)
    return app


def calls() -> None:
    requests.get("https://s.test/audit")


def calls_late() -> None:
    threading.Event().wait(0.05)
    calls()


def test_a_worker_that_waits_for_work_need_not_end(stage: Any, worker: Worker) -> None:
    """Nobody is left who could give it any."""
    assert stage(ASKED, a=app_that(lambda: worker.give(int))).is_finished


def test_nor_one_that_is_a_function_of_its_own(stage: Any) -> None:
    """Its queue may be an argument."""
    jobs: queue.SimpleQueue[object] = queue.SimpleQueue()

    def work_off(taken: Any) -> None:
        while taken.get() is not None:
            pass

    def begins() -> str:
        threading.Thread(target=work_off, args=(jobs,), daemon=True).start()
        return "ok"

    assert stage(ASKED, a=app_that(begins)).is_finished
    jobs.put(None)


def test_nor_one_that_says_that_it_waits(stage: Any) -> None:
    """As logging's `QueueListener` does: `get(block)`."""
    from logging import NullHandler
    from logging.handlers import QueueListener

    listeners = [QueueListener(made(), NullHandler()) for made in (queue.Queue, queue.SimpleQueue)]  # type: ignore[arg-type]

    def begins() -> str:
        for listener in listeners:
            listener.start()
        return "ok"

    assert stage(ASKED, a=app_that(begins)).is_finished
    for listener in listeners:
        listener.stop()


def test_its_call_is_an_arrow(stage: Any, worker: Worker) -> None:
    """It speaks as who began it."""
    assert stage(CALLED, a=app_that(lambda: worker.give(calls))).is_finished


def test_what_it_calls_late_fails(stage: Any, worker: Worker) -> None:
    """It has been given work, and is waited for until that is done."""
    trace = stage(ASKED, a=app_that(lambda: worker.give(calls_late)))

    assert trace.refusal.code == "SQ530"
    assert trace.refusal.message == "a sent s a message that is not drawn: GET /audit"


def test_one_that_wakes_up_by_itself_must_end(stage: Any, worker: Worker) -> None:
    """Its time limit may be over when the flow is."""
    worker.limit = {"timeout": 60.0}
    stage.patience = 0.1

    trace = stage(ASKED, a=app_that(lambda: worker.give(int)))

    assert trace.refusal.code == "SQ538"
    assert re.search(r"\(work_off\) of a, at .*test_workers.py:\d+ in work_off$", trace.refusal.got)


def test_its_line_is_the_users_where_seqtest_is_installed_among_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What seqtest runs below the user's line (it watches who waits) is not the place to look at."""
    installed = f"{sysconfig.get_paths()['purelib']}/seqtest"
    monkeypatch.setattr(workers, "OURS", installed)
    watching: dict[str, Any] = {}
    source = "def wait(begun, ended):\n    begun.set()\n    ended.wait()"
    exec(compile(source, f"{installed}/intercepts/sleep.py", "exec"), watching)
    begun, ended = threading.Event(), threading.Event()

    def waits() -> None:
        watching["wait"](begun, ended)

    thread = threading.Thread(target=waits)
    thread.start()
    begun.wait()
    began = workers.Workers()
    began.add(1, thread)
    place = began.place(1)
    ended.set()
    thread.join()

    assert re.search(r"test_workers.py:\d+ in waits$", place)


def test_in_the_next_run_it_is_an_older_thread(stage: Any, worker: Worker) -> None:
    """It works for whoever is handling a message then, and is waited for as well."""

    def waits_for_it() -> str:
        done = threading.Event()
        worker.give(lambda: (calls(), done.set()))
        done.wait(20)
        return "ok"

    assert stage(ASKED, a=app_that(lambda: worker.give(int))).is_finished

    assert stage(
        "u -> b : GET /x\nb -> s : GET /audit\ns --> b : 200\nb --> u : 200", b=app_that(waits_for_it)
    ).is_finished
    assert not stage(ASKED, a=app_that(lambda: worker.give(calls_late))).is_finished


def test_what_closing_gives_it_to_do_is_seen(stage: Any, worker: Worker) -> None:
    """Its work is done while its calls are still an arrow too many."""
    from seqtest.actors.actor import Actor

    class Closes(Actor):
        def handle(self, request: object) -> int:
            worker.give(int)
            return 200

        def close(self) -> None:
            worker.give(calls_late)

    assert not stage(ASKED, a=Closes).is_finished
