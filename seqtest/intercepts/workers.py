"""Threads that a participant began and that work something off: at an empty queue they have nothing to do.

Theory of operation. A thread that a participant begins is waited for, since it may still call. But a worker (of a pool
of database connections, of an exporter) waits at a queue for ever, and only who still runs can put something into it:
so a run in which nothing else runs is over. A worker is at rest while it is inside `get` of a queue with nothing in it,
without a time limit: with one it would wake up by itself. `queue.Queue.get` waits in Python; `queue.SimpleQueue.get` is
written in C, so its caller stands at the call, and what it is called of is read from there. What cannot be read so is
work. A thread that has just taken something out may stand there, too, so it is looked at twice.
"""

import dis
import queue
import sys
import sysconfig
import threading
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from weakref import WeakSet

_GET = queue.Queue.get.__code__
_WAIT = threading.Condition.wait.__code__
_AGAIN_SECONDS = 0.001
_PYTHONS = (sysconfig.get_paths()["stdlib"], "<frozen")
OURS = str(Path(__file__).parents[1])
"""The folder of seqtest."""

_let_go: WeakSet[threading.Thread] = WeakSet()


class Workers:
    """The threads that the participants of a run began."""

    __slots__ = ("_threads",)

    def __init__(self) -> None:
        self._threads: dict[int, threading.Thread] = {}

    def __bool__(self) -> bool:
        return bool(self._threads)

    def add(self, number: int, thread: threading.Thread) -> None:
        """It begins; `number` is that of the work."""
        self._threads[number] = thread

    def discard(self, number: int) -> None:
        """It has ended."""
        self._threads.pop(number, None)

    def at_rest(self) -> frozenset[int]:
        """The numbers of those that wait for work."""
        found = self._look() if self._threads else frozenset()
        if found:
            threading.Event().wait(_AGAIN_SECONDS)
            found &= self._look()
        return found

    def place(self, number: int) -> str:
        """Where the code that a thread runs, of somebody's and not of Python's own, is now; empty for no thread."""
        thread = self._threads.get(number)
        frame = sys._current_frames().get(thread.ident or 0) if thread is not None else None
        while frame is not None and _is_passed_over(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is None:
            return ""
        path = frame.f_code.co_filename
        near = path.partition("site-packages/")[2] or path.removeprefix(f"{Path.cwd()}/")
        return f"{near}:{frame.f_lineno} in {frame.f_code.co_name}"

    def let_go(self, numbers: frozenset[int]) -> None:
        """Their run is over: from now on they are threads like those that are older than any run."""
        for number in numbers:
            _let_go.add(self._threads.pop(number))

    def _look(self) -> frozenset[int]:
        frames = sys._current_frames()
        return frozenset(
            number
            for number, thread in self._threads.items()
            if (frame := frames.get(thread.ident or 0)) is not None and waits_for_work(frame)
        )


def is_pythons(path: str) -> bool:
    """Whether the code of that file is of Python itself, and of no package that is installed beside it."""
    return path.startswith(_PYTHONS) and "site-packages" not in path


def _is_passed_over(path: str) -> bool:
    """Whether it is not somebody's, nor of a package that somebody uses; seqtest may be installed as one."""
    return is_pythons(path) or path.startswith((OURS, "<"))


def is_let_go(ident: int | None = None) -> bool:
    """Whether a thread, this one unless said otherwise, is a worker whose run ended while it was at rest."""
    if not _let_go:
        return False
    thread = thread_of(threading.get_ident() if ident is None else ident)
    return thread is not None and thread in _let_go


def thread_of(ident: int) -> threading.Thread | None:
    """The thread of that number; None for one that is none of Python's, for which `current_thread` makes one up."""
    found: threading.Thread | None = threading._active.get(ident)  # type: ignore[attr-defined]  # `enumerate` takes a lock
    return found


def waits_for_work(frame: FrameType) -> bool:
    """Whether a thread is at an empty queue, for as long as it takes. `frame` is its innermost."""
    if frame.f_code is _WAIT:
        own = frame.f_locals
        is_forever = own.get("timeout", 0) is None and frame.f_back is not None and frame.f_back.f_code is _GET
        return is_forever and "waiter" in own and bool(own["waiter"].locked())
    asked = _asked(frame)
    return type(asked) is queue.SimpleQueue and asked.empty()


def _asked(frame: FrameType) -> object:
    """What the frame is calling `get` of, without a time limit."""
    first, *names = _path(frame.f_code, frame.f_lasti) or ("",)
    held = frame.f_locals.get(first, frame.f_globals.get(first))
    for name in names:
        # No `getattr`: nothing of the user's may run here.
        held = getattr(held, "__dict__", {}).get(name)
    return held


@cache
def _path(code: CodeType, offset: int) -> tuple[str, ...] | None:
    """`self`, `jobs` where the instruction calls `self.jobs.get()`; None where it does anything else."""
    before = [one for one in dis.get_instructions(code) if one.offset <= offset and one.opname not in _FRAMING]
    if not before or before[-1].offset != offset or before[-1].opname != "CALL":
        return None
    given = before.pop().arg or 0
    # One argument says whether to wait at all; a time limit would be the second, or have a name.
    if given > 1 or (given and not before.pop().opname.startswith(("LOAD_FAST", "LOAD_CONST"))):
        return None
    names: list[str] = []
    while before and before[-1].opname in ("LOAD_ATTR", "LOAD_METHOD"):
        names.append(str(before.pop().argval))
    if not before or names[:1] != ["get"] or not before[-1].opname.startswith(_FIRST):
        return None
    return (str(before[-1].argval), *reversed(names[1:]))


_FRAMING = ("CACHE", "PRECALL", "PUSH_NULL", "NOP")
"""Instructions that belong to the one before or behind them."""
_FIRST = ("LOAD_FAST", "LOAD_DEREF", "LOAD_GLOBAL", "LOAD_NAME")
