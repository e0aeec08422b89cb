"""Work of an ASGI application that goes on after a response: whether anything of it may still call somebody.

Theory of operation. Tasks and timers that a request leaves behind are counted until they end. Tasks that the
application begins at its startup live as long as it does, and mostly rest: they wait for work, or for the next round.
Where each of them waits when startup is over is its place of rest. After a response they are looked at until all are
back at such a place, and count meanwhile: then nothing is left of what the request may have given them to do.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any
from weakref import WeakSet

Left = Callable[[str, str], Callable[[], None]]
"""Told of work by its kind and name; what it returns is called at its end."""
Place = tuple[Any, ...]

SOON_SECONDS = 5.0
"""A timer that is due later than that is no call that is merely late: a pool's, to close what has long been idle."""
LOOK_SECONDS = 0.002
LEARNT_AFTER = 50
"""Looks after which a place where a task stays is one of rest, too."""
TURNS = 50
"""Of the loop, in which a startup's tasks come to their first rest."""


class Residents:
    """The work of one application's loop that no request waits for."""

    def __init__(self, loop: asyncio.AbstractEventLoop, left: Left) -> None:
        self._loop: Any = loop
        self._left = left
        self._places: dict[Any, set[Place]] = {}
        self._mine: set[Any] = set()
        self._noted: WeakSet[Any] = WeakSet()
        self._timers: WeakSet[Any] = WeakSet()
        self._stays: dict[Any, tuple[Place, int]] = {}
        self._is_looking = False
        self._unheard: set[Callable[[], None]] = set()

    def close(self) -> None:
        """The loop is over: what it would still have told of is."""
        for ended in tuple(self._unheard):
            ended()
        self._unheard.clear()

    async def settle(self, lifespan: Any) -> None:
        """Startup is over: the tasks that it began are residents."""
        self._mine = {lifespan}
        tasks = asyncio.all_tasks() - {asyncio.current_task(), lifespan}
        for _ in range(TURNS):
            if all(_waits(task) for task in tasks):
                break
            await asyncio.sleep(0)
        self._places = {task: {_place(task)} if _waits(task) else set() for task in tasks if not task.done()}

    def note(self) -> None:
        """A response was given, by the running task: what else is there counts until it ends, or rests."""
        mine = {asyncio.current_task(), *self._mine}
        for task in asyncio.all_tasks(self._loop) - mine - self._places.keys():
            if task not in self._noted:
                self._noted.add(task)
                task.add_done_callback(_calling(self._left("task", task.get_name())))
        for timer in tuple(getattr(self._loop, "_scheduled", ())):
            if timer not in self._timers and not timer.cancelled() and self._is_call_to_come(timer):
                self._timers.add(timer)
                ended = self._left("timer", str(getattr(timer._callback, "__qualname__", "")))
                self._later(timer.when() + LOOK_SECONDS, self._after_a_timer, ended)
        if not self._is_looking and not self._rest():
            self._is_looking = True
            self._stays.clear()
            self._later(self._loop.time() + LOOK_SECONDS, self._look, self._left("task", "begun at startup"))

    def _later(self, when: float, work: Callable[[Callable[[], None]], None], ended: Callable[[], None]) -> None:
        """In this context, but from an empty one: it is not work of the application's own."""
        self._unheard.add(ended)
        self._timers.add(Context().run(self._loop.call_at, when, copy_context().run, work, ended))

    def _end(self, ended: Callable[[], None]) -> None:
        self._unheard.discard(ended)
        ended()

    def _is_call_to_come(self, timer: Any) -> bool:
        module = str(getattr(timer._callback, "__module__", "") or "").partition(".")[0]
        # Those of asyncio only wake tasks, which count themselves.
        return module not in ("asyncio", "anyio") and timer.when() - self._loop.time() <= SOON_SECONDS

    def _after_a_timer(self, ended: Callable[[], None]) -> None:
        self.note()
        self._end(ended)

    def _look(self, ended: Callable[[], None]) -> None:
        if not self._rest(is_learning=True):
            self._later(self._loop.time() + LOOK_SECONDS, self._look, ended)
            return
        self._is_looking = False
        self.note()  # what they began counts by itself
        self._end(ended)

    def _rest(self, *, is_learning: bool = False) -> bool:
        rest = True
        for task, places in self._places.items():
            if task.done():
                continue
            place = _place(task)
            if _waits(task) and place in places:
                continue
            rest = False
            if is_learning and _waits(task):
                before, times = self._stays.get(task, (place, 0))
                times = times + 1 if before == place else 0
                self._stays[task] = (place, times)
                if times >= LEARNT_AFTER:
                    places.add(place)
        return rest


def _calling(ended: Callable[[], None]) -> Callable[[Any], None]:
    return lambda _task: ended()


def _waits(task: Any) -> bool:
    waiter = getattr(task, "_fut_waiter", None)
    return task.done() or (waiter is not None and not waiter.done())


def _place(task: Any) -> Place:
    """Where in its code a task waits, from its outermost coroutine to what is awaited in the end."""
    found: list[Any] = []
    awaited = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is None:
            break
        found.append((frame.f_code, frame.f_lineno))
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return tuple(found)
