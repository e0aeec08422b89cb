"""Messages that look as drawn at first sight, and are not."""

from typing import Any

import pytest

from seqtest.exchange import Headers, Request, Response, Result


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


def post(url: str = "https://auth.test/token", body: bytes = b"", *headers: tuple[str, str]) -> Request:
    return Request("POST", url, Headers(headers), body)


FORM = ("Content-Type", "application/x-www-form-urlencoded")


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


@pytest.mark.parametrize(
    "request_", [post("https://auth.test/token?a=1", b"b=1", FORM), post("https://auth.test/token", b"a=1", FORM)]
)
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


@pytest.mark.parametrize(
    ("line", "bad", "good"),
    [
        ("ids lacks 5", {"ids": ["5"]}, {"ids": ["55"]}),
        ("aud != evil", {"aud": ["good", "evil"]}, {"aud": ["good"]}),
        ("Cache-Control:", {}, None),
        ("[keys[*].d absent]", {"keys": {"d": "x"}}, {}),
        ("at : timestamp", {"at": "2026-13-45T99:99:99Z"}, {"at": "2026-12-31T23:59:60Z"}),
        ("token : opaque", {"token": "eyAiYWxnIjogIm5vbmUiIH0.eyJzdWIiOiJ4In0."}, {"token": "abc"}),
    ],
)
def test_of_two_readings_the_stricter_one_holds(kit: Any, line: str, bad: Any, good: Any) -> None:
    """Each line holds of the second value, and is broken by the first."""
    if good is not None:
        assert kit.check(line, kit.json(good)) == []
    assert len(kit.check(line, kit.json(bad, Cache_Control="public"))) == 1


@pytest.mark.parametrize("line", ["n : number", "n : integer", "n : timestamp", "n = now + 5 minutes", "n >= 1"])
@pytest.mark.parametrize("number", [b"1e999", b"9" * 400])
def test_a_number_without_bounds_is_none(kit: Any, line: str, number: bytes) -> None:
    """Other readers take infinity, an error, or another number."""
    body = Response(200, Headers([("Content-Type", "application/json")]), b'{"n": ' + number + b"}")

    assert len(kit.check(line, body)) == 1


def test_json_in_a_label_says_its_types(kit: Any) -> None:
    """`{"sub": 123}` is no string, although `sub = 123` is."""
    flow = kit.answer_flow(label='200 OK {"sub": 123}')
    flow.compose(0)

    assert codes(flow.came(1, kit.json({"sub": "123"})).failures) == ["SQ553"]
    assert codes(flow.came(1, kit.json({"sub": 123})).failures) == []


def test_a_name_that_other_json_has_for_numbers_is_compared_as_drawn(kit: Any) -> None:
    """`code = 42` is the number in JSON."""
    assert kit.check("code = 42", kit.json({"code": 42})) == []
    assert codes(kit.check("code = 42", kit.json({"code": "42"}))) == ["SQ553"]


def test_an_empty_object_is_drawn_whatever_blanks_come(kit: Any) -> None:
    """`200 OK {}` is JSON."""
    flow = kit.answer_flow(label="200 OK {}")
    flow.compose(0)

    assert codes(flow.came(1, kit.replace(kit.json({}), body=b"{ }\n")).failures) == []
    assert codes(flow.came(1, kit.json({"a": 1})).failures) == ["SQ550"]


def test_a_page_with_json_in_it_is_a_page(kit: Any) -> None:
    """Fields are JSON's; the finding says how the body begins, without a secret."""
    page = Response(200, Headers([("Content-Type", "text/html")]), b"<!doctype html>\n<p>" + b"s" * 40 + b'{"a": 1}')
    (failure,) = kit.check("a = 1", page)

    assert failure.code == "SQ556"
    assert "text/html, not JSON" in failure.message
    assert failure.got == '<!doctype html> <p>ssssssss…{"a": 1}'


def test_two_challenges_of_one_scheme_are_not_one(kit: Any) -> None:
    """Lines below would test one of them."""
    two = Response(401, Headers([("WWW-Authenticate", 'Bearer realm="x"'), ("WWW-Authenticate", 'Bearer error="e"')]))

    assert codes(kit.check("WWW-Authenticate: Bearer", two, "error absent")) == ["SQ555"]


