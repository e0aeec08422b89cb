"""Connections behind our back: while a participant speaks, nothing reaches the network but what its settings allow."""

import socket
from collections.abc import Callable
from typing import Any

from seqtest.intercepts.speaker import ACTIVE, SPEAKER, RunIsOver


def install() -> Callable[[], None]:
    """Watch over name look-ups and connections; the function that is returned stops watching."""
    genuine = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        _watch(host, port)
        return genuine(host, port, *args, **kwargs)

    def connect(self: socket.socket, address: Any) -> None:
        _watch_address(self, address)
        super(socket.socket, self).connect(address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _watch_address(self, address)
        return super(socket.socket, self).connect_ex(address)

    before = {name: vars(socket.socket).get(name) for name in ("connect", "connect_ex")}
    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = connect  # type: ignore[method-assign,assignment]  # that is what watching means
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign,assignment]  # the same

    def undo() -> None:
        socket.getaddrinfo = genuine
        for name, member in before.items():
            if member is None:
                delattr(socket.socket, name)
            else:
                setattr(socket.socket, name, member)

    return undo


def _watch_address(opened: socket.socket, address: Any) -> None:
    if opened.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
        _watch(address[0], address[1])


def _watch(host: Any, port: Any) -> None:
    name = host.decode("latin-1") if isinstance(host, bytes) else str(host or "localhost")
    speaker = SPEAKER.get()
    if speaker is not None:
        if speaker.run.is_over:
            raise RunIsOver("the run that this code belongs to is over")
        speaker.run.connects(speaker.participant, name, port)
        return
    for run in tuple(ACTIVE):
        if run.host(name, _number(port)) is not None:
            run.connects(run.only_speaker(), name, port)


def _number(port: Any) -> int | None:
    try:
        return int(port)
    except (TypeError, ValueError):
        return None
