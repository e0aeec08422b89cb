"""Work handed through a `queue.Queue` to a thread that is older than the run: the run waits until it is done.

Nobody can see when such a thread has done its work; but it comes back to the queue for more. So what a participant puts
into a queue at which somebody waits is counted until as many have come back as have taken something out of it.
A `queue.SimpleQueue` is written in C and cannot be watched; see `seqtest.intercepts.elders`.
"""

import queue
from collections import deque
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from seqtest.intercepts.speaker import Playing, speaking

_handed: "WeakKeyDictionary[queue.Queue[Any], deque[tuple[Playing, int]]]" = WeakKeyDictionary()
"""Queue → the work in it, or taken out of it and not done, oldest first."""


def install() -> Callable[[], None]:
    """Count what is put into queues; the function that is returned ends it."""
    put, get = queue.Queue.put, queue.Queue.get

    def counted_put(self: "queue.Queue[Any]", item: Any, block: bool = True, timeout: float | None = None) -> None:
        speaker = speaking()
        # None is the usual sign to stop: who takes it does not come back, and does nothing.
        if speaker is None or item is None or speaker.run.is_over or not _is_awaited(self):
            put(self, item, block, timeout)
            return
        work = (speaker.run, speaker.run.hands_over(speaker.participant, "work in a queue"))
        _handed.setdefault(self, deque()).append(work)
        try:
            put(self, item, block, timeout)
        except BaseException:
            _handed[self].remove(work)
            speaker.run.ended(work[1])
            raise

    def counted_get(self: "queue.Queue[Any]", block: bool = True, timeout: float | None = None) -> Any:
        if _handed:
            _come_back(self)
        return get(self, block, timeout)

    queue.Queue.put = counted_put  # type: ignore[method-assign]  # that is what counting means
    queue.Queue.get = counted_get  # type: ignore[method-assign]  # the same

    def undo() -> None:
        queue.Queue.put, queue.Queue.get = put, get  # type: ignore[method-assign]  # as they were
        _handed.clear()

    return undo


def _is_awaited(asked: "queue.Queue[Any]") -> bool:
    """Whether a thread waits at the queue, or does what came out of it: else it may be a store that nobody reads."""
    return bool(getattr(asked.not_empty, "_waiters", ())) or bool(_handed.get(asked))


def _come_back(asked: "queue.Queue[Any]") -> None:
    """Whoever asks for more has done what it took."""
    works = _handed.get(asked)
    if works and len(works) > sum(item is not None for item in tuple(asked.queue)):
        run, number = works.popleft()
        run.ended(number)
