import pytest

from seqtest.auth import jwt
from seqtest.auth.keys import (
    ALGORITHMS,
    BadKey,
    UnknownAlgorithm,
    jwks,
    make_key,
    pem,
    private_pem,
    public_jwk,
    public_key,
    secret_key,
    thumbprint,
    verification_jwk,
)

RFC9449_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
}


@pytest.mark.parametrize("alg", ["HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"])
def test_signs_and_verifies(alg: str) -> None:
    """Each algorithm's own key makes a signature that its JWK verifies (RFC 7515 section 5)."""
    key = make_key(alg, "k1", "auth")
    token = jwt.sign({}, {"sub": "123"}, key)

    assert jwt.verify(token, [verification_jwk(key)]).claims == {"sub": "123"}
    assert jwt.read(token).header == {"alg": alg, "kid": "k1"}


@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "EdDSA"])
def test_same_name_same_key(alg: str) -> None:
    """A key is made once for its algorithm, name and seed; another seed has another key."""
    mine, again, other = (make_key(alg, "k", seed) for seed in ("auth", "auth", "mallory"))

    assert mine is again
    assert verification_jwk(mine) != verification_jwk(other)


def test_names_without_a_name() -> None:
    """Without a kid the name comes from the seed and the algorithm, the same each time."""
    assert make_key("ES256", seed="auth").kid == "auth-es256"
    assert make_key("ES256").kid == "es256"


def test_unknown_algorithm() -> None:
    """An algorithm that is none is refused with the list of those there are."""
    with pytest.raises(UnknownAlgorithm, match="`RS265` is no algorithm here; there are HS256"):
        make_key("RS265")


@pytest.mark.parametrize("alg", list(ALGORITHMS))
def test_published_sets_hold_nothing_private(alg: str) -> None:
    """A published set has no private member, and no secret key at all (RFC 7517 section 9.2)."""
    key = make_key(alg, "k1")
    found = jwks([key, verification_jwk(key)])["keys"]

    assert all(not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(jwk) for jwk in found)
    assert len(found) == (0 if alg.startswith("HS") else 2)


def test_repr_hides_material() -> None:
    """No part of a key's secret is in its repr."""
    assert repr(make_key("HS256", "k1")) == "Key(kid='k1', alg='HS256')"


def test_thumbprint_vector() -> None:
    """The thumbprint of RFC 9449 section 6.1 comes out (RFC 7638 section 3)."""
    assert thumbprint({**RFC9449_KEY, "kid": "ignored"}) == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


@pytest.mark.parametrize("jwk", [{}, {"kty": "EC", "x": "a"}, {"kty": ["EC"]}])
def test_thumbprint_of_no_key(jwk: dict[str, object]) -> None:
    """What is no whole JWK has no thumbprint."""
    with pytest.raises(ValueError, match="not a JWK"):
        thumbprint(jwk)


def test_pem() -> None:
    """The PEM of a key and of its public JWK are the same; a secret has neither half."""
    key = make_key("ES256")

    assert pem(key) == pem(public_jwk(key))
    assert pem(key).startswith("-----BEGIN PUBLIC KEY-----")
    assert private_pem(key).startswith("-----BEGIN PRIVATE KEY-----")
    for write in (pem, private_pem):
        with pytest.raises(ValueError, match="secret key"):
            write(make_key("HS256"))


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": 7},
        {"kty": "RSA", "e": "AQAB"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {**RFC9449_KEY, "y": RFC9449_KEY["x"]},
        {"kty": "RSA", "e": "AQAB", "n": "u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0_Iz"},
        {**public_jwk(make_key("RS256")), "e": "AQ"},
        {"kty": "OKP", "crv": "Ed25519", "x": "!"},
        {"kty": "oct", "k": "="},
    ],
)
def test_bad_keys(jwk: dict[str, object]) -> None:
    """A JWK with missing members, a point off its curve (RFC 8725 section 3.4), 384 bits or exponent 1 is no key."""
    with pytest.raises(BadKey):
        public_key(jwk)


def test_secret_keys_of_any_length() -> None:
    """A short secret signs, as an attacker would, and verifies nothing (RFC 7518 section 3.2)."""
    short = secret_key(b"secret", kid="k")
    token = jwt.sign({}, {}, short)

    with pytest.raises(jwt.TokenError, match="signature does not match"):
        jwt.verify(token, [verification_jwk(short)])
