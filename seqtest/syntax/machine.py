"""What the preprocessor knows while it runs: variables, routines, and how a line's text changes by them."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Any, Never

from seqtest.dataclass import dataclass
from seqtest.errors import Finding, UnreadableDiagram, did_you_mean
from seqtest.source import Source
from seqtest.syntax import directives as nodes
from seqtest.syntax.calls import CALL, Words, closing, keep, raw_arguments
from seqtest.syntax.functions import BUILTINS
from seqtest.syntax.includes import FolderIncludes, Includes
from seqtest.syntax.reader import Unexpected
from seqtest.syntax.reading import read_arguments, read_expression
from seqtest.syntax.reflection import SPECIAL
from seqtest.syntax.tree import Line, Place
from seqtest.syntax.values import OPERATIONS, STEP, Scalar, as_text, str_to_json, taken

LONGEST_VALUE = 1_000_000
_NEITHER: nodes.Value = object()
"""What stands for a word that is neither a variable nor a call; `None` is JSON's null."""
_NAME = re.compile(r"[A-Za-z0-9.$_]+")


@dataclass(frozen=True, slots=True)
class Routine:
    """A procedure, a function, or a macro with parameters (`text`)."""

    name: str
    parameters: tuple[nodes.Parameter, ...]
    lines: Sequence[Line]
    is_unquoted: bool = False
    is_function: bool = False
    is_final: bool = False
    value: nodes.Expression | None = None
    text: str | None = None


