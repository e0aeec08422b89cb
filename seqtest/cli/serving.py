"""The bound actors of a diagram on sockets of 127.0.0.1: what `seqtest serve` starts and stops."""

import random
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import field
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from seqtest import api
from seqtest.actors.actor import Actor, Part
from seqtest.actors.application import Application, AsyncApplication, is_built_in
from seqtest.actors.served import application
from seqtest.actors.settings import BadSettings
from seqtest.cli import landing, sockets
from seqtest.cli.rebase import origins, rebased
from seqtest.cli.sockets import HOST, PATIENCE_SECONDS, OpenRequests, Told
from seqtest.cli.turns import Turns
from seqtest.clock import Clock
from seqtest.dataclass import dataclass, replace
from seqtest.errors import Finding, Unanswerable, UnplayableScenario, did_you_mean
from seqtest.exchange import Action, Answer, Message, Request
from seqtest.run.addresses import addresses
from seqtest.run.cast import Cast, cast, kind_of
from seqtest.run.keys import RunKeys, drawn_keys
from seqtest.run.live import Reach, allowed
from seqtest.run.prepare import RunNetwork
from seqtest.scenario.names import slug
from seqtest.source import Source

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

    from seqtest.scenario import Scenario


class WallClock(Clock):
    """The world's time."""

    __slots__ = ()

    def now(self) -> float:
        return time()


@dataclass(slots=True)
class Exchange:
    """How served actors call each other: directly, with their addresses on the sockets in the URLs."""

    players: dict[str, Actor] = field(default_factory=dict)
    _turns: Turns = field(default_factory=Turns)
    _own: dict[str, threading.RLock] = field(default_factory=dict)

    def arrive(self, sender: str, receiver: str, message: Message) -> Answer:
        """Raises ConnectionError for a participant that nobody plays: a served actor cannot reach the drawing."""
        player = self.players.get(receiver)
        if player is None:
            raise ConnectionError(f"nobody plays {receiver}")
        with self.turn(receiver):
            if not isinstance(message, Action):
                return player.handle(message)
            result = player.act(message)
        if result is None:
            raise ConnectionError(f"{receiver} has no step for this action")
        return result

    def turn(self, participant: str) -> AbstractContextManager[None]:
        """When the participant may answer: actors of ours one at a time, web applications and live servers at any.

        Who waits for code of the user's holds nobody up, since that code may call back over a socket.
        """
        player = self.players[participant]
        if is_built_in(player):
            return self._turns.mine()
        if isinstance(player, Application | AsyncApplication) or player.is_elsewhere:
            return self._turns.aside()
        return self._alone(self._own.setdefault(participant, threading.RLock()))

    @contextmanager
    def _alone(self, lock: threading.RLock) -> Iterator[None]:
        with self._turns.aside(), lock:
            yield


@dataclass(frozen=True, slots=True)
class Served:
    """One participant on its socket."""

    participant: str
    kind: str
    url: str
    server: "BaseWSGIServer" = field(repr=False)


@dataclass(slots=True)
class Servers:
    """All that is served; a context that ends with every socket closed."""

    served: list[Served]
    certificate: Path | None
    _players: Sequence[Actor] = field(repr=False)
    _under_way: OpenRequests = field(repr=False)
    _folder: "tempfile.TemporaryDirectory[str] | None" = field(repr=False)
    _threads: list[threading.Thread] = field(default_factory=list, repr=False)

    def __enter__(self) -> "Servers":
        for one in self.served:
            thread = threading.Thread(target=one.server.serve_forever, name=one.participant, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *problem: object) -> None:
        for one in self.served:
            one.server.shutdown()
        for thread in self._threads:
            thread.join(5)
        # Nothing new is taken any more; what was begun is answered.
        self._under_way.finished(PATIENCE_SECONDS)
        for one in self.served:
            one.server.server_close()
        for player in self._players:
            player.close()
        if self._folder is not None:
            self._folder.cleanup()


