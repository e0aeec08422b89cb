"""From two diagrams to what differs between them: in meaning, not in how it is laid out.

Participants are matched first, also those with another code; then items are compared as if each had its new name. A
number that autonumber counts, a colour, the side on which a note stands and an empty space are no differences.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from seqtest.dataclass import replace
from seqtest.diagram.alignment import ALIKE, Key, align, ratio
from seqtest.diagram.difference import Change, Column, Detail, Difference, Lane
from seqtest.diagram.model import (
    CombinedFragment,
    Delay,
    Diagram,
    Divider,
    DurationConstraint,
    InteractionUse,
    Item,
    LifeEvent,
    Message,
    Note,
    Participant,
)

Names = Mapping[str, str]


def diff(old: Diagram, new: Diagram) -> Difference:
    """Every participant and item of both, with what became of it from the old to the new."""
    names = _names(old, new)
    changes = _moved(tuple(_changes(old.items, new.items, names)))
    return Difference(
        old, new, tuple(_columns(old, new, names)), changes, tuple(names.items()), tuple(_titles(old, new))
    )


def _titles(old: Diagram, new: Diagram) -> Iterator[Detail]:
    one, other = ({piece.kind: piece.text for piece in diagram.furniture} for diagram in (old, new))
    for kind in dict.fromkeys((*one, *other)):
        if one.get(kind, "") != other.get(kind, ""):
            yield Detail(kind, one.get(kind, ""), other.get(kind, ""))


def _names(old: Diagram, new: Diagram) -> dict[str, str]:
    """Old code → new code: the same, or the participant that says and hears most of the same."""
    ids = {participant.id for participant in new.participants}
    names = {participant.id: participant.id for participant in old.participants if participant.id in ids}
    left = [participant for participant in old.participants if participant.id not in names]
    right = [participant for participant in new.participants if participant.id not in names]
    if not left or not right:
        return names
    before, after = _talk(old), _talk(new)
    pairs = sorted(
        ((_kinship(a, b, before, after), -i, -j) for i, a in enumerate(left) for j, b in enumerate(right)), reverse=True
    )
    taken: set[str] = set()
    for likeness, i, j in pairs:
        one, other = left[-i].id, right[-j].id
        if likeness >= ALIKE and one not in names and other not in taken:
            names[one] = other
            taken.add(other)
    return names


def _talk(diagram: Diagram) -> dict[str, set[tuple[str, str]]]:
    """Participant → the labels that it sends and hears."""
    found: dict[str, set[tuple[str, str]]] = {}
    for message in diagram.messages():
        for end, word in ((message.sender, "sends"), (message.receiver, "hears")):
            if end is not None:
                found.setdefault(end, set()).add((word, message.text))
    return found


def _kinship(one: Participant, other: Participant, before: Mapping[str, Any], after: Mapping[str, Any]) -> float:
    a, b = before.get(one.id, set()), after.get(other.id, set())
    shared = len(a & b) / len(a | b) if a | b else 0.0
    is_called_so = one.name == other.name and one.kind == other.kind
    return max(shared, 0.9 if is_called_so else 0.0)


def _columns(old: Diagram, new: Diagram, names: Names) -> Iterator[Column]:
    """The new ones in their order; one that is gone behind the one that it stood behind."""
    found = [Column("added", None, participant) for participant in new.participants]
    by_new = {code: index for index, code in enumerate(participant.id for participant in new.participants)}
    gone: dict[str | None, list[Column]] = {}
    previous: str | None = None
    for participant in old.participants:
        if participant.id in names:
            previous = names[participant.id]
            index = by_new[previous]
            details = tuple(_column_details(participant, new.participants[index]))
            found[index] = Column("changed" if details else "same", participant, new.participants[index], details)
        else:
            gone.setdefault(previous, []).append(Column("removed", participant, None))
    yield from gone.get(None, ())
    for column in found:
        yield column
        yield from gone.get(column.new.id if column.new is not None else None, ())


def _column_details(old: Participant, new: Participant) -> Iterator[Detail]:
    for what, one, other in (
        ("code", old.id, new.id),
        ("name", old.name, new.name),
        ("kind", old.kind, new.kind),
        ("stereotype", ", ".join(old.stereotypes), ", ".join(new.stereotypes)),
    ):
        if one != other and not (what == "name" and (one, other) == (old.id, new.id)):
            yield Detail(what, one, other)


def _changes(old: Sequence[Item], new: Sequence[Item], names: Names) -> Iterator[Change]:
    before = [(key, item) for item in old if (key := _key(item, names))]
    after = [(key, item) for item in new if (key := _key(item, {}))]
    for i, j in align([key for key, _ in before], [key for key, _ in after], _likeness):
        if i is None or j is None:
            yield _alone(before[i][1], True) if i is not None else _alone(after[j or 0][1], False)
        elif before[i][0] == after[j][0]:
            yield _same(before[i][1], after[j][1], names)
        else:
            yield _changed(before[i][1], after[j][1], names)


def _alone(item: Item, is_old: bool) -> Change:
    kind = "removed" if is_old else "added"
    lanes: tuple[Lane, ...] = ()
    if isinstance(item, CombinedFragment):
        lanes = tuple(
            Lane(
                kind,  # type: ignore[arg-type]  # one of the two
                operand.guard if is_old else "",
                "" if is_old else operand.guard,
                tuple(_alone(inner, is_old) for inner in operand.items if _key(inner, {})),
            )
            for operand in item.operands
        )
    return Change("removed", item, None, (), lanes) if is_old else Change("added", None, item, (), lanes)


def _same(old: Item, new: Item, names: Names) -> Change:
    lanes: tuple[Lane, ...] = ()
    if isinstance(old, CombinedFragment) and isinstance(new, CombinedFragment):
        lanes = tuple(_lanes(old, new, names))
    return Change("same", old, new, (), lanes)


def _changed(old: Item, new: Item, names: Names) -> Change:
    details = tuple(_details(old, new, names))
    lanes: tuple[Lane, ...] = ()
    if isinstance(old, CombinedFragment) and isinstance(new, CombinedFragment):
        lanes = tuple(_lanes(old, new, names))
    return Change("changed" if details else "same", old, new, details, lanes)


def _lanes(old: CombinedFragment, new: CombinedFragment, names: Names) -> Iterator[Lane]:
    one = [("operand", operand.guard, _keys(operand.items, names)) for operand in old.operands]
    other = [("operand", operand.guard, _keys(operand.items, {})) for operand in new.operands]
    for i, j in align(one, other, _lane_likeness):
        if i is not None and j is not None:
            left, right = old.operands[i], new.operands[j]
            kind = "same" if left.guard == right.guard else "changed"
            yield Lane(kind, left.guard, right.guard, tuple(_changes(left.items, right.items, names)))  # type: ignore[arg-type]
        elif i is not None:
            left = old.operands[i]
            yield Lane("removed", left.guard, "", tuple(_alone(x, True) for x in left.items if _key(x, {})))
        else:
            right = new.operands[j or 0]
            yield Lane("added", "", right.guard, tuple(_alone(x, False) for x in right.items if _key(x, {})))


def _moved(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """What was taken out at one place and put in unchanged at another has moved."""
    if not any(change.kind == "removed" for change in changes) and not any(change.lanes for change in changes):
        return changes
    from seqtest.diagram.difference import walk

    everything = list(walk(changes))
    removed: dict[Key, list[Change]] = {}
    for change in everything:
        if change.kind == "removed" and isinstance(change.old, Message):
            removed.setdefault(_key(change.old, {}), []).append(change)
    there: dict[int, Change] = {}
    gone: set[int] = set()
    for change in everything:
        if change.kind == "added" and isinstance(change.new, Message):
            twins = removed.get(_key(change.new, {}))
            if twins:
                twin = twins.pop(0)
                there[id(change)] = Change("moved", twin.old, change.new)
                gone.add(id(twin))
    return _without(changes, there, gone) if gone else changes


def _without(changes: tuple[Change, ...], there: Mapping[int, Change], gone: set[int]) -> tuple[Change, ...]:
    return tuple(
        replace(
            there.get(id(change), change),
            lanes=tuple(replace(lane, changes=_without(lane.changes, there, gone)) for lane in change.lanes),
        )
        for change in changes
        if id(change) not in gone
    )


def _key(item: Item, names: Names) -> Key:
    """What an item says, with participants by their new names; empty for what says nothing."""
    make = _KEYS.get(type(item))
    return make(item, names) if make is not None else ()


def _keys(items: Sequence[Item], names: Names) -> tuple[Key, ...]:
    return tuple(key for item in items if (key := _key(item, names)))


def _who(names: Names, *codes: str | None) -> tuple[str | None, ...]:
    return tuple(names.get(code, code) if code is not None else None for code in codes)


def _message_key(item: Message, names: Names) -> Key:
    look = item.arrow
    notes = tuple(note.text for note in item.notes)
    life = tuple((event.kind, *_who(names, event.participant)) for event in item.life)
    ends = _who(names, item.sender, item.receiver, *item.more_receivers)
    return "message", ends, item.text, (look.head, look.tail, look.is_dotted), life, notes


def _fragment_key(item: CombinedFragment, names: Names) -> Key:
    lanes = tuple((operand.guard, _keys(operand.items, names)) for operand in item.operands)
    return "fragment", item.operator, item.title, lanes, tuple(note.text for note in item.notes)


_KEYS: Mapping[type, Callable[[Any, Names], Key]] = {
    Message: _message_key,
    CombinedFragment: _fragment_key,
    Note: lambda item, names: ("note", _who(names, *item.participants), item.text),
    InteractionUse: lambda item, names: ("ref", _who(names, *item.participants), tuple(x.text for x in item.lines)),
    Divider: lambda item, names: ("divider", item.text.strip()),
    Delay: lambda item, names: ("delay", item.text.strip()),
    LifeEvent: lambda item, names: ("life", item.kind, *_who(names, item.participant)),
    DurationConstraint: lambda item, names: ("duration", item.start, item.end, item.text),
}


def _likeness(one: Key, other: Key) -> float:
    if one[0] != other[0]:
        return 0.0
    if one[0] == "message":
        return (0.5 if one[1] == other[1] else 0.0) + 0.5 * ratio(one[2], other[2])
    if one[0] == "fragment":
        if one[1] != other[1]:
            return 0.0
        inside, there = ({key for _, keys in each[3] for key in keys} for each in (one, other))
        shared = len(inside & there) / len(inside | there) if inside | there else 1.0
        guards = ratio(" ".join(guard for guard, _ in one[3]), " ".join(guard for guard, _ in other[3]))
        return 0.3 + 0.4 * shared + 0.3 * guards
    return ratio(str(one[1:]), str(other[1:]))


def _lane_likeness(one: Key, other: Key) -> float:
    inside, there = set(one[2]), set(other[2])
    shared = len(inside & there) / len(inside | there) if inside | there else 1.0
    return max(ratio(one[1], other[1]), shared)


def _details(old: Item, new: Item, names: Names) -> Iterator[Detail]:
    """What about an item is another now; of a fragment what is not inside it."""
    if isinstance(old, Message) and isinstance(new, Message):
        yield from _message_details(old, new, names)
    elif isinstance(old, CombinedFragment) and isinstance(new, CombinedFragment):
        if old.title != new.title:
            yield Detail("title", old.title, new.title)
        yield from _note_details(old.notes, new.notes)
    elif isinstance(old, Note) and isinstance(new, Note):
        places = [", ".join(map(str, _who(known, *note.participants))) for note, known in ((old, names), (new, {}))]
        if places[0] != places[1]:
            yield Detail("place", *places)
        yield from _note_details((old,), (new,))
    else:
        yield Detail("text", _words(_key(old, names)), _words(_key(new, {})))


def _words(key: Key) -> str:
    return " ".join(" ".join(map(str, part)) if isinstance(part, tuple) else str(part) for part in key[1:])


def _message_details(old: Message, new: Message, names: Names) -> Iterator[Detail]:
    sender, receiver = _who(names, old.sender, old.receiver)
    if (sender, receiver) != (new.sender, new.receiver):
        ends = (f"{a or '['} -> {b or ']'}" for a, b in ((sender, receiver), (new.sender, new.receiver)))
        yield Detail("ends", *ends)
    if old.text != new.text:
        yield Detail("label", old.text, new.text)
    if (old.arrow.head, old.arrow.tail, old.arrow.is_dotted) != (new.arrow.head, new.arrow.tail, new.arrow.is_dotted):
        yield Detail("arrow", old.arrow.text, new.arrow.text)
    one, other = (_life(message, known) for message, known in ((old, names), (new, {})))
    if one != other:
        yield Detail("activation", one, other)
    yield from _note_details(old.notes, new.notes)


def _life(message: Message, names: Names) -> str:
    return ", ".join(f"{event.kind} {_who(names, event.participant)[0]}" for event in message.life)


def _note_details(old: Sequence[Note], new: Sequence[Note]) -> Iterator[Detail]:
    """Line by line: one that is gone, one that came, one that says something else."""
    one, other = ([line.text for note in notes for line in note.lines] for notes in (old, new))
    for i, j in align([(line,) for line in one], [(line,) for line in other], lambda a, b: ratio(a[0], b[0])):
        left, right = one[i] if i is not None else "", other[j] if j is not None else ""
        if left != right:
            yield Detail("note", left, right)
