"""Judge: hold each message that happened to what its arrow promised.

Nothing here trusts the player's word alone: a flow of which a step did not happen, happened twice or out of order, or
in which nothing was tested, is broken whatever `is_finished` says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from seqtest.dataclass import dataclass, replace
from seqtest.diagram.model import InteractionUse
from seqtest.diagram.model import Message as DrawnMessage
from seqtest.errors import Finding
from seqtest.exchange import Answer, Message
from seqtest.scenario import Script, Step
from seqtest.source import Span
from seqtest.trace import Bindings, Occurrence, Trace
from seqtest.verdict.arrows import ARROWS, described, numbers, replay
from seqtest.verdict.verdict import StepState, StepVerdict, Verdict

ANOTHER_ANSWER, SECRET = "SQ532", "SQ560"
OF_WHAT_CAME = frozenset((ANOTHER_ANSWER, "SQ410", "SQ416", "SQ418", "SQ533", "SQ539", "SQ542", "SQ563"))
"""Refusals of a step that has happened; the others are of one that has not."""

REPLAYS = "   replays just this case"
"""What stands behind the command that does, at the end of each failure's advice."""


class Report(Protocol):
    """What checking one message found."""

    @property
    def failures(self) -> tuple[Finding, ...]: ...
    @property
    def checks(self) -> int: ...


class Checked(Protocol):
    """The contents of one step, as far as judging needs them."""

    def check(self, content: Any, bindings: Bindings, request: Any, ledger: Any) -> Report: ...


class Closing(Protocol):
    """What a run has shown so far; at its end it names what stayed open."""

    def close(self) -> Iterable[Finding]: ...


@dataclass(slots=True)
class _Tally:
    """What judging one step added up to."""

    occurrence: int | None = None
    failures: list[Finding] = field(default_factory=list)
    checks: int = 0
    happened: int = 0


def judge(
    script: Script,
    trace: Trace,
    contents: Mapping[int, Checked] | Sequence[Checked | None],
    ledger: Closing,
    *,
    command: str = "",
) -> Verdict:
    """The verdict on a run: every promise is tested, so that it names all that is wrong, in drawing order.

    `contents` holds what each step promised, by the step's index; `command` replays just this case.
    """
    steps = script.scenario.steps
    names = numbers(script.scenario)
    tallies = [_Tally() for _ in steps]
    strangers: list[Finding] = []
    for index, occurrence in enumerate(trace.occurrences):
        if occurrence.step is None:
            strangers.append(_unexpected(occurrence, _span_before(script, trace, index)))
            continue
        tally = tallies[occurrence.step]
        tally.happened += 1
        tally.occurrence = index
        _check(steps[occurrence.step], occurrence, trace, contents, ledger, tally)
    open_ends = list(ledger.close()) if trace.is_finished else []
    strangers += _secrets_let_by(script, trace, ledger)
    stopped = _step_of_refusal(script, trace, tallies)
    _hold_to_the_drawing(script, trace, tallies, names)
    if stopped is not None and trace.refusal is not None and trace.refusal.code == ANOTHER_ANSWER:
        # What is promised of the drawn answer says nothing of another one; secrets may be in neither.
        tallies[stopped].failures = [one for one in tallies[stopped].failures if one.code == SECRET]
    for step, tally, name in zip(steps, tallies, names, strict=True):
        if tally.failures:
            tally.failures = [_placed(finding, step, name) for finding in tally.failures]
    refusals = list(_refusals(script, trace, stopped, names))
    # What went wrong on the way often is why the run stopped, so it comes first.
    stop = len(steps) if stopped is None else stopped
    failures = [
        *(finding for tally in tallies[:stop] for finding in tally.failures),
        *refusals,
        *(finding for tally in tallies[stop:] for finding in tally.failures),
        *(strangers if trace.refusal is None else ()),
        *open_ends,
    ]
    if not failures and not _tested_anything(script, trace, tallies):
        failures.append(_nothing_tested(script))
    do = f"{command or replay(script.scenario)}{REPLAYS}"
    return Verdict(
        script,
        trace,
        tuple(
            _step_verdict(script, trace, step, tally, refusals if step.index == stopped else ())
            for step, tally in zip(steps, tallies, strict=True)
        ),
        tuple(_as_failure(finding, do) for finding in failures),
        tuple(_idle(script)),
    )


