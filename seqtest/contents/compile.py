"""From a step to its contents. Cheap to call: the promises of an arrow are compiled once, whoever plays it."""

from collections.abc import Mapping
from functools import lru_cache

from seqtest.contents.contents import Contents
from seqtest.contents.context import Context
from seqtest.diagram.expectation import ActionLine, Expectation, Template
from seqtest.scenario import Script, Step
from seqtest.scenario.drawn import last_needs

_EMPTY = Expectation(ActionLine(Template(())))


def compile(step: Step, script: Script, context: Context) -> Contents:
    """What the step promises, for the participants and values of this run."""
    return Contents(step, step.expectation or _EMPTY, context, _needed(_ById(script)))


class _ById:
    """A script as a key: by identity, since comparing two scripts costs more than compiling one."""

    __slots__ = ("script",)

    def __init__(self, script: Script) -> None:
        self.script = script

    def __hash__(self) -> int:
        return id(self.script)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.script is self.script


@lru_cache(maxsize=64)
def _needed(script: _ById) -> Mapping[str, int]:
    return last_needs(script.script)
