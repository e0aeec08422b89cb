"""A case of the report as plain data: all that its page shows, secrets masked, fit for JSON and other processes.

A run goes in, nothing but texts and numbers comes out. Real times are kept apart (`real`), so that everything else is
the same for equal runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Literal, NotRequired, TypedDict

from seqtest.diagram import Diagram
from seqtest.errors import Finding, lay_out
from seqtest.exchange import Action, Request, Response, Result
from seqtest.render.failure import masked, tracebacks
from seqtest.render.grid import clean, cut
from seqtest.render.happened import ends_of_stranger, said_by_stranger
from seqtest.render.html.token import Opened, opened_tokens
from seqtest.render.mask import Masker, masker_of
from seqtest.render.pictured import draw_run_svg
from seqtest.render.token import moment
from seqtest.render.wire import Content, body_lines, first_line
from seqtest.scenario import Step
from seqtest.scenario.duration import in_units
from seqtest.source import Source, Span
from seqtest.trace import Occurrence
from seqtest.verdict import StepVerdict, Verdict
from seqtest.verdict.arrows import ARROWS, numbers
from seqtest.verdict.compare import measure
from seqtest.verdict.fields import fields
from seqtest.verdict.size import size

State = Literal["passed", "failed", "error", "skipped"]
MOST_LINES, LONGEST_LINE = 300, 2_000
"""Of a message's body; what is longer is cut, and said to be."""


class Wire(TypedDict):
    """A message as it went by: `fields` for one that is not HTTP."""

    first: str
    headers: list[tuple[str, str]]
    body: list[str]


class Said(TypedDict):
    """A finding: its place as text and as a line of the source, the excerpt with carets, and its words."""

    code: str
    severity: str
    message: str
    place: str
    line: int | None
    excerpt: str
    expected: str
    got: str
    why: str
    do: str
    detail: str


class Told(TypedDict):
    """One message: `key` names it on the page, `answers` the index of the message that it answers.

    A check of somebody's state has no receiver.
    """

    key: str
    index: int | None
    number: str
    sender: str
    receiver: str
    is_answer: bool
    label: str
    state: str
    line: int | None
    at: str
    answers: int | None
    bytes: int
    checks: int
    wire: Wire | None
    tokens: list[Opened]
    findings: list[Said]


class Moved(TypedDict):
    """A move of the run's clock; it stands in the same list as the messages."""

    index: int
    label: str
    words: str
    line: int | None


class Line(TypedDict):
    number: int
    text: str
    state: str
    """What became of the arrow that is drawn here; empty where none is."""
    is_wrong: bool
    """Whether a finding points here."""


class Real(TypedDict):
    """Seconds that it really took: all of it, and each message by its index."""

    total: float | None
    messages: dict[str, float]


class Case(TypedDict):
    """Everything about one case. What could not be played has a state, findings and its source."""

    id: str
    file: str
    line: int
    order: list[int]
    """Puts the cases of a diagram in drawn order."""
    diagram: str
    name: str
    title: str
    state: State
    summary: str
    """The first thing that is wrong, in a line; empty for a case that was kept."""
    findings: list[Said]
    source: list[Line]
    command: str
    svg: NotRequired[str]
    start: NotRequired[str]
    clock: NotRequired[str]
    arrows: NotRequired[int]
    told: NotRequired[int]
    checks: NotRequired[int]
    under_test: NotRequired[list[str]]
    warnings: NotRequired[list[Said]]
    messages: NotRequired[list[Told]]
    moves: NotRequired[list[Moved]]
    raised: NotRequired[list[tuple[str, list[str]]]]
    measured: NotRequired[dict[str, Any]]
    """`verdict.compare.Measured` without its real time."""
    real: NotRequired[Real]
    made_of: NotRequired[dict[str, str]]
    """Files that the case was made of, below the session's root → SHA-256; there when the run is saved."""
    reads: NotRequired[list[str]]
    """Other files below it that were read when the case was played."""


