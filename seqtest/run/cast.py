"""Cast: who plays whom. Explicit bindings come before stereotypes; a participant that nobody plays is scripted."""

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cache
from typing import Any

from seqtest.actors.actor import Actor, Part
from seqtest.actors.application import Factory, NotAPlayer, factory, makes_by_user_code
from seqtest.actors.remote import Live
from seqtest.dataclass import dataclass
from seqtest.diagram import Participant
from seqtest.errors import Finding, Unanswerable, UnplayableScenario, did_you_mean
from seqtest.exchange import NOTHING

KINDS: Mapping[str, str] = {
    "authorization-server": "seqtest.actors.authorization_server:AuthorizationServer",
    "client": "seqtest.actors.client:Client",
    "gateway": "seqtest.actors.gateway:Gateway",
    "resource-server": "seqtest.actors.resource_server:ResourceServer",
    "token-store": "seqtest.actors.token_store:TokenStore",
}
"""Stereotype → the actor of ours that plays it. Others are found as entry points of the group `seqtest.actors`."""

BROWSER = "browser"
"""The kind of a scripted participant that keeps cookies and pages; the diagram plays it."""
ALIASES: Mapping[str, str] = {
    "openid-provider": "authorization-server",
    "relying-party": "client",
    "user-agent": BROWSER,
}
"""Stereotype → the kind that it is another name of: OpenID Connect's names of the roles, RFC 6749's of a browser."""
NAMES = frozenset((*KINDS, *ALIASES, BROWSER))

GROUP = "seqtest.actors"


@dataclass(frozen=True, slots=True)
class Cast:
    """Participant → who plays it."""

    players: Mapping[str, Factory] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Participant → the kind that plays it, for those played by a kind."""
    user_agents: frozenset[str] = frozenset()
    """The scripted participants that are browsers."""

    @property
    def live(self) -> Mapping[str, Live]:
        """Participant → the server that plays it, for those that run elsewhere."""
        return {name: make for name, make in self.players.items() if isinstance(make, Live)}

    @property
    def bound(self) -> frozenset[str]:
        """The participants that somebody real plays."""
        return frozenset(self.players)


def cast(participants: Sequence[Participant], bindings: Mapping[str, Any] = NOTHING) -> Cast:
    """Who plays each participant.

    A binding is an Actor class, a WSGI application, a base URL, a function (see `seqtest.actors.application`), or None
    to have the participant scripted whatever its stereotype says. Raises Unanswerable for a binding that cannot play or
    names no participant, UnplayableScenario for a stereotype that is nearly a kind.
    """
    known = {participant.id: participant for participant in participants}
    players: dict[str, Factory] = {}
    kinds: dict[str, str] = {}
    user_agents: set[str] = set()
    findings = [_nobody(name, tuple(known)) for name in bindings if name not in known]
    if findings:
        raise Unanswerable(*findings)
    for participant in participants:
        if participant.id in bindings:
            binding = bindings[participant.id]
            if binding is None:
                if is_user_agent(participant):
                    user_agents.add(participant.id)
                continue
            try:
                players[participant.id] = factory(binding)
            except NotAPlayer as problem:
                raise Unanswerable(_unfit(participant, str(problem))) from None
            kind = _kind_of(binding)
        else:
            kind = kind_of(participant)
            if kind == BROWSER:
                user_agents.add(participant.id)
                continue
            if kind is not None:
                players[participant.id] = _Lazily(kind)
        if kind is not None:
            kinds[participant.id] = kind
    return Cast(players, kinds, frozenset(user_agents))


def is_user_agent(participant: Participant) -> bool:
    """Whether a stereotype says that it is a browser."""
    return any(ALIASES.get(name, name) == BROWSER for name in map(_plain, participant.stereotypes))


def kind_of(participant: Participant) -> str | None:
    """The kind that a stereotype names; None when it names none. Raises UnplayableScenario for what is nearly one."""
    found = [kind for kind in (_read_kind(text, participant) for text in participant.stereotypes) if kind is not None]
    if len(found) > 1:
        raise UnplayableScenario(
            Finding(
                "SQ405",
                f"{participant.id} cannot be {' and '.join(found)} at once",
                participant.span,
                expected="one kind",
                do="keep one of the stereotypes",
            )
        )
    return found[0] if found else None


def _read_kind(text: str, participant: Participant) -> str | None:
    name = _plain(text)
    name = ALIASES.get(name, name)
    if name in KINDS or name == BROWSER:
        return name
    if not name:
        return None
    if name in registered():
        return name
    suggestion = _nearly(name)
    if suggestion:
        raise UnplayableScenario(
            Finding(
                "SQ401",
                f"<<{name}>> is no kind of participant",
                participant.span,
                label=suggestion,
                expected="one of " + ", ".join(sorted({*NAMES, *registered()})),
                got=name,
                why="a stereotype that is nearly a kind would leave its participant scripted, and nothing tested",
                do=f"write the kind, or a stereotype that reads less like one; {suggestion}",
            )
        )
    return None


def _plain(text: str) -> str:
    return re.sub(r"^\(.*?\)\s*", "", text).strip()  # `<< (C,#ADD1B2) name >>` draws a spot


@cache
def _nearly(name: str) -> str:
    from difflib import get_close_matches

    plain = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()).strip("-")
    kinds = sorted({*NAMES, *registered()})
    if plain in kinds:
        return f"did you mean `{plain}`?"
    # Nearer than for other names: `server` and `prose` are words of their own.
    near = get_close_matches(plain, kinds, n=1, cutoff=0.7)
    return f"did you mean `{near[0]}`?" if near else ""


@cache
def registered() -> Mapping[str, Any]:
    """The kinds that installed packages register, read once a process: looking them up takes milliseconds."""
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP) if point.name not in KINDS}


class _Lazily:
    """A kind, whose module is imported when it first plays."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, part: Part) -> Actor:
        made: Actor = load(self.kind)(part)
        return made


def runs_user_code(make: Factory) -> bool:
    """Whether making an actor runs code of the user's: a class with an `__init__` of its own, a function of `part`."""
    return makes_by_user_code(load(make.kind) if isinstance(make, _Lazily) else make)


@cache
def load(kind: str) -> Any:
    """The actor class of a kind. Raises Unanswerable when its module cannot be imported."""
    try:
        if kind in KINDS:
            module, _, name = KINDS[kind].partition(":")
            return getattr(importlib.import_module(module), name)
        return registered()[kind].load()
    except (ImportError, AttributeError) as problem:
        raise Unanswerable(
            Finding("SQ406", f"the kind `{kind}` cannot be loaded", got=f"{type(problem).__name__}: {problem}")
        ) from problem


def _kind_of(binding: Any) -> str | None:
    name = f"{getattr(binding, '__module__', '')}:{getattr(binding, '__qualname__', '')}"
    return next((kind for kind, path in KINDS.items() if path == name), None)


def _nobody(name: str, known: tuple[str, ...]) -> Finding:
    suggestion = did_you_mean(name, known)
    return Finding(
        "SQ403",
        f"there is no participant `{name}` to play",
        expected="one of " + ", ".join(known) if known else "a participant of the diagram",
        got=name,
        why="a binding that reaches nobody would leave something untested",
        do=suggestion or "bind a participant by its code (what stands behind `as`)",
    )


def _unfit(participant: Participant, reason: str) -> Finding:
    return Finding("SQ404", f"what is bound to {participant.id} cannot play it", participant.span, got=reason)
