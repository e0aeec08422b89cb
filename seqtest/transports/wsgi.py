"""A request goes into a WSGI application (PEP 3333) and its response comes out, in process."""

import io
import re
import sys
import threading
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from seqtest.exchange import Headers, Request, Response
from seqtest.transports.fields import check_header

WsgiApp = Callable[..., Iterable[bytes]]

_STATUS = re.compile(r"[1-9]\d\d(?: .*)?", re.ASCII)
_WITHOUT_BODY = frozenset({204, 304})
_lock = threading.Lock()
_listeners = 0
_swallowed: ContextVar[list[BaseException] | None] = ContextVar("seqtest_swallowed", default=None)


def call(app: WsgiApp, request: Request, mount: str = "") -> Response:
    """The application's answer. `mount` is the path below which it lives (SCRIPT_NAME).

    The body is read to its end and closed here, since both may run more of the application's code. An exception that
    the application lets out goes on; one that Flask turned into a 5xx is found in `Response.cause`.
    """
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        if started and exc_info is None:
            raise RuntimeError("start_response was called twice without exc_info")
        if not _STATUS.fullmatch(status):
            raise ValueError(f"the response's status {status!r} is not three digits and a reason")
        for name, value in headers:
            check_header(name, value)
        started[:] = [(status, headers)]
        return written.append

    swallowed: list[BaseException] = []
    token = _swallowed.set(swallowed)
    unheard = _listen()
    try:
        body = app(environ(request, mount), start_response)
        try:
            written.extend(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
    finally:
        _swallowed.reset(token)
        unheard()
    if not started:
        raise RuntimeError("the application did not call start_response")
    status, headers = started[0]
    code = int(status[:3])
    has_body = request.method != "HEAD" and code not in _WITHOUT_BODY
    return Response(
        code,
        Headers((str(name), str(value)) for name, value in headers),
        b"".join(written) if has_body else b"",
        swallowed[-1] if swallowed and code >= 500 else None,
    )


def environ(request: Request, mount: str = "") -> dict[str, Any]:
    """The WSGI environ of a request; built by hand, since a test client costs as much as the application itself."""
    url = urlsplit(request.url)
    path = url.path or "/"
    if mount and (path == mount or path.startswith(mount + "/")):
        path = path[len(mount) :]
    else:
        mount = ""
    server, port, host = _authority(url.scheme, url.netloc)
    found: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": unquote_to_bytes(mount).decode("latin-1"),
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": url.query.encode().decode("latin-1"),
        "REQUEST_URI": (url.path or "/") + (f"?{url.query}" if url.query else ""),
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": host,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        # The body is all here, so reading past Content-Length ends it as a server that knows chunked bodies would.
        "wsgi.input_terminated": True,
    }
    has_length = False
    for name, value in request.headers:
        key = _as_key(name)
        if key == "CONTENT_LENGTH":
            has_length = True
            continue
        if key == "TRANSFER_ENCODING":
            continue  # the chunks have been joined (RFC 9112 section 7.1)
        if key != "CONTENT_TYPE":
            key = f"HTTP_{key}"
        if key in found and key not in ("HTTP_HOST", "CONTENT_TYPE"):
            # RFC 9110 section 5.3: one field sent twice is a list; RFC 6265 section 5.4 joins cookies by a semicolon.
            found[key] += ("; " if key == "HTTP_COOKIE" else ",") + value
        else:
            found[key] = value
    if request.body or has_length or request.method in ("POST", "PUT", "PATCH"):
        found["CONTENT_LENGTH"] = str(len(request.body))
    return found


@lru_cache(maxsize=256)
def _authority(scheme: str, netloc: str) -> tuple[str, str, str]:
    """Server name, port and `Host`: few, and asked for at each request."""
    url = SplitResult(scheme, netloc, "", "", "")
    port = url.port or (443 if scheme == "https" else 80)
    return url.hostname or "localhost", str(port), netloc.rpartition("@")[2]


@lru_cache(maxsize=256)
def _as_key(name: str) -> str:
    return name.upper().replace("-", "_")


def _listen() -> Callable[[], None]:
    """Hear of the exceptions that Flask answers with a 500 by itself, until the returned function is called."""
    global _listeners
    flask = sys.modules.get("flask")
    if flask is None or not hasattr(flask, "got_request_exception"):
        return _nothing
    signal = flask.got_request_exception
    with _lock:
        _listeners += 1
        if _listeners == 1:
            signal.connect(_heard, weak=False)

    def unheard() -> None:
        global _listeners
        with _lock:
            _listeners -= 1
            if not _listeners:
                signal.disconnect(_heard)

    return unheard


def _nothing() -> None:
    """Without Flask there is nothing to undo."""


def _heard(_sender: object, exception: BaseException | None = None, **_more: object) -> None:
    swallowed = _swallowed.get()
    if swallowed is not None and exception is not None:
        swallowed.append(exception)
