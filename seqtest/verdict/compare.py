"""Which of several flows is chattier, and by how much: counted from real runs, never from the arrows in the text.

A message is an arrow that really went between participants of whom at least one is bound; what is only told is left
out. A round trip is an HTTP request with its answer; an action (a store look-up) with its answer is a look-up. The
login is everything up to the first answer that hands out an access token; what comes after it, divided by the calls
that begin there, is what each further call costs.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from statistics import median
from typing import Any

from seqtest.dataclass import dataclass
from seqtest.exchange import Action, Request, Response, Result
from seqtest.trace import Occurrence
from seqtest.verdict.fields import fields
from seqtest.verdict.size import size
from seqtest.verdict.verdict import Verdict

TOKENS = ("access_token", "refresh_token", "id_token")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stretch of a run took."""

    messages: float = 0
    round_trips: float = 0
    lookups: float = 0
    bytes: float = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.messages + other.messages,
            self.round_trips + other.round_trips,
            self.lookups + other.lookups,
            self.bytes + other.bytes,
        )

    def times(self, count: float) -> "Cost":
        return Cost(self.messages * count, self.round_trips * count, self.lookups * count, self.bytes * count)


@dataclass(frozen=True, slots=True)
class MessageSize:
    """One message that went by: `client -> auth : POST /token`."""

    text: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What one flow took."""

    name: str
    is_kept: bool
    total: Cost
    calls: Mapping[str, int]
    """Participant → requests and actions that it received, in drawn order."""
    messages: tuple[MessageSize, ...]
    tokens: Mapping[str, int]
    """Token → its length in bytes, in the message that first handed it out."""
    token_bytes: int
    """Bytes of tokens in all messages together."""
    clock_seconds: float
    """How far the run's clock moved."""
    seconds: float | None = None
    """The median of the real times of the runs; measured, so never the same twice."""
    runs: int = 1
    login: Cost | None = None
    """Up to the first answer with an access token; None when no answer has one."""
    per_call: Cost | None = None
    """What each call after the login costs; None when there is none."""
    calls_after_login: int = 0

    def for_calls(self, count: int) -> Cost | None:
        """A login and that many calls; None when the flow does not have both."""
        if self.login is None or self.per_call is None:
            return None
        return self.login + self.per_call.times(count)


@dataclass(frozen=True, slots=True)
class Comparison:
    flows: tuple[Measured, ...]
    """Two or more, in the order in which they were named."""
    counts: tuple[int, ...] = field(default=(1, 10, 100))
    """The numbers of calls after one login that are compared."""

    @property
    def has_calls(self) -> bool:
        """Whether each flow has a login and calls after it, so that what one call costs can be compared."""
        return all(flow.per_call is not None for flow in self.flows)

    def messages(self, flow: Measured) -> float:
        """What flows are ranked by: messages for each call after the login, where all have such calls, else in all."""
        return (flow.per_call if self.has_calls and flow.per_call is not None else flow.total).messages

    @property
    def chattier(self) -> Measured | None:
        """The one with the most messages; None when all have as many."""
        most = max(self.flows, key=self.messages)
        return most if self.messages(most) > min(map(self.messages, self.flows)) else None

    @property
    def calmest(self) -> Measured:
        """The first one with the fewest messages."""
        return min(self.flows, key=self.messages)


Shown = Callable[[Verdict], Callable[[str], str]]
"""How words of a run may be shown."""


def compare(
    *flows: Sequence[Verdict],
    names: Sequence[str] = (),
    seconds: Sequence[Sequence[float]] = (),
    counts: Sequence[int] = (1, 10, 100),
    shown: Shown = lambda verdict: str,
) -> Comparison:
    """Flows side by side, each with the verdicts of one or several runs of one case.

    `seconds`: the real times of the runs, where they were measured from outside. `shown`: how words of a run may be
    shown, where there are secrets in them.
    """
    found = [
        measure(
            verdicts,
            name=names[index] if index < len(names) else "",
            seconds=seconds[index] if index < len(seconds) else (),
            shown=shown,
        )
        for index, verdicts in enumerate(flows)
    ]
    return Comparison(tuple(found), tuple(counts))


