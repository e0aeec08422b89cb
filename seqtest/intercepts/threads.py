"""Threads and pools that a participant starts: they go on speaking as it, and are counted until they end."""

import _thread
import contextvars
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from seqtest.exchange import NOTHING
from seqtest.intercepts.speaker import Speaker, speaking

_starting_worker = threading.local()


def install() -> Callable[[], None]:
    """Carry the speaker into threads and pool work; the function that is returned ends it for new ones."""
    start, submit = threading.Thread.start, ThreadPoolExecutor.submit

    def carrying_start(thread: threading.Thread) -> None:
        speaker = speaking()
        if speaker is None or getattr(_starting_worker, "is_on", False):
            start(thread)
            return
        run, context = thread.run, contextvars.copy_context()
        if speaker.run.is_background(speaker.participant, thread.name):
            thread.run = lambda: context.run(run)  # type: ignore[method-assign]  # this thread only
            start(thread)
            return
        number = speaker.run.began(f"thread {thread.name} of {speaker.participant}", thread)

        def carried() -> None:
            try:
                context.run(run)
            except speaker.run.stopped:
                pass  # the run knows; nobody would catch it at the top of a thread
            finally:
                speaker.run.ended(number)

        thread.run = carried  # type: ignore[method-assign]  # this thread only
        try:
            start(thread)
        except BaseException:
            speaker.run.ended(number)
            raise

    def carrying_submit(pool: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        speaker = speaking()
        if speaker is None:
            return submit(pool, fn, *args, **kwargs)
        number = speaker.run.began(f"pool work {getattr(fn, '__qualname__', fn)} of {speaker.participant}")
        # A worker outlives what it is given to do: the work is counted, not the worker.
        _starting_worker.is_on = True
        try:
            future = submit(pool, contextvars.copy_context().run, fn, *args, **kwargs)
        except BaseException:
            speaker.run.ended(number)
            raise
        finally:
            _starting_worker.is_on = False
        future.add_done_callback(_ends(speaker, number))
        return future

    release_low = _carry_low_threads()
    threading.Thread.start = carrying_start  # type: ignore[assignment,method-assign]  # that is what carrying means
    ThreadPoolExecutor.submit = carrying_submit  # type: ignore[assignment,method-assign]  # the same

    def undo() -> None:
        threading.Thread.start = start  # type: ignore[method-assign]  # as it was
        ThreadPoolExecutor.submit = submit  # type: ignore[method-assign]  # as it was
        release_low()

    return undo


def _carry_low_threads() -> Callable[[], None]:
    """`_thread.start_new_thread`, which `threading` took for itself when it was imported."""
    genuine: Any = _thread.start_new_thread

    def start_new_thread(function: Callable[..., Any], args: Any, kwargs: Mapping[str, Any] = NOTHING, /) -> int:
        speaker = speaking()
        if speaker is None:
            return int(genuine(function, args, dict(kwargs)))
        number = speaker.run.began(f"thread of {speaker.participant}")
        context = contextvars.copy_context()

        def carried() -> None:
            try:
                context.run(function, *args, **kwargs)
            except speaker.run.stopped:
                pass  # the run knows; nobody would catch it at the top of a thread
            finally:
                speaker.run.ended(number)

        return int(genuine(carried, ()))

    _thread.start_new_thread = start_new_thread

    def undo() -> None:
        _thread.start_new_thread = genuine

    return undo


def _ends(speaker: Speaker, number: int) -> Callable[[Future[Any]], None]:
    return lambda _future: speaker.run.ended(number)
