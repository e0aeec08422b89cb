"""`create` and `destroy`: who is there to be spoken to."""

from collections.abc import Iterable

from seqtest.diagram import LifeEvent, Message
from seqtest.errors import Finding
from seqtest.scenario.walk import Walk


def use(walk: Walk, participants: Iterable[str], message: Message) -> None:
    """A message uses both its ends, which must not have been destroyed."""
    for participant in participants:
        walk.used.add(participant)
        if participant in walk.destroyed:
            destroyed = walk.destroyed[participant]
            walk.report(
                Finding(
                    "SQ317",
                    f"`{participant}` is used after it was destroyed",
                    message.span,
                    do="move its `destroy` below this line, or give the new one a name of its own",
                    also=((destroyed, "destroyed here"),) if destroyed else (),
                )
            )


def follow(walk: Walk, event: LifeEvent) -> None:
    """Activation bars are a picture; only birth and death mean something."""
    if event.kind == "destroy":
        walk.destroyed[event.participant] = event.span
        walk.used.add(event.participant)
    elif event.kind == "create" and event.participant in walk.used:
        walk.report(
            Finding(
                "SQ318",
                f"`{event.participant}` is created although it has been there before",
                event.span,
                why="a run makes every participant once; making one anew in the middle of it is not possible yet",
                do="give the new one a name of its own, or draw it in a diagram of its own",
            )
        )
