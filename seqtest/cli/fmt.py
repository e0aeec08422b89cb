"""seqtest fmt: files in one canonical form."""

import difflib
import sys
from pathlib import Path

import click

from seqtest.cli import exits
from seqtest.cli.files import diagrams, expanded, formatted, or_default
from seqtest.cli.output import replace
from seqtest.errors import UnreadableDiagram
from seqtest.source import Source


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE | FOLDER]...")
@click.option("--check", "is_check", is_flag=True, help="Change nothing; exit code 1 when a file would change.")
@click.option("--diff", "is_diff", is_flag=True, help="Change nothing; print what would change.")
def fmt(files: tuple[str, ...], is_check: bool, is_diff: bool) -> None:
    """Write diagrams in one form, drawing the same. Comments are kept. Without a file or folder: those of `diagrams`.

    A file that cannot be read is left as it is, and makes the exit code 3; the others are still written.
    """
    from seqtest.render.grid import clean

    code = exits.KEPT
    for file in expanded(or_default(files)):
        try:
            drawn = diagrams(file)
            new = formatted(file)
            if _read_again(file, new) != drawn:
                click.echo(f"{file}: left as it is: its canonical form would not draw the same", err=True)
                code = max(code, exits.NO_ANSWER)
                continue
        except UnreadableDiagram as error:
            click.echo(str(error), err=True)
            code = max(code, exits.UNREADABLE)
            continue
        encoding, old = _text(file)
        if new == old:
            continue
        if is_diff:
            lines = difflib.unified_diff(old.splitlines(True), new.splitlines(True), file, f"{file} (formatted)")
            # For a patch the lines are as they are; a terminal would obey what it finds in them.
            shown = map(clean, lines) if sys.stdout.isatty() else lines
            click.echo("".join(shown), nl=False)
        elif is_check:
            click.echo(clean(f"{file} would change"))
        else:
            replace(Path(file), new.encode(encoding))
            click.echo(clean(f"{file} changed"))
        if is_check:
            code = max(code, exits.BROKEN)
    sys.exit(code)


def _text(file: str) -> tuple[str, str]:
    """The encoding of a file and its text."""
    raw = Path(file).read_bytes()
    try:
        return "utf-8", raw.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1", raw.decode("latin-1")


def _read_again(file: str, text: str) -> object:
    from seqtest.diagram.read import read

    return read(Source(file, text))
