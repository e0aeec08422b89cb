"""Calls through `urllib.request`, as of PyJWT's `PyJWKClient`: each redirect that it follows arrives by itself."""

import io
from collections.abc import Callable
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

from seqtest.exchange import Answer, Headers, Request, Response
from seqtest.intercepts.speaker import is_ours, receive

if TYPE_CHECKING:
    import urllib.request


def install(client: Any) -> Callable[[], None]:
    """Catch the calls of participants through that module; the function that is returned lets them go again.

    What opens a connection is patched, so handlers of the user's own before it do what they do.
    """
    handler = client.AbstractHTTPHandler
    genuine = handler.do_open

    def do_open(self: Any, http_class: Any, req: "urllib.request.Request", **http_conn_args: Any) -> Any:
        if not is_ours(req.full_url):
            return genuine(self, http_class, req, **http_conn_args)
        return _answered(req, receive(_asked(req)))

    handler.do_open = do_open

    def undo() -> None:
        handler.do_open = genuine

    return undo


def _asked(req: "urllib.request.Request") -> Request:
    headers = {**req.headers, **req.unredirected_hdrs}
    url = req.full_url.partition("#")[0]
    return Request(req.get_method(), url, Headers(headers.items()), _body(req.data))


def _body(data: Any) -> bytes:
    if data is None or isinstance(data, bytes | bytearray):
        return bytes(data or b"")
    return bytes(data.read() if hasattr(data, "read") else b"".join(data))


def _answered(req: "urllib.request.Request", answer: Answer | None) -> HTTPResponse:
    if not isinstance(answer, Response):
        raise URLError(ConnectionError("the message or its answer was lost"))
    head = [f"HTTP/1.1 {answer.status}"]
    head += [f"{name}: {value}" for name, value in answer.headers if name.lower() not in _FRAMING]
    head += [f"Content-Length: {len(answer.body)}", "", ""]
    wire: Any = _Wire("\r\n".join(head).encode("latin-1") + answer.body)
    response = HTTPResponse(wire, method=req.get_method(), url=req.full_url)
    response.begin()
    # As `do_open` leaves it: handlers of errors and redirects read the reason from there.
    response.msg = response.reason  # type: ignore[assignment]  # as urllib.request itself does
    return response


_FRAMING = frozenset(("transfer-encoding", "content-length", "connection"))


class _Wire:
    """What a response is read from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._content)
