"""What contents may ask about the run they are in, besides what is known at the moment."""

import random
from collections.abc import Callable, Mapping, Set
from dataclasses import field
from typing import Any, Protocol

from seqtest.dataclass import dataclass


class KeySource(Protocol):
    """Where participants' keys come from: settings of scripted ones, actors, a bound app's own key endpoint."""

    def public(self, participant: str) -> list[dict[str, Any]]:
        """Public JWKs (RFC 7517) that the participant's tokens are verified against; empty when there are none."""
        ...

    def private(self, participant: str, kid: str | None, alg: str | None) -> Any:
        """A `seqtest.auth.keys.Key` to sign with; None when the participant has none or does not hand it out."""
        ...

    def decryption(self, participant: str) -> list[Any]:
        """The `seqtest.auth.keys.Key`s that open what is encrypted to the participant; empty when it has none."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one run."""

    participants: frozenset[str]
    bound: frozenset[str]
    urls: Mapping[str, str]
    """Participant id → base address, without a slash at its end."""
    settings: Mapping[str, Mapping[str, Any]]
    """Participant id → dotted path → resolved value."""
    keys: KeySource
    random: random.Random
    """Seeded: equal runs make equal values."""
    outside: Callable[[str], Any]
    """A value from outside the diagram by name (fixture, option, environment). Raises KeyError when there is none."""
    user_agents: frozenset[str] = frozenset()
    """The scripted participants that are browsers: they keep cookies and pages by themselves."""
    leeway: float = 5.0
    """Seconds that a time which involves `now` may be off."""
    stateless: Set[str] = frozenset()
    """The bound participants that have no way to tell their state: of them nothing is known to be absent."""
    openings: dict[str, Any] = field(default_factory=dict)
    """Open equations of the run: name → what must hold of it once it is seen."""
