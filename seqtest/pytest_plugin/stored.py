"""Plain values as bytes and back: frozen dataclasses of seqtest's, tuples, mappings, texts and numbers.

The bytes are a pickle that can do less: each dataclass is written as a call of its own class with its fields, and
reading finds no other names than those of seqtest's dataclasses, so it calls nothing but their constructors.
"""

import gc
import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from operator import attrgetter
from typing import Any


class NotStorable(Exception):
    """A value that holds something else than plain data, or nests deeper than can be written."""


def store(value: object) -> bytes:
    """The value as bytes. Raises NotStorable; a class or function is written by its name, which `restore` refuses."""
    data = io.BytesIO()
    try:
        _Writer(data, pickle.HIGHEST_PROTOCOL).dump(value)
    except RecursionError as error:
        raise NotStorable("nested too deep") from error
    except pickle.PicklingError as error:
        raise NotStorable(str(error)) from error
    return data.getvalue()


def restore(data: bytes) -> Any:
    """The value that `store` made bytes of. Raises ValueError for other bytes."""
    was_collecting = gc.isenabled()
    gc.disable()  # what is made here holds no cycles, and many objects at once set the collector going
    try:
        return _Reader(io.BytesIO(data)).load()
    except Exception as error:  # the unpickler raises whatever the bytes make it stumble over
        raise ValueError("these bytes hold no stored value") from error
    finally:
        if was_collecting:
            gc.enable()


class _Ways(dict[type, Callable[[Any], tuple[Any, tuple[Any, ...]]]]):
    """Class → what to call with which arguments to make a value of it again."""

    def __missing__(self, cls: type) -> Callable[[Any], tuple[Any, tuple[Any, ...]]]:
        way = self[cls] = _way(cls)
        return way


class _Writer(pickle.Pickler):
    """Writes what pickle itself writes without a call, and our dataclasses."""

    dispatch_table = _Ways()  # in place of what is registered for other classes, and of their own ways


class _Reader(pickle.Unpickler):
    """Finds seqtest's dataclasses and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        return _class_of(module, name)


@cache
def _class_of(module: str, name: str) -> type:
    if (module, name) == ("builtins", "dict"):
        return dict
    found = getattr(import_module(module), name) if module.startswith("seqtest.") else None
    if not isinstance(found, type) or not _is_ours(found):
        raise pickle.UnpicklingError(f"{module}.{name}")
    return found


def _is_ours(cls: type) -> bool:
    return is_dataclass(cls) and cls.__module__.startswith("seqtest.")


def _way(cls: Any) -> Callable[[Any], tuple[Any, tuple[Any, ...]]]:
    """Raises NotStorable."""
    if issubclass(cls, Mapping):
        return lambda value: (dict, (dict(value),))
    if not _is_ours(cls):
        raise NotStorable(f"{cls.__module__}.{cls.__qualname__}")
    names = [field.name for field in fields(cls)]
    if len(names) < 2:
        return lambda value: (cls, tuple(getattr(value, name) for name in names))
    arguments = attrgetter(*names)
    return lambda value: (cls, arguments(value))
