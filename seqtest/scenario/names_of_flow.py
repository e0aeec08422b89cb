"""Which names a whole flow asks for, and which it makes known, with the flows that it uses itself."""

import re
from collections.abc import Sequence
from dataclasses import field

from seqtest.dataclass import dataclass
from seqtest.diagram import CombinedFragment, Delay, InteractionUse, Note
from seqtest.diagram.expectation import Promise, Reference, expressions
from seqtest.errors import Diagnostic, Finding, did_you_mean
from seqtest.scenario.drawn import drawn_names, needs
from seqtest.scenario.flow import Flow, beside
from seqtest.scenario.use import Use, first_line
from seqtest.scenario.walk import Walk

_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Names:
    """Names in a flow, of all its operands."""

    asked: set[str] = field(default_factory=set)
    """`{name}` stands somewhere."""
    known: set[str] = field(default_factory=set)
    """Drawn in a message, or handed out by a flow that this one uses."""

    def add(self, other: "Names") -> None:
        self.asked |= other.asked
        self.known |= other.known


def names_of(flow: Flow) -> Names:
    """The names of one flow as drawn. What its own interaction uses name stands in their lines."""
    found = Names()
    for expectation in flow.expectations.values():
        found.known.update(name for name, _ in drawn_names(expectation))
        found.asked.update(str(need.reference.path[0]) for need in needs(expectation))
    for promises in flow.promises.values():
        for promise in promises:
            _of_a_line(promise, found)
    for item in flow.diagram.walk():
        if isinstance(item, InteractionUse):
            _of_text("\n".join(line.text for line in item.lines), found)
        elif isinstance(item, CombinedFragment):
            _of_text("\n".join(operand.guard for operand in item.operands), found)
        elif isinstance(item, Delay):
            _of_text(item.text, found)
        elif isinstance(item, Note) and not item.participants:  # a table of rows
            _of_text("\n".join(line.text for line in item.lines), found)
    return found


def _of_a_line(promise: Promise, found: Names) -> None:
    for value in promise.values:
        found.asked.update(str(held.path[0]) for held in expressions(value) if isinstance(held, Reference))
    for child in promise.children:
        _of_a_line(child, found)


def _of_text(text: str, found: Names) -> None:
    for inner in _IN_BRACES.findall(text):
        found.asked.update(_WORD.findall(inner))
    found.known.update(re.findall(r"^\s*\w+\s+as\s+(\w+)", text, re.MULTILINE))


def reach_somebody(walk: Walk, use: Use, flow: Flow) -> None:
    """A name that the other flow does not have would be given to nobody, or nothing be kept under it."""
    names = names_around(walk, flow) if use.given or use.keeps else Names()
    for name in use.given:
        if name not in names.asked:
            do = did_you_mean(name, sorted(names.asked)) or f"ask for it there as `{{{name}}}`, or take the line out"
            walk.report(_no_such_name(use, name, f"asks for no `{name}`", sorted(names.asked), do))
    for name, _ in use.keeps:
        if name not in names.known and name not in use.given:
            do = did_you_mean(name, sorted(names.known)) or f"draw `{name}` in one of its messages"
            walk.report(_no_such_name(use, name, f"makes no `{name}` known", sorted(names.known), do))


def names_around(walk: Walk, flow: Flow) -> Names:
    """The names of a flow and of those that it uses."""
    names = Names()
    _gather(walk, flow, names, {id(flow)})
    return names


def _gather(walk: Walk, flow: Flow, names: Names, seen: set[int]) -> None:
    """The names of a flow and of those that it uses; what cannot be read there is told where it is used."""
    names.add(names_of(flow))
    for item in flow.diagram.walk():
        match = first_line(item)[1] if isinstance(item, InteractionUse) else None
        if match is None:
            continue
        path = beside(flow, match["file"].strip())
        try:
            diagrams = walk.flows.open(path) if walk.flows.is_inside(path) else ()
            inner = [walk.flows.flow(diagram) for diagram in diagrams]
        except (OSError, Diagnostic):
            continue
        for one in inner:
            if id(one) not in seen:
                seen.add(id(one))
                _gather(walk, one, names, seen)


def _no_such_name(use: Use, name: str, verb: str, known: Sequence[str], do: str) -> Finding:
    return Finding(
        "SQ327",
        f"`{use.file}` {verb}",
        use.spans[name],
        expected="one of " + ", ".join(f"`{one}`" for one in known) if known else "",
        got=name,
        why="a value that nobody asks for, or that nobody made known, would look like one that counts",
        do=do,
    )
