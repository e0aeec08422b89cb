"""The run in the picture: the drawing as SVG, with what became of each arrow and the values that really came."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import PurePath

from seqtest.dataclass import dataclass
from seqtest.diagram import CombinedFragment, Diagram, InteractionUse, Item, Message, Note, Operand
from seqtest.diagram.model import Delay
from seqtest.diagram.read import read_part
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.render.annotated import annotate, worst
from seqtest.render.grid import cut
from seqtest.render.happened import said_by_stranger
from seqtest.render.mask import Masker, masker_of
from seqtest.render.svg.draw import draw
from seqtest.render.svg.mark import Extra, Mark, State
from seqtest.render.svg.theme import Scheme
from seqtest.render.token import moment, opened, tokens_in
from seqtest.render.wire import first_line, in_short, laid_out
from seqtest.scenario.duration import in_units
from seqtest.source import DrawnAt, Source, Span
from seqtest.verdict import StepVerdict, Verdict

_NAMED = re.compile(r"\{[^{}:,=]+\}")
"""A value by its name in a label: `{id}`, and not `{error: invalid_grant}`, which says it."""
LONGEST = 160
"""Characters of a message's fields beside the drawing."""
MOST_LINES, MOST_TOKENS = 20, 2
"""Of a message that is shown whole."""


def draw_run_svg(
    verdict: Verdict,
    *,
    masker: Masker | None = None,
    scheme: Scheme = "auto",
    prefix: str = "",
    is_interactive: bool = False,
) -> str:
    """The drawing as one SVG document, laid out as without the run, secrets masked.

    Each message that happened is shown whole, with its tokens opened, where the viewer is pointed at it; a page that
    takes the picture with `is_interactive` has that beside it.
    The options are those of `seqtest.render.svg.draw.draw`. Raises ValueError for a diagram that was read from nowhere.
    """
    masker = masker or masker_of(verdict)
    diagram = noted(verdict, masker)
    return draw(
        diagram,
        marks=marks_of(verdict, diagram, masker, has_details=not is_interactive),
        extras=tuple(extras_of(verdict, diagram, masker, has_details=not is_interactive)),
        scheme=scheme,
        prefix=prefix,
        is_interactive=is_interactive,
    )


def noted(verdict: Verdict, masker: Masker) -> Diagram:
    """The drawing with real values in its notes and without its secrets; every statement where it was."""
    try:
        return _noted(verdict, masker)
    except UnreadableDiagram:  # the start of a secret reads as markup: `{{…` would begin a picture in the picture
        return _noted(verdict, masker.in_words())


def _noted(verdict: Verdict, masker: Masker) -> Diagram:
    original = verdict.script.scenario.diagram
    text = annotate(verdict, masker=masker, has_marks=False)
    first = original.span.line if original.span is not None else 1
    source = Source(original.source.path if original.source is not None else "", text, first)
    return read_part(source)[0]


def marks_of(verdict: Verdict, diagram: Diagram, masker: Masker, *, has_details: bool = False) -> dict[DrawnAt, Mark]:
    """What became of each message, state note, delay and operand of the diagram."""
    steps = verdict.script.scenario.steps
    found: dict[DrawnAt, list[StepVerdict]] = {}
    used: dict[DrawnAt, list[StepVerdict]] = {}
    for became in verdict.steps:
        step = steps[became.step]
        if step.used_at is not None and step.kind != "keep":
            used.setdefault(step.used_at.item, []).append(became)
        elif step.span is not None:
            found.setdefault(step.span.item, []).append(became)
    marker = _Marker(verdict, masker, found, used, has_details)
    marker.items(diagram.items)
    return marker.marks


