"""Who is active while a drawing is read: the stack that `return` follows, and what is surely a slip."""

from dataclasses import dataclass, field

from seqtest.diagram.model import LifeEvent, Message


@dataclass(slots=True)
class Lives:
    """PlantUML's activation stack: the messages that activated somebody, innermost last."""

    activating: list[Message] = field(default_factory=list)
    bearer: Message | str | None = None
    """What a life event is attached to: the latest message, or `"end"` after a closed group."""
    after_delay: bool = False
    pending_create: str | None = None
    destroyed_here: set[str] = field(default_factory=set)
    levels: dict[str, int] = field(default_factory=dict)
    destroyed: set[str] = field(default_factory=set)

    def message(self, message: Message) -> str | None:
        """A message was drawn; why it may not be, if so."""
        self.bearer = message
        self.after_delay = False
        self.destroyed_here.clear()
        if self.pending_create is None:
            return None
        wanted, self.pending_create = self.pending_create, None
        is_for_it = message.receiver == wanted or (message.gate is not None and message.sender == wanted)
        return None if is_for_it else f"after `create {wanted}` the next message must go to `{wanted}`"

    def event(self, event: LifeEvent) -> str | None:
        """A life event was drawn; why it may not be, if so."""
        who = event.participant
        if self.after_delay:
            return f"`{event.kind}` cannot stand right after a delay"
        if event.kind == "create":
            self.pending_create = who
            return None
        if self.bearer is None:
            if event.kind != "activate" and self.levels.get(who, 0) <= 0:
                return f"nothing has activated `{who}` yet"
            return None
        if event.kind == "activate":
            if who in self.destroyed_here:
                return f"`{who}` was destroyed here: it cannot be activated at the same message"
            if isinstance(self.bearer, Message):
                self.activating.append(self.bearer)
        elif event.kind == "deactivate" and self.activating:
            self.activating.pop()
        if event.kind == "destroy":
            self.destroyed_here.add(who)
        return None

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
