"""The steps that are ours: what scripted participants say, delays, state checks."""

from collections.abc import Callable, Mapping

from seqtest.dataclass import replace
from seqtest.errors import Diagnostic
from seqtest.exchange import Result
from seqtest.run import branches, refusal
from seqtest.run.events import Act, Advance, Ask, Command, Drop, Reply, Send
from seqtest.run.player import Call, Held, Player
from seqtest.scenario import Step


def perform(player: Player, frame: int, index: int) -> Command | None:
    step = player.steps[index]
    if branches.is_spared(player, step):
        return None
    try:
        return _STEPS[step.kind](player, frame, step)
    except Diagnostic as problem:
        player.stop(problem.finding)
        return None


def _speak(player: Player, frame: int, step: Step) -> Command | None:
    if step.sender in player.bound:
        return _act(player, frame, step)
    if player.queue and not step.is_async and _delivers_first(player, step):
        return deliver(player, frame)
    before = player.now()
    message, after = player.contents[step.index].compose(before, None)
    is_told = step.receiver not in player.bound
    occurrence = player.record(step.index, step.sender, step.receiver, None if is_told else message, before)
    player.bindings = after
    player.last_call -= 1
    call = player.by_step[step.index] = Call(player.last_call, step.index, None, message, occurrence)
    player.order.done(step.index)
    if is_told or step.is_lost:
        return None
    if step.is_async:
        enqueue(player, call)
        return None
    player.calls[call.id] = call
    return Send(call.id, step.sender, step.receiver, message)


def _answer(player: Player, frame: int, step: Step) -> Command | None:
    call = player.by_step[step.call]
    before = player.now()
    answer, after = player.contents[step.index].compose(before, call.message)
    is_told = step.receiver not in player.bound
    player.record(step.index, step.sender, step.receiver, None if is_told else answer, before, call.occurrence)
    player.bindings = after
    if call.frame is not None:
        player.mocked.pop(call.frame, None)
        player.ready[call.frame] = Drop() if step.is_lost else Reply(answer)
    player.order.done(step.index)
    return None


def _delay(player: Player, frame: int, step: Step) -> Command | None:
    if player.queue:
        return deliver(player, frame)
    if step.pause is None or not step.pause.seconds:
        player.record(step.index, step.sender, step.receiver, None)
        player.order.done(step.index)
        return None
    player.order.begin(step.index)
    player.underway[frame] = step.index
    return Advance(step.pause.seconds)


def _state(player: Player, frame: int, step: Step) -> Command | None:
    if step.sender in player.bound:
        player.order.begin(step.index)
        player.underway[frame] = step.index
        return Ask(step.sender, "state")
    known = {**player.context.settings.get(step.sender, {}), **player.bindings.known.get(step.sender, {})}
    player.record(step.index, step.sender, step.receiver, Result(fields=known))
    player.order.done(step.index)
    return None


def _act(player: Player, frame: int, step: Step) -> Command:
    before = player.now()
    message, player.bindings = player.contents[step.index].compose(before, None)
    occurrence = player.record(step.index, step.sender, step.receiver, message, before)
    # What its step definition calls comes after it, so it has happened before that begins.
    player.order.done(step.index)
    player.underway[frame] = step.index
    player.by_step[step.index] = Call(0, step.index, None, message, occurrence)
    return Act(step.sender, message)


def acted(player: Player, step: Step, result: Result | None) -> None:
    """A self message came back; without a step definition it was prose, unless something is promised of it."""
    call = player.by_step[step.index]
    if result is None and step.expectation is not None and step.expectation.promises:
        finding = refusal.no_step_definition(step.sender, call.message.text, ())
        player.stop(replace(finding, span=step.span))
        return
    if result is None:
        player.occurrences[call.occurrence] = replace(player.occurrences[call.occurrence], content=None)
    player.held.append(Held(call, result or Result(), player.clock.now(), 0.0))


def enqueue(player: Player, call: Call) -> None:
    call.is_delivery = True
    player.queue.append(call)


def deliver(player: Player, frame: int) -> Command:
    call = player.queue.pop(0)
    player.calls[call.id] = call
    step = player.steps[call.step]
    return Send(call.id, step.sender, step.receiver, call.message)


def _delivers_first(player: Player, step: Step) -> bool:
    """The sender's own later message to the same participant must not overtake what it sent before."""
    return any(
        (player.steps[call.step].sender, player.steps[call.step].receiver) == (step.sender, step.receiver)
        for call in player.queue
    )


_STEPS: Mapping[str, Callable[[Player, int, Step], Command | None]] = {
    "request": _speak,
    "action": _speak,
    "response": _answer,
    "result": _answer,
    "delay": _delay,
    "state": _state,
}
