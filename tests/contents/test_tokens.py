"""Tokens: their header, claims and signatures, checked, made and changed."""

import json
from typing import Any

import pytest

from seqtest.auth import base64url
from seqtest.auth.jwt import TokenError, read, verify
from seqtest.auth.keys import make_key
from seqtest.errors import Unanswerable, UnplayableScenario
from seqtest.exchange import Headers, Request

NOTE_AUTH = "note over auth\n  issuer = https://auth.example\n  keys.k1 = RS256\nend note\n"


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


def _written(header: dict[str, str], claims: str, padding: str = "") -> str:
    """A token as no strict reader takes it."""
    parts = [base64url.encode(text.encode()) for text in (json.dumps(header), claims)]
    return ".".join(part + padding for part in parts) + "."


def test_claims_and_header_are_checked(kit: Any) -> None:
    """Each drawn claim and JOSE field must be as drawn."""
    body = kit.json({"access_token": kit.token(header={"typ": "at+jwt"}, sub="a", iat=kit.now, exp=kit.now + 300)})

    good = ("alg = ES256", "typ = at+jwt", "sub = a", "iat = now", "exp = iat + 5 minutes", "nonce absent")
    assert kit.check("access_token : jwt", body, *good) == []
    bad = ("alg = RS256", "typ = JWT", "sub = b", "iat = now - 1 minute", "exp = iat + 6 minutes", "iss absent", "jti")
    assert codes(kit.check("access_token : jwt", body, *bad)) == ["SQ550"] * 5 + ["SQ552", "SQ551"]


def test_only_what_involves_now_has_a_leeway(kit: Any) -> None:
    """`now` is right within five seconds, `iat + …` to the second."""

    def body(iat: int, exp: int) -> Any:
        return kit.json({"t": kit.token(iat=iat, exp=exp)})

    assert kit.check("t : jwt", body(kit.now - 5, kit.now + 295), "iat = now", "exp = iat + 5 minutes") == []
    assert codes(kit.check("t : jwt", body(kit.now - 6, kit.now), "iat = now")) == ["SQ550"]
    assert codes(kit.check("t : jwt", body(kit.now, kit.now + 301), "exp = iat + 5 minutes")) == ["SQ550"]
    assert kit.check("t : jwt", body(kit.now, kit.now + 303), "exp <= now + 5 minutes") == []
    assert codes(kit.check("t : jwt", body(kit.now, kit.now + 306), "exp <= now + 5 minutes")) == ["SQ550"]


@pytest.mark.parametrize(
    ("drawn", "exp", "words"),
    [
        ("exp = iat + 5 minutes", 1800, "`exp` is `iat + 30 minutes`"),
        ("exp = now + 5 minutes", 3600, "`exp` is `now + 1 hour`"),
        ("exp <= now + 5 minutes", 7260, "`exp` is `now + 2 hours 1 minute`"),
        ("iat = exp - 5 minutes", 600, "`iat` is `exp - 10 minutes`"),
        ("exp = iat", 1800, "`exp` is `iat + 30 minutes`"),
        ("iat = now + 1 minute", 300, "`iat` is `now`"),
        ("exp = 5", 300, ""),
    ],
)
def test_a_wrong_time_is_told_as_it_would_be_drawn(kit: Any, drawn: str, exp: int, words: str) -> None:
    """Two numbers of ten digits say to nobody by how much they differ."""
    (found,) = kit.check("t : jwt", kit.json({"t": kit.token(iat=kit.now, exp=kit.now + exp)}), drawn)

    assert found.why == words


def test_types_count_in_claims(kit: Any) -> None:
    """A number where RFC 7519 has a string is reported as a difference in type."""
    assert codes(kit.check("t : jwt", kit.json({"t": kit.token(sub=123)}), "sub = 123")) == ["SQ553"]
    assert codes(kit.check("t : jwt", kit.json({"t": kit.token(exp="1")}), "exp = 1")) == ["SQ553"]


