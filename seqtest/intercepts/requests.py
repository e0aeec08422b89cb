"""Calls through `requests`, caught with `responses`: each hop and each retry arrives by itself.

The default target of `RequestsMock`, `HTTPAdapter.send`, breaks in both directions: a user's own `@responses.activate`
would swallow our calls, and adapters with a `send` of their own would escape. So sessions are given an adapter of our
own, and only that one is answered for.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
import responses
from requests.adapters import BaseAdapter, HTTPAdapter
from responses.registries import FirstMatchRegistry

from seqtest.exchange import Headers, Lost, Request, Response
from seqtest.intercepts.speaker import is_nobodys, is_ours, receive

_genuine_send = HTTPAdapter.send


class ParticipantAdapter(HTTPAdapter):
    """Stands in for the mounted adapter while a participant speaks; `responses` answers its `send`."""

    def send(self, *args: Any, **kwargs: Any) -> Any:
        return super().send(*args, **kwargs)


class _Everything(FirstMatchRegistry):
    """Answers each request by the run."""

    def find(self, request: Any) -> tuple[Any, list[str]]:
        return responses.CallbackResponse(request.method, request.url, _answered, content_type=None), []


def _answered(request: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    answer = receive(as_request(request))
    if isinstance(answer, Response):
        return answer.status, _without_framing(answer.headers), answer.body
    if isinstance(answer, Lost):
        raise requests.ConnectionError("the answer was lost", request=request)
    raise requests.ConnectionError(f"nobody answers {request.method} {urlsplit(request.url).path}", request=request)


def as_request(request: Any) -> Request:
    """A prepared request as a plain value; a streamed body is read to its end."""
    body = request.body
    if body is None:
        data = b""
    elif isinstance(body, str):
        data = body.encode()
    elif isinstance(body, bytes | bytearray):
        data = bytes(body)
    else:
        data = b"".join(chunk.encode() if isinstance(chunk, str) else bytes(chunk) for chunk in body)
    headers = Headers((_text(name), _text(value)) for name, value in request.headers.items())
    return Request(request.method, request.url.partition("#")[0], headers, data)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _without_framing(headers: Headers) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() != "transfer-encoding"]


_mock = responses.RequestsMock(
    assert_all_requests_are_fired=False, target=f"{__name__}.ParticipantAdapter.send", registry=_Everything
)


def install(client: Any) -> Callable[[], None]:
    """Catch the calls of participants through that module; the function that is returned lets them go again."""
    _mock.start()  # once per process: it touches our own adapter only
    sessions = client.Session
    genuine = sessions.get_adapter

    def get_adapter(session: requests.Session, url: str) -> BaseAdapter:
        mounted: BaseAdapter = genuine(session, url)
        if not is_ours(url) or _is_elsewhere(url):
            return mounted
        adapter = ParticipantAdapter()
        adapter.max_retries = getattr(mounted, "max_retries", adapter.max_retries)
        return adapter

    sessions.get_adapter = get_adapter

    def undo() -> None:
        sessions.get_adapter = genuine
        _mock.calls.reset()

    return undo


def _is_elsewhere(url: str) -> bool:
    """Whether the user's own mock answers for an address that no participant has."""
    return HTTPAdapter.send is not _genuine_send and is_nobodys(url)
