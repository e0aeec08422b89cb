"""Who is speaking: which participant of which run the running code belongs to."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import Context, ContextVar, copy_context
from functools import partial
from typing import Protocol, TypeVar

from seqtest.clock import Clock
from seqtest.dataclass import dataclass
from seqtest.exchange import Answer, Message, Request
from seqtest.intercepts.workers import is_let_go

Asked = TypeVar("Asked")


class Playing(Protocol):
    """What an intercept needs of a run."""

    @property
    def is_over(self) -> bool: ...

    @property
    def stopped(self) -> type[BaseException]:
        """What a refused call raises; recorded before it is raised."""
        ...

    def arrive(self, sender: str, receiver: str, message: Message) -> Answer:
        """A participant calls out. `receiver` is empty for an address that nobody has, `sender` when nobody can tell.

        Returns when the answer is there; raises the run's `Stopped` when the call is refused.
        """
        ...

    def participant(self, url: str) -> str | None:
        """Whose address the URL is."""
        ...

    def has(self, participant: str) -> bool:
        """Whether the run has a participant of that name."""
        ...

    def host(self, host: str, port: int | None) -> str | None:
        """The participant with an address on that host (and port)."""
        ...

    def only_speaker(self) -> str:
        """The only participant that is handling a message now; empty when there are none or several."""
        ...

    @property
    def is_handling(self) -> bool:
        """Whether a participant is handling a message now."""
        ...

    def connects(self, sender: str, names: Sequence[str], port: object, *, is_open: bool = False) -> None:
        """A connection is about to be opened, or used when it is open.

        Raises the run's `Stopped` unless the sender's settings allow one of the host's names.
        """
        ...

    @property
    def clock(self) -> Clock: ...

    def sleeps(self, seconds: float) -> None:
        """The running participant waits: the run's clock moves on."""
        ...

    def is_background(self, participant: str, thread: str) -> bool:
        """Whether the participant's settings allow a thread of that name to outlive the run."""
        ...

    def began(self, name: str, thread: threading.Thread | None = None) -> int:
        """Work that goes on by itself began; give the number back to `ended`. A thread may come to rest before."""
        ...

    def hands_over(self, participant: str, name: str) -> int:
        """As `began`, for work that a thread does which carries no speaker: until it ends, that thread may be the
        participant's."""
        ...

    def ended(self, number: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Speaker:
    """A participant of a run."""

    run: Playing
    participant: str


SPEAKER: ContextVar[Speaker | None] = ContextVar("seqtest_speaker", default=None)
"""Set around everything that a participant does; threads that it starts inherit it."""


def speaking() -> Speaker | None:
    """Whose code runs here; nobody's in a worker that its run let go."""
    speaker = SPEAKER.get()
    return None if speaker is not None and is_let_go() else speaker


OURSELVES: ContextVar[bool] = ContextVar("seqtest_ourselves", default=False)
"""Set while seqtest itself carries a message to a live server: that is no call of a participant."""

RESIDES: ContextVar[bool] = ContextVar("seqtest_resides", default=False)
"""Set in what an application begins at its startup: it goes on in the world's time, whoever is handling a message."""

ACTIVE: list[Playing] = []
"""The runs going on in this process."""
_lock = threading.Lock()


@contextmanager
def by_ourselves() -> Iterator[None]:
    """What is sent in the block is an arrow already."""
    token = OURSELVES.set(True)
    try:
        yield
    finally:
        OURSELVES.reset(token)


class RunIsOver(ConnectionError):
    """A participant calls out after its run has ended; the verdict is spoken, nothing is sent."""


def enter(run: Playing) -> None:
    """From now on the run's addresses are its participants'."""
    with _lock:
        ACTIVE.append(run)


def leave(run: Playing) -> None:
    """The run is over."""
    with _lock:
        ACTIVE.remove(run)


class _Silence:
    """A run in which nobody can be called."""

    is_over = True
    is_handling = False
    stopped: type[BaseException] = RunIsOver

    def arrive(self, sender: str, receiver: str, message: Message) -> Answer:
        raise RunIsOver("nobody can be called here")

    def participant(self, url: str) -> str | None:
        return None

    def has(self, participant: str) -> bool:
        return False

    def host(self, host: str, port: int | None) -> str | None:
        return None

    def only_speaker(self) -> str:
        return ""

    def connects(self, sender: str, names: Sequence[str], port: object, *, is_open: bool = False) -> None:
        raise RunIsOver("nobody can be called here")

    clock = Clock(0)

    def sleeps(self, seconds: float) -> None:
        """Time does not pass."""

    def is_background(self, participant: str, thread: str) -> bool:
        return True

    def began(self, name: str, thread: threading.Thread | None = None) -> int:
        return 0

    def hands_over(self, participant: str, name: str) -> int:
        return 0

    def ended(self, number: int) -> None:
        """Nothing is counted."""


SILENCE: Playing = _Silence()
"""What an application is asked without an arrow runs in it."""


def receive(request: Request) -> Answer | None:
    """What a run answers to an intercepted request; None when it belongs to no run."""
    speaker = speaking()
    if speaker is not None:
        if speaker.run.is_over:
            raise RunIsOver("the run that this code belongs to is over")
        return speaker.run.arrive(speaker.participant, speaker.run.participant(request.url) or "", request)
    runs = tuple(ACTIVE)
    for run in runs:
        receiver = run.participant(request.url)
        if receiver is not None:
            return run.arrive(run.only_speaker(), receiver, request)
    for run in runs:
        if run.is_handling:
            return run.arrive(run.only_speaker(), "", request)
    return None


async def receive_async(request: Request) -> Answer | None:
    """The same for a coroutine: its loop goes on while the answer is waited for."""
    return await aside(partial(receive, request))


async def aside(ask: Callable[[], Asked]) -> Asked:
    """What the call of a participant gives, made in a thread of its own, so that the loop goes on meanwhile."""
    import asyncio

    speaker = speaking()
    loop, context = asyncio.get_running_loop(), copy_context()
    answered: asyncio.Future[Asked] = loop.create_future()
    # Counted until it arrives, so that calls which the loop makes side by side are all seen before any is judged.
    number = speaker.run.began("a call") if speaker is not None else 0

    def settle(give: Callable[..., None], what: object) -> None:
        if not answered.done():
            give(what)

    def call() -> None:
        with suppress(RuntimeError):  # the loop may be closed by now: nothing comes beside the call then
            for _ in range(ROUNDS):
                turned = threading.Event()
                loop.call_soon_threadsafe(turned.set)
                turned.wait(1.0)
        if speaker is not None:
            speaker.run.ended(number)
        give: Callable[..., None] = answered.set_result
        what: object = None
        try:
            what = context.run(ask)
        except BaseException as stopped:  # noqa: BLE001  # it is raised where the answer is awaited
            give, what = answered.set_exception, stopped
        with suppress(RuntimeError):  # the loop may be closed by now: nobody awaits the answer then
            loop.call_soon_threadsafe(settle, give, what)

    # In an empty context: the thread is ours, and belongs to no participant.
    Context().run(threading.Thread(target=call, name="seqtest-call", daemon=True).start)
    return await answered


ROUNDS = 3
"""Turns of the loop in which what is ready beside a call comes to its own call."""


def left_over(kind: str, name: str) -> Callable[[], None]:
    """Work that goes on by itself began; call what is returned at its end."""
    speaker = speaking()
    if speaker is None or speaker.run.is_background(speaker.participant, name):
        return lambda: None
    number = speaker.run.began(f"{kind} {name} of {speaker.participant}")
    return lambda: speaker.run.ended(number)


def is_ours(url: str) -> bool:
    """Whether a run has something to say about a request to that URL, made here and now.

    A thread that is older than the run may work for a participant, so while one is handling a message all is ours.
    """
    return speaking() is not None or any(run.is_handling or run.participant(url) is not None for run in tuple(ACTIVE))


def is_nobodys(url: str) -> bool:
    """Whether no participant of the runs concerned has the address."""
    speaker = speaking()
    runs = tuple(ACTIVE) if speaker is None else (speaker.run,)
    return all(run.participant(url) is None for run in runs)
