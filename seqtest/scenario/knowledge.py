"""Who knows what, arrow by arrow: a value that nobody gave the sender is found before anything runs.

A participant knows its settings and the values drawn in messages that it got or sent: top-level fields and headers
under their own names, every `{name}` in a template, names given with `as`. A check may use what anybody knows; a
scripted sender only what it knows itself, and what is public.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPMethod, HTTPStatus
from typing import Any

from seqtest.diagram.expectation import (
    ActionLine,
    Call,
    Expectation,
    Expression,
    Moment,
    New,
    Promise,
    Reference,
    RequestLine,
    StatusLine,
    Template,
    Value,
    expressions,
)
from seqtest.errors import Finding, did_you_mean
from seqtest.scenario.scenario import LEFT_GATE, RIGHT_GATE, Step
from seqtest.scenario.script import Script
from seqtest.source import Span

PUBLIC_NAMES = frozenset(("url", "issuer", "jwks", "jwk", "kid"))
"""What everybody may know of a participant: `{auth.url}`."""
_NOWHERE: tuple[tuple[Span, str], ...] = ()
GATES = frozenset((LEFT_GATE, RIGHT_GATE))
NEEDS_EXAMPLE = frozenset(("matches", "contains", "lacks", "<", ">", "!="))
SIGNATURE_OF_NAMED = "signed by"

Settings = Mapping[str, Mapping[str, Any]]
Outside = Callable[[str], Any]


# ---- What a step makes known ----


def drawn_names(expectation: Expectation) -> list[tuple[str, Promise | None]]:
    """The names that the arrow makes known, each with the line that does (None for the label)."""
    found: list[tuple[str, Promise | None]] = [(name, None) for name in _names_in_line(expectation)]
    for promise in expectation.promises:
        found += _names_of(promise, is_top=True)
    return found


def _names_in_line(expectation: Expectation) -> Iterator[str]:
    line = expectation.line
    if isinstance(line, RequestLine):
        yield from _names_in_text(line.target)
    elif isinstance(line, ActionLine):
        yield from _names_in_text(line.text)


def _names_of(promise: Promise, is_top: bool) -> Iterator[tuple[str, Promise]]:
    if promise.operator == "absent" or promise.place == "signature":
        return
    if is_top and len(promise.path) == 1 and isinstance(promise.path[0], str):
        yield promise.path[0], promise
    if promise.name is not None:
        yield promise.name, promise
    if promise.operator == "=":
        for value in promise.values:
            for name in _names_in_text(value):
                yield name, promise
    is_location = promise.place == "header" and str(promise.path[0]).lower() == "location"
    if not promise.is_tampered:
        for child in promise.children:
            yield from _names_of(child, is_top=is_location)


def _names_in_text(value: Value) -> Iterator[str]:
    """`{x}` and `{new x}` in the text itself; in a function only what is new."""
    if not isinstance(value, Template):
        return
    for part in value.parts:
        if isinstance(part, Reference) and len(part.path) == 1:
            yield str(part.path[0])
        elif isinstance(part, (New, Call)):
            yield from (held.name for held in expressions(part) if isinstance(held, New))


# ---- What a step needs ----


@dataclass(frozen=True, slots=True)
class Need:
    """A name in braces, and where it stands."""

    reference: Reference
    span: Span | None
    is_in_function: bool = False


def needs(expectation: Expectation) -> Iterator[Need]:
    """Every name in braces that must have a value when the arrow's turn comes."""
    line = expectation.line
    if isinstance(line, RequestLine):
        yield from _needs_of(line.target, expectation.span)
    elif isinstance(line, ActionLine):
        yield from _needs_of(line.text, expectation.span)
    elif isinstance(line, StatusLine) and line.reference is not None:
        yield Need(line.reference, line.reference.span or expectation.span)
    for promise in expectation.walk():
        for value in (*promise.values, *((promise.example,) if promise.example is not None else ())):
            yield from _needs_of(value, promise.value_span or promise.span)


def _needs_of(value: Value | Expression, span: Span | None, is_in_function: bool = False) -> Iterator[Need]:
    if isinstance(value, Template):
        for part in value.parts:
            if not isinstance(part, str):
                yield from _needs_of(part, span)
    elif isinstance(value, Call):
        for argument in value.arguments:
            yield from _needs_of(argument, span, is_in_function=True)
    elif isinstance(value, Reference):
        yield Need(value, value.span or span, is_in_function)


def last_needs(script: Script) -> dict[str, int]:
    """Name → the last step in which a scripted sender needs it."""
    found: dict[str, int] = {}
    for step in script.scenario.steps:
        if step.expectation is not None and not script.is_bound(step.sender):
            for need in needs(step.expectation):
                found[str(need.reference.path[0])] = step.index
        for name, _ in step.keeps:
            found[name] = step.index
    return found


