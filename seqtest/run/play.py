"""Play: be told what a frame saw, answer what that frame does next. No I/O happens here.

Theory of operation. While the driver's request to A is open, A's own stack calls B; so whoever waits for an instruction
is a *frame*: frame 0 is the front door, each intercepted call is one more. Every event first becomes something that
waits for its place: a call (`pending`) or an answer (`held`). Then, for the frame that asked, in this order: place what
waits on the steps that may happen now; hand out the command that is ready for the frame; give the frame's own drawn
answer; perform the lowest step that is ours (a scripted sender's message, a delay, a state check); deliver what was sent
asynchronously; and when nothing is left, refuse a call that still has no place, or park.

A call is never parked until its place comes, else a race would silently be put in order. An answer is parked, since
the other arrows of its call may still be on their way; when nothing runs any more (`Quiet`) they are missing.
After the first refusal everything is refused, and only `Quiet` with every step done leads to `Finish`.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Protocol

from seqtest.clock import Clock
from seqtest.contents.context import Context
from seqtest.diagram.expectation import ActionLine, Expectation, RequestLine
from seqtest.errors import Diagnostic, Finding
from seqtest.exchange import Action, Answer, Message, Request, Response, Result
from seqtest.run import branches, refusal
from seqtest.run.events import (
    FRONT_DOOR,
    Act,
    Advance,
    Ask,
    Breached,
    Called,
    Command,
    Done,
    Drop,
    Event,
    Finish,
    Park,
    Quiet,
    Refuse,
    Replied,
    Reply,
    Send,
)
from seqtest.run.order import Order
from seqtest.run.quiet import is_quiet, quiet_answer
from seqtest.scenario import Script, Step
from seqtest.trace import Bindings, Occurrence, Trace

TICK = 0.001
"""Seconds that the clock moves with each arrow, else everything would be simultaneous."""
WAIT_LEEWAY = 5.0
"""Seconds by which a bound participant may outstay a delay that is not drawn as `at least`."""

_MESSAGES = ("request", "action")
_ARROWS = ("request", "action", "response", "result")


class Contents(Protocol):
    """What the player needs of a step's promises (`seqtest.contents.Contents` has it)."""

    def compose(self, bindings: Bindings, request: Any) -> tuple[Any, Bindings]: ...
    def fits(self, content: Any, bindings: Bindings) -> int | None: ...
    def status_fits(self, answer: Any) -> bool: ...
    def capture(self, content: Any, bindings: Bindings, request: Any) -> Bindings: ...
    def missing(self, content: Any, bindings: Bindings, request: Any) -> Sequence[Finding]: ...


