"""The preprocessor: logical lines in, logical lines out, each still knowing where it was written.

A block's lines are first nested (nesting.py: what an `!if` or a loop holds), then run in order. Text lines
have their variables and calls put in (machine.py); what then stands there belongs to the place of the variable or call.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from seqtest.dataclass import dataclass, replace
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Source
from seqtest.syntax import directives as nodes
from seqtest.syntax.functions import BREAKLINE
from seqtest.syntax.includes import FolderIncludes, Includes
from seqtest.syntax.lines import blocks, cut, logical_lines
from seqtest.syntax.machine import Machine, Routine
from seqtest.syntax.nesting import Op, nest, refuse
from seqtest.syntax.tree import Line
from seqtest.syntax.values import as_text, is_true, taken

MOST_LINES = 50_000
MOST_STEPS = 100_000
"""Lines that are followed, those of loops and procedures as often as they are."""
MOST_CHARACTERS = 8_000_000
LONG = 500
MOST_LONG = 800_000
"""Characters of lines beyond `LONG` that are followed again, in loops and procedures."""
MOST_ROUNDS = 1_000
DEEPEST_INCLUDE = 30


class Return(Exception):  # no error: the way out of a function's body
    """A function's `!return`."""

    def __init__(self, value: nodes.Value) -> None:
        self.value = value


class _Exit(Exception):  # no error: the way out of the whole block
    """`!exit`."""


