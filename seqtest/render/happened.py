"""The picture of a run: the author's drawing, each arrow with what became of it and what it really said."""

from collections.abc import Iterator, Mapping, Sequence
from posixpath import basename
from urllib.parse import urlsplit

from seqtest.dataclass import dataclass
from seqtest.diagram import CombinedFragment, Diagram, Divider, Item, Message, Note
from seqtest.errors import Finding
from seqtest.exchange import Lost, Request
from seqtest.render.grid import Style, clean, plain
from seqtest.render.mask import Masker, masker_of
from seqtest.render.picture import (
    ArrowRow,
    CloseRow,
    ElseRow,
    NoteRow,
    OpenRow,
    Picture,
    Remark,
    Row,
    RuleRow,
    columns_of,
    head_of,
    note_lines,
    shown_lines,
)
from seqtest.render.text import draw
from seqtest.render.wire import first_line, in_short
from seqtest.scenario import Step
from seqtest.source import DrawnAt
from seqtest.trace import Occurrence
from seqtest.verdict import StepVerdict, Verdict
from seqtest.verdict.arrows import ARROWS, numbers

Lane = tuple[int, str, str, int, str]
"""A fragment and the operand in it: number of the fragment, operator, title, number of the operand, guard."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an item stands in its drawing."""

    lanes: tuple[Lane, ...] = ()
    divider: str = ""
    item: Item | None = None

    @property
    def message(self) -> Message | None:
        return self.item if isinstance(self.item, Message) else None

    @property
    def note(self) -> Note | None:
        return self.item if isinstance(self.item, Note) else None


def draw_run(verdict: Verdict, *, width: int = 100, style: Style = plain, masker: Masker | None = None) -> str:
    """What happened as text, at most `width` columns wide, secrets masked."""
    return draw(picture_of_run(verdict, masker or masker_of(verdict)), width=width, style=style)


def picture_of_run(verdict: Verdict, masker: Masker) -> Picture:
    """What happened in the order in which it did, then what was not reached, in the drawing's columns and frames."""
    scenario = verdict.script.scenario
    used = [end for step in scenario.steps for end in (step.sender, step.receiver)]
    used += [end for o in verdict.trace.occurrences if o.step is None for end in ends_of_stranger(o)]
    columns = columns_of(scenario.participants, used, verdict.script.bound)
    index = {column.id: place for place, column in enumerate(columns)}
    settings = settings_of(scenario.diagram)
    title = " ".join(shown_lines(masker.source(scenario.diagram.title or "")))
    name = f" [{scenario.name}]" if scenario.name and scenario.name != scenario.diagram.name else ""
    rows = tuple(_framed(_Run(verdict, masker, index, settings).rows()))
    return Picture(columns, rows, f"{title}{name}".strip())


def settings_of(diagram: Diagram) -> dict[DrawnAt, Setting]:
    """For each item of the drawing the fragments around it and the divider above it."""
    found: dict[DrawnAt, Setting] = {}
    divider, count = "", 0
    stack: list[tuple[Item, tuple[Lane, ...]]] = [(item, ()) for item in reversed(diagram.items)]
    while stack:
        item, lanes = stack.pop()
        if isinstance(item, Divider):
            divider = " ".join(shown_lines(item.text))
        if isinstance(item, CombinedFragment):
            count += 1
            for number, operand in reversed(list(enumerate(item.operands))):
                guard = " ".join(shown_lines(operand.guard))
                lane = (count, item.operator, " ".join(shown_lines(item.title)), number, guard)
                stack.extend((inner, (*lanes, lane)) for inner in reversed(operand.items))
        elif item.span is not None:
            found[item.span.item] = Setting(lanes, divider, item)
    return found


