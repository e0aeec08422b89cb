"""A scenario with its bound participants: each arrow has its reading."""

from enum import Enum

from seqtest.dataclass import dataclass
from seqtest.scenario.scenario import Scenario, Step


class Reading(Enum):
    """What seqtest does at an arrow, by who is bound."""

    DRIVE = "drive"  # scripted → bound: sends the message as drawn
    MOCK = "mock"  # bound → scripted: checks what came, answers as drawn
    OBSERVE = "observe"  # bound → bound: lets it through and checks it on the way
    TELL = "tell"  # scripted → scripted: the story goes on


@dataclass(frozen=True, slots=True)
class Script:
    """A scenario, and who in it is bound."""

    scenario: Scenario
    bound: frozenset[str]
    user_agents: frozenset[str] = frozenset()
    """The scripted participants that are browsers."""

    def is_bound(self, participant: str) -> bool:
        return participant in self.bound

    def reading(self, step: Step) -> Reading:
        """How this arrow is read. A response has the reading of its own direction: bound → scripted is checked."""
        if step.sender in self.bound:
            return Reading.OBSERVE if step.receiver in self.bound else Reading.MOCK
        return Reading.DRIVE if step.receiver in self.bound else Reading.TELL
