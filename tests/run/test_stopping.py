"""A run is green only when the player finished, whatever a bound application does with our exceptions."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from flask import Flask
from flask import Response as FlaskResponse

from seqtest.actors.actor import Actor
from seqtest.exchange import Response
from seqtest.verdict import Verdict

ONE_CALL_TOO_MANY = "u -> a : GET /x\na --> u : 200\nu -> a : GET /y\na --> u : 200"


def forbidden() -> None:
    """A call that no arrow draws."""
    requests.get("https://s.test/forbidden")


def bare_except() -> str:
    try:  # noqa: SIM105  # the pitfall itself
        forbidden()
    except:  # noqa: E722
        pass
    return "ok"


def suppressed() -> str:
    with contextlib.suppress(BaseException):
        forbidden()
    return "ok"


def in_finally() -> str:
    try:
        raise ValueError("first")
    except ValueError:
        return "ok"
    finally:
        with contextlib.suppress(BaseException):
            forbidden()


def in_a_pool() -> str:
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(forbidden)
        with contextlib.suppress(BaseException):
            future.result()
    return "ok"


def in_a_thread() -> str:
    thread = threading.Thread(target=bare_except)
    thread.start()
    thread.join()
    return "ok"


def in_a_forgotten_thread() -> str:
    threading.Thread(target=bare_except).start()
    return "ok"


def in_a_late_thread() -> str:
    def late() -> None:
        threading.Event().wait(0.05)
        bare_except()

    threading.Thread(target=late).start()
    return "ok"


def in_a_streamed_body() -> FlaskResponse:
    def chunks():
        yield "a"
        bare_except()
        yield "b"

    return FlaskResponse(chunks())


def on_close() -> FlaskResponse:
    response = FlaskResponse("ok")
    response.call_on_close(bare_except)
    return response


@pytest.mark.parametrize(
    "view",
    [
        bare_except, suppressed, in_finally, in_a_pool, in_a_thread, in_a_forgotten_thread, in_a_late_thread,
        in_a_streamed_body, on_close,
    ],
    ids=lambda view: view.__name__,
)  # fmt: skip
def test_a_swallowed_refusal_is_red(stage, view) -> None:
    """A call too many fails wherever it is made and however its refusal is swallowed."""
    app = Flask("app")
    app.add_url_rule("/x", "x", view)
    app.add_url_rule("/y", "y", lambda: "y")
    scripted_s = ONE_CALL_TOO_MANY + "\nu -> s : GET /told\ns --> u : 200"

    trace = stage(scripted_s, a=app)

    assert not trace.is_finished
    assert trace.refusal.code == "SQ530"


ASKED_FIRST = "u -> a : GET /x\na {} s : GET /d\ns --> a : 200\na --> u : 200"


def asking_late(request) -> int:
    def late() -> None:
        threading.Event().wait(0.05)
        with contextlib.suppress(BaseException):
            requests.get("https://s.test/d")

    threading.Thread(target=late).start()
    return 200


def test_an_answer_before_a_call_is_not_put_behind_it(stage) -> None:
    """A thread that calls after the answer broke the drawn order, however long a run could wait for it."""
    trace = stage(ASKED_FIRST.format("->"), a=asking_late)

    assert (trace.is_finished, trace.refusal.code) == (False, "SQ534")
    assert trace.refusal.span.line == 2
    assert trace.refusal.got == "a answered 200 OK without it"


def test_an_answer_of_one_in_the_middle_is_not_put_behind_its_call(stage) -> None:
    """The same inside of another participant's call."""
    text = "u -> g : GET /x\ng -> a : GET /x\na -> s : GET /d\ns --> a : 200\na --> g : 200\ng --> u : 200"

    trace = stage(text, g=lambda request: requests.get("https://a.test/x").status_code, a=asking_late)

    assert trace.refusal.code == "SQ534"


def test_a_call_drawn_behind_the_answer_may_come_from_a_thread(stage) -> None:
    """So it is drawn where it happens."""
    text = "u -> a : GET /x\na --> u : 200\na -> s : GET /d\ns --> a : 200"

    assert stage(text, a=asking_late).is_finished


