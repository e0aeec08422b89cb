"""seqtest watch: flows run again when a file is saved, and their pages in a browser are fresh."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqtest.errors import Diagnostic, Finding, Unanswerable

if TYPE_CHECKING:
    import threading


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[FILE | FOLDER | PYTEST OPTION]...")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="The pages' port; by default any free one.")
@click.option("--open", "is_opened", is_flag=True, help="Open the pages in the browser.")
def watch(arguments: tuple[str, ...], port: int, is_opened: bool) -> None:
    """Run flows again whenever a file is saved, and keep their pages fresh in a browser, until Ctrl-C.

    The pages are those of `seqtest report`, served on 127.0.0.1. A drawing that is saved runs its own cases; a file
    that drawings include or use, those of all these; a Python file or pytest's configuration, all there are. Each run
    is a process of its own, so that it has your application as it stands. Without a file, folder or node id the folder
    `diagrams` is run when there is one; what else is given is passed on to pytest: `seqtest watch diagrams -k expired`.

    Needs `pip install 'seqtest[watch]'`.
    """
    from seqtest.cli.watch_pages import Pages, Server
    from seqtest.cli.watching import Sessions, Watching
    from seqtest.render.html.report import environment

    root = Path.cwd()
    try:
        environment()
        events = saves(root)
        pages = Pages()
        server = Server(pages, port)
    except Diagnostic as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    sessions = Sessions(root, sys.stdout.buffer, has_colours=sys.stdout.isatty())
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with server:
            click.echo(f"watching {root}; pages: {server.url}  Ctrl-C stops.")
            if is_opened:
                click.launch(server.url)
            Watching(root, arguments, sessions.play, pages, click.echo).run(events)
    except KeyboardInterrupt:
        click.echo("\nstopped")
    finally:
        signal.signal(signal.SIGTERM, before)


def saves(root: Path, stop: "threading.Event | None" = None) -> Iterator[set[Path]]:
    """Files below the folder that were saved, made or taken away, those of a moment together.

    It looks from now on, not from when it is first asked. Raises Unanswerable without watchfiles.
    """
    try:
        from watchfiles import watch
    except ImportError:
        raise Unanswerable(
            Finding(
                "SQ483",
                "watching needs the extra `watch`",
                got="watchfiles is not installed",
                do="pip install 'seqtest[watch]'",
            )
        ) from None
    found = watch(root, debounce=400, rust_timeout=200, yield_on_timeout=True, stop_event=stop)
    first = next(found, set())
    return _paths(first, found)


def _paths(first: set[Any], found: Iterator[set[Any]]) -> Iterator[set[Path]]:
    if first:
        yield {Path(path) for _, path in first}
    for changes in found:
        if changes:
            yield {Path(path) for _, path in changes}


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
