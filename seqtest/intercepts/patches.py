"""What is patched while a run goes on: only what the process has imported, restored when the last run is over."""

import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

CLIENTS: Mapping[str, str] = {
    "requests": "seqtest.intercepts.requests",
    "httpx": "seqtest.intercepts.httpx",
    "httpx2": "seqtest.intercepts.httpx",
    "urllib.request": "seqtest.intercepts.urllib",
    "asyncio.base_events": "seqtest.intercepts.loops",
}
"""HTTP client, or event loop → what catches its calls; not imported before that is."""

_lock = threading.RLock()
_holders = 0
_undo: list[Callable[[], None]] = []
_caught: set[str] = set()


def hold() -> None:
    """Patch, unless that is done already. Each `hold` needs its `release`."""
    global _holders
    with _lock:
        _holders += 1
        if _holders > 1:
            return
        from seqtest.intercepts import queues, sleep, sockets, threads

        _undo.extend(part.install() for part in (threads, queues, sleep, sockets))
        for client in CLIENTS:
            if client in sys.modules:
                _catch(client)
        sys.meta_path.insert(0, _LATER)


def release() -> None:
    """Undo the patches when nobody holds them any more."""
    global _holders
    with _lock:
        _holders -= 1
        if _holders:
            return
        sys.meta_path.remove(_LATER)
        while _undo:
            _undo.pop()()
        _caught.clear()


def _catch(client: str) -> None:
    with _lock:
        if _holders and client not in _caught:
            _caught.add(client)
            _undo.append(importlib.import_module(CLIENTS[client]).install(sys.modules[client]))


class _ImportedLater(MetaPathFinder):
    """Catches a client that is imported while a run goes on, the moment its module is complete."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in CLIENTS or fullname in _finding:
            return None
        _finding.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            _finding.discard(fullname)
        if spec is None or spec.loader is None:
            return None
        loader, execute = spec.loader, spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            loader.exec_module = execute  # type: ignore[method-assign]  # the hook has done its work
            _catch(fullname)

        loader.exec_module = exec_module  # type: ignore[method-assign]  # this module's own loader object
        return spec


_finding: set[Any] = set()
_LATER = _ImportedLater()
