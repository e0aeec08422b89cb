"""`time.sleep` in a participant moves the run's clock and takes no time."""

import time
from collections.abc import Callable

from seqtest.intercepts.speaker import SPEAKER


def install() -> Callable[[], None]:
    """Make sleeping virtual; the function that is returned makes it real again."""
    genuine = time.sleep

    def sleep(seconds: float) -> None:
        speaker = SPEAKER.get()
        if speaker is None or speaker.run.is_over:
            genuine(seconds)
            return
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        speaker.run.sleeps(float(seconds))

    time.sleep = sleep  # type: ignore[assignment]  # a narrower signature than typeshed has

    def undo() -> None:
        time.sleep = genuine

    return undo
