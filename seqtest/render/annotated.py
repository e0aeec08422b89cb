"""The author's own PlantUML source with what happened written into it: still a PlantUML drawing, laid out as drawn.

Each arrow gets the colour and mark of what became of it; each line of its notes the value that really came; a message
that is not drawn its own arrow. The source is edited where the spans say, never written anew.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seqtest.dataclass import dataclass
from seqtest.diagram import Diagram, Message
from seqtest.diagram.expectation import Plain, Promise
from seqtest.errors import Finding
from seqtest.exchange import Headers, Request, Response
from seqtest.render.grid import clean, cut
from seqtest.render.mask import Masker, masker_of
from seqtest.render.page import WHOLE, Page
from seqtest.render.token import is_moment, moment
from seqtest.render.wire import Content, first_line
from seqtest.source import DrawnAt
from seqtest.trace import Occurrence
from seqtest.verdict import StepVerdict, Verdict
from seqtest.verdict.fields import fields
from seqtest.verdict.verdict import StepState

COLORS = {"passed": "2E7D32", "failed": "C62828", "not reached": "9E9E9E", "told": "607D8B", "unexpected": "E65100"}
MARKS = {"passed": "✓", "failed": "✗", "not reached": "○", "told": "", "unexpected": "!"}
WORST_FIRST: tuple[StepState, ...] = ("failed", "passed", "told", "not reached")
LONGEST_VALUE = 60

_STYLE = re.compile(r"\[([^\]]*)\]")
_COLOR = re.compile(r"#\w+")
_SPECIAL = re.compile(r"[<>\[\]\"*~$%!'\\&{}|#`^]|(?<=/)/|(?<=-)-|(?<=_)_|(?<=\.)\.|(?<==)=|/(?=')")


def annotate(verdict: Verdict, *, masker: Masker | None = None, has_marks: bool = True) -> str:
    """The source of the verdict's diagram, annotated; secrets masked, what the author wrote out included.

    Without marks only the values in the notes are written in: every statement stays in its line and column.
    Raises ValueError for a diagram that was read from nowhere.
    """
    diagram = verdict.script.scenario.diagram
    masker = masker or masker_of(verdict)
    page = Page.of(diagram, masker)
    annotator = _Annotator(verdict, masker, page, diagram)
    ends = annotator.annotate()
    if has_marks:
        annotator.add_findings()
        annotator.add_strangers(ends)
    else:
        page.arrows, page.prefix = {}, {}
    return page.text()


def escaped(text: str) -> str:
    """Text that PlantUML shows as it is: what it would read itself is written as a character number."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", " ".join(clean(text).split()))


def colored(text: str, state: str) -> str:
    return f"<color:#{COLORS[state]}>{text}</color>"


@dataclass(frozen=True, slots=True)
class _Annotator:
    verdict: Verdict
    masker: Masker
    page: Page
    diagram: Diagram

    def annotate(self) -> dict[int, int]:
        """Write in what became of each drawn message; step → the last line of its message and notes."""
        steps = self.verdict.script.scenario.steps
        by_item: dict[DrawnAt, list[StepVerdict]] = {}
        for became, step in zip(self.verdict.steps, steps, strict=True):
            if step.span is not None:
                by_item.setdefault(step.span.item, []).append(became)
        drawn: dict[tuple[str, int, int], list[Message]] = {}
        for message in self.diagram.messages():
            if message.span is not None and self.page.line_of(message.span) is not None:
                drawn.setdefault((message.span.path, message.span.line, message.span.column), []).append(message)
        ends: dict[int, int] = {}
        for (_, line, _), messages in drawn.items():
            found = [by_item.get(message.span.item, []) for message in messages if message.span is not None]
            for message, call in zip(messages, found, strict=True):
                end = self._end_of(message, message.span.end_line if message.span is not None else line)
                ends.update((became.step, end) for became in call)
            self._arrow(messages[0], line, found)
        return ends

    def add_findings(self) -> None:
        """What is wrong, behind the line that promised it."""
        for finding in self.verdict.failures:
            self._finding(finding)

    def _end_of(self, message: Message, line: int) -> int:
        return max([line, *(self.page.end_of_note(note) for note in message.notes)])

    def _arrow(self, message: Message, line: int, found: Sequence[Sequence[StepVerdict]]) -> None:
        """Colour and mark of the worst that became of it; of several rounds the last one's values are shown.

        A procedure draws the line for each of its calls: then only what came in all of them alike stands there.
        """
        state = worst(became for call in found for became in call)
        arrow = message.arrow.text
        if not message.is_return:
            self.page.arrows[line] = (message.span.column if message.span else 1, arrow, recolored(arrow, state))
        if message.text_span is not None and message.text_span.line == line and message.text:
            self.page.labels[line] = message.text_span.column
            if MARKS[state]:
                self.page.prefix[line] = colored(MARKS[state], state) + " "
        happened = [[became for became in call if became.occurrence is not None] for call in found]
        values = [list(self._values(call[-1])) for call in happened] if all(happened) else []
        for place, words in values[0] if values else ():
            if all((place, words) in others for others in values[1:]):
                self.page.behind.setdefault(place, []).append(words)

    def _values(self, became: StepVerdict) -> Iterator[tuple[int, str]]:
        """What really came, each with the line that it belongs to."""
        step = self.verdict.script.scenario.steps[became.step]
        occurrence = self.verdict.trace.occurrences[became.occurrence or 0]
        if step.expectation is None or occurrence.content is None:
            return
        broken = {finding.span.line for finding in became.failures if finding.span is not None}
        for promise, value in real_values(step.expectation.promises, occurrence.content):
            line = self.page.line_of(promise.span)
            if line is None or line in self.page.labels:
                continue
            state = "failed" if line in broken else "passed"
            name = str(promise.path[-1]) if promise.path else ""
            shown, is_said = cut(self.masker.value(name, value), LONGEST_VALUE), _is_drawn(promise, value)
            if isinstance(value, str) and value.isdigit() and is_moment(name, int(value)):
                shown, is_said = f"{shown} ({moment(int(value))[:19]})", False
            # A value that stands there already is not said twice.
            words = "✓" if state == "passed" and is_said else f"→ {escaped(shown)}"
            yield line, colored(words, state)

    def _finding(self, finding: Finding) -> None:
        line = self.page.line_of(finding.span)
        if line is None or (line not in self.page.labels and self.page.kept.get(line, 0) >= WHOLE):
            return
        words = (
            f"{finding.message}; got {finding.got}"
            if finding.got and finding.got not in finding.message
            else finding.message
        )
        text = escaped(cut(self.masker.text(words), 2 * LONGEST_VALUE))
        self.page.behind.setdefault(line, []).append(colored(f"✗ {text}", "failed"))

    def add_strangers(self, ends: Mapping[int, int]) -> None:
        """A message that is not drawn, below the one it came after."""
        line = 0
        for occurrence in self.verdict.trace.occurrences:
            if occurrence.step is not None:
                line = ends.get(occurrence.step, line)
            elif line:
                self.page.below.setdefault(line, []).append(self._stranger(occurrence))

    def _stranger(self, occurrence: Occurrence) -> str:
        words = escaped(f"not drawn: {first_line(occurrence.content, self.masker)}")
        color = COLORS["unexpected"]
        return f"{occurrence.sender} -[#{color},bold]> {occurrence.receiver} : {colored(f'! {words}', 'unexpected')}"


