"""Where what happens decides which way the flow goes: iterations that may be left out."""

from collections.abc import Callable, Iterator

from seqtest.dataclass import replace
from seqtest.run.events import Called
from seqtest.run.player import ANSWERS, ARROWS, MESSAGES, Call, Held, Player
from seqtest.scenario import OptionalIteration, Step
from seqtest.trace import Occurrence


def _anywhere(occurrence: Occurrence, step: Step) -> bool:
    return True


def answer_of(player: Player, call: Call) -> Step:
    """The step that answers the call; only for calls with a drawn answer."""
    answer = player.steps[call.step].answer
    if answer is None:
        raise LookupError(f"step {call.step} has no drawn answer")
    return player.steps[answer]


# Iterations of `loop 0..20 times`.


def is_spared(player: Player, step: Step) -> bool:
    """Leave out an iteration that a scripted party would have to begin: it takes the least number."""
    iteration = player.order.iteration(step.index)
    if iteration is None or player.order.is_begun(iteration):
        return False
    leave_out(player, iteration)
    return True


def leave_out_next(player: Player) -> bool:
    """When nothing comes any more: leave out an iteration that a bound party did not begin; whether there was one."""
    for index in sorted(player.order.enabled):
        iteration = player.order.iteration(index)
        if iteration is not None and not player.order.is_begun(iteration):
            leave_out(player, iteration)
            return True
    return False


def leave_out_before(player: Player, answer: int) -> bool:
    """Leave out what an answer shows was not taken; whether the answer may happen then."""
    if not player.script.scenario.optional:
        return False
    for iteration in player.order.left_out_for(answer) or ():
        leave_out(player, iteration)
    return player.order.may_happen(answer)


def leave_out(player: Player, iteration: OptionalIteration) -> None:
    """Leave it out, and the later ones; delays drawn before it still bind whoever speaks behind it."""
    for index in player.order.leave_out(iteration):
        before = player.steps[index].after
        player.happened_at[index] = max((player.happened_at.get(one, player.start) for one in before), default=0.0)
        due = [player.due[one] for one in before if one in player.due]
        if due:
            player.due[index] = max(due)


def past_iterations(player: Player, event: Called, best: tuple[int, int] | None) -> tuple[int, int] | None:
    """The best place for a call, `(broken promises, step)`, when iterations before it may be left out.

    A scripted receiver takes the least number, so it prefers the step behind; a bound one decides by its answer.
    """
    order = player.order
    prefers_later = event.receiver not in player.bound
    behind: tuple[int, int] | None = None
    bindings = player.bindings.at(player.clock.now())
    # The next turn of a loop around both is no smaller number, nor is the next use of the flow that both stand in.
    around = set() if best is None else {loop for loop, _ in player.steps[best[1]].iteration}
    drawn = None if best is None else player.steps[best[1]].span
    for index in player.by_pair.get((event.sender, event.receiver), ()):
        if order.is_done[index] or order.may_happen(index) or not order.left_out_for(index):
            continue
        step = player.steps[index]
        if any(loop in around for loop, _ in step.iteration) or (drawn is not None and step.span == drawn):
            continue
        score = player.contents[index].fits(event.message, bindings)
        if score is not None and (behind is None or (score, index) < behind):
            behind = (score, index)
    if behind is None:
        return best
    if best is not None:
        iteration = order.iteration(best[1])
        is_choice = iteration is not None and not order.is_begun(iteration)
        if not is_choice or best[0] < behind[0] or (best[0] == behind[0] and not prefers_later):
            return best
    for skipped in order.left_out_for(behind[1]) or ():
        leave_out(player, skipped)
    return behind


# Second thoughts, when the answer is known.


def reconsider(player: Player, held: Held) -> bool:
    """Whether the answer's status fits its arrow, once the call may have moved to the arrow that it fits better."""
    fits = player.contents[answer_of(player, held.call).index].status_fits(held.answer, player.bindings)
    iteration = player.order.iteration(held.call.step)
    if iteration is not None and _is_first(player, held.call, iteration) and _moved_behind(player, held, iteration):
        return True
    if fits and not player.steps[held.call.step].lane:
        return True
    from seqtest.run.lanes import changed_places  # only where there is a `par`

    return changed_places(player, held) or fits


def _score(player: Player, call: Call, held: Held) -> tuple[int, int]:
    contents = player.contents[answer_of(player, call).index]
    if not contents.status_fits(held.answer, player.bindings):
        return (1, 0)
    return (0, contents.fits(held.answer, player.bindings.at(held.at)) or 0)


