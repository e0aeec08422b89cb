"""What a scripted sender sends: exactly what is drawn."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

import pytest

from seqtest.auth.jwt import read
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Action, Request, Result


def sent(kit: Any, *lines: str, label: str = "POST /token", **more: Any) -> Request:
    flow = kit.request_flow(*lines, label=label, bound=("auth",), **more)
    request = flow.compose(0)
    assert isinstance(request, Request)
    return request


def answered(kit: Any, *lines: str, label: str = "200 OK", **more: Any) -> Any:
    flow = kit.answer_flow(*lines, label=label, bound=("client",), **more)
    flow.came(0, kit.form())
    return flow.compose(1)


def test_a_form_is_sent_as_drawn(kit: Any) -> None:
    """Form-encoded, in drawn order, with the Content-Type that it needs and nothing else."""
    request = sent(kit, "grant_type = password", "username = al ice", "n = 300")

    assert (request.method, request.url) == ("POST", "https://auth.test/token")
    assert request.body == b"grant_type=password&username=al+ice&n=300"
    assert list(request.headers) == [("Content-Type", "application/x-www-form-urlencoded")]


def test_a_get_sends_its_fields_in_the_query(kit: Any) -> None:
    """Beside those of the target."""
    request = sent(kit, "state = a b", "form.x absent", label="GET /auth?client_id=web")

    assert request.url == "https://auth.test/auth?client_id=web&state=a+b"
    assert request.body == b""


def test_json_is_sent_under_its_content_type(kit: Any) -> None:
    """With types, nested as the paths say."""
    request = sent(kit, "Content-Type: application/json", "n = 3", "sub = 1", "user.name = A", "roles[0] = x")

    assert json.loads(request.body) == {"n": 3, "sub": "1", "user": {"name": "A"}, "roles": ["x"]}


def test_deeply_nested_json_is_sent(kit: Any) -> None:
    """As deep as it can be written and read."""
    deep = "[" * 900 + "]" * 900

    assert json.loads(sent(kit, "Content-Type: application/json", f"deep = {deep}").body)["deep"]


def test_what_is_put_into_drawn_json_is_sent_anew_each_time(kit: Any) -> None:
    """In the next iteration of a loop, too, the line `roles = []` stands for an empty array."""
    lines = ("Content-Type: application/json", "roles = []", "roles[1] = x", "user = {}", "user.name = A")
    flow = kit.request_flow(*lines, label="POST /token", bound=("auth",))

    bodies = [json.loads(flow.compose(0).body) for _ in range(3)]

    assert bodies == [{"roles": ["x"], "user": {"name": "A"}}] * 3


def test_headers_cookies_and_bodies_are_sent(kit: Any) -> None:
    """Each in its place."""
    request = sent(kit, "X-Trace: a b", "cookie.session = abc", "body = hello")

    assert request.headers.get("X-Trace") == "a b"
    assert request.headers.get("Cookie") == "session=abc"
    assert request.body == b"hello"


def test_a_field_drawn_twice_is_sent_twice(kit: Any) -> None:
    """Drawing it twice is the one way to send it twice."""
    assert sent(kit, "resource = a", "resource = b").body == b"resource=a&resource=b"


def test_absent_and_unchecked_lines_send_nothing(kit: Any) -> None:
    """Only what is drawn to be there is sent."""
    assert sent(kit, "a = 1", "client_secret absent", "Authorization absent").body == b"a=1"


def test_values_that_comparisons_give(kit: Any) -> None:
    """The bound, the first of several, the beginning, the example."""
    request = sent(kit, "a <= 3", "b >= 4", "c in x, y", "d starts with z", "e matches /[0-9]+/ e.g. 42", "[f = 1]")

    assert request.body == b"a=3&b=4&c=x&d=z&e=42&f=1"


@pytest.mark.parametrize("line", ["a matches /x/", "a contains x", "a lacks x", "a < 3", "a > 3", "a != 3", "a : jwe"])
def test_what_leaves_the_value_open_needs_an_example(kit: Any, line: str) -> None:
    """A scripted sender never guesses."""
    with pytest.raises(UnplayableScenario) as caught:
        sent(kit, line)

    assert caught.value.finding.code == "SQ365"


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("a : opaque", r"[\w-]{43}"),
        ("a : string", r"[\w-]{43}"),
        ("a : uuid", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("a : integer", r"[1-9]\d*"),
        ("a : url", r"https://client\.test/[\w-]{43}"),
        ("a : timestamp", r"1767225600"),
        ("a : boolean", "true"),
        ("a present", r"[\w-]{43}"),
        ("a unique", r"[\w-]{43}"),
        ("a = {new x}", r"[\w-]{43}"),
    ],
)
def test_types_and_words_send_fresh_values(kit: Any, line: str, pattern: str) -> None:
    """Of the drawn type, another one each time."""
    (value,) = parse_qs(sent(kit, line).body.decode())["a"]

    assert re.fullmatch(pattern, value)


def test_equal_runs_make_equal_values(kit: Any) -> None:
    """What is made up comes from the run's seed."""
    assert sent(kit, "a = {new x}").body == sent(kit, "a = {new x}").body


