"""seqtest report: run the flows and write an HTML report of them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqtest.cli import exits

if TYPE_CHECKING:
    import pytest

DEFAULT = "seqtest-report"
MOST_LINES = 20


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[FILE | FOLDER | PYTEST OPTION]...")
@click.option("-o", "--output", metavar="DIR", default=DEFAULT, show_default=True, help="The report's folder.")
@click.option(
    "--compare",
    "pairs",
    nargs=2,
    multiple=True,
    metavar="LEFT RIGHT",
    help="Two cases to set side by side, by file or node id; may be repeated.",
)
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="FILE",
    help="Run nothing: show what `pytest --seqtest-save FILE` saved; may be repeated.",
)
@click.option("--stale", is_flag=True, help="With --from: also when drawings have changed since, or are not here.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar, and nothing about what was kept.")
def report(
    arguments: tuple[str, ...],
    output: str,
    pairs: tuple[tuple[str, str], ...],
    sources: tuple[str, ...],
    stale: bool,
    quiet: bool,
) -> None:
    """Run flows and write an HTML report: static pages that need no server and no network.

    Flows are run as `pytest` runs them; what else is given is passed on to it: `seqtest report diagrams -n 4`. Without
    a file, folder or node id the folder `diagrams` is run when there is one.

    With --from the runs are those of earlier sessions, of several machines perhaps; a run of drawings that are not as
    they were then is refused. The exit code says what became of the cases, as if they had been run.

    DIR is made, or made anew when it is an earlier report; any other folder that holds something is refused. Needs
    `pip install 'seqtest[report]'`.
    """
    if sources:
        if arguments:
            raise click.UsageError(f"--from runs nothing, so there is nothing to be done with {arguments[0]}")
        sys.exit(_from_saved([Path(source) for source in sources], Path(output), pairs, is_stale=stale, is_quiet=quiet))
    if stale:
        raise click.UsageError("--stale goes with --from")
    from seqtest.cli.progress import progress
    from seqtest.cli.session import Silence, Watcher, played

    watcher, cases = Watcher(), _Cases()
    options = [f"--seqtest-report={Path(output).absolute()}"]
    for left, right in pairs:
        options += ["--seqtest-report-compare", left, right]
    with progress(is_quiet=quiet) as plugins:
        status = played(arguments, watcher, options=options, plugins=[cases, *plugins, Silence()])
    code = watcher.exit_code(status)
    for problem in cases.problems:
        click.echo(problem, err=True)
    if not cases.seen:
        if code != exits.USAGE:
            click.echo("no case was run, so no report was written", err=True)
        sys.exit(code)
    if not quiet:
        for line in cases.lines():
            click.echo(line)
    if cases.is_written:
        click.echo(f"wrote {Path(output) / 'index.html'}", err=True)
    sys.exit(code)


def _from_saved(
    sources: list[Path], output: Path, pairs: tuple[tuple[str, str], ...], *, is_stale: bool, is_quiet: bool
) -> int:
    """Write the report of saved runs; the exit code."""
    from seqtest.errors import Diagnostic
    from seqtest.render.html import folder, saved
    from seqtest.render.html.report import Report, files, missing

    try:
        folder.check(output)
        found = [(source, saved.load(source)) for source in sources]
        if not is_stale:
            saved.refuse_stale(found, Path.cwd())
        whole = saved.merged(found)
        if not whole.cases:
            click.echo("no case was run, so no report was written", err=True)
            return exits.NO_ANSWER
        report = Report(whole.cases, whole.name, whole.not_run, pairs, whole.real, whole.made_at)
        folder.write(output, files(report))
    except Diagnostic as error:
        click.echo(str(error), err=True)
        return exits.USAGE
    absent = missing(report)
    for place in absent:
        click.echo(f"{place}: no such case was played, so it is compared with nothing", err=True)
    wrong = {case["id"]: case["summary"] for case in whole.cases if case["state"] in ("failed", "error")}
    if not is_quiet:
        for line in _lines(wrong, len(whole.cases)):
            click.echo(line)
    click.echo(f"wrote {output / 'index.html'}", err=True)
    if any(case["state"] == "failed" for case in whole.cases):
        return exits.BROKEN
    return exits.NO_ANSWER if wrong else exits.USAGE if absent else exits.KEPT


def _lines(wrong: dict[str, str], total: int) -> Iterator[str]:
    """A line for each case that was not kept, the first of them, and how many were."""
    from seqtest.render.grid import clean

    for nodeid, words in sorted(wrong.items())[:MOST_LINES]:
        yield clean(f"{nodeid}: {words.splitlines()[0] if words else 'failed'}")
    if len(wrong) > MOST_LINES:
        yield f"… and {len(wrong) - MOST_LINES} more"
    yield f"{total - len(wrong)} of {total} cases kept"


class _Cases:
    """A pytest plugin that counts the cases and keeps the first words about what was not kept."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.wrong: dict[str, str] = {}
        self.problems: list[str] = []
        self.is_written = False

    def pytest_runtest_logreport(self, report: "pytest.TestReport") -> None:
        if not any(name.startswith("seqtest.") for name, _ in report.user_properties):
            return
        self.seen.add(report.nodeid)
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.wrong.setdefault(report.nodeid, getattr(crash, "message", "") or "failed")

    def pytest_unconfigure(self, config: "pytest.Config") -> None:
        reporter: Any = config.pluginmanager.get_plugin("seqtest-html")
        if reporter is not None:
            self.problems, self.is_written = reporter.problems, reporter.is_written

    def lines(self) -> Iterator[str]:
        return _lines(self.wrong, len(self.seen))
