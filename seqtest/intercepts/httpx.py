"""Calls through `httpx`, sync and async, and through `httpx2`, which goes on from there under the same names."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seqtest.exchange import Answer, Headers, Request, Response
from seqtest.intercepts.speaker import is_ours, receive, receive_async

if TYPE_CHECKING:
    import httpx


def install(client: Any) -> Callable[[], None]:
    """Catch the calls of participants through that module; the function that is returned lets them go again.

    The transports themselves are patched, so a client with another one (`httpx.WSGITransport`, a mock) keeps it.
    """
    transport, async_transport = client.HTTPTransport, client.AsyncHTTPTransport
    genuine, genuine_async = transport.handle_request, async_transport.handle_async_request

    def handle_request(self: "httpx.HTTPTransport", request: "httpx.Request") -> "httpx.Response":
        if not is_ours(str(request.url)):
            response: httpx.Response = genuine(self, request)
            return response
        return _answered(client, request, receive(_asked(request, request.read())))

    async def handle_async_request(self: "httpx.AsyncHTTPTransport", request: "httpx.Request") -> "httpx.Response":
        if not is_ours(str(request.url)):
            response: httpx.Response = await genuine_async(self, request)
            return response
        return _answered(client, request, await receive_async(_asked(request, await request.aread())))

    transport.handle_request = handle_request
    async_transport.handle_async_request = handle_async_request

    def undo() -> None:
        transport.handle_request = genuine
        async_transport.handle_async_request = genuine_async

    return undo


def _asked(request: "httpx.Request", body: bytes) -> Request:
    headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
    return Request(request.method, str(request.url).partition("#")[0], headers, body)


def _answered(client: Any, request: "httpx.Request", answer: Answer | None) -> "httpx.Response":
    if not isinstance(answer, Response):
        raise client.ConnectError("the message or its answer was lost", request=request)
    fields = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.headers
        if name.lower() != "transfer-encoding"
    ]
    stream = client.ByteStream(answer.body)
    response: httpx.Response = client.Response(answer.status, headers=fields, stream=stream, request=request)
    return response
