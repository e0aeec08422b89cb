from io import BytesIO
from typing import Any, ClassVar

from werkzeug.test import Client as WebClient

from seqtest.actors.web import WebActor, answer_of, environ, json_response
from seqtest.exchange import Headers, Request


def test_environ() -> None:
    """A request becomes a WSGI environ as PEP 3333 has it."""
    headers = Headers(
        [("Content-Type", "text/plain"), ("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1"), ("Cookie", "b=2")]
    )
    found = environ(Request("POST", "https://u:p@auth.test:8443/a%20b/%C3%BC?x=%20y", headers, b"body"))

    assert found["PATH_INFO"] == "/a b/Ã¼"
    assert found["QUERY_STRING"] == "x=%20y"
    assert (found["HTTP_HOST"], found["SERVER_PORT"], found["wsgi.url_scheme"]) == ("auth.test:8443", "8443", "https")
    assert (found["CONTENT_TYPE"], found["CONTENT_LENGTH"]) == ("text/plain", "4")
    assert (found["HTTP_X_A"], found["HTTP_COOKIE"]) == ("1,2", "a=1; b=2")
    assert isinstance(found["wsgi.input"], BytesIO)


def test_drawn_host_and_length() -> None:
    """A drawn Host is sent; a drawn Content-Length cannot lie about the body."""
    found = environ(Request("GET", "http://a.test", Headers([("Host", "b.test"), ("Content-Length", "99")])))

    assert (found["HTTP_HOST"], found["CONTENT_LENGTH"], found["PATH_INFO"]) == ("b.test", "0", "/")


def test_repeated_response_fields() -> None:
    """Fields that a response has twice stay two."""
    response = json_response({"a": "ü"})
    response.headers.add("Set-Cookie", "a=1")
    response.headers.add("Set-Cookie", "b=2")
    found = answer_of(response)

    assert found.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert found.body == '{"a":"ü"}'.encode()


def test_served_by_wsgi(stage: Any, auth: Any) -> None:
    """The same server answers behind a WSGI server as in process."""
    server = auth()
    client = WebClient(server.wsgi_app)
    form = {"grant_type": "password", "username": "alice", "password": "wonderland"}
    answer = client.post("/token", data=form, auth=("web", "tea-party"))

    assert (answer.status_code, answer.json["token_type"]) == (200, "Bearer")
    assert client.get("/token").status_code == 405


def test_routes(stage: Any) -> None:
    """A table of routes is enough for an actor of one's own; HEAD comes with GET."""

    class Mine(WebActor):
        routes: ClassVar = {"/hello": {"GET": "hello"}}

        def hello(self, request: Any) -> Any:
            return json_response({"hello": "world"})

    stage.add("mine", Mine)

    assert stage.json(stage.get("mine", "/hello")) == {"hello": "world"}
    head = stage.get("mine", "/hello", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    refused = stage.get("mine", "/hello", method="POST")
    assert (refused.status, refused.headers.get("Allow")) == (405, "GET, HEAD")
