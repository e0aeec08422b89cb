"""Who knows what, arrow by arrow: a value that nobody gave the sender is found before anything runs.

A participant knows its settings and the values drawn in messages that it got or sent: top-level fields and headers
under their own names, every `{name}` in a template, names given with `as`. A check may use what anybody knows; a
scripted sender only what it knows itself, and what is public.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from seqtest.dataclass import dataclass
from seqtest.diagram.expectation import (
    PLACES,
    Expectation,
    Promise,
    Reference,
    RequestLine,
    Value,
    expressions,
)
from seqtest.errors import Finding, did_you_mean, from_outside
from seqtest.scenario.drawn import Need, Read, drawn_names, read
from seqtest.scenario.scenario import Step
from seqtest.scenario.script import Script
from seqtest.scenario.sendable import check_nesting, check_step
from seqtest.source import Span

PUBLIC_NAMES = frozenset(("url", "issuer", "jwks", "jwk", "kid", "certificate"))
"""What everybody may know of a participant: `{auth.url}`."""
_NOWHERE: tuple[tuple[Span, str], ...] = ()

Settings = Mapping[str, Mapping[str, Any]]
Outside = Callable[[str], Any]


def settings_drawn(script: Script) -> dict[str, dict[str, Promise]]:
    """Participant → dotted path → the line that draws the setting."""
    found: dict[str, dict[str, Promise]] = {}
    for participant, promises in script.scenario.settings.items():
        own = found.setdefault(participant, {})
        for promise in promises:
            _add_setting(promise, "", own)
    return found


def _add_setting(promise: Promise, prefix: str, own: dict[str, Promise]) -> None:
    path = prefix + ".".join(map(str, promise.path))
    if not promise.children:
        own[path] = promise
    for child in promise.children:
        _add_setting(child, f"{path}.", own)


@dataclass(slots=True)
class _Book:
    """Names known so far: by whom, from which step, and in which lanes."""

    known: dict[str, dict[str, Step]] = field(default_factory=dict)
    """Participant → name → the step it learnt the name in."""
    anybody: dict[str, Step] = field(default_factory=dict)
    redirects: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What the last drawn redirect carries in its query, by who knows it."""
    lanes: dict[str, dict[tuple[tuple[int, int], ...], Step]] = field(default_factory=dict)
    """Name → lane → the first step in that lane which makes it known."""
    opened: dict[str, Step] = field(default_factory=dict)
    """Names of which a bound sender showed only a function."""


def check(script: Script, outside: Outside | None = None) -> list[Finding]:
    """Everything in the script that cannot be known, sent or tested; empty when it can be played.

    `outside` gives values from outside the diagram, and raises KeyError for none.
    """
    settings = settings_drawn(script)
    book = _Book()
    findings: list[Finding] = []
    participants = frozenset(participant.id for participant in script.scenario.participants)
    for step in script.scenario.steps:
        if step.kind == "keep":
            _keep(step, book)
        if step.expectation is None:
            continue
        said = read(step.expectation)
        if said.needs:
            findings += _check_needs(step, said, script, settings, outside, participants, book)
        if step.kind != "state":
            findings += check_step(step, said, script, participants, settings)
            findings += check_nesting(step, script)
            _learn(step, said, script, book)
            if step.lane:
                _note_lanes(step, said, book)
    return _once(findings)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    seen: set[tuple[str, str, Span | None]] = set()
    found = []
    for finding in findings:
        key = (finding.code, finding.message, finding.span)
        if key not in seen:
            seen.add(key)
            found.append(finding)
    return found


def _keep(step: Step, book: _Book) -> None:
    for name, other in step.keeps:
        for known in book.known.values():
            if name in known:
                known[other] = step
        if name in book.anybody:
            book.anybody[other] = step
            for participant in step.covered:
                book.known.setdefault(participant, {})[other] = step


def _learn(step: Step, said: Read, script: Script, book: _Book) -> None:
    names = [name for name, _ in said.names]
    parties = [step.sender, step.receiver]
    for promise in said.expectation.promises:
        if promise.place == "header" and str(promise.path[0]).lower() == "location":
            carried = tuple(
                str(child.path[0]) for child in promise.children if child.operator != "absent" and child.path
            )
            for party in parties:
                book.redirects[party] = carried
    if "Location" in names and isinstance(said.expectation.line, RequestLine):
        names += book.redirects.get(step.sender, ())
    if said.opened and script.is_bound(step.sender):
        book.opened.update(dict.fromkeys(said.opened, step))
    for name in names:
        if name in book.opened and book.opened[name] is not step:
            del book.opened[name]
        book.anybody[name] = step
    learnt = dict.fromkeys(names, step)
    for party in parties:
        book.known.setdefault(party, {}).update(learnt)


