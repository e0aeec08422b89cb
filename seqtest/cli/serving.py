"""The bound actors of a diagram on sockets of 127.0.0.1: what `seqtest serve` starts and stops."""

import random
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from seqtest import api
from seqtest.actors.actor import Actor, Part
from seqtest.actors.served import application
from seqtest.actors.settings import BadSettings
from seqtest.clock import Clock
from seqtest.dataclass import dataclass
from seqtest.errors import Finding, Unanswerable
from seqtest.exchange import Action, Answer, Message
from seqtest.run.addresses import addresses
from seqtest.run.cast import Cast, cast
from seqtest.run.keys import RunKeys, drawn_keys
from seqtest.run.prepare import RunNetwork
from seqtest.source import Source

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

    from seqtest.scenario import Scenario

HOST = "127.0.0.1"
Told = Callable[[str], None]


class WallClock(Clock):
    """The world's time."""

    __slots__ = ()

    def now(self) -> float:
        return time()


@dataclass(slots=True)
class Exchange:
    """How served actors call each other: directly, with their addresses on the sockets in the URLs."""

    players: dict[str, Actor] = field(default_factory=dict)

    def arrive(self, sender: str, receiver: str, message: Message) -> Answer:
        """Raises ConnectionError for a participant that nobody plays: a served actor cannot reach the drawing."""
        player = self.players.get(receiver)
        if player is None:
            raise ConnectionError(f"nobody plays {receiver}")
        if not isinstance(message, Action):
            return player.handle(message)
        result = player.act(message)
        if result is None:
            raise ConnectionError(f"{receiver} has no step for this action")
        return result


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
    _folder: "tempfile.TemporaryDirectory[str] | None" = field(default=None, repr=False)
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
            one.server.server_close()
        for thread in self._threads:
            thread.join(5)
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
    port: int = 0,
    is_tls: bool = False,
    client_ca: Path | None = None,
    drawn: Sequence[tuple[str, str, str]] = (),
    outside: Callable[[str], Any] = api.nowhere,
    told: Told = lambda text: None,
) -> Servers:
    """Every bound participant (or `only` some) on a socket; `port` is the first one's, 0 for any free one.

    With `client_ca`, a file of certificates, clients may identify themselves by one that these vouch for.
    `drawn` are more settings: participant, path, value as it would be drawn. Nothing is answered before the context is
    entered. Raises Diagnostic, and OSError when a port is not free.
    """
    who = cast(scenario.participants, bindings)
    chosen = [p.id for p in scenario.participants if p.id in who.bound and (not only or p.id in only)]
    if not chosen or not set(only) <= set(chosen):
        raise Unanswerable(_nobody(only, sorted(who.bound)))
    folder, certificate = _certificate() if is_tls else (None, None)
    servers = {
        name: _server(port + index if port else 0, certificate, client_ca, told) for index, name in enumerate(chosen)
    }
    scheme = "https" if is_tls else "http"
    urls = {name: f"{scheme}://{HOST}:{server.server_port}" for name, server in servers.items()}
    try:
        players = _players(scenario, who, urls, drawn, outside)
    except BaseException:
        for server in servers.values():
            server.server_close()
        raise
    lock = threading.RLock()
    for name, server in servers.items():
        server.app = application(players[name], lock, told)
    served = [Served(name, who.kinds.get(name, "your own"), urls[name], servers[name]) for name in chosen]
    return Servers(served, certificate, folder)


def _players(
    scenario: "Scenario",
    who: Cast,
    urls: Mapping[str, str],
    drawn: Sequence[tuple[str, str, str]],
    outside: Callable[[str], Any],
) -> dict[str, Actor]:
    from seqtest.contents.settings import path_of, resolve_settings

    more = [(name, "url", url) for name, url in urls.items()] + list(drawn)
    scenario = replace(scenario, settings=_with(scenario, more))
    keys = RunKeys(drawn_keys(scenario), {}, {}, lambda participant, request: None)
    settings = resolve_settings(scenario, outside, keys)
    places = addresses(scenario.participants, settings)
    exchange = Exchange()
    network = RunNetwork(places, settings)
    network.use(
        RunKeys(settings, places.urls, exchange.players, lambda who, asked: exchange.players[who].handle(asked))
    )
    network.run = exchange
    source = scenario.diagram.source
    for name, make in who.players.items():
        part = Part(
            name,
            places.urls[name],
            settings.get(name, {}),
            who.kinds,
            WallClock(time()),
            network,
            random.SystemRandom(),
            folder=str(Path(source.path).parent) if source is not None else ".",
        )
        try:
            exchange.players[name] = make(part)
        except BadSettings as problem:
            raise problem.at({path_of(one): one.span for one in scenario.settings.get(name, ())}) from None
    return exchange.players


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


def _certificate() -> tuple["tempfile.TemporaryDirectory[str]", Path]:
    from seqtest.auth.certificate import loopback_certificate

    folder = tempfile.TemporaryDirectory(prefix="seqtest-")
    certificate, private = loopback_certificate()
    path = Path(folder.name) / "certificate.pem"
    path.write_bytes(certificate)
    key = Path(folder.name) / "key.pem"
    key.touch(0o600)
    key.write_bytes(private)
    return folder, path


def _server(port: int, certificate: Path | None, client_ca: Path | None, told: Told) -> "BaseWSGIServer":
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        """Tells of each request its method, path and status: never a query, which may hold secrets."""

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            told(f"{self.command} {self.path.partition('?')[0]} {getattr(code, 'value', code)}")

        def log(self, type: str, message: str, *args: Any) -> None:
            """Nothing else: a client that does not trust the certificate is no news."""

    context = None
    if certificate is not None:
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        if client_ca is not None:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(client_ca)
    return make_server(
        HOST, port, lambda environ, start: [], threaded=True, request_handler=Handler, ssl_context=context
    )


def _nobody(only: Sequence[str], bound: Sequence[str]) -> Finding:
    return Finding(
        "SQ481",
        "there is nobody to serve",
        expected=f"one of {', '.join(bound)}" if bound else "a participant with the stereotype of a kind, or --bind",
        got=", ".join(only) or "a drawing in which nobody is bound",
    )