def _check(
    step: Step,
    occurrence: Occurrence,
    trace: Trace,
    contents: Mapping[int, Checked] | Sequence[Checked | None],
    ledger: Closing,
    tally: _Tally,
) -> None:
    if occurrence.content is None or step.kind == "keep":
        return
    promised = contents[step.index]
    if promised is None:
        return
    request = None if occurrence.request is None else trace.occurrences[occurrence.request].content
    report = promised.check(occurrence.content, occurrence.bindings, request, ledger)
    tally.failures += report.failures
    tally.checks += report.checks


def _hold_to_the_drawing(script: Script, trace: Trace, tallies: list[_Tally], names: Sequence[str]) -> None:
    """In a run that says it finished, every step happened once and after those it follows."""
    if not trace.is_finished:
        return
    left_out = {
        step
        for iteration in script.scenario.optional
        if not any(tallies[step].happened for step in iteration.steps)
        for step in iteration.steps
    }
    for step in script.scenario.steps:
        tally = tallies[step.index]
        if tally.happened == 1:
            late = [p for p in step.after if (tallies[p].occurrence or 0) > (tally.occurrence or 0)]
            if late:
                tally.failures.append(_broken(step, f"it happened before step {names[late[0]] or late[0]}"))
        elif tally.happened > 1:
            tally.failures.append(_broken(step, f"it happened {tally.happened} times"))
        elif step.kind != "keep" and step.index not in left_out:
            tally.failures.append(_broken(step, "it did not happen"))


def _secrets_let_by(script: Script, trace: Trace, ledger: Any) -> list[Finding]:
    """Secrets in the messages that a `quiet` setting let by, and in key sets that anybody may ask for: whatever the
    run came to know is looked for.
    """
    if not trace.let_by and not trace.published:
        return []
    from seqtest.contents.let_by import secrets_in

    places = {participant.id: participant.span for participant in script.scenario.participants}
    return [
        *(
            replace(finding, message=f"{finding.message}: {one.sender} to {one.receiver}, let by as quiet")
            for one in trace.let_by
            if one.content is not None
            for finding in secrets_in(one.content, ledger, places.get(one.receiver), one.receiver)
        ),
        *(
            replace(
                finding,
                message=f"{finding.message}: {who} publishes it beside its keys",
                do="publish the public parts alone, and replace the key",
            )
            for who, answer in trace.published
            for finding in secrets_in(answer, ledger, places.get(who))
        ),
    ]


def _broken(step: Step, got: str) -> Finding:
    return Finding(
        "SQ502",
        "an arrow did not happen as drawn",
        step.span,
        expected=f"{described(step)}, once and in the drawn order",
        got=got,
        why="every arrow happens exactly once, in the drawn order",
    )


def _unexpected(occurrence: Occurrence, span: Span | None) -> Finding:
    return Finding(
        "SQ503",
        f"{occurrence.sender} sent {occurrence.receiver} a message that is not drawn",
        span,
        label="after this arrow" if span else "",
        got=summary(occurrence.content),
        why="every arrow happens exactly once, in the drawn order; one message too many fails",
    )


def _span_before(script: Script, trace: Trace, index: int) -> Span | None:
    """Where the last drawn arrow before that occurrence stands."""
    for occurrence in reversed(trace.occurrences[:index]):
        if occurrence.step is not None:
            return script.scenario.steps[occurrence.step].span
    return None


def summary(content: Message | Answer | None) -> str:
    """A message in a few words, without headers, query or body: `GET /users/123`, `200`, `find user alice`."""
    from urllib.parse import urlsplit

    from seqtest.exchange import Action, Request, Response, Result

    match content:
        case Request(method, url):
            return f"{method} {urlsplit(url).path or '/'}"
        case Response(status):
            return str(status)
        case Action(text):
            return text
        case Result(value, _, error):
            return f"error: {error}" if error else ("" if value is None else str(value))
        case None:
            return ""
    return "lost"


def _step_of_refusal(script: Script, trace: Trace, tallies: list[_Tally]) -> int | None:
    """The step at which the run stopped: of those that the refusal points at (a loop's iterations are drawn in one
    place) the last that happened, or the first that did not.

    None when a message that has no step stopped it.
    """
    if (
        trace.refusal is None
        or trace.refusal.span is None
        or (trace.occurrences and trace.occurrences[-1].step is None)
    ):
        return None
    at = trace.refusal.span
    matching = [
        step.index
        for step in script.scenario.steps
        if step.span is not None and step.span.path == at.path and step.span.line <= at.line <= _last_line(step)
    ]
    happened = [(tallies[index].occurrence or 0, index) for index in matching if tallies[index].happened]
    pending = [index for index in matching if not tallies[index].happened]
    if happened and (trace.refusal.code in OF_WHAT_CAME or not pending):
        return max(happened)[1]
    return pending[0] if pending else None


