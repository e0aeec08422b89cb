"""Speaks to GitHub Actions when pytest runs there: an annotation at each broken line, a summary of the job.

Cases may be played by workers of pytest-xdist; what is said of them travels on their reports as plain data.
"""

import os
from collections.abc import Generator
from os.path import abspath, relpath
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seqtest.errors import Finding
from seqtest.pytest_plugin import report as reports
from seqtest.pytest_plugin.failing import FlowFailed
from seqtest.render.github import Failed, Place, annotation, summary

if TYPE_CHECKING:
    from seqtest.verdict import Verdict

DATA = "seqtest_github"
VERDICT = pytest.StashKey["Verdict"]()
NAME = "seqtest-github"


class GitHub:
    """A pytest plugin that collects what did not hold and says it at the session's end."""

    def __init__(self) -> None:
        self.kept: set[str] = set()
        self.failed: dict[str, Failed] = {}

    def pytest_seqtest_verdict(self, item: pytest.Item, verdict: "Verdict") -> None:
        item.stash[VERDICT] = verdict

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        made = yield
        verdict = item.stash.get(VERDICT, None)
        if call.when != "setup" and verdict is not None:
            del item.stash[VERDICT]
        if made.failed and call.excinfo is not None and isinstance(call.excinfo.value, FlowFailed):
            found = _failed(item, call.excinfo.value, verdict)
            vars(made)[DATA] = [found.name, [*found.place], [*found.annotations], found.text, found.diagram]
        return made

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """With --collect-only nothing runs that could say so: a drawing that cannot be read is told by its file."""
        made = yield
        error = made.call.excinfo.value if made.failed and made.call is not None and made.call.excinfo else None
        if isinstance(error, FlowFailed):
            self.failed[made.nodeid] = _failed(collector, error, None)
        return made

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = getattr(report, DATA, None)
        if data is not None:
            name, place, annotations, text, diagram = data
            self.failed[report.nodeid] = Failed(name, Place(*place), tuple(annotations), text, diagram)
            self.kept.discard(report.nodeid)
        elif report.when == "call" and report.passed and reports.ARROWS in dict(report.user_properties):
            self.kept.add(report.nodeid)

    @pytest.hookimpl(trylast=True)  # when the session's own summary has counted
    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Annotations on lines of their own, where GitHub looks for them, and the summary in the file that it names."""
        lines = [line for case in self.failed.values() for line in case.annotations]
        if lines:
            terminalreporter.ensure_newline()
            for line in lines:
                terminalreporter.write_line(line)
        if not self.failed and not self.kept:
            return
        file = os.environ.get("GITHUB_STEP_SUMMARY", "")
        if file:
            try:
                with Path(file).open("a", encoding="utf-8") as out:
                    out.write(self.summary(terminalreporter.config))
            except OSError as error:
                terminalreporter.write_line(f"seqtest could not write the job's summary: {error}")

    def summary(self, config: pytest.Config) -> str:
        proved = " ".join(line for line in reports.tally(config).lines() if not line.startswith("ERROR"))
        return summary(len(self.kept), proved, list(self.failed.values()), os.environ)


def _failed(item: pytest.Item | pytest.Collector, error: FlowFailed, verdict: "Verdict | None") -> Failed:
    """What is said of a case; without a verdict it had no answer."""
    here = abspath(item.path)
    name = f"{os.path.basename(here)}{item.nodeid[item.nodeid.find('::') :] if '::' in item.nodeid else ''}"
    if verdict is None or error.diagnostic is not None:
        findings = error.diagnostic.findings if error.diagnostic is not None else (error.finding,)
        told = tuple(annotation(finding, _place(finding, here), name) for finding in findings)
        return Failed(name, _place(error.finding, here), told, str(error))
    from seqtest.api import failure_text
    from seqtest.render.mask import masker_of
    from seqtest.render.mermaid import mermaid_of_run

    masker = masker_of(verdict)
    told = tuple(annotation(finding, _place(finding, here), name, masker) for finding in verdict.failures)
    diagram = mermaid_of_run(verdict, masker=masker)
    return Failed(name, _place(verdict.failures[0], here), told, failure_text(verdict, "short"), diagram)


def _place(finding: Finding, file: str) -> Place:
    """From the repository's root; a finding without a place is at the file."""
    span = finding.span
    path = abspath(span.path) if span is not None and span.source is not None else file
    root = os.environ.get("GITHUB_WORKSPACE") or os.getcwd()
    shown = path
    if Path(path).is_relative_to(root):
        shown = relpath(path, root)
    shown = shown.replace(os.sep, "/")
    if span is None:
        return Place(shown)
    is_one_line = span.end_line == span.line
    return Place(shown, span.line, span.column, max(span.end_column - 1, span.column) if is_one_line else 0)


def register(config: pytest.Config) -> None:
    """Listen to this session. One without a terminal (`seqtest render --run`) has no summary, and says nothing."""
    config.pluginmanager.register(GitHub(), NAME)
