"""The run in the picture: the drawing as SVG, with what became of each arrow and the values that really came."""

from collections.abc import Iterator

from seqtest.diagram import Diagram
from seqtest.diagram.read import read
from seqtest.errors import Finding
from seqtest.render.annotated import annotate, worst
from seqtest.render.happened import said_by_stranger
from seqtest.render.mask import Masker, masker_of
from seqtest.render.svg.draw import draw
from seqtest.render.svg.mark import Extra, Mark
from seqtest.render.svg.theme import Scheme
from seqtest.source import Source, Span
from seqtest.verdict import StepVerdict, Verdict

Place = tuple[int, int]


def draw_run_svg(
    verdict: Verdict,
    *,
    masker: Masker | None = None,
    scheme: Scheme = "auto",
    prefix: str = "",
    is_interactive: bool = False,
) -> str:
    """The drawing as one SVG document, laid out as without the run, secrets masked.

    The options are those of `seqtest.render.svg.draw.draw`. Raises ValueError for a diagram that was read from nowhere.
    """
    masker = masker or masker_of(verdict)
    diagram = noted(verdict, masker)
    return draw(
        diagram,
        marks=marks_of(verdict, diagram, masker),
        extras=tuple(extras_of(verdict, diagram, masker)),
        scheme=scheme,
        prefix=prefix,
        is_interactive=is_interactive,
    )


def noted(verdict: Verdict, masker: Masker) -> Diagram:
    """The drawing with real values in its notes and without its secrets; every statement where it was."""
    original = verdict.script.scenario.diagram
    text = annotate(verdict, masker=masker, has_marks=False)
    first = original.span.line if original.span is not None else 1
    source = Source(original.source.path if original.source is not None else "", text, first)
    return read(source)[0]


def marks_of(verdict: Verdict, diagram: Diagram, masker: Masker) -> dict[Span, Mark]:
    """What became of each message of the diagram, by its span there."""
    steps = verdict.script.scenario.steps
    path = verdict.script.scenario.diagram.source.path if verdict.script.scenario.diagram.source else ""
    found: dict[Place, list[StepVerdict]] = {}
    for became in verdict.steps:
        span = steps[became.step].span
        if span is not None and span.path == path:
            found.setdefault((span.line, span.column), []).append(became)
    return {
        span: _mark(found.get((span.line, span.column), []), verdict, masker)
        for span in (message.span for message in diagram.messages())
        if span is not None
    }


def _mark(became: list[StepVerdict], verdict: Verdict, masker: Masker) -> Mark:
    findings = [finding for step in became for finding in step.failures]
    state = worst(became)
    if state == "failed" and not findings and verdict.trace.refusal is not None:
        findings = [verdict.trace.refusal]
    return Mark(state, "\n".join(line for finding in findings for line in _said(finding, masker)))


def _said(finding: Finding, masker: Masker) -> Iterator[str]:
    yield masker.text(finding.message)
    if finding.expected:
        yield f"expected {masker.text(' '.join(finding.expected.split()))}"
    if finding.got not in finding.message:
        yield f"got {masker.text(' '.join(finding.got.split()))}"


def extras_of(verdict: Verdict, diagram: Diagram, masker: Masker) -> Iterator[Extra]:
    """The messages that nobody drew, each behind the drawn one that it followed."""
    steps = verdict.script.scenario.steps
    spans = {(message.span.line, message.span.column): message.span for message in diagram.messages() if message.span}
    after: Span | None = None
    for occurrence in verdict.trace.occurrences:
        if occurrence.step is None:
            words = said_by_stranger(occurrence, masker)
            yield Extra(after, occurrence.sender, occurrence.receiver, words, "this is not drawn")
            continue
        span = steps[occurrence.step].span
        after = spans.get((span.line, span.column), after) if span is not None else after
