"""Plain values as bytes and back: frozen dataclasses of seqtest's, tuples, mappings, texts and numbers.

Theory of operation. Every value that is not plain to `marshal` becomes a row of a table, after the rows of what it
holds: its fields, some of them as the numbers of their rows. Beside the rows stand their shapes, few and therefore kept
once: the kind of value, and which of the fields are numbers of rows. A value that stands at several places has one row,
so what was shared is shared again. Unlike pickle, reading calls nothing but the constructors of seqtest's dataclasses.
"""

import gc
import marshal
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from typing import Any

_PLAIN = (str, int, float, bool, bytes, type(None))
_CONTAINERS: Mapping[str, Callable[[Any], Any]] = {
    "tuple": tuple,
    "list": list,
    "frozenset": frozenset,
    "dict": lambda values: dict(zip(values[::2], values[1::2], strict=True)),
}


class NotStorable(Exception):
    """A value that holds something else than plain data."""


def store(value: object) -> bytes:
    """The value as bytes. Raises NotStorable."""
    table = _Table()
    top = table.row_of(value)
    return marshal.dumps((list(table.shapes), table.shape_of_row, table.rows, top))


def restore(data: bytes) -> Any:
    """The value that `store` made bytes of. Raises ValueError for other bytes."""
    was_collecting = gc.isenabled()
    gc.disable()  # what is made here holds no cycles, and many objects at once set the collector going
    try:
        return _restored(data)
    except (EOFError, TypeError, IndexError, KeyError, AttributeError, ImportError) as error:
        raise ValueError("these bytes hold no stored value") from error
    finally:
        if was_collecting:
            gc.enable()


def _restored(data: bytes) -> Any:
    shapes, shape_of_row, rows, top = marshal.loads(data)  # noqa: S302  # a cache of the user's own, as .pyc files are
    makers = [(*_maker(name), references) for name, references in shapes]
    made: list[Any] = []
    for shape, values in zip(shape_of_row, rows, strict=True):
        make, is_container, references = makers[shape]
        if references:
            values = list(values)
            for place in references:
                values[place] = made[values[place]]
        made.append(make(values) if is_container else make(*values))
    return made[top]


class _Table:
    """The rows made so far."""

    def __init__(self) -> None:
        self.shapes: dict[tuple[str, tuple[int, ...]], int] = {}
        self.shape_of_row: list[int] = []
        self.rows: list[tuple[Any, ...]] = []
        self._places: dict[int, int] = {}
        self._alive: list[object] = []

    def row_of(self, value: object) -> int:
        """The number of the value's row. Iterative: diagrams nest deeper than Python recurses."""
        stack: list[tuple[object, list[Any] | None]] = [(value, None)]
        while stack:
            top, held = stack.pop()
            if id(top) in self._places:
                continue
            if held is None:
                _name(top)  # refuses what cannot be stored before anything in it is looked at
                held = _held(top)
                stack.append((top, held))
                stack += [
                    (part, None) for part in reversed(held) if not _is_plain(part) and id(part) not in self._places
                ]
                continue
            references = tuple(place for place, part in enumerate(held) if not _is_plain(part))
            row = tuple(part if _is_plain(part) else self._places[id(part)] for part in held)
            self._places[id(top)] = len(self.rows)
            self._alive.append(top)  # an id is only an identity while its value lives
            self._alive.append(held)
            self.shape_of_row.append(self.shapes.setdefault((_name(top), references), len(self.shapes)))
            self.rows.append(row)
        return self._places[id(value)]


def _is_plain(value: object) -> bool:
    """Whether `marshal` keeps the value as it is: texts, numbers, and tuples of them."""
    return type(value) in _PLAIN or (type(value) is tuple and all(type(part) in _PLAIN for part in value))


def _held(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        return [part for pair in value.items() for part in pair]
    if isinstance(value, tuple | list | frozenset):
        return list(value)
    return [getattr(value, field.name) for field in fields(value)]  # type: ignore[arg-type]  # _name refuses others


def _name(value: object) -> str:
    cls = type(value)
    if isinstance(value, Mapping):
        return "dict"
    if cls.__name__ in _CONTAINERS and cls.__module__ == "builtins":
        return cls.__name__
    if is_dataclass(cls) and cls.__module__.startswith("seqtest."):
        return f"{cls.__module__}:{cls.__qualname__}"
    raise NotStorable(f"{cls.__module__}.{cls.__qualname__}")


@cache
def _maker(name: str) -> tuple[Callable[..., Any], bool]:
    """What makes a value of its fields, and whether it wants them as one sequence."""
    if name in _CONTAINERS:
        return _CONTAINERS[name], True
    module, _, qualified = name.partition(":")
    cls: Any = getattr(import_module(module), qualified) if module.startswith("seqtest.") else None
    if not isinstance(cls, type) or not is_dataclass(cls):
        raise TypeError(name)
    return cls, False