def _note_lanes(step: Step, said: Read, book: _Book) -> None:
    """Names learnt in two operands of a `par` clash: which one is the latest would be chance."""
    for name, _ in said.names:
        book.lanes.setdefault(name, {}).setdefault(step.lane, step)


def _ambiguous(name: str, step: Step, book: _Book) -> tuple[Step, Step] | None:
    """Two steps in different lanes of one `par` that both make the name known before this step, outside of them."""
    by_lane = book.lanes.get(name)
    if by_lane is None or len(by_lane) < 2:
        return None
    latest = book.anybody.get(name)
    if latest is None or not latest.lane:
        return None
    for lane, other in by_lane.items():
        for (fragment, operand), (own_fragment, own_operand) in zip(lane, latest.lane, strict=False):
            if (
                fragment == own_fragment
                and operand != own_operand
                and (fragment, own_operand) not in step.lane
                and (fragment, operand) not in step.lane
            ):
                return other, latest
    return None


def _check_needs(
    step: Step,
    said: Read,
    script: Script,
    settings: Settings,
    outside: Outside | None,
    participants: Collection[str],
    book: _Book,
) -> Iterator[Finding]:
    is_scripted = not script.is_bound(step.sender)
    followed = _followed(said.expectation) if step.sender in script.user_agents else None
    for need in said.needs:
        first = str(need.reference.path[0])
        if need.reference is followed:
            continue
        if need.is_in_function and any(name == first and promise is not None for name, promise in said.names):
            continue
        if first in step.given:
            yield from _check_given(step.given[first], need, step, script, settings, outside, is_scripted, book)
            continue
        if _is_named_above(first, need, said):
            continue
        if len(need.reference.path) > 1 and first in participants:
            finding = _check_participant(need, step, settings, is_scripted, book)
        else:
            finding = _check_name(first, need, step, script, settings, outside, is_scripted, book)
        if finding is not None:
            yield finding


def _is_named_above(name: str, need: Need, said: Read) -> bool:
    """Whether a line above in this message names a value so: `sub as user_id`, `{new user_id}`, then `{user_id}`."""
    if name in said.new_in_label or (name in said.new and _stands_before(said.new[name], need.span)):
        return True
    return any(promise.name == name and _stands_before(promise.span, need.span) for promise in said.named)


def _stands_before(one: Span | None, other: Span | None) -> bool:
    return one is None or other is None or (one.line, one.column) < (other.line, other.column)


def _followed(expectation: Expectation) -> Any:
    """The `{Location}` that a request goes to: a browser knows where it was sent, drawn or not."""
    line = expectation.line
    is_redirect = isinstance(line, RequestLine) and line.target.parts == (Reference(("Location",)),)
    return line.target.parts[0] if is_redirect and isinstance(line, RequestLine) else None


def _check_given(
    value: Value,
    need: Need,
    step: Step,
    script: Script,
    settings: Settings,
    outside: Outside | None,
    is_scripted: bool,
    book: _Book,
) -> Iterator[Finding]:
    """What a `ref` or a row gives is made of names that mean what they mean around it: anybody may know them."""
    for held in expressions(value):
        if isinstance(held, Reference) and len(held.path) == 1:
            inner, name = Need(held, held.span or need.span, need.is_in_function), str(held.path[0])
            is_own = is_scripted and name in book.opened
            finding = _check_name(name, inner, step, script, settings, outside, is_own, book)
            if finding is not None:
                yield finding


def _check_name(
    name: str,
    need: Need,
    step: Step,
    script: Script,
    settings: Settings,
    outside: Outside | None,
    is_scripted: bool,
    book: _Book,
) -> Finding | None:
    clash = _ambiguous(name, step, book)
    if clash is not None and not (is_scripted and name in settings.get(step.sender, {})):
        one, other = clash
        return Finding(
            "SQ362",
            f"`{name}` is learnt in two operands of a `par`, so it may be either",
            need.span,
            label="which one?",
            do=f"keep each under its own name: `{name} as …`",
            also=tuple((place.span, "learnt here") for place in (one, other) if place.span is not None),
        )
    knows = book.known.get(step.sender, {})
    if name in knows and not (is_scripted and name in book.opened):
        return None
    if name in settings.get(step.sender, {}):
        return None
    if not is_scripted and (name in book.anybody or any(name in own for own in settings.values())):
        return None
    if _is_outside(name, outside):
        return None
    if name in book.opened:
        return Finding(
            "SQ361",
            f"{step.sender} cannot know `{name}`: only a function of it was seen",
            need.span,
            do=f"draw `{name}` where it is sent, or let the client be scripted too",
        )
    if name in book.anybody:
        return _not_received(name, need, step, script, book)
    return _unknown(name, need, step, script, settings, book)


