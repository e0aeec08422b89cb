"""Header fields whose values compare by their grammar, not letter by letter (RFC 9110)."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import SplitResult, parse_qs, urljoin, urlsplit

from seqtest.auth.challenge import Challenge, ChallengeError, challenges

CHALLENGES = frozenset(("www-authenticate", "proxy-authenticate"))


def content_type_equal(value: str, wanted: str) -> bool:
    """The media type; parameters only where they are drawn (section 8.3.1: names and charset without case)."""
    came, came_parameters = _media_type(value)
    promised, promised_parameters = _media_type(wanted)
    return came == promised and all(
        came_parameters.get(name, "").lower() == held.lower() for name, held in promised_parameters.items()
    )


@lru_cache(maxsize=256)
def _media_type(value: str) -> tuple[str, Mapping[str, str]]:
    if ";" not in value:
        return value.strip().lower(), {}
    from werkzeug.http import parse_options_header

    name, parameters = parse_options_header(value)
    return name.lower(), {key.lower(): held for key, held in parameters.items()}


def cache_control_equal(value: str, wanted: str) -> bool:
    """Every drawn directive is there; more may be."""
    came = _directives(value)
    return all(came.get(name) == held for name, held in _directives(wanted).items())


@lru_cache(maxsize=256)
def _directives(value: str) -> Mapping[str, frozenset[str | None]]:
    """A directive that comes twice may have two values, and caches differ in which one they take (RFC 9111 4.2.1)."""
    from werkzeug.http import parse_dict_header, parse_list_header

    found: dict[str, frozenset[str | None]] = {}
    for item in parse_list_header(value):
        for name, held in parse_dict_header(item).items():
            found[name.lower()] = found.get(name.lower(), frozenset()) | {held}
    return found


def names_equal(value: str, wanted: str) -> bool:
    """Names of header fields, which have no case."""
    return value.lower() == wanted.lower()


def authorization_equal(value: str, wanted: str) -> bool:
    """The scheme without case (section 11.1), the credentials letter by letter."""
    came, _, credentials = value.partition(" ")
    promised, _, drawn = wanted.partition(" ")
    return came.lower() == promised.lower() and credentials.strip(" ") == drawn.strip(" ")


def challenge_equal(value: str, wanted: str) -> bool:
    """One of the challenges has the drawn scheme, and the drawn parameters."""
    return challenge_of(value, wanted) is not None


def challenge_of(value: str, wanted: str) -> Challenge | None:
    """The challenge that is as drawn, or None. Raises ChallengeError for a field that is no challenge.

    Of several that are as drawn it is the first; lines below it that hold of that one only would test one of them, so
    whoever reads those asks `challenges_of`.
    """
    return next(iter(challenges_of(value, wanted)), None)


def challenges_of(value: str, wanted: str) -> list[Challenge]:
    """Every challenge that is as drawn. Raises ChallengeError."""
    promised = _challenges(wanted)[0]
    return [
        came
        for came in _challenges(value)
        if came.scheme.lower() == promised.scheme.lower()
        and promised.parameters.items() <= came.parameters.items()
        and promised.token in (None, came.token)
    ]


def has_challenges(value: str, number: int) -> bool:
    """Whether at least so many challenges came; also for what is none, of which more is said later."""
    try:
        return number == 1 or len(_challenges(value)) >= number
    except ChallengeError:
        return True


@lru_cache(maxsize=256)
def _challenges(value: str) -> tuple[Challenge, ...]:
    found = challenges(value)
    if not found:
        raise ChallengeError("the field is empty")
    return found


def url_equal(value: str, wanted: str, base: str) -> bool:
    """Scheme, host and path, both read relative to `base`, and the drawn query fields in any order."""
    came, promised = urlsplit(urljoin(base, value)), urlsplit(urljoin(base, wanted))
    if origin(came) != origin(promised) or (came.path or "/") != (promised.path or "/"):
        return False
    if promised.fragment and came.fragment != promised.fragment:
        return False
    held, drawn = parse_qs(came.query, keep_blank_values=True), parse_qs(promised.query, keep_blank_values=True)
    return all(sorted(held.get(name, ())) == sorted(values) for name, values in drawn.items())


def origin(parts: SplitResult) -> tuple[str, str, str, int | None]:
    """Scheme, user, host and port; the port that a scheme implies is the same as none.

    Raises ValueError for an address that is read differently by different readers.
    """
    if "\\" in parts.netloc + parts.path:
        # A browser reads `\` as `/`, so `https://evil.test\@client.test` leads it to evil.test.
        raise ValueError("a backslash stands in the address")
    user, _, _ = parts.netloc.rpartition("@")
    port = None if parts.port == _PORTS.get(parts.scheme) else parts.port
    return parts.scheme, user, parts.hostname or "", port


_PORTS = {"http": 80, "https": 443}

_OF_NAMES = (
    "vary",
    "connection",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-request-headers",
)
NAMES = frozenset((*_OF_NAMES, "cache-control"))
"""Headers that list names without case: of other headers, of directives."""
DIRECTIVES = frozenset((
    "set-cookie", "strict-transport-security", "content-security-policy", "content-security-policy-report-only",
    "content-type", "content-disposition", "permissions-policy",
))  # fmt: skip
"""Headers with names without case among values that have one: what they must lack is there however it is written."""
EQUALITIES: Mapping[str, Callable[[str, str], bool]] = {
    "content-type": content_type_equal,
    "cache-control": cache_control_equal,
    "authorization": authorization_equal,
    "proxy-authorization": authorization_equal,
    "www-authenticate": challenge_equal,
    "proxy-authenticate": challenge_equal,
    **dict.fromkeys(_OF_NAMES, names_equal),
}
"""Header (lower case) → whether a value that came is as drawn. All others are compared as they are."""


def names_authority(host: str, url: str) -> bool:
    """Whether a `Host` header names the host and port of the URL; a default port may be left out."""
    asked = urlsplit(url)
    try:
        named = urlsplit(f"{asked.scheme}://{host}")
        return not set(host) & set("/?#@\\") and origin(named)[2:] == origin(asked)[2:]
    except ValueError:
        return False
