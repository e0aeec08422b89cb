"""Work that a participant hands to an event loop of another thread, which may call when the flow is long over."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

FLOW = "u -> s : hi\nu -> a : GET /x\na --> u : 200"
CALLING = "u -> a : GET /x\na ->> s : GET /y\na --> u : 200"


@pytest.fixture(autouse=True)
def patience(stage) -> None:
    """Work that ends is waited for, however busy the machine is."""
    stage.patience = 20.0


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that is older than the run, in a thread of its own."""
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join(5)
    made.close()


def call() -> None:
    with contextlib.suppress(BaseException):  # as a callback of somebody's might
        requests.get("https://s.test/y", timeout=5)


async def later() -> None:
    await asyncio.sleep(0.02)
    call()


async def begins_another() -> None:
    _KEPT.append(asyncio.get_running_loop().create_task(later()))


_KEPT: list[object] = []
Hand = Callable[[asyncio.AbstractEventLoop], object]
WAYS: dict[str, Hand] = {
    "callback": lambda loop: loop.call_soon_threadsafe(call),
    "task": lambda loop: loop.call_soon_threadsafe(lambda: _KEPT.append(loop.create_task(later()))),
    "task of a task": lambda loop: loop.call_soon_threadsafe(lambda: _KEPT.append(loop.create_task(begins_another()))),
    "coroutine": lambda loop: asyncio.run_coroutine_threadsafe(later(), loop),
    "timer": lambda loop: loop.call_soon_threadsafe(loop.call_later, 0.02, call),
    "timer of a timer": lambda loop: loop.call_soon_threadsafe(loop.call_later, 0.01, loop.call_later, 0.01, call),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_it_calls_late_is_a_call(stage, loop: asyncio.AbstractEventLoop, way: str) -> None:
    """One that is not drawn fails; one that is drawn is kept, as the participant's."""

    def a(request):
        WAYS[way](loop)
        return 200

    assert stage(FLOW, a=a).refusal.code == "SQ530"
    assert stage(CALLING, a=a).is_finished


def test_a_timer_that_is_due_long_after_is_not_waited_for(stage, loop: asyncio.AbstractEventLoop) -> None:
    """A pool that will close an idle connection in an hour holds up nothing."""

    def a(request):
        loop.call_soon_threadsafe(loop.call_later, 3600, call)
        return 200

    assert stage(FLOW, a=a).is_finished


def test_a_callback_that_raises_is_done(stage, loop: asyncio.AbstractEventLoop) -> None:
    """And so is one that the loop never takes, since it is closed."""
    closed = asyncio.new_event_loop()
    closed.close()
    loop.set_exception_handler(lambda *_: None)

    def a(request):
        loop.call_soon_threadsafe(lambda: 1 / 0)
        with contextlib.suppress(RuntimeError):
            closed.call_soon_threadsafe(call)
        return 200

    assert stage(FLOW, a=a).is_finished


def test_a_loop_is_as_it_was_when_the_run_is_over(stage) -> None:
    """What is patched is patched back."""
    names = ("call_soon_threadsafe", "create_task", "call_at")
    before = [vars(asyncio.base_events.BaseEventLoop)[name] for name in names]

    stage(FLOW, a=lambda request: 200)

    assert [vars(asyncio.base_events.BaseEventLoop)[name] for name in names] == before
