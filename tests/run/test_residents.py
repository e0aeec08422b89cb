"""What an ASGI application begins at its startup, and what its requests leave behind."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from seqtest.clock import Clock

START = 1_700_000_000.0
ASKED = "u -> web : GET /x\nweb --> u : 200"
CALLING = "u -> web : GET /x\nweb ->> audit : GET /a\nweb --> u : 200"


@pytest.fixture(autouse=True)
def patience(stage: Any) -> None:
    """Work that ends is waited for, however busy the machine is."""
    stage.patience = 20.0


async def call() -> None:
    async with httpx.AsyncClient() as http:
        await http.get("https://audit.test/a")


async def works_off(jobs: "asyncio.Queue[Any]") -> None:
    """A worker as many applications have one."""
    while True:
        job = await jobs.get()
        await job()


async def beats(app: Starlette) -> None:
    """A heartbeat."""
    while True:
        app.state.beats = getattr(app.state, "beats", 0) + 1
        await asyncio.sleep(3600)


def app_with(answer: Callable[[Request], Any], *begun: Callable[[Starlette], Any]) -> Starlette:
    """An application that begins these at startup, and ends them at shutdown."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        app.state.jobs = asyncio.Queue()
        tasks = [asyncio.create_task(one(app)) for one in begun]
        yield
        for task in tasks:
            task.cancel()

    async def endpoint(request: Request) -> PlainTextResponse:
        await answer(request)
        return PlainTextResponse("done")

    return Starlette(routes=[Route("/x", endpoint)], lifespan=life)


async def nothing(request: Request) -> None:
    """Answers at once."""


def worker(app: Starlette) -> Any:
    return works_off(app.state.jobs)


def test_who_waits_for_work_holds_up_nothing(stage: Any) -> None:
    """A worker and a heartbeat rest: the flow is over when its arrows are."""
    started = time.perf_counter()

    trace = stage("\n".join([ASKED] * 3), web=app_with(nothing, worker, beats))

    assert trace.is_finished, trace.refusal
    assert time.perf_counter() - started < 15


@pytest.mark.parametrize("hops", [0, 2])
def test_work_that_a_request_hands_to_a_worker_is_waited_for(stage: Any, hops: int) -> None:
    """It goes from one worker to the next, and waits in between; its call is one of the application's."""

    async def hand_over(request: Request) -> None:
        state = request.app.state

        async def job(left: int = hops) -> None:
            await asyncio.sleep(0.01)
            if left:
                await state.jobs.put(lambda: job(left - 1))
            else:
                await call()

        await state.jobs.put(job)

    both = app_with(hand_over, worker, worker)
    assert stage(CALLING, web=both).is_finished
    assert stage("u -> audit : hi\n" + ASKED, web=both).refusal.code in ("SQ530", "SQ540")


def test_a_task_that_a_worker_begins_counts(stage: Any) -> None:
    """The worker is back at its queue long before."""

    async def later() -> None:
        await asyncio.sleep(0.03)
        await call()

    async def hand_over(request: Request) -> None:
        async def job() -> None:
            request.app.state.kept = asyncio.create_task(later())

        await request.app.state.jobs.put(job)

    app = app_with(hand_over, worker)
    assert stage(CALLING, web=app).is_finished
    assert stage("u -> audit : hi\n" + ASKED, web=app).refusal.code in ("SQ530", "SQ540")


def test_a_timer_that_a_request_leaves_behind_counts(stage: Any) -> None:
    """Unless it is cancelled, or due when everybody has gone home."""

    def timed(seconds: float, is_cancelled: bool = False) -> Starlette:
        async def answer(request: Request) -> None:
            def ring() -> None:
                request.app.state.kept = asyncio.ensure_future(call())

            timer = asyncio.get_running_loop().call_later(seconds, ring)
            if is_cancelled:
                timer.cancel()

        return app_with(answer)

    undrawn = "u -> audit : hi\n" + ASKED
    assert stage(CALLING, web=timed(0.02)).is_finished
    assert stage(undrawn, web=timed(0.02)).refusal.code in ("SQ530", "SQ540")
    assert stage(undrawn, web=timed(0.02, is_cancelled=True)).is_finished
    assert stage(undrawn, web=timed(3600)).is_finished


def test_a_heartbeat_moves_no_clock(stage: Any) -> None:
    """It sleeps in the world's time, also while a request that sleeps is handled."""
    app = app_with(lambda request: asyncio.sleep(2), beats)
    stage.clock = Clock(START)

    assert stage(ASKED, web=app).is_finished
    assert 2 <= stage.clock.now() - START < 3
    assert app.state.beats == 1


def test_a_task_in_the_background_by_its_name(stage: Any) -> None:
    """`background = …` is for tasks as it is for threads."""

    async def answer(request: Request) -> None:
        request.app.state.kept = asyncio.create_task(asyncio.Event().wait(), name="sentry-flush")

    app = app_with(answer)
    stage.settings = {"web": {"background": "sentry*"}}
    assert stage(ASKED, web=app).is_finished
    stage.settings, stage.patience = {}, 0.05
    assert stage(ASKED, web=app).refusal.code == "SQ538"
