"""The preprocessor's values: whole numbers, strings and JSON."""

import json
from collections.abc import Callable, Mapping

from seqtest.syntax.directives import Value


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
    """The whole number of a value; 0 when it has none."""
    if isinstance(value, (bool, int, float)):
        return int(value)
    try:
        return int(str(value).strip())
    except ValueError:
        return 0


def is_true(value: Value) -> bool:
    return bool(value) if not isinstance(value, str) else value != ""


def is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _plus(left: Value, right: Value) -> Value:
    if is_number(left) and is_number(right):
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    return as_text(left) + as_text(right)


def _compare(left: Value, right: Value) -> int:
    if is_number(left) and is_number(right):
        return int(left > right) - int(left < right)
    one, other = as_text(left), as_text(right)
    return int(one > other) - int(one < other)


def _divide(left: Value, right: Value) -> int:
    """Whole division that cuts towards zero. Raises ValueError for a zero."""
    dividend, divisor = as_number(left), as_number(right)
    if divisor == 0:
        raise ValueError("a division by zero")
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


OPERATIONS: Mapping[str, Callable[[Value, Value], Value]] = {
    "+": _plus,
    "-": lambda left, right: as_number(left) - as_number(right),
    "*": lambda left, right: as_number(left) * as_number(right),
    "/": _divide,
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


def take(value: Value, step: Value) -> Value:
    """The member or element of a JSON value; an empty string when it has none."""
    if isinstance(value, dict):
        return value.get(as_text(step), "")
    if isinstance(value, list):
        index = as_number(step)
        return value[index] if 0 <= index < len(value) else ""
    return ""
