"""From a step to its contents. Cheap to call: the promises of an arrow are compiled once, whoever plays it."""

from seqtest.contents.contents import Contents
from seqtest.contents.context import Context
from seqtest.diagram.expectation import ActionLine, Expectation, Template
from seqtest.scenario import Script, Step

_EMPTY = Expectation(ActionLine(Template(())))


def compile(step: Step, script: Script, context: Context) -> Contents:
    """What the step promises, for the participants and values of this run."""
    return Contents(step, step.expectation or _EMPTY, context, script)
