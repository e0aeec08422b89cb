"""seqtest diff: what changed between two diagrams, or between a drawing and its run."""

import sys
from typing import TYPE_CHECKING

import click

from seqtest.cli import exits
from seqtest.cli.drawers import SUFFIXES, Content, Drawn, Wish, form_of, of_diagram, of_run
from seqtest.cli.files import named
from seqtest.cli.output import Output, deliver
from seqtest.errors import Diagnostic

if TYPE_CHECKING:
    from seqtest.diagram.difference import Kind
    from seqtest.verdict import Verdict

FORMS = ("text", *(form for form in SUFFIXES if form not in ("txt", "json")))
COLOURS: "dict[Kind, str]" = {"added": "green", "removed": "red", "changed": "yellow", "moved": "blue"}


@click.command()
@click.argument("old", metavar="FILE[::DIAGRAM]")
@click.argument("new", metavar="[FILE[::DIAGRAM]]", required=False)
@click.option("--run", "is_run", is_flag=True, help="Compare one drawing with what happens when it is run.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="How to show it.  [default: what -o FILE ends in, else text]",
)
@click.option("-o", "--output", metavar="FILE", help="Where to write it.")
def diff(old: str, new: str | None, is_run: bool, form: str | None, output: str | None) -> None:
    """Show what changed from one diagram to another, message by message.

    Participants with another code are found again by what they say; what moved is told as moved; of a note the lines
    are compared. Layout and colours do not count. In a picture what came is green, what is gone red, what changed amber
    and what moved blue.

    With --run a single drawing is compared with its run: what came otherwise, what did not happen, what nobody drew.

    The exit code is 0 when both say the same and 1 when they differ, as with diff.
    """
    if is_run is (new is not None):
        raise click.UsageError("compare two diagrams, FILE FILE, or one with its run, FILE --run")
    try:
        wished = form_of(form, output, "text", FORMS)
        sys.exit(_with_run(old, wished, output) if new is None else _two(old, new, wished, output))
    except Diagnostic as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)


def _two(old: str, new: str, form: str, output: str | None) -> int:
    from seqtest.diagram.diff import diff as compared

    (_, one), (file, other) = named(old), named(new)
    try:
        difference = compared(one, other)
    except RecursionError:
        raise click.UsageError("the fragments of these diagrams are nested too deep to be compared") from None
    if form == "text":
        from seqtest.render.difference import difference_text

        is_coloured = output is None and sys.stdout.isatty()
        _show(difference_text(difference, style=_coloured if is_coloured else _plain), output, [old, new])
    else:
        from seqtest.diagram.read import read
        from seqtest.render.merged import merged_source
        from seqtest.source import Source

        source = merged_source(difference)
        content = of_diagram(Drawn(read(Source(file, source))[0], file, lambda: source), Wish(form))
        _show(content, output, [old, new])
    return exits.KEPT if difference.is_none else exits.BROKEN


def _coloured(text: str, kind: "Kind") -> str:
    return click.style(text, fg=COLOURS[kind]) if kind in COLOURS else text


def _plain(text: str, kind: "Kind") -> str:
    return text


def _show(content: Content, output: str | None, inputs: list[str]) -> None:
    files = [name.partition("::")[0] for name in inputs]
    deliver([Output("difference", content)] if content else [], files, output, None)


def _with_run(name: str, form: str, output: str | None) -> int:
    from seqtest.cli.session import Watcher, played

    watcher = Watcher()
    status = played([name], watcher, quiet=True)
    for text in watcher.obstacles:
        click.echo(text, err=True)
    if form == "text":
        from seqtest.render.unlike import unlike_text

        parts = [(verdict, unlike_text(verdict)) for verdict in watcher.verdicts]
        shown = "".join(
            f"{'::'.join((name.partition('::')[0], *names))}\n{text}"
            for (_, text), names in zip(parts, watcher.names, strict=True)
            if text
        )
        _show(shown, output, [name])
    else:
        _one_picture(watcher.verdicts, form, output, name)
    return watcher.exit_code(status)


def _one_picture(verdicts: "list[Verdict]", form: str, output: str | None, name: str) -> None:
    if len(verdicts) != 1:
        raise click.UsageError(f"{name} has {len(verdicts)} cases; name one: FILE::CASE")
    _show(of_run(verdicts[0], Wish(form)), output, [name])
