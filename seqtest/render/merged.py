"""What differs between two diagrams, as one drawing: PlantUML's own source, so that whatever draws that draws it.

What came is green, what is gone red and struck out, what changed amber with its words before and after, what moved
blue. Participants have names of their own making, so that no name needs quotes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from seqtest.diagram import CombinedFragment, Delay, Divider, InteractionUse, LifeEvent, Message, Note
from seqtest.diagram.difference import Change, Column, Detail, Difference, Kind, Lane
from seqtest.render.difference import SIGNS

LINES: Mapping[Kind, str] = {
    "same": "",
    "added": "#1a7f37",
    "removed": "#c3202f",
    "changed": "#a15c00",
    "moved": "#0b57d0",
}
GROUNDS: Mapping[Kind, str] = {
    "same": "",
    "added": "#d9f2df",
    "removed": "#fbdcdf",
    "changed": "#fdeccb",
    "moved": "#dbe7fb",
}
_HEADS = {"open": ">>", "open-top": "\\\\", "open-bottom": "//", "filled-top": "\\", "filled-bottom": "/"}


def merged_source(difference: Difference) -> str:
    """The drawing of both, ending in a line end."""
    return "\n".join(["@startuml", *_Writer(difference).lines(), "@enduml", ""])


class _Writer:
    def __init__(self, difference: Difference) -> None:
        self.difference = difference
        self.aliases: dict[tuple[bool, str], str] = {}
        """(Whether of the old diagram, code) → the name in the merged one."""
        self.live: dict[str, int] = {}

    def lines(self) -> Iterator[str]:
        title = self.difference.new.title or self.difference.old.title
        if title:
            yield from ("title", *map(_harmless, title.split("\n")), "end title")
        yield "legend bottom right"
        yield " | ".join(
            f"<back:{GROUNDS[kind]}> {SIGNS[kind]} {kind} </back>" for kind in ("added", "removed", "changed", "moved")
        )
        yield "end legend"
        for number, column in enumerate(self.difference.columns, 1):
            yield self.column(column, f"p{number}")
        yield from self.changes(self.difference.changes)

    def column(self, column: Column, alias: str) -> str:
        participant = column.new or column.old
        assert participant is not None  # noqa: S101 - a column is of somebody
        for is_old, who in ((True, column.old), (False, column.new)):
            if who is not None:
                self.aliases[is_old, who.id] = alias
        name = _quotable(participant.name)
        before = [detail for detail in column.details if detail.what in ("name", "code")]
        if before:
            name += f"\\n<size:11>was {_quotable(' '.join(detail.old for detail in before))}</size>"
        if column.kind == "removed":
            name = f"<strike>{name}</strike>"
        stereotypes = "".join(f" <<{stereotype}>>" for stereotype in participant.stereotypes)
        ground = GROUNDS[column.kind]
        return f'{participant.kind} "{name}" as {alias}{stereotypes}{f" {ground}" if ground else ""}'

    def changes(self, changes: tuple[Change, ...]) -> Iterator[str]:
        for change in changes:
            make = _WRITE.get(type(change.item))
            if make is not None:
                yield from make(self, change, change.item)

    def who(self, change: Change, code: str | None) -> str | None:
        return None if code is None else self.aliases.get((change.new is None, code), "p1")

    def message(self, change: Change, item: Message) -> Iterator[str]:
        label = _label(item.text)
        if change.kind == "removed" and label:
            label = f"<strike>{label}</strike>"
        old = next((detail.old for detail in change.details if detail.what == "label"), None)
        if old is not None:
            label = f"<color:{LINES['removed']}><strike>{_label(old)}</strike></color>\\n{label}"
        sign = SIGNS[change.kind].strip()
        shown = f"**{sign}** {label}".strip() if sign else label
        marks = self.restart(change, item)
        yield f"{self.arrow(change, item)}{marks}{f' : {shown}' if shown else ''}"
        yield from self.notes(change, item)
        if change.new is not None and not marks:
            for event in item.life:
                yield from self.lives(change, event)

    def restart(self, change: Change, item: Message) -> str:
        """The marks of a message to oneself that ends a bar and begins another: lines of their own may not say both."""
        kinds = [event.kind for event in item.life]
        if change.new is None or item.sender != item.receiver or kinds != ["deactivate", "activate"]:
            return ""
        who = self.who(change, item.sender) or "p1"
        if self.live.get(who, 0):
            return " --++"
        self.live[who] = 1
        return " ++"

    def arrow(self, change: Change, item: Message) -> str:
        color = LINES[change.kind]
        style = f"[{color}]" if color else ""
        body = f"-{style}{'-' if item.arrow.is_dotted else ''}"
        back = f"{style}{'--' if item.arrow.is_dotted else '-'}"
        sender, receiver = self.who(change, item.sender), self.who(change, item.receiver)
        head = ">x" if item.arrow.head == "cross" else _HEADS.get(item.arrow.head, ">")
        side = item.gate.side if item.gate is not None else "left"
        if sender is None:
            return f"[{body}{head} {receiver}" if side == "left" else f"{receiver} <{back}]"
        if receiver is None:
            return f"{sender} {body}{head}]" if side == "right" else f"[<{back} {sender}"
        more = "".join(f" & {self.who(change, code)}" for code in item.more_receivers)
        return f"{sender} {body}{head} {receiver}{more}"

    def notes(self, change: Change, item: Message) -> Iterator[str]:
        """The note's lines now, with those that are gone struck out above what replaced them."""
        lines = [line.text for note in item.notes for line in note.lines]
        details = [detail for detail in change.details if detail.what == "note"]
        if lines or details:
            position = item.notes[0].position if item.notes else "right"
            ground = "" if change.kind in ("same", "changed") else f" {GROUNDS[change.kind]}"
            yield f"note {position if position in ('left', 'right') else 'right'}{ground}"
            yield from _note_lines(lines, details)
            yield "end note"

    def lives(self, change: Change, event: LifeEvent) -> Iterator[str]:
        """Bars are those of the new drawing; one that would end before it began is left out."""
        who = self.who(change, event.participant) or "p1"
        if event.kind == "activate":
            self.live[who] = self.live.get(who, 0) + 1
            yield f"activate {who}"
        elif event.kind == "deactivate" and self.live.get(who, 0):
            self.live[who] -= 1
            yield f"deactivate {who}"
        elif event.kind == "destroy":
            self.live[who] = 0
            yield f"destroy {who}"

    def life(self, change: Change, item: LifeEvent) -> Iterator[str]:
        if change.new is not None:
            yield from self.lives(change, item)

    def fragment(self, change: Change, item: CombinedFragment) -> Iterator[str]:
        for number, lane in enumerate(change.lanes):
            yield self.lane(change, item, lane, is_first=not number)
            yield from self.changes(lane.changes)
        yield "end"

    def lane(self, change: Change, item: CombinedFragment, lane: Lane, *, is_first: bool) -> str:
        guard = _label(lane.new_guard if lane.kind != "removed" else lane.old_guard)
        if lane.kind == "removed":
            guard = f"<strike>{guard}</strike>" if guard else ""
        elif lane.kind == "changed" and lane.old_guard:
            guard = f"{guard} (was {_label(lane.old_guard)})"
        ground = GROUNDS[lane.kind] if lane.kind in ("added", "removed") else ""
        if not is_first:
            return f"else {ground} {guard}".replace("  ", " ").rstrip()
        word = (
            item.operator
            if item.operator not in ("partition", "par2")
            else "group"
            if item.operator == "partition"
            else "par"
        )
        if item.operator in ("group", "partition"):
            guard = f"{_label(item.title) or 'group'}{f' [{guard}]' if guard else ''}"
        tab = GROUNDS[change.kind] if change.kind in ("added", "removed") else ""
        return f"{word}{tab}{f' {ground}' if ground else ''} {guard}".rstrip()

    def note(self, change: Change, item: Note) -> Iterator[str]:
        who = ", ".join(filter(None, (self.who(change, code) for code in item.participants)))
        ground = f" {GROUNDS[change.kind]}" if change.kind in ("added", "removed") else ""
        place = f"{item.position} of {who}" if item.position in ("left", "right") and who else f"over {who}"
        yield f"{item.shape} {place if who else 'across'}{ground}"
        yield from _note_lines([line.text for line in item.lines], [d for d in change.details if d.what == "note"])
        yield f"end{item.shape}"

    def reference(self, change: Change, item: InteractionUse) -> Iterator[str]:
        who = ", ".join(filter(None, (self.who(change, code) for code in item.participants)))
        ground = GROUNDS[change.kind]
        yield f"ref{ground} over {who}"
        yield from (_harmless(f"{SIGNS[change.kind]} {line.text}".strip()) for line in item.lines)
        yield "end ref"

    def divider(self, change: Change, item: Divider) -> Iterator[str]:
        yield f"== {_marked(change, item.text)} =="

    def delay(self, change: Change, item: Delay) -> Iterator[str]:
        yield f"... {_marked(change, item.text)} ..."


