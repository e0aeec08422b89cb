"""Fields of JSON, forms and queries: what each comparison promises, with a message that breaks it."""

from typing import Any

import pytest

from seqtest.exchange import Headers, Request, Response


@pytest.mark.parametrize(
    ("line", "good", "bad", "code"),
    [
        ("expires_in = 300", {"expires_in": 300}, {"expires_in": 301}, "SQ550"),
        ("expires_in = 300", {"expires_in": 300.0}, {"expires_in": "300"}, "SQ553"),
        ("active = true", {"active": True}, {"active": 1}, "SQ550"),
        ("active = true", {"active": True}, {"active": "true"}, "SQ553"),
        ("count = 1", {"count": 1}, {"count": True}, "SQ550"),
        ("sub = 123", {"sub": "123"}, {"sub": 123}, "SQ553"),
        ('id = "123"', {"id": "123"}, {"id": 123}, "SQ553"),
        ("id = 123", {"id": 123}, {"id": "123"}, "SQ553"),
        ("name = Alice", {"name": "Alice"}, {"name": "alice"}, "SQ550"),
        ("x = null", {"x": None}, {"x": "null"}, "SQ553"),
        ("x = {}", {"x": {}}, {"x": {"a": 1}}, "SQ550"),
        ('x = ["a", 1]', {"x": ["a", 1]}, {"x": ["a", "1"]}, "SQ550"),
        ("aud = api", {"aud": ["api"]}, {"aud": ["api", "web"]}, "SQ550"),
        ("aud = api", {"aud": "api"}, {"aud": "web"}, "SQ550"),
        ("x != 3", {"x": 4}, {"x": 3}, "SQ550"),
        ("x != 3", {"x": 4}, {"x": "3"}, "SQ550"),
        ("x < 3", {"x": 2.5}, {"x": 3}, "SQ550"),
        ("x <= 3", {"x": 3}, {"x": 3.1}, "SQ550"),
        ("x > 3", {"x": 4}, {"x": 3}, "SQ550"),
        ("x >= 3", {"x": 3}, {"x": "4"}, "SQ550"),
        ("error in slow_down, authorization_pending", {"error": "slow_down"}, {"error": "slow"}, "SQ550"),
        ("x in 1, 2", {"x": 2}, {"x": "2"}, "SQ550"),
        ("code matches /[A-Z]{4}/", {"code": "WDJB"}, {"code": "xWDJB"}, "SQ550"),
        ("uri starts with https://", {"uri": "https://x"}, {"uri": "http://x"}, "SQ550"),
        ("scope contains users:read", {"scope": "openid users:read"}, {"scope": "users:readwrite"}, "SQ550"),
        ("scope contains users:read", {"scope": ["users:read"]}, {"scope": ["users:readwrite"]}, "SQ550"),
        ("scope lacks admin", {"scope": "administrator"}, {"scope": "user,admin"}, "SQ550"),
        ("scope lacks admin", {"scope": []}, {"scope": ["admin"]}, "SQ550"),
        ("x lacks admin", {"x": "user"}, {"x": 3}, "SQ550"),
        ("x present", {"x": ""}, {"x": None}, "SQ551"),
        ("x present", {"x": False}, {}, "SQ551"),
        ("x absent", {}, {"x": None}, "SQ552"),
        ("user.roles[0] = admin", {"user": {"roles": ["admin"]}}, {"user": {"roles": ["user"]}}, "SQ550"),
        ("user.roles[1] = admin", {"user": {"roles": ["x", "admin"]}}, {"user": {"roles": ["admin"]}}, "SQ551"),
        ("keys[*].d absent", {"keys": [{"x": 1}, {"x": 2}]}, {"keys": [{"x": 1}, {"d": 2}]}, "SQ552"),
        ("keys[*].kid present", {"keys": [{"kid": "a"}]}, {"keys": [{"kid": "a"}, {}]}, "SQ551"),
        ('"https://x/roles" contains admin', {"https://x/roles": ["admin"]}, {}, "SQ551"),
        ("[interval = 5]", {}, {"interval": 6}, "SQ550"),
        ("[interval = 5]", {"interval": 5}, {"interval": "5"}, "SQ553"),
        ("body contains denied", {"error": "denied"}, {"error": "undenied"}, "SQ550"),
        ("body lacks denied", {"error": "x"}, {"error": "undenied"}, "SQ550"),
        ("user : object", {"user": {}}, {"user": []}, "SQ553"),
        ("x : string", {"x": ""}, {"x": 1}, "SQ553"),
        ("x : integer", {"x": 3}, {"x": 3.5}, "SQ553"),
        ("x : integer", {"x": 3}, {"x": True}, "SQ553"),
        ("x : number", {"x": 3.5}, {"x": "3.5"}, "SQ553"),
        ("x : boolean", {"x": False}, {"x": 0}, "SQ553"),
        ("x : array", {"x": []}, {"x": {}}, "SQ553"),
        ("x : uuid", {"x": "0d5a38f4-6f32-4b70-8d0a-4e2d1a4c9a11"}, {"x": "0d5a38f4"}, "SQ553"),
        ("x : url", {"x": "https://a.example/b"}, {"x": "/b"}, "SQ553"),
        ("x : timestamp", {"x": 1767225600}, {"x": "soon"}, "SQ553"),
        ("x : timestamp", {"x": "2026-01-01T00:00:00Z"}, {"x": "2026-01-01"}, "SQ553"),
        ("x : base64url", {"x": "YWI"}, {"x": "YWI="}, "SQ553"),
        ("x : json", {"x": "{}"}, {"x": "{"}, "SQ553"),
        ("x : base64url json", {"x": "eyJhIjoxfQ"}, {"x": "YWI"}, "SQ553"),
        ("x : opaque", {"x": "tok-1"}, {"x": "two words"}, "SQ553"),
        ("x : opaque", {"x": "tok-1"}, {"x": ""}, "SQ553"),
        ("x : jwe", {"x": "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AA.AA.AA"}, {"x": "a.b.c"}, "SQ553"),
    ],
)  # fmt: skip
def test_a_field_of_json(kit: Any, line: str, good: Any, bad: Any, code: str) -> None:
    """The promise holds of the first body and is broken by the second."""
    assert kit.check(line, kit.json(good)) == []
    assert [failure.code for failure in kit.check(line, kit.json(bad))] == [code]


