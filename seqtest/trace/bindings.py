"""What is known at a moment of a run: who knows which value, and what has been seen."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from seqtest.dataclass import dataclass
from seqtest.exchange import NOTHING

if TYPE_CHECKING:
    from seqtest.user_agent.agent import UserAgent


@dataclass(frozen=True, slots=True)
class Bindings:
    """Immutable; each message makes the next one. `values` is by bare name, `known` by participant."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """The latest value of every name, whoever learnt it."""
    known: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Participant id → name → value."""
    now: float = 0.0
    agents: Mapping[str, "UserAgent"] = field(default_factory=lambda: NOTHING)
    """Scripted browsers that have asked for something: participant id → what it keeps."""

    def learn(self, participants: Iterable[str], values: Mapping[str, Any]) -> "Bindings":
        """The bindings after these participants learnt these values."""
        known = dict(self.known)
        for participant in participants:
            known[participant] = {**known.get(participant, NOTHING), **values}
        return Bindings({**self.values, **values}, known, self.now, self.agents)

    def at(self, now: float) -> "Bindings":
        return Bindings(self.values, self.known, now, self.agents)

    def browsing(self, participant: str, agent: "UserAgent") -> "Bindings":
        """The bindings once that browser is as `agent` says."""
        return Bindings(self.values, self.known, self.now, {**self.agents, participant: agent})
