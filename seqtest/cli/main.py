"""The `seqtest` command: a table of subcommands, each loaded when it is wanted."""

from importlib import import_module

import click

from seqtest import __version__

COMMANDS = ("run", "check", "parse", "fmt", "render", "compare", "diff", "report", "watch", "serve", "new")
"""In the order in which `--help` lists them; each is a file beside this one with a command of its name."""


class LateGroup(click.Group):
    """Imports a subcommand's file when the subcommand is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"seqtest.cli.{cmd_name}"), cmd_name)
        return command


@click.group(
    cls=LateGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 kept, 1 a promise broken, 2 wrong command line, 3 a diagram unreadable, 4 no answer.",
)
@click.version_option(__version__, prog_name="seqtest")
def main() -> None:
    """A PlantUML sequence diagram of an auth flow is the test."""
