"""RSA keys from a seed."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from seqtest.auth import rsa
from seqtest.auth.keys import kept, make_key


def test_a_derived_key_signs() -> None:
    """It is of 2048 bits, and what it signs verifies."""
    key = rsa.derived(b"a")
    signature = key.sign(b"text", padding.PKCS1v15(), hashes.SHA256())
    key.public_key().verify(signature, b"text", padding.PKCS1v15(), hashes.SHA256())

    assert key.key_size == 2048


def test_primes() -> None:
    """Composites do not pass, strong pseudoprimes to few bases neither."""
    above = (1 << 61) - 1
    assert rsa._is_prime(above)
    assert not rsa._is_prime(above * ((1 << 31) - 1))
    assert not rsa._is_prime(3_825_123_056_546_413_051)  # passes for the bases 2 to 23
    assert not rsa._is_prime(5003 * 5009)


def test_keys_that_are_kept_differ_by_seed_alone() -> None:
    """Equal seeds make equal keys of every algorithm; afterwards keys are made as before."""
    for alg in ("RS256", "ES256", "HS256"):
        before = make_key(alg, "k", "auth")
        found = []
        for seed in (0, 0, 5):
            with kept(seed):
                found.append(make_key(alg, "k", "auth").jwk)
        assert found[0] == found[1]
        assert found[0] != found[2]
        assert make_key(alg, "k", "auth") is before
