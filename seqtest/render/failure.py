"""What a reader sees of a broken flow: what is wrong, the messages at fault, the user's traceback, the picture."""

import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import seqtest
from seqtest.dataclass import dataclass, replace
from seqtest.diagram.expectation import StatusLine
from seqtest.errors import Finding, lay_out
from seqtest.exchange import Request, Response, Result
from seqtest.render.grid import Style, clean, plain
from seqtest.render.happened import address_of, draw_run
from seqtest.render.mask import Masker, masker_of
from seqtest.render.token import OPENED, opened, tokens_in
from seqtest.render.wire import laid_out
from seqtest.source import Source, Span
from seqtest.trace import Occurrence
from seqtest.verdict import Verdict
from seqtest.verdict.arrows import described, numbers
from seqtest.verdict.judge import REPLAYS

MOST_FINDINGS = 12
_OURS = str(Path(seqtest.__file__).parent)
_STDLIB = str(Path(traceback.__file__).parent)


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[str, ...]
    role: str = ""


Detail = Literal["long", "short", "line"]
"""Everything; the findings alone; a line."""


def failure(
    verdict: Verdict,
    *,
    detail: Detail = "long",
    style: Style = plain,
    width: int = 100,
    masker: Masker | None = None,
) -> str:
    """What is to be said about a broken run, secrets masked; empty for one that was kept."""
    if verdict.is_kept:
        return ""
    masker = masker or masker_of(verdict)
    if detail == "line":
        first = masked(verdict.failures[0], masker)
        return f"{first.span}: {first.severity}[{first.code}]: {first.message}"
    if detail == "short":
        return findings(verdict.failures, style=style, masker=masker)
    shown = list(sections(verdict, masker))
    is_opened = any(OPENED in line for section in shown for line in section.lines)
    found = [_without_token(finding) if is_opened else finding for finding in verdict.failures]
    pieces = [findings(found, style=style, masker=masker)]
    for section in shown:
        rule = style(f"── {section.title} ".ljust(min(width, 100), "─"), "heading")
        pieces.append(
            "\n".join([rule, *(style(line, section.role) if section.role else line for line in section.lines)])
        )
    rule = style("── what happened ".ljust(min(width, 100), "─"), "heading")
    pieces.append(f"{rule}\n{draw_run(verdict, width=width, style=style, masker=masker)}")
    return "\n\n".join(pieces)


def _without_token(finding: Finding) -> Finding:
    """The finding without its token on one line, where the token stands opened below."""
    return replace(finding, detail="") if finding.detail.startswith("header: {") else finding


def findings(found: Iterable[Finding], *, style: Style = plain, masker: Masker | None = None) -> str:
    """Findings laid out one below the other, the first dozen of them, secrets masked."""
    masker = masker or Masker()
    all_found = list(found)
    pieces = []
    for finding in all_found[:MOST_FINDINGS]:
        headline, *rest = lay_out(masked(finding, masker)).split("\n")
        role = {"failed": "failed", "error": "failed", "warning": "unexpected"}[finding.severity]
        pieces.append("\n".join([style(headline, role), *rest]))
    if len(all_found) > MOST_FINDINGS:
        pieces.append(f"… and {len(all_found) - MOST_FINDINGS} more")
    return "\n\n".join(pieces)


def masked(finding: Finding, masker: Masker) -> Finding:
    """The finding with every secret cut, in the lines that it shows of the drawing too."""
    return replace(
        finding,
        message=masker.text(finding.message),
        label=masker.text(finding.label),
        expected=masker.text(finding.expected),
        got=masker.text(finding.got),
        why=masker.text(finding.why),
        do=_masked_advice(finding.do, masker),
        detail=masker.text(finding.detail),
        span=_masked_span(finding.span, masker),
        also=tuple((_masked_span(span, masker) or span, masker.text(words)) for span, words in finding.also),
    )


def _masked_advice(text: str, masker: Masker) -> str:
    """Masked but for the command that replays the case: pytest shows its id anyway, and cut it would run nothing."""
    if not text.endswith(REPLAYS):
        return masker.text(text)
    advice, line, command = text.rpartition("\n")
    return f"{masker.text(advice)}{line}{command}"


def _masked_span(span: Span | None, masker: Masker) -> Span | None:
    """The span over its own line alone, masked: an excerpt shows no other."""
    if span is None or span.source is None:
        return span
    line = masker.source(clean(span.text))
    return replace(span, source=Source(span.source.path, line, span.line))