def case_of(verdict: Verdict, *, id: str, command: str = "", masker: Masker | None = None) -> Case:
    """A case that was played to an answer. `id` is its node id, `command` replays just this case."""
    masker = masker or masker_of(verdict)
    scenario = verdict.script.scenario
    diagram = scenario.diagram
    path = diagram.source.path if diagram.source is not None else ""
    findings = [said(finding, masker, path) for finding in verdict.failures]
    occurrences = verdict.trace.occurrences
    measured = asdict(measure([verdict], shown=lambda _: masker.text))
    seconds = measured.pop("seconds")
    return {
        "id": id,
        "file": path,
        "line": diagram.span.line if diagram.span is not None else 1,
        "order": [choice.taken for choice in scenario.choices],
        "diagram": diagram.name,
        "name": _one_line(masker.source(scenario.name)),
        "title": _one_line(masker.source(diagram.title or diagram.name)),
        "state": "passed" if verdict.is_kept else "failed",
        "summary": findings[0]["message"] if findings else "",
        "findings": findings,
        "source": list(_source(diagram, masker, verdict.failures, _states(verdict))),
        "command": command,
        "svg": draw_run_svg(verdict, masker=masker, scheme="page", is_interactive=True),
        "start": moment(occurrences[0].at) if occurrences else "",
        "clock": in_units(measured["clock_seconds"]) if measured["clock_seconds"] >= 1 else "",
        "arrows": verdict.arrows_seen,
        "told": verdict.arrows_told,
        "checks": verdict.checks_made,
        "under_test": list(verdict.under_test),
        "warnings": [said(finding, masker, path) for finding in verdict.warnings],
        "messages": list(_messages(verdict, masker)),
        "moves": list(_moves(verdict, masker)),
        "raised": [
            (clean(section.title), [clean(line) for line in section.lines]) for section in tracebacks(verdict, masker)
        ],
        "measured": measured,
        "real": {
            "total": round(seconds, 6) if seconds is not None else None,
            "messages": {str(index): round(one.seconds, 6) for index, one in enumerate(occurrences) if one.seconds > 0},
        },
    }


def case_of_error(
    findings: Sequence[Finding],
    *,
    id: str,
    file: str,
    name: str,
    command: str = "",
    diagram: Diagram | None = None,
    order: Sequence[int] = (),
    masker: Masker | None = None,
) -> Case:
    """A case, or a whole drawing, that no answer could be had of; `findings` say why."""
    masker = masker or Masker()
    span = findings[0].span
    told = [said(finding, masker, span.path if span is not None else "") for finding in findings]
    place = diagram.span if diagram is not None and diagram.span is not None else span
    source = _source(diagram, masker, findings, {}) if diagram is not None else _lines_at(span, masker, findings)
    return {
        "id": id,
        "file": file,
        "line": place.line if place is not None else 1,
        "order": list(order),
        "diagram": diagram.name if diagram is not None else "",
        "name": _one_line(masker.source(name)),
        "title": _one_line(masker.source((diagram.title or diagram.name) if diagram is not None else "")),
        "state": "error",
        "summary": told[0]["message"],
        "findings": told,
        "source": list(source),
        "command": command,
    }


def said(finding: Finding, masker: Masker, path: str) -> Said:
    """A finding as plain data, masked; its line where that is one of the source on the page."""
    shown = masked(finding, masker)
    laid = lay_out(shown).split("\n")
    excerpt = (
        [line for line in laid[2:] if " | " in line or line.rstrip().endswith("|")] if shown.span is not None else []
    )
    bare = [line for line in excerpt if "|   expected:" not in line and "|   got:" not in line]
    while bare and bare[-1].strip() == "|":
        bare.pop()
    while bare and bare[0].strip() == "|":
        bare.pop(0)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": clean(shown.message),
        "place": clean(str(shown.span)) if shown.span is not None else "",
        "line": _line(shown.span, path),
        "excerpt": "\n".join(bare),
        "expected": clean(shown.expected),
        "got": clean(shown.got),
        "why": clean(shown.why),
        "do": clean(shown.do),
        "detail": clean(shown.detail),
    }


