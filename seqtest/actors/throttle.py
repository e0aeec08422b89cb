"""Brute-force protection (RFC 6749 sections 2.3.1 and 4.3.2): after some failures nobody is let in for a while."""

from collections.abc import Callable
from dataclasses import field

from seqtest.dataclass import dataclass

MAX_NAMES = 10_000
"""So many names are remembered; then the oldest is forgotten."""


@dataclass(slots=True)
class Throttle:
    """Counts failures by name; the names of users and of clients are told apart by who asks."""

    now: Callable[[], float]
    attempts: int
    """So many failures in a row are free; 0 is any number."""
    seconds: int
    """How long nobody is let in after that, and how long a failure is remembered."""
    _failures: dict[tuple[str, str], list[float]] = field(default_factory=dict, repr=False)

    def wait(self, kind: str, name: str) -> int:
        """How many seconds the name has to wait; 0 when it may try."""
        times = self._recent(kind, name)
        if not self.attempts or len(times) < self.attempts:
            return 0
        return max(1, int(times[-1] + self.seconds - self.now()))

    def failed(self, kind: str, name: str) -> None:
        """Somebody tried in that name and was wrong."""
        if not self.attempts:
            return
        times = [*self._recent(kind, name), self.now()]
        self._failures.pop((kind, name), None)
        self._failures[kind, name] = times[-self.attempts :]
        if len(self._failures) > MAX_NAMES:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, kind: str, name: str) -> None:
        """The name has proved itself; what was before no longer counts."""
        self._failures.pop((kind, name), None)

    def _recent(self, kind: str, name: str) -> list[float]:
        since = self.now() - self.seconds
        return [time for time in self._failures.get((kind, name), ()) if time > since]
