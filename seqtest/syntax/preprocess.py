"""The preprocessor: logical lines in, logical lines out, each still knowing where it was written.

A block's lines are first nested (`_nest`: what an `!if`, a loop or a procedure holds), then run in order. Text lines
have their variables and calls put in (machine.py); what then stands there belongs to the place of the variable or call.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Never

from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Source, Span
from seqtest.syntax import directives as nodes
from seqtest.syntax.functions import BREAKLINE
from seqtest.syntax.includes import FolderIncludes, Includes
from seqtest.syntax.lines import blocks, cut, logical_lines
from seqtest.syntax.machine import Machine, Routine
from seqtest.syntax.reading import read_directive
from seqtest.syntax.tree import Line
from seqtest.syntax.values import as_text, is_true

KEPT = ("!pragma", "!theme", "!option", "!assume", "!import")
"""Directives that the statements keep as they are."""
MOST_LINES = 50_000
MOST_STEPS = 100_000
"""Lines that are followed, those of loops and procedures as often as they are."""
MOST_CHARACTERS = 8_000_000
MOST_ROUNDS = 1_000
DEEPEST_INCLUDE = 30
DEEPEST_NESTING = 60


@dataclass(slots=True)
class _Op:
    """A line, what it says when it is a directive, and what it holds."""

    line: Line
    node: nodes.Directive | None = None
    body: "list[_Op]" = field(default_factory=list)
    branches: "list[_Op]" = field(default_factory=list)
    """For `!if`: the `!elseif` and `!else` after it, each with its body."""


class Return(Exception):  # no error: the way out of a function's body
    """A function's `!return`."""

    def __init__(self, value: nodes.Value) -> None:
        self.value = value


class _Exit(Exception):  # no error: the way out of the whole block
    """`!exit`."""


