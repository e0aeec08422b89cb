"""Header fields, redirects, challenges and cookies."""

from typing import Any

import pytest

from seqtest.exchange import Headers, Request, Response


def response(*pairs: tuple[str, str], status: int = 200) -> Response:
    return Response(status, Headers(pairs))


@pytest.mark.parametrize(
    ("line", "good", "bad"),
    [
        ("Cache-Control: no-store", "no-store, max-age=0", "no-cache"),
        ("Cache-Control: no-store", "No-Store", "private"),
        ("Cache-Control: max-age=0, no-store", "no-store, max-age=0", "no-store, max-age=60"),
        ("Content-Type: application/json", "application/json; charset=utf-8", "text/html"),
        ("Content-Type: text/html; charset=utf-8", 'text/html;charset="UTF-8"', "text/html"),
        ("X-Frame-Options: DENY", "DENY", "deny"),
        ("Retry-After <= 5", "5", "6"),
        ("Vary contains Origin", "Accept, Origin", "OriginAgent"),
        ("Location: /home", "/home", "/homepage"),
        ("Location: /home", "https://auth.test/home", "https://evil.test/home"),
        ("Location: /cb?a=1&b=2", "/cb?b=2&a=1&c=3", "/cb?a=1"),
        ("WWW-Authenticate: Bearer", 'Basic realm="a", Bearer realm="b"', 'Basic realm="a"'),
        ("WWW-Authenticate: Bearer", "bearer", "DPoP"),
        ('WWW-Authenticate: Bearer error="invalid_token"', 'Bearer realm="x", error=invalid_token', 'Bearer realm="x"'),
    ],
)
def test_headers_compare_by_their_grammar(kit: Any, line: str, good: str, bad: str) -> None:
    """The promise holds of the first value and is broken by the second."""
    name = line.split(":")[0].split(" ")[0]

    assert kit.check(line, response((name, good))) == []
    assert [failure.code for failure in kit.check(line, response((name, bad)))] == ["SQ550"]


def test_names_of_headers_compare_without_case(kit: Any) -> None:
    """RFC 9110 section 5.1."""
    assert kit.check("X-User: 1", response(("x-user", "1"))) == []
    assert [one.code for one in kit.check("X-User absent", response(("x-user", "1")))] == ["SQ552"]


def test_a_list_on_several_lines_is_one_list(kit: Any) -> None:
    """RFC 9110 section 5.3; a field with one value must not come twice."""
    two = response(("Cache-Control", "private"), ("Cache-Control", "no-store"))

    assert kit.check("Cache-Control: no-store", two) == []
    twice = response(("Location", "/a"), ("Location", "/a"))
    assert [one.code for one in kit.check("Location: /a", twice)] == ["SQ564"]


def test_a_redirects_query_stands_below_it(kit: Any) -> None:
    """Decoded fields of the query, and of the fragment by name."""
    lines = ("state = a b", "code present", "fragment.x = 1")

    assert (
        kit.check(
            "Location: https://c.test/cb", response(("Location", "https://c.test/cb?state=a+b&code=c#x=1")), *lines
        )
        == []
    )
    failures = kit.check("Location: https://c.test/cb", response(("Location", "https://c.test/cb?state=a")), *lines)
    assert [failure.code for failure in failures] == ["SQ550", "SQ551", "SQ551"]


def test_a_closed_redirect_carries_nothing_else(kit: Any) -> None:
    """An undrawn field in the query or the fragment fails."""
    (failure,) = kit.check(
        "Location: /cb", response(("Location", "/cb?code=c&token=t#id=1")), "code present", "nothing else"
    )

    assert failure.code == "SQ557"
    assert "`token`, `fragment.id`" in failure.message


def test_a_challenges_parameters_stand_below_it(kit: Any) -> None:
    """RFC 6750 section 3."""
    good = response(("WWW-Authenticate", 'Bearer realm="x", error="invalid_token"'), status=401)
    more = {"label": "401 Unauthorized"}

    assert kit.check("WWW-Authenticate: Bearer", good, "error = invalid_token", **more) == []
    assert [one.code for one in kit.check("WWW-Authenticate: Bearer", good, "error absent", **more)] == ["SQ552"]
    assert [one.code for one in kit.check("WWW-Authenticate: Bearer", good, "error = x", **more)] == ["SQ550"]


def test_a_cookies_attributes_stand_below_it(kit: Any) -> None:
    """RFC 6265 section 5.2: names of attributes compare without case."""
    cookie = response(("Set-Cookie", "session=abc; HttpOnly; secure; SameSite=Lax; Max-Age=60"))

    assert kit.check("cookie.session : opaque", cookie, "HttpOnly", "Secure", "SameSite = Lax", "Max-Age <= 60") == []
    failures = kit.check(
        "cookie.session : opaque", response(("Set-Cookie", "session=abc; SameSite=None")), "HttpOnly", "SameSite = Lax"
    )
    assert [failure.code for failure in failures] == ["SQ551", "SQ550"]
    assert [one.code for one in kit.check("cookie.session absent", cookie)] == ["SQ552"]


def test_a_requests_cookies_are_fields(kit: Any) -> None:
    """`cookie.x` of a request is what the client sends back."""
    request = Request("GET", "https://auth.test/me", Headers([("Cookie", "session=abc; theme=dark")]))

    assert kit.check_request("cookie.session = abc", request, label="GET /me") == []
    assert [one.code for one in kit.check_request("cookie.session = x", request, label="GET /me")] == ["SQ550"]


def test_authorization_compares_the_scheme_without_case(kit: Any) -> None:
    """RFC 9110 section 11.1: schemes are case-insensitive, credentials are not."""
    more = {"label": "GET /me"}

    for value, codes in (("bearer T1", []), ("Bearer t1", ["SQ550"]), ("DPoP T1", ["SQ550"])):
        request = Request("GET", "https://auth.test/me", Headers([("Authorization", value)]))
        assert [one.code for one in kit.check_request("Authorization: Bearer T1", request, **more)] == codes
