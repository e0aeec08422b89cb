"""Whether the diagram itself can bring about what its guards say, now that it is known who is bound.

Where an operand begins with a message of a bound participant, that participant decides which operand happens. A diagram
that cannot make it decide so would be a test of chance. It can by a setting, by what the user's own `@seqtest.given`
does, or by what the scripted participants send before: that must differ from what they send in the other operands. Of
operands that begin with the same message of the bound participant a scripted one's answer may be what differs.
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
        if branch is taken or _is_settled(branch, known) or _opening(script, branch)[1]:
            continue
        if not _is_answered_otherwise(script, taken, branch):
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


def _is_answered_otherwise(script: Script, one: Branch, other: Branch) -> bool:
    """Whether bound participants say the same until a scripted one says something else, or a message is lost."""
    for first, second in zip(_noticeable(script, one), _noticeable(script, other), strict=False):
        if script.is_bound(first.sender) is not script.is_bound(second.sender):
            return False
        is_same = _is_same_message(first, second)
        if script.is_bound(first.sender):
            if not is_same:
                return False
            if first.is_lost is not second.is_lost:
                return True
        elif not is_same or first.text != second.text or first.expectation != second.expectation:
            return True
    return False


def _noticeable(script: Script, branch: Branch) -> list[Step]:
    """The messages that a bound participant sends or gets."""
    return [
        step
        for step in branch.steps
        if step.kind in _MESSAGES and (script.is_bound(step.sender) or script.is_bound(step.receiver))
    ]


def _is_same_message(first: Step, second: Step) -> bool:
    """Whether one message may be both: what one arrow promises, the other promises, too, or leaves open."""
    one, other = first.expectation, second.expectation
    if (first.kind, first.sender, first.receiver) != (second.kind, second.sender, second.receiver):
        return False
    if one is None or other is None or one.line != other.line:
        return False
    fewer, more = sorted((one.promises, other.promises), key=len)
    return all(promise in more for promise in fewer)


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
