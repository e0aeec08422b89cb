import json
from typing import Any

import pytest

from seqtest.auth import base64url, jwt
from seqtest.auth.jwt import TokenError
from seqtest.auth.keys import make_key, pem, public_jwk, secret_key, verification_jwk

RFC7515_HS256_KEY = {
    "kty": "oct",
    "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
}
RFC7515_HS256 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
RFC7515_ES256_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
RFC7515_ES256 = (
    "eyJhbGciOiJFUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
RFC8037_KEY = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
RFC8037_EDDSA = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)

KEY = make_key("ES256", "k1", "auth")
KEYS = [public_jwk(KEY)]


def text_of(header: object, claims: object, signature: str = "AA") -> str:
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    return ".".join([*(base64url.encode(part) for part in parts), signature])


@pytest.mark.parametrize(
    ("token", "key"),
    [(RFC7515_HS256, RFC7515_HS256_KEY), (RFC7515_ES256, RFC7515_ES256_KEY)],
    ids=["A.1", "A.3"],
)
def test_rfc7515_vectors(token: str, key: dict[str, Any]) -> None:
    """The examples of RFC 7515 appendix A verify."""
    assert jwt.verify(token, [key]).claims["iss"] == "joe"


def test_rfc8037_vector_is_no_jwt() -> None:
    """The Ed25519 example of RFC 8037 appendix A.4 has a payload that is no JSON: a JWS, not a JWT."""
    with pytest.raises(TokenError, match="the payload is not JSON"):
        jwt.verify(RFC8037_EDDSA, [RFC8037_KEY])


def test_eddsa_signature_vector() -> None:
    """Its signature is right all the same."""
    signing_input, _, signature = RFC8037_EDDSA.rpartition(".")
    token = jwt.Token({"alg": "EdDSA"}, {}, signing_input, base64url.decode(signature))

    assert jwt.verify(token, [RFC8037_KEY]) is token


GOOD_HEADER = {"alg": "ES256", "kid": "k1"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "three parts"),
        ("a.b", "three parts"),
        ("a.b.c.d.e", r"encrypted token \(JWE\)"),
        (".".join("a" * 9), "three parts between dots, this has many"),
        ("x" * 70_000, "too long"),
        ("..", "header is not JSON"),
        (text_of(GOOD_HEADER, {}) + "==", "signature is not base64url: `=` padding"),
        (text_of(GOOD_HEADER, {}, "A B"), "a character is not base64url"),
        (text_of(GOOD_HEADER, {}, "AB"), "unused bits"),
        (text_of(GOOD_HEADER, {}, "A"), "the length is not possible"),
        (text_of(GOOD_HEADER, {}, "é"), "a character is not base64url"),
        (text_of([], {}), "header is not a JSON object"),
        (text_of({}, {}), "no `alg`"),
        (text_of({"alg": 7}, {}), "no `alg`"),
        (text_of({"alg": "ES256", "kid": 7}, {}), "`kid` in the header is not a string"),
        (text_of(GOOD_HEADER, "text"), "payload is not a JSON object"),
        (text_of(GOOD_HEADER, b'{"sub":"a","sub":"b"}'), "payload has a member name twice"),
        (text_of(GOOD_HEADER, b'{"a":{"b":1,"b":2}}'), "payload has a member name twice"),
        (text_of(b'{"alg":"none","alg":"ES256"}', {}), "header has a member name twice"),
        (text_of(GOOD_HEADER, b'{"exp":NaN}'), "payload holds NaN"),
        (text_of(GOOD_HEADER, b'{"exp":-Infinity}'), "payload holds -Infinity"),
        (text_of(GOOD_HEADER, b'{"exp":1e400}'), "payload holds a number that is too big"),
        (text_of(GOOD_HEADER, b'{"a":[{"b":-1e999}]}'), "payload holds a number that is too big"),
        (text_of(GOOD_HEADER, b'{"iat":1' + b"0" * 400 + b"}"), "payload holds a number that is too big"),
        (text_of(GOOD_HEADER, b"\xff\xfe{}"), "payload is not UTF-8"),
        (text_of(GOOD_HEADER, '{"a":1}'.encode("utf-16")), "payload is not UTF-8"),
        (text_of(GOOD_HEADER, b"\xef\xbb\xbf{}"), "payload is not JSON"),
        (text_of(GOOD_HEADER, b'{"sub":"\\ud800"}'), "payload is not UTF-8"),
        (text_of(GOOD_HEADER, b"[" * 20_000), "payload is not JSON"),
        (text_of(GOOD_HEADER, b'{"exp":' + b"9" * 5_000 + b"}"), "payload holds a number that is too big"),
        (text_of(GOOD_HEADER, b"{} "), "no reason"),
    ],
)
def test_malformed(text: str, reason: str) -> None:
    """Each malformed token is refused with a reason in plain words; blanks around JSON are none of them."""
    if reason == "no reason":
        assert jwt.read(text).claims == {}
        return
    with pytest.raises(TokenError, match=reason):
        jwt.read(text)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": "1"}, "`exp` is no number"),
        ({"exp": True}, "`exp` is no number"),
        ({"exp": None}, "`exp` is no number"),
        ({"exp": 1, "nbf": [1]}, "`nbf` is no number"),
        ({"exp": -1}, "`exp` is before 1970"),
        ({"nbf": -0.5}, "`nbf` is before 1970"),
        ({"iat": "not asked for"}, None),
        ({"exp": 0, "nbf": 1.5}, None),
        ({}, None),
    ],
)
def test_times(claims: dict[str, Any], reason: str | None) -> None:
    """A time is a number of seconds since 1970 (RFC 7519 section 2)."""
    if reason is None:
        jwt.check_times(claims, "exp", "nbf")
        return
    with pytest.raises(TokenError, match=reason):
        jwt.check_times(claims, "exp", "nbf")


