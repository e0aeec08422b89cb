"""What has happened, placed once more: on other steps, when something later shows that it was those."""

from collections.abc import Callable, Iterator

from seqtest.dataclass import replace
from seqtest.run.player import ANSWERS, ARROWS, MESSAGES, Call, Held, Player
from seqtest.scenario import Step
from seqtest.trace import Occurrence


def _anywhere(occurrence: Occurrence, step: Step) -> bool:
    return True


def answer_of(player: Player, call: Call) -> Step:
    """The step that answers the call; only for calls with a drawn answer."""
    answer = player.steps[call.step].answer
    if answer is None:
        raise LookupError(f"step {call.step} has no drawn answer")
    return player.steps[answer]


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


def forget(player: Player, place: int) -> None:
    """Take an occurrence out of the trace, and count those behind it anew."""
    del player.occurrences[place]
    for at, one in enumerate(player.occurrences):
        if one.request is not None and one.request > place:
            player.occurrences[at] = replace(one, request=one.request - 1)
    for call in {*player.by_step.values(), *player.calls.values()}:
        if call.occurrence > place:
            call.occurrence -= 1
