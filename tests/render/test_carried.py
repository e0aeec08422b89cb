"""Secrets in messages: by the names of their fields, wherever those stand."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from seqtest.exchange import Action, Headers, Request, Response, Result
from seqtest.render.carried import carried
from seqtest.render.mask import Masker, secrets_of_trace
from seqtest.render.wire import in_short, laid_out
from seqtest.trace import Bindings, Occurrence, Trace

SECRET = "Hx7-secretvalue-Qz93"
OPAQUE = "rI8xCQd2k7nVv0b-Qm1yYx3T9Zp4LwEoUa6Hs5JgFNc"


def form(text: str) -> Request:
    headers = Headers([("Content-Type", "application/x-www-form-urlencoded")])
    return Request("POST", "https://a.test/x", headers, text.encode())


def answer(body: Any) -> Response:
    return Response(200, Headers(), (body if isinstance(body, str) else json.dumps(body)).encode())


def request(name: str, value: str) -> Request:
    return Request("GET", "https://a.test/x", Headers([(name, value)]))


def part(name: str) -> str:
    return f"--x\r\nContent-Disposition: form-data; {name}\r\n\r\n{SECRET}\r\n--x--"


PLACES: dict[str, Any] = {
    "JSON in a form": form("request=" + quote_plus(json.dumps({"password": SECRET}))),
    "a form that ends a line": form(f"password={SECRET}\n"),
    "a form over two lines": form(f"password={SECRET}&\r\na=b"),
    "brackets in a form": form(f"user[password]={SECRET}"),
    "a key in a form": form("jwk=" + quote_plus(json.dumps({"kty": "EC", "d": SECRET}))),
    "JSON in JSON": answer({"body": json.dumps({"password": SECRET})}),
    "a form in JSON": answer({"body": f"grant_type=password&password={SECRET}"}),
    "an address in JSON": answer({"redirect": f"https://a.test/cb?code={SECRET}&state=1"}),
    "a fragment in JSON": answer({"redirect": f"https://a.test/cb#access_token={SECRET}"}),
    "pairs": answer([["password", SECRET]]),
    "a name and its value": answer([{"name": "password", "value": SECRET}]),
    "a list": answer({"tokens": [SECRET]}),
    "an object": answer({"token": {"value": SECRET, "type": "bearer"}}),
    "a new one": answer({"password": {"new": SECRET}}),
    "JSON behind a byte order mark": answer("\ufeff" + json.dumps({"password": SECRET})),
    "half of JSON": answer('{"password": "' + SECRET + '", '),
    "Python's dictionary": answer("{'password': '" + SECRET + "'}"),
    "lines of JSON": answer(json.dumps({"password": SECRET}) + "\n" + json.dumps({"a": 1})),
    "JSONP": answer("cb(" + json.dumps({"access_token": SECRET}) + ")"),
    "JSON behind a guard": answer(")]}'\n" + json.dumps({"access_token": SECRET})),
    "GraphQL": answer({"query": f'mutation {{ login(user:"a", password:"{SECRET}") {{ id }} }}'}),
    "YAML": answer(f"password: {SECRET}\nuser: a"),
    "an ini file": answer(f"user=a\npassword={SECRET}\nx=1"),
    "an attribute": answer(f'<user name="a" password="{SECRET}"/>'),
    "CDATA": answer(f"<a><password><![CDATA[{SECRET}]]></password></a>"),
    "a page's field": answer(f'<input title="a>b" name="password" value="{SECRET}">'),
    "a field for passwords": answer(f'<form><input type="password" name="kennwort" value="{SECRET}"></form>'),
    "a hidden field": answer(f'<form><input type="hidden" name="xyz" value="{SECRET}"></form>'),
    "a text of a page": answer(f'<form><textarea name="token">{SECRET}</textarea></form>'),
    "a page's head": answer(f'<html><meta name="csrf-token" content="{SECRET}"></html>'),
    "a link": answer(f'<html><a href="/cb?a=b&amp;code={SECRET}">x</a></html>'),
    "a script": answer(f'<html><script>window.token = "{SECRET}";</script></html>'),
    "a log": answer(f"login failed, token={SECRET} is wrong"),
    "multipart without quotes": answer(part("name=password")),
    "multipart behind words": answer("\r\nhello\r\n" + part('filename="a"; name="password"')),
    "a redirect in a redirect": Response(
        302, Headers([("Location", f"/login?next={quote('/cb?code=' + SECRET, '')}")])
    ),
    "Refresh": Response(200, Headers([("Refresh", f"0; url=https://a.test/cb?code={SECRET}")])),
    "Link": Response(200, Headers([("Link", f"<https://a.test/cb?code={SECRET}>; rel=next")])),
    "a challenge": request("WWW-Authenticate", f'DPoP nonce="x", token="{SECRET}"'),
    "a field of one's own": request("X-Session", SECRET),
    "a scheme in another field": request("Authentication", f"Bearer {SECRET}"),
    "no scheme": request("Authorization", SECRET),
    "Digest": request("Authorization", f'Digest username="a", response="{SECRET}"'),
    "a cookie without a name": request("Cookie", SECRET),
    "a cookie in quotes": request("Cookie", f'sid="{SECRET}"; a=b'),
    "a path": Request("GET", f"https://a.test/reset-password/{SECRET}"),
    "a parameter of a path": Request("GET", f"https://a.test/cb;jsessionid={SECRET}"),
    "an address with a password": Request("GET", f"https://user:{SECRET}@a.test/cb"),
    "a value": Result(json.dumps({"password": SECRET})),
    "a field of a value": Result("x", {"accessToken": SECRET}),
    "an error": Response(500, cause=ValueError(f"cannot log in: password={SECRET}, user=alice")),
    "an error of an action": Result(error="LoginFailed", cause=ValueError({"client_secret": SECRET})),
    "words": Action(f"log in with password={SECRET}"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_known_wherever_it_stands(place: str) -> None:
    """It is hidden in its own message, and in what somebody says of it later."""
    content = PLACES[place]
    masker = Masker(carried(content))
    shown = [*laid_out(content, masker, max_lines=400), in_short(content, masker), masker.text(f"wrong: {SECRET}!")]

    assert [line for line in shown if SECRET in line] == []


def test_an_opaque_token_among_the_words_of_an_action_is_known() -> None:
    """As a token store is told of it; an id, which is shorter, and words are not."""
    assert set(carried(Action(f"save token {OPAQUE}"))) == {OPAQUE}
    assert set(carried(Action("is 7x3kQ2mRt0bVnY5pLw8eZg revoked"))) == set()


@pytest.mark.parametrize(
    "content",
    [
        answer({"error": "invalid_token", "error_description": "the token: expired, or its code = wrong"}),
        answer({"token_type": "Bearer", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}),
        answer({"error_codes": ["E1001"], "country_code": "4711", "status_code": "5000"}),
        answer("<p>token: invalid</p>"),
        answer({"usage": {"total_tokens": 15000}, "max_tokens": 4096}),
        answer("token: expired\ncode: 4711"),
        Response(500, cause=ValueError("token: expired")),
        answer('<input type="hidden" name="state" value="Zx81kLmN0pQrStUvWx">'),
        answer('<input type="hidden" name="order" value="123e4567-e89b-12d3-a456-426614174000">'),
        request("WWW-Authenticate", 'Bearer realm="api", error="invalid_token", resource_metadata="https://a.test/m"'),
        request("Access-Control-Allow-Credentials", "true"),
        Request("GET", "https://a.test/oauth/token/introspection-endpoint"),
        Request("GET", "https://a.test/users/123e4567-e89b-12d3-a456-426614174000"),
        Action("find user alice"),
    ],
)
def test_what_is_no_secret_is_left_alone(content: Any) -> None:
    """Words of prose, names of errors, ids and challenges stay readable."""
    assert {secret for secret in carried(content) if len(secret) > 3} == set()


def occurrences(*contents: Any) -> Iterator[Occurrence]:
    return (Occurrence(index, "a", "b", content, 0.0, Bindings()) for index, content in enumerate(contents))


def test_what_is_typed_into_a_field_for_passwords_is_one() -> None:
    """Whatever the field is called; another form's field of that name, too."""
    page = answer('<form method="post"><input name="who"><input name="geheim" TYPE=password></form>')
    trace = Trace("x", tuple(occurrences(page, form(f"who=alice&geheim={SECRET}"))))

    assert set(secrets_of_trace(trace)) - {""} == {SECRET}


