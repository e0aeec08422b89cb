"""What a run adds to a drawing: a state for each arrow, and the arrows that nobody drew."""

from dataclasses import dataclass
from typing import Literal

from seqtest.source import Span

State = Literal["passed", "failed", "told", "not reached", "unexpected"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a drawn message."""

    state: State
    text: str = ""
    """Shown beside the arrow (`\\n` ends a line): what was expected and what came. Markup in it is not read."""


@dataclass(frozen=True, slots=True)
class Extra:
    """A message that happened and is not drawn. A sender or receiver that is no participant is the border."""

    after: Span | None
    """The drawn message that it followed; None when it came first."""
    sender: str
    receiver: str
    label: str
    text: str = ""
    is_reply: bool = False