def sections(verdict: Verdict, masker: Masker) -> Iterator[Section]:
    """The messages at fault as on the wire, the tokens in them opened, and what a user's own code raised."""
    steps = verdict.script.scenario.steps
    names = numbers(verdict.script.scenario)
    for step, occurrence in _at_fault(verdict):
        if step is not None:
            title = described(steps[step], names[step])
        else:
            title = f"not drawn, {occurrence.sender or 'somebody'} -> {_receiver(occurrence, masker)}"
        yield Section(masker.source(title), tuple(_exchange(verdict, occurrence, masker)))
    yield from tracebacks(verdict, masker)


def _receiver(occurrence: Occurrence, masker: Masker) -> str:
    """Whom it was sent to: a participant, or an address that none has."""
    content = occurrence.content
    if occurrence.receiver or not isinstance(content, Request):
        return occurrence.receiver or "nobody"
    return address_of(content, masker)


def _at_fault(verdict: Verdict) -> list[tuple[int | None, Occurrence]]:
    """The messages to look at, in order; two are enough to read: the first that broke, and what stopped the run."""
    failed = [step.step for step in verdict.steps if step.state == "failed"]
    found: list[tuple[int | None, Occurrence]] = []
    for step in failed:
        occurrence = _nearest(verdict, step)
        if occurrence is not None:
            found.append((step, occurrence))
    if verdict.trace.refusal is None:
        return found[:2]
    last = verdict.trace.occurrences[-1] if verdict.trace.occurrences else None
    if last is not None and last.step is None:
        found.append((None, last))
    return [*found[:1], *found[1:][-1:]]


def _nearest(verdict: Verdict, step: int) -> Occurrence | None:
    """What happened at the step; for one that never came, what happened last."""
    index = verdict.steps[step].occurrence
    occurrences = verdict.trace.occurrences
    if index is not None:
        return occurrences[index]
    return next((occurrence for occurrence in reversed(occurrences) if occurrence.content is not None), None)


def _exchange(verdict: Verdict, occurrence: Occurrence, masker: Masker) -> Iterator[str]:
    request = None if occurrence.request is None else verdict.trace.occurrences[occurrence.request]
    contents = [(">", request.content)] if request is not None else []
    contents.append(("<" if request is not None else ">", occurrence.content))
    for mark, content in contents:
        for line in laid_out(content, masker):
            yield f"{mark} {line}".rstrip()
    found = [pair for _, content in contents for pair in tokens_in(content)]
    for name, token in found[:3]:
        yield ""
        yield from opened(name, token, occurrence.at, masker)


def tracebacks(verdict: Verdict, masker: Masker) -> Iterator[Section]:
    """What bound participants raised, each exception once, unless the drawing asks for a failure at that arrow."""
    seen: set[int] = set()
    for occurrence in (*verdict.trace.occurrences, *verdict.trace.untold):
        cause = occurrence.content.cause if isinstance(occurrence.content, Response | Result) else None
        if cause is None or id(cause) in seen or _is_drawn_as_failure(verdict, occurrence):
            continue
        seen.add(id(cause))
        # As one text: a key or a secret may go on over the end of a line.
        lines = tuple(masker.text("\n".join(users_traceback(cause))).split("\n"))
        yield Section(f"{occurrence.sender} raised {type(cause).__name__}", lines)


def _is_drawn_as_failure(verdict: Verdict, occurrence: Occurrence) -> bool:
    if occurrence.step is None:
        return False
    step = verdict.script.scenario.steps[occurrence.step]
    line = step.expectation.line if step.expectation is not None else None
    if verdict.steps[step.index].state == "failed":
        return False
    if isinstance(line, StatusLine):
        return any(status.startswith("5") for status in line.statuses)
    return step.kind == "result" and step.text.startswith("error:")


def users_traceback(error: BaseException) -> list[str]:
    """The traceback cut down to the user's own frames and the place that raised, a library's perhaps; none is ours."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_OURS)]
    own = [frame for frame in frames if not _is_library(frame.filename)]
    shown = own or frames
    if own and own[-1] is not frames[-1]:
        shown = [*own, frames[-1]]
    raised = "".join(traceback.format_exception_only(error)).rstrip("\n").split("\n")
    return [clean(line) for line in ("Traceback (most recent call last):", *_formatted(shown), *raised)]


def _formatted(frames: Iterable[traceback.FrameSummary]) -> list[str]:
    return "".join(traceback.StackSummary.from_list(list(frames)).format()).rstrip("\n").split("\n") if frames else []


def _is_library(filename: str) -> bool:
    return any(part in filename for part in ("site-packages", "dist-packages", "<frozen", _STDLIB))