def test_a_closed_challenge_has_no_token(kit: Any) -> None:
    """`Bearer abc==` carries something."""
    came = Response(401, Headers([("WWW-Authenticate", "Bearer abc==")]))

    assert codes(kit.check("WWW-Authenticate: Bearer", came, "nothing else")) == ["SQ557"]


def test_a_closed_redirect_may_carry_what_its_url_draws(kit: Any) -> None:
    """The query of the URL itself is drawn."""
    answer = found_at("https://auth.test/cb?a=1&b=2")

    assert kit.check("Location: https://auth.test/cb?a=1", answer, "b = 2", "nothing else") == []
    assert codes(kit.check("Location: https://auth.test/cb?b=2", answer, "b = 2", "nothing else")) == ["SQ557"]


def test_values_that_are_new_differ_from_each_other(kit: Any) -> None:
    """In one message as in two; one name is one value."""
    same = kit.json({"a": "n1n1", "b": "n1n1", "ids": ["x", "x"]})

    for lines in (("a unique", "b unique"), ("a = {new p}", "b = {new q}"), ("ids[*] unique",)):
        flow = kit.answer_flow(*lines)
        flow.compose(0)
        assert codes(flow.came(1, same).failures) == ["SQ554"], lines
    for lines in (("a = {new p}", "a unique"), ("a = {new p}", "b = {new p}")):
        flow = kit.answer_flow(*lines)
        flow.compose(0)
        assert codes(flow.came(1, same).failures) == [], lines


def test_one_name_is_one_value_in_a_message(kit: Any) -> None:
    """`{new p}` drawn twice is the same value twice."""
    flow = kit.answer_flow("a = {new p}", "b = {new p}")
    flow.compose(0)

    assert codes(flow.came(1, kit.json({"a": "one", "b": "two"})).failures) == ["SQ550"]


def test_a_check_takes_the_senders_own_setting_before_anothers_value(kit: Any) -> None:
    """A drawing means the same, whoever in it is bound."""
    settings = "note over client: client_id = api"
    first = "other -> auth : POST /token\nnote left: client_id = web\nauth --> other : 200 OK\n"
    second = "client -> auth : POST /token\nnote left: client_id = {client_id}\nauth --> client : 200 OK"
    text = f"{settings}\n{first}{second}"
    flow = kit.flow(text, bound=("client",))
    flow.told(0)
    flow.told(1)

    assert codes(flow.came(2, kit.form(client_id="api")).failures) == []


def test_a_token_where_an_opaque_one_is_drawn_is_called_one(kit: Any) -> None:
    """The finding says why it is not opaque."""
    (failure,) = kit.check("access_token : opaque", kit.json({"access_token": kit.token()}))

    assert failure.code == "SQ553"
    assert "it is a JWT" in failure.message


@pytest.mark.parametrize(
    ("came", "why"),
    [
        ("a" * 20 + "b", "they differ behind character 20; 20 characters are promised and 21 came"),
        ("a" * 9 + "b" * 11, "they differ at character 10; 20 characters are promised and 20 came"),
    ],
)
def test_where_secrets_differ_is_said_although_they_are_not_shown(kit: Any, came: str, why: str) -> None:
    """`expected: "aaaaa…" got: "aaaaa…"` alone would tell nothing."""
    (failure,) = kit.check(f"state = {'a' * 20}", kit.json({"state": came}))

    assert failure.why == why
    assert failure.expected == failure.got == 'state = "aaaaa…"'


def test_whose_value_it_was_is_said(kit: Any) -> None:
    """A sender without a value of that name is held against somebody's."""
    first = "other -> auth : POST /token\nnote left: user = web\nauth --> other : 200 OK\n"
    flow = kit.flow(
        first + "client -> auth : POST /token\nnote left: user = {user}\nauth --> client : 200 OK", bound=("client",)
    )
    flow.told(0)
    flow.told(1)

    (failure,) = flow.came(2, kit.form(user="app")).failures
    assert failure.why == "`client` has no `user`: it is the latest one, known to `other` and `auth`"


