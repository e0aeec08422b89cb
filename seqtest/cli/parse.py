"""seqtest parse: what a drawing holds, as data."""

import sys
from typing import Any

import click

from seqtest.cli import exits
from seqtest.cli.files import diagrams, expanded
from seqtest.errors import UnreadableDiagram


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each diagram.")
def parse(files: tuple[str, ...], as_json: bool) -> None:
    """Show the participants, messages, fragments and notes of diagrams.

    With --json each diagram is one line: file, title, participants, messages, fragments, references, notes, all in
    drawn order. A file that cannot be read gives {"file", "error": {"line", "column", "message"}} and exit code 3; the
    others are still shown.
    """
    from seqtest.render.json_model import model
    from seqtest.render.markup import json_text

    code = exits.KEPT
    for file in expanded(files):
        try:
            models = [model(diagram, file) for diagram in diagrams(file)]
        except UnreadableDiagram as error:
            code = exits.UNREADABLE
            if not as_json:
                click.echo(str(error), err=True)
                continue
            finding = error.finding
            line, column = (finding.span.line, finding.span.column) if finding.span else (1, 1)
            models = [{"file": file, "error": {"line": line, "column": column, "message": finding.message}}]
        for found in models:
            click.echo(json_text(found) if as_json else _outline(found))
    sys.exit(code)


def _outline(found: dict[str, Any]) -> str:
    """A diagram in a line: `login.puml: Log in: 4 participants, 8 messages, 1 fragment, 3 notes`."""
    from seqtest.render.grid import clean

    counts = []
    for name in ("participants", "messages", "fragments", "notes"):
        number = len(found[name])
        counts.append(f"{number} {name if number != 1 else name[:-1]}")
    title = f" {found['title']}:" if found["title"] else ""
    return clean(f"{found['file']}:{title} {', '.join(counts)}")