def test_a_jwt_is_not_opaque(kit: Any) -> None:
    """What everybody can read is no opaque token."""
    assert [one.code for one in kit.check("access_token : opaque", kit.json({"access_token": kit.token(sub="a")}))] == [
        "SQ553"
    ]


def test_a_difference_in_type_is_reported_as_such(kit: Any) -> None:
    """The finding says that the value is right and its type is not."""
    (failure,) = kit.check("expires_in = 300", kit.json({"expires_in": "300"}))

    assert failure.message == "`expires_in` differs in its type only"
    assert (failure.expected, failure.got) == ("expires_in = 300", 'expires_in = "300"')
    assert str(failure.span).startswith("flow.puml:")


def test_all_broken_promises_are_named(kit: Any) -> None:
    """One check reports every broken line, in drawing order."""
    flow = kit.answer_flow("a = 1", "b = 2", "c = 3")
    flow.compose(0)

    report = flow.came(1, kit.json({"a": 2, "b": 2}))

    assert [failure.code for failure in report.failures] == ["SQ550", "SQ551"]
    assert report.checks == 4


def test_contents_are_open_unless_closed(kit: Any) -> None:
    """Undrawn fields are allowed until `nothing else` stands below them."""
    body = kit.json({"active": False, "sub": "1"})

    assert kit.check("active = false", body) == []
    flow = kit.answer_flow("active = false", "nothing else")
    flow.compose(0)
    (failure,) = flow.came(1, body).failures
    assert failure.code == "SQ557"
    assert "`sub`" in failure.message


def test_an_object_is_closed_by_itself(kit: Any) -> None:
    """An indented `nothing else` closes its block and nothing beside it."""
    good, bad = {"user": {"name": "a"}, "x": 1}, {"user": {"name": "a", "y": 2}}

    assert kit.check("user : object", kit.json(good), "name = a", "nothing else") == []
    assert [one.code for one in kit.check("user : object", kit.json(bad), "name = a", "nothing else")] == ["SQ557"]


