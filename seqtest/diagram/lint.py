"""What is probably not meant, although it can be read and drawn: warnings, none of them an error by itself."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from seqtest.diagram.model import (
    CombinedFragment,
    Diagram,
    InteractionUse,
    Item,
    LifeEvent,
    Message,
    Note,
    Participant,
    TextLine,
)
from seqtest.errors import Finding
from seqtest.pattern import pattern
from seqtest.source import Span

_RESPONSE = pattern(r"(?:\(?\w+[.:)]\s+)?(?:HTTP(?:/[\d.]+)?\s+)?[1-5](?:\d\d|xx)(?!\w)")
_CAPTURE = pattern(r"\[?[\w.\[\]*\"-]+\s+as\s+([A-Za-z_]\w*)\]?$")
_WORD = pattern(r"[A-Za-z_]\w*")
_CHECK = pattern(r"[\w.\[\]*\"-]+\s*(?:=|!=|<=|>=|:\s|\s(?:absent|present|unique|contains|lacks|matches)\b)")


def lint(diagram: Diagram) -> list[Finding]:
    """Every warning of every lint, in the drawing's order."""
    found = [finding for each in LINTS for finding in each(diagram)]
    return sorted(found, key=lambda finding: (finding.span.line, finding.span.column) if finding.span else (0, 0))


def _warn(code: str, message: str, span: Span | None, **more: str) -> Finding:
    return Finding(code, message, span, "warning", **more)  # type: ignore[arg-type]  # words only


def nearly_declared(diagram: Diagram) -> Iterator[Finding]:
    """Somebody who appears first in an arrow and is named nearly like one who is declared."""
    for participant, near in _slips(diagram):
        message = f'"{participant.id}" appears for the first time here'
        yield _warn("SQ203", message, participant.span, do=f"did you mean `{near}`?")


def meant_for(diagram: Diagram, bound: Collection[str]) -> list[Finding]:
    """Errors: nobody plays somebody who is named nearly like one who is played, so the arrows would only be told."""
    return [
        Finding(
            "SQ203",
            f'"{participant.id}" appears for the first time here, and `{near}` is bound',
            participant.span,
            why="nobody plays it, so its arrows would be told and not tested",
            do=f"write `{near}`, or declare `participant {participant.id}` if another one is meant",
        )
        for participant, near in _slips(diagram)
        if near in bound and participant.id not in bound
    ]


def _slips(diagram: Diagram) -> Iterator[tuple[Participant, str]]:
    declared = [participant.id for participant in diagram.participants if participant.is_declared]
    for participant in diagram.participants:
        if participant.is_declared:
            continue
        near = next((other for other in declared if _is_slip_of(participant.id, other)), None)
        if near is not None:
            yield participant, near


def _is_slip_of(name: str, other: str) -> bool:
    """Whether one may be a slip of the pen for the other: case, signs between words, a letter (of ten and more: two).

    A digit makes another name of it. In a short name each letter counts; only swapped ones are a slip.
    """
    a, b = ("".join(filter(str.isalnum, word.casefold())) for word in (name, other))
    if a == b:
        return bool(a)
    shorter, longer = sorted((len(a), len(b)))
    if (
        longer > 60
        or (shorter < 5 and sorted(a) != sorted(b))
        or [*filter(str.isdigit, a)] != [*filter(str.isdigit, b)]
    ):
        return False
    return _distance(a, b) <= (1 if shorter < 10 else 2)


def _distance(a: str, b: str) -> int:
    """Letters put in, taken out, changed, or swapped with their neighbour."""
    before, row = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        two_before, before, row = before, row, [i]
        for j, right in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
    return row[-1]


def unreachable_operands(diagram: Diagram) -> Iterator[Finding]:
    """An operand of an `alt` whose guard has stood above, or that comes behind one without a guard."""
    for item in diagram.walk():
        if not isinstance(item, CombinedFragment) or item.operator != "alt":
            continue
        seen: set[str] = set()
        for index, operand in enumerate(item.operands):
            guard = " ".join(operand.guard.lower().split())
            if guard in seen:
                said = f"`{operand.guard}`" if guard else "`else`"
                yield _warn("SQ216", f"this operand is never reached: {said} has stood above", operand.span)
            elif "" in seen and index:
                yield _warn(
                    "SQ216", "this operand is never reached: an `else` without a guard stands above", operand.span
                )
            if guard or index:
                seen.add(guard)


def unused_captures(diagram: Diagram) -> Iterator[Finding]:
    """A value kept under a name that nothing uses."""
    lines = [(line, note) for note in _notes(diagram) for line in note.lines]
    texts = (
        [line.text for line, _ in lines] + [message.text for message in diagram.messages()] + list(_references(diagram))
    )
    used = Counter(word for text in texts for word in _WORD.findall(text))
    kept = [
        (match[1], line)
        for line, note in lines
        if not note.participants and (match := _CAPTURE.match(line.text.strip()))
    ]
    times = Counter(name for name, _ in kept)
    for name, line in kept:
        if used[name] == times[name]:
            yield _warn(
                "SQ217", f"`{name}` is kept and never used", line.span, do=f"use it as `{{{name}}}`, or drop it"
            )


