"""Connections behind our back: while a participant speaks, nothing reaches the network but what its settings allow."""

import socket
import sys
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from seqtest.intercepts.speaker import ACTIVE, OURSELVES, RunIsOver, speaking

_names: dict[str, set[str]] = {}
"""Address → the names that were looked up for it: `allows = db.internal` is meant for where that leads, too."""


_theirs: "WeakSet[socket.socket]" = WeakSet()
"""Connections that a participant has opened or used: a server of the test's own may answer over them."""
_is_watching = False
_is_audited = False


def install() -> Callable[[], None]:
    """Watch over look-ups, connections and what is sent; the function that is returned stops watching.

    What is sent counts as well, since a connection may be older than the run.
    """
    global _is_watching
    _audit_once()
    _is_watching = True
    undo = [*_watch_look_ups(), *_watch_methods(socket.socket, _CONNECTING, _connecting)]
    undo += _watch_methods(socket.socket, _SENDING, _sending)
    undo += _watch_methods(socket.socket, _SENDING_TO, _sending_to)
    if "ssl" in sys.modules:
        undo += _watch_methods(sys.modules["ssl"].SSLSocket, ("send", "write"), _sending)

    def stop() -> None:
        global _is_watching
        _is_watching = False
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
    by_address, name_info = socket.gethostbyaddr, socket.getnameinfo

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

    def gethostbyaddr(ip_address: str) -> Any:
        _watch_name(ip_address)
        return by_address(ip_address)

    def getnameinfo(sockaddr: Any, flags: int) -> Any:
        if not flags & socket.NI_NUMERICHOST:
            _watch_name(sockaddr[0])
        return name_info(sockaddr, flags)

    socket.getaddrinfo = getaddrinfo
    socket.gethostbyname = gethostbyname
    socket.gethostbyname_ex = gethostbyname_ex
    socket.gethostbyaddr = gethostbyaddr
    socket.getnameinfo = getnameinfo

    def undo() -> None:
        socket.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex = genuine, by_name, by_name_ex
        socket.gethostbyaddr, socket.getnameinfo = by_address, name_info

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
        if speaking() is not None:
            _theirs.add(self)
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


def _audit_once() -> None:
    """Python's own audit events tell of sockets that are none of `socket.socket`. Such a hook cannot be taken away."""
    global _is_audited
    if _is_audited:
        return
    _is_audited = True

    def audit(event: str, args: tuple[Any, ...]) -> None:
        if _is_watching and event in _AUDITED and not isinstance(args[0], socket.socket):
            _watch_address(args[0], args[1])

    sys.addaudithook(audit)


_AUDITED = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))


def _is_of_a_network(opened: Any) -> bool:
    return opened.family in (socket.AF_INET, socket.AF_INET6)


def _watch_address(opened: Any, address: Any) -> None:
    if _is_of_a_network(opened) and isinstance(address, tuple):
        _watch(address[0], address[1])


def _watch_peer(opened: socket.socket) -> None:
    """What is sent over a connection, by a participant or by a thread that is older than the run.

    A server of the test's own answers a participant over a connection that this participant has opened.
    """
    if not _is_of_a_network(opened):
        return
    is_a_participants = speaking() is not None
    if not is_a_participants and not any(run.is_handling for run in tuple(ACTIVE)):
        return
    try:
        address = opened.getpeername()
    except OSError:
        return  # not connected: the sending itself will say so
    if is_a_participants:
        _theirs.add(opened)
    elif _is_an_answer(address):
        return
    _watch(address[0], address[1], is_open=True)


def _is_an_answer(address: Any) -> bool:
    for opened in tuple(_theirs):
        try:
            if opened.getsockname()[:2] == address[:2]:
                return True
        except OSError:
            continue
    return False


def _watch_name(host: str) -> None:
    if host not in ("", "localhost", socket.gethostname()):
        _watch(host, None)


def _watch(host: Any, port: Any, *, is_open: bool = False) -> None:
    if OURSELVES.get():
        return
    name = _text(host)
    names = (name, *sorted(_names.get(name, ())))
    speaker = speaking()
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
