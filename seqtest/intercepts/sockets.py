"""Connections behind our back: while a participant speaks, nothing reaches the network but what its settings allow."""

import socket
import sys
from collections.abc import Callable
from typing import Any

from seqtest.intercepts.speaker import ACTIVE, OURSELVES, SPEAKER, RunIsOver

_names: dict[str, set[str]] = {}
"""Address → the names that were looked up for it: `allows = db.internal` is meant for where that leads, too."""


def install() -> Callable[[], None]:
    """Watch over look-ups, connections and what is sent; the function that is returned stops watching.

    What is sent counts as well, since a connection may be older than the run.
    """
    undo = [*_watch_look_ups(), *_watch_methods(socket.socket, _CONNECTING, _connecting)]
    undo += _watch_methods(socket.socket, _SENDING, _sending)
    undo += _watch_methods(socket.socket, _SENDING_TO, _sending_to)
    if "ssl" in sys.modules:
        undo += _watch_methods(sys.modules["ssl"].SSLSocket, ("send", "write"), _sending)

    def stop() -> None:
        while undo:
            undo.pop()()
        _names.clear()

    return stop


_CONNECTING = ("connect", "connect_ex")
_SENDING = ("send", "sendall")
_SENDING_TO = ("sendto", "sendmsg")

Method = Callable[..., Any]


def _watch_look_ups() -> list[Callable[[], None]]:
    genuine, by_name, by_name_ex = socket.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        _watch(host, port)
        found = genuine(host, port, *args, **kwargs)
        for *_, address in found:
            _names.setdefault(str(address[0]), set()).add(_text(host))
        return found

    def gethostbyname(hostname: str) -> str:
        _watch_name(hostname)
        found = by_name(hostname)
        _names.setdefault(found, set()).add(hostname)
        return found

    def gethostbyname_ex(hostname: str) -> Any:
        _watch_name(hostname)
        return by_name_ex(hostname)

    socket.getaddrinfo = getaddrinfo
    socket.gethostbyname = gethostbyname
    socket.gethostbyname_ex = gethostbyname_ex

    def undo() -> None:
        socket.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex = genuine, by_name, by_name_ex

    return [undo]


def _watch_methods(
    cls: type, methods: tuple[str, ...], watching: Callable[[Method], Method]
) -> list[Callable[[], None]]:
    undo: list[Callable[[], None]] = []
    for name in methods:
        own, genuine = vars(cls).get(name), getattr(cls, name)
        setattr(cls, name, watching(genuine))
        undo.append(lambda name=name, own=own: setattr(cls, name, own) if own is not None else delattr(cls, name))  # type: ignore[misc]  # bound early
    return undo


def _connecting(genuine: Method) -> Method:
    def connect(self: socket.socket, address: Any) -> Any:
        _watch_address(self, address)
        return genuine(self, address)

    return connect


def _sending(genuine: Method) -> Method:
    def send(self: socket.socket, *args: Any, **kwargs: Any) -> Any:
        _watch_peer(self)
        return genuine(self, *args, **kwargs)

    return send


def _sending_to(genuine: Method) -> Method:
    def send(self: socket.socket, *args: Any, **kwargs: Any) -> Any:
        # sendto(data, address), sendto(data, flags, address), sendmsg(buffers, ancillary data, flags, address)
        address = args[-1] if len(args) > 1 and isinstance(args[-1], tuple) else None
        if address is None:
            _watch_peer(self)
        else:
            _watch_address(self, address)
        return genuine(self, *args, **kwargs)

    return send


def _is_of_a_network(opened: socket.socket) -> bool:
    return opened.family in (socket.AF_INET, socket.AF_INET6)


def _watch_address(opened: socket.socket, address: Any) -> None:
    if _is_of_a_network(opened) and isinstance(address, tuple):
        _watch(address[0], address[1])


def _watch_peer(opened: socket.socket) -> None:
    """What a participant sends over a connection; who is no participant may be a server that answers one."""
    if SPEAKER.get() is None or not _is_of_a_network(opened):
        return
    try:
        address = opened.getpeername()
    except OSError:
        return  # not connected: the sending itself will say so
    _watch(address[0], address[1], is_open=True)


def _watch_name(host: str) -> None:
    if host not in ("", "localhost", socket.gethostname()):
        _watch(host, None)


def _watch(host: Any, port: Any, *, is_open: bool = False) -> None:
    if OURSELVES.get():
        return
    name = _text(host)
    names = (name, *sorted(_names.get(name, ())))
    speaker = SPEAKER.get()
    if speaker is not None:
        if speaker.run.is_over:
            raise RunIsOver("the run that this code belongs to is over")
        speaker.run.connects(speaker.participant, names, port, is_open=is_open)
        return
    for run in tuple(ACTIVE):
        # A thread that is older than the run: while a participant is handling a message it may be its.
        if run.host(name, _number(port)) is not None or run.is_handling:
            run.connects(run.only_speaker(), names, port, is_open=is_open)


def _text(host: Any) -> str:
    return host.decode("latin-1") if isinstance(host, bytes) else str(host or "localhost")


def _number(port: Any) -> int | None:
    try:
        return int(port)
    except (TypeError, ValueError):
        return None
