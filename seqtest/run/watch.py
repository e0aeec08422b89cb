"""A participant that never comes back: after a while its message is given up, and the run ends red.

Theory of operation. An application runs in the thread that drives the flow, so nobody is left to notice that it hangs.
One thread of ours looks at the runs under way, now and then; a run that has not moved between two looks that are the
limit apart is overdue. It is told so by its rules first, which is what makes it red. Then its thread is interrupted: by
a signal that nobody else uses, since only that ends a wait for a lock; where there are no signals (Windows, a thread
that is not the main one) by an exception, which comes when the thread next runs a line of Python.
Who looks around in a debugger is not hurried.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any, Protocol

from seqtest.intercepts.speaker import SPEAKER

TIMEOUT_SECONDS = 30.0
"""How long a participant may take over one message, the messages inside it not counted."""
LOOKS_SECONDS = 0.5
"""How often to look, for the usual limits."""

SIGNAL = getattr(signal, "SIGURG", None)
"""Ignored by default, and sent by nobody: a late one does no harm."""
_OURS = str(Path(__file__).parents[1])
_STANDARD = str(Path(os.__file__).parent)
_DEBUGGERS = frozenset(("bdb", "pdb", "IPython.core.debugger", "pudb.debugger"))


class Watched(Protocol):
    """What is needed of a run."""

    @property
    def stopped(self) -> type[BaseException]: ...

    @property
    def movement(self) -> int | None:
        """A number that changes when the run moves; None while it waits of its own accord."""
        ...

    @property
    def is_in_a_given(self) -> bool:
        """Whether a function of the user's runs that brings about a guard, and no participant."""
        ...

    def give_up(self, seconds: float, place: str) -> None:
        """Write down that a message is overdue: from now on the run is red."""
        ...


class _Watch:
    """A run as it was when it last moved."""

    __slots__ = ("is_given_up", "limit", "movement", "run", "since", "takes_signals", "thread")

    def __init__(self, run: Watched, limit: float, takes_signals: bool) -> None:
        self.run, self.limit, self.takes_signals = run, limit, takes_signals
        self.thread = threading.get_ident()
        self.movement: int | None = None
        self.since = monotonic()
        self.is_given_up = False


_watched: list[_Watch] = []
_lock = threading.Lock()
_wakes = threading.Condition(_lock)
_looks_every = LOOKS_SECONDS
_looker: threading.Thread | None = None


@contextmanager
def watching(run: Watched, limit: float) -> Iterator[None]:
    """Look after the run until the end of the block. `limit` in seconds, 0 for none."""
    if limit <= 0 or "pydevd" in sys.modules:
        yield
        return
    is_main = threading.current_thread() is threading.main_thread()
    restore = _take_signals() if is_main and SIGNAL is not None else None
    watch = _Watch(run, limit, restore is not None)
    _begin(watch)
    try:
        yield
    finally:
        with _lock:
            _watched.remove(watch)
        if restore is not None:
            restore()


def _begin(watch: _Watch) -> None:
    global _looker, _looks_every
    with _lock:
        _watched.append(watch)
        every = min(LOOKS_SECONDS, watch.limit / 4)
        if every < _looks_every:
            _looks_every = every
            _wakes.notify()
        if _looker is None:
            _looker = threading.Thread(target=_look, name="seqtest-watch", daemon=True)
            _looker.start()


def _look() -> None:
    global _looker, _looks_every
    while True:
        with _lock:
            _wakes.wait(_looks_every)
            if not _watched:
                _looker, _looks_every = None, LOOKS_SECONDS
                return
            watched = tuple(_watched)
        for watch in watched:
            _look_at(watch)


def _look_at(watch: _Watch) -> None:
    now, movement = monotonic(), watch.run.movement
    frames = _frames(watch.thread)
    if movement is None or movement != watch.movement or any(_is_debugger(frame) for frame in frames):
        # The moves that follow from giving up are not a sign of life.
        if not watch.is_given_up:
            watch.movement, watch.since = movement, now
            return
    elif not watch.is_given_up and now - watch.since < watch.limit:
        return
    if not watch.is_given_up:
        watch.run.give_up(watch.limit, _place(frames))
        watch.is_given_up = True
    with _lock:
        if watch in _watched:
            _interrupt(watch)


def _frames(thread: int) -> list[FrameType]:
    """The thread's stack, innermost first."""
    frame = sys._current_frames().get(thread)
    frames = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _is_debugger(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__") in _DEBUGGERS


def _place(frames: list[FrameType]) -> str:
    """Where the user's own code waits."""
    for frame in frames:
        path = frame.f_code.co_filename
        if path.startswith(_OURS):
            return ""
        if not path.startswith((_STANDARD, "<")) and "site-packages" not in path:
            return f"{path.removeprefix(f'{Path.cwd()}/')}:{frame.f_lineno} in {frame.f_code.co_name}"
    return ""


def _interrupt(watch: _Watch) -> None:
    if watch.takes_signals and SIGNAL is not None:
        signal.pthread_kill(watch.thread, SIGNAL)
        return
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(watch.thread), ctypes.py_object(watch.run.stopped))


def _take_signals() -> Callable[[], None]:
    def interrupted(number: int, frame: FrameType | None) -> None:
        for watch in _watched:
            if watch.is_given_up and (SPEAKER.get() is not None or watch.run.is_in_a_given):
                raise watch.run.stopped("the message was given up")
        if callable(genuine):
            genuine(number, frame)

    number: Any = SIGNAL
    genuine = signal.signal(number, interrupted)

    def restore() -> None:
        signal.signal(number, genuine)

    return restore
