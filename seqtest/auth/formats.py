"""One content as an opaque token, a JWT, an SWT and a SAML assertion, in real bytes: what each weighs on its way."""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any, Literal
from urllib.parse import quote_plus

from seqtest.auth import base64url, jwt, saml, swt
from seqtest.auth.keys import Key, make_key
from seqtest.auth.rsa import of_primes
from seqtest.dataclass import dataclass

Family = Literal["opaque", "SWT", "JWT", "SAML"]

EXAMPLE: Mapping[str, Any] = {
    "iss": "https://auth.example",
    "sub": "123",
    "aud": "https://api.example",
    "exp": 1_767_225_900,
    "iat": 1_767_225_600,
    "jti": "c5a7e1d2b3f4",
    "client_id": "web",
    "scope": "orders:read orders:write",
}
"""The content where no other is given."""

ALGORITHMS = ("HS256", "ES256", "EdDSA", "ES384", "RS256", "PS256")
"""Those of JWTs, the shortest signature first; RSA with 2048 bits."""
ROLES = (1, 10, 50, 200)
"""Numbers of roles with which the sizes are shown."""
MOST_ROLES = 4096

LIMITS: Mapping[int, str] = {
    4096: "one cookie in a browser",
    8192: "one header field in nginx and Apache, all of them in Tomcat",
    16_384: "all header fields in Node.js",
}
"""Bytes, and who takes no more than that by default."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One token, as it is handed over."""

    name: str
    family: Family
    text: str
    """Encoded, as it is handed over."""
    raw: int
    """Bytes before the encoding: of a JWT its header, claims and signature, of SAML the XML."""
    scheme: str = "Bearer {}"
    """What stands in `Authorization`, RFC 6750 section 2.1 where nothing else is said."""
    parameter: str = "access_token"
    """Its name in a form and in a query."""
    deflated: str | None = None
    """What stands in a URL in place of the text: deflated, base64 (saml-bindings-2.0 section 3.4.4.1)."""

    @property
    def encoded(self) -> int:
        """Bytes of the token itself."""
        return len(self.text)

    @property
    def authorization(self) -> int:
        """Bytes of the header field `Authorization`, its line end included."""
        return len(f"Authorization: {self.scheme.format(self.text)}\r\n")

    @property
    def form(self) -> int:
        """Bytes of the field of a form that is sent by POST, percent-encoded."""
        return len(f"{self.parameter}={quote_plus(self.text)}")

    @property
    def query(self) -> int:
        """Bytes that an address gets longer by."""
        return len(f"?{self.parameter}={quote_plus(self.deflated or self.text)}")


Maker = Callable[[Mapping[str, Any]], Encoded]


def makers() -> dict[str, Maker]:
    """Format → what makes a token of claims. Without `signxml` there is no SAML among them."""
    found: dict[str, Maker] = {"opaque": _opaque, "SWT, HMAC-SHA256": _swt}
    found |= {f"JWT, {alg}": _jwt_by(alg) for alg in ALGORITHMS}
    if has_saml():
        found |= {"SAML": _saml_with(is_certified=False), "SAML with certificate": _saml_with(is_certified=True)}
    return found


def encodings(claims: Mapping[str, Any]) -> list[Encoded]:
    """The claims in each format, smallest first."""
    return sorted((make(claims) for make in makers().values()), key=lambda one: one.authorization)