@dataclass(slots=True)
class _Run:
    """One verdict on its way to rows; each row comes with the place in the drawing that it belongs to."""

    verdict: Verdict
    masker: Masker
    index: Mapping[str, int]
    settings: Mapping[DrawnAt, Setting]

    def rows(self) -> Iterator[tuple[Row, Setting]]:
        steps = self.verdict.script.scenario.steps
        names = numbers(self.verdict.script.scenario)
        trace = self.verdict.trace
        setting = Setting()
        seen: set[int] = set()
        for occurrence in trace.occurrences:
            if occurrence.step is None:
                yield from ((row, setting) for row in self._stranger(occurrence))
                continue
            step = steps[occurrence.step]
            seen.add(step.index)
            setting = self._setting(step)
            yield from self._step(step, names[step.index], occurrence, setting)
        for step in steps:
            if step.index not in seen:
                yield from self._step(step, names[step.index], None, self._setting(step))

    def _setting(self, step: Step) -> Setting:
        if step.span is None:
            return Setting()
        known = self.settings.get(step.span.item)
        if known is not None:
            lanes = known.lanes
            for loop, iteration in step.iteration:
                lanes = (*lanes, (-1 - loop, "loop", "", iteration, f"round {iteration + 1}"))
            return Setting(lanes, known.divider, known.item)
        return Setting(((0, "ref", basename(step.span.path), 0, ""),))

    def _step(
        self, step: Step, number: str, occurrence: Occurrence | None, setting: Setting
    ) -> Iterator[tuple[Row, Setting]]:
        became = self.verdict.steps[step.index]
        if step.kind == "delay":
            yield RuleRow("delay", " ".join(shown_lines(step.text)), became.state), setting
        elif step.kind == "state" and step.sender in self.index:
            place = self.index[step.sender]
            drawn = note_lines(setting.note) if setting.note is not None else shown_lines(step.text)
            lines = tuple(self.masker.source(line) for line in drawn)
            findings = tuple(line for finding in became.failures for line in self._said(finding))
            yield NoteRow(place, place, (*lines, *findings), "", became.state), setting
        elif step.kind in ARROWS and step.sender in self.index and step.receiver in self.index:
            yield self._arrow(step, number, occurrence, became, setting), setting

    def _arrow(
        self, step: Step, number: str, occurrence: Occurrence | None, became: StepVerdict, setting: Setting
    ) -> ArrowRow:
        content = occurrence.content if occurrence is not None else None
        text = first_line(content, self.masker) if content is not None and not isinstance(content, Lost) else ""
        if "?" in text and step.kind == "request" and "?" not in step.text:
            text = f"{text.partition('?')[0]}?…"  # its drawn fields stand beside the arrow
        message = setting.message
        life = (
            tuple((e.kind, self.index[e.participant]) for e in message.life if e.participant in self.index)
            if message
            else ()
        )
        return ArrowRow(
            self.index[step.sender],
            self.index[step.receiver],
            (text,) if text else shown_lines(self.masker.source(_label(step))),
            head_of(message) if message is not None else "cross" if step.is_lost else "filled",
            step.kind in ("response", "result"),
            number,
            became.state,
            self._remarks(step, occurrence, became),
            life=tuple(event for event in life if event[0] in ("activate", "deactivate")),
        )

    def _remarks(self, step: Step, occurrence: Occurrence | None, became: StepVerdict) -> tuple[Remark, ...]:
        findings = became.failures
        if findings:
            lines = tuple(line for finding in findings for line in self._said(finding))
            return (Remark(lines, "margin", "failed"),)
        names = _drawn_names(step)
        short = in_short(occurrence.content, self.masker, names=names) if occurrence is not None and names else ""
        return (Remark((short,), "margin", "dim"),) if short else ()

    def _said(self, finding: Finding) -> Iterator[str]:
        yield clean(self.masker.text(finding.message))
        got = "" if finding.got in finding.message else finding.got
        for name, text in (("expected", finding.expected), ("got", got)):
            for number, line in enumerate(self.masker.text(text).splitlines()):
                yield f"  {name + ':' if not number else '':<9} {clean(line)}"

    def _stranger(self, occurrence: Occurrence) -> Iterator[Row]:
        sender, receiver = ends_of_stranger(occurrence)
        if sender in self.index and receiver in self.index:
            yield ArrowRow(
                self.index[sender],
                self.index[receiver],
                (said_by_stranger(occurrence, self.masker),),
                state="unexpected",
                remarks=(Remark(self._why(occurrence), "margin", "unexpected"),),
            )

    def _why(self, occurrence: Occurrence) -> tuple[str, ...]:
        refusal = self.verdict.trace.refusal
        is_last = occurrence is self.verdict.trace.occurrences[-1]
        return (
            (clean(self.masker.text(refusal.message)),) if refusal is not None and is_last else ("this is not drawn",)
        )


def ends_of_stranger(occurrence: Occurrence) -> tuple[str, str]:
    """Sender and receiver of a message that is not drawn; the border where it is nobody's, or to nobody's address."""
    return occurrence.sender or "[", occurrence.receiver or "]"


def said_by_stranger(occurrence: Occurrence, masker: Masker) -> str:
    """Its first line, with the address where no participant has it: `GET https://elsewhere.example/path`."""
    content = occurrence.content
    text = first_line(content, masker)
    if occurrence.receiver or not isinstance(content, Request):
        return text
    method, _, target = text.partition(" ")
    return f"{method} {address_of(content, masker)}{target}"


def address_of(request: Request, masker: Masker) -> str:
    """`https://elsewhere.example`, without what a user's name and password may stand in."""
    parts = urlsplit(request.url)
    return clean(masker.text(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"))


def _label(step: Step) -> str:
    """A label's first line; of HTTP without what it promises in braces."""
    first = step.text.replace("\\n", "\n").split("\n")[0]
    if step.kind not in ("request", "response"):
        return first
    head, _, held = first.partition(" {")
    # `POST {form}`: these braces are the target.
    return f"{head} {{{held.partition('}')[0]}}}" if head.isalpha() and held else head


def _drawn_names(step: Step) -> frozenset[str]:
    if step.expectation is None:
        return frozenset()
    return frozenset(
        promise.path[0].lower()
        for promise in step.expectation.promises
        if promise.path
        and isinstance(promise.path[0], str)
        and promise.place in ("field", "query", "form", "json", "header")
    )


def _framed(rows: Iterator[tuple[Row, Setting]]) -> Iterator[Row]:
    """The rows with the frames and dividers of the drawing around them."""
    open_lanes: tuple[Lane, ...] = ()
    divider = ""
    for row, setting in rows:
        shared = _shared(open_lanes, setting.lanes)
        deepest = open_lanes[shared : shared + 1]
        wanted = setting.lanes[shared : shared + 1]
        is_sibling = bool(deepest and wanted) and deepest[0][0] == wanted[0][0]
        for _ in open_lanes[shared + is_sibling :]:
            yield CloseRow()
        if setting.divider and setting.divider != divider:
            divider = setting.divider
            if not shared and not is_sibling:
                yield RuleRow("divider", divider)
        if is_sibling:
            yield ElseRow(wanted[0][4])
        for _, operator, title, _, guard in setting.lanes[shared + is_sibling :]:
            yield OpenRow(operator, " ".join(filter(None, (title, guard))))
        open_lanes = setting.lanes
        yield row
    for _ in open_lanes:
        yield CloseRow()


def _shared(left: Sequence[Lane], right: Sequence[Lane]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count
