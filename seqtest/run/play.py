"""Play: be told what a frame saw, answer what that frame does next. No I/O happens here.

Theory of operation. While the driver's request to A is open, A's own stack calls B; so whoever waits for an instruction
is a *frame*: frame 0 is the front door, each intercepted call is one more. Every event first becomes something that
waits for its place: a call (`pending`) or an answer (`held`). Then, for the frame that asked, in this order: place what
waits on the steps that may happen now; hand out the command that is ready for the frame; give the frame's own drawn
answer; perform the lowest step that is ours (a scripted sender's message, a delay, a state check); deliver what was
sent asynchronously; and when nothing is left, refuse a call that still has no place, or park.

A call is never parked until its place comes, else a race would silently be put in order. Nor is an answer whose own
participant has drawn calls before it to make: it answered without them. An answer is parked when others' arrows stand
before it, which may still be on their way; when nothing runs any more (`Quiet`) they are missing.
After the first refusal everything is refused, and only `Quiet` with every step done leads to `Finish`.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from seqtest.clock import Clock
from seqtest.contents.context import Context
from seqtest.dataclass import replace
from seqtest.errors import Finding
from seqtest.exchange import Action, Result
from seqtest.run import branches, refusal
from seqtest.run.events import (
    FRONT_DOOR,
    Act,
    Breached,
    Called,
    Command,
    Done,
    Event,
    Finish,
    Overdue,
    Park,
    Quiet,
    Refuse,
    Replied,
    Reply,
    Send,
)
from seqtest.run.perform import acted, deliver, perform
from seqtest.run.place import accept, gate_for, make_room, place, refuse_call
from seqtest.run.player import MESSAGES, Call, Held, Player
from seqtest.scenario import Script, Step


def play(script: Script, contents: Sequence[Any], context: Context, clock: Clock) -> Generator[Command, Event, None]:
    """The rules of a run. Prime it with `next`; then `send` an event for each command.

    `contents` holds what each step promises, by the step's index (None for a delay or a renaming).
    """
    player = Player(script, contents, context, clock)
    command: Command = Park()
    while True:
        event = yield command
        command = _react(player, event)


def _react(player: Player, event: Event) -> Command:
    """What the event's frame does next."""
    if player.finding is None:
        hear = _EVENTS.get(type(event))
        if hear is not None:
            hear(player, event)
    return _next(player, event.frame)


def _next(player: Player, frame: int) -> Command:
    """The frame's command, after everything that can happen now has happened."""
    while True:
        if player.finding is None:
            _settle(player)
        if player.finding is not None:
            return Refuse(player.finding, player.trace())
        called = player.pending.get(frame)
        if called is not None and place(player, *called):
            player.pending.pop(frame, None)
            continue
        command = _bring_about(player, frame) or player.ready.pop(frame, None)
        if command is not None:
            return command
        own = _own_answer(player, frame)
        index = own if own is not None else player.order.next_mine()
        if index is not None:
            command = perform(player, frame, index)
            if isinstance(command, Send | Act) and player.givens:
                # Who gets the message decides while handling it: what must hold by then comes first.
                player.ready[frame] = command
            elif command is not None:
                return command
        elif player.queue:
            return deliver(player, frame)
        elif called is not None:
            if not make_room(player, called[0]):
                refuse_call(player, called[0])
        elif player.is_finished and frame == FRONT_DOOR:
            return Finish(player.trace())
        elif (hasty := _hasty(player)) is not None:
            player.stop(hasty)
        else:
            return Park()


def _hasty(player: Player) -> Finding | None:
    """An answer given before a drawn call of the same participant: a thread must not put them in order behind it.

    Not when something may still make the participant speak: another call to it, open or drawn to come before.
    """
    if not player.held or player.underway:
        return None
    for held in player.held:
        answerer = _answerer(player, held.call)
        if any(player.steps[call.step].receiver == answerer for call in (*player.calls.values(), *player.queue)):
            continue
        due = _due_before(player, player.steps[held.call.step].answer)
        if any(step.receiver == answerer and step.kind in MESSAGES for step in due):
            continue
        for step in due:
            if step.sender == answerer and step.kind in MESSAGES and not step.is_async:
                return refusal.missing(step, held.answer, ())
    return None


