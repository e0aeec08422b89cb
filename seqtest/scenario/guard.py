"""Whether the diagram itself can bring about what its guards say, now that it is known who is bound.

Where an operand begins with a message of a bound participant, that participant decides which operand happens. A diagram
that cannot make it decide so would be a test of chance. It can by a setting, by what the user's own `@seqtest.given`
does, or by what the scripted participants send before: that must differ from what they send in the other operands.
"""

from collections.abc import Collection

from seqtest.errors import Finding
from seqtest.scenario.names import plain
from seqtest.scenario.scenario import Branch, Choice, Step
from seqtest.scenario.script import Script

_MESSAGES = ("request", "response", "action", "result")


def check(script: Script, known_givens: Collection[str]) -> list[Finding]:
    """What keeps the diagram from choosing the operands of this scenario; empty when it can."""
    known = {plain(text) for text in known_givens}
    return [finding for choice in script.scenario.choices for finding in _check(script, choice, known)]


def _check(script: Script, choice: Choice, known: Collection[str]) -> list[Finding]:
    taken = choice.branches[choice.taken]
    if not choice.is_free or _is_settled(taken, known):
        return []
    speaker, sent = _opening(script, taken)
    if speaker is None or sent:
        return []
    for branch in choice.branches:
        if branch is not taken and not _is_settled(branch, known) and not _opening(script, branch)[1]:
            return [_cannot_choose(choice, taken, branch, speaker)]
    return []


def _is_settled(branch: Branch, known: Collection[str]) -> bool:
    return branch.is_settled or branch.text in known


def _opening(script: Script, branch: Branch) -> tuple[Step | None, list[Step]]:
    """The first step in which a bound participant speaks, and what the diagram does before that it can notice."""
    noticed: list[Step] = []
    for step in branch.steps:
        if step.kind in _MESSAGES:
            if script.is_bound(step.sender):
                return step, noticed
            if script.is_bound(step.receiver):
                noticed.append(step)
        elif step.kind == "delay":
            noticed.append(step)
    return None, noticed


def _cannot_choose(choice: Choice, taken: Branch, other: Branch, speaker: Step) -> Finding:
    guard = taken.text or choice.operator
    places = [(other.span, "this could as well happen")] if other.span and other is not taken else []
    if speaker.span is not None:
        places.append((speaker.span, f"`{speaker.sender}` is bound and speaks first"))
    return Finding(
        "SQ326",
        f"nothing here makes `{speaker.sender}` take the way `{guard}`",
        taken.span,
        why="a diagram can choose what it sends; what a bound participant sends it can only wait for",
        do=(
            f"write a setting as the guard (`{choice.operator} {speaker.sender}.access_token.format = opaque`), "
            f'bring it about with `@seqtest.given("{guard}")`, or draw inside the operand what makes the difference'
        ),
        also=tuple(places),
    )
