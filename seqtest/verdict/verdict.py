"""The answer of a run: kept or broken, with all that is wrong in drawing order and how much was proved."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any, Literal

from seqtest.dataclass import guarded
from seqtest.errors import Finding
from seqtest.scenario import Script
from seqtest.trace import Trace
from seqtest.verdict.arrows import ARROWS

StepState = Literal["passed", "failed", "told", "not reached"]


@guarded(frozen=True, slots=True)
class StepVerdict:
    """What became of one step."""

    step: int
    state: StepState
    failures: tuple[Finding, ...] = ()
    """Its broken promises; first the one that stopped the run, where the run stopped at this step."""
    occurrence: int | None = None
    """Index in the trace."""
    checks: int = 0
    """How many promises were tested on it."""


@guarded(frozen=True, slots=True)
class Verdict:
    """The whole answer for one scenario."""

    script: Script
    trace: Trace
    steps: tuple[StepVerdict, ...]
    failures: tuple[Finding, ...]
    """Every broken promise, in drawing order; never empty unless the player said that it finished."""
    warnings: tuple[Finding, ...] = ()
    held: tuple[Mapping[str, Any], ...] = field(default=(), compare=False, repr=False)
    """Values by their names that no message need have carried: settings, and what was given from outside."""

    @property
    def is_kept(self) -> bool:
        return self.trace.is_finished and not self.failures

    @property
    def arrows_seen(self) -> int:
        """Arrows that touched a bound participant and happened."""
        return sum(1 for step in self._arrows() if step.occurrence is not None and step.state in ("passed", "failed"))

    @property
    def arrows_told(self) -> int:
        """Arrows between scripted parties: told, not tested."""
        return sum(1 for step in self._arrows() if step.state == "told")

    def _arrows(self) -> Iterator[StepVerdict]:
        steps = self.script.scenario.steps
        return (step for step in self.steps if steps[step.step].kind in ARROWS)

    @property
    def checks_made(self) -> int:
        return sum(step.checks for step in self.steps)

    @property
    def under_test(self) -> tuple[str, ...]:
        """The bound participants that an arrow of this run touched, in drawn order."""
        steps = self.script.scenario.steps
        seen = [steps[step.step] for step in self._arrows() if step.occurrence is not None and step.state != "told"]
        touched = {who for step in seen for who in (step.sender, step.receiver)}
        return tuple(p.id for p in self.script.scenario.participants if p.id in self.script.bound & touched)
