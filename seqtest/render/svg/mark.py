"""What a run adds to a drawing: a state for each arrow, note and pause, and the arrows that nobody drew."""

from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.source import Span

State = Literal["passed", "failed", "told", "not reached", "unexpected"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a drawn item: a message, a note, a delay, or the operand of a fragment."""

    state: State
    text: str = ""
    """Shown beside it (`\\n` ends a line): what was expected and what came. Markup in it is not read."""
    occurrences: tuple[int, ...] = ()
    """Of a message: where in the trace it happened, once for each round of a loop."""
    detail: tuple[str, ...] = ()
    """Lines that a viewer shows when the arrow is pointed at: the message as it went by."""


@dataclass(frozen=True, slots=True)
class Extra:
    """A message that happened and is not drawn. A sender or receiver that is no participant is the border."""

    after: Span | None
    """The drawn message that it followed; None when it came first."""
    sender: str
    receiver: str
    label: str
    text: str = ""
    occurrence: int | None = None
    """Where in the trace it happened."""
    detail: tuple[str, ...] = ()
