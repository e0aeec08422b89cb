"""The state of one run, and what every rule of it needs."""

from collections.abc import Sequence
from typing import Any, Protocol

from seqtest.clock import Clock
from seqtest.contents.context import Context
from seqtest.dataclass import replace
from seqtest.errors import Diagnostic, Finding
from seqtest.exchange import Answer, as_it_is
from seqtest.run import refusal
from seqtest.run.events import Called, Command
from seqtest.run.order import Order
from seqtest.scenario import Script, Step
from seqtest.trace import Bindings, Occurrence, Trace

TICK = 0.001
"""Seconds that the clock moves with each arrow, else everything would be simultaneous."""
WAIT_LEEWAY = 5.0
"""Seconds by which a bound participant may outstay a delay that is not drawn as `at least`."""

MESSAGES = ("request", "action")
ANSWERS = ("response", "result")
ARROWS = (*MESSAGES, *ANSWERS)


class Contents(Protocol):
    """What the player needs of a step's promises (`seqtest.contents.Contents` has it)."""

    def compose(self, bindings: Bindings, request: Any) -> tuple[Any, Bindings]: ...
    def fits(self, content: Any, bindings: Bindings) -> int | None: ...
    def is_for(self, content: Any, bindings: Bindings) -> bool: ...
    def status_fits(self, answer: Any, bindings: Bindings) -> bool: ...
    def capture(self, content: Any, bindings: Bindings, request: Any) -> Bindings: ...
    def missing(self, content: Any, bindings: Bindings, request: Any) -> Sequence[Finding]: ...


class Call:
    """A message on its way and who waits for its answer."""

    __slots__ = ("frame", "id", "is_delivery", "message", "occurrence", "step")

    def __init__(self, id: int, step: int, frame: int | None, message: Any, occurrence: int) -> None:
        self.id = id
        self.step = step
        self.frame = frame
        """The frame that gets the answer; None when the answer ends at the player itself."""
        self.message = message
        self.occurrence = occurrence
        self.is_delivery = False


class Held:
    """An answer that has not found its place yet."""

    __slots__ = ("answer", "at", "call", "seconds")

    def __init__(self, call: Call, answer: Answer, at: float, seconds: float) -> None:
        self.call = call
        self.answer = answer
        self.at = at
        self.seconds = seconds