@dataclass(slots=True)
class _Marker:
    verdict: Verdict
    masker: Masker
    found: Mapping[DrawnAt, list[StepVerdict]]
    """What became of the steps that are drawn there: several for an arrow in a loop."""
    used: Mapping[DrawnAt, list[StepVerdict]]
    """What became of the steps that came in by the `ref` there."""
    has_details: bool
    marks: dict[DrawnAt, Mark] = field(default_factory=dict)

    def items(self, items: Sequence[Item]) -> None:
        """Mark them, and what is in their fragments, innermost operands first."""
        stack: list[tuple[Item, bool]] = [(item, False) for item in reversed(items)]
        while stack:
            item, is_done = stack.pop()
            if isinstance(item, CombinedFragment):
                if is_done:
                    self._operands(item)
                    continue
                stack.append((item, True))
                stack.extend((inner, False) for operand in reversed(item.operands) for inner in reversed(operand.items))
            elif isinstance(item, Message):
                self._message(item)
            elif isinstance(item, InteractionUse):
                self._use(item)
            elif isinstance(item, Delay | Note) and item.span is not None:
                became = self._became(item.span)
                if became:
                    words = self._said(became) or (self._clock(became[-1]) if isinstance(item, Delay) else "")
                    self.marks[item.span.item] = Mark(worst(became), words)

    def _became(self, span: Span) -> list[StepVerdict]:
        return self.found.get(span.item, [])

    def _message(self, message: Message) -> None:
        if message.span is None:
            return
        became = self._became(message.span)
        happened = tuple(one.occurrence for one in became if one.occurrence is not None)
        state = worst(became)
        words = self._said(became) or self._really(message, happened)
        detail = detail_of(self.verdict, happened[-1], self.masker) if self.has_details and happened else ()
        self.marks[message.span.item] = Mark(state, words, happened, detail)
        if state == "not reached":
            self._fade(message.notes)

    def _use(self, use: InteractionUse) -> None:
        """The flow that is used, as one: the worst of its steps, and all that happened in it."""
        became = self.used.get(use.span.item, []) if use.span is not None else []
        if use.span is None or not became:
            return
        happened = tuple(one.occurrence for one in became if one.occurrence is not None)
        wrong = next((finding for one in became for finding in one.failures), None)
        words = [] if wrong is None else [*said(wrong, self.masker)]
        if wrong is not None and wrong.span is not None:
            words.append(f"in {PurePath(wrong.span.path).name}, line {wrong.span.line}")
        detail = tuple(self._in_a_line(index) for index in happened) if self.has_details else ()
        state = worst(became)
        self.marks[use.span.item] = Mark(state, "\n".join(words), happened, detail)
        if state == "not reached":
            self._fade(use.notes)

    def _in_a_line(self, index: int) -> str:
        occurrence = self.verdict.trace.occurrences[index]
        words = first_line(occurrence.content, self.masker) if occurrence.content is not None else ""
        return f"{occurrence.sender} → {occurrence.receiver}{f': {words}' if words else ''}"

    def _fade(self, notes: Sequence[Note]) -> None:
        for note in notes:
            if note.span is not None:
                self.marks[note.span.item] = Mark("not reached")

    def _operands(self, fragment: CombinedFragment) -> None:
        """An operand of which nothing happened is not reached, nor are the pauses and notes in it."""
        for operand in fragment.operands:
            states = [state for item in operand.items for state in self._states(item)]
            if operand.span is None or not states or any(state != "not reached" for state in states):
                continue
            self.marks[operand.span.item] = Mark("not reached")
            for item in operand.items:
                if isinstance(item, Delay | Note) and item.span is not None:
                    self.marks[item.span.item] = Mark("not reached")
        if all(self._is_marked(operand) for operand in fragment.operands):
            self._fade(fragment.notes)

    def _states(self, item: Item) -> Iterator[State]:
        spans: list[Span | None] = [item.span]
        if isinstance(item, CombinedFragment):
            spans = [operand.span for operand in item.operands]
            # An operand in which something happened has no mark.
            if any(operand.items and not self._is_marked(operand) for operand in item.operands):
                yield "passed"
        yield from (self.marks[span.item].state for span in spans if span is not None and span.item in self.marks)

    def _is_marked(self, operand: Operand) -> bool:
        return operand.span is not None and operand.span.item in self.marks

    def _said(self, became: Sequence[StepVerdict]) -> str:
        """What is wrong with it, in words."""
        findings = [finding for one in became for finding in one.failures]
        return "\n".join(line for finding in findings for line in said(finding, self.masker))

    def _really(self, message: Message, happened: Sequence[int]) -> str:
        """What the message said where its label only says it by names: `GET /users/{id}`."""
        if not _NAMED.search(message.text.split("\n")[0]) or not happened:
            return ""
        words = first_line(self.verdict.trace.occurrences[happened[-1]].content, self.masker)
        return words if words != message.text else ""

    def _clock(self, became: StepVerdict) -> str:
        """How far the run's clock moved, and from where to where."""
        occurrences = self.verdict.trace.occurrences
        index = became.occurrence
        if index is None or not 0 < index < len(occurrences) - 1:
            return ""
        before, after = occurrences[index - 1].at, occurrences[index + 1].at
        date = "" if moment(before)[:10] == moment(after)[:10] else moment(after)[:11]
        return f"clock + {in_units(after - before)}: {moment(before)[11:19]} → {date}{moment(after)[11:]}"


def said(finding: Finding, masker: Masker) -> Iterator[str]:
    """A finding in a line or three: what is wrong, what was expected, what came; nothing twice."""
    yield masker.text(finding.message)
    for word, text in (("expected", finding.expected), ("got", finding.got)):
        if text and text not in finding.message:
            yield f"{word} {masker.text(' '.join(text.split()))}"


def detail_of(verdict: Verdict, index: int, masker: Masker) -> tuple[str, ...]:
    """A message as it went by, when that was on the run's clock, and its tokens opened; empty for one only told."""
    occurrence = verdict.trace.occurrences[index]
    content = occurrence.content
    if content is None:
        return ()
    lines = [*laid_out(content, masker, max_lines=MOST_LINES), f"at {moment(occurrence.at)}"]
    for name, token in list(tokens_in(content))[:MOST_TOKENS]:
        lines += ["", *opened(name, token, occurrence.at, masker)]
    return tuple(lines)


def extras_of(verdict: Verdict, diagram: Diagram, masker: Masker, *, has_details: bool = False) -> Iterator[Extra]:
    """The messages that nobody drew, each behind the drawn one that it followed."""
    steps = verdict.script.scenario.steps
    spans = {message.span.item: message.span for message in diagram.messages() if message.span}
    after: Span | None = None
    for index, occurrence in enumerate(verdict.trace.occurrences):
        if occurrence.step is None:
            words = said_by_stranger(occurrence, masker)
            more = cut(in_short(occurrence.content, masker), LONGEST)
            text = "\n".join(filter(None, ("this is not drawn", more)))
            detail = detail_of(verdict, index, masker) if has_details else ()
            yield Extra(after, occurrence.sender, occurrence.receiver, words, text, index, detail)
            continue
        span = steps[occurrence.step].span
        after = spans.get(span.item, after) if span is not None else after