def test_a_value_made_up_once_stays_the_same_in_its_message(kit: Any) -> None:
    """`{new x}` twice in a message is one value, and both ends know it."""
    flow = kit.request_flow("a = {new x}", "b = {new x}", bound=("auth",))

    form = parse_qs(flow.compose(0).body.decode())

    assert form["a"] == form["b"]
    assert flow.bindings.known["client"]["x"] == flow.bindings.known["auth"]["x"] == form["a"][0]


def test_targets_are_filled_in_and_encoded(kit: Any) -> None:
    """A value in a path cannot become a query."""
    request = sent(kit, label="GET /users/{id}?q={q}", outside={"id": "a b?c", "q": "1&2"})

    assert request.url == "https://auth.test/users/a%20b%3Fc?q=1%262"


def test_an_absolute_target_must_be_the_receivers(kit: Any) -> None:
    """Else the drawing and the wire would disagree about who is asked."""
    assert sent(kit, label="GET https://auth.test/x").url == "https://auth.test/x"
    with pytest.raises(UnplayableScenario) as caught:
        sent(kit, label="GET https://evil.test/x")
    assert caught.value.finding.code == "SQ366"


def test_a_redirect_is_followed_by_drawing_it(kit: Any) -> None:
    """`GET {Location}` goes to the last redirect, relative ones too."""
    flow = kit.flow(
        "client -> auth : GET /a\nauth --> client : 302\nnote left : Location: /b\n"
        "client -> auth : GET {Location}\nauth --> client : 200"
    )
    flow.compose(0)
    flow.came(1, kit.replace(kit.json({}, 302, Location="/b?x=1")))

    assert flow.compose(2).url == "https://auth.test/b?x=1"


def test_a_json_answer_is_sent(kit: Any) -> None:
    """With types: in a response bare fields are JSON."""
    answer = answered(kit, "Cache-Control: no-store", "token_type = Bearer", "expires_in = 300", "active = true")

    assert answer.status == 200
    assert json.loads(answer.body) == {"token_type": "Bearer", "expires_in": 300, "active": True}
    assert answer.headers.get("Content-Type") == "application/json"


@pytest.mark.parametrize(
    ("label", "status"), [("401 or 403", 401), ("2xx", 200), ("3xx", 302), ("204", 204), ("{status}", 418)]
)
def test_the_first_drawn_status_is_sent(kit: Any, label: str, status: int) -> None:
    """Of a class its plainest one."""
    assert answered(kit, label=label, outside={"status": 418}).status == status


def test_a_token_is_sent_in_a_cookie(kit: Any) -> None:
    """With the cookie's attributes behind it."""
    answer = answered(kit, "cookie.at : jwt", "  sub = alice", "  HttpOnly", "  Path = /", "  signed by mallory")
    token, _, attributes = answer.headers.get("Set-Cookie").removeprefix("at=").partition("; ")

    assert read(token).claims["sub"] == "alice"
    assert attributes == "HttpOnly; Path=/"


def test_blocks_are_sent(kit: Any) -> None:
    """A redirect's query, a challenge's parameters, a cookie's attributes, an object's members."""
    answer = answered(
        kit,
        "Location: https://c.test/cb",
        "  state = a b",
        "  fragment.x = 1",
        "WWW-Authenticate: Bearer",
        "  error = invalid_token",
        "cookie.session = abc",
        "  HttpOnly",
        "  SameSite = Lax",
        "user : object",
        "  name = A",
        "p : base64url json",
        "  sub = 1",
        label="401",
    )

    assert answer.headers.get("Location") == "https://c.test/cb?state=a+b#x=1"
    assert answer.headers.get("WWW-Authenticate") == 'Bearer error="invalid_token"'
    assert answer.headers.get("Set-Cookie") == "session=abc; HttpOnly; SameSite=Lax"
    assert json.loads(answer.body)["user"] == {"name": "A"}
    assert json.loads(answer.body)["p"] == "eyJzdWIiOiIxIn0"