@dataclass(slots=True)
class Preprocessor:
    """One diagram's run. `sources` are the files that were read into it."""

    includes: Includes = field(default_factory=FolderIncludes)
    machine: Machine = field(init=False)
    depth: int = 0
    count: int = 0
    steps: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        self.machine = Machine(self.includes)

    @property
    def sources(self) -> list[Source]:
        return self.machine.sources

    @property
    def notes(self) -> list[Finding]:
        """What should be said although the text can be read: a library that is not there, a clock that stands."""
        return self.machine.notes

    def run(self, lines: Sequence[Line]) -> list[Line]:
        """Everything that is left for the diagram. Raises UnreadableDiagram at the line that cannot be followed."""
        self.machine.invoke = self._invoke
        if lines:
            self.machine.line = lines[0]
        out: list[Line] = []
        try:
            for line in self._ops(_nest(lines)):
                self._count(line)
                out.append(line)
        except _Exit:
            pass
        except RecursionError:
            _refuse(self.machine.line.span(), "SQ124", "procedures and choices are nested too deep here")
        return out

    def _count(self, line: Line) -> None:
        self.count += 1
        self.size += len(line.text)
        if self.count > MOST_LINES or self.size > MOST_CHARACTERS:
            _refuse(
                line.span(),
                "SQ124",
                f"this diagram grows beyond {MOST_LINES:,} lines or {MOST_CHARACTERS:,} characters",
            )

    def _ops(self, ops: Iterable[_Op]) -> Iterator[Line]:
        for op in ops:
            self.steps += 1
            if self.steps > MOST_STEPS:
                _refuse(op.line.span(), "SQ124", f"the preprocessor has followed {MOST_STEPS:,} lines")
            if op.node is None:
                yield from self._text(op.line)
            else:
                yield from self._directive(op)

    def _text(self, line: Line) -> Iterator[Line]:
        machine = self.machine
        if not machine.may_change(line.text):
            yield line
            return
        call = machine.procedure_call(line)
        if call is not None:
            yield from self._call(line, *call)
            return
        with machine.at(line):
            changed = machine.substitute(line)
        if BREAKLINE not in changed.text:
            yield changed
            return
        begin = 0
        for part in changed.text.split(BREAKLINE):
            yield cut(changed, begin, begin + len(part))
            begin += len(part) + 1

    def _call(self, line: Line, routine: Routine, arguments: str, rest: str) -> Iterator[Line]:
        with self.machine.at(line):
            values = self.machine.bind(routine, arguments)
            lines = list(self._body(routine, values, line))
        if not rest:
            yield from lines
            return
        # Text behind a call belongs to the call's last line.
        yield from lines[:-1]
        last = lines[-1].text if lines else ""
        place = line.places[0]
        tail = self.machine.substitute(Line(rest, (place,))).text
        yield Line(last + tail, lines[-1].places if lines else line.places, line.lead)

    def _body(self, routine: Routine, values: dict[str, nodes.Value], line: Line) -> Iterator[Line]:
        if self.depth > 60:
            _refuse(line.span(), "SQ124", f"`{routine.name}` calls itself more than 60 deep here")
        self.depth += 1
        self.machine.scopes.append(values)
        try:
            for produced in self._ops(routine.body):
                self._count(produced)
                yield produced
        except Return:
            pass
        finally:
            self.machine.scopes.pop()
            self.depth -= 1

    def _invoke(self, routine: Routine, values: dict[str, nodes.Value]) -> nodes.Value:
        """A function's value; a procedure's lines joined."""
        line = self.machine.line
        if self.depth > 60:
            _refuse(line.span(), "SQ124", f"`{routine.name}` calls itself more than 60 deep here")
        self.depth += 1
        self.machine.scopes.append(values)
        try:
            if routine.value is not None:
                return self.machine.evaluate(routine.value)
            if routine.text is not None:
                return self.machine.substitute(Line(routine.text, line.places)).text
            rows = []
            for produced in self._ops(routine.body):
                self._count(produced)
                rows.append(produced.text)
            return "" if routine.is_function else "\n".join(rows)
        except Return as result:
            return result.value
        finally:
            self.machine.scopes.pop()
            self.depth -= 1

    # Directives

    def _directive(self, op: _Op) -> Iterator[Line]:
        machine, line = self.machine, op.line
        with machine.at(line):
            match op.node:
                case nodes.Assign() as assign:
                    machine.assign(assign)
                case nodes.Define(is_long=False) as define if define.parameters is None:
                    text = machine.substitute(Line(define.text, line.places)).text
                    machine.globals[define.name] = text
                case nodes.Define() as define:
                    text_or_none = None if define.is_long else define.text
                    parameters = tuple(nodes.Parameter(name) for name in define.parameters or ())
                    routine = Routine(define.name, parameters, op.body, True, not define.is_long, text=text_or_none)
                    machine.define(routine)
                case nodes.Routine() as written:
                    machine.define(
                        Routine(
                            written.name,
                            written.parameters,
                            op.body,
                            written.is_unquoted,
                            written.is_function,
                            written.is_final,
                            written.value,
                        )
                    )
                case nodes.Undefine(name):
                    machine.undefine(name)
                case nodes.Return(value):
                    if not machine.scopes:
                        _refuse(line.span(), "SQ120", "`!return` works only inside a function")
                    raise Return("" if value is None else machine.evaluate(value))
                case nodes.Exit():
                    raise _Exit
                case nodes.Assert(condition, text):
                    if not is_true(machine.evaluate(condition)):
                        said = machine.substitute(Line(text, line.places)).text
                        _refuse(line.span(), "SQ123", f"this `!assert` does not hold{': ' + said if said else ''}")
        match op.node:
            case nodes.If():
                yield from self._if(op)
            case nodes.While(condition):
                rounds = 0
                while self._holds(condition, line):
                    rounds += 1
                    if rounds > MOST_ROUNDS:
                        _refuse(line.span(), "SQ124", f"this `!while` has gone round {MOST_ROUNDS:,} times")
                    yield from self._ops(op.body)
            case nodes.ForEach(name, values):
                with machine.at(line):
                    members = machine.evaluate(values)
                for member in list(members) if isinstance(members, (list, dict)) else []:
                    machine.set(name, member)
                    yield from self._ops(op.body)
            case nodes.StartSub():
                yield from self._ops(op.body)
            case nodes.Include() | nodes.IncludeSub() as include:
                yield from self._include(op, include)

    def _holds(self, condition: nodes.Expression, line: Line) -> bool:
        with self.machine.at(line):
            return is_true(self.machine.evaluate(condition))

    def _if(self, op: _Op) -> Iterator[Line]:
        for branch in (op, *op.branches):
            node = branch.node
            if not isinstance(node, nodes.If):
                yield from self._ops(branch.body)
                return
            if node.is_defined is None:
                holds = self._holds(node.condition, branch.line)
            else:
                with self.machine.at(branch.line):
                    holds = self.machine.is_defined(node.condition) is node.is_defined
            if holds:
                yield from self._ops(branch.body)
                return

    # Files

    def _include(self, op: _Op, node: nodes.Include | nodes.IncludeSub) -> Iterator[Line]:
        line = op.line
        target = as_text(self.machine.substitute(Line(node.target, line.places)).text).strip()
        if target.startswith("<"):
            self.notes.append(
                Finding(
                    "SQ126",
                    f"the library `{target}` is not read",
                    line.span(),
                    severity="warning",
                    why="PlantUML's standard library is not part of seqtest",
                    do="what it defines must not be used, or must be written into a file of the project",
                )
            )
            yield Line(f"!include {target}", line.places, line.lead)
            return
        if target.startswith(("http://", "https://")):
            _refuse(
                line.span(),
                "SQ121",
                "nothing is fetched from a network",
                do="keep a copy beside the diagram and include that",
            )
        name, _, part = target.partition("!")
        if not name:
            source = line.places[0].source
        else:
            try:
                source = self.includes.read(name.strip(), line.places[0].source)
            except LookupError as failure:
                _refuse(line.span(), "SQ121", f"this file cannot be included: {failure.args[0]}")
            self.sources.append(source)
        if self.depth >= DEEPEST_INCLUDE:
            _refuse(line.span(), "SQ122", f"files are included more than {DEEPEST_INCLUDE} deep here")
        if isinstance(node, nodes.IncludeSub):
            lines = list(self._sub(source, part or name))
        else:
            lines = list(logical_lines(_part(source, part.strip())))
        self.depth += 1
        try:
            yield from self._ops(_nest(lines))
        finally:
            self.depth -= 1

    def _sub(self, source: Source, name: str) -> Iterator[Line]:
        wanted, inside = name.strip(), False
        for block in blocks(source):
            for line in logical_lines(block.lines):
                word = line.text.lower()
                if word.startswith("!startsub"):
                    inside = line.text[9:].strip() == wanted
                elif word.startswith("!endsub"):
                    inside = False
                elif inside:
                    yield line