def _messages(verdict: Verdict, masker: Masker) -> Iterator[Told]:
    """What happened in the order in which it did, then the drawn messages that failed to happen."""
    steps = verdict.script.scenario.steps
    names = numbers(verdict.script.scenario)
    for index, occurrence in enumerate(verdict.trace.occurrences):
        step = steps[occurrence.step] if occurrence.step is not None else None
        if step is None:
            yield _stranger(verdict, index, occurrence, masker)
        elif step.kind in ARROWS or step.kind == "state":
            became = verdict.steps[step.index]
            yield _told(verdict, step, names[step.index], became, index, masker)
    for became in verdict.steps:
        step = steps[became.step]
        if became.state == "failed" and became.occurrence is None:
            yield _told(verdict, step, names[step.index], became, None, masker)


def _told(verdict: Verdict, step: Step, number: str, became: StepVerdict, index: int | None, masker: Masker) -> Told:
    occurrence = verdict.trace.occurrences[index] if index is not None else None
    content = occurrence.content if occurrence is not None else None
    label = first_line(content, masker) if content is not None else ""
    path = _path(verdict)
    return {
        "key": f"m{index}" if index is not None else f"s{step.index}",
        "index": index,
        "number": number,
        "sender": _name(verdict, step.sender),
        "receiver": _name(verdict, step.receiver) if step.kind in ARROWS else "",
        "is_answer": step.kind in ("response", "result"),
        "label": label or (_one_line(masker.source(step.text)) if step.kind in ARROWS else "its state is checked"),
        "state": became.state,
        "line": _line(step.span, path),
        "at": _at(verdict, occurrence),
        "answers": occurrence.request if occurrence is not None else None,
        "bytes": size(content) if step.kind != "state" else 0,
        "checks": became.checks,
        "wire": _wire(content, masker),
        "tokens": opened_tokens(content, occurrence, step, became, masker) if occurrence is not None else [],
        "findings": [said(finding, masker, path) for finding in became.failures],
    }


def _stranger(verdict: Verdict, index: int, occurrence: Occurrence, masker: Masker) -> Told:
    sender, receiver = ends_of_stranger(occurrence)
    refusal = verdict.trace.refusal
    is_last = index == len(verdict.trace.occurrences) - 1
    return {
        "key": f"m{index}",
        "index": index,
        "number": "",
        "sender": _name(verdict, sender),
        "receiver": _name(verdict, receiver),
        "is_answer": False,
        "label": said_by_stranger(occurrence, masker),
        "state": "unexpected",
        "line": None,
        "at": _at(verdict, occurrence),
        "answers": occurrence.request,
        "bytes": size(occurrence.content),
        "checks": 0,
        "wire": _wire(occurrence.content, masker),
        "tokens": opened_tokens(occurrence.content, occurrence, None, None, masker),
        "findings": [said(refusal, masker, _path(verdict))] if refusal is not None and is_last else [],
    }


def _moves(verdict: Verdict, masker: Masker) -> Iterator[Moved]:
    """The clock's moves, by where in the trace they happened."""
    occurrences = verdict.trace.occurrences
    for index, occurrence in enumerate(occurrences):
        step = verdict.script.scenario.steps[occurrence.step] if occurrence.step is not None else None
        if step is None or step.kind != "delay" or not 0 < index < len(occurrences) - 1:
            continue
        before, after = occurrences[index - 1].at, occurrences[index + 1].at
        words = f"{in_units(after - before)}: {moment(before)} → {moment(after)}"
        line = _line(step.span, _path(verdict))
        yield {"index": index, "label": _one_line(masker.source(step.text)), "words": words, "line": line}


