"""`--seqtest-report DIR`, `--seqtest-save FILE`: each case as plain data on its report, and at the session's end the
pages of all, or the data itself.

Under pytest-xdist the workers make the data and the controller makes the pages.
"""

import os
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from seqtest.errors import Diagnostic, Finding, Unanswerable
from seqtest.pytest_plugin import failing, made_of, options
from seqtest.pytest_plugin.item import FlowItem
from seqtest.pytest_plugin.unreadable import UnreadableItem
from seqtest.render.html import folder as place
from seqtest.render.html.case import Case, case_of, case_of_error
from seqtest.render.html.report import Report, environment, files, missing
from seqtest.render.html.saved import Saved, dumps
from seqtest.render.mask import Masker, masker_of, secrets_of_scenario
from seqtest.render.secret_names import is_secret_name

if TYPE_CHECKING:
    from seqtest.verdict import Verdict

NAME = "seqtest-html"
ATTRIBUTE = "seqtest_case"
COLLECTED = "seqtest_cases_collected"
PLAYED = pytest.StashKey[Case]()
MANY = 150
"""Pages from which on their making has a progress bar."""


def register(config: pytest.Config) -> None:
    """Take part in the session. Raises pytest.UsageError where no report could be written, or no run be saved."""
    folder, file = (
        None if name is None else config.invocation_params.dir / name
        for name in (config.getoption("seqtest_report"), config.getoption("seqtest_save"))
    )
    is_worker = hasattr(config, "workerinput")
    if not is_worker and not config.option.collectonly:
        try:
            if folder is not None:
                environment()
                place.check(folder)
            if file is not None:
                place.check_file(file)
        except Unanswerable as error:
            raise pytest.UsageError(str(error)) from None
    files = None
    if file is not None:
        files = made_of.MadeOf(config.rootpath)
        config.pluginmanager.register(files, made_of.NAME)
    config.pluginmanager.register(Reporter(config, folder, file, files, is_worker), NAME)


