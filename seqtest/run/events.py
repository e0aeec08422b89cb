"""What passes between the player and whoever drives it: events in, commands out.

A *frame* is whoever waits for an instruction: frame 0 is the front door, every intercepted call is one more. A frame
feeds what it saw and gets back one command for itself.
"""

from typing import Any

from seqtest.dataclass import dataclass
from seqtest.errors import Finding
from seqtest.exchange import Action, Answer, Message
from seqtest.trace import Trace

FRONT_DOOR = 0


@dataclass(frozen=True, slots=True)
class Started:
    frame: int


@dataclass(frozen=True, slots=True)
class Woken:
    """Another frame moved."""

    frame: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing runs any more: what has not come by now does not come."""

    frame: int
    unfinished: tuple[str, ...] = ()
    """What the run waited for in vain: threads and pool work that a bound participant began and that did not end."""


@dataclass(frozen=True, slots=True)
class Called:
    """A bound participant calls out; `frame` is the id of its call."""

    frame: int
    sender: str
    receiver: str
    message: Message


@dataclass(frozen=True, slots=True)
class Replied:
    """A `Send` came back, `seconds` of real time later."""

    frame: int
    call: int
    answer: Answer
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Done:
    """After `Advance`, `Ask` or `Act`; `value` is what was asked for."""

    frame: int
    value: Any = None


@dataclass(frozen=True, slots=True)
class Breached:
    """Something that cannot be an arrow: a connection behind our back, a message without a step definition."""

    frame: int
    finding: Finding
    call: int | None = None
    """The `Send` that it happened in; the finding gets its place in the drawing."""
    sender: str = ""
    """Who did it, as far as known."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Nothing has moved for a while although a message is on its way."""

    frame: int
    seconds: float
    place: str = ""
    """Where the user's code waits: `app.py:12 in handle`."""


Event = Started | Woken | Quiet | Called | Replied | Done | Breached | Overdue


@dataclass(frozen=True, slots=True)
class Send:
    """Perform the call and feed `Replied`. `call == frame`: let an observed call through; else drive a new one."""

    call: int
    sender: str
    receiver: str
    message: Message


@dataclass(frozen=True, slots=True)
class Reply:
    """Return this answer to the caller of this frame."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Drop:
    """A lost message: the caller gets a connection error."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The run is over for this frame: raise `Stopped`. The only road to it, so that no refusal goes unrecorded."""

    finding: Finding
    trace: Trace
    """What had happened when it came to this."""


@dataclass(frozen=True, slots=True)
class Advance:
    """Move the clock."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask who plays the participant for its `"state"`."""

    participant: str
    what: str


@dataclass(frozen=True, slots=True)
class Act:
    """Run the participant's step definition for a self message; or, with no participant, a `given` of the user's."""

    participant: str
    action: Action


@dataclass(frozen=True, slots=True)
class Park:
    """Wait; feed `Woken` when another frame moved, `Quiet` when nothing runs any more."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Green is this and nothing else."""

    trace: Trace


Command = Send | Reply | Drop | Refuse | Advance | Ask | Act | Park | Finish


class Stopped(BaseException):
    """Ends a bound participant's call after a refusal. BaseException, so `except Exception` lets it through."""