def test_actions_and_their_answers_are_sent(kit: Any) -> None:
    """The text with its values, the note's fields, an exception by its name."""
    text = (
        "client -> auth : find user {id}\nnote left : limit = 3\nauth --> client : Alice\nnote left : disabled = false"
    )
    flow = kit.flow(text, bound=("auth",), outside={"id": "7"})
    assert flow.compose(0) == Action("find user 7", {"limit": 3})
    flow = kit.flow(text, bound=("client",), outside={"id": "7"})
    flow.came(0, Action("find user 7", {"limit": 3}))
    assert flow.compose(1) == Result("Alice", {"disabled": False})
    flow = kit.flow("client -> auth : find\nauth --> client : error: NotFound", bound=("client",))
    flow.came(0, Action("find"))
    assert flow.compose(1) == Result(None, {}, "NotFound")


def test_functions_compute_from_what_is_known(kit: Any) -> None:
    """The message's own fields come first."""
    request = sent(kit, "code_challenge = {S256(new v)}", "h = {S256(x)}", "x = abc", outside={"x": "other"})
    form = parse_qs(request.body.decode())

    assert form["h"] == ["ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"]
    assert len(form["code_challenge"][0]) == 43


def test_basic_is_form_encoded(kit: Any) -> None:
    """RFC 6749 section 2.3.1."""
    request = sent(kit, 'Authorization: Basic {basic("web", secret)}', outside={"secret": "a:b"})

    assert request.headers.get("Authorization") == "Basic d2ViOmElM0Fi"


@pytest.mark.parametrize(
    "lines",
    [("form.a = 1", "json.b = 2"), ("a = 1", "body = text")],
)
def test_contradictions_are_not_sent(kit: Any, lines: tuple[str, ...]) -> None:
    """Nothing that is drawn is left out in silence."""
    with pytest.raises(UnplayableScenario) as caught:
        sent(kit, *lines)

    assert caught.value.finding.code == "SQ365"


def test_a_json_array_can_be_sent_and_checked(kit: Any) -> None:
    """`json[0].x` begins at the body itself."""
    answer = answered(kit, "json[0].kid = a", "json[1].kid = b")

    assert json.loads(answer.body) == [{"kid": "a"}, {"kid": "b"}]
    assert kit.check("json[*].kid present", answer) == []
    assert [one.code for one in kit.check("json[*].d present", answer)] == ["SQ551"]


@pytest.mark.parametrize("line", ["a = 1", "json.a = 1", "body = hello"])
def test_a_type_that_is_drawn_as_absent_is_not_sent(kit: Any, line: str) -> None:
    """A server that must refuse such a body is given one; so is a client."""
    assert sent(kit, line, "Content-Type absent").headers.get("Content-Type") is None
    assert sent(kit, line).headers.get("Content-Type") is not None
    assert answered(kit, line.replace("json.", ""), "content-type absent").headers.get("Content-Type") is None


@pytest.mark.parametrize("line", ["Content-Length: 3", "Transfer-Encoding: chunked"])
def test_a_framing_that_no_connection_sends_cannot_be_drawn(kit: Any, line: str) -> None:
    """It would be left out, and what is drawn never tested."""
    with pytest.raises(UnplayableScenario, match="SQ365"):
        sent(kit, line, "a = 12345")
    assert sent(kit, "Content-Length: 7", "a = 12345").body == b"a=12345"


@pytest.mark.parametrize(
    "line", ["a : object", "a : array", "query.a : object", "header.x-a : array", "cookie.a : object"]
)
def test_where_all_is_text_no_object_is_sent(kit: Any, line: str) -> None:
    """Whoever reads it, this very drawing too, would see a text."""
    with pytest.raises(UnplayableScenario, match=r"write `.*: json`"):
        sent(kit, line)


def test_where_types_count_objects_are_sent(kit: Any) -> None:
    """In JSON."""
    request = sent(kit, "Content-Type: application/json", "a : object", "b : array")

    assert json.loads(request.body) == {"a": {}, "b": []}


@pytest.mark.parametrize("line", ["cookie.a = x; Path=/", "cookie.a = {odd}"])
def test_a_cookie_is_sent_whole_or_not_at_all(kit: Any, line: str) -> None:
    """What stands behind a `;` would be another cookie, or an attribute."""
    with pytest.raises(UnplayableScenario, match="ends a cookie's value"):
        sent(kit, line, outside={"odd": "x;y"})
    with pytest.raises(UnplayableScenario, match="ends a cookie's value"):
        answered(kit, line, "  HttpOnly", outside={"odd": "x;y"})