def diagram_of(kinds: Sequence[str]) -> str:
    """A diagram of these kinds alone, each under the name of its kind without its hyphens."""
    names = [kind.replace("-", "_") for kind in kinds]
    lines = [f"participant {name} <<{kind}>>" for name, kind in zip(names, kinds, strict=True)]
    calls = [f"caller -> {name} : GET /\n{name} --> caller : 2xx" for name in names]
    return "\n".join(["@startuml serve", "participant caller", *lines, *calls, "@enduml\n"])


def scenario_of(source: Source) -> "Scenario":
    """The first case of the first diagram. Raises Diagnostic."""
    from seqtest.diagram.read import read

    return api.cases(read(source)[0])[0]


def serve(
    scenario: "Scenario",
    bindings: Mapping[str, Any],
    *,
    only: Sequence[str] = (),
    ports: Sequence[str] = (),
    is_tls: bool = False,
    client_ca: Path | None = None,
    drawn: Sequence[tuple[str, str, str]] = (),
    outside: Callable[[str], Any] = api.nowhere,
    reach: Reach | None = None,
    told: Told = lambda text: None,
) -> Servers:
    """Every bound participant (or `only` some) on a socket; who is bound to a base URL is called there.

    `ports` are texts like `8080`, the first one's port, and `auth=8443`; without any they are free ones. With
    `client_ca`, a file of certificates, clients may identify themselves by one that these vouch for. `drawn` are more
    settings: participant, path, value as it would be drawn. Nothing is answered before the context is entered. Raises
    Diagnostic, and ValueError for ports that are none.
    """
    who = allowed(cast(scenario.participants, bindings), scenario, reach or Reach())
    names = [participant.id for participant in scenario.participants]
    here = [name for name in names if name in who.bound and name not in who.live]
    chosen = [name for name in here if not only or name in only]
    if not chosen or not set(only) <= set(chosen):
        raise Unanswerable(_nobody(only, here, sorted(who.live)))
    for name, path, _ in drawn:
        if name not in names:
            raise UnplayableScenario(_no_participant(name, path, names))
    wanted = sockets.ports(ports, chosen)
    folder, certificate = sockets.certificate() if is_tls else (None, None)
    servers: dict[str, BaseWSGIServer] = {}
    under_way = OpenRequests()
    try:
        context = sockets.tls(certificate, client_ca) if certificate is not None else None
        for name in chosen:
            servers[name] = sockets.server(
                sockets.listener(name, wanted[name], f"--port {name}=NUMBER"), context, under_way, told
            )
        scheme = "https" if is_tls else "http"
        urls = {name: f"{scheme}://{HOST}:{server.port}" for name, server in servers.items()}
        exchange = _played(scenario, who, urls, drawn, outside)
    except BaseException:
        sockets.closed(servers)
        if folder is not None:
            folder.cleanup()
        raise
    served = [Served(name, who.kinds.get(name, "your own"), urls[name], servers[name]) for name in chosen]
    for one in served:
        app = application(
            exchange.players[one.participant], _turn_of(exchange, one.participant), _masked(told, scenario)
        )
        if is_built_in(exchange.players[one.participant]):
            app = landing.with_page(app, landing.page(one, served, exchange.players[one.participant].part.settings))
        one.server.app = app
    return Servers(served, certificate, list(exchange.players.values()), under_way, folder)


def _masked(told: Told, scenario: "Scenario") -> Callable[[str, Request], None]:
    """Tells what went wrong at a request, without what is secret in it and in the settings."""

    def tell(text: str, request: Request) -> None:
        from seqtest.render.mask import Masker, secrets_of_message, secrets_of_scenario

        told(Masker({*secrets_of_scenario(scenario), *secrets_of_message(request)}).text(text))

    return tell


def _turn_of(exchange: Exchange, participant: str) -> Callable[[], AbstractContextManager[None]]:
    return lambda: exchange.turn(participant)


