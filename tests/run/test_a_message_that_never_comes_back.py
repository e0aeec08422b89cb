"""Participants that hang: the message is given up, named, and the run is red."""

import asyncio
import threading
import time

import pytest
import requests

from seqtest.exchange import Request
from seqtest.run.drive import Run

FLOW = "user -> api : GET /x\napi --> user : 200"
NESTED = "user -> api : GET /x\napi -> db : GET /y\ndb --> api : 200\napi --> user : 200"


@pytest.fixture
def hurried(stage):
    """Plays flows with a limit of a fifth of a second."""

    def play(text: str, **bindings):
        return Run(stage.prepare(text, **bindings), stage.givens, stage.patience, timeout_seconds=0.2).perform()

    return play


def locked(request: Request) -> int:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
    return 200


def of_an_event(request: Request) -> int:
    threading.Event().wait()
    return 200


def of_a_loop(request: Request) -> int:
    asyncio.run(asyncio.Event().wait())
    return 200


def busy(request: Request) -> int:
    while True:
        pass


def of_a_pool(request: Request) -> int:
    from concurrent.futures import Future

    return Future().result()


@pytest.mark.parametrize("hanging", [locked, of_an_event, of_a_loop, busy, of_a_pool])
def test_a_message_that_never_comes_back_is_named(hurried, hanging) -> None:
    """Whatever it waits for, with the line where it waits."""
    refusal = hurried(FLOW, api=hanging).refusal

    assert (refusal.code, refusal.span.line) == ("SQ542", 1)
    assert refusal.message == "api did not come back within 0.2 s: user -> api : GET /x"
    assert f"{__name__.rpartition('.')[2]}.py:" in refusal.got
    assert f"in {hanging.__name__}" in refusal.got


def test_the_innermost_message_is_named(hurried) -> None:
    """Who waits for somebody that hangs does not hang itself."""

    def api(request: Request) -> int:
        return requests.get("https://db.test/y", timeout=60).status_code

    refusal = hurried(NESTED, api=api, db=of_an_event).refusal

    assert (refusal.code, refusal.span.line) == ("SQ542", 2)


def test_code_that_swallows_the_interruption_is_interrupted_again(hurried) -> None:
    """And its run is red, whatever it answers then."""
    tries = []

    def api(request: Request) -> int:
        while len(tries) < 3:
            try:
                threading.Event().wait()
            except BaseException:  # noqa: BLE001  # what it is about
                tries.append(1)
        return 200

    assert hurried(FLOW, api=api).refusal.code == "SQ542"
    assert len(tries) == 3


def test_a_participant_that_calls_itself_is_named(hurried) -> None:
    """A lock that it holds itself is one that it waits for for ever."""
    lock = threading.Lock()

    def api(request: Request) -> int:
        with lock:
            if request.url.endswith("/x"):
                requests.get("https://api.test/y", timeout=60)
        return 200

    refusal = hurried(
        "user -> api : GET /x\napi -> api : GET /y\napi --> api : 200\napi --> user : 200", api=api
    ).refusal

    assert refusal.code == "SQ542"


def test_a_guard_that_is_never_brought_about_is_told() -> None:
    """The function of the user's that does it is interrupted as well."""
    from seqtest import api
    from seqtest.diagram.read import read
    from seqtest.source import Source

    text = f"@startuml\nparticipant user\nparticipant api\nalt it rains\n{FLOW}\nend\n@enduml\n"
    (case,) = api.cases(read(Source("flow.puml", text))[0])
    ready = api.ready(case, {"api": lambda request: 200}, givens={"it rains": threading.Event().wait})

    assert [one.code for one in api.play(ready, timeout_seconds=0.2).failures] == ["SQ542"]


def test_in_another_thread_than_the_main_one_it_comes_with_the_next_line(stage) -> None:
    """No signal reaches it there."""
    found = []

    def play() -> None:
        found.append(Run(stage.prepare(FLOW, api=busy), stage.givens, stage.patience, timeout_seconds=0.2).perform())

    thread = threading.Thread(target=play)
    thread.start()
    thread.join(10)

    assert found[0].refusal.code == "SQ542"


def test_virtual_sleep_and_slow_exchanges_are_in_time(stage) -> None:
    """The limit is of real time without any movement, and long sleeps take none."""

    def api(request: Request) -> int:
        time.sleep(3600)
        for _ in range(3):
            requests.get("https://db.test/y", timeout=60)
        return 200

    flow = "user -> api : GET /x\n" + "api -> db : GET /y\ndb --> api : 200\n" * 3 + "api --> user : 200"

    def slow(request: Request) -> int:
        threading.Event().wait(0.12)
        return 200

    run = Run(stage.prepare(flow, api=api, db=slow), stage.givens, stage.patience, timeout_seconds=0.3)
    assert run.perform().is_finished


def test_nobody_is_hurried_in_a_debugger(hurried) -> None:
    """Where the debugger's own code is on the stack, time stands still."""
    debugger = {"__name__": "bdb", "threading": threading}
    exec("def user_line(frame):\n    threading.Event().wait(1)\n    return 200", debugger)  # a module's name

    assert hurried(FLOW, api=debugger["user_line"]).is_finished


def test_without_a_limit_nobody_looks(stage) -> None:
    """0 is no limit."""

    def api(request: Request) -> int:
        assert "seqtest-watch" not in [thread.name for thread in threading.enumerate()]
        return 200

    for thread in threading.enumerate():
        if thread.name == "seqtest-watch":
            thread.join(5)
    run = Run(stage.prepare(FLOW, api=api), stage.givens, stage.patience, timeout_seconds=0)
    assert run.perform().is_finished
