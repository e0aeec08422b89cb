"""How a step is called when a person reads about it: its number, its place and its words."""

from seqtest.scenario import LEFT_GATE, RIGHT_GATE, Scenario, Step

ARROWS = frozenset(("request", "response", "action", "result"))
"""The kinds of step that are an arrow of the drawing; the others move the clock, look at a state or rename a value."""


def numbers(scenario: Scenario) -> tuple[str, ...]:
    """For each step what autonumber shows, else its place among the arrows, counted from 1; empty for other steps."""
    found: list[str] = []
    count = 0
    for step in scenario.steps:
        is_arrow = step.kind in ARROWS
        count += is_arrow
        found.append(step.number or (str(count) if is_arrow else ""))
    return tuple(found)


def described(step: Step, number: str = "") -> str:
    """`step 3, client -> auth : POST /token`, on one line."""
    words = " ".join(step.text.replace("\\n", " ").split())
    head = f"step {number}, " if number else ""
    if step.kind == "delay":
        return f"{head}... {words} ..."
    if step.kind not in ARROWS:
        return f"{head}{step.kind} of {step.sender}"
    arrow = "-->" if step.kind in ("response", "result") else "->"
    sender = "[" if step.sender == LEFT_GATE else step.sender
    receiver = "]" if step.receiver == RIGHT_GATE else step.receiver
    return f"{head}{sender} {arrow} {receiver} : {words}"


def replay(scenario: Scenario) -> str:
    """The command that runs just this case."""
    source = scenario.diagram.source
    return f"pytest '{source.path if source else scenario.diagram.name}::{scenario.id}'"
