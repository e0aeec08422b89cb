"""An interaction use, read: which flow, which case of it, what it is given and what it hands out."""

import re
from dataclasses import field

from seqtest.dataclass import dataclass
from seqtest.diagram import InteractionUse, Note, TextLine
from seqtest.diagram.expectation import Value
from seqtest.errors import Diagnostic, Finding
from seqtest.scenario.walk import Walk
from seqtest.source import Span

_FIRST = re.compile(
    r"(?P<file>[^\[\]]+?\.(?:puml|plantuml|pu|iuml|wsd|mmd|md|rst|adoc))"
    r"(?:::(?P<diagram>[^\[\]]+?))?(?:\[(?P<case>[^\[\]]+)\])?"
)


@dataclass(frozen=True, slots=True)
class Use:
    """An interaction use, read: which flow, which case of it, what it is given and what it hands out."""

    file: str
    diagram: str | None
    case: str | None
    given: dict[str, Value] = field(default_factory=dict)
    keeps: tuple[tuple[str, str], ...] = ()
    span: Span | None = None
    spans: dict[str, Span | None] = field(default_factory=dict)
    """Where each name of `given` and `keeps` stands."""


def read_use(walk: Walk, item: InteractionUse) -> Use | None:
    lines, match = first_line(item)
    if match is None:
        walk.report(
            Finding(
                "SQ308",
                "this names no flow",
                lines[0].span if lines else item.span,
                label="expected a file such as `login.puml`, or one of its cases as in `login.puml[ok]`",
                do="write the flow's file on the first line; words can go below it, behind `//`",
            )
        )
        return None
    given: dict[str, Value] = {}
    keeps: list[tuple[str, str]] = []
    spans: dict[str, Span | None] = {}
    try:
        promises = walk.flows.note_promises(Note("over", tuple(lines[1:]), item.participants)) if lines[1:] else ()
    except Diagnostic as error:
        walk.report(*error.findings)
        promises = ()
    for promise in promises:
        name = promise.path[0] if len(promise.path) == 1 else None
        if not isinstance(name, str) or promise.children or promise.is_optional:
            walk.report(_neither(promise.span))
        elif promise.operator == "=" and promise.name is None:
            given[name] = promise.values[0]
            spans[name] = promise.span
        elif promise.name is not None and not promise.values and promise.operator == "present":
            keeps.append((name, promise.name))
            spans[name] = promise.span
        else:
            walk.report(_neither(promise.span))
    place = lines[0].span or item.span
    return Use(match["file"].strip(), match["diagram"], match["case"], given, tuple(keeps), place, spans)


def first_line(item: InteractionUse) -> tuple[list[TextLine], re.Match[str] | None]:
    """Its lines without words, and the first of them read as the name of a flow."""
    lines = [line for line in item.lines if line.text.strip() and not line.text.lstrip().startswith("//")]
    return lines, _FIRST.fullmatch(lines[0].text.strip()) if lines else None


def _neither(span: Span | None) -> Finding:
    return Finding(
        "SQ314",
        "this line says neither what the flow is given nor what it hands out",
        span,
        label="expected `name = value` or `name as other`",
        do="write what is to be checked at the arrows of the flow itself",
    )
