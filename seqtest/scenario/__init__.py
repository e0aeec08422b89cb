"""Scenario: one straight way through a diagram."""

from seqtest.scenario.scenario import (
    LEFT_GATE,
    RIGHT_GATE,
    Branch,
    Choice,
    Given,
    OptionalIteration,
    Pause,
    Scenario,
    Step,
)
from seqtest.scenario.script import Reading, Script

__all__ = [
    "LEFT_GATE",
    "RIGHT_GATE",
    "Branch",
    "Choice",
    "Given",
    "OptionalIteration",
    "Pause",
    "Reading",
    "Scenario",
    "Script",
    "Step",
]
