"""The run's clock for the user's own code: `time.time`, `datetime.now` and what is built on them follow it.

Not moved: `time.monotonic`, `time.perf_counter`, SQLite's `now`, TLS. A busy wait on `time.time()` never ends, since
the clock only moves with arrows, delays and `time.sleep`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seqtest.clock import Clock


@contextmanager
def travelling(clock: Clock) -> Iterator[None]:
    """Let the process's wall clock show the run's time, and move with it, until the end of the block."""
    import time_machine  # late: it imports pytest, 250 ms outside of it

    travel = time_machine.travel(clock.now(), tick=False)
    coordinates: Any = travel.start()
    clock.follow(coordinates.shift)
    try:
        yield
    finally:
        clock.follow(None)
        travel.stop()
