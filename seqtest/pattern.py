"""Regular expressions that are compiled when they are first used: a module has many, and a run needs few of them."""

import re
from typing import TYPE_CHECKING, Any, AnyStr

if TYPE_CHECKING:

    def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
        """As `re.compile`, later."""

else:

    class pattern:
        """As `re.compile`, later. A method of the compiled pattern is this object's own once it was asked for."""

        def __init__(self, text: str | bytes, flags: int = 0) -> None:
            self._text, self._flags = text, flags

        def __getattr__(self, name: str) -> Any:
            method = getattr(re.compile(self._text, self._flags), name)
            setattr(self, name, method)
            return method
