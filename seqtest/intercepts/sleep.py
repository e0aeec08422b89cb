"""Sleeping in a participant moves the run's clock and takes no time, by `time.sleep` and by `asyncio.sleep`."""

import sys
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from seqtest.intercepts.speaker import RESIDES, speaking


def install() -> Callable[[], None]:
    """Make sleeping virtual; the function that is returned makes it real again."""
    genuine = time.sleep

    def sleep(seconds: float) -> None:
        speaker = speaking()
        if speaker is None or speaker.run.is_over:
            genuine(seconds)
            return
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        speaker.run.sleeps(float(seconds))

    time.sleep = sleep  # type: ignore[assignment]  # a narrower signature than typeshed has
    release = _in_coroutines()

    def undo() -> None:
        time.sleep = genuine
        release()

    return undo


def _in_coroutines() -> Callable[[], None]:
    """`asyncio.sleep`, while a participant is handling a message: its tasks in the background go on in real time.

    Those that sleep side by side wake at their own times, so two of a second take one.
    """
    asyncio: Any = sys.modules.get("asyncio")
    if asyncio is None:
        return _nothing
    genuine = asyncio.sleep
    dues: WeakKeyDictionary[Any, list[float]] = WeakKeyDictionary()

    async def sleep(delay: float, result: Any = None) -> Any:
        speaker = speaking()
        run = speaker.run if speaker is not None else None
        is_waited_for = run is not None and not run.is_over and run.is_handling and not RESIDES.get()
        if run is None or not is_waited_for or delay <= 0 or not run.clock.is_virtual:
            return await genuine(delay, result)
        sleeping = dues.setdefault(asyncio.get_running_loop(), [])
        due = run.clock.now() + delay
        sleeping.append(due)
        try:
            await genuine(0)
            while min(sleeping) < due:  # who wakes earlier goes first
                await genuine(0)
            run.sleeps(max(0.0, due - run.clock.now()))
        finally:
            sleeping.remove(due)
        return result

    asyncio.sleep = asyncio.tasks.sleep = sleep

    def undo() -> None:
        asyncio.sleep = asyncio.tasks.sleep = genuine

    return undo


def _nothing() -> None:
    """Without asyncio there is nothing to undo."""
