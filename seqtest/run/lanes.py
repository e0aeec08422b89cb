"""Operands of `par` that send the same request: they change places when the answers come the other way round."""

import math
from collections.abc import Callable, Mapping, Sequence

from seqtest.dataclass import replace
from seqtest.errors import Diagnostic
from seqtest.exchange import Action, Request
from seqtest.run.events import Called
from seqtest.run.player import ARROWS, MESSAGES, Call, Held, Player
from seqtest.run.replay import calls_by_occurrence, places_again, remember, replayed, settle_again
from seqtest.scenario import Step
from seqtest.trace import Occurrence

Lane = tuple[tuple[int, int], ...]
MOST_WAYS = 2_000
"""How often something that happened is placed once more before that is given up."""


def changed_places(player: Player, held: Held) -> bool:
    """Give the call to another operand that sent, or would send, the same request and has this answer drawn.

    Whether it did, and the answer may come now. What happened inside the two stays where it fits, or moves along.
    """
    call = held.call
    own = _misfit(player, held, player.steps[call.step].answer)
    if not own:
        return False
    for other in _twins(player, player.steps[call.step], call.message):
        answer = other.answer
        if answer is None or _misfit(player, held, answer) >= own:
            continue
        twin = player.by_step.get(other.index) if player.order.is_done[other.index] else None
        if twin is not None and player.order.may_happen(answer):
            mine, go_back = call.step, remember(player, held)
            _move(player, call, other.index)
            _move(player, twin, mine)
            if _is_in_order(player):
                return True
            go_back()
        if _exchanged(player, held, other, (call.step, other.index)) or _exchanged(player, held, other, (0, 0)):
            return True
    return own == math.inf and _all_changed_places(player, held)


def made_room(player: Player, event: Called) -> bool:
    """Give what has happened in the operands to other ones, so that a call finds its place which has none; whether so.

    The first of two that send the same request took the place of either, and the call shows which one it was.
    """
    bindings = player.now()
    fragments: dict[int, None] = {}
    for index in player.by_pair.get((event.sender, event.receiver), ()):
        step = player.steps[index]
        if step.lane and not player.order.is_done[index] and player.contents[index].is_for(event.message, bindings):
            fragments |= dict.fromkeys(fragment for fragment, _ in step.lane)

    def finds_its_place() -> bool:
        bindings = player.now()
        return any(
            player.order.may_happen(index) and player.contents[index].is_for(event.message, bindings)
            for index in player.by_pair.get((event.sender, event.receiver), ())
        )

    return any(_rearranged(player, fragment, finds_its_place) for fragment in fragments)


def _all_changed_places(player: Player, held: Held) -> bool:
    """Of three and more that send the same request, it may take all of them to find each its answer."""

    def is_answered() -> bool:
        answer = player.steps[held.call.step].answer
        return answer is not None and player.order.may_happen(answer) and _misfit(player, held, answer) < math.inf

    fragments = [fragment for fragment, _ in player.steps[held.call.step].lane]
    return any(_rearranged(player, fragment, is_answered, held) for fragment in fragments)


def _rearranged(player: Player, fragment: int, is_found: Callable[[], bool], held: Held | None = None) -> bool:
    """Whether what happened inside a `par` has other places in it with which this holds; then it has those."""
    inside = {step.index for step in player.steps if any(one == fragment for one, _ in step.lane)}
    if any(player.order.is_skipped[index] for index in inside):
        return False  # what happened has shown which turns there were not
    happened = [place for place, one in enumerate(player.occurrences) if one.step in inside]
    if any(player.steps[player.occurrences[place].step or 0].kind not in ARROWS for place in happened):
        return False  # a delay or a state check says where it stands
    go_back = remember(player, held)
    for index in sorted(inside, reverse=True):
        if player.order.is_done[index]:
            player.order.undo(index)

    def may_be(one: Occurrence, step: Step) -> bool:
        before = player.steps[one.step if one.step is not None else 0]
        if before.index == step.index:
            return True
        if _fate(before) != _fate(step):
            return False
        if step.kind in MESSAGES:
            return step.index in inside and step.sender in player.bound
        is_said = step.sender not in player.bound and one.content is not None
        return not is_said or player.contents[step.index].fits(one.content, one.bindings) == 0

    try:
        if _searched(player, happened, may_be, is_found):
            return True
    except Diagnostic:
        pass  # what a step keeps is not in what happened: then it was not that step
    go_back()
    return False


