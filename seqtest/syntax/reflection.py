"""The preprocessor's built-in functions that ask the machine itself, or would ask the world."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from seqtest.errors import Finding, did_you_mean
from seqtest.syntax.dates import DEFAULT, moment
from seqtest.syntax.directives import Value
from seqtest.syntax.functions import BUILTINS
from seqtest.syntax.reader import Unexpected
from seqtest.syntax.reading import read_expression
from seqtest.syntax.values import as_number, as_text

if TYPE_CHECKING:
    from seqtest.syntax.machine import Machine


def _call_user_func(machine: "Machine", name: Value, *values: Value) -> Value:
    routine = machine.routines.get(as_text(name))
    if routine is None and as_text(name) in BUILTINS:
        return BUILTINS[as_text(name)](*values)
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


def _eval(machine: "Machine", text: Value) -> Value:
    try:
        return machine.evaluate(read_expression(as_text(text)))
    except Unexpected:
        machine.refuse("SQ120", f"this is no expression: `{as_text(text)[:60]}`")


def _set_variable(machine: "Machine", name: Value, value: Value, scope: Value = "") -> str:
    machine.set(as_text(name), value, as_text(scope))
    return ""


def _file_name(machine: "Machine") -> str:
    return machine.line.places[0].source.path.replace("\\", "/").rpartition("/")[2]


def _file_exists(machine: "Machine", name: Value) -> int:
    try:
        machine.includes.read(as_text(name), machine.line.places[0].source)
    except LookupError:
        return 0
    return 1


def _date(machine: "Machine", pattern: Value = DEFAULT, seconds: Value = None) -> Value:
    """The moment that is given; that of the run would be another at each."""
    given = moment(as_number(seconds), as_text(pattern))
    return given if seconds is not None else machine.outside("%date", "")


def _load_json(machine: "Machine", name: Value, default: Value = None, *_: Value) -> Value:
    """What the file holds; where there is none the default, else an empty object, as PlantUML has it."""
    try:
        source = machine.includes.read(as_text(name), machine.line.places[0].source)
    except LookupError as failure:
        if default is None:
            machine.notes.append(
                Finding(
                    "SQ121",
                    f"this file cannot be read: {failure.args[0]}",
                    machine.line.span(),
                    severity="warning",
                    why="`%load_json` gives an empty object then",
                    do="name a file of the project, or a second argument as what counts without it",
                )
            )
            return {}
        return default
    machine.sources.append(source)
    try:
        return json.loads(source.text)
    except ValueError as failure:
        machine.refuse("SQ120", f"`{as_text(name)}` holds no JSON: {failure}")


SPECIAL: dict[str, Callable[..., Value]] = {
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
    "%date": _date,
    "%now": lambda machine: machine.outside("%now", 0),
    "%random": lambda machine, *bounds: machine.outside("%random", 0),
}
"""Functions that ask the machine. Those that would ask the world (environment, time, chance) give fixed values and a
warning: a drawing reads the same every time, and nothing of the computer it is read on gets into it."""
