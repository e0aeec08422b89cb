"""Bodies that say nothing, or something else, of what they are."""

from typing import Any

import pytest

from seqtest.exchange import Headers, Request, Response

JSON = ("Content-Type", "application/json")
FORM = ("Content-Type", "application/x-www-form-urlencoded")


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


def answered(body: bytes, *headers: tuple[str, str]) -> Response:
    return Response(200, Headers(headers), body)


def post(body: bytes, *headers: tuple[str, str]) -> Request:
    return Request("POST", "https://auth.test/token", Headers(headers), body)


@pytest.mark.parametrize("line", ["a = 1", "json.a = 1", "b absent", "json.b absent", "[a = 1]", "a : object"])
def test_json_fields_of_an_answer_that_has_no_content_type(kit: Any, line: str) -> None:
    """A client need not take such a body for JSON."""
    body = b'{"a": {}}' if "object" in line else b'{"a": 1}'
    below = () if "object" not in line else ("c absent",)

    assert codes(kit.check(line, answered(body, JSON), *below)) == []
    (failure,) = kit.check(line, answered(body), *below)
    assert failure.code == "SQ571"
    assert (failure.expected, failure.got) == ("Content-Type: application/json", "no Content-Type")
    assert "`Content-Type absent`" in failure.do


def test_an_empty_content_type_is_none(kit: Any) -> None:
    """RFC 9110 section 8.3.1: a media type has a type and a subtype."""
    assert codes(kit.check("a = 1", answered(b'{"a": 1}', ("Content-Type", "")))) == ["SQ571"]


def test_a_missing_content_type_that_is_drawn(kit: Any) -> None:
    """Who draws it missing means it, and may read the body all the same."""
    flow = kit.answer_flow("Content-Type absent", "a = 1")
    flow.compose(0)

    assert codes(flow.came(1, answered(b'{"a": 1}')).failures) == []
    assert codes(flow.came(1, answered(b'{"a": 1}', JSON)).failures) == ["SQ552"]


def test_json_fields_named_outright_of_a_body_that_is_said_to_be_something_else(kit: Any) -> None:
    """`json.a` says where to look, not that the answer may call itself a page."""
    text = ("Content-Type", "text/plain; charset=utf-8")

    assert codes(kit.check("json.a = 1", answered(b'{"a": 1}', text))) == ["SQ571"]
    assert codes(kit.check("a = 1", answered(b'{"a": 1}', text))) == ["SQ556"]
    assert codes(kit.check("json.a = 1", answered(b'{"a": 1}', ("Content-Type", "application/problem+json")))) == []
    flow = kit.answer_flow("Content-Type: text/plain", "json.a = 1")
    flow.compose(0)
    assert codes(flow.came(1, answered(b'{"a": 1}', text)).failures) == []


@pytest.mark.parametrize("line", ["a = 1", "form.a = 1", "b absent", "nothing else"])
def test_a_form_that_has_no_content_type(kit: Any, line: str) -> None:
    """A server reads no fields from it."""
    drawn = (line,) if line != "nothing else" else ("a = 1", line)
    flow = kit.request_flow(*drawn)

    assert codes(flow.came(0, post(b"a=1", FORM)).failures) == []
    assert codes(flow.came(0, post(b"a=1")).failures) == ["SQ571"]


def test_a_json_request_that_has_no_content_type(kit: Any) -> None:
    """`json.a` draws JSON, and JSON says so."""
    assert codes(kit.check_request("json.a = 1", post(b'{"a": 1}', JSON))) == []
    assert codes(kit.check_request("json.a = 1", post(b'{"a": 1}'))) == ["SQ571"]


def test_a_body_of_which_no_field_is_drawn_may_be_anything(kit: Any) -> None:
    """Contents are open; and what has no body needs no type."""
    assert codes(kit.check("body contains hello", answered(b"hello"))) == []
    assert codes(kit.check("X-Id present", answered(b'{"a": 1}', ("X-Id", "1")))) == []
    assert codes(kit.check("[a = 1]", answered(b""))) == []
    assert codes(kit.check_request("query.a absent", post(b"b=1"))) == []


def test_fields_of_a_query_need_no_content_type(kit: Any) -> None:
    """A GET has them in its target."""
    flow = kit.request_flow("a = 1", label="GET /token")

    assert codes(flow.came(0, Request("GET", "https://auth.test/token?a=1", Headers(), b"")).failures) == []


@pytest.mark.parametrize("lines", [(), ("b = 2",)])
def test_json_that_is_drawn_is_sent_as_json(kit: Any, lines: tuple[str, ...]) -> None:
    """With what the note adds; only a drawn `Content-Type` makes it a form."""
    label = 'POST /token {"a": {"c": [1, null]}}'

    sent = kit.request_flow(*lines, label=label).compose(0)
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.body == (b'{"a":{"c":[1,null]},"b":2}' if lines else b'{"a":{"c":[1,null]}}')
    form = kit.request_flow("Content-Type: application/x-www-form-urlencoded", label='POST /token {"a": 1}').compose(0)
    assert form.body == b"a=1"
    assert kit.request_flow(label='DELETE /token {"a": 1}').compose(0).url.endswith("/token?a=1")


def test_a_form_where_json_is_drawn(kit: Any) -> None:
    """Braces with quoted names are JSON: a form with the same fields is another body."""
    flow = kit.request_flow(label='POST /token {"a": "1"}', bound=("client",))

    assert codes(flow.came(0, post(b'{"a": "1"}', JSON)).failures) == []
    assert codes(flow.came(0, post(b'{"a": "1"}', ("Content-Type", "application/vnd.x+json"))).failures) == []
    (failure,) = flow.came(0, post(b"a=1", FORM)).failures
    assert (failure.code, failure.expected) == ("SQ571", "Content-Type: application/json")


def test_a_body_that_is_drawn_as_json_says_so(kit: Any) -> None:
    """What is drawn as text is text, unless JSON's readers read it."""
    for body, kind in {
        '{"a": [1]}': "application/json",
        "[]": "application/json",
        '"[link]"': "text/plain; charset=utf-8",
        "{new x} is new": "text/plain; charset=utf-8",
    }.items():
        assert kit.request_flow(f"body = {body}").compose(0).headers["Content-Type"] == kind
    assert kit.request_flow(label="POST /token {}").compose(0).headers["Content-Type"] == "application/json"