@dataclass(slots=True)
class Machine:
    """Variables by scope, innermost last, and routines by name. `invoke` is the preprocessor's."""

    includes: Includes = field(default_factory=FolderIncludes)
    sources: list[Source] = field(default_factory=list)
    """The files that were read."""
    notes: list[Finding] = field(default_factory=list)
    """What should be said although the text can be read."""
    globals: dict[str, nodes.Value] = field(default_factory=dict)
    scopes: list[dict[str, nodes.Value]] = field(default_factory=list)
    routines: dict[str, Routine] = field(default_factory=dict)
    invoke: Callable[[Routine, dict[str, nodes.Value]], nodes.Value] = field(init=False)
    line: Line = field(init=False)
    _pattern: tuple[frozenset[str], re.Pattern[str] | None] = (frozenset(), None)

    @contextmanager
    def at(self, line: Line) -> Iterator[None]:
        """What goes wrong inside is told of this line."""
        before, self.line = self.line, line
        try:
            yield
        except (ValueError, OverflowError) as failure:
            self.refuse("SQ120", f"this cannot be worked out: {failure}")
        except RecursionError:
            self.refuse("SQ124", "this is nested too deep")
        finally:
            self.line = before

    def refuse(self, code: str, message: str, **more: Any) -> Never:
        raise UnreadableDiagram(Finding(code, message, self.line.span(), **more))

    def outside(self, name: str, value: nodes.Value) -> nodes.Value:
        """The fixed value of a function that would ask the world, and a warning that it is fixed."""
        self.notes.append(
            Finding(
                "SQ127",
                f"`{name}` gives nothing of the outside world here",
                self.line.span(),
                severity="warning",
                why="a drawing reads the same every time and everywhere",
                do="write the value itself",
            )
        )
        return value

    # Variables

    def get(self, name: str) -> nodes.Value:
        """The variable's value. Raises KeyError."""
        if self.scopes and name in self.scopes[-1]:
            return self.scopes[-1][name]
        return self.globals[name]

    def has(self, name: str) -> bool:
        return name in self.globals or bool(self.scopes and name in self.scopes[-1])

    def set(self, name: str, value: nodes.Value, scope: str = "") -> None:
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            self.refuse("SQ124", f"the value of `{name}` grows beyond {LONGEST_VALUE:,} characters")
        is_local = scope == "local" or (scope != "global" and self.scopes and name in self.scopes[-1])
        if scope == "local" and not self.scopes:
            self.refuse("SQ120", "`!local` works only inside a procedure or function")
        is_new = scope == "" and self.scopes and name not in self.globals
        (self.scopes[-1] if is_local or is_new else self.globals)[name] = value

    def assign(self, node: nodes.Assign) -> None:
        if not (node.only_new and self.has(node.name)):
            self.set(node.name, self.evaluate(node.value), node.scope)

    def undefine(self, name: str) -> None:
        self.globals.pop(name, None)
        self.routines.pop(name, None)

    def define(self, routine: Routine) -> None:
        old = self.routines.get(routine.name)
        if old is not None and old.is_final:
            self.refuse("SQ120", f"`{routine.name}` is final and cannot be defined again")
        self.routines[routine.name] = routine

    def is_defined(self, asked: nodes.Defined) -> bool:
        """`!ifdef`'s question."""
        match asked:
            case nodes.Named(name):
                return self.has(name) or name in self.routines
            case nodes.Denied(value):
                return not self.is_defined(value)
            case nodes.Joined(values, is_all):
                return (all if is_all else any)(map(self.is_defined, values))

    # Values

    def evaluate(self, expression: nodes.Expression) -> nodes.Value:
        """The expression's value. Only the operations and functions of this language can be reached."""
        stack: list[nodes.Value] = []
        for item in expression:
            match item:
                case nodes.Literal(value):
                    if isinstance(value, (int, float)) and abs(value) >= 1 << 31:
                        self.refuse("SQ120", "a number has at most 31 bits")
                    stack.append(value)
                case nodes.Plain(text):
                    stack.append(self._plain(text))
                case nodes.Call(name, arguments):
                    stack.append(self.call(name, arguments))
                case operator:
                    right, left = stack.pop(), stack.pop()
                    stack.append(self._bounded(OPERATIONS[operator](left, right)))
        return stack[-1]

    def _plain(self, text: str) -> nodes.Value:
        """A word without quotes: a place in a JSON value, a variable, or the word itself."""
        if "." in text or "[" in text:
            return str_to_json(self.text(text))
        if self.has(text):
            return self.get(text)
        if not _NAME.fullmatch(text):
            self.refuse(
                "SQ120", f"`{text}` is no value", do=f'write `"{text}"` for a text; JSON stands behind `=`, alone'
            )
        return text

    def _bounded(self, value: nodes.Value) -> nodes.Value:
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            self.refuse("SQ124", f"a value grows beyond {LONGEST_VALUE:,} characters here")
        return value

    def call(self, name: str, arguments: str) -> nodes.Value:
        """The value of a call; the call's own text when nobody has that name."""
        routine = self.routines.get(name)
        if routine is not None:
            return self.invoke(routine, self.bind(routine, arguments))
        special = SPECIAL.get(name)
        if special is None and name not in BUILTINS:
            known = [*self.routines, *BUILTINS, *SPECIAL]
            self.refuse("SQ120", f"there is no function `{name}`", do=did_you_mean(name, known))
        values = [self.evaluate(argument.value) for argument in self._arguments(arguments)]
        try:
            return self._bounded(special(self, *values) if special is not None else BUILTINS[name](*values))
        except TypeError:
            self.refuse("SQ120", f"`{name}` does not take {len(values)} arguments of this kind")

    def _arguments(self, text: str) -> tuple[nodes.Argument, ...]:
        try:
            return read_arguments(text.strip())
        except Unexpected:
            self.refuse(
                "SQ120", f"these arguments cannot be read: `{text[:60]}`", do='write texts in quotes: `$call("text")`'
            )

    def bind(self, routine: Routine, text: str) -> dict[str, nodes.Value]:
        """The values of a routine's parameters."""
        given: list[tuple[str | None, nodes.Value]]
        if routine.is_unquoted:
            given = [(name, self.text(value)) for name, value in raw_arguments(text)]
        else:
            given = [(argument.name, self.evaluate(argument.value)) for argument in self._arguments(text)]
        names = [parameter.name for parameter in routine.parameters]
        values: dict[str, nodes.Value] = {}
        position = 0
        for name, value in given:
            if name is not None and name in names:
                values[name] = value
                continue
            if name is not None and not routine.is_unquoted:
                self.refuse("SQ120", f"`{routine.name}` has no parameter `{name}`", do=did_you_mean(name, names))
            if position >= len(names):
                self.refuse("SQ120", f"`{routine.name}` takes {len(names)} arguments, not {len(given)}")
            values[names[position]] = value if name is None else f"{name}={value}"
            position += 1
        for parameter in routine.parameters:
            if parameter.name in values:
                continue
            if parameter.default is None:
                if routine.is_unquoted and routine.text is not None and not given:
                    values[parameter.name] = ""
                    continue
                self.refuse("SQ120", f"`{routine.name}` needs a value for `{parameter.name}`")
            values[parameter.name] = self.evaluate(parameter.default)
        return values

    # Texts

    def may_change(self, text: str) -> bool:
        """Whether a line could hold a variable or a call: cheap, and never wrongly False."""
        return bool(self.globals or self.routines or self.scopes or "%" in text)

    def text(self, text: str) -> str:
        return self.substitute(Line(text, self.line.places)).text

    def procedure_call(self, line: Line) -> tuple[Routine, str, str] | None:
        """The procedure that the line calls, its arguments' text and what follows; None when it calls none."""
        match = CALL.match(line.text)
        if match is None:
            return None
        name = match[0][:-1]
        routine = self.routines.get(name)
        if routine is None and name == "%invoke_procedure":
            end = closing(line.text, match.end())
            if end is not None:
                first, _, rest = line.text[match.end() : end].partition(",")
                routine = self.routines.get(as_text(self.evaluate(read_expression(first.strip()))))
                return None if routine is None else (routine, rest, line.text[end + 1 :])
        if routine is None or routine.is_function:
            return None
        end = closing(line.text, match.end())
        return None if end is None else (routine, line.text[match.end() : end], line.text[end + 1 :])

    def _names(self) -> re.Pattern[str] | None:
        names = frozenset(self.globals).union(self.scopes[-1] if self.scopes else ())
        if names != self._pattern[0]:
            words = sorted(map(re.escape, names), key=len, reverse=True)
            pattern = re.compile(rf"(?:(?<!\w)|(?=\$))(?:{'|'.join(words)})(?!\w)(?:##)?") if words else None
            self._pattern = names, pattern
        return self._pattern[1]

    def substitute(self, line: Line) -> Line:
        """The line with its variables and calls put in."""
        text = line.text
        names = self._names()
        calls = CALL if self.routines or "%" in text else None
        if names is None and calls is None:
            return line
        candidates = Words(text, names, calls)
        out: list[str] = []
        places: list[Place] = []
        length = at = 0
        changed = False
        while at < len(text):
            found = candidates.next(at)
            if found is None:
                break
            start, end, value = self._value_at(text, *found)
            if value is _NEITHER:
                end = max(end, start + 1)
                keep(out, places, line, length, at, end)
                length += end - at
                at = end
                continue
            if start > at:
                begin = start - 2 if text[at:start].endswith("##") else start
                keep(out, places, line, length, at, begin)
                length += begin - at
            changed = True
            shown = as_text(value)
            origin = line.place(start)
            column = origin.column if origin.is_fixed else origin.column + start - origin.offset
            places.append(Place(length, origin.source, origin.line, column, is_fixed=True))
            out.append(shown)
            length += len(shown)
            if length > LONGEST_VALUE:
                self.refuse("SQ124", f"this line grows beyond {LONGEST_VALUE:,} characters")
            at = end
        if not changed:
            return line
        if at < len(text):
            keep(out, places, line, length, at, len(text))
        whole = "".join(out)
        return Line(whole, tuple(places) or line.places, line.lead)

    def _value_at(self, text: str, start: int, end: int, name: str) -> tuple[int, int, nodes.Value]:
        """Where the variable or call at `start` ends, and its value; `_NEITHER` when it is neither."""
        if name.endswith("("):
            word = name[:-1].rstrip()
            if word not in self.routines and word not in BUILTINS and word not in SPECIAL:
                # `%Echo("x")` may still hold a call of `Echo`.
                return start, start + 1 if word[0] in "%$" else start + len(word), _NEITHER
            close = closing(text, end)
            if close is None:
                self.refuse("SQ120", f"this call of `{word}` is never closed", do="write `)` behind its last argument")
            value, end = self.call(word, text[end:close]), close + 1
        else:
            word = name.removesuffix("##")
            value = self.get(word)
            if isinstance(value, Scalar) and (value.value is None or isinstance(value.value, bool)):
                self.refuse("SQ120", f"`{word}` is JSON's `{value}`, which cannot stand in a text")
        if isinstance(value, (dict, list)) and not name.endswith("##"):
            value, end = self._place_in(value, text, end)
        return start, end, value

    def _place_in(self, value: nodes.Value, text: str, at: int) -> tuple[nodes.Value, int]:
        """What the steps behind a JSON value lead to (`.a[0]`), and where they end."""
        begin = at
        while step := STEP.match(text, at):
            at = step.end()
            if step[1] is not None and isinstance(value, dict):
                value = value.get(step[1], "")
                continue
            index = self.text(step[2] or "") if step[1] is None else ""
            if isinstance(value, list) and index.isdecimal() and int(index[:9]) < len(value):
                value = value[int(index[:9])]
            elif isinstance(value, dict) and index in value and step[1] is None:
                value = value[index]
            else:
                self.refuse(
                    "SQ120",
                    f"`{step[0]}` leads nowhere: what stands before it is `{as_text(value)[:40]}`",
                    do="write `##` before a dot or bracket that is meant as text",
                )
        if at > begin and text.startswith("##", at):
            at += 2
        return taken(value) if at > begin else value, at
