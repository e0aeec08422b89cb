"""A request goes out over a socket and its response comes back: no redirect is followed, nothing is tried twice."""

import ssl
from functools import lru_cache
from time import monotonic
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from seqtest.exchange import Headers, Request, Response

MAX_BODY = 10_000_000
"""Bytes of a body; more is no answer of an auth flow."""


class NoResponse(ConnectionError):
    """No response could be had. The text says why, without a word of what was sent."""


def call(request: Request, *, ca: str | None, is_verified: bool, timeout_seconds: float) -> Response:
    """The server's response, whatever its status. Raises NoResponse.

    `ca`: a file of certificates (PEM) that are trusted in the place of the system's. The time-out is for the whole
    exchange. A compressed body is unpacked, and its `Content-Encoding` and `Content-Length` are left out.
    """
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fields = urllib3.HTTPHeaderDict()
    for name, value in request.headers:
        fields.add(name, value)
    if "User-Agent" not in fields:
        fields["User-Agent"] = urllib3.util.SKIP_HEADER
    end = monotonic() + timeout_seconds
    # A connection for each message: one kept open may be closed by the server between two arrows.
    with _pool(parts.scheme, parts.hostname or "", parts.port, ca, is_verified, timeout_seconds) as pool:
        try:
            answer = pool.urlopen(
                request.method,
                target,
                body=request.body or None,
                headers=fields,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            return _response(request, answer, end)
        except (HTTPError, OSError, ValueError) as problem:
            raise NoResponse(_words(problem, timeout_seconds)) from None


def _response(request: Request, answer: urllib3.BaseHTTPResponse, end: float) -> Response:
    body = bytearray()
    # What is there, not what fills a buffer: drops that keep coming must not prolong it.
    while chunk := answer.read1(65_536, decode_content=True):
        body += chunk
        if len(body) > MAX_BODY:
            raise ValueError(f"its body is longer than {MAX_BODY:,} bytes")
        if monotonic() > end:
            raise TimeoutError
    is_packed = bool(answer.headers.get("Content-Encoding")) and request.method != "HEAD"
    left_out = {"content-encoding", "content-length", "transfer-encoding"} if is_packed else {"transfer-encoding"}
    headers = Headers((name, value) for name, value in answer.headers.items() if name.lower() not in left_out)
    return Response(answer.status, headers, bytes(body))


def _pool(
    scheme: str, host: str, port: int | None, ca: str | None, is_verified: bool, timeout_seconds: float
) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(total=timeout_seconds)
    if scheme != "https":
        return urllib3.HTTPConnectionPool(host, port, timeout=timeout, maxsize=1)
    try:
        context = _context(ca, is_verified)
    except (OSError, ValueError) as problem:
        raise NoResponse(f"the certificates in {ca} cannot be read: {problem}") from None
    return urllib3.HTTPSConnectionPool(host, port, timeout=timeout, maxsize=1, ssl_context=context)


@lru_cache(maxsize=8)
def _context(ca: str | None, is_verified: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    if not is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _words(problem: Exception, timeout_seconds: float) -> str:
    if isinstance(problem, SSLError | ssl.SSLError):
        reason = getattr(_root(problem), "verify_message", "") or getattr(_root(problem), "reason", "") or "no TLS"
        return f"no TLS connection: {str(reason).replace('_', ' ').lower()}"
    if isinstance(problem, NameResolutionError):
        return "there is no host of that name"
    if isinstance(problem, NewConnectionError):
        return f"no connection: {getattr(_root(problem), 'strerror', '') or 'it was refused'}".lower()
    if isinstance(problem, ConnectTimeoutError | ReadTimeoutError | TimeoutError):
        return f"no answer within {timeout_seconds:g} seconds"
    if isinstance(problem, DecodeError):
        return "its body cannot be unpacked as its Content-Encoding says"
    if isinstance(problem, ValueError):
        return str(problem)
    return "what came is no HTTP response, or ended before it was whole"


def _root(problem: BaseException) -> BaseException:
    """The exception that the library wrapped."""
    while True:
        inner = problem.__cause__ or next((one for one in problem.args if isinstance(one, BaseException)), None)
        if inner is None:
            return problem
        problem = inner