def _played(
    scenario: "Scenario",
    who: Cast,
    urls: Mapping[str, str],
    drawn: Sequence[tuple[str, str, str]],
    outside: Callable[[str], Any],
) -> Exchange:
    from seqtest.contents.settings import path_of, resolve_settings

    places = {**urls, **{name: live.url.rstrip("/") for name, live in who.live.items()}}
    scenario = replace(scenario, settings=_with(scenario, drawn)) if drawn else scenario
    keys = RunKeys(drawn_keys(scenario), {}, {}, lambda participant, request: None)
    before = resolve_settings(scenario, outside, keys)
    moved = origins(addresses(scenario.participants, before).urls, before, places)
    told = {(name, path) for name, path, _ in drawn}
    settings = {
        name: {path: value if (name, path) in told else rebased(value, moved) for path, value in own.items()}
        for name, own in resolve_settings(scenario, outside, keys, places).items()
    }
    for name, own in settings.items():
        if who.kinds.get(name) in ("authorization-server", "client"):
            # Ports do not keep cookies apart: without this its session would end that of an application at 127.0.0.1.
            own.setdefault("cookie_prefix", f"{slug(name) or 'seqtest'}_")
    network = RunNetwork(addresses(scenario.participants, settings), settings)
    exchange = Exchange()
    found = addresses(scenario.participants, settings).urls
    network.use(RunKeys(settings, found, exchange.players, lambda who, asked: exchange.players[who].handle(asked)))
    network.run = exchange
    kinds = {**who.kinds, **_roles(scenario, who)}
    source = scenario.diagram.source
    for name, make in who.players.items():
        part = Part(
            name,
            found[name],
            settings.get(name, {}),
            kinds,
            WallClock(time()),
            network,
            random.SystemRandom(),
            folder=str(Path(source.path).parent) if source is not None else ".",
        )
        try:
            exchange.players[name] = make(part)
        except BadSettings as problem:
            raise problem.at({path_of(one): one.span for one in scenario.settings.get(name, ())}) from None
    return exchange


def _roles(scenario: "Scenario", who: Cast) -> dict[str, str]:
    """What those play that run elsewhere: by their stereotypes, since nothing else is known of them."""
    found = {one.id: kind_of(one) for one in scenario.participants if one.id in who.live}
    return {name: kind for name, kind in found.items() if kind is not None}


def _with(scenario: "Scenario", drawn: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """The scenario's settings with these in the place of those of the same path. They are read as any note is."""
    names = [participant.id for participant in scenario.participants]
    lines = ["@startuml", *(f'participant "{name}" as {name}' for name in names), "participant caller_of_all"]
    for name in dict.fromkeys(name for name, _, _ in drawn):
        own = [f"{path} = {value}" for who, path, value in drawn if who == name]
        lines += [f"note over {name}", *own, "end note"]
    lines += [f"caller_of_all -> {names[0]} : GET /", f"{names[0]} --> caller_of_all : 2xx", "@enduml", ""]
    more = scenario_of(Source("<options>", "\n".join(lines))).settings
    merged = {name: list(promises) for name, promises in scenario.settings.items()}
    for name, promises in more.items():
        paths = {promise.path for promise in promises}
        merged[name] = [*(one for one in merged.get(name, ()) if one.path not in paths), *promises]
    return {name: tuple(promises) for name, promises in merged.items()}


def _nobody(only: Sequence[str], here: Sequence[str], live: Sequence[str]) -> Finding:
    strange = [name for name in only if name not in here]
    elsewhere = [name for name in strange if name in live] or ([] if here else list(live))
    hints = [did_you_mean(name, here) for name in strange]
    return Finding(
        "SQ481",
        "there is nobody to serve"
        if not strange
        else f"{' and '.join(f'`{name}`' for name in strange)}: not there to be served",
        expected=f"one of {', '.join(here)}" if here else "a participant with the stereotype of a kind, or --bind",
        got=", ".join(strange),
        why=f"{', '.join(elsewhere)} runs elsewhere and is called there" if elsewhere else "",
        do=next((hint for hint in hints if hint), ""),
    )


def _no_participant(name: str, path: str, names: Sequence[str]) -> Finding:
    return Finding(
        "SQ403",
        f"there is no participant `{name}` to set `{path}` for",
        expected="one of " + ", ".join(names),
        got=name,
        do=did_you_mean(name, names),
    )
