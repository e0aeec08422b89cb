"""seqtest serve: actors on real sockets of this machine."""

import json
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqtest.cli import exits
from seqtest.dataclass import dataclass
from seqtest.errors import Diagnostic

if TYPE_CHECKING:
    from seqtest.cli.project import Given
    from seqtest.cli.serving import Servers
    from seqtest.run.live import Reach
    from seqtest.scenario import Scenario


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="FILE[::DIAGRAM] | KIND...")
@click.option("--only", multiple=True, metavar="NAME", help="Serve this participant alone; may be repeated.")
@click.option(
    "--port",
    "ports",
    multiple=True,
    metavar="[NAME=]NUMBER",
    help="A participant's port, or the first one's, whom the others follow; may be repeated. Default: any free one.",
)
@click.option("--tls", is_flag=True, help="Serve HTTPS with a certificate made at start.")
@click.option(
    "--client-ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates (PEM) that vouch for those of clients; needs --tls.",
)
@click.option("--set", "drawn", multiple=True, metavar="NAME.SETTING=VALUE", help="A setting as a note would draw it.")
@click.option(
    "--bind",
    "--seqtest-bind",
    "binds",
    multiple=True,
    metavar="NAME=MODULE:ATTRIBUTE|URL",
    help="Who plays a participant, or where.",
)
@click.option(
    "--var", "--seqtest-var", "variables", multiple=True, metavar="NAME=VALUE", help="The value of {NAME} in settings."
)
@click.option(
    "--seed",
    "--seqtest-seed",
    "seed",
    type=int,
    default=0,
    metavar="N",
    help="What keys are made from: equal seeds, equal keys.",
)
@click.option(
    "--allow-host", "--seqtest-allow-host", "hosts", multiple=True, metavar="HOST", help="A host that --bind may name."
)
@click.option(
    "--ca",
    "--seqtest-ca",
    "ca",
    type=click.Path(exists=True, dir_okay=False),
    help="Certificates (PEM) by which servers that --bind names are trusted.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to say what is served; json: one line, written once all listen.",
)
def serve(what: tuple[str, ...], tls: bool, client_ca: Path | None, form: str, **given: Any) -> None:
    """Serve actors on 127.0.0.1 until Ctrl-C: the bound participants of a diagram, or kinds by their names.

    `seqtest serve diagrams/login.puml` plays who is bound there, by stereotype, by a conftest or by the ini file, with
    the settings drawn there; `seqtest serve authorization-server --set
    authorization_server.users.alice.password=wonderland` needs no diagram. Each base URL is printed, and takes the
    place of the address that is drawn, wherever settings name it. Time is the world's, and what only the drawing plays
    is not there.

    Keys are the same after a restart; all else is forgotten, but what a <<token-store>> keeps in a file.
    """
    from seqtest.auth import keys

    if client_ca is not None and not tls:
        raise click.UsageError("--client-ca needs --tls")
    wish = _wish(is_tls=tls, client_ca=client_ca, form=form, **given)
    try:
        with keys.kept(wish.seed):
            sys.exit(_served(what, wish))
    except Diagnostic as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for besides the drawing."""

    only: tuple[str, ...]
    ports: tuple[str, ...]
    is_tls: bool
    client_ca: Path | None
    drawn: list[tuple[str, str, str]]
    binds: Mapping[str, str]
    variables: Mapping[str, str]
    seed: int
    hosts: tuple[str, ...]
    ca: str | None
    form: str

    def as_pytest(self) -> list[str]:
        """The same as pytest's options, where conftest files and the ini file count besides."""
        found = [f"--seqtest-bind={name}={target}" for name, target in self.binds.items()]
        found += [f"--seqtest-var={name}={value}" for name, value in self.variables.items()]
        found += [f"--seqtest-allow-host={host}" for host in self.hosts]
        return [*found, f"--seqtest-ca={self.ca}"] if self.ca is not None else found


def _wish(
    *,
    only: tuple[str, ...],
    ports: tuple[str, ...],
    drawn: tuple[str, ...],
    binds: tuple[str, ...],
    variables: tuple[str, ...],
    **rest: Any,
) -> Wish:
    from seqtest.settings import BadOption, pairs, targets

    try:
        return Wish(
            only=only,
            ports=ports,
            drawn=[_setting(name, value) for name, value in pairs(drawn, "--set").items()],
            binds=targets(binds, "--bind"),
            variables=pairs(variables, "--var"),
            **rest,
        )
    except BadOption as problem:
        raise click.UsageError(str(problem)) from None


