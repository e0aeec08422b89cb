"""What a run needs before its first arrow: addresses, settings, keys, who plays whom, and what each step promises."""

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from seqtest.actors.actor import Actor, Part
from seqtest.actors.application import Factory, as_response, is_built_in
from seqtest.actors.settings import BadSettings
from seqtest.clock import Clock
from seqtest.contents.context import Context
from seqtest.dataclass import dataclass, replace
from seqtest.diagram.block import opens
from seqtest.errors import Diagnostic, Finding, Unanswerable, UnplayableScenario
from seqtest.exchange import Answer, Lost, Message, Request, Response
from seqtest.intercepts import patches
from seqtest.intercepts.speaker import SILENCE, SPEAKER, Playing, RunIsOver, Speaker
from seqtest.run import refusal
from seqtest.run.addresses import Addresses, addresses
from seqtest.run.cast import Cast, runs_user_code
from seqtest.run.keys import RunKeys, drawn_keys
from seqtest.run.making import Making
from seqtest.run.unread import Watched
from seqtest.scenario import Scenario, Script


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario ready to be played, once."""

    script: Script
    clock: Clock
    context: Context
    contents: Sequence[Any]
    """What each step promises, by its index; None where nothing is said."""
    players: dict[str, Actor]
    addresses: Addresses
    network: "RunNetwork"
    keys: RunKeys
    read: Mapping[str, set[str]] = field(default_factory=dict)
    """Participant → paths of its settings that code of the user's has looked at."""

    def let_go(self) -> None:
        """Behind the verdict: nobody's application, with what it has open, waits for the garbage collector."""
        self.players.clear()

    @property
    def plays_user_code(self) -> bool:
        """Whether anything but our own actors runs, which read the run's clock and call by their network."""
        return not all(player.is_elsewhere or is_built_in(player) for player in self.players.values())

    @property
    def with_table(self) -> list[str]:
        """The participants whose actor itself says which settings it has."""
        return [name for name, player in self.players.items() if _has_table(player)]

    @property
    def issuers(self) -> frozenset[str]:
        """The bound participants whose tokens are verified: they are drawn with some, or others pass theirs on."""
        makers: set[str] = set()
        passing: set[str] = set()
        for step in self.script.scenario.steps:
            for promise in step.expectation.walk() if step.expectation is not None else ():
                if promise.type_name in ("jwt", "jwe"):
                    makers.add(step.sender)
                if promise.children and promise.operator == "=" and opens(promise) == "token":
                    passing.add(step.sender)  # known before, and verified once more
        passing |= makers & self.script.user_agents
        return frozenset(
            step.sender
            for step in self.script.scenario.steps
            if step.sender in self.players and (step.sender in makers or step.receiver in passing)
        )


class RunNetwork:
    """How actors call each other. Before and after the run there is nobody to call."""

    __slots__ = ("_addresses", "_keys", "_settings", "making", "read", "run")

    def __init__(self, places: Addresses, settings: Mapping[str, Mapping[str, Any]]) -> None:
        self._addresses = places
        self.read: dict[str, set[str]] = {participant: set() for participant in settings}
        """Participant → paths of its settings that somebody has looked at."""
        self._settings = settings
        self._keys: RunKeys | None = None
        self.run: Any = None
        self.making: Playing | None = None
        """While an actor is being made, where its calls end."""

    def use(self, keys: RunKeys) -> None:
        """The keys of this run's participants."""
        self._keys = keys

    def end(self) -> None:
        """The run is over, and nothing of it goes on."""
        self.run = SILENCE

    def call(self, sender: str, receiver: str, message: Message) -> Answer:
        """Send and wait for the answer. A lost message, and a call outside the run, is a ConnectionError."""
        if self.making is not None:
            return self.making.arrive(sender, receiver, message)
        if self.run is None:
            raise RunIsOver("the run has not begun")
        if self.run is SILENCE:
            raise RunIsOver("the run that this code belongs to is over")
        if receiver not in self._addresses.urls:
            self.run.breach(sender, refusal.no_such_participant(sender, receiver, message, tuple(self._addresses.urls)))
        if isinstance(message, Request):
            receiver = self.participant(message.url) or ""  # an absolute URL says itself where it leads
        answer: Answer = self.run.arrive(sender, receiver, message)
        if isinstance(answer, Lost):
            raise ConnectionError(f"the message to {receiver} or its answer was lost")
        return answer

    def url(self, participant: str) -> str:
        """The participant's base address, without a slash at its end. Raises KeyError when there is none."""
        return self._addresses.urls[participant]

    def participant(self, url: str) -> str | None:
        """Whose address the URL is; None when it is nobody's."""
        return self._addresses.participant(url)

    def setting(self, participant: str, path: str) -> Any:
        """A setting of that participant, or None."""
        self.read.setdefault(participant, set()).add(path)
        return self._settings.get(participant, {}).get(path)

    def keys(self, participant: str) -> list[dict[str, Any]]:
        """Its public keys; empty for none."""
        return self._keys.public(participant) if self._keys is not None else []


