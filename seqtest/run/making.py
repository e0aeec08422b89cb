"""An actor of the user's own is being made: there is nobody to call yet, and that it tried is not forgotten."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from seqtest.clock import Clock
from seqtest.exchange import Answer, Message
from seqtest.intercepts.speaker import SILENCE, Playing, RunIsOver
from seqtest.run.refusal import described


class Network(Protocol):
    """Where the run will be, once it has begun."""

    run: Any

    def participant(self, url: str) -> str | None: ...


class Making:
    """What the code that makes an actor runs in; threads that it starts speak in the run when that has begun."""

    def __init__(self, network: Network, is_allowed: Callable[[str, object], bool]) -> None:
        self.called: list[str] = []
        """What it tried to reach, in words."""
        self._network = network
        self._is_allowed = is_allowed

    @property
    def _playing(self) -> Playing:
        run: Playing = self._network.run or SILENCE
        return run

    @property
    def is_over(self) -> bool:
        return self._network.run is not None and self._playing.is_over

    @property
    def is_handling(self) -> bool:
        return self._playing.is_handling

    @property
    def stopped(self) -> type[BaseException]:
        return self._playing.stopped

    def arrive(self, sender: str, receiver: str, message: Message) -> Answer:
        if self._network.run is None:
            self._tried(f"{described(message)} to {receiver or 'an address that no participant has'}")
        return self._playing.arrive(sender, receiver, message)

    def participant(self, url: str) -> str | None:
        return self._network.participant(url)

    def has(self, participant: str) -> bool:
        return self._playing.has(participant)

    def host(self, host: str, port: int | None) -> str | None:
        return self._playing.host(host, port)

    def only_speaker(self) -> str:
        return self._playing.only_speaker()

    def connects(self, sender: str, names: Sequence[str], port: object, *, is_open: bool = False) -> None:
        if self._network.run is not None:
            self._playing.connects(sender, names, port, is_open=is_open)
        elif not any(self._is_allowed(name, port) for name in names):
            self._tried(f"a connection to {names[0]}" + ("" if port is None else f":{port}"))

    @property
    def clock(self) -> Clock:
        return self._playing.clock

    def sleeps(self, seconds: float) -> None:
        self._playing.sleeps(seconds)

    def is_background(self, participant: str, thread: str) -> bool:
        return self._network.run is None or self._playing.is_background(participant, thread)

    def began(self, name: str, thread: threading.Thread | None = None) -> int:
        return self._playing.began(name, thread)

    def hands_over(self, participant: str, name: str) -> int:
        return self._playing.hands_over(participant, name)

    def ended(self, number: int) -> None:
        self._playing.ended(number)

    def _tried(self, what: str) -> None:
        self.called.append(what)
        raise RunIsOver("the run has not begun")
