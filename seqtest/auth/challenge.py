"""`WWW-Authenticate` (RFC 9110 section 11.6.1): several challenges in one field, auth-params or token68 in each."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field

from seqtest.dataclass import dataclass
from seqtest.pattern import pattern

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = pattern(rf'({_NAME})[ \t]*=[ \t]*(?:({_NAME})|"((?:[^"\\]|\\.)*)")(?=[ \t]*(?:,|$))', re.DOTALL)
_SCHEME = pattern(rf"({_NAME})(?=[ \t]|,|$)")
_TOKEN68 = pattern(r"[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))")
_BLANK = pattern(r"[ \t]*")
_SEPARATOR = pattern(r"[ \t,]*")


class ChallengeError(ValueError):
    """The field is not a list of challenges."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge: `Bearer realm="x", error="invalid_token"`."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case: they compare without case."""
    token: str | None = None

    def __str__(self) -> str:
        if self.token is not None:
            return f"{self.scheme} {self.token}"
        written = ", ".join(f"{name}={quoted(value)}" for name, value in self.parameters.items())
        return f"{self.scheme} {written}".rstrip()


def quoted(value: str) -> str:
    """A quoted-string: RFC 6750 section 3 and most servers quote every value."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def challenges(values: str | Iterable[str]) -> tuple[Challenge, ...]:
    """Every challenge of the values, in order. Raises ChallengeError, also for a parameter that stands twice."""
    found: list[Challenge] = []
    for value in [values] if isinstance(values, str) else values:
        position = _skip(_SEPARATOR, value, 0)
        while position < len(value):
            challenge, position = _challenge(value, position)
            found.append(challenge)
    return tuple(found)


def _challenge(value: str, start: int) -> tuple[Challenge, int]:
    scheme = _SCHEME.match(value, start)
    if scheme is None:
        raise ChallengeError(f"no authentication scheme at column {start + 1}")
    position = _skip(_BLANK, value, scheme.end())
    token = _TOKEN68.match(value, position)
    if token is not None and position > scheme.end() and not _PARAMETER.match(value, position):
        return Challenge(scheme[1], {}, token[0]), _skip(_SEPARATOR, value, token.end())
    parameters: dict[str, str] = {}
    if position > scheme.end():
        position = _parameters(value, position, parameters)
    if position < len(value) and not parameters and value[position] != ",":
        raise ChallengeError(f"neither a parameter nor a challenge at column {position + 1}")
    return Challenge(scheme[1], parameters), _skip(_SEPARATOR, value, position)


def _parameters(value: str, position: int, parameters: dict[str, str]) -> int:
    while (match := _PARAMETER.match(value, position)) is not None:
        name = match[1].lower()
        if name in parameters:
            raise ChallengeError(f"the parameter `{name}` stands twice")
        parameters[name] = match[2] if match[2] is not None else re.sub(r"\\(.)", r"\1", match[3])
        position = _skip(_SEPARATOR, value, match.end())
    return position


def _skip(pattern: re.Pattern[str], value: str, position: int) -> int:
    match = pattern.match(value, position)
    return match.end() if match else position
