"""What is computed once and kept: as an attribute of an object, or for each object that a function is asked about."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

__all__ = ["Kept", "once", "once_for_each"]

Of = TypeVar("Of", contravariant=True)
Made = TypeVar("Made", covariant=True)
MOST = 4096
"""How many objects a function keeps the values of."""

if TYPE_CHECKING:
    from functools import cached_property as once
else:

    class once:
        """`functools.cached_property` without its lock, which in Python 3.11 costs more than most of what is kept."""

        def __init__(self, make: Callable[[Any], Any]) -> None:
            self._make, self._name, self.__doc__ = make, make.__name__, make.__doc__

        def __get__(self, instance: Any, owner: type) -> Any:
            if instance is None:
                return self
            value = self._make(instance)
            setattr(instance, self._name, value)  # asking for `__dict__` would make one
            return value


class Kept(Protocol[Of, Made]):
    """A function that keeps what it made."""

    def __call__(self, of: Of, /) -> Made: ...

    def forget(self) -> None:
        """Let go of all that was made."""


def once_for_each(make: Callable[[Of], Made]) -> Kept[Of, Made]:
    """The function, asked once for each object, by identity: comparing two costs more than making the value again."""
    known: dict[int, tuple[Of, Made]] = {}

    @wraps(make)
    def kept(of: Of) -> Made:
        found = known.get(id(of))
        if found is None or found[0] is not of:
            if len(known) >= MOST:
                known.clear()
            found = known[id(of)] = of, make(of)
        return found[1]

    kept.forget = known.clear  # type: ignore[attr-defined]  # what makes it a Kept
    return kept  # type: ignore[return-value]  # as above
