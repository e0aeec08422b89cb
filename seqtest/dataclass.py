"""`dataclasses.dataclass(slots=True)` at a tenth of its price when a module is loaded.

The standard decorator compiles up to eight functions a class, whether or not anybody makes a value of it; for seqtest's
many small classes that was a third of a command's start. Here a method is compiled when it is first called. Type
checkers see the standard decorator; `field`, `fields`, `replace`, `asdict`, pattern matching, `copy` and `pickle` work
as with it. What none of seqtest's classes needs is refused: inheriting from another dataclass, keyword-only fields.
The `replace` of this module takes a third of the time of the standard one.

What is frozen is frozen for type checkers: a guard that refuses assignments when the program runs makes every value
three times as dear, and seqtest's own code is checked. Values that users' code is handed have that guard as well:
`guarded`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import _FIELD, _HAS_DEFAULT_FACTORY, MISSING, Field, FrozenInstanceError, field  # type: ignore
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, ClassVar

__all__ = ["dataclass", "guarded", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass, replace
    from dataclasses import dataclass as guarded
else:

    def replace(value, /, **changes):
        """As `dataclasses.replace`, for the classes made here."""
        return value.__replace__(**changes)

    def dataclass(*, slots, frozen=False, eq=True, order=False):
        """As `dataclasses.dataclass` of these options; `slots` is always true."""
        if not slots:
            raise TypeError("only slots=True; else the standard library's decorator")
        return lambda cls: _made(cls, frozen, eq, order)

    def guarded(*, slots, frozen, eq=True, order=False):
        """The same for frozen classes, whose values refuse assignments when the program runs, too."""
        if not frozen:
            raise TypeError("only frozen=True; else there is nothing to guard")
        return lambda cls: _guarded(dataclass(slots=slots, frozen=True, eq=eq, order=order)(cls))


def _made(cls: type, frozen: bool, eq: bool, order: bool) -> type:
    """The class again, with slots: they cannot be added to one that exists."""
    if any(hasattr(base, "__dataclass_fields__") for base in cls.__bases__):
        raise TypeError(f"{cls.__qualname__} inherits from a dataclass")
    body = {name: value for name, value in cls.__dict__.items() if name not in ("__dict__", "__weakref__")}
    fields = _fields(cls.__annotations__, body)
    body |= {
        "__qualname__": cls.__qualname__,
        "__slots__": tuple(fields),
        "__dataclass_fields__": fields,
        "__match_args__": tuple(name for name, one in fields.items() if one.init),
    }
    compared = tuple(name for name, one in fields.items() if one.compare)
    methods: dict[str, Any] = {"__init__": _Late(_init), "__repr__": _repr, "__replace__": _Late(_replacement)}
    if eq:
        methods["__eq__"] = _Late(_comparison, compared, "==")
        if body.get("__hash__") is None:  # __eq__ in a class's body puts None there
            body["__hash__"] = _Late(_hash, compared) if frozen else None
    if order:
        signs = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
        methods |= {name: _Late(_comparison, compared, sign) for name, sign in signs.items()}
    return type(cls)(cls.__name__, cls.__bases__, methods | body)


def _guarded(cls: Any) -> Any:
    cls.__setattr__, cls.__delattr__ = _refuse_to_assign, _refuse_to_delete
    cls.__getstate__, cls.__setstate__ = _state, _set_state
    return cls


def _fields(annotations: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Field[Any]]:
    """The fields of a class, whose defaults leave its body to the slots."""
    found = {}
    for name, kind in annotations.items():
        if getattr(kind, "__origin__", kind) is ClassVar:
            continue
        default = body.pop(name, MISSING)
        one: Any = default if isinstance(default, Field) else field(default=default)
        if one.kw_only is True:
            raise TypeError(f"{name} is keyword-only")
        if type(one.default).__hash__ is None:
            raise ValueError(f"mutable default of {name}: use field(default_factory=…)")
        one.name, one.type = name, kind
        one._field_type = _FIELD  # what dataclasses.fields() goes by
        found[name] = one
    return found


class _Late:
    """Stands for a method until that is looked up."""

    def __init__(self, make: Callable[..., Any], *details: Any) -> None:
        self._make, self._details = make, details

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner, self._name = owner, name

    def __get__(self, instance: object, owner: type) -> Any:
        method = self._make(self._owner, self._name, *self._details)
        setattr(self._owner, self._name, method)
        return method.__get__(instance, owner)


def _compiled(cls: type, name: str, parameters: list[str], lines: list[str], scope: dict[str, Any]) -> Any:
    exec(f"def {name}({', '.join(parameters)}):\n " + "\n ".join(lines), scope)  # noqa: S102  # names of fields
    method = scope[name]
    method.__qualname__ = f"{cls.__qualname__}.{name}"
    return method


def _init(cls: Any, name: str) -> Any:
    fields: Mapping[str, Field[Any]] = cls.__dataclass_fields__
    is_guarded = cls.__setattr__ is _refuse_to_assign
    parameters, lines = ["self"], []
    scope: dict[str, Any] = {"_MADE": _HAS_DEFAULT_FACTORY}
    for field_name, one in fields.items():
        parameter = value = field_name
        if one.default_factory is not MISSING:
            scope[f"_make_{field_name}"] = one.default_factory
            parameter = f"{field_name}=_MADE"
            value = f"_make_{field_name}()" + (f" if {field_name} is _MADE else {field_name}" if one.init else "")
        elif one.default is not MISSING:
            scope[f"_default_{field_name}"] = one.default
            parameter = f"{field_name}=_default_{field_name}"
            value = field_name if one.init else f"_default_{field_name}"
        elif not one.init:
            continue
        if one.init:
            parameters.append(parameter)
        if is_guarded:
            scope[f"_set_{field_name}"] = getattr(cls, field_name).__set__
        lines.append(f"_set_{field_name}(self, {value})" if is_guarded else f"self.{field_name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    init = _compiled(cls, name, parameters, lines or ["pass"], scope)
    init.__annotations__ = {**{name: one.type for name, one in fields.items() if one.init}, "return": None}
    return init


def _replacement(cls: Any, name: str) -> Any:
    """The method behind `replace`, and `copy.replace` of Python 3.13: another value with some fields changed."""
    names = [name for name, one in cls.__dataclass_fields__.items() if one.init]
    given = ", ".join(f"_changes.pop({name!r}) if {name!r} in _changes else self.{name}" for name in names)
    lines = [
        f"made = self.__class__({given})",
        "if _changes:",
        f" raise TypeError(f'{cls.__qualname__} has no field {{min(_changes)}} to give')",
        "return made",
    ]
    return _compiled(cls, name, ["self", "/", "**_changes"], lines, {})


def _comparison(cls: type, name: str, fields: Iterable[str], sign: str) -> Any:
    lines = [
        "if other.__class__ is self.__class__:",
        f" return {_values('self', fields)} {sign} {_values('other', fields)}",
        "return NotImplemented",
    ]
    return _compiled(cls, name, ["self", "other"], lines, {})


def _hash(cls: type, name: str, fields: Iterable[str]) -> Any:
    return _compiled(cls, name, ["self"], [f"return hash({_values('self', fields)})"], {})


def _values(of: str, fields: Iterable[str]) -> str:
    """The source of a tuple of an object's fields."""
    return "(" + "".join(f"{of}.{name}, " for name in fields) + ")"


@recursive_repr()
def _repr(self: Any) -> str:
    shown = [f"{name}={getattr(self, name)!r}" for name, one in self.__dataclass_fields__.items() if one.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_assign(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__dataclass_fields__]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__dataclass_fields__, state, strict=True):
        object.__setattr__(self, name, value)
