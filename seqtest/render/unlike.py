"""What of a run is not as it was drawn, as text: each message that came otherwise, did not come, or was not drawn."""

from collections.abc import Iterator

from seqtest.errors import Finding
from seqtest.render.grid import clean
from seqtest.render.happened import said_by_stranger
from seqtest.render.mask import Masker, masker_of
from seqtest.scenario import Step
from seqtest.trace import Occurrence
from seqtest.verdict import Verdict
from seqtest.verdict.arrows import ARROWS


def unlike_text(verdict: Verdict, *, masker: Masker | None = None) -> str:
    """A line for each such message, in drawn order, secrets masked; empty when all was as drawn."""
    lines = list(_lines(verdict, masker or masker_of(verdict)))
    return "".join(f"{clean(line)}\n" for line in lines)


def _lines(verdict: Verdict, masker: Masker) -> Iterator[str]:
    steps = verdict.script.scenario.steps
    strangers = {n: o for n, o in enumerate(verdict.trace.occurrences) if o.step is None}
    for became in verdict.steps:
        step = steps[became.step]
        if step.kind not in ARROWS:
            continue
        if became.state == "failed":
            yield f"  ~ {_message(step, masker)}"
            for finding in became.failures:
                yield from _finding(finding, masker)
        elif became.state == "not reached":
            yield f"  - {_message(step, masker)}"
        if became.occurrence is not None:
            for number in [n for n in strangers if n < became.occurrence]:
                yield _stranger(strangers.pop(number), masker)
    for occurrence in strangers.values():
        yield _stranger(occurrence, masker)
    told = {_identity(finding) for became in verdict.steps for finding in became.failures}
    for finding in verdict.failures:
        if _identity(finding) not in told:
            yield from _finding(finding, masker)


def _message(step: Step, masker: Masker) -> str:
    line = f"  line {step.span.line}" if step.span is not None else ""
    arrow = "-->" if step.kind in ("response", "result") else "->"
    return f"{step.sender or '['} {arrow} {step.receiver or ']'} : {masker.source(step.text)}{line}"


def _stranger(occurrence: Occurrence, masker: Masker) -> str:
    return f"  + {occurrence.sender} -> {occurrence.receiver} : {said_by_stranger(occurrence, masker)}"


def _identity(finding: Finding) -> tuple[object, ...]:
    # A case's first failure says how it is replayed, its step's does not.
    return finding.code, finding.message, finding.span, finding.got


def _finding(finding: Finding, masker: Masker) -> Iterator[str]:
    yield f"      {masker.text(finding.message)}"
    if finding.expected:
        yield f"        - {masker.text(finding.expected)}"
    if finding.got:
        yield f"        + {masker.text(finding.got)}"