def _last_line(step: Step) -> int:
    lines = [step.span.end_line] if step.span else [0]
    if step.expectation is not None:
        lines += [promise.span.end_line for promise in step.expectation.walk() if promise.span is not None]
    return max(lines)


def _refusals(script: Script, trace: Trace, stopped: int | None, names: Sequence[str]) -> Iterator[Finding]:
    if trace.refusal is not None:
        refusal = trace.refusal
        yield refusal if stopped is None else _placed(refusal, script.scenario.steps[stopped], names[stopped])
    elif not trace.is_finished:
        yield Finding(
            "SQ501",
            "the run ended before the flow was over",
            script.scenario.steps[-1].span if script.scenario.steps else None,
            why="a run is kept only when every drawn arrow happened",
        )


def _placed(finding: Finding, step: Step, number: str) -> Finding:
    """The finding with the arrow it belongs to: its place, when the finding points elsewhere, and its step number."""
    if step.span is None:
        return finding
    words = described(step, number)
    if finding.span is None:
        return replace(finding, span=step.span, label=finding.label or words)
    if (finding.span.path, finding.span.line) == (step.span.path, step.span.line):
        return finding if finding.label else replace(finding, label=f"step {number}" if number else "")
    if any(span == step.span for span, _ in finding.also):
        return finding
    return replace(finding, also=(*finding.also, (step.span, f"step {number}" if number else "here")))


def _as_failure(finding: Finding, do: str) -> Finding:
    # A promise that could not be tested stays an error (stage 4), which is no pass either.
    severity = "failed" if finding.severity == "error" and finding.code.startswith("SQ5") else finding.severity
    return replace(finding, severity=severity, do="\n".join(filter(None, (finding.do, do))))


def _tested_anything(script: Script, trace: Trace, tallies: list[_Tally]) -> bool:
    return any(
        tally.happened and step.kind in ARROWS and not _is_told(script, trace, step, tally)
        for step, tally in zip(script.scenario.steps, tallies, strict=True)
    )


def _is_told(script: Script, trace: Trace, step: Step, tally: _Tally) -> bool:
    """Whether nobody real had a part in the arrow: nothing was tested by it."""
    if step.sender not in script.bound and step.receiver not in script.bound:
        return True
    if step.is_lost and step.kind in ("request", "action") and step.sender not in script.bound:
        return True  # a message that the diagram itself sent and lost reaches nobody
    # A self message that no step definition took is prose.
    is_own = step.sender == step.receiver and tally.occurrence is not None
    return is_own and trace.occurrences[tally.occurrence or 0].content is None


def _idle(script: Script) -> Iterator[Finding]:
    """A warning for each bound participant that neither this case nor any other of its diagram has an arrow for."""
    scenario = script.scenario
    drawn = {who for step in scenario.steps if step.kind in ARROWS for who in (step.sender, step.receiver)}
    idle = [one for one in scenario.participants if one.id in script.bound and one.id not in drawn]
    if not idle:
        return
    for item in scenario.diagram.walk():
        if isinstance(item, DrawnMessage):
            drawn |= {item.sender or "", item.receiver or "", *item.more_receivers}
        elif isinstance(item, InteractionUse):
            drawn |= set(item.participants)
    for participant in idle:
        if participant.id not in drawn:
            yield Finding(
                "SQ505",
                f"{participant.id} is bound, and no arrow reaches it",
                participant.span,
                severity="warning",
                why="what no arrow touches is not tested",
                do=f"draw an arrow from or to {participant.id}, or bind nobody to it",
            )


def _nothing_tested(script: Script) -> Finding:
    steps = script.scenario.steps
    return Finding(
        "SQ504",
        "nothing was tested: no arrow touched a bound participant",
        steps[0].span if steps else None,
        got="every arrow is between scripted participants" if steps else "the flow has no arrow",
        why="a run that only tells a story proves nothing",
        do="bind a participant: a stereotype such as <<authorization-server>> or a factory in conftest.py",
    )


def _step_verdict(script: Script, trace: Trace, step: Step, tally: _Tally, refusals: Sequence[Finding]) -> StepVerdict:
    state: StepState
    failures = (*refusals, *tally.failures) if refusals or tally.failures else ()
    if failures:
        state = "failed"
    elif not tally.happened:
        state = "not reached"
    elif step.kind in ARROWS:
        state = "told" if _is_told(script, trace, step, tally) else "passed"
    else:
        state = "passed" if tally.checks else "told"
    return StepVerdict(step.index, state, failures, tally.occurrence, tally.checks)
