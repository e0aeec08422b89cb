"""Signed request objects (JAR, RFC 9101), by clause."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from seqtest.auth import jwt
from seqtest.auth.keys import make_key, public_jwk, secret_key
from seqtest.exchange import Headers, Response

SIG = make_key("ES256", "sig", "web")
CALLBACK = "https://web.test/cb"
MORE = {
    "clients.web.redirect_uri": CALLBACK,
    "clients.web.jwks": [public_jwk(SIG)],
    "clients.web.authentication": "client_secret_basic",
}
INSIDE: dict[str, Any] = {
    "iss": "web",
    "aud": "https://auth.example",
    "client_id": "web",
    "response_type": "code",
    "redirect_uri": CALLBACK,
    "state": "inside",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


def signed(key: Any = SIG, header: dict[str, Any] | None = None, **change: Any) -> str:
    claims = {name: value for name, value in {**INSIDE, **change}.items() if value is not None}
    return jwt.sign({"typ": "oauth-authz-req+jwt", **(header or {})}, claims, key)


def ask(stage: Any, request: str, **beside: str) -> Any:
    return stage.get("auth", f"/authorize?{urlencode({'client_id': 'web', 'request': request, **beside})}")


def error_of(answer: Any) -> str:
    return parse_qs(urlsplit(answer.headers.get("Location") or "").query).get("error", [""])[0]


def is_asked(answer: Any) -> bool:
    return (answer.headers.get("Location") or "").startswith("/interaction/")


def test_parameters_come_from_the_object_alone(stage: Any, auth: Any) -> None:
    """RFC 9101 section 6.3: also what it lacks is not taken from beside it."""
    auth(MORE)
    answer = ask(
        stage, signed(scope="read", max_age=5, resource=["https://auth.example"]), state="beside", scope="admin"
    )
    back = parse_qs(urlsplit(stage.interact(answer).headers.get("Location")).query)

    assert back["state"] == ["inside"]
    assert (
        error_of(ask(stage, signed(code_challenge=None), code_challenge=INSIDE["code_challenge"])) == "invalid_request"
    )
    assert error_of(ask(stage, signed(resource="https://x.test"))) == "invalid_target"


@pytest.mark.parametrize("typ", ["oauth-authz-req+jwt", "application/oauth-authz-req+jwt", "JWT", None])
def test_types_that_are_taken(stage: Any, auth: Any, typ: str | None) -> None:
    """RFC 9101 section 10.8, and what OpenID Connect's clients write; `iss` and `aud` may be missing (section 4)."""
    auth(MORE)
    header = {"typ": typ} if typ is not None else {}
    claims = {name: value for name, value in INSIDE.items() if name not in ("iss", "aud")}

    assert is_asked(ask(stage, jwt.sign(header, claims, SIG)))


def test_a_secret_signs_as_well(stage: Any, auth: Any) -> None:
    """RFC 9101 section 6.2: by the key of the client, here its secret; and by the registered algorithm alone."""
    by_secret = signed(secret_key(b"tea-party" * 4))
    auth({"clients.web.redirect_uri": CALLBACK})
    assert error_of(ask(stage, by_secret)) == "invalid_request_object"
    auth({"clients.web.redirect_uri": CALLBACK, "clients.web.secret": "tea-party" * 4})
    assert is_asked(ask(stage, by_secret))
    auth({**MORE, "clients.web.request_object_signing_alg": "PS256"})
    assert error_of(ask(stage, signed())) == "invalid_request_object"


@pytest.mark.parametrize(
    "request_object",
    [
        signed(None),
        signed(make_key("ES256", "sig", "mallory")),
        signed(header={"typ": "at+jwt"}),
        signed(header={"typ": "dpop+jwt"}),
        signed(iss="other"),
        signed(client_id="other"),
        signed(client_id=None),
        signed(aud="https://other.example"),
        signed(aud=["https://other.example"]),
        signed(exp=1),
        signed(exp="9999999999"),
        signed(exp=True),
        signed(nbf=9_999_999_999),
        signed(request="x"),
        signed(request_uri="urn:ietf:params:oauth:request_uri:x"),
        "garbage",
        "a.b.c",
    ],
    ids=map(str, range(99)),  # a signature differs every time
)  # fmt: skip
def test_objects_that_are_refused(stage: Any, auth: Any, request_object: str) -> None:
    """RFC 9101 sections 4, 5 and 7: told to the client where the address beside it is registered, else on a page."""
    auth({**MORE, "clients.two.redirect_uris": f"{CALLBACK} https://two.test/cb"})
    answer = ask(stage, request_object, redirect_uri=CALLBACK, state="beside")
    elsewhere = ask(stage, request_object, redirect_uri="https://evil.test/")

    assert error_of(answer) == "invalid_request_object"
    assert parse_qs(urlsplit(answer.headers.get("Location")).query)["state"] == ["beside"]
    assert (elsewhere.status, elsewhere.headers.get("Location")) == (400, None)


def test_by_value_or_by_reference(stage: Any, auth: Any) -> None:
    """RFC 9101 section 5: never both; section 10.4: no address is fetched."""
    auth(MORE)
    both = ask(stage, signed(), request_uri="https://web.test/r", redirect_uri=CALLBACK)
    query = {"client_id": "web", "redirect_uri": CALLBACK, "request_uri": "https://web.test/r"}

    assert error_of(both) == "invalid_request_object"
    assert error_of(stage.get("auth", f"/authorize?{urlencode(query)}")) == "request_uri_not_supported"
    assert stage.calls == []


