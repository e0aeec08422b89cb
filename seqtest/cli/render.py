"""seqtest render: a drawing, or what happened when it ran, as text or picture."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqtest import api
from seqtest.cli import exits
from seqtest.cli.files import diagrams, expanded, expanded_sources, formatted
from seqtest.cli.output import Output, deliver
from seqtest.errors import Diagnostic, UnreadableDiagram

if TYPE_CHECKING:
    from seqtest.diagram import Diagram
    from seqtest.verdict import Verdict


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "form", type=click.Choice(["puml", "txt", "svg", "png"]), default="txt", show_default=True)
@click.option("--run", "is_run", is_flag=True, help="Run the flows and show what happened at each arrow.")
@click.option("-o", "--output", metavar="FILE", help="Where to write a single result.")
@click.option("--out-dir", metavar="DIR", help="The folder to write the results into.")
@click.option("--width", type=click.IntRange(40), default=100, show_default=True, help="Columns of --format txt.")
def render(
    files: tuple[str, ...], form: str, is_run: bool, output: str | None, out_dir: str | None, width: int
) -> None:
    """Show diagrams: their source formatted, or a picture.

    With --run each case is played first and the picture says what happened: each arrow passed, failed or not reached,
    with real values, secrets masked. svg and png are drawn by a PlantUML that is installed here (a `plantuml` command,
    or PLANTUML_JAR), or by the server that PLANTUML_SERVER names.
    """
    names = list(expanded(files))
    code = exits.KEPT
    outputs: list[Output] = []
    try:
        if is_run:
            code, verdicts = _played(names)
            outputs = [_output(verdict, form, width) for verdict in verdicts]
        else:
            for name in names:
                try:
                    outputs += _drawn(name, form, width)
                except UnreadableDiagram as error:
                    click.echo(str(error), err=True)
                    code = exits.UNREADABLE
    except Diagnostic as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    deliver(outputs, names, output, out_dir)
    sys.exit(code)


def _drawn(file: str, form: str, width: int) -> Iterator[Output]:
    """A result for each diagram of a file; its source formatted is one for the whole file. Raises Diagnostic."""
    found = diagrams(file)
    path = Path(file)
    if form == "puml":
        yield Output(f"{path.stem}.puml", formatted(file))
        return
    sources = [] if form == "txt" else expanded_sources(file)
    for index, diagram in enumerate(found):
        stem = path.stem if len(found) == 1 else f"{path.stem}.{api.diagram_id(diagram, path)}"
        content = _as_text(diagram, width) if form == "txt" else _picture(sources[index], form)
        yield Output(f"{stem}.{form}", content)


def _output(verdict: "Verdict", form: str, width: int) -> Output:
    """The result for a case that was played."""
    scenario = verdict.script.scenario
    source = scenario.diagram.source
    stem = Path(source.path).stem if source else scenario.diagram.name
    return Output(f"{stem}.{scenario.id.replace('/', '.')}.{form}", DRAWERS[form](verdict, width))


def _played(names: list[str]) -> "tuple[int, list[Verdict]]":
    """Play every case of the files as pytest does, and keep the verdicts; what kept some from playing is said."""
    from seqtest.cli.session import Watcher, played

    watcher = Watcher()
    status = played(names, watcher, quiet=True)
    for text in watcher.obstacles:
        click.echo(text, err=True)
    return watcher.exit_code(status), watcher.verdicts


def _as_text(diagram: "Diagram", width: int) -> str:
    from seqtest.render.text import draw_diagram

    return draw_diagram(diagram, width=width)


def _run_as_text(verdict: "Verdict", width: int) -> str:
    from seqtest.render.happened import draw_run

    return draw_run(verdict, width=width)


def _run_as_source(verdict: "Verdict", width: int) -> str:
    from seqtest.render.annotated import annotate

    return annotate(verdict)


def _picture(source: str, form: str) -> bytes:
    from seqtest.render.external import draw

    return draw(source, form)


DRAWERS: "Mapping[str, Callable[[Verdict, int], str | bytes]]" = {
    "txt": _run_as_text,
    "puml": _run_as_source,
    "svg": lambda verdict, width: _picture(_run_as_source(verdict, width), "svg"),
    "png": lambda verdict, width: _picture(_run_as_source(verdict, width), "png"),
}