def _path(verdict: Verdict) -> str:
    source = verdict.script.scenario.diagram.source
    return source.path if source is not None else ""


def _line(span: Span | None, path: str) -> int | None:
    """Its line in that file; None for what stands in another one, the flow that a `ref` uses."""
    return span.line if span is not None and span.path == path else None


def _at(verdict: Verdict, occurrence: Occurrence | None) -> str:
    """When it happened on the run's clock: `03:54:56.002`."""
    if occurrence is None:
        return ""
    return f"{moment(occurrence.at)[11:19]}.{int(occurrence.at * 1000 + 0.5) % 1000:03d}"


def _name(verdict: Verdict, id: str) -> str:
    shown = next((p.name for p in verdict.script.scenario.participants if p.id == id), "")
    return _one_line(shown or {"[": "outside", "]": "outside"}.get(id, id))


def _wire(content: Content, masker: Masker) -> Wire | None:
    match content:
        case Request(_, _, headers, body) | Response(_, headers, body):
            pairs = [(clean(name), _cut(clean(masker.value(name, value)))) for name, value in headers]
            return {
                "first": first_line(content, masker, limit=LONGEST_LINE),
                "headers": pairs,
                "body": _body(body, masker),
            }
        case Action() | Result():
            named = [(clean(name), _cut(clean(masker.value(name, value)))) for name, value in fields(content)]
            return {"first": first_line(content, masker, limit=LONGEST_LINE), "headers": named, "body": []}
    return None


def _body(body: bytes, masker: Masker) -> list[str]:
    lines = body_lines(body, masker)[1:]
    shown = [_cut(clean(line)) for line in lines[:MOST_LINES]]
    return shown if len(lines) <= MOST_LINES else [*shown, f"… {len(lines) - MOST_LINES} more lines"]


def _cut(text: str) -> str:
    return cut(text, LONGEST_LINE)


def _one_line(text: str) -> str:
    return clean(" ".join(text.replace("\\n", " ").split()))


def _states(verdict: Verdict) -> dict[tuple[str, int], str]:
    """What became of the arrow on a line, the worst of it."""
    rank = ("told", "not reached", "passed", "failed")
    found: dict[tuple[str, int], str] = {}
    for step, became in zip(verdict.script.scenario.steps, verdict.steps, strict=True):
        if step.span is not None and step.kind != "keep":
            place = (step.span.path, step.span.line)
            found[place] = max(found.get(place, "told"), became.state, key=rank.index)
    return found


def _source(
    diagram: Diagram, masker: Masker, findings: Sequence[Finding], states: dict[tuple[str, int], str]
) -> Iterator[Line]:
    """The diagram's own lines, masked."""
    if diagram.source is None or diagram.span is None:
        return
    yield from _marked(diagram.source, diagram.span.line, diagram.span.end_line, masker, findings, states)


def _lines_at(span: Span | None, masker: Masker, findings: Sequence[Finding]) -> Iterator[Line]:
    """The whole file in which a drawing could not be read."""
    if span is not None and span.source is not None and span.source.text:
        first = span.source.first_line
        last = first + span.source.text.count("\n")
        yield from _marked(span.source, max(first, span.line - 200), min(last, span.line + 200), masker, findings, {})


def _marked(
    source: Source,
    first: int,
    last: int,
    masker: Masker,
    findings: Sequence[Finding],
    states: dict[tuple[str, int], str],
) -> Iterator[Line]:
    lines = [source.line(number) for number in range(first, last + 1)]
    shown = masker.source("\n".join(lines)).split("\n")
    if len(shown) != len(lines):  # a secret over several lines: each line by itself, then
        shown = [masker.source(line) for line in lines]
    wrong = {finding.span.line for finding in findings if finding.span is not None and finding.span.path == source.path}
    for number, text in enumerate(shown, first):
        state = states.get((source.path, number), "")
        yield {"number": number, "text": _cut(clean(text)), "state": state, "is_wrong": number in wrong}
