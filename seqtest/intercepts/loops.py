"""Work that a participant hands to an event loop in another thread: it goes on speaking as the participant, and counts.

`asyncio` carries the context into callbacks, tasks and timers by itself, so what they call is the participant's. What
is missing is that the flow waits for them: a callback given by `call_soon_threadsafe` counts until it has run, and so
do the tasks and timers that it starts, and theirs. (`run_coroutine_threadsafe` is made of the first two.) What a
coroutine starts in a loop of its own thread is awaited there, or is seen to by the loop of an ASGI application.
"""

from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import Any

from seqtest.intercepts.speaker import SPEAKER, speaking

SOON_SECONDS = 5.0
"""A timer that is due later than that is no call that is merely late: a pool's, to close what has long been idle."""
_HANDED: ContextVar[bool] = ContextVar("seqtest_handed_to_a_loop", default=False)
"""Set in what was handed to a loop from another thread."""


def install(base_events: Any) -> Callable[[], None]:
    """Count what is handed to that module's loops; the function that is returned ends it for new work."""
    loops: Any = base_events.BaseEventLoop
    call_soon, create_task, call_at = loops.call_soon_threadsafe, loops.create_task, loops.call_at

    def call_soon_threadsafe(loop: Any, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:
        given = context if context is not None else copy_context()
        speaker = given.get(SPEAKER)
        if speaker is None or speaker.run.is_over or not loop.is_running():
            return call_soon(loop, callback, *args, context=context)
        given = given.copy()
        given.run(_HANDED.set, True)
        ended = _counted(f"callback {_name(callback)}", speaker)

        def call() -> None:
            try:
                callback(*args)
            finally:
                ended()

        try:
            return call_soon(loop, call, context=given)
        except BaseException:
            ended()
            raise

    def counted_create_task(loop: Any, coro: Any, **more: Any) -> Any:
        task = create_task(loop, coro, **more)
        speaker = speaking()
        if speaker is not None and _HANDED.get() and not speaker.run.is_over:
            ended = _counted(f"task {_name(coro)}", speaker)
            task.add_done_callback(lambda _task: ended())
        return task

    def counted_call_at(
        loop: Any, when: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> Any:
        handle = call_at(loop, when, callback, *args, context=context)
        speaker = speaking()
        if (
            speaker is not None
            and _HANDED.get()
            and not speaker.run.is_over
            and not _is_plumbing(callback, loop)
            and when - loop.time() <= SOON_SECONDS
        ):
            call_at(loop, when + AFTER_SECONDS, _counted(f"timer {_name(callback)}", speaker))
        return handle

    loops.call_soon_threadsafe, loops.create_task, loops.call_at = (
        call_soon_threadsafe,
        counted_create_task,
        counted_call_at,
    )

    def undo() -> None:
        loops.call_soon_threadsafe, loops.create_task, loops.call_at = call_soon, create_task, call_at

    return undo


AFTER_SECONDS = 0.001
"""After a timer, when it has run, or was cancelled."""


def _is_plumbing(callback: Callable[..., object], loop: Any) -> bool:
    """Whether it only wakes somebody who is counted himself: a task that sleeps, a time-out."""
    is_the_loops = getattr(callback, "__self__", None) is loop
    return not is_the_loops and str(getattr(callback, "__module__", "")).partition(".")[0] in ("asyncio", "anyio")


def _name(work: Any) -> str:
    return str(getattr(work, "__qualname__", type(work).__name__))


def _counted(name: str, speaker: Any) -> Callable[[], None]:
    number = speaker.run.began(f"{name} of {speaker.participant}")
    return lambda: speaker.run.ended(number)
