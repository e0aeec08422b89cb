"""What the preprocessor knows while it runs: variables, routines, and how a line's text changes by them."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Never

from seqtest.errors import Finding, UnreadableDiagram, did_you_mean
from seqtest.source import Source
from seqtest.syntax import directives as nodes
from seqtest.syntax.functions import BUILTINS
from seqtest.syntax.includes import FolderIncludes, Includes
from seqtest.syntax.reading import read_arguments, read_expression
from seqtest.syntax.tree import Line, Place
from seqtest.syntax.values import OPERATIONS, as_number, as_text, is_true, take

if TYPE_CHECKING:
    from seqtest.syntax.preprocess import _Op

LONGEST_VALUE = 1_000_000
_CALL = re.compile(r"[%$]?[A-Za-z_]\w*\s*\(")
_STEPS = re.compile(r"(?:\.[A-Za-z_]\w*|\[[^\[\]]*\])+")


@dataclass(frozen=True, slots=True)
class Routine:
    """A procedure, a function, or a macro with parameters (`text`)."""

    name: str
    parameters: tuple[nodes.Parameter, ...]
    body: "list[_Op]"
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
        self.line = line
        try:
            yield
        except (ValueError, OverflowError) as failure:
            self.refuse("SQ120", f"this cannot be worked out: {failure}")
        except RecursionError:
            self.refuse("SQ124", "this is nested too deep")
        finally:
            self.line = line

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

    def is_defined(self, condition: nodes.Expression) -> bool:
        """`!ifdef`'s question: names joined by `&&`, `||` and `!`."""
        match condition:
            case nodes.Variable(name):
                return self.has(name) or name in self.routines
            case nodes.Call(name):
                return name in self.routines
            case nodes.Negated(value):
                return not self.is_defined(value)
            case nodes.Operation("&&", left, right):
                return self.is_defined(left) and self.is_defined(right)
            case nodes.Operation(_, left, right):
                return self.is_defined(left) or self.is_defined(right)
        return False

    # Values

    def evaluate(self, expression: nodes.Expression) -> nodes.Value:
        """The expression's value. Only the operations and functions of this language can be reached."""
        match expression:
            case nodes.Literal(value):
                return value
            case nodes.Variable(name, steps):
                if not self.has(name):
                    return name
                return self._follow(self.get(name), steps)
            case nodes.Call(name, arguments, steps):
                return self._follow(self.call(name, arguments), steps)
            case nodes.Negated(value, is_logical):
                result = self.evaluate(value)
                return int(not is_true(result)) if is_logical else -as_number(result)
            case nodes.Operation("&&", left, right):
                return int(is_true(self.evaluate(left)) and is_true(self.evaluate(right)))
            case nodes.Operation("||", left, right):
                return int(is_true(self.evaluate(left)) or is_true(self.evaluate(right)))
            case nodes.Operation(operator, left, right):
                return self._bounded(OPERATIONS[operator](self.evaluate(left), self.evaluate(right)))
            case nodes.Composed(values, None):
                return [self.evaluate(value) for value in values]
            case nodes.Composed(values, keys):
                return dict(zip(keys or (), map(self.evaluate, values), strict=True))
        raise AssertionError(expression)

    def _bounded(self, value: nodes.Value) -> nodes.Value:
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            self.refuse("SQ124", f"a value grows beyond {LONGEST_VALUE:,} characters here")
        if isinstance(value, int) and abs(value) > 1 << 63:
            self.refuse("SQ124", "a number grows beyond 64 bits here")
        return value

    def _follow(self, value: nodes.Value, steps: tuple[str | nodes.Expression, ...]) -> nodes.Value:
        for step in steps:
            value = take(value, step if isinstance(step, str) else self.evaluate(step))
        return value

    def call(self, name: str, arguments: str) -> nodes.Value:
        """The value of a call; the call's own text when nobody has that name."""
        routine = self.routines.get(name)
        if routine is not None:
            return self.invoke(routine, self.bind(routine, arguments))
        special = SPECIAL.get(name)
        if special is None and name not in BUILTINS:
            return f"{name}({arguments})"
        values = [self.evaluate(argument.value) for argument in self._arguments(arguments)]
        try:
            return self._bounded(special(self, *values) if special is not None else BUILTINS[name](*values))
        except TypeError:
            self.refuse("SQ120", f"`{name}` does not take {len(values)} arguments of this kind")

    def _arguments(self, text: str) -> tuple[nodes.Argument, ...]:
        from lark import UnexpectedInput

        try:
            return read_arguments(text.strip())
        except UnexpectedInput:
            self.refuse(
                "SQ120", f"these arguments cannot be read: `{text[:60]}`", do='write texts in quotes: `$call("text")`'
            )

    def bind(self, routine: Routine, text: str) -> dict[str, nodes.Value]:
        """The values of a routine's parameters."""
        given: list[tuple[str | None, nodes.Value]]
        if routine.is_unquoted:
            given = [_named(self.text(part.strip())) for part in split_arguments(text)]
        else:
            given = [(argument.name, self.evaluate(argument.value)) for argument in self._arguments(text)]
        names = [parameter.name for parameter in routine.parameters]
        values: dict[str, nodes.Value] = {}
        position = 0
        for name, value in given:
            if name is not None and (name in names or not routine.is_unquoted):
                values[name] = value
                continue
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
        match = _CALL.match(line.text)
        if match is None:
            return None
        name = match[0][:-1].rstrip()
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
            pattern = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)(?:##)?") if words else None
            self._pattern = names, pattern
        return self._pattern[1]

    def substitute(self, line: Line) -> Line:
        """The line with its variables and calls put in."""
        text = line.text
        names = self._names()
        calls = _CALL if self.routines or "%" in text else None
        if names is None and calls is None:
            return line
        candidates = _Words(text, names, calls)
        out: list[str] = []
        places: list[Place] = []
        length = at = 0
        changed = False
        while at < len(text):
            found = candidates.next(at)
            if found is None:
                break
            start, end, value = self._value_at(text, *found)
            if value is None:
                end = max(end, start + 1)
                _keep(out, places, line, length, at, end)
                length += end - at
                at = end
                continue
            if start > at:
                begin = start - 2 if text[at:start].endswith("##") else start
                _keep(out, places, line, length, at, begin)
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
            _keep(out, places, line, length, at, len(text))
        whole = "".join(out)
        return Line(whole, tuple(places) or line.places, line.lead)

    def _value_at(self, text: str, start: int, end: int, name: str) -> tuple[int, int, nodes.Value]:
        """Where the variable or call at `start` ends, and its value; None when it is neither."""
        if name.endswith("("):
            word = name[:-1].rstrip()
            if word not in self.routines and word not in BUILTINS and word not in SPECIAL:
                # `%Echo("x")` may still hold a call of `Echo`.
                return start, start + 1 if word[0] in "%$" else start + len(word), None
            close = closing(text, end)
            if close is None:
                return start, end, None
            value, end = self.call(word, text[end:close]), close + 1
        else:
            word = name.removesuffix("##")
            value = self.get(word)
        if isinstance(value, (dict, list)):
            steps = _STEPS.match(text, end)
            if steps:
                expression = read_expression("x" + steps[0])
                if isinstance(expression, nodes.Variable):
                    value, end = self._follow(value, expression.steps), steps.end()
        return start, end, value


@dataclass(slots=True)
class _Words:
    """The words of a text that may be variables or calls, from left to right, each part searched once."""

    text: str
    names: re.Pattern[str] | None
    calls: re.Pattern[str] | None
    variable: re.Match[str] | None = None
    call: re.Match[str] | None = None

    def __post_init__(self) -> None:
        self.variable = self.names.search(self.text) if self.names else None
        self.call = self.calls.search(self.text) if self.calls else None

    def next(self, at: int) -> tuple[int, int, str] | None:
        """The first such word from `at` on: its start, its end and itself. `at` never goes back."""
        if self.variable is not None and self.names is not None and self.variable.start() < at:
            self.variable = self.names.search(self.text, at)
        if self.call is not None and self.calls is not None and self.call.start() < at:
            self.call = self.calls.search(self.text, at)
        found = self.variable
        if self.call is not None and (found is None or self.call.start() <= found.start()):
            found = self.call
        return None if found is None else (found.start(), found.end(), found[0])


def _keep(out: list[str], places: list[Place], line: Line, length: int, start: int, end: int) -> None:
    if end <= start:
        return
    origin = line.place(start)
    column = origin.column if origin.is_fixed else origin.column + start - origin.offset
    places.append(Place(length, origin.source, origin.line, column, origin.is_fixed))
    places.extend(
        Place(length + place.offset - start, place.source, place.line, place.column, place.is_fixed)
        for place in line.places
        if start < place.offset < end
    )
    out.append(line.text[start:end])


def closing(text: str, at: int) -> int | None:
    """The index of the `)` that closes a call whose arguments begin at `at`."""
    return _parentheses(text).get(at - 1)


@lru_cache(maxsize=64)
def _parentheses(text: str) -> dict[int, int]:
    """Each `(` with its `)`. Inside parentheses a quoted text holds none; one pass, however many are never closed."""
    pairs: dict[int, int] = {}
    open_: list[int] = []
    index = 0
    while index < len(text):
        char = text[index]
        if char == "(":
            open_.append(index)
        elif char == ")" and open_:
            pairs[open_.pop()] = index
        elif open_ and (char == '"' or (char == "'" and text[index - 1] in "(, =")):
            end = text.find(char, index + 1)
            index = end if end >= 0 else index
        index += 1
    return pairs


def split_arguments(text: str) -> list[str]:
    """Raw arguments: cut at the commas outside parentheses and quotes."""
    if not text.strip():
        return []
    parts, depth, begin, quoted = [], 0, 0, False
    for index, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth <= 0:
            parts.append(text[begin:index])
            begin = index + 1
    return [*parts, text[begin:]]


def _named(text: str) -> tuple[str | None, nodes.Value]:
    """`$b = text` as a named raw argument."""
    match = re.match(r"(\$\w+)\s*=(?!=)\s*(.*)", text)
    return (match[1], match[2]) if match else (None, text)


def _call_user_func(machine: Machine, name: nodes.Value, *values: nodes.Value) -> nodes.Value:
    routine = machine.routines.get(as_text(name))
    if routine is None:
        machine.refuse(
            "SQ120", f"there is no function `{as_text(name)}`", do=did_you_mean(as_text(name), list(machine.routines))
        )
    names = [parameter.name for parameter in routine.parameters]
    if len(values) > len(names):
        machine.refuse("SQ120", f"`{routine.name}` takes {len(names)} arguments, not {len(values)}")
    bound = dict(zip(names, values, strict=False))
    for parameter in routine.parameters[len(values) :]:
        if parameter.default is None:
            machine.refuse("SQ120", f"`{routine.name}` needs a value for `{parameter.name}`")
        bound[parameter.name] = machine.evaluate(parameter.default)
    return machine.invoke(routine, bound)


def _eval(machine: Machine, text: nodes.Value) -> nodes.Value:
    from lark import UnexpectedInput

    try:
        return machine.evaluate(read_expression(as_text(text)))
    except UnexpectedInput:
        machine.refuse("SQ120", f"this is no expression: `{as_text(text)[:60]}`")


def _set_variable(machine: Machine, name: nodes.Value, value: nodes.Value, scope: nodes.Value = "") -> str:
    machine.set(as_text(name), value, as_text(scope))
    return ""


def _file_name(machine: Machine) -> str:
    return machine.line.places[0].source.path.replace("\\", "/").rpartition("/")[2]


def _file_exists(machine: Machine, name: nodes.Value) -> int:
    try:
        machine.includes.read(as_text(name), machine.line.places[0].source)
    except LookupError:
        return 0
    return 1


def _load_json(machine: Machine, name: nodes.Value, default: nodes.Value = None, *_: nodes.Value) -> nodes.Value:
    try:
        source = machine.includes.read(as_text(name), machine.line.places[0].source)
    except LookupError as failure:
        if default is not None:
            return default
        machine.refuse("SQ121", f"this file cannot be read: {failure.args[0]}")
    machine.sources.append(source)
    try:
        return json.loads(source.text)
    except ValueError as failure:
        machine.refuse("SQ120", f"`{as_text(name)}` holds no JSON: {failure}")


SPECIAL: dict[str, Callable[..., nodes.Value]] = {
    "%variable_exists": lambda machine, name: int(machine.has(as_text(name))),
    "%get_variable_value": lambda machine, name: machine.get(as_text(name)) if machine.has(as_text(name)) else "",
    "%set_variable_value": _set_variable,
    "%function_exists": lambda machine, name: int(as_text(name) in machine.routines or as_text(name) in BUILTINS),
    "%call_user_func": _call_user_func,
    "%invoke_procedure": _call_user_func,
    "%retrieve_procedure": _call_user_func,
    "%eval": _eval,
    "%filename": _file_name,
    "%filename_no_extension": lambda machine: _file_name(machine).rpartition(".")[0] or _file_name(machine),
    "%dirpath": lambda machine: machine.line.places[0].source.path.replace("\\", "/").rpartition("/")[0],
    "%file_exists": _file_exists,
    "%load_json": _load_json,
    "%filedate": lambda machine, *format: machine.outside("%filedate", ""),
    "%getenv": lambda machine, name: machine.outside("%getenv", ""),
    "%date": lambda machine, *format: machine.outside("%date", ""),
    "%now": lambda machine: machine.outside("%now", 0),
    "%random": lambda machine, *bounds: machine.outside("%random", 0),
}
"""Functions that ask the machine. Those that would ask the world (environment, time, chance) give fixed values and a
warning: a drawing reads the same every time, and nothing of the computer it is read on gets into it."""
