"""What a conftest says with: who plays a participant, and how a guard comes true."""

import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

PLAYS = "__seqtest_plays__"
GIVEN = "__seqtest_given__"
SCRIPTED = "__seqtest_scripted__"
MADE = "__seqtest_made__"
"""In a module: the marks that were made there, each with its attribute, its text and what it marks."""


def plays(participant: str) -> Callable[[F], F]:
    """Let this Actor class, or what this function returns, play the participant in flows below its conftest's folder.

    A function's parameters are pytest fixtures; it is called once a case and returns an Actor class, a WSGI application
    or a callable that answers requests. The mark may be repeated for several participants.
    """
    __tracebackhide__ = True
    return _mark(PLAYS, participant, "plays", sys._getframe(1).f_globals)


def given(guard: str) -> Callable[[F], F]:
    """Let this function bring about what the guard of an operand says. Its parameters are pytest fixtures."""
    __tracebackhide__ = True
    return _mark(GIVEN, guard, "given", sys._getframe(1).f_globals)


def scripted(*participants: str) -> None:
    """Let the drawings below this conftest's folder speak for these participants, whatever a conftest further up binds.

    Called at the top level of a conftest. The command line and the ini file still bind them, and so does a stereotype.
    """
    __tracebackhide__ = True
    for name in participants:
        if not isinstance(name, str) or not name.strip():
            raise TypeError('seqtest.scripted wants names of participants: write seqtest.scripted("auth")')
    scope = sys._getframe(1).f_globals
    scope[SCRIPTED] = (*scope.get(SCRIPTED, ()), *(name.strip() for name in participants))


class Nobody:
    """Stands where a factory would, for a participant that the drawing speaks for."""


def is_fixture(value: object) -> bool:
    """Whether `@pytest.fixture` made it: an object of its own since pytest 8.4, a marked function before."""
    return type(value).__name__ == "FixtureFunctionDefinition" or hasattr(value, "_pytestfixturefunction")


def _mark(attribute: str, text: str, name: str, scope: dict[str, Any]) -> Callable[[F], F]:
    __tracebackhide__ = True
    if not isinstance(text, str) or not text.strip():
        example = getattr(text, "__name__", "...")
        raise TypeError(f'@seqtest.{name} wants a text: write @seqtest.{name}("{example}")')

    # A class that plays is made for each run; one that brings about a guard would never be.
    kinds, words = (FunctionType, "") if attribute == GIVEN else (FunctionType | type, " or a class")

    def mark(target: F) -> F:
        __tracebackhide__ = True
        marks = f"@seqtest.{name} marks a plain function{words}, not"
        if not callable(target) or is_fixture(target):
            raise TypeError(f"{marks} a fixture: let the function take the fixture")
        if not isinstance(target, kinds):
            kind = "a class" if isinstance(target, type) else f"a value of type `{type(target).__name__}`"
            raise TypeError(
                f"{marks} {kind}: let a function {'return what that gives' if words else 'do what that does'}"
            )
        setattr(target, attribute, (*vars(target).get(attribute, ()), text.strip()))
        scope.setdefault(MADE, []).append((attribute, text.strip(), target))
        return target

    return mark
