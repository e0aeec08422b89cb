"""Directives and expressions read by `preprocessor.lark`, each text once."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from seqtest.syntax.directives import Argument, Directive, Expression, Routine

if TYPE_CHECKING:
    from lark import Lark


@cache
def _parser() -> "Lark":
    from seqtest.syntax.directive_actions import Directives
    from seqtest.syntax.grammar import parser

    return parser("preprocessor", Directives())


@lru_cache(maxsize=4096)
def read_directive(text: str) -> Directive:
    """What a line that begins with `!` says. Raises lark.UnexpectedInput."""
    made: Any = _parser().parse(text, start="directive")
    if not isinstance(made, tuple):
        return made  # type: ignore[no-any-return]  # every other rule makes a node
    (keyword, name, signature), value = made if len(made) == 2 else (made, None)
    parameters: Any = _parser().parse(signature, start="parameters")
    word = keyword.lower()
    return Routine(name, parameters, "function" in word, "unquoted" in word, "final" in word, value)


@lru_cache(maxsize=4096)
def read_arguments(text: str) -> tuple[Argument, ...]:
    """The arguments of a call, positional and named. Raises lark.UnexpectedInput."""
    return _parser().parse(text, start="arguments")  # type: ignore[return-value]  # the actions make tuples of trees


@lru_cache(maxsize=4096)
def read_expression(text: str) -> Expression:
    """Raises lark.UnexpectedInput."""
    made: Any = _parser().parse(text, start="value")
    return tuple(made)
