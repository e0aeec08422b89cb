"""What OpenID Connect Core adds: the half hashes of an ID token."""

import hashlib

from seqtest.auth import base64url
from seqtest.auth.keys import ALGORITHMS, UnknownAlgorithm


def half_hash(value: str, alg: str = "RS256") -> str:
    """base64url of the left half of the value's hash, with the hash of the ID token's `alg` (Core section 3.1.3.6)."""
    if alg not in ALGORITHMS:
        raise UnknownAlgorithm(alg)
    digest = hashlib.new(ALGORITHMS[alg].hash, value.encode()).digest()
    return base64url.encode(digest[: len(digest) // 2])


at_hash = half_hash
"""Of an access token (Core section 3.1.3.6)."""
c_hash = half_hash
"""Of an authorization code (Core section 3.3.2.11)."""