def test_what_is_let_by_or_not_told_is_looked_at() -> None:
    """A quiet request's secret, and one in an answer that has no place, turn up in errors as any other does."""
    quiet, untold = occurrences(form(f"password={SECRET}"), answer({"token": OPAQUE}))

    assert set(secrets_of_trace(Trace("x", (), let_by=(quiet,), untold=(untold,)))) == {SECRET, OPAQUE}


def test_half_a_character_is_no_crash() -> None:
    """JSON may hold it, in a secret as anywhere."""
    content = answer('{"token": "\\ud800abcdefgh"}')

    assert "abcdefgh" not in "\n".join(laid_out(content, Masker(carried(content))))


@pytest.mark.parametrize("before", range(4))
def test_a_secret_is_found_inside_base64(before: int) -> None:
    """Wherever in what was encoded it begins, in both alphabets."""
    text = f"{'?' * before}{SECRET}>>>".encode()
    for encoded in (base64.b64encode(text).decode(), base64.urlsafe_b64encode(text).decode()):
        shown = Masker([SECRET]).text(encoded).partition("…")[0]
        assert len(shown) < len(encoded) - 16


@pytest.mark.parametrize("gap", ["\n", "\r\n", "  \n\t  ", "\n\n"])
def test_a_secret_over_the_end_of_a_line_is_found(gap: str) -> None:
    """Only that is cut which belongs to it."""
    text = f"one\n  bad {SECRET[:7]}{gap}{SECRET[7:]} here\ntwo {SECRET} three\n"

    assert Masker([SECRET]).text(text) == "one\n  bad Hx7-s… here\ntwo Hx7-s… three\n"