class Player:
    """The state of one run; the modules `play`, `place`, `perform` and `branches` hold its rules."""

    def __init__(self, script: Script, contents: Sequence[Any], context: Context, clock: Clock) -> None:
        self.script = script
        self.steps: Sequence[Step] = script.scenario.steps
        self.contents: Sequence[Any] = contents
        self.context = context
        self.clock = clock
        self.bound = script.bound
        self.occurrences: list[Occurrence] = []
        self.bindings = Bindings(now=clock.now())
        self.pending: dict[int, tuple[Called, float]] = {}
        self.held: list[Held] = []
        self.ready: dict[int, Command] = {}
        self.mocked: dict[int, Call] = {}
        self.calls: dict[int, Call] = {}
        self.by_step: dict[int, Call] = {}
        self.underway: dict[int, int] = {}
        self.queue: list[Call] = []
        self.due: dict[int, tuple[float, int]] = {}
        self.happened_at: dict[int, float] = {}
        self.givens = {given.before: given for given in script.scenario.givens}
        self.finding: Finding | None = None
        self.is_finished = False
        self.quiet_calls: dict[int, Called] = {}
        self.quiet_count = 0
        self.let_by: list[Occurrence] = []
        self.last_call = 0
        self.by_pair: dict[tuple[str, str], list[int]] = {}
        self.start = self.bindings.now
        waiting = _waits(script)
        self.order = Order(
            self.steps,
            script.scenario.optional,
            lambda step: self._is_mine(step),
            lambda step: step.kind == "keep" or step.index in waiting,
        )
        for step in self.steps:
            if step.kind in MESSAGES and not self.order.is_mine[step.index]:
                self.by_pair.setdefault((step.sender, step.receiver), []).append(step.index)

    def _is_mine(self, step: Step) -> bool:
        if step.kind in ("delay", "state", "keep") or step.sender not in self.bound:
            return True
        return step.sender == step.receiver and step.kind == "action"

    def pass_by(self, index: int) -> None:
        """A step that happens by itself: a renaming, or a delay that a bound participant has to wait out."""
        step = self.steps[index]
        if step.kind == "keep":
            self._keep(step)
        since = max((self.happened_at.get(before, self.start) for before in step.after), default=self.start)
        inherited = [self.due[before] for before in step.after if before in self.due]
        if step.pause is not None:
            self.due[index] = (max([since, *(due for due, _ in inherited)]) + step.pause.seconds, index)
        elif inherited:
            self.due[index] = max(inherited)
        self.record(index, step.sender, step.receiver, None)
        self.happened_at[index] = since
        self.order.done(index)

    def _keep(self, step: Step) -> None:
        bindings = self.bindings
        for name, other in step.keeps:
            knowing = [who for who, known in bindings.known.items() if name in known]
            values = {who: bindings.known[who][name] for who in knowing}
            for who, value in values.items():
                bindings = bindings.learn([who], {other: value})
            if name in bindings.values:
                others = [who for who in step.covered if who not in values]
                bindings = bindings.learn(others, {other: bindings.values[name]})
        self.bindings = bindings

    def waited(self, step: Step, at: float) -> bool:
        for before in step.after:
            if before not in self.due:
                continue
            due, index = self.due[before]
            pause = self.steps[index].pause
            if pause is None:
                continue
            is_late = not pause.is_at_least and at > due + WAIT_LEEWAY
            if at < due or is_late:
                waited = round(at - due + pause.seconds, 3)
                finding = refusal.did_not_wait(self.steps[index], step, waited, pause.seconds, pause.is_at_least)
                self.stop(finding)
                return False
        return True

    def learn(self, step: Step, content: Any, before: Bindings, request: Any) -> None:
        contents = self.contents[step.index]
        content = as_it_is(content)
        try:
            self.bindings = contents.capture(content, before, request)
            for finding in contents.missing(content, before, request):
                self.stop(finding)
        except Diagnostic as problem:
            self.stop(problem.finding)

    def now(self) -> Bindings:
        return self.bindings.at(self.clock.now())

    def record(
        self,
        index: int | None,
        sender: str,
        receiver: str,
        content: Any,
        before: Bindings | None = None,
        request: int | None = None,
        seconds: float = 0.0,
    ) -> int:
        at = self.clock.now()
        content = as_it_is(content)
        self.occurrences.append(
            Occurrence(index, sender, receiver, content, at, before or self.bindings.at(at), request, seconds)
        )
        if index is not None:
            self.happened_at[index] = at
            if self.steps[index].kind in ARROWS:
                self.clock.tick(TICK)
        return len(self.occurrences) - 1

    def note_let_by(self, sender: str, receiver: str, content: Any) -> None:
        """A quiet message: no arrow, but a secret in it counts."""
        at = self.clock.now()
        self.let_by.append(Occurrence(None, sender, receiver, content, at, self.bindings.at(at)))

    def expected(self) -> list[Step]:
        """The steps that may happen now, in drawn order."""
        return [self.steps[index] for index in sorted(self.order.enabled) if self.order.may_happen(index)]

    def placed(self, finding: Finding, sender: str) -> Finding:
        """The finding with a place: the arrow that its sender was handling, else the last that happened."""
        if finding.span is not None:
            return finding
        happened = [one for one in self.occurrences if one.step is not None and self.steps[one.step].span is not None]
        handled = [one for one in happened if one.receiver == sender] or happened
        if not handled or handled[-1].step is None:
            return finding
        return replace(finding, span=self.steps[handled[-1].step].span, label=finding.label or "while handling this")

    def stop(self, finding: Finding) -> None:
        """The first refusal; later ones follow from it."""
        if self.finding is None:
            self.finding = finding

    def trace(self) -> Trace:
        return Trace(
            self.script.scenario.id, tuple(self.occurrences), self.is_finished and self.finding is None, self.finding,
            self.quiet_count, tuple(self.let_by), tuple(self._untold(held) for held in self.held),
        )  # fmt: skip

    def _untold(self, held: Held) -> Occurrence:
        step = self.steps[held.call.step]
        return Occurrence(None, step.receiver, step.sender, held.answer, held.at, self.bindings)


def _waits(script: Script) -> frozenset[int]:
    """The delays after which only bound participants speak: they wait themselves."""
    delays = [step for step in script.scenario.steps if step.kind == "delay" and step.pause and step.pause.seconds]
    if not delays:
        return frozenset()
    followers: dict[int, list[Step]] = {}
    for step in script.scenario.steps:
        for before in step.after:
            followers.setdefault(before, []).append(step)

    def speakers(index: int) -> list[str]:
        found: list[str] = []
        stack, seen = [index], {index}
        while stack:
            for step in followers.get(stack.pop(), ()):
                if step.kind in ARROWS:
                    found.append(step.sender)
                elif step.index not in seen:
                    seen.add(step.index)
                    stack.append(step.index)
        return found

    waits = []
    for step in delays:
        names = speakers(step.index)
        if names and all(name in script.bound for name in names):
            waits.append(step.index)
    return frozenset(waits)
