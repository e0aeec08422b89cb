"""Threads that are older than the run and carry no speaker: whether they do anything now that the flow is over.

Theory of operation. A participant may hand such a thread work in ways that nobody can watch (a `queue.SimpleQueue`, an
event), and it may call when the flow is long over. But who waits for work waits at a place in its code. Where a thread
stood when the run began is its place of rest; a run ends when each is back there. A thread that is found elsewhere, and
does not come back while it is waited for, has another place of rest: it is remembered, and not waited for again.
Threads in which nothing but Python itself runs are left out: pools and loops, whose work is counted. But an older
thread may itself give work to a pool, or begin a thread, which carries no speaker either: such a one rests when it has
ended, or runs nothing but Python itself.
"""

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Literal
from weakref import WeakKeyDictionary

from seqtest.intercepts import threads
from seqtest.intercepts.workers import OURS, is_let_go, is_pythons, thread_of

Place = tuple[Any, ...]

_CARRIED = threads.__file__
_OTHERS = frozenset(("_pytest", "pytest", "pluggy", "xdist", "execnet", "pytest_timeout", "debugpy", "pydevd"))
"""Packages whose threads belong to who runs the tests."""
_remembered: WeakKeyDictionary[threading.Thread, set[Place]] = WeakKeyDictionary()


class Elders:
    """The threads that were there when a run began, and what they begin."""

    __slots__ = ("_is_background", "_places")

    def __init__(self, is_background: Callable[[str], bool]) -> None:
        """`is_background` says of a thread, by its name, that it may outlive the run."""
        self._is_background = is_background
        me = threading.get_ident()
        self._places = {
            ident: {place}
            for ident, frame in sys._current_frames().items()
            if ident != me and (place := _place_of_somebody(ident, frame)) is not None
        }
        for ident, places in self._places.items():
            thread = thread_of(ident)
            if thread is not None:
                places |= _remembered.get(thread, set())

    def are_there(self) -> bool:
        """Whether there is anybody to look at."""
        return bool(self._places) or self.are_busy()

    def are_busy(self) -> bool:
        """Whether one of them is not at a place of rest, or has been given something to do."""
        return bool(self._busy())

    def remember(self) -> None:
        """They have been waited for: where they stand now, they rest."""
        for ident, frame in self._busy().items():
            thread = thread_of(ident)
            if thread is not None:
                _remembered.setdefault(thread, set()).add(_place(frame))

    def _busy(self) -> dict[int, FrameType]:
        me = threading.get_ident()
        return {
            ident: frame for ident, frame in sys._current_frames().items() if ident != me and self._is(ident, frame)
        }

    def _is(self, ident: int, frame: FrameType) -> bool:
        places = self._places.get(ident)
        if places is not None:
            return _place(frame) not in places or _has_work(frame)
        whose = _whose(ident, frame)
        if whose == "ours" or (whose == "python" and not _has_work(frame)):
            return False
        thread = thread_of(ident)
        if thread is None:
            return False  # it is about to end, or none of Python's
        return not self._is_background(thread.name) and _place(frame) not in _remembered.get(thread, ())


def _place(innermost: FrameType) -> Place:
    """By lines: a loop's condition is compiled twice, and the same wait stands at two instructions."""
    found: list[Any] = []
    frame: FrameType | None = innermost
    while frame is not None:
        found.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return tuple(found)


def _place_of_somebody(ident: int, innermost: FrameType) -> Place | None:
    """None for a thread of Python's own, of seqtest or of who runs the tests."""
    return _place(innermost) if _whose(ident, innermost) == "somebody's" else None


def _whose(ident: int, innermost: FrameType) -> Literal["ours", "python", "somebody's"]:
    """Whose code a thread runs; `ours` is who runs the tests, too, and what a participant began in its run."""
    found: Literal["python", "somebody's"] = "python"
    frame: FrameType | None = innermost
    while frame is not None:
        path = frame.f_code.co_filename
        if path == _CARRIED and is_let_go(ident):
            break  # from here outwards it is how its run had begun it
        if path.startswith(OURS) or str(frame.f_globals.get("__name__")).partition(".")[0] in _OTHERS:
            return "ours"
        if not is_pythons(path):
            found = "somebody's"
        frame = frame.f_back
    return found


def _has_work(frame: FrameType) -> bool:
    """Whether what it waits for has come, and it has not woken up yet: in a queue, or since an event is set."""
    import queue

    own = frame.f_locals
    if frame.f_code is threading.Condition.wait.__code__:
        return "waiter" in own and not own["waiter"].locked()
    held = (*own.values(), *getattr(own.get("self"), "__dict__", {}).values())
    return any(type(one) is queue.SimpleQueue and not one.empty() for one in held)
