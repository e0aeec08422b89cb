"""Which request an answer answers: the calls that are open, innermost last."""

from collections.abc import Hashable, Iterator
from dataclasses import field

from seqtest.dataclass import dataclass

Pair = tuple[str, str]
"""Caller and callee."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request or action that waits for its answer."""

    step: int
    sender: str
    receiver: str
    key: tuple[Hashable, ...] = ()
    """Which arrow of the drawing it is."""


@dataclass(slots=True)
class OpenCalls:
    """Open calls of one flow, or of one lane of a `par`, which also sees what was open before it."""

    around: "OpenCalls | None" = None
    requests: dict[Pair, list[Call]] = field(default_factory=dict)
    """Those that must be answered."""
    loose: dict[Pair, list[Call]] = field(default_factory=dict)
    """Asynchronous ones, which need not be."""
    actions: dict[Pair, list[Call]] = field(default_factory=dict)

    def open(self, calls: dict[Pair, list[Call]], call: Call) -> None:
        """Open a call; `calls` is one of this frame's own."""
        calls.setdefault((call.sender, call.receiver), []).append(call)

    def answer_request(self, caller: str, callee: str) -> tuple[Call, bool] | None:
        """Take the innermost open request between the two, and say whether it was loose; those that wait come first."""
        pair = (caller, callee)
        for frame in self._frames():
            if stack := frame.requests.get(pair):
                call = stack.pop()
                actions = frame.actions.get(pair, [])
                while actions and actions[-1].step > call.step:
                    actions.pop()
                return call, False
        for frame in self._frames():
            if stack := frame.loose.get(pair):
                return stack.pop(), True
        return None

    def answer_action(self, caller: str, callee: str) -> Call | None:
        """Take the innermost open action between the two, unless a request that waits is open within it."""
        pair = (caller, callee)
        for frame in self._frames():
            waiting, stack = frame.requests.get(pair), frame.actions.get(pair)
            if stack and (not waiting or waiting[-1].step < stack[-1].step):
                return stack.pop()
            if waiting:
                return None
        return None

    def waiting(self, caller: str, callee: str) -> Call | None:
        """The innermost open request between the two that must be answered; it stays open."""
        for frame in self._frames():
            if stack := frame.requests.get((caller, callee)):
                return stack[-1]
        return None

    def received_by(self, callee: str) -> Call | None:
        """The innermost open request that this participant must answer."""
        calls = [
            stack[-1]
            for frame in self._frames()
            for (_, receiver), stack in frame.requests.items()
            if receiver == callee and stack
        ]
        return max(calls, key=lambda call: call.step, default=None)

    def unanswered(self) -> list[Call]:
        """The requests of this frame that still wait, in drawn order."""
        return sorted((call for stack in self.requests.values() for call in stack), key=lambda call: call.step)

    def merge_into(self, around: "OpenCalls") -> None:
        """What a lane left open may be answered behind the `par`."""
        for mine, theirs in (
            (self.requests, around.requests),
            (self.loose, around.loose),
            (self.actions, around.actions),
        ):
            for pair, stack in mine.items():
                theirs.setdefault(pair, []).extend(stack)

    def _frames(self) -> "Iterator[OpenCalls]":
        frame: OpenCalls | None = self
        while frame is not None:
            yield frame
            frame = frame.around