class Reporter:
    """What one process knows of the session's cases."""

    def __init__(
        self,
        config: pytest.Config,
        folder: Path | None,
        file: Path | None,
        files: made_of.MadeOf | None,
        is_worker: bool,
    ) -> None:
        self.config = config
        self.folder = folder
        self.file = file
        self.files = files
        self.is_worker = is_worker
        self.cases: dict[str, Case] = {}
        self.real: dict[str, float] = {}
        self.collected = 0
        self.problems: list[str] = []
        self.is_written = False
        self.is_saved = False
        self.is_told = True
        """Whether the summary says where the run was saved."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.collected = sum(isinstance(item, FlowItem | UnreadableItem) for item in session.items)

    def pytest_seqtest_verdict(self, item: pytest.Item, verdict: "Verdict") -> None:
        masker = masker_of(verdict, _outside(self.config))
        item.stash[PLAYED] = case_of(verdict, id=item.nodeid, command=_command(item), masker=masker)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        made = yield
        if isinstance(item, FlowItem | UnreadableItem):
            case = _case(item, made, call)
            if case is not None and self.files is not None:
                case = {**case, "made_of": self.files.of(item.path), "reads": self.files.read_by(item)}
            if case is not None:
                vars(made)[ATTRIBUTE] = case
        return made

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.is_worker:
            return
        case: Case | None = vars(report).pop(ATTRIBUTE, None)
        if case is not None:
            self.cases[report.nodeid] = case
        if report.nodeid in self.cases:
            self.real[report.nodeid] = round(self.real.get(report.nodeid, 0.0) + report.duration, 6)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        self.collected = max(self.collected, getattr(node, "workeroutput", {}).get(COLLECTED, 0))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.is_worker:
            cast(Any, self.config).workeroutput[COLLECTED] = self.collected
        else:
            at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            if self.file is not None and not self.config.option.collectonly:
                self._save(self.file, at)
            if self.folder is not None and self.cases:  # else there is nothing to show, and an earlier report stays
                self._write(self.folder, at)
            if self.problems and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _save(self, file: Path, at: str) -> None:
        not_run = max(0, self.collected - len(self.cases))
        patterns = options.settings(self.config).patterns
        cases = [self.cases[id] for id in sorted(self.cases)]
        saved = Saved(cases, self.config.rootpath.name, not_run, self.real, at, patterns)
        try:
            place.replace_file(file, dumps(saved))
            self.is_saved = True
        except Diagnostic as error:
            self.problems.append(str(error))

    def _write(self, folder: Path, at: str) -> None:
        report = Report(
            list(self.cases.values()),
            self.config.rootpath.name,
            max(0, self.collected - len(self.cases)),
            [(left, right) for left, right in self.config.getoption("seqtest_report_compare")],
            self.real,
            at,
        )
        self.problems += [
            f"{place}: no such case was played, so it is compared with nothing" for place in missing(report)
        ]
        try:
            with _progress(self.config, len(report.cases)) as shown:
                place.write(folder, shown(files(report)))
            self.is_written = True
        except Diagnostic as error:
            self.problems.append(str(error))

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        if self.is_worker or self.config.option.collectonly:
            return
        for problem in self.problems:
            terminalreporter.write_line(f"ERROR: {problem}", red=True)
        if self.file is not None and self.is_saved and self.is_told:
            terminalreporter.write_line(f"seqtest saved: {failing.shown_path(self.file, self.config)}")
        if self.folder is None:
            return
        shown = failing.shown_path(self.folder / "index.html", self.config)
        if self.is_written:
            terminalreporter.write_line(f"seqtest report: {shown}")
        elif not self.cases:
            terminalreporter.write_line("seqtest report: no case was run, so none was written")


def _case(item: FlowItem | UnreadableItem, made: pytest.TestReport, call: pytest.CallInfo[None]) -> Case | None:
    """The case as this phase leaves it; None for a phase that adds nothing."""
    case = item.stash.get(PLAYED, None)
    if case is not None and made.when == "call":
        return case
    error = call.excinfo.value if call.excinfo is not None else None
    if made.skipped:
        reason = made.longrepr[2] if isinstance(made.longrepr, tuple) else str(made.longrepr)
        return {**_wrong(item, _finding(reason)), "state": "skipped"}
    if not made.failed:
        return None
    diagnostic = error.diagnostic if isinstance(error, failing.FlowFailed) else None
    wrong = _wrong(item, *(diagnostic.findings if diagnostic is not None else [_finding(str(made.longrepr))]))
    if case is None:
        return wrong
    # Its teardown went wrong: what was played stays there to see.
    return {
        **case,
        "state": "error",
        "summary": case["summary"] or wrong["summary"],
        "findings": [*case["findings"], *wrong["findings"]],
    }


def _wrong(item: FlowItem | UnreadableItem, *findings: Finding) -> Case:
    scenario = item.scenario if isinstance(item, FlowItem) else None
    return case_of_error(
        findings,
        id=item.nodeid,
        file=failing.shown_path(item.path, item.config),
        name=scenario.name if scenario is not None else item.name,
        command=_command(item),
        diagram=scenario.diagram if scenario is not None else None,
        order=[choice.taken for choice in scenario.choices] if scenario is not None else (),
        masker=Masker({*_outside(item.config), *(secrets_of_scenario(scenario) if scenario is not None else ())}),
    )


def _outside(config: pytest.Config) -> Iterator[str]:
    """The secrets among the values that were given for names in the drawings."""
    settings = options.settings(config)
    for values in (settings.variables, settings.told):
        yield from (value for name, value in values.items() if is_secret_name(name))


def _finding(text: str) -> Finding:
    """What Python or a user's own code had to say: its last line, and all of it below."""
    lines = text.strip().split("\n")
    last = next((line for line in reversed(lines) if line.startswith("E  ")), lines[-1])
    return Finding("", last.removeprefix("E").strip(), detail=text if len(lines) > 1 else "")


def _command(item: pytest.Item) -> str:
    inner = item.nodeid.partition("::")[2]
    return f"pytest '{failing.shown_path(item.path, item.config)}::{inner}'"


@contextmanager
def _progress(config: pytest.Config, pages: int) -> Iterator[Any]:
    """Gives a function that shows how many of the files were made: on a terminal, where it takes long, unless `-q`."""
    is_shown = (
        pages >= MANY
        and config.pluginmanager.has_plugin("terminalreporter")
        and config.option.verbose >= 0
        and sys.stdout.isatty()
        and not os.environ.get("CI")
    )
    if not is_shown:
        yield lambda made: made
        return
    from rich.progress import Progress

    with Progress(transient=True) as progress:

        def shown(made: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
            return progress.track(made, total=pages, description="seqtest report")

        yield shown