def prepare(
    script: Script,
    cast: Cast,
    clock: Clock,
    *,
    seed: int,
    outside: Callable[[str], Any],
    hosts: tuple[str, ...] = (),
) -> Prepared:
    """Everything a run needs. Raises Diagnostic when something is missing: a value, a key, an actor's setting.

    `hosts` beside this machine's may be called.
    """
    from seqtest.contents.compile import compile as compile_contents
    from seqtest.contents.settings import misspelt, path_of, resolve_settings

    scenario = script.scenario
    drawn = RunKeys(drawn_keys(scenario), {}, {}, lambda who, request: None)
    settings = resolve_settings(scenario, outside, drawn, {name: live.url for name, live in cast.live.items()})
    places = addresses(scenario.participants, settings)
    players: dict[str, Actor] = {}
    network = RunNetwork(places, settings)
    keys = RunKeys(settings, places.urls, players, lambda participant, request: _fetch(players[participant], request))
    network.use(keys)
    stateless: set[str] = set()
    context = Context(
        frozenset(participant.id for participant in scenario.participants),
        script.bound,
        places.urls,
        settings,
        keys,
        random.Random(f"{seed}/{scenario.id}"),  # noqa: S311  # equal runs make equal values
        outside,
        cast.user_agents,
        stateless=stateless,
    )
    for participant, make in cast.players.items():
        own = settings.get(participant, {})
        part = Part(
            participant,
            places.urls[participant],
            own if participant in cast.kinds else Watched(own, network.read.setdefault(participant, set())),
            cast.kinds,
            clock,
            network,
            random.Random(f"{seed}/{scenario.id}/{participant}"),  # noqa: S311  # the same
            seed,
            hosts,
            str(Path(scenario.diagram.source.path).parent) if scenario.diagram.source is not None else ".",
        )
        try:
            players[participant] = _made(make, part, network, context)
        except BadSettings as problem:
            raise problem.at({path_of(drawn): drawn.span for drawn in scenario.settings.get(participant, ())}) from None
        except Diagnostic as problem:
            raise _placed(problem, participant, scenario) from problem.__cause__
        if type(players[participant]).state is Actor.state:
            stateless.add(participant)
    slips = misspelt(scenario, [name for name in scenario.settings if not _has_table(players.get(name))])
    if slips:
        raise UnplayableScenario(*slips)
    contents = [
        compile_contents(step, script, context) if step.expectation is not None else None for step in scenario.steps
    ]
    return Prepared(script, clock, context, contents, players, places, network, keys, network.read)


def _placed(problem: Diagnostic, participant: str, scenario: Scenario) -> Diagnostic:
    """With the place where the participant is drawn, for what says no better one."""
    span = next((one.span for one in scenario.participants if one.id == participant), None)
    return type(problem)(*(one if one.span is not None else replace(one, span=span) for one in problem.findings))


def _has_table(player: Actor | None) -> bool:
    """Whether the actor itself says which settings it has."""
    return player is not None and (is_built_in(player) or bool(player.settings_table))


def allows(context: Context, sender: str, host: str, port: object) -> bool:
    """Whether the sender's setting `allows = localhost:5432, *.db.internal` names the address, or its host."""
    drawn = str(context.settings.get(sender, {}).get("allows", ""))
    for pattern in (part.strip() for part in drawn.split(",") if part.strip()):
        name, _, number = pattern.rpartition(":") if pattern.rpartition(":")[2].isdigit() else (pattern, "", "")
        if fnmatchcase(host, name) and (port is None or number in ("", str(port))):
            return True
    return False


def is_named(context: Context, participant: str, setting: str, name: str) -> bool:
    """Whether the participant's setting, a list with commas, names it: `background = sentry*, metrics`."""
    drawn = str(context.settings.get(participant, {}).get(setting, ""))
    return any(fnmatchcase(name, pattern.strip()) for pattern in drawn.split(",") if pattern.strip())


def _made(make: Factory, part: Part, network: RunNetwork, context: Context) -> Actor:
    if not runs_user_code(make):
        return _guarded(make, part)
    making = network.making = Making(network, lambda name, port: allows(context, part.participant, name, port))

    def make_it() -> Actor:
        SPEAKER.set(Speaker(making, part.participant))
        return _guarded(make, part)

    patches.hold()
    try:
        made = copy_context().run(make_it)
    finally:
        network.making = None
        patches.release()
        if making.called:  # whatever the code made of being refused
            raise Unanswerable(_called_too_early(part.participant, making.called[0])) from None
    return made


def _called_too_early(participant: str, what: str) -> Finding:
    return Finding(
        "SQ415",
        f"{participant} called out while it was being made",
        got=what,
        why="the flow has not begun, so no arrow can draw the call",
        do="make the call when a message asks for it; a connection that is none of the flow's business is named in"
        f" the settings of {participant}: `allows = localhost:5432`",
    )


def _guarded(make: Factory, part: Part) -> Actor:
    try:
        return make(part)
    except Diagnostic:
        raise
    except Exception as problem:  # the user's own code may raise anything
        raise Unanswerable(
            Finding(
                "SQ411",
                f"who plays {part.participant} could not be made",
                got=f"{type(problem).__name__}: {problem}",
                do="see the exception above this one",
            )
        ) from problem


def _fetch(player: Actor, request: Request) -> Response | None:
    """Ask an application without an arrow: what it calls meanwhile goes nowhere."""

    def ask() -> Response | None:
        SPEAKER.set(Speaker(SILENCE, player.id))
        try:
            return as_response(player.handle(request))
        except BaseException as problem:  # no keys to be had, whatever it is; the check that needs them says so
            if isinstance(problem, KeyboardInterrupt) or is_the_test_runners(problem):
                raise
            return None

    patches.hold()
    try:
        return copy_context().run(ask)
    finally:
        patches.release()


def is_the_test_runners(problem: BaseException) -> bool:
    """Whether pytest ends a test with it: `pytest.skip`, `xfail`, `fail` and `exit` mean the test, not the answer."""
    outcomes = sys.modules.get("_pytest.outcomes")
    return outcomes is not None and isinstance(problem, (outcomes.OutcomeException, outcomes.Exit))