def _is_first(player: Player, call: Call, iteration: OptionalIteration) -> bool:
    messages = [index for index in iteration.steps if player.steps[index].kind in MESSAGES]
    return bool(messages) and call.step == min(messages)


def _moved_behind(player: Player, held: Held, iteration: OptionalIteration) -> bool:
    """Move the call, and what happened inside it, behind an iteration whose first exchange this is not."""
    score = _score(player, held.call, held)
    if score == (0, 0):
        return False
    order, inside = player.order, set(iteration.steps)
    happened = [(place, one) for place, one in enumerate(player.occurrences) if one.step in inside]
    go_back = remember(player, held)
    for index in sorted(inside, reverse=True):
        if order.is_done[index]:
            order.undo(index)
    leave_out(player, iteration)
    if replayed(player, happened) and _score(player, held.call, held) < score:
        # What happened by itself in the iteration (a renaming, a delay) did not happen.
        stale = [place for place, one in happened if player.occurrences[place] is one]
        for place in reversed(stale):
            _forget(player, place)
        return _score(player, held.call, held)[0] == 0
    go_back()
    return False


def remember(player: Player, held: Held | None = None) -> Callable[[], None]:
    """How everything stands, `held` too; call what is returned to have it so again."""
    before = player.order.snapshot()
    steps = {call: call.step for call in (*player.calls.values(), *player.by_step.values())}
    if held is not None:
        steps[held.call] = held.call.step
    occurrences, bindings, happened_at = list(player.occurrences), player.bindings, dict(player.happened_at)
    by_step = dict(player.by_step)

    def go_back() -> None:
        player.order.restore(before)
        for call, step in steps.items():
            call.step = step
        player.occurrences[:] = occurrences
        player.bindings, player.happened_at, player.by_step = bindings, happened_at, by_step

    return go_back


def replayed(
    player: Player, happened: list[tuple[int, Occurrence]], may_be: Callable[[Occurrence, Step], bool] = _anywhere
) -> bool:
    """Place what happened once more, in its order; whether each found a step. `may_be` is asked besides."""
    calls = calls_by_occurrence(player)
    for place, one in happened:
        while player.order.fresh:
            player.pass_by(player.order.fresh.pop(0))
        if player.steps[one.step if one.step is not None else 0].kind in ARROWS:
            found = next(places_again(player, calls, place, may_be), None)
            if found is None:
                return False
            settle_again(player, calls, place, found)
    return True


def calls_by_occurrence(player: Player) -> dict[int, Call]:
    """Where each call stands among what happened."""
    return {call.occurrence: call for call in (*player.by_step.values(), *player.calls.values())}


def places_again(
    player: Player, calls: dict[int, Call], place: int, may_be: Callable[[Occurrence, Step], bool] = _anywhere
) -> Iterator[int]:
    """The steps that an arrow which has happened could be, as things stand, in drawn order."""
    one = player.occurrences[place]
    if player.steps[one.step if one.step is not None else 0].kind in ANSWERS:
        answer = answer_of(player, calls[one.request if one.request is not None else -1])
        if player.order.may_happen(answer.index) and _has_status(player, answer, one) and may_be(one, answer):
            yield answer.index
        return
    for index in sorted(player.order.enabled):
        step = player.steps[index]
        if (step.sender, step.receiver) != (one.sender, one.receiver) or step.kind not in MESSAGES:
            continue
        if not player.order.may_happen(index) or not may_be(one, step):
            continue
        if player.contents[index].is_for(one.content, one.bindings):
            yield index


def settle_again(player: Player, calls: dict[int, Call], place: int, index: int) -> None:
    """That arrow was this step."""
    if player.steps[index].kind in MESSAGES:
        calls[place].step = index
        player.by_step[index] = calls[place]
    _settle_on(player, place, index)


def _has_status(player: Player, answer: Step, one: Occurrence) -> bool:
    return bool(player.contents[answer.index].status_fits(one.content, one.bindings))


def _settle_on(player: Player, place: int, index: int) -> None:
    one = player.occurrences[place]
    player.occurrences[place] = replace(one, step=index)
    player.happened_at[index] = one.at
    request = None if one.request is None else player.occurrences[one.request].content
    player.bindings = player.contents[index].capture(one.content, player.bindings, request)
    player.order.done(index)


def _forget(player: Player, place: int) -> None:
    """Take an occurrence out of the trace, and count those behind it anew."""
    del player.occurrences[place]
    for at, one in enumerate(player.occurrences):
        if one.request is not None and one.request > place:
            player.occurrences[at] = replace(one, request=one.request - 1)
    for call in {*player.by_step.values(), *player.calls.values()}:
        if call.occurrence > place:
            call.occurrence -= 1