def test_what_is_not_json_is_reported_once(kit: Any) -> None:
    """An unreadable body breaks its arrow with one finding, however many fields are drawn."""
    flow = kit.answer_flow("a = 1", "b = 2")
    flow.compose(0)

    (failure,) = flow.came(1, Response(200, Headers([("Content-Type", "application/json")]), b"<html>")).failures

    assert failure.code == "SQ556"
    assert "not JSON" in failure.message


def test_a_json_member_that_stands_twice_fails(kit: Any) -> None:
    """Two readers would believe two different values."""
    body = Response(200, Headers([("Content-Type", "application/json")]), b'{"sub": "a", "sub": "b"}')

    assert [failure.code for failure in kit.check("sub = b", body)] == ["SQ556"]


# ---- Requests ----


def test_bare_fields_of_a_post_are_in_the_body(kit: Any) -> None:
    """A field in the query does not stand in for one in the form."""
    good = kit.form(grant_type="password")
    in_query = Request("POST", "https://auth.test/token?grant_type=password")

    assert kit.check_request("grant_type = password", good) == []
    assert [failure.code for failure in kit.check_request("grant_type = password", in_query)] == ["SQ551"]


def test_bare_fields_of_a_get_are_in_the_query(kit: Any) -> None:
    """`query.x` and a bare `x` are the same there."""
    request = Request("GET", "https://auth.test/auth?state=a%20b")

    assert kit.check_request("state = a b", request, label="GET /auth") == []
    assert kit.check_request("query.state = a b", request, label="GET /auth") == []
    assert [one.code for one in kit.check_request("state = c", request, label="GET /auth")] == ["SQ550"]


def test_a_form_has_no_types(kit: Any) -> None:
    """In a form `300` is the text, whatever it looks like in the drawing."""
    assert kit.check_request("n = 300", kit.form(n="300")) == []
    assert kit.check_request("n <= 300", kit.form(n="299")) == []
    assert [one.code for one in kit.check_request("n <= 300", kit.form(n="abc"))] == ["SQ550"]
    assert [one.code for one in kit.check_request("n = 300", kit.form(n="300.0"))] == ["SQ550"]


def test_json_requests_have_types(kit: Any) -> None:
    """Under `Content-Type: application/json` bare fields are JSON members."""
    request = Request("POST", "https://auth.test/token", Headers([("Content-Type", "application/json")]), b'{"n": 3}')

    for line, found in (("n = 3", []), ('n = "3"', ["SQ553"])):
        flow = kit.request_flow("Content-Type: application/json", line)
        assert [one.code for one in flow.came(0, request).failures] == found


def test_a_field_sent_twice_fails_unless_it_is_drawn_twice(kit: Any) -> None:
    """RFC 6749 section 3.2: parameters must not be included more than once."""
    request = kit.form(resource=["a", "b"])

    assert [one.code for one in kit.check_request("resource = a", request)] == ["SQ564"]
    flow = kit.request_flow("resource = a", "resource = b")
    assert flow.came(0, request).failures == ()
    flow = kit.request_flow("resource = a", "resource = b")
    assert [one.code for one in flow.came(0, kit.form(resource="a")).failures] == ["SQ551"]


def test_a_closed_request_has_no_undrawn_query(kit: Any) -> None:
    """`nothing else` closes the query and the body."""
    flow = kit.request_flow("a = 1", "nothing else", label="POST /token?t=1")
    assert flow.came(0, kit.form("https://auth.test/token?t=1", a="1")).failures == ()
    flow = kit.request_flow("a = 1", "nothing else", label="POST /token?t=1")
    failures = flow.came(0, kit.form("https://auth.test/token?t=1&u=2", a="1", b="2")).failures
    assert [failure.code for failure in failures] == ["SQ557"]
    assert "`u`, `b`" in failures[0].message


def test_the_drawn_query_of_a_target_is_checked(kit: Any) -> None:
    """Drawn query fields come in any order; undrawn ones may come beside them."""
    label = "GET /users?page=2&size=10"

    assert (
        kit.check_request("a absent", Request("GET", "https://auth.test/users?size=10&page=2&x=1"), label=label) == []
    )
    failures = kit.check_request("a absent", Request("GET", "https://auth.test/users?size=10&page=3"), label=label)
    assert [failure.code for failure in failures] == ["SQ550"]


