"""Functions in braces, and names that have no value when their time comes."""

from typing import Any

import pytest

from seqtest.auth.keys import make_key, pem, thumbprint
from seqtest.errors import UnplayableScenario

KEYS = "note over client\n  keys.c1 = ES256\n  keys.c2 = ES256\nend note\n"
JWK = make_key("ES256", "c1", "client").public_jwk


def sent(kit: Any, line: str, **outside: Any) -> Any:
    flow = kit.request_flow("Content-Type: application/json", line, before=KEYS, bound=("auth",), outside=outside)
    import json

    return json.loads(flow.compose(0).body)["x"]


def test_a_key_set_is_no_key(kit: Any) -> None:
    """The message says how one of its keys is written."""
    with pytest.raises(UnplayableScenario, match=r"`\{p.jwk\}` is one"):
        sent(kit, "x = {pem(client.jwks)}")

    assert sent(kit, "x = {pem(client.jwks.keys[0])}") == pem(JWK)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{client.jwk}", JWK),
        ("{client.kid}", "c1"),
        ("{client.jwks}", {"keys": [JWK, make_key("ES256", "c2", "client").public_jwk]}),
        ('{jwks("c2")}', [make_key("ES256", "c2", "client").public_jwk]),
        ("{thumbprint(client.jwk)}", thumbprint(JWK)),
        ("{pem(client.jwk)}", pem(JWK)),
        ("{base64url(v)}", "YSBiPw"),
        ("{urlencode(v)}", "a%20b%3F"),
        ("{S256(base64url(v))}", "_bXFfK1mTYUiQB5bBrZqSiLXCNpuJ1-dbtnBcZRzdkM"),
        ("{c_hash(v)}", None),
        ('{basic("a", 3)}', "YToz"),
        ("{held.roles[1]}", "b"),
    ],
)
def test_functions(kit: Any, value: str, expected: Any) -> None:
    """Each with what it is made of; arguments may be names, texts, numbers and calls."""
    found = sent(kit, f"x = {value}", v="a b?", held={"roles": ["a", "b"]})

    if value.startswith("{S256"):
        from seqtest.auth.pkce import S256

        expected = S256("YSBiPw")
    if value.startswith("{c_hash"):
        from seqtest.auth.oidc import c_hash

        expected = c_hash("a b?")
    assert found == expected


@pytest.mark.parametrize(
    "value",
    [
        '{jwks("c9")}',
        "{thumbprint(v)}",
        "{thumbprint(odd)}",
        "{pem(v)}",
        "{pem(odd)}",
        "{v.sub}",
        "{held.roles[7]}",
        "{auth.jwk}",
    ],
)
def test_what_cannot_be_computed_cannot_be_sent(kit: Any, value: str) -> None:
    """No key, no JWK, no token: the arrow says so."""
    with pytest.raises(UnplayableScenario) as caught:
        kit.request_flow(
            f"x = {value}",
            before=KEYS,
            bound=("auth",),
            outside={"v": "text", "odd": {"kty": "x"}, "held": {"roles": []}},
            auth_keys=False,
        ).compose(0)

    assert caught.value.finding.code == "SQ365"


def test_what_cannot_be_computed_is_no_pass(kit: Any) -> None:
    """A bound sender's value has nothing to be compared with then."""
    (failure,) = kit.check("x = {thumbprint(v)}", kit.json({"x": "y"}), outside={"v": "text"})

    assert failure.code == "SQ561"


def test_a_time_needs_the_claim_that_it_counts_from(kit: Any) -> None:
    """`exp = iat + …` of a token without `iat`."""
    token = kit.token(exp=kit.now + 3)
    assert [one.code for one in kit.check("t : jwt", kit.json({"t": token}), "exp = iat + 5 minutes")] == ["SQ561"]
    with pytest.raises(UnplayableScenario):
        sent(kit, "x = iat + 5 minutes")


def test_every_element_needs_an_array(kit: Any) -> None:
    """Where there is none, nothing was tested."""
    assert [one.code for one in kit.check("keys[*].d absent", kit.json({}))] == ["SQ551"]
    assert [one.code for one in kit.check("keys[*].d absent", kit.json({"keys": {}}))] == ["SQ551"]
    assert kit.check("keys[*].d absent", kit.json({"keys": []})) == []


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("WWW-Authenticate: Bearer", "WWW-Authenticate", '="'),
        ("WWW-Authenticate: Bearer", "WWW-Authenticate", ""),
        ("Location: /x", "Location", "http://[::1"),
        ("Location: /x/{new y}", "Location", "http://[::1"),
        ("Location: /x", "Location", "http://a:b/"),
    ],
)
def test_nonsense_in_a_header_is_a_failure_and_no_crash(kit: Any, line: str, name: str, value: str) -> None:
    """Whatever a server sends."""
    from seqtest.exchange import Headers, Response

    assert [one.code for one in kit.check(line, Response(200, Headers([(name, value)])))] == ["SQ550"]