def test_what_is_no_jwt_fails(kit: Any) -> None:
    """The finding says what is wrong with it, and shows at most eight characters."""
    (failure,) = kit.check("access_token : jwt", kit.json({"access_token": "not-a-token-at-all"}))

    assert failure.code == "SQ555"
    assert "three parts" in failure.message
    assert "not-a-token-at-all" not in failure.got


def test_a_tokens_fault_shows_the_token_without_its_signature(kit: Any) -> None:
    """Header and claims decoded, so that one need not paste the token somewhere."""
    token = kit.token(sub="a")
    (failure,) = kit.check("t : jwt", kit.json({"t": token}), "sub = b")

    assert '"sub": "a"' in failure.detail
    assert '"alg": "ES256"' in failure.detail
    assert token.rsplit(".", 1)[1] not in failure.detail


def test_nothing_else_closes_the_claims(kit: Any) -> None:
    """`alg`, `typ` and `kid` may stay undrawn, other header fields may not."""
    lines = ("sub = a", "iss", "nothing else")

    assert kit.check("t : jwt", kit.json({"t": kit.token(sub="a")}), *lines) == []
    assert codes(kit.check("t : jwt", kit.json({"t": kit.token(sub="a", admin=True)}), *lines)) == ["SQ557"]
    odd = kit.token(header={"jku": "https://evil.example"}, sub="a")
    assert codes(kit.check("t : jwt", kit.json({"t": odd}), *lines)) == ["SQ557"]


# ---- Signatures ----


def test_every_jwt_is_verified_against_its_issuers_keys(kit: Any) -> None:
    """No line about signatures is needed for a bad signature to fail."""
    stranger = kit.token(make_key("ES256", "k1", "mallory"), sub="a")

    (failure,) = kit.check("t : jwt", kit.json({"t": stranger}))
    assert failure.code == "SQ562"
    assert codes(kit.check("t : jwt", kit.json({"t": kit.token(None, sub="a")}))) == ["SQ562"]


def test_a_token_by_a_shared_secret_needs_its_secret_drawn(kit: Any) -> None:
    """No `key = RS256` would ever verify it."""
    token = kit.token(make_key("HS256", "k1", "api"), sub="a")

    (failure,) = kit.check("t : jwt", kit.json({"t": token}), auth_keys=False)
    assert failure.do.startswith("draw `keys.k1 = HS256` and `keys.k1.secret = {…}` over `auth`")


def test_no_keys_is_an_error_and_no_pass(kit: Any) -> None:
    """Unless `signature unchecked` says that it is meant."""
    body = kit.json({"t": kit.token(sub="a")})

    (failure,) = kit.check("t : jwt", body, auth_keys=False)
    assert (failure.code, failure.severity) == ("SQ470", "error")
    assert failure.do.startswith("draw `key = ES256` or `jwks_uri = …` over `auth`")
    assert kit.check("t : jwt", body, "signature unchecked", auth_keys=False) == []


def test_the_issuer_claim_chooses_the_keys(kit: Any) -> None:
    """A participant whose `issuer` is the token's `iss` comes before the sender."""
    note = "participant idp\nnote over idp\n  issuer = https://idp.example\n  keys.k9 = ES256\nend note\n"
    body = kit.json({"t": kit.token(make_key("ES256", "k9", "idp"), iss="https://idp.example")})

    assert kit.check("t : jwt", body, before=note) == []
    own = kit.json({"t": kit.token(iss="https://idp.example")})
    assert codes(kit.check("t : jwt", own, before=note)) == ["SQ562"]


def test_signed_by_names_who_must_have_signed(kit: Any) -> None:
    """It comes before the issuer claim."""
    note = "participant idp\nnote over idp : keys.k9 = ES256\n"

    assert kit.check("t : jwt", kit.json({"t": kit.token()}), "signed by auth", before=note) == []
    assert codes(kit.check("t : jwt", kit.json({"t": kit.token()}), "signed by idp", before=note)) == ["SQ562"]


