"""Who is active while a drawing is read: the stack that `return` follows, and what is surely a slip."""

from dataclasses import field

from seqtest.dataclass import dataclass
from seqtest.diagram.model import LifeEvent, Message


@dataclass(slots=True)
class Lives:
    """PlantUML's activation stack: the messages that activated somebody, innermost last."""

    activating: list[Message] = field(default_factory=list)
    bearer: Message | str | None = None
    """What a life event is attached to: the latest message, or `"end"` after a closed group."""
    answered: Message | None = None
    """What a `return` answers when nothing is active: the message above, if it is in the same operand."""
    after_delay: bool = False
    pending_create: str | None = None
    ended_here: set[str] = field(default_factory=set)
    """Who was deactivated or destroyed at the latest message."""
    active_before: set[str] = field(default_factory=set)
    """Who was activated above the first message."""
    levels: dict[str, int] = field(default_factory=dict)
    destroyed: set[str] = field(default_factory=set)

    def message(self, message: Message) -> str | None:
        """A message was drawn; why it may not be, if so."""
        self.bearer = self.answered = message
        self.after_delay = False
        self.ended_here.clear()
        if self.pending_create is None:
            return None
        wanted, self.pending_create = self.pending_create, None
        is_for_it = wanted in (message.sender, message.receiver) if message.gate else message.receiver == wanted
        is_for_it = is_for_it and message.sender != message.receiver
        return None if is_for_it else f"after `create {wanted}` the next message must go to `{wanted}`"

    def event(self, event: LifeEvent, is_of_message: bool = False) -> str | None:
        """A life event was drawn, by a line or by the marks of a message; why it may not be, if so."""
        who = event.participant
        if self.after_delay:
            return f"`{event.kind}` cannot stand after a delay, before the next message"
        if event.kind == "create":
            self.pending_create = who
            return None
        if self.bearer is None:
            if event.kind == "activate":
                self.active_before.add(who)
            return None if who in self.active_before else f"nothing has activated `{who}` yet"
        if event.kind == "activate":
            if who in self.ended_here and not is_of_message:
                return f"`{who}` ends here: it cannot be activated at the same message"
            if isinstance(self.bearer, Message):
                self.activating.append(self.bearer)
            return None
        if event.kind == "deactivate" and self.activating:
            self.activating.pop()
        if isinstance(self.bearer, Message):
            self.ended_here.add(who)
        return None

    def end_group(self) -> None:
        """An `end`: what follows is not attached to the message above, and `return` does not answer it."""
        self.bearer = "end"
        self.answered = None
        self.ended_here.clear()

    def branch(self) -> None:
        """An `else`: `return` does not answer the message above, life events are still attached to it."""
        self.answered = None

    def count(self, event: LifeEvent) -> bool:
        """Keep the bars; False for a deactivation of somebody who has none."""
        who = event.participant
        level = self.levels.get(who, 0)
        if event.kind == "activate":
            self.levels[who] = level + 1
        elif event.kind == "deactivate":
            self.levels[who] = max(level - 1, 0)
            return level > 0
        elif event.kind == "destroy":
            self.levels[who] = 0
            self.destroyed.add(who)
        else:
            self.destroyed.discard(who)
        return True
