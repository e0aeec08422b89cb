"""What `seqtest serve` listens with: one socket a participant, TLS, and requests that are let finish."""

import errno
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from seqtest.errors import Finding, Unanswerable, did_you_mean

if TYPE_CHECKING:
    import ssl

    from werkzeug.serving import BaseWSGIServer

HOST = "127.0.0.1"
SILENT_SECONDS = 60.0
"""How long a connection may say nothing."""
PATIENCE_SECONDS = 5.0
"""How long requests that are under way may take once all shall stop."""
Told = Callable[[str], None]


class OpenRequests:
    """Counts the requests that are being answered."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """One more, until its answer is written."""
        self._add(1)
        try:
            yield
        finally:
            self._add(-1)

    def _add(self, number: int) -> None:
        with self._changed:
            self._count += number
            self._changed.notify_all()

    def finished(self, seconds: float) -> bool:
        """Wait until none is under way, not longer than that; whether it was so."""
        end = monotonic() + seconds
        with self._changed:
            while self._count:
                left = end - monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True


def ports(chosen: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    """Participant → its port, 0 for any free one, from texts like `8080` and `auth=8443`.

    A number alone is the first participant's; the others without one of their own follow. Raises ValueError with what
    is wrong.
    """
    found: dict[str, int] = {}
    first = 0
    for text in chosen:
        name, equals, number = text.rpartition("=")
        if not (number.isascii() and number.isdigit() and int(number) <= 65_535):
            raise ValueError(f"`{text}` is no port: write a number up to 65535, or NAME=NUMBER")
        if not equals:
            first = int(number)
        elif name not in names:
            hint = did_you_mean(name, names) or f"there are {', '.join(names)}"
            raise ValueError(f"`{name}` is nobody who is served; {hint}")
        else:
            found[name] = int(number)
    taken = set(found.values())
    for name in names:
        if name not in found:
            while first and first in taken:
                first += 1
            if first > 65_535:
                raise ValueError(f"there is no port left for `{name}` above {chosen[-1]}")
            found[name] = first
            first += bool(first)
    return found


def listener(who: str, port: int, option: str) -> socket.socket:
    """A socket of this machine that listens; `option` chooses the port.

    Raises Unanswerable (SQ484) when the port cannot be had.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen(128)
    except OSError as problem:
        found.close()
        is_taken = problem.errno == errno.EADDRINUSE
        raise Unanswerable(
            Finding(
                "SQ484",
                f"port {port} of {HOST} cannot be had for {who}",
                got="another program listens there" if is_taken else (problem.strerror or str(problem)),
                do=f"stop that program, choose another with {option}, or leave --port out for any free one"
                if is_taken
                else f"choose another with {option}, or leave --port out for any free one",
            )
        ) from None
    return found


def server(
    listening: socket.socket, context: "ssl.SSLContext | None", under_way: OpenRequests, told: Told
) -> "BaseWSGIServer":
    """A server on that socket, which is handed over to it. Its `app` is set later."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        """Tells of each request its method, path and status: never a query, which may hold secrets."""

        timeout = SILENT_SECONDS

        def run_wsgi(self) -> None:
            with under_way.one():
                super().run_wsgi()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            told(f"{self.command} {self.path.partition('?')[0]} {getattr(code, 'value', code)}")

        def log(self, type: str, message: str, *args: Any) -> None:
            """Nothing else: a client that does not trust the certificate is no news."""

    with listening:
        made = make_server(
            HOST,
            listening.getsockname()[1],
            lambda environ, start: [],
            threaded=True,
            request_handler=Handler,
            fd=listening.fileno(),
        )
    if context is not None:
        # The handshake is the thread's that answers: one client that does not begin it must not keep others waiting.
        made.socket = context.wrap_socket(made.socket, server_side=True, do_handshake_on_connect=False)
        made.ssl_context = context
    return made


def tls(certificate: Path, client_ca: Path | None) -> "ssl.SSLContext":
    """A server's context with the certificate, whose key lies beside it.

    With `client_ca`, a file of certificates, clients may identify themselves by one that these vouch for. Raises
    Unanswerable (SQ485) when that file holds none.
    """
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    if client_ca is not None:
        context.verify_mode = ssl.CERT_OPTIONAL
        try:
            context.load_verify_locations(client_ca)
        except OSError as problem:
            raise Unanswerable(
                Finding(
                    "SQ485",
                    f"{client_ca} holds no certificate that can be trusted",
                    expected="certificates in PEM form: -----BEGIN CERTIFICATE-----",
                    got=str(problem.strerror or problem),
                )
            ) from None
    return context


def certificate() -> tuple["tempfile.TemporaryDirectory[str]", Path]:
    """A certificate for this machine's loopback made now, as a file in a folder of its own, with its key beside it."""
    from seqtest.auth.certificate import loopback_certificate

    folder = tempfile.TemporaryDirectory(prefix="seqtest-")
    text, private = loopback_certificate()
    path = Path(folder.name) / "certificate.pem"
    path.write_bytes(text)
    key = Path(folder.name) / "key.pem"
    key.touch(0o600)
    key.write_bytes(private)
    return folder, path


def closed(servers: Mapping[str, "BaseWSGIServer"]) -> None:
    """Close sockets on which nobody was served."""
    for one in servers.values():
        one.server_close()