def play(script: Script, contents: Sequence[Any], context: Context, clock: Clock) -> Generator[Command, Event, None]:
    """The rules of a run. Prime it with `next`; then `send` an event for each command.

    `contents` holds what each step promises, by the step's index (None for a delay or a renaming).
    """
    player = Player(script, contents, context, clock)
    command: Command = Park()
    while True:
        event = yield command
        command = player.react(event)


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
    """The state of one run; `play` is its only user."""

    def __init__(self, script: Script, contents: Sequence[Any], context: Context, clock: Clock) -> None:
        self.script = script
        self.steps: Sequence[Step] = script.scenario.steps
        self.contents = contents
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
        self.quiet_calls: dict[int, int] = {}
        self.quiet_count = 0
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
            if step.kind in _MESSAGES and not self.order.is_mine[step.index]:
                self.by_pair.setdefault((step.sender, step.receiver), []).append(step.index)

    def _is_mine(self, step: Step) -> bool:
        if step.kind in ("delay", "state", "keep") or step.sender not in self.bound:
            return True
        return step.sender == step.receiver and step.kind == "action"

    # Events.

    def react(self, event: Event) -> Command:
        """What the event's frame does next."""
        if self.finding is None:
            hear = _EVENTS.get(type(event))
            if hear is not None:
                hear(self, event)
        return self.next(event.frame)

    def _called(self, event: Called) -> None:
        if self.is_finished:
            self.stop(refusal.after_the_end(event.sender, event.receiver, event.message))
        elif not event.receiver:
            self._stranger(event, refusal.nobody_there(event.sender, event.message))
        elif not event.sender:
            self._stranger(event, refusal.nameless(event.message, event.receiver))
        else:
            self.pending[event.frame] = (event, self.clock.now())

    def _stranger(self, event: Called, finding: Finding) -> None:
        self._record(None, event.sender, event.receiver, event.message)
        self.stop(finding)

    def _replied(self, event: Replied) -> None:
        if event.call in self.quiet_calls:
            self.ready[self.quiet_calls.pop(event.call)] = Reply(event.answer)
            return
        self.held.append(Held(self.calls.pop(event.call), event.answer, self.clock.now(), event.seconds))

    def _done(self, event: Done) -> None:
        index = self.underway.pop(event.frame, None)
        if index is None:
            return
        step = self.steps[index]
        if step.kind == "action":
            self._acted(step, event.value)
        else:
            content = Result(fields=dict(event.value)) if step.kind == "state" else None
            self._record(index, step.sender, step.receiver, content)
            self.order.done(index)

    def _breached(self, event: Breached) -> None:
        call = self.calls.get(event.call) if event.call is not None else None
        finding = event.finding
        if call is not None and finding.span is None:
            from dataclasses import replace

            finding = replace(finding, span=self.steps[call.step].span)
        self.stop(finding)

    def _quiet(self, event: Quiet) -> None:
        if not self.order.remaining and not self.held and not self.pending and not self.queue:
            if event.unfinished:
                self.stop(refusal.still_running(event.unfinished))
            else:
                self.is_finished = True
            return
        if self.queue and not self.pending:
            return
        if branches.leave_out_next(self):
            return
        self.stop(self._missing(event.unfinished))

    def _missing(self, unfinished: Sequence[str]) -> Finding:
        expected = self.expected()
        step = next((step for step in expected if step.kind in _MESSAGES), expected[0] if expected else self.steps[-1])
        answered = next((held.answer for held in self.held if self._answerer(held.call) == step.sender), None)
        return refusal.missing(step, answered, unfinished)

    def _answerer(self, call: Call) -> str:
        return self.steps[call.step].receiver

    # What the frame does next.

    def next(self, frame: int) -> Command:
        """The frame's command, after everything that can happen now has happened."""
        while True:
            if self.finding is None:
                self._settle()
            if self.finding is not None:
                return Refuse(self.finding, self.trace())
            called = self.pending.get(frame)
            if called is not None and self._place(*called):
                self.pending.pop(frame, None)
                continue
            command = self._bring_about(frame) or self.ready.pop(frame, None)
            if command is not None:
                return command
            own = self._own_answer(frame)
            index = own if own is not None else self.order.next_mine()
            if index is not None:
                command = self._perform(frame, index)
                if command is not None:
                    return command
            elif self.queue:
                return self._deliver(frame)
            elif called is not None:
                self._refuse_call(called[0])
            elif self.is_finished and frame == FRONT_DOOR:
                return Finish(self.trace())
            else:
                return Park()

    def _own_answer(self, frame: int) -> int | None:
        call = self.mocked.get(frame)
        if call is None:
            return None
        answer = self.steps[call.step].answer
        return answer if answer is not None and self.order.may_happen(answer) else None

    def _settle(self) -> None:
        while self.finding is None:
            if self.order.fresh:
                self.pass_by(self.order.fresh.pop(0))
                continue
            for place, held in enumerate(self.held):
                if self._accept(held):
                    del self.held[place]
                    break
            else:
                return

    def _bring_about(self, frame: int) -> Command | None:
        for before, given in self.givens.items():
            if self.order.may_happen(before):
                del self.givens[before]
                return Act("", Action(given.text))
        return None

    # Steps that are ours.

    def _perform(self, frame: int, index: int) -> Command | None:
        step = self.steps[index]
        if branches.is_spared(self, step):
            return None
        try:
            return _STEPS[step.kind](self, frame, step)
        except Diagnostic as problem:
            self.stop(problem.finding)
            return None

    def _speak(self, frame: int, step: Step) -> Command | None:
        if step.sender in self.bound:
            return self._act(frame, step)
        if self.queue and not step.is_async and self._delivers_first(step):
            return self._deliver(frame)
        before = self._now()
        message, after = self.contents[step.index].compose(before, None)
        is_told = step.receiver not in self.bound
        occurrence = self._record(step.index, step.sender, step.receiver, None if is_told else message, before)
        self.bindings = after
        self.last_call -= 1
        call = self.by_step[step.index] = Call(self.last_call, step.index, None, message, occurrence)
        self.order.done(step.index)
        if is_told or step.is_lost:
            return None
        if step.is_async:
            self._enqueue(call)
            return None
        self.calls[call.id] = call
        return Send(call.id, step.sender, step.receiver, message)

    def _answer(self, frame: int, step: Step) -> Command | None:
        call = self.by_step[step.call]
        before = self._now()
        answer, after = self.contents[step.index].compose(before, call.message)
        is_told = step.receiver not in self.bound
        self._record(step.index, step.sender, step.receiver, None if is_told else answer, before, call.occurrence)
        self.bindings = after
        if call.frame is not None:
            self.mocked.pop(call.frame, None)
            self.ready[call.frame] = Drop() if step.is_lost else Reply(answer)
        self.order.done(step.index)
        return None

    def _delay(self, frame: int, step: Step) -> Command | None:
        if self.queue:
            return self._deliver(frame)
        if step.pause is None or not step.pause.seconds:
            self._record(step.index, step.sender, step.receiver, None)
            self.order.done(step.index)
            return None
        self.order.begin(step.index)
        self.underway[frame] = step.index
        return Advance(step.pause.seconds)

    def _state(self, frame: int, step: Step) -> Command | None:
        if step.sender in self.bound:
            self.order.begin(step.index)
            self.underway[frame] = step.index
            return Ask(step.sender, "state")
        known = {**self.context.settings.get(step.sender, {}), **self.bindings.known.get(step.sender, {})}
        self._record(step.index, step.sender, step.receiver, Result(fields=known))
        self.order.done(step.index)
        return None

    def _act(self, frame: int, step: Step) -> Command:
        message, _ = self.contents[step.index].compose(self._now(), None)
        self.order.begin(step.index)
        self.underway[frame] = step.index
        self.by_step[step.index] = Call(0, step.index, None, message, -1)
        return Act(step.sender, message)

    def _acted(self, step: Step, result: Result | None) -> None:
        """A self message came back; without a step definition it was prose, unless something is promised of it."""
        call = self.by_step[step.index]
        if result is None and step.expectation is not None and step.expectation.promises:
            self.stop(refusal.no_step_definition(step.sender, call.message.text, ()))
            return
        call.occurrence = self._record(step.index, step.sender, step.receiver, call.message if result else None)
        self.order.done(step.index)
        self.held.append(Held(call, result or Result(), self.clock.now(), 0.0))

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
        self._record(index, step.sender, step.receiver, None)
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
                bindings = bindings.learn([], {other: bindings.values[name]})
        self.bindings = bindings

    # Calls that come in.

    def _place(self, event: Called, at: float) -> bool:
        bindings = self._now()
        best: tuple[int, int] | None = None
        for index in self.order.theirs:
            step = self.steps[index]
            if step.sender != event.sender or step.receiver != event.receiver or step.kind not in _MESSAGES:
                continue
            if not self.order.may_happen(index):
                continue
            score = self.contents[index].fits(event.message, bindings)
            if score is not None and (best is None or (score, index) < best):
                best = (score, index)
        if self.script.scenario.optional:
            best = branches.past_iterations(self, event, best)
        if best is None:
            return self._has_no_place(event)
        self._take(event, self.steps[best[1]], at)
        return True

    def _take(self, event: Called, step: Step, at: float) -> None:
        if not self._waited(step, at):
            return
        before = self._now()
        occurrence = self._record(step.index, event.sender, event.receiver, event.message, before)
        self._learn(step, event.message, before, None)
        call = self.by_step[step.index] = Call(event.frame, step.index, event.frame, event.message, occurrence)
        self.order.done(step.index)
        is_bound = step.receiver in self.bound
        if step.is_lost:
            self.ready[event.frame] = Drop()
        elif step.is_async:
            self.ready[event.frame] = Reply(_taken(event.message))
            if is_bound:
                self.last_call -= 1
                self._enqueue(Call(self.last_call, step.index, None, event.message, occurrence))
        elif is_bound:
            self.calls[call.id] = call
            self.ready[event.frame] = Send(event.frame, event.sender, event.receiver, event.message)
        elif step.answer is None:
            self.ready[event.frame] = Reply(_taken(event.message))
        else:
            self.mocked[event.frame] = call

    def _has_no_place(self, event: Called) -> bool:
        """Refuse at once what fits no step still to come; what is drawn later may find its place yet."""
        if any(self._could_fit(index, event.message) for index in self._to_come(event)):
            return False
        if is_quiet(self.script, self.context, event.receiver, event.message):
            return self._let_by(event)
        self._record(None, event.sender, event.receiver, event.message)
        self.stop(refusal.unexpected(event.sender, event.receiver, event.message, self.expected()))
        return True

    def _to_come(self, event: Called) -> Sequence[int]:
        steps = self.by_pair.get((event.sender, event.receiver), [])
        is_done = self.order.is_done
        if not self.script.scenario.optional:
            # Trimmed as the run goes on, so that a long flow stays linear. Iterations may be undone again.
            while steps and is_done[steps[0]] and not self.steps[steps[0]].lane:
                del steps[0]
        return [index for index in steps if not is_done[index]]

    def _could_fit(self, index: int, message: Message) -> bool:
        expectation = self.steps[index].expectation
        if expectation is None or not _is_alike(expectation, message):
            return False
        return _is_open(expectation) or self.contents[index].fits(message, self.bindings) is not None

    def _let_by(self, event: Called) -> bool:
        """A quiet request: no arrow. A bound receiver answers it, a scripted one its keys and metadata."""
        self.quiet_count += 1
        if event.receiver in self.bound:
            self.quiet_calls[event.frame] = event.frame
            self.ready[event.frame] = Send(event.frame, event.sender, event.receiver, event.message)
            return True
        answer = quiet_answer(self.context, event.receiver, event.message)
        if answer is None:
            self.stop(refusal.no_quiet_answer(event.receiver, event.message))
        else:
            self.ready[event.frame] = Reply(answer)
        return True

    def _refuse_call(self, event: Called) -> None:
        self._record(None, event.sender, event.receiver, event.message)
        later = next(index for index in self._to_come(event) if self._could_fit(index, event.message))
        step = self.steps[later]
        self.stop(refusal.out_of_order(event.sender, event.receiver, event.message, step, self.expected()))

    # Answers that come back.

    def _accept(self, held: Held) -> bool:
        call = held.call
        step = self.steps[call.step]
        if step.answer is None:
            self._accept_undrawn(held, step)
            return True
        if not self.order.may_happen(step.answer) and not branches.leave_out_before(self, step.answer):
            return False
        fits = branches.reconsider(self, held)
        answer_step = branches.answer_of(self, call)
        if not self._waited(answer_step, held.at):
            return True
        before = self._now()
        self._record(
            answer_step.index,
            answer_step.sender,
            answer_step.receiver,
            held.answer,
            before,
            call.occurrence,
            held.seconds,
        )
        if not fits:
            self.stop(refusal.another_answer(answer_step, held.answer))
            return True
        self._learn(answer_step, held.answer, before, call.message)
        self.order.done(answer_step.index)
        if call.frame is not None:
            self.ready[call.frame] = Drop() if answer_step.is_lost else Reply(held.answer)
        return True

    def _accept_undrawn(self, held: Held, step: Step) -> None:
        answer = held.answer
        is_failed = not 200 <= answer.status < 300 if isinstance(answer, Response) else _has_failed(answer)
        if is_failed:
            self.stop(refusal.failed_undrawn(step, answer))
        elif held.call.frame is not None:
            self.ready[held.call.frame] = Reply(answer)

    # Asynchronous messages.

    def _enqueue(self, call: Call) -> None:
        call.is_delivery = True
        self.queue.append(call)

    def _deliver(self, frame: int) -> Command:
        call = self.queue.pop(0)
        self.calls[call.id] = call
        step = self.steps[call.step]
        return Send(call.id, step.sender, step.receiver, call.message)

    def _delivers_first(self, step: Step) -> bool:
        """The sender's own later message to the same participant must not overtake what it sent before."""
        return any(
            (self.steps[call.step].sender, self.steps[call.step].receiver) == (step.sender, step.receiver)
            for call in self.queue
        )

    # Small matters.

    def _waited(self, step: Step, at: float) -> bool:
        for before in step.after:
            if before not in self.due:
                continue
            due, index = self.due[before]
            pause = self.steps[index].pause
            assert pause is not None
            is_late = not pause.is_at_least and at > due + WAIT_LEEWAY
            if at < due or is_late:
                waited = round(at - due + pause.seconds, 3)
                finding = refusal.did_not_wait(self.steps[index], step, waited, pause.seconds, pause.is_at_least)
                self.stop(finding)
                return False
        return True

    def _learn(self, step: Step, content: Any, before: Bindings, request: Any) -> None:
        contents = self.contents[step.index]
        try:
            self.bindings = contents.capture(content, before, request)
            for finding in contents.missing(content, before, request):
                self.stop(finding)
        except Diagnostic as problem:
            self.stop(problem.finding)

    def _now(self) -> Bindings:
        return self.bindings.at(self.clock.now())

    def _record(
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
        self.occurrences.append(
            Occurrence(index, sender, receiver, content, at, before or self.bindings.at(at), request, seconds)
        )
        if index is not None:
            self.happened_at[index] = at
            if self.steps[index].kind in _ARROWS:
                self.clock.advance(TICK)
        return len(self.occurrences) - 1

    def expected(self) -> list[Step]:
        """The steps that may happen now, in drawn order."""
        return [self.steps[index] for index in sorted(self.order.enabled) if self.order.may_happen(index)]

    def stop(self, finding: Finding) -> None:
        """The first refusal; later ones follow from it."""
        if self.finding is None:
            self.finding = finding

    def trace(self) -> Trace:
        return Trace(
            self.script.scenario.id, tuple(self.occurrences), self.is_finished and self.finding is None, self.finding,
            self.quiet_count,
        )  # fmt: skip


def _taken(message: Message) -> Answer:
    """What a caller gets at once for a message that nobody answers: RFC 9110 section 15.3.3."""
    return Response(202) if isinstance(message, Request) else Result()


def _has_failed(answer: Answer) -> bool:
    return isinstance(answer, Result) and answer.error is not None


def _is_alike(expectation: Expectation, message: Message) -> bool:
    line = expectation.line
    if isinstance(message, Request):
        return isinstance(line, RequestLine) and line.method == message.method
    return isinstance(line, ActionLine)


def _is_open(expectation: Expectation) -> bool:
    """Whether the target holds values that may become known later."""
    line = expectation.line
    template = line.target if isinstance(line, RequestLine) else line.text if isinstance(line, ActionLine) else None
    return template is not None and any(not isinstance(part, str) for part in template.parts)


def _waits(script: Script) -> frozenset[int]:
    """The delays after which only bound participants speak: they wait themselves."""
    followers: dict[int, list[Step]] = {}
    for step in script.scenario.steps:
        for before in step.after:
            followers.setdefault(before, []).append(step)

    def speakers(index: int) -> list[str]:
        found: list[str] = []
        stack, seen = [index], {index}
        while stack:
            for step in followers.get(stack.pop(), ()):
                if step.kind in _ARROWS:
                    found.append(step.sender)
                elif step.index not in seen:
                    seen.add(step.index)
                    stack.append(step.index)
        return found

    waits = []
    for step in script.scenario.steps:
        if step.kind == "delay" and step.pause is not None and step.pause.seconds:
            names = speakers(step.index)
            if names and all(name in script.bound for name in names):
                waits.append(step.index)
    return frozenset(waits)


_EVENTS: Mapping[type, Any] = {
    Called: Player._called,
    Replied: Player._replied,
    Done: Player._done,
    Breached: Player._breached,
    Quiet: Player._quiet,
}
_STEPS: Mapping[str, Any] = {
    "request": Player._speak,
    "action": Player._speak,
    "response": Player._answer,
    "result": Player._answer,
    "delay": Player._delay,
    "state": Player._state,
}