def test_signed_with_a_secret_is_verified(kit: Any) -> None:
    """An HMAC with the value in braces, and nothing asymmetric."""
    from seqtest.auth.keys import secret_key

    secret = {"outside": {"secret": "a-shared-secret"}}
    good = kit.json({"t": kit.token(secret_key(b"a-shared-secret"))})
    bad = kit.json({"t": kit.token(secret_key(b"another-secret-"))})

    assert kit.check("t : jwt", good, "signed with {secret}", **secret) == []
    assert codes(kit.check("t : jwt", bad, "signed with {secret}", **secret)) == ["SQ562"]
    assert codes(kit.check("t : jwt", kit.json({"t": kit.token()}), "signed with {secret}", **secret)) == ["SQ562"]


def test_a_bearer_token_is_looked_into(kit: Any) -> None:
    """Lines below `Authorization: Bearer {access_token}` are about that token."""
    flow = kit.flow(
        "client -> auth : POST /token\nauth --> client : 200 OK\nnote left : access_token : jwt\n"
        "client -> auth : GET /me\nnote left\n  Authorization: Bearer {access_token}\n    sub = a\nend note\n"
        "auth --> client : 200 OK",
        bound=("client", "auth"),
    )
    token = kit.token(sub="b")
    flow.came(0, kit.form())
    flow.came(1, kit.json({"access_token": token}))

    request = Request("GET", "https://auth.test/me", Headers([("Authorization", f"Bearer {token}")]))
    assert codes(flow.came(2, request).failures) == ["SQ550"]


def test_a_dpop_proof_is_verified_with_the_key_it_brings(kit: Any) -> None:
    """RFC 9449 section 4.3: the proof's own `jwk`, for a client whose keys nobody knows."""
    key = make_key("ES256", "", "client")
    jwk = {name: value for name, value in key.public_jwk.items() if name in ("kty", "crv", "x", "y")}
    from seqtest.auth.jwt import sign

    proof = sign({"typ": "dpop+jwt", "jwk": jwk}, {"htm": "POST"}, key)
    forged = sign({"typ": "dpop+jwt", "jwk": jwk}, {"htm": "POST"}, make_key("ES256", "", "mallory"))

    def request(text: str) -> Request:
        return Request("POST", "https://auth.test/token", Headers([("DPoP", text)]))

    assert kit.check_request("DPoP : jwt", request(proof), "htm = POST") == []
    assert codes(kit.check_request("DPoP : jwt", request(forged), "htm = POST")) == ["SQ562"]


@pytest.mark.parametrize("who", ["auth", "client"])
def test_a_proof_of_which_is_said_who_signed_it_is_verified_with_that_ones_keys(kit: Any, who: str) -> None:
    """The key that it brings is anybody's."""
    from seqtest.auth.jwt import sign

    key = make_key("ES256", "", "stranger")
    jwk = {name: value for name, value in key.public_jwk.items() if name != "kid"}
    proof = sign({"typ": "dpop+jwt", "jwk": jwk}, {"htm": "POST"}, key)
    request = Request("POST", "https://auth.test/token", Headers([("DPoP", proof)]))

    assert codes(kit.check_request("DPoP : jwt", request, f"signed by {who}", auth_keys=False)) == ["SQ470"]


@pytest.mark.parametrize(
    "token",
    [
        _written({"alg": "none"}, '{"sub": "a", "sub": "b"}'),
        _written({"typ": "JWT"}, '{"sub": "a"}'),
        _written({"alg": "none"}, "no JSON"),
        _written({"alg": "none"}, '{"sub": "a"}', padding="="),
        _written({"alg": "none"}, '{"sub": "' + "a" * 70_000 + '"}'),
    ],
)
def test_a_token_that_only_a_lenient_reader_reads_is_not_opaque(kit: Any, token: str) -> None:
    """A claim twice, no `alg`, padding: everybody can see what is in it."""
    assert codes(kit.check("t : opaque", kit.json({"t": token}))) == ["SQ553"]
    assert kit.check("t : opaque", kit.json({"t": "v4.public.abc"})) == []


def test_a_session_that_a_framework_signs_is_no_jwt(kit: Any) -> None:
    """JSON, the time, a signature: what Flask keeps in its cookie, and nobody takes for a token."""
    session = base64url.encode(b'{"user": "alice"}') + ".aStx9w.fR3kJ0cHn1uVw7pQ2sXyZ8aBcDe"

    assert kit.check("t : opaque", kit.json({"t": session})) == []


