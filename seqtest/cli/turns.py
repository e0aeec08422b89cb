"""One request at a time through our own actors, and none held while somebody else's code answers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock that a thread may take again, and lay aside while it waits for code that may call back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Nobody else's turn."""
        if self._owner == threading.get_ident():
            yield
            return
        with self._lock:
            self._owner = threading.get_ident()
            try:
                yield
            finally:
                self._owner = None

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Anybody's turn; afterwards this thread's again, if it was."""
        if self._owner != threading.get_ident():
            yield
            return
        self._owner = None
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()
            self._owner = threading.get_ident()
