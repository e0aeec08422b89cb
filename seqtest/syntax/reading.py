"""Directives and expressions read by `preprocessor.lark`, each text once."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from seqtest.syntax.directives import Argument, Directive, Expression, Routine

if TYPE_CHECKING:
    from seqtest.syntax.reader import Reader


@cache
def _reader() -> "Reader":
    from seqtest.syntax.directive_actions import Directives
    from seqtest.syntax.grammar import reader

    return reader("preprocessor", Directives())


@lru_cache(maxsize=4096)
def read_directive(text: str) -> Directive:
    """What a line that begins with `!` says. Raises Unexpected."""
    made: Any = _reader().parse(text, start="directive")
    if not isinstance(made, tuple):
        return made  # type: ignore[no-any-return]  # every other rule makes a node
    (keyword, name, signature), value = made if len(made) == 2 else (made, None)
    parameters: Any = _reader().parse(signature, start="parameters")
    word = keyword.lower()
    return Routine(name, parameters, "function" in word, "unquoted" in word, "final" in word, value)


@lru_cache(maxsize=4096)
def read_arguments(text: str) -> tuple[Argument, ...]:
    """The arguments of a call, positional and named. Raises Unexpected."""
    return _reader().parse(text, start="arguments")  # type: ignore[no-any-return]  # its action makes one


@lru_cache(maxsize=4096)
def read_expression(text: str) -> Expression:
    """Raises Unexpected."""
    made: Any = _reader().parse(text, start="value")
    return tuple(made)