def test_a_message_that_nobody_waits_for_may_be_sent_behind_the_answer(stage) -> None:
    """`->>` says that the sender does not wait, so its own thread may send it."""
    text = "u -> a : GET /x\na ->> s : GET /d\na --> u : 200"

    assert stage(text, a=asking_late).is_finished


def test_a_delivery_may_bring_the_call_of_one_that_has_answered(stage) -> None:
    """What is drawn before the answer may be the work of a message that still is on its way to the participant."""

    def a(request):
        path = request.url.rpartition("/")[2]
        if path == "x":
            requests.post("https://a.test/job")
        else:
            requests.get("https://s.test/d")
        return 200

    text = "u -> a : GET /x\na ->> a : POST /job\na -> s : GET /d\ns --> a : 200\na --> u : 200"

    assert stage(text, a=a).is_finished


def test_a_last_arrow_does_not_hide_a_late_call(stage) -> None:
    """A thread's call after the last drawn arrow still fails."""
    app = Flask("app")
    app.add_url_rule("/x", "x", in_a_late_thread)

    trace = stage("u -> s : GET /told\ns --> u : 200\nu -> a : GET /x\na --> u : 200", a=app)

    assert trace.refusal.code == "SQ530"


def test_teardown_functions_are_part_of_the_answer(stage) -> None:
    """A call in teardown_request is seen."""
    app = Flask("app")
    app.add_url_rule("/x", "x", lambda: "ok")
    app.teardown_request(lambda exception: bare_except())

    trace = stage("u -> s : GET /told\ns --> u : 200\nu -> a : GET /x\na --> u : 200", a=app)

    assert trace.refusal.code == "SQ530"


def test_error_handlers_do_not_turn_a_refusal_green(stage) -> None:
    """errorhandler(Exception) never sees the refusal; the run is red."""
    app = Flask("app")
    app.add_url_rule("/x", "x", forbidden)
    seen = []

    @app.errorhandler(Exception)
    def handled(problem):
        seen.append(problem)
        return "all is well", 200

    trace = stage("u -> s : GET /told\ns --> u : 200\nu -> a : GET /x\na --> u : 200", a=app)

    assert trace.refusal.code == "SQ530"
    assert seen == []


def test_middleware_that_swallows_everything_is_red(stage) -> None:
    """A WSGI middleware with a bare except cannot save the run."""
    app = Flask("app")
    app.add_url_rule("/x", "x", forbidden)

    def middleware(environ, start_response):
        try:
            return list(app(environ, start_response))
        except BaseException:  # noqa: BLE001  # the pitfall itself
            start_response("200 OK", [])
            return [b"fine"]

    trace = stage("u -> s : GET /told\ns --> u : 200\nu -> a : GET /x\na --> u : 200", a=middleware)

    assert trace.refusal.code == "SQ530"


def test_everything_after_the_first_refusal_is_refused(stage) -> None:
    """Even a drawn call is refused then, and the first refusal is the one reported."""
    outcomes = []

    def view() -> str:
        for path in ("forbidden", "drawn"):
            try:
                requests.get(f"https://s.test/{path}")
                outcomes.append(path)
            except BaseException as problem:  # noqa: BLE001  # to see what it is
                outcomes.append(type(problem).__name__)
        return "ok"

    app = Flask("app")
    app.add_url_rule("/x", "x", view)
    trace = stage("u -> a : GET /x\na -> s : GET /drawn\ns --> a : 200\na --> u : 200", a=app)

    assert outcomes == ["Stopped", "Stopped"]
    assert trace.refusal.code == "SQ530"


def test_work_that_does_not_end_is_red(stage) -> None:
    """While a thread runs a forbidden call could still come, so there is no green."""
    release = threading.Event()
    app = Flask("app")
    waiting = threading.Thread(target=release.wait, daemon=True)
    app.add_url_rule("/x", "x", lambda: waiting.start() or "ok")

    trace = stage("u -> a : GET /x\na --> u : 200", a=app)
    release.set()
    waiting.join()

    assert trace.refusal.code == "SQ538"