@pytest.mark.parametrize("drawn", [{"request_object": "required"}, {"clients.web.require_signed_request_object": True}])
def test_signed_requests_can_be_required(stage: Any, auth: Any, drawn: dict[str, Any]) -> None:
    """RFC 9101 section 10.5, of all clients or of one; pushed requests as well (RFC 9126 section 3)."""
    auth({**MORE, **drawn})
    plain = {name: value for name, value in INSIDE.items() if name not in ("iss", "aud")}
    pushed = stage.post("auth", "/par", {"request": signed()}, auth=("web", "tea-party"))
    query = urlencode({"client_id": "web", "request_uri": stage.json(pushed)["request_uri"]})

    assert error_of(stage.get("auth", f"/authorize?{urlencode(plain)}")) == "invalid_request"
    assert is_asked(ask(stage, signed()))
    assert stage.post("auth", "/par", plain, auth=("web", "tea-party")).status == 400
    assert is_asked(stage.get("auth", f"/authorize?{query}"))


def test_a_pushed_object_that_is_refused(stage: Any, auth: Any) -> None:
    """RFC 9126 section 3: another client's object cannot be pushed."""
    auth({**MORE, "clients.other.redirect_uri": CALLBACK})
    for request, code in (
        (signed(make_key("ES256", "m", "m")), "invalid_request_object"),
        ("x", "invalid_request_object"),
    ):
        answer = stage.post("auth", "/par", {"request": request}, auth=("web", "tea-party"))
        assert (answer.status, stage.json(answer)["error"]) == (400, code)
    answer = stage.post("auth", "/par", {"request": signed()}, auth=("other", "croquet"))
    assert answer.status == 400


REDIRECT = Response(302, Headers([("Location", "https://inner.test/")]))


@pytest.mark.parametrize(
    ("url", "answer", "error", "calls"),
    [
        ("https://inner.test/", Response(200, Headers(), signed().encode()), "", 1),
        ("https://inner.test/", Response(200, Headers(), b"secrets of the inner network"), "invalid_request_object", 1),
        ("https://inner.test/", Response(200, Headers(), signed(None).encode()), "invalid_request_object", 1),
        ("https://inner.test/", Response(404), "invalid_request_uri", 1),
        ("https://inner.test/", REDIRECT, "invalid_request_uri", 6),
        ("https://auth.test/jwks", Response(404), "invalid_request_uri", 0),
        ("https://nobody.test/", Response(404), "invalid_request_uri", 0),
        ("https://inner.test:port/", Response(404), "invalid_request_uri", 1),
        ("https://[", Response(404), "invalid_request_uri", 0),
        ("urn:x", Response(404), "invalid_request_uri", 0),
    ],
)  # fmt: skip
def test_a_server_that_fetches(stage: Any, auth: Any, url: str, answer: Response, error: str, calls: int) -> None:
    """RFC 9101 section 7: a broken server calls whom it is told to, and still wants the client's object."""
    stage.scripted["inner"] = lambda message: answer
    auth({**MORE, "allow.request_uri_ssrf": True})
    query = {"client_id": "web", "redirect_uri": CALLBACK, "request_uri": url}
    answered = stage.get("auth", f"/authorize?{urlencode(query)}")

    assert (error_of(answered), is_asked(answered), len(stage.calls)) == (error, not error, calls)
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))
    assert document["request_uri_parameter_supported"] is True


def test_a_server_that_fetches_wants_one_address(stage: Any, auth: Any) -> None:
    """Not two, and no object beside it (RFC 9101 section 5)."""
    auth({**MORE, "allow.request_uri_ssrf": True})
    query = urlencode({"client_id": "web", "redirect_uri": CALLBACK, "request_uri": "https://inner.test/"})

    twice = stage.get("auth", f"/authorize?{query}&request_uri=https://inner.test/")
    assert error_of(twice) == "invalid_request_uri"
    assert error_of(stage.get("auth", f"/authorize?{query}&request={signed()}")) == "invalid_request_object"
    assert stage.calls == []


@pytest.mark.parametrize("twice", ["client_id", "request"])
def test_parameters_beside_the_object_that_are_there_twice(stage: Any, auth: Any, twice: str) -> None:
    """RFC 6749 section 3.1: whose request it is, and which, must be said once; the answer is a page."""
    auth(MORE)
    query = [("client_id", "web"), ("request", signed()), (twice, "other")]
    answer = stage.get("auth", f"/authorize?{urlencode(query)}")

    assert (answer.status, answer.headers.get("Location")) == (400, None)


def test_a_server_that_fetches_in_vain(stage: Any, auth: Any) -> None:
    """A connection that breaks is no crash."""

    def breaks(message: Any) -> Response:
        raise ConnectionError

    stage.scripted["inner"] = breaks
    auth({**MORE, "allow.request_uri_ssrf": True})
    query = {"client_id": "web", "redirect_uri": CALLBACK, "request_uri": "https://inner.test/"}

    assert error_of(stage.get("auth", f"/authorize?{urlencode(query)}")) == "invalid_request_uri"


def test_metadata_tells_of_request_objects(stage: Any, auth: Any) -> None:
    """RFC 9101 section 10.5 and Discovery section 3."""
    auth({**MORE, "request_object": "required"})
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))

    assert (document["request_parameter_supported"], document["request_uri_parameter_supported"]) == (True, False)
    assert document["require_signed_request_object"] is True
    assert "ES256" in document["request_object_signing_alg_values_supported"]
    assert "none" not in document["request_object_signing_alg_values_supported"]
