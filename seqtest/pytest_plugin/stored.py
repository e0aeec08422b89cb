"""Plain values as bytes and back: frozen dataclasses of seqtest's, tuples, mappings, texts and numbers.

Theory of operation. Every value that is not plain to `marshal` becomes a row of a table, after the rows of what it
holds: (kind, fields, which of the fields are numbers of rows). A value that stands at several places has one row, so
what was shared is shared again. Unlike pickle, reading calls nothing but the constructors of seqtest's dataclasses.
"""

import marshal
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from typing import Any

_PLAIN = (str, int, float, bool, bytes, type(None))
_CONTAINERS: Mapping[str, Callable[..., Any]] = {
    "tuple": lambda *values: values,
    "list": lambda *values: list(values),
    "frozenset": lambda *values: frozenset(values),
    "dict": lambda *values: dict(zip(values[::2], values[1::2], strict=True)),
}


class NotStorable(Exception):
    """A value that holds something else than plain data."""


def store(value: object) -> bytes:
    """The value as bytes. Raises NotStorable."""
    table = _Table()
    top = table.row_of(value)
    return marshal.dumps((list(table.kinds), table.rows, top))


def restore(data: bytes) -> Any:
    """The value that `store` made bytes of. Raises ValueError for other bytes."""
    try:
        kinds, rows, top = marshal.loads(data)  # noqa: S302  # a cache of the user's own, as its .pyc files are
        makers = [_maker(name) for name in kinds]
        made: list[Any] = []
        for kind, values, references in rows:
            held = values
            if references:
                held = list(values)
                for place in references:
                    held[place] = made[held[place]]
            made.append(makers[kind](*held))
        return made[top]
    except (EOFError, TypeError, IndexError, KeyError, AttributeError, ImportError) as error:
        raise ValueError("these bytes hold no stored value") from error


class _Table:
    """The rows made so far."""

    def __init__(self) -> None:
        self.kinds: dict[str, int] = {}
        self.rows: list[tuple[int, tuple[Any, ...], tuple[int, ...]]] = []
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
            kind = self.kinds.setdefault(_name(top), len(self.kinds))
            self._places[id(top)] = len(self.rows)
            self._alive.append(top)  # an id is only an identity while its value lives
            self._alive.append(held)
            self.rows.append((kind, row, references))
        return self._places[id(value)]


def _is_plain(value: object) -> bool:
    return type(value) in _PLAIN


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
def _maker(name: str) -> Callable[..., Any]:
    if name in _CONTAINERS:
        return _CONTAINERS[name]
    module, _, qualified = name.partition(":")
    cls: Any = getattr(import_module(module), qualified) if module.startswith("seqtest.") else None
    if not isinstance(cls, type) or not is_dataclass(cls):
        raise TypeError(name)
    return cls
