"""Which steps may happen now: the scenario's partial order, with `critical` and the iterations that may be left out."""

from bisect import insort
from collections.abc import Callable, Sequence
from typing import Any

from seqtest.scenario import OptionalIteration, Step


class Order:
    """Steps wait for those before them; what is done sets others free.

    `mine` are the steps that the player performs itself; `passing` those that happen by themselves once nothing
    stands before them (a renaming, a delay that a bound party waits out), collected in `fresh`.
    """

    __slots__ = (
        "_begun",
        "_critical",
        "_criticals",
        "_dependents",
        "_left",
        "_optional",
        "_steps",
        "_waiting",
        "enabled",
        "fresh",
        "is_done",
        "is_mine",
        "is_passing",
        "is_skipped",
        "locked",
        "mine",
        "remaining",
        "theirs",
    )

    def __init__(
        self,
        steps: Sequence[Step],
        optional: Sequence[OptionalIteration],
        is_mine: Callable[[Step], bool],
        is_passing: Callable[[Step], bool],
    ) -> None:
        size = len(steps)
        self._steps = steps
        self._waiting = [len(step.after) for step in steps]
        self._dependents: list[list[int]] = [[] for _ in steps]
        self._optional: dict[int, OptionalIteration] = {}
        self._criticals: dict[int, list[int]] = {}
        self._left = optional
        self.is_done = [False] * size
        self.is_skipped = [False] * size
        self.is_mine = [is_mine(step) for step in steps]
        self.is_passing = [is_passing(step) for step in steps]
        self.remaining = size
        self.locked: int | None = None
        self.enabled: set[int] = set()
        self.mine: list[int] = []
        self.theirs: set[int] = set()
        self.fresh: list[int] = []
        for iteration in optional:
            for index in iteration.steps:
                self._optional.setdefault(index, iteration)
        for step in steps:
            for before in step.after:
                self._dependents[before].append(step.index)
            if step.critical is not None:
                self._criticals.setdefault(step.critical, []).append(step.index)
        # Of each `critical`, how many steps are left, and how many have happened.
        self._critical = {critical: len(inside) for critical, inside in self._criticals.items()}
        self._begun = dict.fromkeys(self._criticals, 0)
        for index in range(size):
            if not self._waiting[index]:
                self._enable(index)

    def may_happen(self, index: int) -> bool:
        """Whether nothing stands before this step."""
        return index in self.enabled and (self.locked is None or self._steps[index].critical == self.locked)

    def next_mine(self) -> int | None:
        """The first enabled step that the player performs itself."""
        if self.locked is None:
            return self.mine[0] if self.mine else None
        return next((index for index in self.mine if self._steps[index].critical == self.locked), None)

    def begin(self, index: int) -> None:
        """One of ours is under way: it is not offered again, and nothing behind it may happen yet."""
        self._disable(index)

    def done(self, index: int) -> None:
        """That step has happened."""
        self.is_done[index] = True
        self.remaining -= 1
        self._disable(index)
        critical = self._steps[index].critical
        if critical is not None:
            self._critical[critical] -= 1
            self._begun[critical] += 1
            self._lock(critical)
        waiting = self._waiting
        for dependent in self._dependents[index]:
            waiting[dependent] -= 1
            if not waiting[dependent] and not self.is_done[dependent]:
                self._enable(dependent)

    def undo(self, index: int) -> None:
        """That step has not happened after all; none of those that wait for it may be done."""
        was_skipped = self.is_skipped[index]
        self.is_done[index] = self.is_skipped[index] = False
        self.remaining += 1
        critical = self._steps[index].critical
        if critical is not None:
            self._critical[critical] += 1
            self._begun[critical] -= not was_skipped
            self._lock(critical)
        for dependent in self._dependents[index]:
            if not self._waiting[dependent]:
                self._disable(dependent)
            self._waiting[dependent] += 1
        if not self._waiting[index]:
            self._enable(index)

    def _lock(self, critical: int) -> None:
        """Nothing else happens while it is under way."""
        if self._begun[critical] and self._critical[critical]:
            self.locked = critical
        elif self.locked == critical:
            self.locked = None

    def iteration(self, index: int) -> OptionalIteration | None:
        """The iteration that may be left out in which the step stands."""
        return self._optional.get(index)

    def is_begun(self, iteration: OptionalIteration) -> bool:
        """Whether anything of it has happened that does not happen by itself."""
        return any(self.is_done[index] and not self.is_passing[index] for index in iteration.steps)

    def left_out_for(self, target: int) -> list[OptionalIteration] | None:
        """The iterations to leave out so that nothing stands before `target`; None when that is not enough."""
        found: dict[int, OptionalIteration] = {}
        seen: set[int] = set()
        stack = list(self._steps[target].after)
        if self.locked is not None and self._steps[target].critical != self.locked:
            stack += self._criticals[self.locked]
        while stack:
            index = stack.pop()
            if index in seen or self.is_done[index]:
                continue
            seen.add(index)
            iteration = self._optional.get(index)
            if iteration is None or self.is_begun(iteration):
                return None
            found[id(iteration)] = iteration
            stack += self._steps[index].after
        own = {loop for loop, _ in self._steps[target].iteration}
        if any(one.loop in own for one in found.values()):
            return None  # an iteration is never entered past one that was left out
        return sorted(found.values(), key=lambda one: (one.loop, one.iteration))

    def leave_out(self, iteration: OptionalIteration) -> list[int]:
        """Leave it out, with all the later ones of its loop; the steps that will not happen, in drawn order."""
        gone = {
            index
            for one in self._left
            if one.loop == iteration.loop and one.iteration >= iteration.iteration
            for index in one.steps
            if not self.is_done[index]
        }
        ordered = sorted(gone)
        for index in ordered:
            self.is_skipped[index] = self.is_done[index] = True
            self._disable(index)
        for index in ordered:
            self._settle_skipped(index)
        return ordered

    def snapshot(self) -> tuple[object, ...]:
        """All that changes, to go back to with `restore`."""
        return (
            list(self._waiting), dict(self._critical), dict(self._begun), list(self.is_done), list(self.is_skipped),
            self.remaining, self.locked, set(self.enabled), list(self.mine), set(self.theirs), list(self.fresh),
        )  # fmt: skip

    def restore(self, snapshot: tuple[Any, ...]) -> None:
        """Back to how it was."""
        (
            self._waiting, self._critical, self._begun, self.is_done, self.is_skipped,
            self.remaining, self.locked, self.enabled, self.mine, self.theirs, self.fresh,
        ) = snapshot  # fmt: skip

    def _settle_skipped(self, index: int) -> None:
        self.remaining -= 1
        critical = self._steps[index].critical
        if critical is not None:
            self._critical[critical] -= 1
            self._lock(critical)
        for dependent in self._dependents[index]:
            self._waiting[dependent] -= 1
            if not self._waiting[dependent] and not self.is_done[dependent]:
                self._enable(dependent)

    def _enable(self, index: int) -> None:
        if index in self.enabled:
            return
        self.enabled.add(index)
        if self.is_passing[index]:
            self.fresh.append(index)
        elif self.is_mine[index]:
            insort(self.mine, index)
        else:
            self.theirs.add(index)

    def _disable(self, index: int) -> None:
        if index not in self.enabled:
            return
        self.enabled.discard(index)
        if self.is_passing[index]:
            if index in self.fresh:
                self.fresh.remove(index)
        elif self.is_mine[index]:
            self.mine.remove(index)
        else:
            self.theirs.discard(index)