def _part(source: Source, part: str) -> Sequence[Line]:
    """The block of a file that is meant: by its id or name, its number from 0, else the first."""
    found = blocks(source)
    for block in found:
        if part and part in (block.name, _id(block.name)):
            return block.lines
    if part.isdigit() and int(part) < len(found):
        return found[int(part)].lines
    return found[0].lines


def _id(name: str) -> str:
    """`FOO` of `(id=FOO)`."""
    return name.strip("()").partition("id=")[2].partition(",")[0].strip()


_OPENERS = (nodes.If, nodes.While, nodes.ForEach, nodes.Routine, nodes.StartSub, nodes.Define)
_ENDS = {
    nodes.If: "endif",
    nodes.While: "endwhile",
    nodes.ForEach: "endfor",
    nodes.StartSub: "endsub",
    nodes.Define: "enddefinelong",
}


def _end_of(node: nodes.Directive | None) -> str:
    if isinstance(node, nodes.Routine):
        return "endfunction" if node.is_function else "endprocedure"
    return _ENDS[type(node)]


def _nest(lines: Sequence[Line]) -> list[_Op]:
    """Lines put inside what holds them."""
    top: list[_Op] = []
    open_: list[_Op] = []
    target = top
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if not line.text.startswith("!") or line.text.startswith(KEPT):
            target.append(_Op(line))
            continue
        node, index = _read(lines, index - 1)
        if node is None:
            target.append(_Op(line))
            continue
        op = _Op(line, node)
        if isinstance(node, nodes.End):
            if not open_ or _end_of(open_[-1].node) != node.word:
                _refuse(line.span(), "SQ125", f"nothing is open that `!{node.word}` could close")
            open_.pop()
        elif isinstance(node, nodes.Else) or (isinstance(node, nodes.If) and node.is_else):
            if not open_ or not isinstance(open_[-1].node, nodes.If):
                _refuse(line.span(), "SQ125", "no `!if` is open here")
            open_[-1].branches.append(op)
            target = op.body
            continue
        else:
            target.append(op)
            if isinstance(node, _OPENERS) and _holds_lines(node):
                open_.append(op)
                if len(open_) > DEEPEST_NESTING:
                    _refuse(
                        line.span(),
                        "SQ124",
                        f"the preprocessor's lines are nested more than {DEEPEST_NESTING} deep here",
                    )
        target = _inside(open_[-1]) if open_ else top
    if open_:
        op = open_[-1]
        _refuse(
            op.line.span(),
            "SQ125",
            f"this `{op.line.text.split()[0]}` is never closed",
            label="opened here",
            expected=f"`!{_end_of(op.node)}`",
        )
    return top


def _inside(op: _Op) -> list[_Op]:
    return op.branches[-1].body if op.branches else op.body


def _holds_lines(node: nodes.Directive) -> bool:
    if isinstance(node, nodes.Routine):
        return node.value is None
    return not isinstance(node, nodes.Define) or node.is_long


def _read(lines: Sequence[Line], index: int) -> tuple[nodes.Directive | None, int]:
    """The directive on a line (for JSON, on several) and the index behind it; None for one that is not known."""
    from lark import UnexpectedInput

    line = lines[index]
    text = line.text
    for end in range(index + 1, min(index + 200, len(lines)) + 1):
        try:
            return read_directive(text), end
        except UnexpectedInput as failure:
            if end >= len(lines) or not _is_open(text):
                from seqtest.syntax.explain import explain_directive

                finding = explain_directive(line, failure)
                if finding is None:
                    return None, index + 1
                raise UnreadableDiagram(finding) from None
            text += " " + lines[end].text
    return None, index + 1


def _is_open(text: str) -> bool:
    return text.count("{") > text.count("}") or text.count("[") > text.count("]")


def _refuse(span: Span, code: str, message: str, *, label: str = "", expected: str = "", do: str = "") -> Never:
    raise UnreadableDiagram(Finding(code, message, span, label=label, expected=expected, do=do))
