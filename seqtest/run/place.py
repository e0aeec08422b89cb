"""Find the place of what came: a call or an answer, on the steps that may happen now."""

from collections.abc import Sequence

from seqtest.dataclass import replace
from seqtest.diagram.expectation import ActionLine, Expectation, RequestLine
from seqtest.exchange import Answer, Message, Request, Response, Result
from seqtest.run import branches, refusal
from seqtest.run.events import Called, Drop, Reply, Send
from seqtest.run.perform import enqueue
from seqtest.run.player import MESSAGES, Call, Held, Player
from seqtest.run.quiet import is_quiet, quiet_answer
from seqtest.run.replay import answer_of
from seqtest.scenario import LEFT_GATE, RIGHT_GATE, Step
from seqtest.trace import Bindings


def place(player: Player, event: Called, at: float) -> bool:
    """Put a call on the step it fits best, or refuse it at once when it fits no step still to come.

    False when its place may come yet. Sender, receiver, method and path decide; contents only between several steps.
    """
    bindings = player.now()
    found = [index for index in player.order.theirs if _is_for(player, event, index, bindings)]
    best: tuple[int, int] | None = None
    if len(found) == 1 and not player.script.scenario.optional:
        best = (0, found[0])
    elif found:
        best = min((player.contents[index].fits(event.message, bindings) or 0, index) for index in found)
    if player.script.scenario.optional:
        best = branches.past_iterations(player, event, best)
    if best is None:
        return _has_no_place(player, event)
    _take(player, event, player.steps[best[1]], at)
    return True


def _is_for(player: Player, event: Called, index: int, bindings: Bindings) -> bool:
    step = player.steps[index]
    return (
        step.sender == event.sender
        and step.receiver == event.receiver
        and step.kind in MESSAGES
        and player.order.may_happen(index)
        and player.contents[index].is_for(event.message, bindings)
    )


def gate_for(player: Player, event: Called) -> str | None:
    """The border of the drawing that a call to nobody's address goes to; None when no such arrow is to come."""
    for gate in (RIGHT_GATE, LEFT_GATE):
        leaving = replace(event, receiver=gate)
        if any(_could_fit(player, index, event.message) for index in _to_come(player, leaving)):
            return gate
    return None


def _take(player: Player, event: Called, step: Step, at: float) -> None:
    if not player.waited(step, at):
        return
    before = player.now()
    occurrence = player.record(step.index, event.sender, event.receiver, event.message, before)
    player.learn(step, event.message, before, None)
    call = player.by_step[step.index] = Call(event.frame, step.index, event.frame, event.message, occurrence)
    player.order.done(step.index)
    is_bound = step.receiver in player.bound
    if step.is_lost:
        player.ready[event.frame] = Drop()
    elif step.is_async:
        player.ready[event.frame] = Reply(_taken(event.message))
        if is_bound:
            player.last_call -= 1
            enqueue(player, Call(player.last_call, step.index, None, event.message, occurrence))
    elif is_bound:
        player.calls[call.id] = call
        player.ready[event.frame] = Send(event.frame, event.sender, event.receiver, event.message)
    elif step.answer is None:
        player.ready[event.frame] = Reply(_taken(event.message))
    else:
        player.mocked[event.frame] = call


def _has_no_place(player: Player, event: Called) -> bool:
    """Refuse at once what fits no step still to come; what is drawn later may find its place yet."""
    # First, since a target that holds values could be any: `GET /users/{id}` is no `GET /jwks` that is drawn.
    if is_quiet(player.script, player.context, event.receiver, event.message):
        return _let_by(player, event)
    if any(_could_fit(player, index, event.message) for index in _to_come(player, event)):
        return False
    player.record(None, event.sender, event.receiver, event.message)
    finding = refusal.unexpected(event.sender, event.receiver, event.message, player.expected())
    player.stop(player.placed(finding, event.sender))
    return True


def _to_come(player: Player, event: Called) -> Sequence[int]:
    steps = player.by_pair.get((event.sender, event.receiver), [])
    is_done = player.order.is_done
    if not player.script.scenario.optional:
        # Trimmed as the run goes on, so that a long flow stays linear. Iterations may be undone again.
        while steps and is_done[steps[0]] and not player.steps[steps[0]].lane:
            del steps[0]
    return [index for index in steps if not is_done[index]]


def _could_fit(player: Player, index: int, message: Message) -> bool:
    expectation = player.steps[index].expectation
    if expectation is None or not _is_alike(expectation, message):
        return False
    return _is_open(expectation) or player.contents[index].is_for(message, player.bindings)


def _let_by(player: Player, event: Called) -> bool:
    """A quiet request: no arrow. A bound receiver answers it, a scripted one its keys and metadata."""
    player.quiet_count += 1
    player.note_let_by(event.sender, event.receiver, event.message)
    if event.receiver in player.bound:
        player.quiet_calls[event.frame] = event
        player.ready[event.frame] = Send(event.frame, event.sender, event.receiver, event.message)
        return True
    answer = quiet_answer(player.context, event.receiver, event.message)
    if answer is None:
        player.stop(player.placed(refusal.no_quiet_answer(event.receiver, event.message), event.sender))
    else:
        player.ready[event.frame] = Reply(answer)
    return True


def make_room(player: Player, event: Called) -> bool:
    """Whether the call finds its place once what happened in the operands of a `par` has other places."""
    if not any(step.lane for step in player.expected()):
        return False
    from seqtest.run.lanes import made_room  # only where there is a `par`

    return made_room(player, event)


def refuse_call(player: Player, event: Called) -> None:
    """Refuse what never found its place: drawn later it came too early, else nobody drew it."""
    player.record(None, event.sender, event.receiver, event.message)
    later = [
        index
        for index in _to_come(player, event)
        if not player.order.may_happen(index) and _could_fit(player, index, event.message)
    ]
    if not later:
        # Only arrows whose turn it is were alike but for a value, and that value is another one.
        finding = refusal.unexpected(event.sender, event.receiver, event.message, player.expected())
        player.stop(player.placed(finding, event.sender))
        return
    bindings = player.now()
    best = next((index for index in later if player.contents[index].is_for(event.message, bindings)), later[0])
    step = player.steps[best]
    player.stop(refusal.out_of_order(event.sender, event.receiver, event.message, step, player.expected()))


def accept(player: Player, held: Held) -> bool:
    call = held.call
    step = player.steps[call.step]
    if step.answer is None:
        _accept_undrawn(player, held, step)
        return True
    if not player.order.may_happen(step.answer) and not branches.leave_out_before(player, step.answer):
        return False
    fits = branches.reconsider(player, held)
    answer_step = answer_of(player, call)
    if not player.waited(answer_step, held.at):
        return True
    before = player.now()
    player.record(
        answer_step.index,
        answer_step.sender,
        answer_step.receiver,
        held.answer,
        before,
        call.occurrence,
        held.seconds,
    )
    if not fits:
        player.stop(refusal.another_answer(answer_step, held.answer))
        return True
    player.learn(answer_step, held.answer, before, call.message)
    player.order.done(answer_step.index)
    if call.frame is not None:
        player.ready[call.frame] = Drop() if answer_step.is_lost else Reply(held.answer)
    return True


def _accept_undrawn(player: Player, held: Held, step: Step) -> None:
    answer = held.answer
    is_failed = not 200 <= answer.status < 300 if isinstance(answer, Response) else _has_failed(answer)
    if is_failed:
        player.stop(refusal.failed_undrawn(step, answer))
    elif held.call.frame is not None:
        player.ready[held.call.frame] = Reply(answer)


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
