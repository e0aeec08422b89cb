"""The preprocessor's values: whole numbers, strings and JSON."""

import json
import operator
import re
from collections.abc import Callable, Mapping

from seqtest.syntax.directives import Value


class Scalar(str):
    """A number, truth value or null taken out of JSON: no number to the operators, its text as written.

    `value` is what it was there.
    """

    __slots__ = ("value",)
    value: Value


def taken(value: Value) -> Value:
    """What a value inside JSON is outside."""
    if isinstance(value, (bool, int, float)) or value is None:
        scalar = Scalar(as_text(value))
        scalar.value = value
        return scalar
    return value


def put(value: Value) -> Value:
    """What a value is once it is put into JSON."""
    return value.value if isinstance(value, Scalar) else value


def str_to_json(text: str) -> Value:
    """The JSON value that a text is, as one that was taken out of it; the text itself where it is none."""
    if text[:1] not in '{["-tfn' and not text[:1].isdecimal():
        return text
    try:
        return taken(json.loads(text, strict=False, parse_constant=_no_json))
    except ValueError:
        return text


def _no_json(text: str) -> Value:
    raise ValueError(f"`{text}` is no JSON")


STEP = re.compile(r"\.([\w$]*)|\[([^\[\]]*)\]?")
"""One step into a JSON value: `.name` or `[0]`."""


def as_text(value: Value) -> str:
    """How a value stands in a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def as_number(value: Value) -> int:
    """The number of a value; 0 for a text, even one of digits."""
    return value if is_number(value) else 0


def is_true(value: Value) -> bool:
    return bool(value) if is_number(value) else as_text(value) != ""


def is_number(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def wrapped(number: int) -> int:
    """The number in 32 bits, as PlantUML counts."""
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)


def _numeric(work: Callable[[int, int], int], sign: str = "") -> Callable[[Value, Value], Value]:
    """What an operator does with two numbers; anything else becomes one text."""

    def operate(left: Value, right: Value) -> Value:
        if is_number(left) and is_number(right):
            return wrapped(work(left, right))
        return f"{as_text(left)}{sign}{as_text(right)}"

    return operate


def _compare(left: Value, right: Value) -> int:
    if is_number(left) and is_number(right):
        return int(left > right) - int(left < right)
    one, other = as_text(left), as_text(right)
    return int(one > other) - int(one < other)


def divided(dividend: int, divisor: int) -> int:
    """Whole division that cuts towards zero. Raises ValueError for a zero."""
    if divisor == 0:
        raise ValueError("a division by zero")
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


OPERATIONS: Mapping[str, Callable[[Value, Value], Value]] = {
    "+": _numeric(operator.add),
    "-": _numeric(operator.sub),
    "*": _numeric(operator.mul, "*"),
    "/": _numeric(divided, "/"),
    "==": lambda left, right: int(_compare(left, right) == 0),
    "!=": lambda left, right: int(_compare(left, right) != 0),
    "<": lambda left, right: int(_compare(left, right) < 0),
    ">": lambda left, right: int(_compare(left, right) > 0),
    "<=": lambda left, right: int(_compare(left, right) <= 0),
    ">=": lambda left, right: int(_compare(left, right) >= 0),
    "&&": lambda left, right: int(is_true(left) and is_true(right)),
    "||": lambda left, right: int(is_true(left) or is_true(right)),
}
"""What each operator does. There is no other way for a diagram to compute anything."""
