"""seqtest run: the flows as pytest runs them, with exit codes of our own."""

import sys

import click


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[FILE | FOLDER | PYTEST OPTION]...")
def run(arguments: tuple[str, ...]) -> None:
    """Run flows: the same tests that `pytest` collects.

    Everything is passed on to pytest: `seqtest run diagrams -k expired -x`. Without a file, folder or node id the
    folder `diagrams` is run when there is one. A file that cannot be read does not keep the others from running.

    The exit code is the first of these that happened: 1 a promise broken, 3 a diagram unreadable, 4 no answer.
    """
    from seqtest.cli.session import Watcher, played

    watcher = Watcher()
    status = played(arguments, watcher)
    sys.exit(watcher.exit_code(status))