def _marked(change: Change, text: str) -> str:
    words = f"{SIGNS[change.kind]} {_label(text.strip())}".strip()
    return f"<color:{LINES[change.kind]}>{words}</color>" if LINES[change.kind] else words


def _note_lines(lines: list[str], details: list[Detail]) -> Iterator[str]:
    replaced = {detail.new: detail.old for detail in details if detail.new}
    for detail in details:
        if not detail.new:
            yield _gone(detail.old)
    for line in lines:
        if line not in replaced:
            yield _harmless(line) or " "
            continue
        if replaced[line]:
            yield _gone(replaced[line])
        yield f"<color:{LINES['added']}>+ {_harmless(line)}</color>"


def _gone(line: str) -> str:
    return f"<color:{LINES['removed']}><strike>{_harmless(line)}</strike></color>"


_LEADING = re.compile(r"^(\s*)([!'/@])")
_ENDS = re.compile(r"^(\s*)(end)(?=\s*(?:note|hnote|rnote|ref|title|legend)?\s*$)", re.IGNORECASE)


def _harmless(line: str) -> str:
    """A line inside a block that is text there: no directive, no comment, no end of the block."""
    line = _LEADING.sub(lambda match: f"{match[1]}&#{ord(match[2])};", line)
    return _ENDS.sub(lambda match: f"{match[1]}&#{ord(match[2][0])};{match[2][1:]}", line)


def _label(text: str) -> str:
    return " ".join(text.split("\n")).strip()


def _quotable(text: str) -> str:
    """Between double quotes, for which PlantUML has no escape."""
    return text.replace('"', "&#34;").replace("\n", "\\n")


_WRITE: Mapping[type, Callable[[_Writer, Change, Any], Iterator[str]]] = {
    Message: _Writer.message,
    CombinedFragment: _Writer.fragment,
    Note: _Writer.note,
    InteractionUse: _Writer.reference,
    LifeEvent: _Writer.life,
    Divider: _Writer.divider,
    Delay: _Writer.delay,
}
