"""`alt`, `opt` and `break`: one way of several."""

import re
from difflib import get_close_matches
from functools import partial

from seqtest.diagram import CombinedFragment, Note, Operand, TextLine
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.scenario.choices import Option, Setting
from seqtest.scenario.fragments.conditions import holds
from seqtest.scenario.names import plain
from seqtest.scenario.walk import Task, Walk
from seqtest.source import Span

_SETTING = re.compile(r"(?P<participant>[\w@]+)\.(?P<line>[^\s=!<>].*?[^=!<>]=[^=].*)", re.DOTALL)
_NEAR = 0.75


def each_operand(walk: Walk, fragment: CombinedFragment) -> None:
    """`alt`: a case for each operand."""
    options = partial(_options, walk, fragment)
    way = walk.choose(fragment, "alt", options, 0, fragment.span)
    if way is not None:
        walk.later(walk.branch(way, fragment.operands[way.index].items))


def with_and_without(walk: Walk, fragment: CombinedFragment) -> None:
    """`opt`: a case with it, and one without."""
    way = walk.choose(fragment, "opt", partial(_yes_and_no, walk, fragment), 0, fragment.span)
    if way is not None:
        walk.later(walk.branch(way, fragment.operands[0].items if way.index == 0 else ()))


def ended_or_not(walk: Walk, fragment: CombinedFragment) -> None:
    """`break`: a case that ends there, and one that does not enter. What ends is the flow in which it is drawn."""
    progress = walk.place.progress

    def end() -> None:
        progress.is_ended = True

    end_of_flow: list[Task] = [end]
    way = walk.choose(fragment, "break", partial(_yes_and_no, walk, fragment), 1, fragment.span)
    if way is not None:
        walk.later(walk.branch(way, [*fragment.operands[0].items, *end_of_flow] if way.index == 0 else ()))


def _options(walk: Walk, fragment: CombinedFragment) -> list[Option]:
    return [_option(walk, operand, fragment) for operand in fragment.operands]


def _yes_and_no(walk: Walk, fragment: CombinedFragment) -> list[Option]:
    entered = _option(walk, fragment.operands[0], fragment)
    passed = None if entered.holds is None else not entered.holds
    return [entered, Option(entered.text, f"without {entered.name}", holds=passed, passes_by=True, span=entered.span)]


def _option(walk: Walk, operand: Operand, fragment: CombinedFragment) -> Option:
    is_first = operand is fragment.operands[0]
    text, span = operand.guard.strip(), operand.guard_span or operand.span or fragment.span
    name = plain(text) or (fragment.operator if is_first else operand.keyword)
    return Option(text, name, guard_setting(walk, text, span), holds(walk, text, span), span=span)


def guard_setting(walk: Walk, text: str, span: Span | None) -> Setting | None:
    """The setting that a guard is: `auth.access_token.format = opaque`; None when it is anything else."""
    words = plain(text)
    match = _SETTING.fullmatch(words)
    if match is None:
        return None
    known = [one.id for one in walk.place.flow.diagram.participants]
    if match["participant"] not in known:
        near = get_close_matches(match["participant"], known, n=1, cutoff=_NEAR)
        if near:
            walk.report(_nearly(match["participant"], near[0], span))
        return None
    line = TextLine(match["line"], _behind(span, span.text.find(match["line"], span.column - 1)) if span else None)
    try:
        promises = walk.flows.note_promises(Note("over", (line,), (match["participant"],)))
    except UnreadableDiagram as error:
        walk.report(*error.findings)
        return None
    if len(promises) == 1 and promises[0].operator == "=":
        return match["participant"], promises[0]
    return None


def _nearly(participant: str, near: str, span: Span | None) -> Finding:
    return Finding(
        "SQ328",
        f"this guard reads like a setting, and `{participant}` is no participant",
        span,
        label=f"did you mean `{near}`?",
        why="as words it would choose nothing",
        do=f"write `{near}`, or words that name no participant",
    )


def _behind(span: Span, index: int) -> Span:
    """The part of a span that begins at a 0-based index of its line."""
    if index < 0:
        return span
    return Span(span.line, index + 1, span.line, max(span.end_column, index + 2), span.source)