def _is_outside(name: str, outside: Outside | None) -> bool:
    if outside is None:
        return False
    try:
        outside(name)
    except KeyError:
        return False
    return True


def _not_received(name: str, need: Need, step: Step, script: Script, book: _Book) -> Finding:
    line = need.span.line if need.span is not None else 0
    source = _where_to_draw(name, step, script)
    where = f": draw it at line {source.span.line}" if source is not None and source.span is not None else ""
    also = (
        ((source.span, f"{step.sender} could have received it here"),)
        if source is not None and source.span is not None
        else ()
    )
    return Finding(
        "SQ360",
        f"{step.sender} has not received `{name}` by line {line}{where}",
        need.span,
        label=f"`{step.sender}` would have to know it",
        why="a scripted participant knows what is drawn in messages that it got or sent, and its settings",
        do=f"draw `{name}` in the message that gives it to {step.sender}",
        also=also,
    )


def _unknown(name: str, need: Need, step: Step, script: Script, settings: Settings, book: _Book) -> Finding:
    do = _by_its_own_name(name, need, script)
    source = None if do else _where_to_draw(name, step, script)
    also = _NOWHERE
    if source is not None and source.span is not None and need.span is not None:
        message = (
            f"{step.sender} has not received `{name}` by line {need.span.line}: draw it at line {source.span.line}"
        )
        also = ((source.span, "it could be drawn here"),)
    else:
        message = f"nothing is known under the name `{'.'.join(map(str, need.reference.path)) if do else name}`"
    known = sorted({*book.anybody, *(path for own in settings.values() for path in own if "." not in path)})
    return Finding(
        "SQ360",
        message,
        need.span,
        label="" if do else did_you_mean(name, known),
        why="a name is known from a message that draws it, from settings, or from outside",
        do=do or f"draw `{name}` where it comes from, or give it from outside: {from_outside(name)}",
        also=also,
    )


def _by_its_own_name(name: str, need: Need, script: Script) -> str:
    """What to write instead of `{cookie.sid}`, or of a participant's bare name; empty for any other name."""
    path = need.reference.path
    if name in PLACES and len(path) > 1:
        return f"write `{{{'.'.join(map(str, path[1:]))}}}`: in braces a field goes by its own name"
    if len(path) == 1 and any(name == participant.id for participant in script.scenario.participants):
        own = ("jwk", "jwks", "url") if need.is_in_function else ("jwks", "url", "issuer")
        return f"`{name}` is a participant; of it there are " + ", ".join(f"`{name}.{one}`" for one in own)
    return ""


def _where_to_draw(name: str, step: Step, script: Script) -> Step | None:
    """The earlier message to the sender in which the value most likely came: by likeness of names, then the latest."""
    words = set(re.split(r"[_\W]+", name.lower())) - {""}
    best: tuple[int, int, Step] | None = None
    for other in script.scenario.steps[: step.index]:
        if (
            other.receiver != step.sender
            or other.expectation is None
            or other.kind not in ("response", "request", "result")
        ):
            continue
        drawn = {word for held, _ in drawn_names(other.expectation) for word in re.split(r"[_\W]+", held.lower())}
        score = (len(words & drawn), other.index, other)
        if best is None or score[:2] > best[:2]:
            best = score
    return best[2] if best is not None and best[0] else None


def _check_participant(need: Need, step: Step, settings: Settings, is_scripted: bool, book: _Book) -> Finding | None:
    participant, *rest = (str(part) for part in need.reference.path)
    dotted, first = ".".join(rest), rest[0]
    own = settings.get(participant, {})
    if first in PUBLIC_NAMES:
        return None
    is_known = dotted in own or first in own or first in book.known.get(participant, {})
    if not is_known:
        return Finding(
            "SQ361",
            f"nothing is known of `{participant}` under the name `{dotted}`",
            need.span,
            label=did_you_mean(dotted, (*own, *book.known.get(participant, {}), *PUBLIC_NAMES)),
            why="what is drawn is known: settings, and what messages to and from somebody draw",
            do=f"draw `{first}` above this line in a message of `{participant}`, or among its settings",
        )
    if is_scripted and participant != step.sender:
        return Finding(
            "SQ361",
            f"{step.sender} cannot know `{participant}.{dotted}`",
            need.span,
            why="a scripted sender knows its own values and what is public: " + ", ".join(sorted(PUBLIC_NAMES)),
            do=f"give it to {step.sender} in a message, or as a setting of its own",
        )
    return None