@pytest.mark.parametrize(("aud", "found"), [("a", []), (["b", "a"], []), ("a,b", ["SQ550"]), ("a b", ["SQ550"])])
def test_an_audience_is_not_a_list_in_a_text(kit: Any, aud: Any, found: list[str]) -> None:
    """RFC 7519 section 4.1.3: a reader named `a` must reject a token for `a,b`."""
    assert codes(kit.check("t : jwt", kit.json({"t": kit.token(aud=aud)}), "aud contains a")) == found


def test_half_hashes_use_the_tokens_algorithm(kit: Any) -> None:
    """OpenID Connect Core section 3.1.3.6."""
    from seqtest.auth.oidc import at_hash

    good = {"access_token": "opaque-1", "id_token": kit.token(at_hash=at_hash("opaque-1", "ES256"))}
    bad = {"access_token": "opaque-2", "id_token": good["id_token"]}
    line = "at_hash = {at_hash(access_token)}"
    both = "access_token : opaque"

    for body, found in ((good, []), (bad, ["SQ550"])):
        flow = kit.answer_flow(both, "id_token : jwt", f"  {line}")
        flow.compose(0)
        assert codes(flow.came(1, kit.json(body)).failures) == found


# ---- Made by a scripted sender ----


def made(kit: Any, *lines: str, before: str = NOTE_AUTH) -> Any:
    flow = kit.answer_flow(
        "access_token : jwt", *(f"  {line}" for line in lines), before=before, bound=("client",), auth_keys=False
    )
    flow.came(0, kit.form())
    return read(json.loads(flow.compose(1).body)["access_token"])


def test_a_scripted_issuer_makes_a_whole_token(kit: Any) -> None:
    """The drawn claims, and `iss`, `iat`, `exp` and `jti` beside them; signed with the key of its settings."""
    token = made(kit, "sub = 123", "aud = api")

    assert token.header["alg"] == "RS256"
    assert token.claims["sub"] == "123"
    assert token.claims["iss"] == "https://auth.example"
    assert token.claims["exp"] - token.claims["iat"] == 300
    assert token.claims["jti"]
    verify(token, [make_key("RS256", "k1", "auth").public_jwk])


def test_a_made_token_is_exactly_as_drawn(kit: Any) -> None:
    """Times count from each other, `absent` takes a default away, JOSE fields go to the header."""
    token = made(
        kit, "typ = at+jwt", "kid = k1", "exp = iat + 1 minute", "iat = now - 1 hour", "jti absent", "cnf.jkt = x"
    )

    assert token.header == {"alg": "RS256", "typ": "at+jwt", "kid": "k1"}
    assert token.claims == {
        "iss": "https://auth.example",
        "iat": kit.now - 3600,
        "exp": kit.now - 3540,
        "cnf": {"jkt": "x"},
    }


def test_an_undeclared_name_is_a_strangers_key(kit: Any) -> None:
    """The token has the right `kid` and the wrong key."""
    token = made(kit, "kid = k1", "signed by mallory")

    with pytest.raises(TokenError):
        verify(token, [make_key("RS256", "k1", "auth").public_jwk])


def test_a_sender_without_a_key_cannot_sign(kit: Any) -> None:
    """The run has no answer then, and says what to draw."""
    with pytest.raises(Unanswerable) as caught:
        made(kit, "sub = a", before="")

    assert caught.value.finding.code == "SQ471"


# ---- Changed by a scripted sender ----


def changed(kit: Any, *lines: str, token: str = "", before: str = "") -> tuple[Any, Any]:
    note = "Authorization: Bearer {access_token} but"
    flow = kit.flow(
        f"{before}client -> auth : POST /token\nauth --> client : 200 OK\nnote left : access_token : jwt\n"
        f"client -> auth : GET /me\nnote left\n  {note}\n"
        + "".join(f"    {line}\n" for line in lines)
        + "end note\nauth --> client : 401",
        outside={"secret": "public-text"},
    )
    flow.compose(0)
    token = token or kit.token(sub="alice", aud="api", exp=kit.now + 300)
    flow.came(1, kit.json({"access_token": token}))
    value = flow.compose(2).headers.get("Authorization")
    assert value.startswith("Bearer ")
    return read(token), read(value.removeprefix("Bearer "))