# ---- Checking a script ----


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
        findings += _check_needs(step, script, settings, outside, participants, book)
        if step.kind != "state":
            findings += check_step(step, script, participants, settings)
            _learn(step, script, book)
            _note_lanes(step, book)
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


def _learn(step: Step, script: Script, book: _Book) -> None:
    assert step.expectation is not None  # noqa: S101  # check() passes over steps without one
    names = [name for name, _ in drawn_names(step.expectation)]
    parties = [step.sender, step.receiver]
    for promise in step.expectation.promises:
        if promise.place == "header" and str(promise.path[0]).lower() == "location":
            carried = tuple(
                str(child.path[0]) for child in promise.children if child.operator != "absent" and child.path
            )
            for party in parties:
                book.redirects[party] = carried
    if "Location" in names and isinstance(step.expectation.line, RequestLine):
        names += book.redirects.get(step.sender, ())
    is_seen = script.is_bound(step.sender)
    for promise in step.expectation.walk():
        name = _opened(promise)
        if name is not None and is_seen:
            book.opened[name] = step
    for name in names:
        if name in book.opened and book.opened[name] is not step:
            del book.opened[name]
        book.anybody[name] = step
        for party in parties:
            book.known.setdefault(party, {})[name] = step


def _opened(promise: Promise) -> str | None:
    value = promise.values[0] if promise.values else None
    if isinstance(value, Template) and len(value.parts) == 1 and isinstance(value.parts[0], Call):
        return next((held.name for held in expressions(value.parts[0]) if isinstance(held, New)), None)
    return None


def _note_lanes(step: Step, book: _Book) -> None:
    """Names learnt in two operands of a `par` clash: which one is the latest would be chance."""
    if step.lane and step.expectation is not None:
        for name, _ in drawn_names(step.expectation):
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
    script: Script,
    settings: Settings,
    outside: Outside | None,
    participants: Collection[str],
    book: _Book,
) -> Iterator[Finding]:
    assert step.expectation is not None  # noqa: S101  # check() passes over steps without one
    own = {name for name, promise in drawn_names(step.expectation) if promise is not None}
    made = set(_new_in(step.expectation))
    is_scripted = not script.is_bound(step.sender)
    for need in needs(step.expectation):
        first = str(need.reference.path[0])
        if need.is_in_function and first in own:
            continue
        if first in step.given or first in made:
            continue
        if len(need.reference.path) > 1 and first in participants:
            finding = _check_participant(need, step, settings, is_scripted, book)
        else:
            finding = _check_name(first, need, step, script, settings, outside, is_scripted, book)
        if finding is not None:
            yield finding


def _new_in(expectation: Expectation) -> Iterator[str]:
    for promise in expectation.walk():
        for value in promise.values:
            if not isinstance(value, Moment):
                yield from (held.name for held in expressions(value) if isinstance(held, New))


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
    source = _where_to_draw(name, step, script)
    also = _NOWHERE
    if source is not None and source.span is not None and need.span is not None:
        message = (
            f"{step.sender} has not received `{name}` by line {need.span.line}: draw it at line {source.span.line}"
        )
        also = ((source.span, "it could be drawn here"),)
    else:
        message = f"nothing is known under the name `{name}`"
    known = sorted({*book.anybody, *(path for own in settings.values() for path in own if "." not in path)})
    return Finding(
        "SQ360",
        message,
        need.span,
        label=did_you_mean(name, known),
        why="a name is known from a message that draws it, from settings, or from outside (`--seqtest-var`, a fixture)",
        do=f"draw `{name}` where it comes from, or give it from outside: `--seqtest-var {name}=…`",
        also=also,
    )


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


# ---- What a sender can send, and what can be tested ----


def check_step(step: Step, script: Script, participants: Collection[str], settings: Settings) -> Iterator[Finding]:
    """Promises that cannot be sent by a scripted sender, or tested on a bound one."""
    expectation = step.expectation
    if expectation is None:
        return
    is_scripted = not script.is_bound(step.sender)
    if script.is_bound(step.sender) or script.is_bound(step.receiver):
        yield from _hidden_check(step, expectation)
    if is_scripted and script.is_bound(step.receiver):
        yield from _sendable(expectation.promises, expectation)
    for promise in expectation.walk():
        if promise.is_tampered and not is_scripted:
            yield Finding(
                "SQ363",
                f"`but` changes what a scripted sender sends, and `{step.sender}` is bound",
                promise.span,
                do="take `but` off to check the token, or leave the sender to the diagram",
            )
        if promise.operator == SIGNATURE_OF_NAMED:
            yield from _signer(promise, step, script, participants, settings, is_scripted)
        if promise.operator in ("openapi",):
            yield Finding(
                "SQ247", "`matches openapi` cannot be tested yet", promise.span, why="it comes in a later version"
            )