def test_work_that_closing_begins_is_waited_for_as_well(stage) -> None:
    """It does not end either, so there is no green."""
    release = threading.Event()
    waiting = threading.Thread(target=release.wait, daemon=True)

    class Closes(Actor):
        def handle(self, request):
            return 200

        def close(self):
            waiting.start()

    trace = stage("u -> a : GET /x\na --> u : 200", a=Closes)
    release.set()
    waiting.join()

    assert trace.refusal.code == "SQ538"


def test_background_threads_may_be_named(stage) -> None:
    """A thread that the settings name may outlive the run; its calls are the participant's all the same."""
    release = threading.Event()
    stage.settings = {"a": {"background": "metrics*"}}
    app = Flask("app")

    def starts(work):
        thread = threading.Thread(target=work, name="metrics-1", daemon=True)
        thread.start()
        return thread

    app.add_url_rule("/x", "x", lambda: starts(release.wait) and "ok")
    app.add_url_rule("/z", "z", lambda: starts(bare_except).join() or "ok")

    assert stage("u -> a : GET /x\na --> u : 200", a=app).is_finished
    assert stage("u -> s : GET /t\ns --> u : 200\nu -> a : GET /z\na --> u : 200", a=app).refusal.code == "SQ530"
    release.set()


def test_an_idle_pool_does_not_hold_a_run_up(stage) -> None:
    """A pool's worker outlives its work, and only the work counts."""
    pool = ThreadPoolExecutor(2)
    app = Flask("app")
    app.add_url_rule("/x", "x", lambda: str(pool.submit(lambda: 7).result()))
    began = time.perf_counter()

    trace = stage("u -> a : GET /x\na --> u : 200", a=app)
    pool.shutdown()

    assert trace.is_finished
    assert time.perf_counter() - began < 0.3


def test_a_call_from_a_thread_is_its_participants_arrow(stage) -> None:
    """The context travels into threads and pools, so that the sender is known."""

    def in_threads() -> str:
        thread = threading.Thread(target=lambda: requests.get("https://s.test/one"))
        thread.start()
        thread.join()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(requests.get, "https://s.test/two").result()
        return "ok"

    app = Flask("app")
    app.add_url_rule("/x", "x", in_threads)
    trace = stage(
        "u -> a : GET /x\na -> s : GET /one\ns --> a : 200\na -> s : GET /two\ns --> a : 200\na --> u : 200", a=app
    )

    assert trace.is_finished, trace.refusal


def test_a_thread_older_than_the_run_speaks_for_the_only_open_participant(stage) -> None:
    """A pool's queue worker that was started before the run: one participant is open, so it is the sender."""
    jobs, done, calls = threading.Semaphore(0), threading.Semaphore(0), []

    def worker() -> None:
        jobs.acquire()
        calls.append(requests.get("https://s.test/d").status_code)
        done.release()

    thread = threading.Thread(target=worker)
    thread.start()
    app = Flask("app")
    app.add_url_rule("/x", "x", lambda: (jobs.release(), done.acquire(), "ok")[2])

    trace = stage("u -> a : GET /x\na -> s : GET /d\ns --> a : 200\na --> u : 200", a=app)
    thread.join()

    assert trace.is_finished, trace.refusal
    assert calls == [200]


def test_nobody_is_guessed_as_the_sender(stage) -> None:
    """With two participants open a call without context is an error."""
    jobs, done = threading.Semaphore(0), threading.Semaphore(0)

    def worker() -> None:
        jobs.acquire()
        with contextlib.suppress(BaseException):
            requests.get("https://s.test/d")
        done.release()

    thread = threading.Thread(target=worker)
    thread.start()
    a, b = Flask("a"), Flask("b")
    a.add_url_rule("/x", "x", lambda: requests.get("https://b.test/y").text)
    b.add_url_rule("/y", "y", lambda: (jobs.release(), done.acquire(), "ok")[2])

    trace = stage(
        "u -> a : GET /x\na -> b : GET /y\nb -> s : GET /d\ns --> b : 200\nb --> a : 200\na --> u : 200", a=a, b=b
    )
    thread.join()

    assert trace.refusal.code == "SQ536"


