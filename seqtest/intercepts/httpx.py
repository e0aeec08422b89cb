"""Calls through `httpx`, sync and async."""

from collections.abc import Callable
from typing import Any

import httpx

from seqtest.exchange import Answer, Headers, Request, Response
from seqtest.intercepts.speaker import is_ours, receive, receive_async


def install() -> Callable[[], None]:
    """Catch the calls of participants; the function that is returned lets them go again.

    The transports themselves are patched, so a client with another one (`httpx.WSGITransport`, a mock) keeps it.
    """
    genuine = httpx.HTTPTransport.handle_request
    genuine_async = httpx.AsyncHTTPTransport.handle_async_request

    def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if not is_ours(str(request.url)):
            return genuine(transport, request)
        return _answered(request, receive(_asked(request, request.read())))

    async def handle_async_request(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        if not is_ours(str(request.url)):
            return await genuine_async(transport, request)
        return _answered(request, await receive_async(_asked(request, await request.aread())))

    httpx.HTTPTransport.handle_request = handle_request  # type: ignore[assignment,method-assign]  # that is what intercepting means
    httpx.AsyncHTTPTransport.handle_async_request = handle_async_request  # type: ignore[assignment,method-assign]  # the same

    def undo() -> None:
        httpx.HTTPTransport.handle_request = genuine  # type: ignore[method-assign]  # as it was
        httpx.AsyncHTTPTransport.handle_async_request = genuine_async  # type: ignore[method-assign]  # as it was

    return undo


def _asked(request: httpx.Request, body: bytes) -> Request:
    headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
    return Request(request.method, str(request.url).partition("#")[0], headers, body)


def _answered(request: httpx.Request, answer: Answer | None) -> httpx.Response:
    if not isinstance(answer, Response):
        raise httpx.ConnectError("the message or its answer was lost", request=request)
    fields: list[Any] = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.headers
        if name.lower() != "transfer-encoding"
    ]
    return httpx.Response(answer.status, headers=fields, stream=httpx.ByteStream(answer.body), request=request)