def test_signature_kept(kit: Any) -> None:
    """The claims change, the signature does not, so it is wrong."""
    before, after = changed(kit, "sub = mallory", "signature kept")

    assert after.claims == {**before.claims, "sub": "mallory"}
    assert after.signature == before.signature


def test_signature_absent(kit: Any) -> None:
    """`alg = none` with no signature at all."""
    _, after = changed(kit, "alg = none", "signature absent")

    assert (after.header["alg"], after.signature) == ("none", b"")


def test_signature_changed(kit: Any) -> None:
    """One bit is another; header and claims keep their very characters."""
    before, after = changed(kit, "signature changed")

    assert after.signing_input == before.signing_input
    assert after.signature != before.signature


def test_signed_by_makes_a_valid_signature(kit: Any) -> None:
    """Expired but validly signed: the flaw is in the claims alone."""
    _, after = changed(kit, "exp = now - 1 minute", "aud absent", "signed by auth")

    assert after.claims["exp"] == kit.now - 60
    assert "aud" not in after.claims
    verify(after, [kit.key.public_jwk])


def test_signed_by_a_stranger_keeps_the_kid(kit: Any) -> None:
    """So that only the signature tells it from a good one."""
    before, after = changed(kit, "signed by mallory")

    assert after.header == before.header
    with pytest.raises(TokenError):
        verify(after, [kit.key.public_jwk])


def test_signed_with_a_value(kit: Any) -> None:
    """HMAC with a public text as its key: the classic confusion."""
    import hmac

    _, after = changed(kit, "alg = HS256", "signed with {secret}")

    assert after.signature == hmac.digest(b"public-text", after.signing_input.encode(), "sha256")


@pytest.mark.parametrize(
    ("line", "claims", "expected"),
    [
        ("cnf.jkt = evil", {"cnf": {"jkt": "x", "y": 1}}, {"cnf": {"jkt": "evil", "y": 1}}),
        ("cnf.jkt absent", {"cnf": {"jkt": "x", "y": 1}}, {"cnf": {"y": 1}}),
        ("aud[1] = evil", {"aud": ["a", "b"]}, {"aud": ["a", "evil"]}),
        ("aud[1] absent", {"aud": ["a", "b"]}, {"aud": ["a"]}),
        ("admin = true", {"admin": 1}, {"admin": True}),
    ],
)
def test_a_change_deep_inside_changes_the_token(kit: Any, line: str, claims: Any, expected: Any) -> None:
    """In an object or an array, and of the type alone."""
    _, token = changed(kit, line, "signature kept", token=kit.token(**claims))

    assert {name: token.claims[name] for name in expected} == expected
    assert {name: type(token.claims[name]) for name in expected} == {name: type(expected[name]) for name in expected}
    with pytest.raises(TokenError, match="does not match"):
        verify(token, [kit.key.public_jwk])


@pytest.mark.parametrize("alg", ["HS256", "ES256"])
@pytest.mark.parametrize("lines", [("signed by auth",), ("kid = k1", "signed by auth")])
def test_the_same_signature_once_more_is_no_change(kit: Any, alg: str, lines: tuple[str, ...]) -> None:
    """The genuine token would be sent, and its refusal prove nothing."""
    key = make_key(alg, "k1", "auth")
    before = f"note over auth : keys.k1 = {alg}\n"

    with pytest.raises(UnplayableScenario, match="SQ370"):
        changed(kit, *lines, token=kit.token(key), before=before)
    assert changed(kit, "sub = b", *lines[-1:], token=kit.token(key, sub="a"), before=before)[1].claims["sub"] == "b"


def test_an_unsigned_token_has_no_signature_to_take_off(kit: Any) -> None:
    """`signature absent` alone changes nothing of it."""
    with pytest.raises(UnplayableScenario, match="SQ370"):
        changed(kit, "signature absent", token=kit.token(None))
