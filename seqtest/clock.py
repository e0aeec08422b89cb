"""The run's time. Actors and checks read it; only the player's `Advance` moves it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar


class Clock:
    """Seconds since the epoch that move only when told to."""

    is_virtual: ClassVar[bool] = True
    """Whether time passes only when told to, and then at once."""

    __slots__ = ("_follower", "_now")

    def __init__(self, start: float) -> None:
        self._now = float(start)
        self._follower: Callable[[float], object] | None = None

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on. Raises ValueError for a step back: the run's time never does that."""
        if seconds < 0:
            raise ValueError("the clock cannot move backwards")
        self._now += seconds
        if self._follower is not None:
            self._follower(seconds)

    def tick(self, seconds: float) -> None:
        """An arrow has happened: let a moment pass, else everything would be simultaneous."""
        self.advance(seconds)

    def follow(self, follower: Callable[[float], object] | None) -> None:
        """Tell `follower` by how many seconds the clock moves each time, or nobody any more."""
        self._follower = follower

    def __repr__(self) -> str:
        return f"Clock({datetime.fromtimestamp(self._now, UTC).isoformat()})"
