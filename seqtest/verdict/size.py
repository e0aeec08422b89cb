"""How many bytes a message is on the wire."""

from http import HTTPStatus
from urllib.parse import urlsplit

from seqtest.exchange import Answer, Headers, Message, Request, Response


def size(content: Message | Answer | None) -> int:
    """Bytes on the wire: the request or status line, every header with its line end, the empty line, and the body.

    Counted as HTTP/1.1 writes it (RFC 9112 section 2.1), uncompressed, without TLS and TCP: the headers that this run
    really had, and the `Host` and `Content-Length` that HTTP/1.1 asks for. An action is not HTTP and has no size.
    """
    match content:
        case Request(method, url, headers, body):
            parts = urlsplit(url)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            line = f"{method} {target} HTTP/1.1\r\n"
            return len(line.encode()) + _size_of(headers.with_default("Host", parts.netloc), body)
        case Response(status, headers, body):
            return len(f"HTTP/1.1 {status} {_phrase(status)}\r\n".encode()) + _size_of(headers, body)
    return 0


def _size_of(headers: Headers, body: bytes) -> int:
    if body:
        headers = headers.with_default("Content-Length", str(len(body)))
    return sum(len(name.encode()) + len(value.encode()) + 4 for name, value in headers) + 2 + len(body)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
