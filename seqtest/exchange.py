"""What passes between participants, as plain values. HTTP's grammar is Werkzeug's; these only carry."""

from collections import UserString, deque
from collections.abc import Iterable, Mapping, Sequence, Set, ValuesView
from dataclasses import field, fields, is_dataclass
from types import MappingProxyType
from typing import Any, SupportsIndex, overload

from seqtest.dataclass import guarded

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Headers(tuple[tuple[str, str], ...]):
    """Header fields in the order they came; names compare without case (RFC 9110 section 5.1)."""

    __slots__ = ()

    def __new__(cls, pairs: Iterable[tuple[str, str]] | dict[str, str] = ()) -> "Headers":
        return super().__new__(cls, tuple(pairs.items() if isinstance(pairs, dict) else pairs))

    @overload
    def __getitem__(self, key: str) -> str: ...
    @overload
    def __getitem__(self, key: SupportsIndex) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[tuple[str, str], ...]: ...
    def __getitem__(self, key: str | SupportsIndex | slice) -> str | tuple[str, str] | tuple[tuple[str, str], ...]:
        """The first value of the field of that name, or pairs by number. Raises KeyError when it is missing."""
        if not isinstance(key, str):
            return super().__getitem__(key)
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        """Whether a field of that name, or that very pair, is there."""
        return self.get(key) is not None if isinstance(key, str) else super().__contains__(key)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of the field, or `default`."""
        wanted = name.lower()
        for key, value in self:
            if key.lower() == wanted:
                return value
        return default

    def get_all(self, name: str) -> list[str]:
        """Every value of the field, in order."""
        wanted = name.lower()
        return [value for key, value in self if key.lower() == wanted]

    def with_default(self, name: str, value: str) -> "Headers":
        """The same fields, with `name` added when it is missing."""
        return self if self.get(name) is not None else Headers((*self, (name, value)))


@guarded(frozen=True, slots=True)
class Request:
    """An HTTP request with its absolute URL."""

    method: str
    url: str
    headers: Headers = Headers()
    body: bytes = b""


@guarded(frozen=True, slots=True)
class Response:
    """An HTTP response. `cause` keeps the exception that made it, where one did."""

    status: int
    headers: Headers = Headers()
    body: bytes = b""
    cause: BaseException | None = field(default=None, compare=False)


@guarded(frozen=True, slots=True)
class Action:
    """A message that is not HTTP: its text as drawn with the values filled in, and named fields."""

    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@guarded(frozen=True, slots=True)
class Result:
    """What an action gave back: a value, named fields, or the name of the exception it raised."""

    value: Any = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    cause: BaseException | None = field(default=None, compare=False)


@guarded(frozen=True, slots=True)
class Lost:
    """The answer to a lost message, or an answer that was lost: for HTTP a connection error."""


Message = Request | Action
Answer = Response | Result | Lost


def as_it_is(content: Any) -> Any:
    """The message, or what was asked for, as it is now: an application may go on changing its own lists and objects.

    An object that was given back is its members, be it a mapping or a dataclass.
    """
    if type(content) is Action and content.fields:
        return Action(content.text, copied(content.fields))
    if type(content) is Result and (content.fields or content.value is not None):
        value, fields_ = copied(content.value), copied(content.fields)
        if isinstance(value, dict) and not fields_:
            value, fields_ = _said(content.value), value
        return Result(value, fields_, content.error, content.cause)
    return content


class Said(str):
    """What an object that was given back says of itself: beside its members it is no value of its own."""

    __slots__ = ()


def _said(given_back: Any) -> Said | None:
    """The text of an object that has one; a mapping and a mere dataclass have their members only."""
    says = getattr(type(given_back), "__str__", None)
    if isinstance(given_back, Mapping) or says is object.__str__:
        return None
    try:
        return Said(str(given_back))
    except Exception:  # noqa: BLE001  # the user's own object may fail at that
        return None


def copied(value: Any) -> Any:
    """The value as JSON would have it, anew however deep it nests: objects with texts for names, and arrays.

    Mappings and dataclasses become objects, sequences and sets arrays; texts, numbers and whatever else are themselves.
    """
    top: list[Any] = [value]
    made: dict[int, tuple[Any, Any]] = {}
    unfinished: list[Any] = [top]
    while unfinished:
        holder = unfinished.pop()
        for key, held in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
            if held is None or isinstance(held, _PLAIN):
                continue
            if isinstance(held, (bytearray, memoryview, UserString)):
                holder[key] = str(held) if isinstance(held, UserString) else bytes(held)
                continue
            _, copy = made.get(id(held), (None, None))
            if copy is None:
                copy = _members(held)
                if copy is None:
                    continue
                made[id(held)] = held, copy  # the value too: another one could come to have its `id`
                unfinished.append(copy)
            holder[key] = copy
    return top[0]


_PLAIN = (str, int, float, bytes)


def _members(value: Any) -> dict[str, Any] | list[Any] | None:
    """What a container holds, in a container of ours; None for what is none."""
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else _name(key): held for key, held in value.items()}
    if isinstance(value, Set):
        try:
            return sorted(value)
        except TypeError:
            return sorted(value, key=str)
    if isinstance(value, (Sequence, ValuesView, deque)):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in fields(value) if hasattr(value, one.name)}
    return None


def _name(key: Any) -> str:
    """A key as the name of a JSON member."""
    if key is None:
        return "null"
    return str(key).lower() if isinstance(key, bool) else str(key)
