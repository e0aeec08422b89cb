"""Keys that settings speak of: made for the run, or the real ones of an application."""

import pytest

from seqtest.auth.keyring import keys_of, real_keys_of
from seqtest.auth.keys import BadKey, UnknownAlgorithm, make_key, private_pem

SECRET = "a-signing-key-of-at-least-thirty-two-bytes"


def test_a_name_makes_a_key() -> None:
    """`keys.k1 = ES256` is an ES256 key with that kid; the same for the whole process."""
    (key,) = keys_of("op", {"keys.k1": "ES256", "issuer": "https://op.example"})

    assert (key.kid, key.alg) == ("k1", "ES256")
    assert key is keys_of("op", {"keys.k1": "ES256"})[0]


def test_a_given_secret_is_the_key() -> None:
    """With `key.secret` the HMAC key is that secret, not one that was made up."""
    (key,) = keys_of("op", {"key": "HS256", "key.secret": SECRET})

    assert key.material == SECRET.encode()


def test_a_given_pem_is_the_key() -> None:
    """With `keys.k1.pem` the key is the one in the PEM text."""
    real = make_key("ES256", "other", "somebody")

    (key,) = keys_of("op", {"keys.k1": "ES256", "keys.k1.pem": private_pem(real)})

    assert {**key.public_jwk, "kid": ""} == {**real.public_jwk, "kid": ""}
    assert key.kid == "k1"


def test_what_is_no_pem_is_refused() -> None:
    """A PEM text that is none is an error, never another key."""
    with pytest.raises(BadKey):
        keys_of("op", {"key": "ES256", "key.pem": "not a key"})
    with pytest.raises(UnknownAlgorithm):
        keys_of("op", {"key": "ES255"})


def test_only_given_keys_are_real() -> None:
    """Of an application's own keys only those are known whose secret or PEM is given."""
    settings = {"keys.a": "ES256", "keys.b": "HS256", "keys.b.secret": SECRET}

    assert [key.kid for key in real_keys_of("op", settings)] == ["b"]