def _fate(step: Step) -> tuple[bool, bool, bool]:
    """What becomes of an arrow, which its sender knows by now."""
    return step.is_lost, step.is_async, step.answer is None


def _searched(
    player: Player,
    happened: Sequence[int],
    may_be: Callable[[Occurrence, Step], bool],
    is_found: Callable[[], bool],
) -> bool:
    """Place what happened once more, in its order and in each way that there is, until one is found."""
    calls = calls_by_occurrence(player)
    forks: list[tuple[int, list[int], Callable[[], None]]] = []
    at = 0
    for _ in range(MOST_WAYS):
        if at == len(happened):
            if is_found():
                return True
            ways: list[int] = []
        else:
            ways = list(places_again(player, calls, happened[at], may_be))
        if not ways:
            if not forks:
                return False
            at, ways, go_back = forks.pop()
            go_back()
        if len(ways) > 1:
            forks.append((at, ways[1:], remember(player)))
        settle_again(player, calls, happened[at], ways[0])
        at += 1
    return False


def _misfit(player: Player, held: Held, answer: int | None) -> float:
    """How badly the answer fits that arrow: by its status, then by its note."""
    contents = player.contents[answer if answer is not None else 0]
    if not contents.status_fits(held.answer, player.bindings):
        return math.inf
    return contents.fits(held.answer, player.bindings.at(held.at)) or 0


def _move(player: Player, call: Call, index: int) -> None:
    call.step = index
    player.by_step[index] = call
    player.occurrences[call.occurrence] = replace(player.occurrences[call.occurrence], step=index)
    player.happened_at[index] = player.occurrences[call.occurrence].at


def _is_in_order(player: Player) -> bool:
    """Whether each step that happened did so behind those that are drawn before it."""
    happened: set[int] = set()
    for one in player.occurrences:
        if one.step is None:
            continue
        if any(
            before not in happened and not player.order.is_skipped[before] for before in player.steps[one.step].after
        ):
            return False
        happened.add(one.step)
    return True


def _exchanged(player: Player, held: Held, other: Step, since: tuple[int, int]) -> bool:
    """What happened in each of the two operands since these steps happened in the other one."""
    own = player.steps[held.call.step]
    mine, theirs = _lane(own, other), _lane(other, own)
    inside = {**_inside(player, mine, since[0]), **_inside(player, theirs, since[1])}
    happened = [(place, one) for place, one in enumerate(player.occurrences) if one.step in inside]
    go_back = remember(player, held)
    for index in sorted(inside, reverse=True):
        if player.order.is_done[index]:
            player.order.undo(index)

    def may_be(one: Occurrence, step: Step) -> bool:
        was = inside[one.step if one.step is not None else 0]
        if step.lane[: len(mine)] != (theirs if was == mine else mine):
            return False
        # What a scripted participant said was said as it is drawn: it cannot have been the other one's.
        is_said = step.sender not in player.bound and one.content is not None
        return not is_said or player.contents[step.index].fits(one.content, one.bindings) == 0

    if (
        replayed(player, happened, may_be)
        and other.answer is not None
        and player.order.may_happen(other.answer)
        and _is_in_order(player)
    ):
        return True
    go_back()
    return False


def _inside(player: Player, lane: Lane, since: int) -> Mapping[int, Lane]:
    """The steps of an operand, from one on."""
    return {step.index: lane for step in player.steps[since:] if step.lane[: len(lane)] == lane}


def _twins(player: Player, step: Step, message: Request | Action) -> list[Step]:
    """The requests in other operands of the same `par` that this message could be."""
    if not step.lane or step.answer is None:
        return []
    bindings = player.bindings.at(player.clock.now())
    own = player.contents[step.index].fits(message, bindings)
    found = []
    for other in player.steps:
        if (other.sender, other.receiver, other.kind) != (step.sender, step.receiver, step.kind):
            continue
        if other.answer is None or not _lane(step, other):
            continue
        score = player.contents[other.index].fits(message, bindings)
        if score is not None and (own is None or score <= own):
            found.append(other)
    return found


def _lane(one: Step, other: Step) -> Lane:
    """The first one's operand, down to the `par` in which the two are in different ones; empty when there is none."""
    for depth, (mine, theirs) in enumerate(zip(one.lane, other.lane, strict=False), 1):
        if mine != theirs:
            return one.lane[:depth] if mine[0] == theirs[0] else ()
    return ()
