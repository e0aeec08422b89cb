"""`functools.cached_property` without its lock, which in Python 3.11 costs more than most of what is kept by it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

__all__ = ["once"]

if TYPE_CHECKING:
    from functools import cached_property as once
else:

    class once:
        """A property that is computed when it is first asked for, and an attribute from then on."""

        def __init__(self, make: Callable[[Any], Any]) -> None:
            self._make, self._name, self.__doc__ = make, make.__name__, make.__doc__

        def __get__(self, instance: Any, owner: type) -> Any:
            if instance is None:
                return self
            value = self._make(instance)
            setattr(instance, self._name, value)  # asking for `__dict__` would make one
            return value
