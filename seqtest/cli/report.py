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
@click.option("-q", "--quiet", is_flag=True, help="No progress bar, and nothing about what was kept.")
def report(arguments: tuple[str, ...], output: str, pairs: tuple[tuple[str, str], ...], quiet: bool) -> None:
    """Run flows and write an HTML report: static pages that need no server and no network.

    Flows are run as `pytest` runs them; what else is given is passed on to it: `seqtest report diagrams -n 4`. Without
    a file, folder or node id the folder `diagrams` is run when there is one.

    DIR is made, or made anew when it is an earlier report; any other folder that holds something is refused. Needs
    `pip install 'seqtest[report]'`.
    """
    from seqtest.cli.progress import progress
    from seqtest.cli.session import Watcher, played

    watcher, cases = Watcher(), _Cases()
    options = ["-p", "no:terminal", f"--seqtest-report={Path(output).absolute()}"]
    for left, right in pairs:
        options += ["--seqtest-report-compare", left, right]
    with progress(is_quiet=quiet) as plugins:
        status = played(arguments, watcher, options=options, plugins=[cases, *plugins])
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
        """A line for each case that was not kept, the first of them, and how many were."""
        for nodeid, words in sorted(self.wrong.items())[:MOST_LINES]:
            yield f"{nodeid}: {words.splitlines()[0]}"
        if len(self.wrong) > MOST_LINES:
            yield f"… and {len(self.wrong) - MOST_LINES} more"
        yield f"{len(self.seen) - len(self.wrong)} of {len(self.seen)} cases kept"
