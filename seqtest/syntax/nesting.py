"""What a preprocessor's `!if`, loop or procedure holds: flat lines in, lines inside one another out.

PlantUML follows its lines one by one and asks for no end. What it lets pass is read here as it draws it, and noted as a
slip: a choice, loop or procedure that is never closed (a loop goes round once, what a procedure swallows is not drawn),
an `!endprocedure` that closes nothing. The lines of a procedure are taken as they are up to the first end of any
routine, and nested when it is called.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Never

from seqtest.dataclass import dataclass, replace
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Span
from seqtest.syntax import directives as nodes
from seqtest.syntax.reader import Unexpected
from seqtest.syntax.reading import read_directive
from seqtest.syntax.tree import Line

_KEPT = re.compile(r"!(?:(?i:pragma|assume)|theme|option|import)")
"""Directives that the statements keep as they are."""
DEEPEST_NESTING = 60
_END_OF_ROUTINE = re.compile(r"!end\s*(?:procedure|function|definelong)\b", re.IGNORECASE)
_RETURN = re.compile(r"!return\b", re.IGNORECASE)
_ENDS: Mapping[type, str] = {
    nodes.If: "endif",
    nodes.While: "endwhile",
    nodes.ForEach: "endfor",
    nodes.Routine: "endprocedure",
    nodes.Define: "enddefinelong",
}
_ROUTINE_ENDS = ("endprocedure", "endfunction", "enddefinelong")


@dataclass(slots=True)
class Op:
    """A line, what it says when it is a directive, and what it holds."""

    line: Line
    node: nodes.Directive | None = None
    body: "list[Op]" = field(default_factory=list)
    branches: "list[Op]" = field(default_factory=list)
    """For `!if`: the `!elseif` and `!else` after it, each with its body."""
    lines: Sequence[Line] = ()
    """For a routine: what it is made of, nested when it is called."""
    is_closed: bool = True
    is_again: bool = False
    """Has been followed before."""


def nest(lines: Sequence[Line], notes: list[Finding]) -> list[Op]:
    """Lines put inside what holds them; slips go to `notes`.

    Raises UnreadableDiagram for an end without a beginning.
    """
    top: list[Op] = []
    open_: list[Op] = []
    part: Line | None = None
    index = 0
    while index < len(lines):
        line = lines[index]
        target = _inside(open_[-1]) if open_ else top
        if not line.text.startswith("!") or _KEPT.match(line.text):
            target.append(Op(line))
            index += 1
            continue
        node, index = _read(lines, index)
        op = Op(line, node)
        match node:
            case nodes.End(word="endsub"):
                if part is None:
                    refuse(line.span(), "SQ125", "nothing is open that `!endsub` could close")
                part = None
            case nodes.End(word=word) if word in _ROUTINE_ENDS:
                notes.append(_slip(line, f"nothing is open that `!{word}` could close", do="remove the line"))
            case nodes.End(word=word):
                if not open_ or _ENDS[type(open_[-1].node)] != word:
                    refuse(line.span(), "SQ125", f"nothing is open that `!{word}` could close")
                open_.pop()
            case nodes.Else() | nodes.If(is_else=True):
                if not open_ or not isinstance(open_[-1].node, nodes.If):
                    refuse(line.span(), "SQ125", "no `!if` is open here")
                open_[-1].branches.append(op)
                if isinstance(node, nodes.Else) and len(line.text) > len("!else"):
                    message = "what stands behind `!else` is not looked at"
                    notes.append(_slip(line, message, do="write `!elseif` for one more question"))
            case nodes.StartSub():
                if part is not None:
                    refuse(line.span(), "SQ125", "a part that is opened by `!startsub` holds no other part")
                part = line
            case nodes.If() | nodes.While() | nodes.ForEach():
                target.append(op)
                open_.append(op)
                if len(open_) > DEEPEST_NESTING:
                    message = f"the preprocessor's lines are nested more than {DEEPEST_NESTING} deep here"
                    refuse(line.span(), "SQ124", message)
            case nodes.Routine(value=None) | nodes.Define(is_long=True):
                end = _end_of_routine(line, node, lines, index)
                if end is None:
                    word = "endfunction" if _is_function(node) else _ENDS[type(node)]
                    notes.append(_never_closed(line, word, lines[index:]))
                op.lines = lines[index:end]
                index = len(lines) if end is None else end + 1
                target.append(op)
            case _:
                target.append(op)
    if part is not None:
        refuse(part.span(), "SQ125", "this `!startsub` is never closed", label="opened here", expected="`!endsub`")
    for op in open_:
        op.is_closed = False
        notes.append(_never_closed(op.line, _ENDS[type(op.node)]))
    return top


def refuse(span: Span, code: str, message: str, *, label: str = "", expected: str = "", do: str = "") -> Never:
    """Raise UnreadableDiagram with one finding."""
    raise UnreadableDiagram(Finding(code, message, span, label=label, expected=expected, do=do))


def _inside(op: Op) -> list[Op]:
    return op.branches[-1].body if op.branches else op.body


def _end_of_routine(line: Line, node: nodes.Routine | nodes.Define, lines: Sequence[Line], start: int) -> int | None:
    """Where the routine ends whose first line in `lines` is `start`; None when nothing ends it."""
    end = next((at for at in range(start, len(lines)) if _END_OF_ROUTINE.match(lines[at].text)), None)
    if end is None:
        return None
    returns = next((each for each in lines[start:end] if _RETURN.match(each.text)), None)
    if _is_function(node) and returns is None:
        from seqtest.syntax.explain_directive import unknown_directive

        wrong = next(filter(None, map(unknown_directive, lines[start:end])), None)
        if wrong is not None:
            raise UnreadableDiagram(wrong)
        do = "give its value by `!return`, or write `!procedure … !endprocedure` for one that draws"
        refuse(lines[end].span(), "SQ120", f"the function `{node.name}` returns nothing", do=do)
    if not _is_function(node) and returns is not None:
        do = "write `!function … !endfunction` for one that has a value"
        refuse(returns.span(), "SQ120", f"`{node.name}` is a procedure, and returns nothing", do=do)
    return end


def _is_function(node: nodes.Routine | nodes.Define) -> bool:
    return isinstance(node, nodes.Routine) and node.is_function


def _never_closed(line: Line, end: str, behind: Sequence[Line] = ()) -> Finding:
    """The slip; among the lines behind it, one of a wrong directive may be the end that was meant."""
    from seqtest.syntax.explain_directive import unknown_directive

    slip = _slip(line, f"this `{line.text.split()[0]}` is never closed", do=f"write `!{end}` below it")
    wrong = next((each for each in behind if unknown_directive(each) is not None), None)
    return slip if wrong is None else replace(slip, also=((wrong.span(), "meant as its end?"),))


def _slip(line: Line, message: str, do: str) -> Finding:
    return Finding("SQ125", message, line.span(), "warning", do=do)


def _read(lines: Sequence[Line], index: int) -> tuple[nodes.Directive | None, int]:
    """The directive on a line (for JSON, on several) and the index behind it; None for one that is not known."""
    line = lines[index]
    text = line.text
    for end in range(index + 1, min(index + 200, len(lines)) + 1):
        try:
            return read_directive(text), end
        except Unexpected as failure:
            if end >= len(lines) or not _is_open(text):
                from seqtest.syntax.explain_directive import explain_directive

                finding = explain_directive(line, failure)
                if finding is None:
                    return None, index + 1
                raise UnreadableDiagram(finding) from None
            text += " " + lines[end].text
    return None, index + 1


_ASSIGNED = re.compile(r"!\s*(?:(?:local|global)\s+)?\$?\w+\s*\??=")


def _is_open(text: str) -> bool:
    """JSON that goes on in the next line; only a variable's may."""
    if not _ASSIGNED.match(text):
        return False
    return text.count("{") > text.count("}") or text.count("[") > text.count("]")