def _counted(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, those that were written once and drawn several times told apart."""
    drawn: dict[tuple[str, int], int] = {}
    for line in lines:
        written = line.places[0].source.path, line.places[0].line
        count = drawn[written] = drawn.get(written, -1) + 1
        yield replace(line, call=count) if count else line


@dataclass(slots=True)
class Preprocessor:
    """One diagram's run. `sources` are the files that were read into it."""

    includes: Includes = field(default_factory=FolderIncludes)
    machine: Machine = field(init=False)
    depth: int = 0
    count: int = 0
    steps: int = 0
    size: int = 0
    long: int = 0
    bodies: dict[int, tuple[Sequence[Line], list[Op]]] = field(default_factory=dict)
    """What each routine that was called holds, by the identity of its lines; these are kept, so that none is reused."""

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
            for line in self._ops(nest(lines, self.notes)):
                self._count(line)
                out.append(line)
        except _Exit:
            pass
        except RecursionError:
            refuse(self.machine.line.span(), "SQ124", "procedures and choices are nested too deep here")
        except UnreadableDiagram as refused:
            raise _with_its_cause(refused, lines) from None
        return list(_counted(out))

    def _count(self, line: Line) -> None:
        self.count += 1
        self.size += len(line.text)
        if self.count > MOST_LINES or self.size > MOST_CHARACTERS:
            refuse(
                line.span(),
                "SQ124",
                f"this diagram grows beyond {MOST_LINES:,} lines or {MOST_CHARACTERS:,} characters",
            )

    def _ops(self, ops: Iterable[Op]) -> Iterator[Line]:
        for op in ops:
            self.steps += 1
            if self.steps > MOST_STEPS:
                refuse(op.line.span(), "SQ124", f"the preprocessor has followed {MOST_STEPS:,} lines")
            if len(op.line.text) > LONG:
                self.long += op.is_again * (len(op.line.text) - LONG)
                op.is_again = True
                if self.long > MOST_LONG:
                    refuse(op.line.span(), "SQ124", "this long line is followed too often")
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
            refuse(line.span(), "SQ124", f"`{routine.name}` calls itself more than 60 deep here")
        self.depth += 1
        self.machine.scopes.append(values)
        try:
            for produced in self._ops(self._nested(routine)):
                self._count(produced)
                yield produced
        except Return:
            pass
        finally:
            self.machine.scopes.pop()
            self.depth -= 1

    def _nested(self, routine: Routine) -> list[Op]:
        key = id(routine.lines)
        if key not in self.bodies:
            self.bodies[key] = routine.lines, nest(routine.lines, self.notes)
        return self.bodies[key][1]

    def _invoke(self, routine: Routine, values: dict[str, nodes.Value]) -> nodes.Value:
        """A function's value; a procedure's lines joined."""
        line = self.machine.line
        if self.depth > 60:
            refuse(line.span(), "SQ124", f"`{routine.name}` calls itself more than 60 deep here")
        self.depth += 1
        self.machine.scopes.append(values)
        try:
            if routine.value is not None:
                with self.machine.at(routine.lines[0]):
                    return self.machine.evaluate(routine.value)
            if routine.text is not None:
                return self.machine.substitute(Line(routine.text, line.places)).text
            rows = []
            for produced in self._ops(self._nested(routine)):
                self._count(produced)
                rows.append(produced.text)
            return "" if routine.is_function else "\n".join(rows)
        except Return as result:
            return result.value
        finally:
            self.machine.scopes.pop()
            self.depth -= 1

    # Directives

    def _directive(self, op: Op) -> Iterator[Line]:
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
                    routine = Routine(
                        define.name, define.parameters or (), op.lines, True, not define.is_long, text=text_or_none
                    )
                    machine.define(routine)
                case nodes.Routine() as written:
                    machine.define(
                        Routine(
                            written.name,
                            written.parameters,
                            op.lines if written.value is None else (line,),
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
                        refuse(line.span(), "SQ120", "`!return` works only inside a function")
                    raise Return("" if value is None else machine.evaluate(value))
                case nodes.Exit():
                    raise _Exit
                case nodes.Assert(condition, text):
                    if not is_true(machine.evaluate(condition)):
                        said = machine.substitute(Line(text, line.places)).text
                        refuse(line.span(), "SQ123", f"this `!assert` does not hold{': ' + said if said else ''}")
        match op.node:
            case nodes.If():
                yield from self._if(op)
            case nodes.While(condition):
                rounds = 0
                while self._holds(condition, line):
                    rounds += 1
                    if rounds > MOST_ROUNDS:
                        refuse(line.span(), "SQ124", f"this `!while` has gone round {MOST_ROUNDS:,} times")
                    yield from self._ops(op.body)
                    if not op.is_closed:
                        break
            case nodes.ForEach(name, values):
                with machine.at(line):
                    members = machine.evaluate(values)
                for member in list(members) if isinstance(members, (list, dict)) else []:
                    machine.set(name, taken(member))
                    yield from self._ops(op.body)
                    if not op.is_closed:
                        break
            case nodes.Include() | nodes.IncludeSub() as include:
                yield from self._include(op, include)

    def _holds(self, condition: nodes.Expression, line: Line) -> bool:
        with self.machine.at(line):
            return is_true(self.machine.evaluate(condition))

    def _if(self, op: Op) -> Iterator[Line]:
        """The branch that holds. What stands behind an `!else` is asked again, as PlantUML does."""
        is_done = False
        for branch in (op, *op.branches):
            if is_done:
                continue
            if not isinstance(branch.node, nodes.If):
                yield from self._ops(branch.body)
            elif self._is_so(branch.node, branch.line):
                yield from self._ops(branch.body)
                is_done = True

    def _is_so(self, node: nodes.If, line: Line) -> bool:
        if node.defined is None:
            return self._holds(node.condition, line)
        return self.machine.is_defined(node.defined) is node.is_defined

    # Files

    def _include(self, op: Op, node: nodes.Include | nodes.IncludeSub) -> Iterator[Line]:
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
            refuse(
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
                refuse(
                    line.span(),
                    "SQ121",
                    f"this file cannot be included: {failure.args[0]}",
                    do="correct its path, which begins at the folder of the file that includes it",
                )
            self.sources.append(source)
        if self.depth >= DEEPEST_INCLUDE:
            refuse(line.span(), "SQ122", f"files are included more than {DEEPEST_INCLUDE} deep here")
        if isinstance(node, nodes.IncludeSub):
            lines = list(self._sub(source, part or name))
        else:
            lines = list(logical_lines(_part(source, part.strip())))
        self.depth += 1
        try:
            yield from self._ops(nest(lines, self.notes))
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


def _with_its_cause(refused: UnreadableDiagram, lines: Sequence[Line]) -> UnreadableDiagram:
    """A misspelt directive above is why an end or a `!return` below it has nothing to belong to."""
    from seqtest.syntax.explain_directive import unknown_directive

    span = refused.finding.span
    if refused.finding.code not in ("SQ120", "SQ125") or span is None:
        return refused
    for line in lines:
        if line.places[0].source is not span.source or line.number >= span.line:
            break
        wrong = unknown_directive(line)
        if wrong is not None:
            return UnreadableDiagram(wrong, *refused.findings)
    return refused


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
