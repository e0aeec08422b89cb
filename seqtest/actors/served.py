"""Any actor as a WSGI application, for a socket."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from urllib.parse import quote

from seqtest.actors.actor import Actor
from seqtest.actors.web import MAX_BODY
from seqtest.errors import Diagnostic
from seqtest.exchange import Headers, Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Report = Callable[[str, Request], None]
"""Is told what went wrong, and at which request."""


def application(actor: Actor, turn: Callable[[], AbstractContextManager[None]], report: Report) -> "WSGIApplication":
    """The actor behind a WSGI server (PEP 3333). Each request is answered in a `turn`: actors call each other.

    `report` is told what the actor could not answer; the caller gets a 500 without a word of it.
    """

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = _answer(actor, environ, turn, report)
        headers = answer.headers.with_default("Content-Length", str(len(answer.body)))
        start_response(f"{answer.status} {_reason(answer.status)}", [*headers])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    return app


def _answer(
    actor: Actor, environ: "WSGIEnvironment", turn: Callable[[], AbstractContextManager[None]], report: Report
) -> Response:
    try:
        request = request_of(environ)
    except ValueError:
        return Response(413)
    try:
        with turn():
            return actor.handle(request)
    except Diagnostic as problem:
        report(str(problem), request)
    except Exception as problem:  # noqa: BLE001  # a user's own actor may raise anything; the server goes on
        report(f"{actor.id}: {type(problem).__name__}: {problem}", request)
    return Response(500)


OF_THE_TRANSPORT = ("HTTP_CLIENT_CERT", "HTTP_CLIENT_CERT_CHAIN")
"""RFC 9440 section 4: what ends TLS writes these, and takes out what came from outside."""


def request_of(environ: "WSGIEnvironment") -> Request:
    """The request as the actor gets it in process. Raises ValueError for one that is too big."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_BODY:
        raise ValueError("the body is too big")
    names = {"CONTENT_TYPE": "Content-Type"}
    headers = [
        (names.get(key) or key[5:].replace("_", "-").title(), value)
        for key, value in environ.items()
        if (key.startswith("HTTP_") or key in names) and value != "" and key not in OF_THE_TRANSPORT
    ]
    pem = environ.get("SSL_CLIENT_CERT")
    if pem:
        from seqtest.auth import certificate

        headers.append(("Client-Cert", certificate.field_value(certificate.read(pem))))
    return Request(environ["REQUEST_METHOD"], _url(environ), Headers(headers), environ["wsgi.input"].read(int(length)))


def _url(environ: "WSGIEnvironment") -> str:
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    target = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "")
    if not target.startswith("/"):
        path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "/")).encode("latin-1")
        query = environ.get("QUERY_STRING")
        target = quote(path) + (f"?{query}" if query else "")
    return f"{environ['wsgi.url_scheme']}://{host}{target}"


def _reason(status: int) -> str:
    from http import HTTPStatus

    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