def measure(
    verdicts: Sequence[Verdict],
    *,
    name: str = "",
    seconds: Sequence[float] = (),
    shown: Shown = lambda verdict: str,
) -> Measured:
    """What one flow took, by the first of its runs; the real time is the median of all. Raises ValueError for none."""
    if not verdicts:
        raise ValueError("no run to measure")
    verdict = verdicts[0]
    trace = verdict.trace.occurrences
    real = [
        index
        for index, occurrence in enumerate(trace)
        if occurrence.content is not None and _is_arrow(verdict, occurrence)
    ]
    words = shown(verdict)
    handed_out = _first_token(trace, real)
    times = list(seconds) or [time for time in map(_real_seconds, verdicts) if time]
    login = per_call = None
    calls = 0
    if handed_out is not None:
        later = [index for index in real if index > handed_out and _began_after(trace, index, handed_out)]
        login = _cost(trace, sorted({*real} - {*later}))
        calls = _outermost_calls(trace, later)
        per_call = _cost(trace, later).times(1 / calls) if calls else None
    return Measured(
        name or verdict.script.scenario.diagram.name or verdict.script.scenario.id,
        all(each.is_kept for each in verdicts),
        _cost(trace, real),
        _calls(verdict, trace, real),
        tuple(MessageSize(words(_text(trace, index)), size(trace[index].content)) for index in real),
        _tokens(trace, real),
        sum(len(value) for index in real for value in _token_values(trace[index].content)),
        trace[-1].at - trace[0].at if trace else 0.0,
        median(times) if times else None,
        len(verdicts),
        login,
        per_call,
        calls,
    )


def _is_arrow(verdict: Verdict, occurrence: Occurrence) -> bool:
    if occurrence.step is None:
        return True
    return verdict.script.scenario.steps[occurrence.step].kind in ("request", "response", "action", "result")


def _cost(trace: Sequence[Occurrence], indices: Sequence[int]) -> Cost:
    contents = [trace[index].content for index in indices]
    return Cost(
        len(contents),
        sum(isinstance(content, Request) for content in contents),
        sum(isinstance(content, Action) for content in contents),
        sum(map(size, contents)),
    )


def _calls(verdict: Verdict, trace: Sequence[Occurrence], indices: Sequence[int]) -> dict[str, int]:
    counted = Counter(trace[index].receiver for index in indices if isinstance(trace[index].content, Request | Action))
    return {p.id: counted[p.id] for p in verdict.script.scenario.participants}


def _text(trace: Sequence[Occurrence], index: int) -> str:
    from urllib.parse import urlsplit

    occurrence = trace[index]
    match occurrence.content:
        case Request(method, url):
            words = f"{method} {urlsplit(url).path or '/'}"
        case Response(status):
            request = trace[occurrence.request].content if occurrence.request is not None else None
            path = f" to {request.method} {urlsplit(request.url).path or '/'}" if isinstance(request, Request) else ""
            words = f"{status}{path}"
        case Action(text):
            words = " ".join(text.split()[:2])
        case _:
            words = "answer"
    is_answer = occurrence.request is not None
    return f"{occurrence.sender} {'-->' if is_answer else '->'} {occurrence.receiver} : {words}"


def _first_token(trace: Sequence[Occurrence], indices: Sequence[int]) -> int | None:
    """Where the first access token was handed out."""
    for index in indices:
        content = trace[index].content
        if isinstance(content, Response) and any(name == "access_token" for name, _ in fields(content)):
            return index
    return None


def _began_after(trace: Sequence[Occurrence], index: int, start: int) -> bool:
    """Whether a message, or the call that it answers, came after that one."""
    request = trace[index].request
    return request is None or request > start


def _outermost_calls(trace: Sequence[Occurrence], indices: Sequence[int]) -> int:
    """Calls that were not made while another one was waiting for its answer."""
    answered = {trace[index].request for index in indices if trace[index].request is not None}
    waiting, calls = 0, 0
    for index in indices:
        if isinstance(trace[index].content, Request | Action) and trace[index].request is None:
            calls += waiting == 0
            waiting += index in answered
        else:
            waiting = max(0, waiting - 1)
    return calls


def _real_seconds(verdict: Verdict) -> float:
    """Real time of a run: of the answers that nothing else was waiting for."""
    total, waiting = 0.0, 0
    for occurrence in verdict.trace.occurrences:
        if isinstance(occurrence.content, Request | Action) and occurrence.request is None:
            waiting += 1
        elif isinstance(occurrence.content, Response | Result) and occurrence.request is not None:
            waiting = max(0, waiting - 1)
            total += occurrence.seconds if not waiting else 0.0
    return total


def _token_values(content: Any) -> list[str]:
    found = []
    for name, value in fields(content):
        if not isinstance(value, str):
            continue
        if name in TOKENS or name in ("token", "subject_token", "id_token_hint", "assertion", "client_assertion"):
            found.append(value)
        elif name.lower() == "authorization" and value.lower().startswith(("bearer ", "dpop ")):
            found.append(value.partition(" ")[2])
    return found


def _tokens(trace: Sequence[Occurrence], indices: Sequence[int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index in indices:
        content = trace[index].content
        if isinstance(content, Response):
            for name, value in fields(content):
                if name in TOKENS and isinstance(value, str):
                    found.setdefault(name, len(value.encode()))
    return found
