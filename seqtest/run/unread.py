"""Settings that nobody reads: neither seqtest, nor the flow, nor who plays the participant.

A drawing is played with this cast today and with another one tomorrow, so a setting that some kind of actor has is
never a slip. What no kind has and nobody asks for is told. A guard is another matter: it chooses what is played, so
where the user's own code plays its participant, that code must have looked at it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqtest.contents.secrets import SETTING_ENDINGS
from seqtest.contents.settings import READ, path_of
from seqtest.diagram.expectation import Promise
from seqtest.errors import Finding
from seqtest.scenario import Scenario, Script
from seqtest.scenario.drawn import needs

EVERYTHING = "*"


class Watched(dict[str, Any]):
    """A participant's settings, as given to code of the user's; it notes which of them are looked at."""

    __slots__ = ("_read",)

    def __init__(self, values: Mapping[str, Any], read: set[str]) -> None:
        super().__init__(values)
        self._read = read

    def __getitem__(self, path: str) -> Any:
        self._read.add(path)
        return super().__getitem__(path)

    def get(self, path: str, default: Any = None) -> Any:
        self._read.add(path)
        return super().get(path, default)

    def __contains__(self, path: object) -> bool:
        self._read.add(str(path))
        return super().__contains__(path)

    def __iter__(self) -> Iterator[str]:
        self._read.add(EVERYTHING)
        return super().__iter__()

    def keys(self) -> Any:
        self._read.add(EVERYTHING)
        return super().keys()

    def values(self) -> Any:
        self._read.add(EVERYTHING)
        return super().values()

    def items(self) -> Any:
        self._read.add(EVERYTHING)
        return super().items()


def guards_passed_over(script: Script, with_table: Sequence[str], read: Mapping[str, set[str]]) -> list[Finding]:
    """Guards of this case that are settings of a participant of the user's own, at which nobody has looked.

    `with_table`: who says itself which settings there are; `read`: participant → paths that were looked at.
    """
    found = []
    for choice in script.scenario.choices:
        setting = choice.branches[choice.taken].setting
        if setting is None:
            continue
        participant, promise = setting
        if not script.is_bound(participant) or participant in with_table:
            continue
        path = path_of(promise)
        if not _is_read(path, read.get(participant, set())) and not _is_asked(script.scenario, participant, promise):
            found.append(_chooses_nothing(participant, path, choice.branches[choice.taken].span))
    return found


def never_read(script: Script, with_table: Sequence[str], read: Mapping[str, set[str]]) -> list[Finding]:
    """Warnings: settings of participants that nobody plays, or code of the user's, which nothing reads."""
    scenario = script.scenario
    found = []
    for participant, promises in scenario.settings.items():
        if participant in with_table or _shows_its_state(scenario, participant):
            continue
        looked_at = read.get(participant, set())
        for path, promise in _leaves(promises):
            if not (
                _is_read(path, looked_at)
                or path.rpartition(".")[2] in SETTING_ENDINGS
                or _is_written(scenario, str(promise.path[0]), path)
                or _some_kind_has(path)
            ):
                found.append(_nobody_reads(participant, path, promise))
    return found


def _leaves(promises: Sequence[Promise], prefix: str = "") -> Iterator[tuple[str, Promise]]:
    for promise in promises:
        path = path_of(promise, prefix)
        if promise.children:
            yield from _leaves(promise.children, f"{path}.")
        else:
            yield path, promise


def _is_read(path: str, looked_at: set[str]) -> bool:
    return EVERYTHING in looked_at or path in looked_at or path.partition(".")[0] in READ


def _is_asked(scenario: Scenario, participant: str, promise: Promise) -> bool:
    """Whether an arrow of this case asks for it: `{api.format}`, or `{format}`."""
    names = [str(step) for step in promise.path]
    for step in scenario.steps:
        for need in needs(step.expectation) if step.expectation is not None else ():
            asked = [str(one) for one in need.reference.path]
            if asked[: len(names)] == names or asked[: len(names) + 1] == [participant, *names]:
                return True
    return False


def _is_written(scenario: Scenario, first: str, path: str) -> bool:
    """Whether the drawing asks for it anywhere, in another of its cases too."""
    words = "|".join(re.escape(one) for one in {first, path})
    asking = re.compile(rf"\{{[^{{}}\n]*(?<!\w)(?:{words})(?!\w)")
    spans = (scenario.diagram.span, *(step.span for step in scenario.steps))
    sources = {id(span.source): span.source for span in spans if span is not None}
    return any(source is not None and asking.search(source.text) for source in sources.values())


def _shows_its_state(scenario: Scenario, participant: str) -> bool:
    return any(step.kind == "state" and step.sender == participant for step in scenario.steps)


def _some_kind_has(path: str) -> bool:
    from seqtest.actors.settings import unknown
    from seqtest.run.cast import KINDS, load

    return any(not unknown(load(kind).settings_table, [path], "") for kind in KINDS)


def _chooses_nothing(participant: str, path: str, span: Any) -> Finding:
    return Finding(
        "SQ374",
        f"nobody looked at the setting `{path}` of `{participant}`, so this guard chose nothing",
        span,
        why=f"the code that plays `{participant}` did the same as in the other operands: one of them was not tested",
        do="let it read the setting (`part.settings`, in an Actor or a function of `part`), or write words as the "
        'guard and bring them about with `@seqtest.given("…")`',
    )


def _nobody_reads(participant: str, path: str, promise: Promise) -> Finding:
    return Finding(
        "SQ375",
        f"nobody reads the setting `{path}` of `{participant}`",
        promise.span,
        severity="warning",
        why="a setting that nobody reads would look like one that holds",
        do=f"ask for it as `{{{path}}}`, take it out, or make it words: `//{path} …`",
    )
