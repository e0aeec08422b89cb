"""`asyncio.sleep` in a participant."""

import asyncio
import threading
import time

from seqtest.exchange import Request

POLLING = "u -> a : GET /x\na -> b : GET /y\nb --> a : 200\ndelay 5\na -> b : GET /y\nb --> a : 200\na --> u : 200"


def test_a_coroutine_waits_out_a_drawn_delay_in_no_time(stage) -> None:
    """A client that polls every five seconds, drawn and kept."""
    import requests

    async def poll(seconds: float) -> int:
        requests.get("https://b.test/y", timeout=5)
        await asyncio.sleep(seconds)
        return requests.get("https://b.test/y", timeout=5).status_code

    started = time.perf_counter()

    assert stage(POLLING, a=lambda request: asyncio.run(poll(5))).is_finished
    assert stage(POLLING, a=lambda request: asyncio.run(poll(2))).refusal.code == "SQ539"
    assert time.perf_counter() - started < 2


def test_those_that_sleep_side_by_side_wake_at_their_own_times(stage) -> None:
    """Two of a minute take one, and who sleeps longer wakes later; the result is passed on."""
    found = []

    async def sleeper(seconds: float) -> None:
        begun = time.time()
        assert await asyncio.sleep(seconds, "slept") == "slept"
        found.append((seconds, round(time.time() - begun)))

    async def several() -> None:
        await asyncio.gather(sleeper(120), sleeper(60), sleeper(60))

    def a(request: Request) -> int:
        asyncio.run(several())
        return 200

    before = stage.clock.now()

    assert stage("u -> a : GET /x\na --> u : 200", a=a).is_finished
    assert found == [(60, 60), (60, 60), (120, 120)]
    assert 120 <= stage.clock.now() - before < 121


def test_elsewhere_it_takes_its_time(stage) -> None:
    """A thread that is no participant's sleeps for real, and after the run everything is as it was."""
    genuine, took = asyncio.sleep, []

    def sleep() -> None:
        started = time.perf_counter()
        asyncio.run(asyncio.sleep(0.05))
        took.append(time.perf_counter() - started)

    begin = threading.Event()
    thread = threading.Thread(target=lambda: (begin.wait(5), sleep()))
    thread.start()

    def a(request: Request) -> int:
        begin.set()
        thread.join(5)
        return 200

    assert stage("u -> a : GET /x\na --> u : 200", a=a).is_finished
    assert took[0] >= 0.05
    assert asyncio.sleep is genuine
