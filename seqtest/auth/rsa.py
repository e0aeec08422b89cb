"""RSA keys that are derived from a seed, so that a restart has the same ones: for tests, never for secrets of value."""

import hashlib
from collections.abc import Iterator
from itertools import count
from typing import Any

BITS = 2048
EXPONENT = 65_537
ROUNDS = 32
"""FIPS 186-5 table B.1 asks for 4 at this size; the numbers here are not an opponent's choice, yet it costs little."""


def derived(seed: bytes) -> Any:
    """The private key of `cryptography` that this seed gives."""
    primes = _primes(seed)
    p = next(primes)
    # FIPS 186-5 appendix A.1.3: the primes are not close to each other.
    return of_primes(p, next(prime for prime in primes if abs(p - prime) >> (BITS // 2 - 100)))


def of_primes(p: int, q: int) -> Any:
    """The private key of `cryptography` with these primes and the usual exponent."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    d = rsa.rsa_recover_private_exponent(EXPONENT, p, q)
    numbers = rsa.RSAPrivateNumbers(
        p,
        q,
        d,
        rsa.rsa_crt_dmp1(d, p),
        rsa.rsa_crt_dmq1(d, q),
        rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(EXPONENT, p * q),
    )
    return numbers.private_key()


def _primes(seed: bytes) -> Iterator[int]:
    half = BITS // 2
    # The two highest bits make the product exactly BITS long.
    top = 0b11 << (half - 2)
    for number in count():
        text = hashlib.shake_256(b"seqtest rsa\n%d\n" % number + seed).digest(half // 8)
        candidate = int.from_bytes(text, "big") | top | 1
        if candidate % EXPONENT != 1 and _is_prime(candidate):
            yield candidate


def _small() -> list[int]:
    sieve = bytearray([1]) * 4000
    for number in range(2, 64):
        sieve[number * number :: number] = bytes(len(range(number * number, 4000, number)))
    return [number for number in range(3, 4000) if sieve[number]]


_SMALL = _small()


def _is_prime(number: int) -> bool:
    """Miller and Rabin's test, for an odd number far above the small primes."""
    if any(number % small == 0 for small in _SMALL):
        return False
    odd = number - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    return all(_is_passed(number, base, odd, twos) for base in _SMALL[:ROUNDS])


def _is_passed(number: int, base: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False