def signed(**header: Any) -> str:
    return jwt.sign(header, {"sub": "123"}, KEY)


def test_alg_none() -> None:
    """An unsigned token is refused however `none` is spelled (RFC 8725 section 3.2)."""
    for spelling in ("none", "None", "nOnE"):
        with pytest.raises(TokenError, match="not signed"):
            jwt.verify(jwt.sign({"alg": spelling}, {}, None), KEYS)


def test_hmac_with_the_public_key() -> None:
    """A token signed by HMAC with the public key's PEM does not verify against that key (RFC 8725 section 3.1)."""
    rsa = make_key("RS256", "r1", "auth")
    forged = jwt.sign({"kid": "r1"}, {"sub": "mallory"}, secret_key(pem(rsa).encode()))

    with pytest.raises(TokenError, match="no key with that `kid` is for HS256"):
        jwt.verify(forged, [public_jwk(rsa)])
    with pytest.raises(TokenError, match="HS256, which this reader does not accept"):
        jwt.verify(forged, [{"kty": "oct", "k": base64url.encode(pem(rsa).encode())}], ["RS256"])


def test_key_of_another_algorithm() -> None:
    """A key says which algorithm it is for, and is used for no other of its family (RFC 8725 section 3.1)."""
    rsa = make_key("RS256", "r1", "auth")

    with pytest.raises(TokenError, match="for PS256"):
        jwt.verify(jwt.sign({"alg": "PS256"}, {}, rsa), [public_jwk(rsa)])


@pytest.mark.parametrize("change", [{"use": "enc"}, {"key_ops": ["encrypt"]}, {"key_ops": "verify"}, {"crv": "P-384"}])
def test_keys_for_other_uses(change: dict[str, Any]) -> None:
    """A key for another use or curve verifies nothing (RFC 7517 sections 4.2 and 4.3)."""
    with pytest.raises(TokenError, match="for ES256"):
        jwt.verify(signed(), [{**KEYS[0], **change}])


def test_what_is_no_key_is_passed_over() -> None:
    """Entries that are no keys spoil neither the set nor the good key in it (RFC 7517 section 5)."""
    assert jwt.verify(signed(), {"keys": ["x", None, {"kty": "new"}, {"kty": "EC", "crv": "P-256"}, *KEYS]})


