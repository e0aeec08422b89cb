"""seqtest render: a drawing, or what happened when it ran, as text, picture or data."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from seqtest import api
from seqtest.cli import exits
from seqtest.cli.drawers import PICTURES, SUFFIXES, Content, Drawn, Engine, Wish, form_of, of_diagram, of_run
from seqtest.cli.files import Found, diagrams, expanded_sources, formatted, found, is_plantuml
from seqtest.cli.output import Output, deliver, stale
from seqtest.errors import Diagnostic

if TYPE_CHECKING:
    from seqtest.verdict import Verdict


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="[FILE | FOLDER]...")
@click.option("--format", "form", type=click.Choice(list(SUFFIXES)), help="[default: what -o FILE ends in, else txt]")
@click.option("--run", "is_run", is_flag=True, help="Run the flows and show what happened at each arrow.")
@click.option("-o", "--output", metavar="FILE", help="Where to write a single result.")
@click.option("--out-dir", metavar="DIR", help="The folder to write the results into.")
@click.option(
    "--check",
    "is_check",
    is_flag=True,
    help="Write nothing; exit code 1 when a file at its place is missing or not what would be written.",
)
@click.option("--width", type=click.IntRange(40), default=100, show_default=True, help="Columns of --format txt.")
@click.option(
    "--engine",
    type=click.Choice(get_args(Engine)),
    default=None,
    help="Who draws svg and png.  [default: seqtest]",
)
@click.option("--server", metavar="URL", help="A PlantUML server that draws svg and png; implies --engine server.")
def render(
    files: tuple[str, ...],
    form: str | None,
    is_run: bool,
    output: str | None,
    out_dir: str | None,
    is_check: bool,
    width: int,
    engine: Engine | None,
    server: str | None,
) -> None:
    """Show diagrams: their source formatted, a picture, or data.

    With --run each case is played first and the result says what happened: each arrow passed, failed or not reached,
    with real values, secrets masked. png and pdf need an extra each:
    pip install 'seqtest[png,pdf]'.

    A PlantUML of yours can draw: --engine server (named by --server or PLANTUML_SERVER), --engine jar (named by
    PLANTUML_JAR), --engine command (`plantuml`), or --engine plantuml for the first of them that is there. Nothing is
    sent to a server that you did not name.

    --check compares with what was written before, for pictures that are kept beside their drawings: nothing is written,
    and each file that is missing or stale is named.

    In --out-dir a result is called like its file, and lies where the file lies below the FOLDER that was given. A file
    that cannot be read or drawn is reported, and the others are still written; the exit code is then 3 or 4.
    """
    if is_check and is_run:
        raise click.UsageError("--check is for drawings: what happens differs from run to run")
    wish = _wish(form_of(form, output, "txt", SUFFIXES), width, engine, server)
    inputs = list(found(files))
    results = _of_runs(inputs, wish) if is_run else _of_files(inputs, wish)
    if is_check:
        for words in stale(results.outputs, output, out_dir):
            results.say(words)
            results.code = exits.BROKEN
        sys.exit(results.code)
    deliver(results.outputs, [file.path for file in inputs], output, out_dir)
    sys.exit(results.code)


def _wish(form: str, width: int, engine: Engine | None, server: str | None) -> Wish:
    if server is not None and engine not in (None, "plantuml", "server"):
        raise click.UsageError("--server wants --engine server")
    if (server is not None or engine not in (None, "seqtest")) and form not in PICTURES:
        raise click.UsageError(f"PlantUML draws svg and png; --format {form} is made by seqtest itself")
    return Wish(form, width, "server" if server is not None else engine or "seqtest", server)


class Results:
    """What could be made, and what is to be said about the rest, each thing once."""

    def __init__(self, code: int = exits.KEPT) -> None:
        self.outputs: list[Output] = []
        self.code = code
        self._said: set[str] = set()

    def add(self, make: Callable[[], Iterable[Output]]) -> None:
        """Add what `make` gives; a diagnostic is said and decides the exit code unless something worse did."""
        try:
            self.outputs += make()
        except Diagnostic as error:
            self.say(str(error))
            if self.code == exits.KEPT:
                self.code = error.exit_code
            elif self.code != exits.BROKEN:
                self.code = min(self.code, error.exit_code)

    def say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            click.echo(text, err=True)


def _of_files(inputs: Iterable[Found], wish: Wish) -> Results:
    """A result for each diagram of the files."""
    results = Results()
    for file in inputs:
        results.add(lambda file=file: list(_drawn(file, wish)))  # type: ignore[misc]  # bound at once
    return results


def _drawn(file: Found, wish: Wish) -> Iterator[Output]:
    """A result for each diagram of a file; PlantUML's own source is one, formatted. Raises Diagnostic."""
    path = Path(file.path)
    read = diagrams(file.path)
    if wish.form == "puml" and is_plantuml(file.path):
        yield _output(file, [], formatted(file.path), wish)
        return
    names = api.diagram_names(read, path) if len(read) > 1 else [""]
    for index, (name, diagram) in enumerate(zip(names, read, strict=True)):
        drawn = Drawn(diagram, file.path, lambda index=index: expanded_sources(file.path)[index])  # type: ignore[misc]
        yield _output(file, [name] if name else [], of_diagram(drawn, wish), wish)


def _of_runs(inputs: list[Found], wish: Wish) -> Results:
    """A result for each case, played as pytest does; what kept some from being played is said."""
    from seqtest.cli.session import Watcher, played

    watcher = Watcher()
    status = played([file.path for file in inputs], watcher, quiet=True)
    results = Results(watcher.exit_code(status))
    for text in watcher.obstacles:
        results.say(text)
    files = {Path(file.path).resolve(): file for file in inputs}
    for verdict, inner in zip(watcher.verdicts, watcher.names, strict=True):
        results.add(lambda verdict=verdict, inner=inner: [_of_verdict(files, verdict, inner, wish)])  # type: ignore[misc]
    return results


def _of_verdict(files: dict[Path, Found], verdict: "Verdict", names: tuple[str, ...], wish: Wish) -> Output:
    source = verdict.script.scenario.diagram.source
    path = source.path if source is not None else "diagram"
    file = files.get(Path(path).resolve(), Found(path))
    return _output(file, list(names), of_run(verdict, wish), wish)


def _output(file: Found, names: list[str], content: Content, wish: Wish) -> Output:
    """The result, named after its file and, where that has several, its diagram and case."""
    stem = Path(file.path).stem
    inner = names[1:] if names[:1] == [stem] else names
    name = ".".join([stem, *(name.replace("/", ".") for name in inner), wish.suffix])
    ended = content if isinstance(content, bytes) or content.endswith("\n") else content + "\n"
    return Output(str(file.folder / name), ended, file.path)
