"""Actors that speak HTTP: Werkzeug's request and response objects, in process and behind any WSGI server."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from seqtest.actors.actor import Actor
from seqtest.exchange import Headers, Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
"""RFC 6749 section 5.1: on each answer that holds tokens or other secrets."""

MAX_BODY = 1_000_000
"""Bytes; a longer body is answered 413."""


class WebActor(Actor):
    """An actor whose HTTP is a table of routes; `respond` may be overridden where that is too little."""

    routes: ClassVar[Mapping[str, Mapping[str, "str | Endpoint"]]] = {}
    """Path → method → what answers: the name of a method, or a function of the actor and the request.

    A path of the table and another method is a 405.
    """

    def handle(self, request: Request) -> Response:
        """Answer one request in process."""
        from werkzeug.wrappers import Request as WebRequest

        found = environ(request)
        if "HTTP_CLIENT_CERT" in found:
            # In process there is no TLS to hand it in; behind a socket this field is not read (RFC 9440 section 4).
            found["SSL_CLIENT_CERT"] = found.pop("HTTP_CLIENT_CERT")
        return answer_of(self.answer(WebRequest(found)), request.method)

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The same actor as a WSGI application, for a socket."""
        from werkzeug.wrappers import Request as WebRequest

        return self.answer(WebRequest(environ))(environ, start_response)

    def answer(self, request: "WebRequest") -> "WebResponse":
        """What `respond` says; a malformed or too big request is a 4xx before it."""
        from werkzeug.exceptions import HTTPException

        request.max_content_length = MAX_BODY
        request.max_form_memory_size = MAX_BODY
        try:
            return self.respond(request)
        except HTTPException as refusal:
            return json_response({"error": "invalid_request"}, refusal.code or 400)

    def respond(self, request: "WebRequest") -> "WebResponse":
        """Find the route and let its method answer."""
        methods = self.route(request.path)
        if methods is None:
            return json_response({"error": "not_found"}, 404)
        endpoint = methods.get("GET" if request.method == "HEAD" else request.method)
        if endpoint is None:
            allowed = sorted({*methods, *(["HEAD"] if "GET" in methods else [])})
            # RFC 9110 section 15.5.6: a 405 says what is allowed.
            return json_response({"error": "method_not_allowed"}, 405, {"Allow": ", ".join(allowed)})
        if not isinstance(endpoint, str):
            return endpoint(self, request)
        found: WebResponse = getattr(self, endpoint)(request)
        return found

    def route(self, path: str) -> "Mapping[str, str | Endpoint] | None":
        """The methods of a path; None when there is no such path."""
        return self.routes.get(path)


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> "WebResponse":
    """A JSON answer; without a body, and so of no type, where that is None."""
    from werkzeug.wrappers import Response as WebResponse

    if body is not None:
        return WebResponse(_encode(body), status, dict(headers or {}), content_type="application/json")
    answer = WebResponse(b"", status, dict(headers or {}))
    del answer.headers["Content-Type"]  # an empty text is no JSON, for whoever goes by the type
    return answer


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""As `json.dumps` with these options, which makes an encoder each time."""


def environ(request: Request) -> dict[str, Any]:
    """The WSGI environ of a request (PEP 3333)."""
    url = urlsplit(request.url)
    server, port, host = _authority(url.scheme, url.netloc)
    found: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path or "/").decode("latin-1"),
        "QUERY_STRING": url.query.encode().decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": host,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme or "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if key == "CONTENT_LENGTH":
            continue
        if key != "CONTENT_TYPE":
            key = f"HTTP_{key}"
        if key == "HTTP_HOST":
            found[key] = value
            continue
        # RFC 9110 section 5.3: fields of one name are one list; cookies join by semicolons (RFC 9113 section 8.2.3).
        joint = "; " if key == "HTTP_COOKIE" else ","
        found[key] = f"{found[key]}{joint}{value}" if key in found else value
    return found


@lru_cache(maxsize=256)
def _authority(scheme: str, netloc: str) -> tuple[str, str, str]:
    """Server name, port and `Host`: few, and asked for at each request."""
    url = SplitResult(scheme, netloc, "", "", "")
    port = url.port or (443 if scheme == "https" else 80)
    return url.hostname or "localhost", str(port), netloc.rpartition("@")[2]


def answer_of(response: "WebResponse", method: str = "GET") -> Response:
    """Werkzeug's response as a plain value; the body of an answer to HEAD is empty."""
    body = response.get_data()
    return Response(response.status_code, Headers(response.headers), b"" if method == "HEAD" else body)


Endpoint = Callable[[Any, "WebRequest"], "WebResponse"]
"""What answers one method of a path: a function of the actor and the request."""