def test_json_where_a_form_is_drawn_fails(kit: Any) -> None:
    """RFC 6749 section 3.2 asks for a form; a drawing that says nothing else means one."""
    body = Request("POST", "https://auth.test/token", Headers([("Content-Type", "application/json")]), b'{"a": "1"}')

    assert "SQ565" in [one.code for one in kit.check_request("a = 1", body)]
    flow = kit.request_flow("Content-Type: application/json", 'a = "1"')
    assert flow.came(0, body).failures == ()


def test_a_bare_field_of_a_post_does_not_cover_the_query(kit: Any) -> None:
    """`nothing else` means the query too."""
    flow = kit.request_flow("a = 1", "nothing else")

    failures = flow.came(0, kit.form("https://auth.test/token?a=1", a="1")).failures
    assert [one.code for one in failures] == ["SQ557", "SQ564"]


@pytest.mark.parametrize(
    ("label", "lines", "query", "found"),
    [
        ("GET /x?a=1", ["a = 1"], "a=1&a=evil", ["SQ550"]),
        ("GET /x?a=1", ["a = 1"], "a=evil&a=1", ["SQ550"]),
        ("GET /x?a=1", ["a = 1"], "a=1&a=1", []),
        ("GET /x?a=1", ["a = 1"], "a=1", []),
        ("GET /x?a=1", ["a = 2"], "a=1&a=2", []),
        ("GET /x?a=1", ["a = 2"], "a=2&a=1", []),
        ("GET /x?a={new n}", ["a = 2"], "a=1&a=2", []),
        ("GET /x?a={new n}", ["a = 2"], "a=1&a=3", ["SQ550"]),
        ("GET /x", ["a = 1", "query.a = 1"], "a=1&a=evil", ["SQ550"]),
        ("GET /x", ["a = 1", "query.a = 2"], "a=1&a=2", []),
        ("GET /x", ["a = 1", "[a = 2]"], "a=1", []),
        ("GET /x", ["a = 1", "[a = 2]"], "a=1&a=2", []),
        ("GET /x", ["a = 1", "[a = 2]"], "a=1&a=3", ["SQ550"]),
        ("GET /x", ["a = 1", "a = 2"], "a=1", ["SQ551"]),
    ],
)
def test_a_field_that_is_drawn_in_two_places_is_drawn_twice(
    kit: Any, label: str, lines: list[str], query: str, found: list[str]
) -> None:
    """In the target and below it, bare and with its place: each value that comes is one of the drawn ones."""
    flow = kit.request_flow(*lines, label=label)

    report = flow.came(0, Request("GET", f"https://auth.test/x?{query}"))
    assert [failure.code for failure in report.failures] == found


@pytest.mark.parametrize(("second", "found"), [("2", []), ("evil", ["SQ550"])])
def test_a_field_of_a_form_that_is_drawn_with_and_without_its_place(kit: Any, second: str, found: list[str]) -> None:
    """The same for a form."""
    flow = kit.request_flow("a = 1", "form.a = 2")

    assert [failure.code for failure in flow.came(0, kit.form(a=["1", second])).failures] == found


def test_what_is_null_is_not_another_value(kit: Any) -> None:
    """It is not there, and `x != v` of what is not there fails."""
    for line in ("x != 5", "x != null"):
        assert [failure.code for failure in kit.check(line, kit.json({"x": None}))] == ["SQ550"]
    assert kit.check("x != null", kit.json({"x": 5})) == []


def test_a_field_of_several_forms_is_drawn_in_each(kit: Any) -> None:
    """The user may send any of them."""
    pytest.importorskip("lxml")
    page = b'<form><input name="login" value="alice"></form><form><input name="login" value="%s"></form>'
    html = Headers([("Content-Type", "text/html")])

    assert kit.check("form.login = alice", Response(200, html, page % b"alice")) == []
    bad = kit.check("form.login = alice", Response(200, html, page % b"bob"))
    assert [failure.code for failure in bad] == ["SQ550"]


def test_to_begin_with_nothing_is_no_promise(kit: Any) -> None:
    """As to contain it is none: what `{name}` stands for came empty."""
    outside = {"prefix": ""}

    for line in ("x starts with {prefix}", "x contains {prefix}"):
        assert [failure.code for failure in kit.check(line, kit.json({"x": "a"}), outside=outside)] == ["SQ550"]
