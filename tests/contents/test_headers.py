"""Header fields, redirects, challenges and cookies."""

from collections.abc import Sequence
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


# ---- What only looks as drawn ----------------------------------------------------------------------------------------


def found(kit: Any, lines: Sequence[str], answer: Response) -> list[str]:
    """What is wrong with an answer of which these lines are drawn."""
    flow = kit.answer_flow(*lines, label=str(answer.status))
    flow.compose(0)
    return [failure.code for failure in flow.came(1, answer).failures]


@pytest.mark.parametrize("second", ["sid=b", "sid=a", "sid=a; Path=/x"])
def test_a_drawn_cookie_is_not_set_twice(kit: Any, second: str) -> None:
    """The browser keeps the later one, which has no `Secure`; a line for each cookie says which it is about."""
    drawn, other = ("Set-Cookie", "sid=a; Secure"), ("Set-Cookie", "theme=dark")
    line = "Set-Cookie: sid=a; Secure"

    assert found(kit, [line], response(drawn, ("Set-Cookie", second))) == ["SQ564"]
    assert found(kit, [line], response(other, drawn)) == []
    assert found(kit, [line, "Set-Cookie: theme=dark"], response(other, drawn)) == []
    assert found(kit, [line], response(other)) == ["SQ550"]


def test_attributes_are_those_of_the_very_cookie(kit: Any) -> None:
    """Where one name is set twice, and drawn so."""
    settings = "note over client\n  c = 1\n  d = 2\nend note"
    lines = ("cookie.sid = {c}", "  HttpOnly", "cookie.sid = {d}", "  HttpOnly")
    flow = kit.answer_flow(*lines, before=settings)
    flow.compose(0)
    second = response(("Set-Cookie", "sid=1; HttpOnly"), ("Set-Cookie", "sid=2"))
    both = response(("Set-Cookie", "sid=1; HttpOnly"), ("Set-Cookie", "sid=2; HttpOnly"))

    assert [failure.code for failure in flow.came(1, second).failures] == ["SQ551"]
    assert [failure.code for failure in flow.came(1, both).failures] == []


def test_the_values_of_same_site_have_no_case(kit: Any) -> None:
    """RFC 6265bis section 5.6.7."""
    answer = response(("Set-Cookie", "sid=a; samesite=lax"))

    assert found(kit, ["cookie.sid = a", "  SameSite = Lax"], answer) == []
    assert found(kit, ["cookie.sid = a", "  SameSite = Strict"], answer) == ["SQ550"]


@pytest.mark.parametrize(
    ("line", "value", "codes"),
    [
        ("Cache-Control: max-age=0", "max-age=3600, max-age=0", ["SQ550"]),
        ("Cache-Control: max-age=0", "max-age=0, MAX-AGE=0", []),
        ("Cache-Control: max-age=0", "no-cache, Max-Age=0", []),
        ("Cache-Control lacks public", "Public, max-age=3", ["SQ550"]),
        ("Cache-Control lacks public", "no-store", []),
        ("Cache-Control contains no-store", "No-Store", []),
        ("Cache-Control != max-age=0", "max-age=3600, max-age=0", []),
        ("Vary contains Origin", "accept, origin", []),
        ("Vary lacks origin", "Origin", ["SQ550"]),
        ("Vary: Origin", "origin", []),
        ("Vary: Origin", "Origins", ["SQ550"]),
        ("Access-Control-Allow-Headers lacks Authorization", "content-type, AUTHORIZATION", ["SQ550"]),
        ("Set-Cookie lacks HttpOnly", "a=b; HttpOnly; Path=/", ["SQ550"]),
        ("Set-Cookie lacks HttpOnly", "a=b; httponly", ["SQ550"]),
        ("Set-Cookie lacks HttpOnly", "a=HttpOnly2; Path=/", []),
        ("Set-Cookie contains HttpOnly", "a=b; HttpOnly; Path=/", []),
        ("Set-Cookie contains HttpOnly;", "a=b; HttpOnly; Path=/", []),
        ("Set-Cookie contains a=b", "A=B; HttpOnly", ["SQ550"]),
        ("Content-Security-Policy lacks 'unsafe-inline'", "script-src 'unsafe-inline'; base-uri 'none'", ["SQ550"]),
        ("Strict-Transport-Security lacks preload", "max-age=1; includeSubDomains; Preload", ["SQ550"]),
    ],
)
def test_directives_and_names_of_headers_have_no_case(kit: Any, line: str, value: str, codes: list[str]) -> None:
    """And a directive that comes with two values is not the drawn one."""
    assert found(kit, [line], response((line.partition(" ")[0].rstrip(":"), value))) == codes


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Location != https://evil.test/", "https:\\\\evil.test/"),
        ("WWW-Authenticate != Bearer", 'Bearer realm="a'),
    ],
)
def test_what_cannot_be_read_may_be_what_must_not_come(kit: Any, line: str, value: str) -> None:
    """A browser reads `\\` as `/`."""
    assert found(kit, [line], response((line.partition(" ")[0], value))) == ["SQ550"]


BEARER, DPOP = 'Bearer realm="a"', 'DPoP algs="ES256"'