_METHODS = "|".join(method.value for method in HTTPMethod)
_HIDDEN_REQUEST = re.compile(rf"(?:^|(?<=[\s(:,])|(?<=\d[.)]))({_METHODS})\s+(\S+)")
_STATUS = re.compile(r"(?<![\w.-])([1-5]\d\d)(?![\w-]|\.\d)(?:\s+(\w[\w' -]*))?")
_BEFORE_STATUS = re.compile(
    r"(?:^|\b(?:https?|status|code|returns?|responds?|answers?|replies|with|error|http/\d(?:\.\d)?))\s*:?\s*$", re.I
)


def _hidden_check(step: Step, expectation: Expectation) -> Iterator[Finding]:
    """An action whose text holds a method and a target, or a status: it looks like a check and would not run."""
    if not isinstance(expectation.line, ActionLine) or not expectation.line.text.parts:
        return
    text = "".join(part if isinstance(part, str) else "{}" for part in expectation.line.text.parts)
    request = _HIDDEN_REQUEST.search(text)
    if request is not None:
        target = request[2] if request[2].startswith(("/", "http", "{")) else f"/{request[2]}"
        yield _hidden(expectation, "a request", f"begin the label with it: `{request[1]} {target}`")
        return
    status = _hidden_status(text)
    if status is not None:
        yield _hidden(expectation, "a status", f"begin the label with it: `{status}`")
        return
    if "{" in text.replace("{}", ""):
        yield Finding(
            "SQ364",
            "the braces in this action hold no value",
            expectation.span,
            label="`{name}` would be one",
            why="what looks like a check and is none would never be tested",
            do="write `{name}` with a name that is known, or put the fields into a note",
        )


def _hidden_status(text: str) -> str | None:
    """A number that is meant as a status: its reason phrase follows, or a word that announces one stands before it."""
    for match in _STATUS.finditer(text):
        try:
            phrase = HTTPStatus(int(match[1])).phrase.lower()
        except ValueError:
            continue
        if (match[2] or "").lower().startswith(phrase) or _BEFORE_STATUS.search(text[: match.start()]):
            return match[1]
    return None


def _hidden(expectation: Expectation, what: str, do: str) -> Finding:
    return Finding(
        "SQ364",
        f"this action's text holds {what}, which would not be tested",
        expectation.span,
        why="a label is a request or a response when it begins like one; anything else is an action",
        do=do,
    )


def _sendable(promises: Sequence[Promise], expectation: Expectation) -> Iterator[Finding]:
    drawn = {
        (promise.place, promise.path)
        for promise in promises
        if promise.operator in ("=", "in", "<=", ">=", "starts with", "type", "present", "unique")
        or promise.example is not None
    }
    for promise in promises:
        if promise.operator in NEEDS_EXAMPLE and promise.example is None and (promise.place, promise.path) not in drawn:
            yield Finding(
                "SQ365",
                f"a scripted sender cannot choose a value for `{promise.operator}`",
                promise.span,
                label="many values keep this",
                do=f"write one behind it: `{_line_of(promise)} e.g. value`",
            )
        elif promise.operator == "type" and promise.type_name == "jwe" and promise.example is None:
            yield Finding(
                "SQ365",
                "a scripted sender cannot make an encrypted token",
                promise.span,
                do="write one behind it: `e.g. value`",
            )
        elif promise.operator in ("schema", "openapi"):
            yield Finding(
                "SQ365",
                "a scripted sender sends what is drawn, and a schema is no value",
                promise.span,
                do="draw the fields",
            )
        if not promise.is_tampered:
            yield from _sendable(promise.children, expectation)


def _line_of(promise: Promise) -> str:
    span = promise.span
    return span.text[span.column - 1 : span.end_column - 1] if span is not None else promise.operator


def _signer(
    promise: Promise, step: Step, script: Script, participants: Collection[str], settings: Settings, is_scripted: bool
) -> Iterator[Finding]:
    value = promise.values[0]
    signer = getattr(value, "text", "")
    if signer in participants:
        if (
            is_scripted
            and signer != step.sender
            and not script.is_bound(signer)
            and not _has_key(settings.get(signer, {}))
        ):
            yield Finding(
                "SQ367",
                f"`{signer}` has no private key to sign with",
                promise.value_span or promise.span,
                do=f"draw `key = ES256` in the settings of `{signer}`",
            )
    elif not is_scripted:
        yield Finding(
            "SQ367",
            f"`{signer}` is no participant, so it has no keys to verify with",
            promise.value_span or promise.span,
            label=did_you_mean(signer, tuple(participants)),
            do="a stranger's signature can only be made by a scripted sender",
        )


def _has_key(own: Mapping[str, Any]) -> bool:
    return any(path == "key" or path.startswith(("key.", "keys.")) for path in own)