def test_a_call_when_the_run_is_over_goes_nowhere(stage) -> None:
    """An actor that kept its network cannot call when the verdict is spoken."""
    kept = []

    class Keeper(Actor):
        def handle(self, request):
            kept.append(self)
            return Response(200)

    trace = stage("u -> a : GET /x\na --> u : 200", a=Keeper)

    assert trace.is_finished
    with pytest.raises(ConnectionError):
        kept[0].http.get("a", "/x")


@pytest.mark.parametrize("leave", [pytest.skip, pytest.xfail])
def test_a_refusal_comes_before_leaving_the_test(stage, leave) -> None:
    """`pytest.skip` inside of an application hides no call too many."""

    def a(request):
        bare_except()
        leave("not today")

    assert stage("u -> s : hi\nu -> a : GET /x\na --> u : 200", a=a).refusal.code == "SQ530"


def test_leaving_the_test_is_no_answer(stage) -> None:
    """Without a refusal it means the test, as everywhere."""
    with pytest.raises(pytest.skip.Exception):
        stage("u -> a : GET /x\na --> u : 500", a=lambda request: pytest.skip("not today"))


@pytest.mark.parametrize("problem", [asyncio.CancelledError, GeneratorExit, SystemExit])
def test_what_is_no_exception_is_an_answer_all_the_same(stage, problem) -> None:
    """An application that lets out a cancellation has failed with a 500."""

    def a(request):
        raise problem

    assert stage("u -> a : GET /x\na --> u : 500", a=a).is_finished
    assert stage("u -> a : GET /x\na --> u : 200", a=a).refusal.code == "SQ532"


def test_two_runs_leave_nothing_behind(stage) -> None:
    """Everything patched during a run is as it was afterwards."""
    import socket

    def state():
        return (
            requests.Session.get_adapter, threading.Thread.start, ThreadPoolExecutor.submit, time.sleep,
            socket.getaddrinfo, vars(socket.socket).get("connect"),
        )  # fmt: skip

    before, now = state(), time.time()
    for _ in range(2):
        stage("u -> a : GET /x\na --> u : 200", a=lambda request: 200)

    assert state() == before
    assert abs(time.time() - now) < 60


def test_a_fault_of_the_players_own_is_never_green(stage) -> None:
    """When the rules themselves fail, the run raises, even if the application swallowed it."""
    prepared = stage.prepare("u -> a : GET /x\na -> s : GET /d\ns --> a : 200\na --> u : 200", a=lambda r: call())

    def call() -> int:
        with contextlib.suppress(BaseException):
            requests.get("https://s.test/d")
        return 200

    class Faulty:
        def __getattr__(self, name):
            raise ZeroDivisionError

    contents = list(prepared.contents)
    contents[1] = Faulty()
    from dataclasses import replace

    from seqtest.run.drive import Run

    with pytest.raises(ZeroDivisionError):
        Run(replace(prepared, contents=contents), patience=0.3).perform()


LOOPED = """
loop 3 times
  client -> api : GET /a
  api --> client : 401
end
"""


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_the_iteration_whose_answer_was_wrong_is_the_one_that_failed(drawn: Callable[..., Verdict], wrong: int) -> None:
    """All iterations stand at one place of the drawing; the failure is of the one that happened."""
    asked: list[object] = []

    def api(request: object) -> int:
        asked.append(request)
        return 200 if len(asked) == wrong else 401

    verdict = drawn(LOOPED, api=api)

    reached = ["passed"] * (2 * wrong - 1)
    assert [step.state for step in verdict.steps] == [*reached, "failed", *["not reached"] * (6 - 2 * wrong)]


def test_the_iteration_that_did_not_come_is_the_one_that_failed(drawn: Callable[..., Verdict]) -> None:
    """What is missing is an iteration that did not happen."""

    def app(request: object) -> int:
        requests.get("https://api.test/a", timeout=5)
        return 200

    verdict = drawn("client -> app : GET /\n" + LOOPED.replace("client", "app") + "app --> client : 200", app=app)

    assert [step.state for step in verdict.steps[:4]] == ["passed", "passed", "passed", "failed"]
