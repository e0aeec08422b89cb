"""What a lint is: a function that looks, and beside it its code, the clause it comes from and what to do about it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from seqtest.dataclass import dataclass
from seqtest.hygiene.exchange import Exchange, Faults, History

if TYPE_CHECKING:
    from seqtest.hygiene.drawing import Drawing

ExchangeLook = Callable[[Exchange, History], Faults]
HistoryLook = Callable[[History], Faults]
DrawingLook = Callable[["Drawing"], Faults]
"""Looks at all cases of a drawing at once."""


@dataclass(frozen=True, slots=True)
class Lint:
    """One lint. Its name is that of the function which looks, with `-` for `_`."""

    code: str
    name: str
    why: str
    """The clause, in one sentence."""
    do: str
    needs: int = 0
    """What an exchange must show to be looked at: any of these bits (`exchange.TOKENS | …`)."""
    look: ExchangeLook | None = None
    """Looks at one exchange."""
    afterwards: HistoryLook | None = None
    """Looks at what all exchanges of a run have shown."""
    drawing: DrawingLook | None = None
    """Looks at the text, the settings or the arrows of a drawing."""
    is_on: bool = True
    """Whether it speaks without having been asked for."""
    is_drawn: bool = False
    """Whether what is drawn of an exchange is enough to look at."""

    @property
    def is_checked(self) -> bool:
        """Whether `seqtest check` says it."""
        return self.is_drawn or self.drawing is not None


def exchange_lint(
    code: str,
    needs: int,
    *,
    why: str,
    do: str,
    is_on: bool = True,
    is_drawn: bool = False,
    afterwards: HistoryLook | None = None,
    drawing: DrawingLook | None = None,
) -> Callable[[ExchangeLook], Lint]:
    """Make a lint of a function that looks at one exchange.

    `afterwards` looks at what they have shown together, `drawing` at drawings; `is_drawn` says that what is drawn of an
    exchange is enough to look at.
    """

    def make(look: ExchangeLook) -> Lint:
        return Lint(code, _name(look), why, do, needs, look, afterwards, drawing, is_on, is_drawn)

    return make


def drawing_lint(code: str, *, why: str, do: str, is_on: bool = True) -> Callable[[DrawingLook], Lint]:
    """Make a lint of a function that looks at a drawing."""

    def make(look: DrawingLook) -> Lint:
        return Lint(code, _name(look), why, do, drawing=look, is_on=is_on)

    return make


def _name(look: Callable[..., Faults]) -> str:
    return look.__name__.replace("_", "-")
