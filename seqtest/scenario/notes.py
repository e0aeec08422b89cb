"""Notes that stand at participants: settings above the first arrow, checks of their state below it."""

from collections.abc import Mapping

from seqtest.diagram import Note
from seqtest.diagram.expectation import ActionLine, Expectation, Promise, Template
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.scenario.walk import SettingKey, Walk


def place_note(walk: Walk, note: Note) -> None:
    """Settings, a state check, or (across all) prose that may not look like checks."""
    if not note.participants:
        _across(walk, note)
        return
    promises = walk.place.flow.promises[id(note)]
    if not promises:
        return
    if walk.place.progress.has_arrow:
        _state(walk, note, promises)
    else:
        for participant in note.participants:
            for promise in promises:
                _setting(walk, participant, promise)


def _state(walk: Walk, note: Note, promises: tuple[Promise, ...]) -> None:
    expectation = Expectation(ActionLine(Template(())), promises, span=note.span)
    for participant in note.participants:
        text = f"state of {participant}"
        walk.advance(walk.add("state", participant, participant, expectation=expectation, text=text, span=note.span))


def _setting(walk: Walk, participant: str, promise: Promise) -> None:
    key = (participant, promise.path)
    drawn = walk.settings.setdefault(key, promise)
    if promise.operator != "=" or promise.is_optional or promise.name is not None:
        walk.report(
            Finding(
                "SQ316",
                "this is no setting",
                promise.span,
                label="expected `name = value`",
                why="a note over a participant above the first arrow holds its settings",
                do="write `name = value`, or move a check of its state below the first arrow",
            )
        )
    elif (drawn.values, drawn.children) != (promise.values, promise.children):
        walk.report(_differs(participant, promise, drawn))


def _differs(participant: str, promise: Promise, drawn: Promise) -> Finding:
    name = ".".join(str(segment) for segment in promise.path)
    return Finding(
        "SQ313",
        f"`{name}` of `{participant}` is set twice, and differently",
        promise.span,
        why="a flow that another one uses runs with the same settings, and there is one of each",
        do="give both the same value, or leave one of them out",
        also=((drawn.span, "set here"),) if drawn.span else (),
    )


def _across(walk: Walk, note: Note) -> None:
    """A note across belongs to nobody. What reads as checks there would be skipped, so it is an error."""
    try:
        promises = walk.flows.note_promises(note)
    except UnreadableDiagram:
        return
    check = next((promise for promise in promises if promise.operator != "present" or promise.is_optional), None)
    if check is not None:
        walk.report(
            Finding(
                "SQ320",
                "this note reads like checks, and a note across belongs to no participant",
                check.span or note.span,
                do="write `note over` and a participant for settings and state, or `note across <<prose>>` for words",
            )
        )


def settings_of(walk: Walk) -> Mapping[str, tuple[Promise, ...]]:
    """Participant → settings as drawn, with those that guards make in this case in their stead."""
    merged: dict[SettingKey, Promise] = {**walk.settings, **walk.guard_settings}
    settings: dict[str, list[Promise]] = {}
    for (participant, _), promise in merged.items():
        settings.setdefault(participant, []).append(promise)
    return {participant: tuple(promises) for participant, promises in settings.items()}