@pytest.mark.parametrize("values", [(f"{BEARER}, {DPOP}",), (f"{DPOP}, {BEARER}",), (DPOP, BEARER), (BEARER, DPOP)])
def test_challenges_are_one_list_however_many_lines_they_come_in(kit: Any, values: tuple[str, ...]) -> None:
    """RFC 9110 section 11.6.1."""
    answer = response(*(("WWW-Authenticate", value) for value in values), status=401)
    lines = ["WWW-Authenticate: Bearer", "  realm = a", "WWW-Authenticate: DPoP", "  algs = ES256"]

    assert found(kit, lines, answer) == []
    assert found(kit, ["WWW-Authenticate: Bearer", "WWW-Authenticate: Basic"], answer) == ["SQ550"]


def test_a_challenge_that_is_drawn_twice_comes_twice(kit: Any) -> None:
    """One is not both."""
    lines = ["WWW-Authenticate: Bearer", "WWW-Authenticate: Bearer"]

    assert found(kit, lines, response(("WWW-Authenticate", BEARER), status=401)) == ["SQ551", "SQ551"]


@pytest.mark.parametrize("name", ["DPoP", "Client-Cert"])
def test_proofs_of_possession_come_once(kit: Any, name: str) -> None:
    """RFC 9449 section 4.3: not more than one; RFC 9440 section 2.2."""
    request = Request("POST", "https://auth.test/token", Headers([(name, "a"), (name, "b")]))

    assert "SQ564" in [failure.code for failure in kit.check_request(f"{name} present", request)]


def test_a_closed_redirect_may_carry_the_fragment_that_its_url_draws(kit: Any) -> None:
    """As it may its query."""
    answer = response(("Location", "https://auth.test/cb#a=1"), status=302)

    assert found(kit, ["Location: https://auth.test/cb#a=1", "  nothing else"], answer) == []
    assert found(kit, ["Location: https://auth.test/cb", "  nothing else"], answer) == ["SQ557"]


@pytest.mark.parametrize(
    ("line", "url", "codes"),
    [
        ("access_token absent", "/cb?code=a", []),
        ("access_token absent", "/cb?code=a#access_token=t", ["SQ552"]),
        ("access_token absent", "/cb?access_token=t", ["SQ552"]),
        ("query.access_token absent", "/cb?code=a#access_token=t", []),
        ("fragment.access_token absent", "/cb?access_token=t", []),
        ("fragment.access_token absent", "/cb#access_token=t", ["SQ552"]),
    ],
)
def test_what_is_absent_from_a_redirect_is_in_neither_place(kit: Any, line: str, url: str, codes: list[str]) -> None:
    """A token in the fragment reaches the browser as well."""
    assert found(kit, ["Location: /cb", f"  {line}"], response(("Location", url), status=302)) == codes


def test_a_redirects_field_is_not_both_there_and_absent(kit: Any) -> None:
    """The drawing contradicts itself."""
    from seqtest.errors import UnreadableDiagram

    with pytest.raises(UnreadableDiagram, match="SQ252"):
        kit.answer_flow("Location: /cb", "  code = a", "  code absent", label="302")


def test_a_word_of_a_header_may_be_drawn_beside_the_whole(kit: Any) -> None:
    """They are no contradiction where a semicolon ends the word."""
    lines = ["X-Frame: a; b; c", "X-Frame contains a", "X-Frame lacks d"]

    assert found(kit, lines, response(("X-Frame", "a; b; c"))) == []


@pytest.mark.parametrize(
    ("sub", "attributes", "found"),
    [
        ("alice", "HttpOnly; SameSite=Strict", []),
        ("alice", "SameSite=Strict", ["SQ551"]),
        ("alice", "HttpOnly; SameSite=None", ["SQ550"]),
        ("bob", "HttpOnly; SameSite=Strict", ["SQ550"]),
    ],
)
def test_a_token_in_a_cookie_has_claims_and_attributes(kit: Any, sub: str, attributes: str, found: list[str]) -> None:
    """What a cookie has is the cookie's; a header field of the token's, and a claim, stay the token's."""
    answer = response(("Set-Cookie", f"at={kit.token(sub=sub)}; {attributes}"))
    lines = ("alg = ES256", "sub = alice", "HttpOnly", "SameSite = Strict")

    assert [one.code for one in kit.check("cookie.at : jwt", answer, *lines)] == found


def test_the_signature_of_a_token_in_a_cookie_may_be_unchecked(kit: Any) -> None:
    """A line about it stands below any token."""
    answer = response(("Set-Cookie", f"at={kit.token(sub='alice')[:-4]}AAAA; Secure"))

    assert [one.code for one in kit.check("cookie.at : jwt", answer, "Secure")] == ["SQ562"]
    assert kit.check("cookie.at : jwt", answer, "Secure", "signature unchecked") == []


def test_what_is_new_in_a_cookie_is_its_value_alone(kit: Any) -> None:
    """An attribute, or another cookie, is no part of it."""
    line = "Set-Cookie: sid={new sid}; Path=/"

    assert found(kit, [line], response(("Set-Cookie", "sid=abc; Path=/"))) == []
    assert found(kit, [line], response(("Set-Cookie", "sid=abc; Domain=test; Path=/"))) == ["SQ550"]
    sent = Request("POST", "https://auth.test/token", Headers([("Cookie", "a=1; b=2; c=3")]))
    assert [failure.code for failure in kit.check_request("Cookie: a={new a}; c=3", sent)] == ["SQ550"]