def unasked_responses(diagram: Diagram) -> Iterator[Finding]:
    """A response where its receiver has asked its sender nothing that is still open, be it in prose."""
    waiting: Counter[tuple[str | None, str | None]] = Counter()
    at_opening: list[Counter[tuple[str | None, str | None]]] = []
    for item, mark in _with_marks(diagram.items):
        if mark == "open":
            at_opening.append(waiting.copy())
        elif mark == "branch":
            waiting = at_opening[-1].copy()
        elif mark == "close":
            waiting = at_opening.pop() | waiting
        elif isinstance(item, Message):
            is_response = bool(_RESPONSE.match(item.text))
            pair = (item.receiver, item.sender)
            if is_response and not waiting[pair] and not item.is_return:
                asked = f"no request of `{item.receiver or 'outside'}` to `{item.sender or 'outside'}` is open here"
                yield _warn("SQ218", asked, item.text_span or item.span)
            elif (is_response or item.kind == "reply") and waiting[pair]:
                waiting[pair] -= 1
            elif not is_response:
                waiting[item.sender, item.receiver] += 1


def _with_marks(items: tuple[Item, ...]) -> Iterator[tuple[Item | None, str]]:
    """Every item, and where fragments open, turn to their next operand and close; no recursion, fragments nest deep."""
    stack: list[tuple[Item | None, str]] = [(item, "") for item in reversed(items)]
    while stack:
        item, mark = stack.pop()
        if mark or not isinstance(item, CombinedFragment):
            yield item, mark
            continue
        yield item, "open"
        stack.append((None, "close"))
        for index, operand in reversed(list(enumerate(item.operands))):
            stack.extend((inner, "") for inner in reversed(operand.items))
            if index:
                stack.append((None, "branch"))


def prose_like_checks(diagram: Diagram) -> Iterator[Finding]:
    """A line in italics or in a note of prose that reads like a check."""
    for note in _notes(diagram):
        is_prose = "prose" in note.stereotypes
        for line in note.lines:
            text = line.text.strip()
            if (is_prose and _CHECK.match(text)) or (text.startswith("//") and _CHECK.match(text.strip("/ "))):
                yield _warn("SQ219", "this line reads like a check and is prose, so it is not tested", line.span)


def open_activations(diagram: Diagram) -> Iterator[Finding]:
    """An `activate` or `++` that nothing closes. What one operand closes is closed, whatever the others do."""
    open_: Bars = {}
    groups: list[tuple[Bars, list[Bars]]] = []
    """Of each open group: the bars at its beginning, and at the end of each operand so far."""
    for item, mark in _with_marks(diagram.items):
        if mark == "open":
            groups.append((open_.copy(), []))
        elif mark == "branch":
            before, ends = groups[-1]
            ends.append(open_)
            open_ = before.copy()
        elif mark == "close":
            before, ends = groups.pop()
            open_ = _joined(before, [*ends, open_])
        for event in item.life if isinstance(item, Message) else (item,) if isinstance(item, LifeEvent) else ():
            open_[event.participant] = _after(open_.get(event.participant), event)
    for who, bar in open_.items():
        for event in reversed(_above(bar, None)):
            do = f"write `deactivate {who}`, or `--` behind its reply"
            yield _warn("SQ220", f"`{who}` is activated here and never deactivated", event.span, do=do)


class Bar(NamedTuple):
    """An activation with those that it lies on. Behind a group the lower ones are the same objects as before it."""

    event: LifeEvent
    below: "Bar | None"
    height: int


Bars = dict[str, Bar | None]
"""Who is active, by the bar on top."""


def _after(bar: Bar | None, event: LifeEvent) -> Bar | None:
    match event.kind:
        case "activate":
            return Bar(event, bar, _height(bar) + 1)
        case "deactivate":
            return bar.below if bar is not None else None
        case "destroy":
            return None
        case _:
            return bar


def _height(bar: Bar | None) -> int:
    return bar.height if bar is not None else 0


def _above(bar: Bar | None, lowest: Bar | None) -> list[LifeEvent]:
    """The events of the bars from the top one down, without `lowest` and what lies below it."""
    events = []
    while bar is not None and bar is not lowest:
        events.append(bar.event)
        bar = bar.below
    return events


def _left_of(earlier: Bar | None, later: Bar | None) -> Bar | None:
    """What an operand left of the bars: it takes them off from the top, and lays its own on the rest."""
    while earlier is not later:
        if _height(earlier) > _height(later):
            earlier = earlier.below if earlier is not None else None
        else:
            later = later.below if later is not None else None
    return earlier


def _joined(before: Bars, ends: Sequence[Bars]) -> Bars:
    """The bars behind a group: of those before it what all operands left, and the most that one laid on it."""
    if len(ends) == 1:
        return ends[0]
    joined: Bars = {}
    for who in {who: None for end in ends for who in end}:
        earlier = before.get(who)
        left = [_left_of(earlier, end.get(who)) for end in ends]
        top = min(left, key=_height)
        news = [_above(end.get(who), rest) for end, rest in zip(ends, left, strict=True)]
        for event in reversed(max(news, key=len)):
            top = Bar(event, top, _height(top) + 1)
        joined[who] = top
    return joined


def _notes(diagram: Diagram) -> Iterator[Note]:
    for item in diagram.walk():
        if isinstance(item, Note):
            yield item
        elif isinstance(item, Message | InteractionUse | CombinedFragment):
            yield from item.notes


def _references(diagram: Diagram) -> Iterator[str]:
    for item in diagram.walk():
        if isinstance(item, InteractionUse):
            yield from (line.text for line in _used(item.lines))
        elif isinstance(item, CombinedFragment):
            yield from (operand.guard for operand in item.operands)


def _used(lines: tuple[TextLine, ...]) -> tuple[TextLine, ...]:
    """A reference's lines that use values: `name = {value}`, not those that hand some out."""
    return tuple(line for line in lines if "{" in line.text)


LINTS: tuple[Callable[[Diagram], Iterator[Finding]], ...] = (
    nearly_declared,
    unreachable_operands,
    unused_captures,
    unasked_responses,
    prose_like_checks,
    open_activations,
)
