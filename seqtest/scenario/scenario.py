"""One way through a diagram: a partial order of steps. `alt`, `opt`, `loop`, `break` and `ref` are gone."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.diagram import Diagram, Participant
from seqtest.diagram.expectation import Expectation, Promise, Value
from seqtest.source import Span

StepKind = Literal[
    "request", "response",  # HTTP
    "action", "result",  # a message that is not HTTP, and what it gave back
    "delay",  # the clock moves on
    "state",  # a note over a participant below the first arrow: checks of its state
    "keep",  # no arrow: renames what is known, at the end of an interaction use
]  # fmt: skip

LEFT_GATE, RIGHT_GATE = "[", "]"


@dataclass(frozen=True, slots=True)
class Pause:
    """A delay's duration, in seconds. `at_least`: a bound party may wait longer."""

    seconds: float
    is_at_least: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens."""

    index: int
    kind: StepKind
    sender: str
    """Participant id; a gate is `[` or `]`. For a delay or a state check the participant concerned ("" for all)."""
    receiver: str
    expectation: Expectation | None = None
    pause: Pause | None = None
    call: int = -1
    """Index of the request or action that this step answers; its own index for those."""
    answer: int | None = None
    """Index of the step that answers this request or action; None when none is drawn (`->>`, `->x`)."""
    after: tuple[int, ...] = ()
    """Indices of the steps that must have happened before."""
    is_async: bool = False
    is_lost: bool = False
    """A lost request (`->x`) or a lost answer (`-->x`)."""
    critical: int | None = None
    """Number of the `critical` fragment that it stands in: while one is open nothing outside it is enabled."""
    lane: tuple[tuple[int, int], ...] = ()
    """The `par` fragments it stands in, each with its operand: `((fragment, operand), …)`, outermost first."""
    iteration: tuple[tuple[int, int], ...] = ()
    """The ranged loops (`loop 0..20 times`) it stands in: `((loop, iteration), …)`."""
    given: Mapping[str, Value] = field(default_factory=dict)
    """Names that an interaction use or a table row gives: `{"username": …}`; they come before all other knowledge."""
    keeps: tuple[tuple[str, str], ...] = ()
    """For `keep`: `(name, other name)`."""
    covered: tuple[str, ...] = ()
    """For `keep`: the participants that the `ref` lies over. What it hands out it hands to them."""
    stage: str = ""
    """The divider or group it stands under, for the report."""
    number: str | None = None
    """What autonumber shows."""
    text: str = ""
    """The label (or delay, or note) as written."""
    span: Span | None = field(default=None, compare=False, repr=False)
    used_at: Span | None = field(default=None, compare=False, repr=False)
    """The `ref` of the scenario's own drawing by which it came in; None for what is drawn there itself."""


@dataclass(frozen=True, slots=True)
class OptionalIteration:
    """An iteration of a ranged loop that may be left out, with all the later ones of its loop."""

    loop: int
    iteration: int
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A guard that must hold from a place on. Where the user has a `@seqtest.given(...)` for it, that brings it about.

    `guard.check` sees to it that the diagram itself brings about all others.
    """

    text: str
    before: int
    """Index of the step in front of which it must hold."""
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the ways on at a place where the diagram branches, taken or not."""

    text: str
    """The guard; empty for an empty guard and for passing by an `opt` or `break`."""
    steps: tuple[Step, ...] = ()
    """What it draws, in the first case that takes it; empty for passing by."""
    is_settled: bool = False
    """The drawing itself says when it is taken: its guard is a setting, or it is a row of a table."""
    setting: tuple[str, Promise] | None = None
    """The setting that its guard is, with the participant that has it."""
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """A place where the diagram branches, and the branch that this scenario takes there."""

    operator: str
    branches: tuple[Branch, ...]
    taken: int
    is_free: bool = True
    """False when an interaction use names the case, or a setting leaves no other."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One straight way through a diagram."""

    id: str
    """ASCII, stable, without blanks or brackets, unique in its diagram: `token-has-expired`, `outer/inner`.

    The diagram's name when nothing branches.
    """
    name: str
    """The same for people: `token has expired`."""
    diagram: Diagram
    participants: tuple[Participant, ...]
    """Those of the diagram, and those that only its interaction uses have."""
    steps: tuple[Step, ...]
    settings: Mapping[str, tuple[Promise, ...]] = field(default_factory=dict)
    """Participant id → its settings as drawn above the first arrow (operator `=`; guards on settings included)."""
    optional: tuple[OptionalIteration, ...] = ()
    givens: tuple[Given, ...] = ()
    choices: tuple[Choice, ...] = ()
    """Every place where the diagram branches on this way, in the order in which it comes by."""
    tags: tuple[str, ...] = ()
    """Words by which `-k` finds it: guards, stages."""