def _setting(name: str, value: str) -> tuple[str, str, str]:
    participant, dot, path = name.partition(".")
    if not dot or not path or "\n" in value or "\n" in path:
        raise click.UsageError(f"--set wants NAME.SETTING=VALUE, got {name}")
    return participant, path, value


def _served(what: tuple[str, ...], wish: Wish) -> int:
    """Serve until somebody stops it. Returns the exit code; raises Diagnostic and click.UsageError."""
    from seqtest.cli.files import diagrams, named
    from seqtest.cli.serving import diagram_of, scenario_of
    from seqtest.run.cast import ALIASES, KINDS, registered
    from seqtest.source import Source

    kinds = [ALIASES.get(name, name) for name in what]
    if all(name in KINDS or (not Path(name).exists() and name in registered()) for name in kinds):
        _until_stopped(scenario_of(Source("<kinds>", diagram_of(kinds))), {}, _outside(wish), None, wish)
        return exits.KEPT
    if len(what) > 1:
        raise click.UsageError("serve takes one FILE, or names of kinds")
    place = what[0]
    if "." not in place and not Path(place).exists():
        raise click.UsageError(_nothing(place, sorted((*KINDS, *ALIASES, *registered()))))
    file, _ = named(place)  # what cannot be read, and a name that several have, is said before anything begins
    return _of_project(file if len(diagrams(file)) == 1 else place, wish)


def _of_project(place: str, wish: Wish) -> int:
    from seqtest.cli.project import with_project

    problems: list[Diagnostic | click.UsageError] = []

    def use(given: "Given") -> None:
        try:
            _until_stopped(given.scenario, given.bindings(), given.outside, given.reach(), wish)
        except (Diagnostic, click.UsageError) as problem:
            problems.append(problem)

    code, obstacle = with_project(place, wish.as_pytest(), use)
    if problems:
        raise problems[0]
    if obstacle:
        click.echo(obstacle, err=True)
    return code


def _outside(wish: Wish) -> Callable[[str], Any]:
    from seqtest.settings import from_environment

    def outside(name: str) -> Any:
        value = wish.variables.get(name, from_environment(name))
        if value is None:
            raise KeyError(name)
        return value

    return outside


def _until_stopped(
    scenario: "Scenario",
    bindings: Mapping[str, Any],
    outside: Callable[[str], Any],
    reach: "Reach | None",
    wish: Wish,
) -> None:
    from seqtest.cli import serving
    from seqtest.run.cast import cast

    cast(scenario.participants, dict.fromkeys(wish.binds))  # pytest tells of strangers only at the end
    try:
        servers = serving.serve(
            scenario,
            bindings,
            only=wish.only,
            ports=wish.ports,
            is_tls=wish.is_tls,
            client_ca=wish.client_ca,
            drawn=wish.drawn,
            outside=outside,
            reach=reach,
            told=lambda text: click.echo(text, err=True),
        )
    except ValueError as problem:
        raise click.UsageError(f"--port: {problem}") from None
    is_over = threading.Event()

    def stop(number: int, frame: object) -> None:
        if is_over.is_set():  # asked twice: at once, whatever is under way
            raise SystemExit(128 + number)
        is_over.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with servers:
            click.echo(FORMATS[wish.form](servers))
            is_over.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if wish.form == "text":
        click.echo("stopped")


def _text(servers: "Servers") -> str:
    width = max(len(one.participant) for one in servers.served)
    lines = [f"{one.participant:<{width}}  {one.url}  {one.kind}" for one in servers.served]
    if servers.certificate is not None:
        lines.append(f"certificate  {servers.certificate}")
    return "\n".join([*lines, "Ctrl-C stops."])


def _json(servers: "Servers") -> str:
    served = {one.participant: {"url": one.url, "kind": one.kind} for one in servers.served}
    certificate = {"certificate": str(servers.certificate)} if servers.certificate is not None else {}
    return json.dumps({"served": served, **certificate})


FORMATS: "Mapping[str, Callable[[Servers], str]]" = {"text": _text, "json": _json}


def _nothing(name: str, kinds: Sequence[str]) -> str:
    from seqtest.errors import did_you_mean

    hint = did_you_mean(name, kinds) or f"kinds: {', '.join(kinds)}"
    return f"{name} is neither a file nor a kind of participant; {hint}"