def with_roles(claims: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The claims with so many roles, of fifteen letters each, in place of those that they have."""
    others = {name: value for name, value in claims.items() if name != "roles"}
    return {**others, "roles": [f"team-{n:03}.editor" for n in range(number)]} if number else others


@dataclass(frozen=True, slots=True)
class Growth:
    """How the `Authorization` field of one format grows with the number of roles."""

    name: str
    family: Family
    sizes: Mapping[int, int]
    """Number of roles → bytes."""
    too_many: Mapping[int, int | None]
    """Limit in bytes → the first number of roles with which it is crossed; None: not with 4096 either."""


def growth(claims: Mapping[str, Any], numbers: Sequence[int] = ROLES) -> list[Growth]:
    """Each format's growth, in the order of `makers`; every size is that of a token that was made."""
    return [_growth(name, make, claims, numbers) for name, make in makers().items()]


def _growth(name: str, make: Maker, claims: Mapping[str, Any], numbers: Sequence[int]) -> Growth:
    known: dict[int, Encoded] = {}

    def size(number: int) -> int:
        if number not in known:
            known[number] = make(with_roles(claims, number))
        return known[number].authorization

    sizes = {number: size(number) for number in numbers}
    return Growth(name, known[numbers[0]].family, sizes, {limit: _first_over(limit, size) for limit in LIMITS})


def _first_over(limit: int, size: Callable[[int], int]) -> int | None:
    """The first number of roles whose size is over the limit: doubled until one is, then halved."""
    if size(0) > limit:
        return 0
    over = next((1 << power for power in count() if 1 << power > MOST_ROLES or size(1 << power) > limit), 0)
    if over > MOST_ROLES:
        return None
    under = over // 2
    while over - under > 1:
        middle = (under + over) // 2
        under, over = (under, middle) if size(middle) > limit else (middle, over)
    return over


def has_saml() -> bool:
    """Whether SAML assertions can be made here."""
    from importlib.util import find_spec

    try:
        return find_spec("signxml") is not None
    except ValueError:  # somebody put None in its place
        return False


def introspected(claims: Mapping[str, Any]) -> int:
    """Bytes of the JSON with which introspection tells what an opaque token is for (RFC 7662 section 2.2)."""
    return len(_compact({"active": True, **claims}))


_P = (
    "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmn"
    "PGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc"
)
_Q = (
    "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnB"
    "A-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc"
)
"""The primes of RFC 7515 appendix A.2.1: with a key that everybody knows each run has the same bytes."""


@cache
def _rsa() -> Any:
    return of_primes(*(int.from_bytes(base64url.decode(text)) for text in (_P, _Q)))


@cache
def _certificate() -> bytes:
    from seqtest.auth.certificate import self_signed

    return self_signed(_rsa(), "auth.example", start=datetime(2026, 1, 1, tzinfo=UTC), days=365, serial=(1 << 158) + 7)


def key(alg: str) -> Key:
    """The key that signs by this algorithm here."""
    return Key("k1", alg, _rsa()) if alg[:2] in ("RS", "PS") else make_key(alg, "k1", "formats")


def _opaque(claims: Mapping[str, Any]) -> Encoded:
    """256 bits that nobody can guess elsewhere; the claims stay with the server, which is asked for them."""
    entropy = hashlib.sha256(b"formats").digest()
    return Encoded("opaque", "opaque", base64url.encode(entropy), len(entropy))


def _swt(claims: Mapping[str, Any]) -> Encoded:
    text = swt.encode(claims, key("HS256").material)
    plain = sum(len(part.encode()) for pair in swt.pairs(claims) for part in pair)
    # OAuth WRAP 0.9 section 4.1: it is no b64token, so Bearer cannot carry it.
    return Encoded("SWT, HMAC-SHA256", "SWT", text, plain + 32, 'WRAP access_token="{}"', "wrap_access_token")


def _jwt_by(alg: str) -> Maker:
    def make(claims: Mapping[str, Any]) -> Encoded:
        text = jwt.sign({"typ": "JWT"}, claims, key(alg))
        return Encoded(f"JWT, {alg}", "JWT", text, sum(len(base64url.decode(part)) for part in text.split(".")))

    return make


def _saml_with(*, is_certified: bool) -> Maker:
    name = "SAML with certificate" if is_certified else "SAML"

    def make(claims: Mapping[str, Any]) -> Encoded:
        xml = saml.assertion(claims, _rsa(), _certificate(), shows_certificate=is_certified)
        deflated = zlib.compressobj(9, zlib.DEFLATED, -15)
        small = base64.b64encode(deflated.compress(xml) + deflated.flush()).decode("ascii")
        posted = base64.b64encode(xml).decode("ascii")
        return Encoded(name, "SAML", posted, len(xml), parameter="SAMLResponse", deflated=small)

    return make


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
