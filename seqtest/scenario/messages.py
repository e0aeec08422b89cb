"""Messages become steps: requests meet their answers, and each step learns which ones it comes after."""

from collections.abc import Callable, Mapping
from typing import Any

from seqtest.dataclass import dataclass, replace
from seqtest.diagram import Message
from seqtest.diagram.expectation import ActionLine, Expectation, RequestLine, StatusLine, Template
from seqtest.errors import Finding
from seqtest.scenario.calls import Call
from seqtest.scenario.lives import follow, use
from seqtest.scenario.scenario import LEFT_GATE, RIGHT_GATE
from seqtest.scenario.sendable import lower_method, lower_request
from seqtest.scenario.walk import Walk, joined
from seqtest.source import Span


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message to one receiver, on its way to become a step."""

    message: Message
    expectation: Expectation
    sender: str
    receiver: str
    is_parallel: bool

    @property
    def is_async(self) -> bool:
        return self.message.arrow.head.startswith("open") and not self.message.arrow.is_dotted

    @property
    def is_lost(self) -> bool:
        return self.message.arrow.head == "cross"

    @property
    def place(self) -> Span | None:
        return self.message.text_span or self.message.span

    def step(self) -> dict[str, Any]:
        """What every step of a message has."""
        message = self.message
        return {
            "expectation": self.expectation,
            "number": message.number,
            "text": message.text,
            "span": message.span,
            "is_lost": self.is_lost,
        }


def place_message(walk: Walk, message: Message) -> None:
    """One step for each receiver. A hidden arrow is not drawn, so it is not there."""
    if message.arrow.is_hidden:
        return
    walk.place.progress.has_arrow = True
    expectation = walk.place.flow.expectations[id(message)]
    gate = RIGHT_GATE if message.gate and message.gate.side == "right" else LEFT_GATE
    sender = message.sender or gate
    receivers = (message.receiver or gate, *message.more_receivers)
    for event in message.life:
        if event.kind == "create":
            follow(walk, event)
    use(walk, (sender, *receivers), message)
    for position, receiver in enumerate(receivers):
        drawn = Drawn(message, expectation, sender, receiver, bool(position) or message.is_parallel)
        if _points_both_ways(message) and isinstance(expectation.line, RequestLine | StatusLine):
            walk.report(_both_ways(drawn))
        PLACES[type(expectation.line)](walk, drawn)
    for event in message.life:
        if event.kind != "create":
            follow(walk, event)


def _request(walk: Walk, drawn: Drawn) -> None:
    if drawn.receiver in (LEFT_GATE, RIGHT_GATE) and _is_path(drawn.expectation):
        walk.report(_path_to_gate(drawn))
    index = _call(walk, drawn, "request")
    if not drawn.is_lost:
        calls = walk.place.calls
        stack = calls.loose if walk.steps[index].is_async else calls.requests
        calls.open(stack, Call(index, drawn.sender, drawn.receiver, _key(walk, drawn.message)))


def _action(walk: Walk, drawn: Drawn) -> None:
    calls = walk.place.calls
    if drawn.message.arrow.is_dotted:
        call = calls.answer_action(drawn.receiver, drawn.sender)
        if call is not None:
            owed = calls.received_by(drawn.sender)
            if drawn.message.is_return and owed is not None and owed.step > call.step:
                walk.report(_return_disagrees(walk, drawn, owed))
            _answer(walk, drawn, call.step, "result")
            return
        waiting = calls.waiting(drawn.receiver, drawn.sender)
        if waiting is not None:
            walk.lookalikes[waiting.step] = drawn.place
    index = _call(walk, drawn, "action")
    if not drawn.is_lost and not drawn.message.arrow.is_dotted:
        calls.open(calls.actions, Call(index, drawn.sender, drawn.receiver))


def _response(walk: Walk, drawn: Drawn) -> None:
    calls = walk.place.calls
    innermost = calls.received_by(drawn.sender)
    found = calls.answer_request(drawn.receiver, drawn.sender)
    if found is None:
        walk.report(_lower_method(walk, drawn) or _no_open_request(walk, drawn, innermost))
        walk.advance(walk.add("response", drawn.sender, drawn.receiver, **drawn.step()))
        return
    call, is_loose = found
    if is_loose:
        walk.answered_async.add(call.key)
    if drawn.message.is_return and innermost is not None and innermost != call:
        walk.report(_return_disagrees(walk, drawn, innermost))
    _answer(walk, drawn, call.step, "response")


PLACES: Mapping[type, Callable[[Walk, Drawn], None]] = {
    RequestLine: _request,
    StatusLine: _response,
    ActionLine: _action,
}


# ---- steps and their order -------------------------------------------------------------------------------------------


def _call(walk: Walk, drawn: Drawn, kind: Any) -> int:
    """The step of a request or action. One drawn beside another (`&`) comes after what that one comes after."""
    is_async = drawn.is_async and _key(walk, drawn.message) not in walk.synchronous
    after = walk.previous_after if drawn.is_parallel else walk.frontier
    index = len(walk.steps)
    walk.add(kind, drawn.sender, drawn.receiver, after=after, call=index, is_async=is_async, **drawn.step())
    if is_async:
        walk.previous_after = after
        walk.pending.append(index)
    elif drawn.is_parallel:
        walk.frontier = joined(walk.frontier, (index,))
        walk.fan[index] = index
    else:
        walk.advance(index)
    return index


def _answer(walk: Walk, drawn: Drawn, call: int, kind: Any) -> None:
    """The step of an answer. The answer to one of several requests side by side waits for its own request only."""
    strand = walk.fan.get(call)
    if drawn.is_parallel and strand is None:
        after: tuple[int, ...] | None = joined(walk.previous_after, (call,))
    else:
        after = None if strand is None else (strand,)
    index = walk.add(kind, drawn.sender, drawn.receiver, after=after, call=call, **drawn.step())
    walk.steps[call] = replace(walk.steps[call], answer=index)
    if strand is not None and len(walk.fan) > 1:
        walk.frontier = tuple(index if step == strand else step for step in walk.frontier)
        walk.fan[call] = index
    elif drawn.is_parallel:
        walk.frontier = joined(walk.frontier, (index,))
    else:
        walk.advance(index)


def _key(walk: Walk, message: Message) -> tuple[Any, ...]:
    return (*walk.place.instance, id(message))


def _points_both_ways(message: Message) -> bool:
    return message.arrow.tail not in ("none", "cross")


def _is_path(expectation: Expectation) -> bool:
    line = expectation.line
    return isinstance(line, RequestLine) and _starts(line.target).startswith("/")


def _starts(template: Template) -> str:
    first = template.parts[0] if template.parts else ""
    return first if isinstance(first, str) else ""


# ---- findings --------------------------------------------------------------------------------------------------------


def unanswered(walk: Walk) -> None:
    """Every request that still waits at the end of its flow."""
    for call in walk.place.calls.unanswered():
        step = walk.steps[call.step]
        lookalike = walk.lookalikes.get(call.step)
        walk.report(
            Finding(
                "SQ301",
                f"this request has no answer: `{step.text}`",
                step.span,
                label="no response is drawn for it",
                why="what is not drawn is not checked: a request without an answer would test nothing",
                do=f"draw `{call.receiver} --> {call.sender} : 200 OK`, or ask with `->>` when nobody waits for it",
                also=((lookalike, "this is no response: it does not begin with a status"),) if lookalike else (),
            )
        )


def _lower_method(walk: Walk, drawn: Drawn) -> Finding | None:
    """`get /jwks` is an action, so its response answers nothing; the request is what is wrong."""
    for step in reversed(walk.steps):
        if (step.kind, step.sender, step.receiver) == ("action", drawn.receiver, drawn.sender):
            request = lower_request(step.text)
            return lower_method(step.span, request) if request else None
    return None


def _no_open_request(walk: Walk, drawn: Drawn, innermost: Call | None) -> Finding:
    other = walk.steps[innermost.step].span if innermost is not None else None
    return Finding(
        "SQ302",
        f"`{drawn.sender}` answers `{drawn.receiver}`, which has no open request to it",
        drawn.place,
        label="answers nothing",
        why="a response answers the innermost open request between these two participants",
        do="draw the request above it, or let the response go to the one who asked",
        also=((other, "the request that is open"),) if other else (),
    )


def _return_disagrees(walk: Walk, drawn: Drawn, innermost: Call) -> Finding:
    other = walk.steps[innermost.step].span
    return Finding(
        "SQ303",
        f"this `return` goes to `{drawn.receiver}`, while `{drawn.sender}` still owes `{innermost.sender}` an answer",
        drawn.message.span,
        why="`return` follows the activation bars, and these do not agree with the requests that are open",
        do="draw the answers in the order in which the requests are nested, or write the arrow out instead of `return`",
        also=((other, "still open"),) if other else (),
    )


def _both_ways(drawn: Drawn) -> Finding:
    return Finding(
        "SQ324",
        "this arrow points both ways",
        drawn.message.span,
        why="a request goes one way, and its answer is an arrow of its own",
        do="draw two arrows",
    )


def _path_to_gate(drawn: Drawn) -> Finding:
    return Finding(
        "SQ323",
        "a request that leaves the drawing needs to say where to",
        drawn.place,
        label="a path, and nobody here has an address",
        do="write an absolute URL, such as `GET https://other.example/path`",
    )
