"""Occurrences: messages as they really happened, in the order in which they did."""

from dataclasses import field

from seqtest.dataclass import guarded
from seqtest.errors import Finding
from seqtest.exchange import Answer, Message
from seqtest.trace.bindings import Bindings


@guarded(frozen=True, slots=True)
class Occurrence:
    """One message as it happened. `step` is the index of the step it was placed on; None when it fitted none."""

    step: int | None
    sender: str
    receiver: str
    content: Message | Answer | None
    """The message or the answer; for a state check its state as fields of a `Result`; None if told, or a delay."""
    at: float
    """The run's clock, seconds since the epoch."""
    bindings: Bindings
    """What was known just before it."""
    request: int | None = None
    """Index in the trace of the message that this one answers."""
    seconds: float = field(default=0.0, compare=False)
    """Real time that the answer took; measured, so no part of comparing."""


@guarded(frozen=True, slots=True)
class Trace:
    """All that happened in one run of one scenario."""

    scenario: str
    occurrences: tuple[Occurrence, ...]
    is_finished: bool = False
    """True only when the player itself said `Finish`."""
    refusal: Finding | None = None
    """The first broken promise that stopped the run."""
    quiet: int = 0
    """Undrawn requests that a `quiet` setting allowed; they are no occurrences."""
    let_by: tuple[Occurrence, ...] = ()
    """These requests, and the answers of bound participants to them: looked at for secrets only."""
    untold: tuple[Occurrence, ...] = ()
    """Answers that had no place yet when the run stopped: what was raised may be in them."""
    published: tuple[tuple[str, Answer], ...] = ()
    """What bound participants answered when they were asked for their keys, without an arrow; for secrets as well."""