def worst(found: Iterable[StepVerdict]) -> StepState:
    """What became of a message that stands for several steps, the rounds of a loop."""
    states = {became.state for became in found}
    return next((state for state in WORST_FIRST if state in states), "not reached")


def _is_drawn(promise: Promise, value: Any) -> bool:
    drawn = promise.values[0] if promise.operator == "=" and len(promise.values) == 1 else None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return isinstance(drawn, Plain) and str(drawn.text).strip('"') == text


def recolored(arrow: str, state: str) -> str:
    """The arrow as written, in the colour of a state; its dashes, heads and other styles stay."""
    extra = ",bold" if state == "failed" else ""
    style = _STYLE.search(arrow)
    if style:
        others = [part for part in style[1].split(",") if part and not _COLOR.fullmatch(part.strip())]
        spelled = ",".join([f"#{COLORS[state]}{extra}", *others])
        return f"{arrow[: style.start()]}[{spelled}]{arrow[style.end() :]}"
    before, dash, behind = arrow.partition("-")
    if not dash:
        return arrow
    colored_in = f"[#{COLORS[state]}{extra}]"
    # An arrow to the left may not end in its style, where it touches the border.
    is_leftward = any(head in before for head in "<\\/") and not any(head in behind for head in ">\\/")
    return f"{before}{colored_in}-{behind}" if is_leftward else f"{before}-{colored_in}{behind}"


def real_values(promises: Iterable[Promise], content: Content) -> Iterator[tuple[Promise, Any]]:
    """For each promised field or header that came, the value it had; below a token, of its header or claims."""
    named = {name.lower(): value for name, value in fields(content)}
    if isinstance(content, Request | Response):
        named |= {name.lower(): value for name, value in Headers(content.headers)}
    yield from _looked_up(promises, named)


def _looked_up(promises: Iterable[Promise], values: Mapping[str, Any]) -> Iterator[tuple[Promise, Any]]:
    for promise in promises:
        value = _at(promise.path, values)
        if value is None:
            continue
        yield promise, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if promise.children:
            yield from _looked_up(promise.children, _inside(value))


def _at(path: tuple[str | int | None, ...], values: Any) -> Any:
    for part in path:
        if isinstance(part, str) and isinstance(values, Mapping):
            values = values.get(part, values.get(part.lower()))
        elif isinstance(part, int) and isinstance(values, list) and -len(values) <= part < len(values):
            values = values[part]
        else:
            return None
    return values if path else None


def _inside(value: Any) -> Mapping[str, Any]:
    """What a field holds: an object's members, or a token's header and claims."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, str) and value.count(".") >= 2:
        from seqtest.auth.jwt import TokenError, read

        try:
            token = read(value.rpartition(" ")[2])
        except TokenError:
            return {}
        return {**token.header, **token.claims}
    return {}