def _due_before(player: Player, index: int | None) -> list[Step]:
    """The steps that have not happened and must before this one, in drawn order."""
    order, stack, found = player.order, [] if index is None else [index], set[int]()
    while stack:
        for before in player.steps[stack.pop()].after:
            iteration = order.iteration(before)
            if iteration is not None and not order.is_begun(iteration):
                continue
            if before not in found and not order.is_done[before]:
                found.add(before)
                stack.append(before)
    return [player.steps[one] for one in sorted(found)]


def _own_answer(player: Player, frame: int) -> int | None:
    call = player.mocked.get(frame)
    if call is None:
        return None
    answer = player.steps[call.step].answer
    return answer if answer is not None and player.order.may_happen(answer) else None


def _settle(player: Player) -> None:
    while player.finding is None:
        if player.order.fresh:
            player.pass_by(player.order.fresh.pop(0))
            continue
        for index, held in enumerate(player.held):
            if accept(player, held):
                del player.held[index]
                break
        else:
            return


def _bring_about(player: Player, frame: int) -> Command | None:
    for before, given in player.givens.items():
        if player.order.may_happen(before):
            del player.givens[before]
            return Act("", Action(given.text))
    return None


def _called(player: Player, event: Called) -> None:
    if player.is_finished:
        finding = refusal.after_the_end(event.sender, event.receiver, event.message)
        _stranger(player, event, finding)
    elif not event.receiver and event.sender and (gate := gate_for(player, event)):
        player.pending[event.frame] = (replace(event, receiver=gate), player.clock.now())
    elif not event.receiver:
        _stranger(player, event, refusal.nobody_there(event.sender, event.message, player.context.urls))
    elif not event.sender:
        _stranger(player, event, refusal.nameless(event.message, event.receiver))
    else:
        player.pending[event.frame] = (event, player.clock.now())


def _stranger(player: Player, event: Called, finding: Finding) -> None:
    player.record(None, event.sender, event.receiver, event.message)
    player.stop(player.placed(finding, event.sender))


def _replied(player: Player, event: Replied) -> None:
    if event.call in player.quiet_calls:
        called = player.quiet_calls.pop(event.call)
        player.note_let_by(called.receiver, called.sender, event.answer)
        player.ready[called.frame] = Reply(event.answer)
        return
    player.held.append(Held(player.calls.pop(event.call), event.answer, player.clock.now(), event.seconds))


def _done(player: Player, event: Done) -> None:
    index = player.underway.pop(event.frame, None)
    if index is None:
        return
    step = player.steps[index]
    if step.kind == "action":
        acted(player, step, event.value)
    else:
        content = Result(fields=dict(event.value)) if step.kind == "state" else None
        player.record(index, step.sender, step.receiver, content)
        player.order.done(index)


def _breached(player: Player, event: Breached) -> None:
    call = player.calls.get(event.call) if event.call is not None else None
    finding = event.finding
    if call is not None and finding.span is None:
        finding = replace(finding, span=player.steps[call.step].span)
    player.stop(player.placed(finding, event.sender))


def _overdue(player: Player, event: Overdue) -> None:
    """Of what is under way the last that began: what it is inside of waits for it."""
    step = None
    if player.calls:
        step = player.steps[max(player.calls.values(), key=lambda call: call.occurrence).step]
    elif player.underway:
        step = player.steps[max(player.underway.values())]
    player.stop(refusal.overdue(step, event.seconds, event.place))


def _quiet(player: Player, event: Quiet) -> None:
    if not player.order.remaining and not player.held and not player.pending and not player.queue:
        if event.unfinished:
            player.stop(refusal.still_running(event.unfinished))
        else:
            player.is_finished = True
        return
    if player.queue and not player.pending:
        return
    if branches.leave_out_next(player):
        return
    player.stop(_missing(player, event.unfinished))


def _missing(player: Player, unfinished: Sequence[str]) -> Finding:
    expected = player.expected()
    step = next((step for step in expected if step.kind in MESSAGES), expected[0] if expected else player.steps[-1])
    answered = next((held.answer for held in player.held if _answerer(player, held.call) == step.sender), None)
    return refusal.missing(step, answered, unfinished)


def _answerer(player: Player, call: Call) -> str:
    return player.steps[call.step].receiver


_EVENTS: Mapping[type, Callable[[Player, Any], None]] = {
    Called: _called,
    Replied: _replied,
    Done: _done,
    Breached: _breached,
    Overdue: _overdue,
    Quiet: _quiet,
}