@pytest.mark.parametrize(
    ("said", "why"), [({}, "`auth` tells nothing of its state"), ({"keys": 1}, "`auth` has `keys`")]
)
def test_a_note_over_a_participant_says_that_it_checks_its_state(kit: Any, said: dict[str, Any], why: str) -> None:
    """It often was meant for the message above."""
    flow = kit.flow("client -> auth : GET /x\nauth --> client : 200 OK\nnote over auth : users present")

    (failure,) = flow.came(2, Result(fields=said)).failures
    assert (failure.code, failure.why) == ("SQ551", why)
    assert "write `note left`" in failure.do


# ---- The address in a header -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.test", "auth.test:444", "auth.test.evil.test", "user@auth.test", "auth.test/x", "", "[::1", "a\\b"]
)
def test_another_host_is_another_address(kit: Any, host: str) -> None:
    """A server goes by the header, wherever the connection leads."""
    assert codes(kit.check_request("a absent", post("https://auth.test/token", b"", ("Host", host)))) == ["SQ569"]


@pytest.mark.parametrize("host", ["auth.test", "AUTH.test", "auth.test:443"])
def test_the_host_of_the_address_is_framing(kit: Any, host: str) -> None:
    """In any case, and with the default port."""
    assert codes(kit.check_request("a absent", post("https://auth.test/token", b"", ("Host", host)))) == []


def test_another_host_may_be_drawn(kit: Any) -> None:
    """Behind a proxy it is meant."""
    request = post("https://auth.test/token", b"", ("Host", "inner.test"))

    assert codes(kit.check_request("Host: inner.test", request)) == []
    assert codes(kit.check_request("Host: other.test", request)) == ["SQ550"]


# ---- What no connection could carry ----------------------------------------------------------------------------------

JSON_TYPE = ("Content-Type", "application/json")


@pytest.mark.parametrize(("method", "status"), [("GET", 204), ("GET", 304), ("HEAD", 200), ("GET", 103)])
def test_a_body_where_there_can_be_none(kit: Any, method: str, status: int) -> None:
    """The next answer on the connection would begin with it."""
    flow = kit.flow(f"client -> auth : {method} /x\nauth --> client : {status}")
    flow.told(0)

    assert codes(flow.came(1, Response(status, Headers(), b"{}")).failures) == ["SQ570"]
    assert codes(flow.came(1, Response(status, Headers([("Content-Length", "2")]), b"")).failures) == []


@pytest.mark.parametrize(("length", "found"), [("7", []), ("999", ["SQ570"]), ("3", ["SQ570"]), ("x", ["SQ570"])])
def test_a_length_that_is_not_the_bodys(kit: Any, length: str, found: list[str]) -> None:
    """The client would wait, or be given half."""
    response = Response(200, Headers([JSON_TYPE, ("Content-Length", length)]), b'{"a":1}')

    assert codes(kit.check("a = 1", response)) == found


def test_a_length_without_a_body(kit: Any) -> None:
    """The client would wait for it."""
    response = Response(200, Headers([("Content-Length", "5")]))

    assert codes(kit.check("a absent", response)) == ["SQ570"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_json_is_in_utf_8(kit: Any, encoding: str) -> None:
    """RFC 8259 section 8.1; a byte order mark may stand before it."""
    assert codes(kit.check("a = é", Response(200, Headers([JSON_TYPE]), '{"a":"é"}'.encode(encoding)))) == ["SQ556"]
    assert codes(kit.check("a = é", Response(200, Headers([JSON_TYPE]), '{"a":"é"}'.encode("utf-8-sig")))) == []


def test_hexadecimal_digits_of_an_address_have_no_case(kit: Any) -> None:
    """RFC 3986 section 6.2.2.1; but `%2F` is no slash."""
    flow = kit.request_flow(label="GET /a%2fb")

    assert flow[0].is_for(Request("GET", "https://auth.test/a%2Fb"), flow.bindings)
    assert not flow[0].is_for(Request("GET", "https://auth.test/a/b"), flow.bindings)
