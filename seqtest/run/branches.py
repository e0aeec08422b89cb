"""Where what happens decides which way the flow goes: iterations of `loop 0..20 times` that may be left out."""

from seqtest.run.events import Called
from seqtest.run.player import MESSAGES, Call, Held, Player
from seqtest.run.replay import answer_of, forget, remember, replayed
from seqtest.scenario import OptionalIteration, Step


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
            forget(player, place)
        return _score(player, held.call, held)[0] == 0
    go_back()
    return False