@pytest.mark.parametrize("keys", [[], {"keys": []}, {}, {"keys": "k1"}, {"keys": None}, {"keys": 5}])
def test_no_keys(keys: Any) -> None:
    """Without keys nothing verifies."""
    with pytest.raises(TokenError, match="no keys"):
        jwt.verify(signed(), keys)


def test_unknown_kid() -> None:
    """A `kid` that no trusted key has is refused, though the key would fit (RFC 7515 section 4.1.4)."""
    with pytest.raises(TokenError, match="no key has the token's `kid`"):
        jwt.verify(signed(kid="nobody"), KEYS)


def test_key_in_the_header() -> None:
    """The header's own `jwk` is never believed (RFC 8725 section 3.10)."""
    stranger = make_key("ES256", "k1", "mallory")
    forged = jwt.sign({"jwk": public_jwk(stranger)}, {"sub": "123"}, stranger)

    with pytest.raises(TokenError, match="signature does not match"):
        jwt.verify(forged, KEYS)


@pytest.mark.parametrize("crit", [["b64"], [], "b64", ["exp"]])
def test_crit(crit: Any) -> None:
    """An extension that must be understood is not, and a malformed `crit` is none (RFC 7515 section 4.1.11)."""
    with pytest.raises(TokenError, match="`crit`"):
        jwt.verify(signed(crit=crit, b64=False), KEYS)


def test_changed_claims_keep_the_old_signature() -> None:
    """A changed claim under the old signature is refused; an unchanged part keeps its very characters."""
    token = jwt.read(signed())
    forged = jwt.changed(token, claims={"sub": "mallory"})

    assert forged.text.split(".")[0] == token.text.split(".")[0]
    assert jwt.changed(token).text == token.text
    assert jwt.read(forged.text).claims == {"sub": "mallory"}
    with pytest.raises(TokenError, match="signature does not match"):
        jwt.verify(forged.text, KEYS)


@pytest.mark.parametrize("alg", ["HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"])
def test_flipped_signature(alg: str) -> None:
    """One flipped bit is another token, and refused, with every algorithm."""
    key = make_key(alg, "k1", "auth")
    token = jwt.read(jwt.sign({}, {}, key))
    damaged = jwt.flipped(token)

    assert damaged.text != token.text
    with pytest.raises(TokenError, match="signature does not match"):
        jwt.verify(damaged.text, [verification_jwk(key)])
    assert jwt.flipped(jwt.Token({}, {}, "a.b", b"")).signature


@pytest.mark.parametrize("signature", [b"", b"\x00" * 64, b"\x00" * 63, b"\x00" * 65, b"\xff" * 64])
def test_psychic_signatures(signature: bytes) -> None:
    """r and s of zero, or signatures of another length, verify nothing (FIPS 186-5; CVE-2022-21449)."""
    with pytest.raises(TokenError, match="signature does not match"):
        jwt.verify(jwt.encode({"alg": "ES256", "kid": "k1"}, {}, signature), KEYS)


def test_resigned() -> None:
    """Signed again by the issuer the header and claims stand; by nobody, the token ends in its dot."""
    token = jwt.changed(jwt.read(signed()), claims={"sub": "new"})

    assert jwt.verify(jwt.resigned(token, KEY), KEYS).claims == {"sub": "new"}
    assert jwt.resigned(token, None).endswith(".")


def test_a_lying_header_is_still_signed() -> None:
    """A header may claim another family's algorithm; the signature is the one its key makes."""
    assert len(jwt.read(jwt.sign({"alg": "RS256"}, {}, KEY)).signature) == 64
    assert len(jwt.read(jwt.sign({"alg": "x"}, {}, KEY)).signature) == 64


def test_repr_hides_the_signature() -> None:
    """Neither the signature nor the signed text is in a token's repr."""
    token = jwt.read(signed())

    assert base64url.encode(token.signature)[:12] not in repr(token)
    assert token.signing_input not in repr(token)
    assert jwt.looks_like_jwt(token.text)
    assert not jwt.looks_like_jwt("opaque")
