"""Messages that look as drawn at first sight, and are not."""

from typing import Any

import pytest

from seqtest.exchange import Headers, Request, Response


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


def post(url: str = "https://auth.test/token", body: bytes = b"", *headers: tuple[str, str]) -> Request:
    return Request("POST", url, Headers(headers), body)


def found_at(*urls: str) -> Response:
    return Response(302, Headers(("Location", url) for url in urls))


# ---- A field in another place, or twice ------------------------------------------------------------------------------


def test_a_field_of_the_body_that_is_in_the_query_too_came_twice(kit: Any) -> None:
    """Servers differ in which one they take."""
    request = kit.form("https://auth.test/token?a=1", a="1")

    assert codes(kit.check_request("a = 1", request)) == ["SQ564"]
    assert codes(kit.check_request("query.a = 1", request)) == []
    assert codes(kit.check_request("a = 1", request, label="POST /token?a=1")) == []


def test_a_member_of_the_body_that_is_in_the_query_too_came_twice(kit: Any) -> None:
    """The same for JSON."""
    request = post("https://auth.test/token?a=1", b'{"a": "x"}', ("Content-Type", "application/json"))
    flow = kit.request_flow("Content-Type: application/json", "a = x")

    assert codes(flow.came(0, request).failures) == ["SQ564"]


@pytest.mark.parametrize("request_", [post("https://auth.test/token?a=1", b"b=1"), post(body=b"a=1")])
def test_what_is_absent_is_in_neither_place(kit: Any, request_: Request) -> None:
    """`a absent` of a POST looks into its query too."""
    assert codes(kit.check_request("a absent", request_)) == ["SQ552"]


def test_what_is_absent_from_a_get_is_in_no_form_of_it(kit: Any) -> None:
    """A form in a GET is odd, and there."""
    request = Request("GET", "https://auth.test/x", Headers(), b"a=1")

    assert codes(kit.check_request("a absent", request, label="GET /x")) == ["SQ552"]


def test_absence_from_a_body_that_cannot_be_read_is_not_tested(kit: Any) -> None:
    """Multipart is neither a form nor JSON; a list has no fields."""
    parts = post("https://auth.test/token", b"--x\r\n", ("Content-Type", "multipart/form-data; boundary=x"))

    assert codes(kit.check_request("a absent", parts)) == ["SQ556"]
    assert codes(kit.check("a absent", kit.json([{"a": 1}]))) == ["SQ556"]


def test_a_closed_message_has_no_body_of_another_kind(kit: Any) -> None:
    """`nothing else` of HTML, of multipart, of a form in a GET."""
    html = Response(200, Headers([("Content-Type", "text/html")]), b"<p>hello</p>")
    parts = post("https://auth.test/token", b"--x\r\n", ("Content-Type", "multipart/form-data; boundary=x"))
    get = Request("GET", "https://auth.test/x", Headers(), b"a=1")

    assert codes(kit.check("nothing else", html)) == ["SQ557"]
    assert codes(kit.check_request("nothing else", parts)) == ["SQ557"]
    assert codes(kit.check_request("nothing else", get, label="GET /x")) == ["SQ557"]
    assert kit.check("nothing else", Response(200)) == []


def test_a_query_field_drawn_twice_comes_twice(kit: Any) -> None:
    """Neither once for both, nor refused when it does."""
    flow = kit.request_flow(label="GET /a?x=1&x=2")
    once = kit.request_flow(label="GET /a?x=1&x=1")

    assert codes(flow.came(0, Request("GET", "https://auth.test/a?x=1&x=2")).failures) == []
    assert codes(once.came(0, Request("GET", "https://auth.test/a?x=1")).failures) == ["SQ550"]


def test_a_drawn_cookie_comes_once(kit: Any) -> None:
    """Set twice, the browser keeps the later one; sent twice, the server takes either."""
    twice = Response(200, Headers([("Set-Cookie", "sid=a; Secure"), ("Set-Cookie", "sid=b")]))
    sent = Request("POST", "https://auth.test/token", Headers([("Cookie", "sid=a; sid=b")]))

    assert codes(kit.check("cookie.sid = a", twice, "Secure")) == ["SQ564"]
    assert codes(kit.check_request("cookie.sid = a", sent)) == ["SQ564"]


# ---- Addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test\\@auth.test/cb?code=c",
        "https://evil.test@auth.test/cb?code=c",
        "https://auth.test\\.evil.test/cb?code=c",
        "/\\evil.test/cb?code=c",
        "https://auth.test/cb?code=d&code=c",
        "https://auth.test/cb?code=c&code=d",
    ],
)
@pytest.mark.parametrize(
    "line", ["Location: https://auth.test/cb?code=c", "Location: https://auth.test/cb?code={new c}"]
)
def test_a_redirect_that_only_looks_as_drawn(kit: Any, url: str, line: str) -> None:
    """A backslash, a user, and a parameter that comes twice lead elsewhere, or mean another thing."""
    assert codes(kit.check(line, found_at(url))) == ["SQ550"]


def test_a_parameter_below_a_redirect_comes_once(kit: Any) -> None:
    """`state=right&state=wrong` is not `state = right`."""
    url = "https://auth.test/cb?state=right&state=wrong"

    assert codes(kit.check("Location: https://auth.test/cb", found_at(url), "state = right")) == ["SQ564"]


# ---- Comparisons -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("Content-Type != text/html", "Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control != no-store", "Cache-Control", "No-Store, private"),
        ("Location != https://auth.test/evil", "Location", "/evil"),
        ("Content-Type in text/html, text/plain", "Content-Type", "application/json"),
    ],
)
def test_every_comparison_of_a_header_knows_its_grammar(kit: Any, line: str, name: str, value: str) -> None:
    """`!=` and `in` compare as `:` does."""
    assert codes(kit.check(line, Response(200, Headers([(name, value)])))) == ["SQ550"]


def test_a_header_is_one_of_several_by_its_grammar(kit: Any) -> None:
    """Parameters that are not drawn do not make it another one."""
    html = Response(200, Headers([("Content-Type", "text/html; charset=utf-8")]))

    assert kit.check("Content-Type in text/html, text/plain", html) == []


def test_a_value_of_which_a_function_was_seen_can_be_told_apart(kit: Any) -> None:
    """`!= {code_verifier}` fails for the verifier itself, before it is drawn."""
    from seqtest.auth.pkce import S256

    text = "\n".join((
        "client -> auth : POST /par\nnote left: code_challenge = {S256(new code_verifier)}\nauth --> client : 200 OK",
        "client -> auth : POST /mid\nnote left: state != {code_verifier}\nauth --> client : 200 OK",
    ))  # fmt: skip
    for state, expected in (("v" * 50, ["SQ550"]), ("w" * 50, [])):
        flow = kit.flow(text, bound=("client",))
        flow.came(0, kit.form("https://auth.test/par", code_challenge=S256("v" * 50)))
        flow.told(1)
        assert codes(flow.came(2, kit.form("https://auth.test/mid", state=state)).failures) == expected
