"""seqtest serve: actors on real sockets of this machine."""

import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqtest.cli import exits
from seqtest.errors import Diagnostic

if TYPE_CHECKING:
    from seqtest.scenario import Scenario


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="FILE | KIND...")
@click.option("--only", multiple=True, metavar="NAME", help="Serve this participant alone; may be repeated.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="The first one's port; the others follow.")
@click.option("--tls", is_flag=True, help="Serve HTTPS with a certificate made at start.")
@click.option(
    "--client-ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates (PEM) that vouch for those of clients; needs --tls.",
)
@click.option("--set", "drawn", multiple=True, metavar="NAME.SETTING=VALUE", help="A setting as a note would draw it.")
@click.option("--bind", "binds", multiple=True, metavar="NAME=MODULE:ATTRIBUTE", help="Who plays a participant.")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="The value of {NAME} in settings.")
def serve(
    what: tuple[str, ...],
    only: tuple[str, ...],
    port: int,
    tls: bool,
    client_ca: Path | None,
    drawn: tuple[str, ...],
    binds: tuple[str, ...],
    variables: tuple[str, ...],
) -> None:
    """Serve actors on 127.0.0.1 until Ctrl-C: the bound participants of a diagram, or kinds by their names.

    `seqtest serve diagrams/login.puml` plays who is bound there, with the settings drawn there; `seqtest serve
    authorization-server --set authorization_server.users.alice.password=wonderland` needs no diagram. Each base URL is
    printed. Time is the world's, and what only the drawing plays is not there.
    """
    from seqtest.cli import serving
    from seqtest.settings import BadOption, from_environment, pairs, targets

    if client_ca is not None and not tls:
        raise click.UsageError("--client-ca needs --tls")
    try:
        settings = [_setting(name, value) for name, value in pairs(drawn, "--set").items()]
        values = pairs(variables, "--var")
        bindings = {name: _loaded(name, target) for name, target in targets(binds, "--bind").items()}
    except BadOption as problem:
        raise click.UsageError(str(problem)) from None

    def outside(name: str) -> Any:
        value = values.get(name, from_environment(name))
        if value is None:
            raise KeyError(name)
        return value

    try:
        servers = serving.serve(
            _scenario(what),
            bindings,
            only=only,
            port=port,
            is_tls=tls,
            client_ca=client_ca,
            drawn=settings,
            outside=outside,
            told=lambda text: click.echo(text, err=True),
        )
    except Diagnostic as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except (OSError, SystemExit) as error:  # werkzeug ends the process where a port is taken
        click.echo(f"the port cannot be had: {error}", err=True)
        sys.exit(exits.NO_ANSWER)
    is_over = threading.Event()
    before = {number: signal.signal(number, lambda *_: is_over.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with servers:
            width = max(len(one.participant) for one in servers.served)
            for one in servers.served:
                click.echo(f"{one.participant:<{width}}  {one.url}  {one.kind}")
            if servers.certificate is not None:
                click.echo(f"certificate  {servers.certificate}")
            click.echo("Ctrl-C stops.")
            is_over.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    click.echo("stopped")


def _scenario(what: tuple[str, ...]) -> "Scenario":
    from seqtest.cli.files import diagrams
    from seqtest.cli.serving import diagram_of, scenario_of
    from seqtest.run.cast import KINDS, registered
    from seqtest.source import Source

    if all(name in KINDS or (not Path(name).exists() and name in registered()) for name in what):
        return scenario_of(Source("<kinds>", diagram_of(what)))
    if len(what) > 1:
        raise click.UsageError("serve takes one FILE, or names of kinds")
    from seqtest import api

    return api.cases(diagrams(what[0])[0])[0]


def _setting(name: str, value: str) -> tuple[str, str, str]:
    participant, dot, path = name.partition(".")
    if not dot or not path or "\n" in value or "\n" in path:
        raise click.UsageError(f"--set wants NAME.SETTING=VALUE, got {name}")
    return participant, path, value


def _loaded(name: str, target: str) -> Any:
    if "://" in target:
        return target
    from importlib import import_module

    module, _, attribute = target.partition(":")
    found: Any = import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found
