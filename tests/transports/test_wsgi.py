"""HTTP semantics of a request that goes into a WSGI application by hand."""

import pytest
from flask import Flask, request

from seqtest.exchange import Headers, Request, Response
from seqtest.transports.wsgi import call, environ


def echo(environ, start_response):
    """Answers with what it was sent."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Path", environ["PATH_INFO"])])
    return [environ["wsgi.input"].read()]


def test_the_path_is_decoded_and_the_query_is_not() -> None:
    """PEP 3333: PATH_INFO is decoded, as bytes in latin-1; QUERY_STRING is as sent."""
    made = environ(Request("GET", "https://a.test/caf%C3%A9/x%2Fy?q=a%20b&q=c"))

    assert made["PATH_INFO"].encode("latin-1").decode() == "/café/x/y"
    assert made["QUERY_STRING"] == "q=a%20b&q=c"
    assert (made["wsgi.url_scheme"], made["SERVER_PORT"], made["HTTP_HOST"]) == ("https", "443", "a.test")


def test_a_path_below_a_mount_is_split() -> None:
    """The base address's path is SCRIPT_NAME."""
    made = environ(Request("GET", "https://a.test/api/users"), "/api")

    assert (made["SCRIPT_NAME"], made["PATH_INFO"]) == ("/api", "/users")


def test_repeated_request_headers_are_joined() -> None:
    """RFC 9110 section 5.3 by commas, cookies by semicolons."""
    headers = Headers((("Accept", "a"), ("Cookie", "x=1"), ("Accept", "b"), ("Cookie", "y=2")))
    made = environ(Request("GET", "https://a.test/", headers))

    assert (made["HTTP_ACCEPT"], made["HTTP_COOKIE"]) == ("a,b", "x=1; y=2")


def test_a_chunked_body_arrives_whole() -> None:
    """The chunks have been joined, so the length is known and the framing header is gone."""
    made = environ(Request("POST", "https://a.test/", Headers((("Transfer-Encoding", "chunked"),)), b"abc"))

    assert made["CONTENT_LENGTH"] == "3"
    assert "HTTP_TRANSFER_ENCODING" not in made


def test_set_cookie_may_repeat() -> None:
    """Both lines come back, in order."""

    def app(environ, start_response):
        start_response("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [b""]

    assert call(app, Request("GET", "https://a.test/")).headers.get_all("set-cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")]
)
def test_what_has_no_body_has_none(method, status) -> None:
    """RFC 9110 sections 9.3.2, 15.3.5 and 15.4.5."""

    def app(environ, start_response):
        start_response(status, [("Content-Length", "5")])
        return [b"hello"]

    answer = call(app, Request(method, "https://a.test/"))

    assert answer.body == b""
    assert answer.headers.get("content-length") == "5"


def test_the_write_callable_and_iteration_both_count() -> None:
    """PEP 3333: what is written comes before what is iterated."""

    def app(environ, start_response):
        write = start_response("200 OK", [])
        write(b"one ")
        yield b"two"

    assert call(app, Request("GET", "https://a.test/")).body == b"one two"


def test_the_response_is_closed_even_when_iterating_fails() -> None:
    """close() is called, and the exception goes on."""
    closed = []

    class Body:
        def __iter__(self):
            raise ValueError("broken")

        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("200 OK", [])
        return Body()

    with pytest.raises(ValueError, match="broken"):
        call(app, Request("GET", "https://a.test/"))
    assert closed == [True]


def test_start_response_may_be_called_again_with_exc_info_only() -> None:
    """PEP 3333: an error page replaces the answer; a second call without exc_info is a fault."""

    def replacing(environ, start_response):
        start_response("200 OK", [])
        start_response("500 Oops", [], (ValueError, ValueError(), None))
        return [b"sorry"]

    def twice(environ, start_response):
        start_response("200 OK", [])
        start_response("200 OK", [])
        return []

    assert call(replacing, Request("GET", "https://a.test/")).status == 500
    with pytest.raises(RuntimeError, match="twice"):
        call(twice, Request("GET", "https://a.test/"))


@pytest.mark.parametrize(
    ("header", "kind", "words"),
    [
        (("X-A", "a\r\nSet-Cookie: x=1"), ValueError, "line end"),
        (("X-A\n", "a"), ValueError, "line end"),
        (("X-A", 5), TypeError, "not text"),
        (("X-A", "10 \u20ac"), ValueError, "Latin-1"),
    ],
)
def test_a_header_that_no_server_sends_is_a_fault(header, kind, words) -> None:
    """A line end in it would let whoever chose the value write the rest of the response."""

    def app(environ, start_response):
        start_response("200 OK", [("X-Fine", "caf\xe9\t1"), header])
        return []

    with pytest.raises(kind, match=words):
        call(app, Request("GET", "https://a.test/"))


@pytest.mark.parametrize("status", ["2000 OK", "20", "OK", "099 Low", "200OK"])
def test_a_status_that_is_none_is_a_fault(status) -> None:
    """PEP 3333: three digits, and a reason behind a blank."""

    def app(environ, start_response):
        start_response(status, [])
        return []

    with pytest.raises(ValueError, match="three digits"):
        call(app, Request("GET", "https://a.test/"))


def test_an_application_that_never_starts_is_a_fault() -> None:
    """No status, no answer."""
    with pytest.raises(RuntimeError, match="start_response"):
        call(lambda environ, start_response: [b"x"], Request("GET", "https://a.test/"))


def test_flask_reads_forms_json_and_latin_1_headers() -> None:
    """A real framework gets what was sent."""
    app = Flask("app")

    @app.post("/f")
    def form():
        return {
            "form": request.form.to_dict(),
            "json": request.get_json(silent=True),
            "h": request.headers.get("X-Name"),
        }

    headers = Headers((("Content-Type", "application/x-www-form-urlencoded"), ("X-Name", "Zo\xeb")))
    answer = call(app, Request("POST", "https://a.test/f", headers, b"a=1&b=%C3%A9"))

    import json

    assert json.loads(answer.body) == {"form": {"a": "1", "b": "é"}, "json": None, "h": "Zo\xeb"}


def test_flasks_own_500_keeps_its_cause() -> None:
    """Flask swallows the exception and its signal gives it back; nothing stays connected."""
    import flask

    app = Flask("app")

    @app.get("/x")
    def fails():
        raise LookupError("gone")

    answer = call(app, Request("GET", "https://a.test/x"))

    assert answer == Response(500, answer.headers, answer.body)
    assert isinstance(answer.cause, LookupError)
    assert not flask.got_request_exception.receivers
