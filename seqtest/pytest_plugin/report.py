"""How much a session proved: counted from plain data on the reports, so that it adds up under pytest-xdist too."""

from dataclasses import field
from typing import TYPE_CHECKING, Any

import pytest

from seqtest.dataclass import dataclass

if TYPE_CHECKING:
    from seqtest.verdict import Verdict

PREFIX = "seqtest."
ARROWS, TOLD, CHECKS, UNDER_TEST = (PREFIX + name for name in ("arrows_seen", "arrows_told", "checks", "under_test"))

PLACE = FILE, LINE = PREFIX + "file", PREFIX + "line"


@dataclass(slots=True)
class Tally:
    """What a session collected and what its kept cases proved."""

    files: int = 0
    left_alone: int = 0
    """Drawings met in a folder that bind nobody."""
    other: int = 0
    """Files met in a folder that hold no sequence diagram."""
    problems: list[str] = field(default_factory=list)
    """Bindings that reach nobody."""
    kept: int = 0
    arrows: int = 0
    told: int = 0
    checks: int = 0
    under_test: dict[str, None] = field(default_factory=dict)
    """An ordered set."""

    def add(self, properties: list[tuple[str, Any]]) -> None:
        """Count a kept case by its report's properties."""
        values = dict(properties)
        if ARROWS not in values:
            return
        self.kept += 1
        self.arrows += values[ARROWS]
        self.told += values[TOLD]
        self.checks += values[CHECKS]
        self.under_test.update(dict.fromkeys(values[UNDER_TEST].split()))

    def merge(self, collected: dict[str, Any]) -> None:
        """Take over what a worker collected; all workers collect the same."""
        self.files = max(self.files, collected["files"])
        self.left_alone = max(self.left_alone, collected["left_alone"])
        self.other = max(self.other, collected["other"])
        self.problems = self.problems or collected["problems"]

    def collected(self) -> dict[str, Any]:
        """The part that a worker hands to its controller, as plain data."""
        return {
            "files": self.files,
            "left_alone": self.left_alone,
            "other": self.other,
            "problems": self.problems,
        }

    def lines(self) -> list[str]:
        """The summary, a sentence a line; nothing when no drawing was met."""
        lines = [f"ERROR: {problem}" for problem in self.problems]
        if self.kept:
            told = f", {self.told} told" if self.told else ""
            lines.append(
                f"{_count(self.kept, 'case')} kept: {_count(self.arrows, 'arrow')} seen{told}, "
                f"{_count(self.checks, 'check')} made; under test: {', '.join(self.under_test)}"
            )
        if self.left_alone:
            were = "was" if self.left_alone == 1 else "were"
            lines.append(f"{_count(self.left_alone, 'drawing')} without a bound participant {were} left alone")
        if self.other:
            lines.append(f"{_count(self.other, 'file')} without a sequence diagram left alone")
        return lines


TALLY = pytest.StashKey[Tally]()


def tally(config: pytest.Config) -> Tally:
    """The session's tally."""
    return config.stash.setdefault(TALLY, Tally())


def properties(verdict: "Verdict") -> list[tuple[str, object]]:
    """What a verdict proved, as properties of the test's report (junitxml shows them)."""
    return [
        (ARROWS, verdict.arrows_seen),
        (TOLD, verdict.arrows_told),
        (CHECKS, verdict.checks_made),
        (UNDER_TEST, " ".join(verdict.under_test)),
    ]


def place(path: str, line: int) -> list[tuple[str, object]]:
    """Where a case stands, or its failing arrow, as properties: junitxml's xunit2 has no attributes for it."""
    return [(FILE, path), (LINE, line)]


def finish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands its part over; elsewhere a binding that reaches nobody decides the exit code."""
    found = tally(session.config)
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["seqtest"] = found.collected()
    elif found.problems:
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


def summarize(terminal: "pytest.TerminalReporter") -> None:
    """Say what was proved and what was left alone."""
    found = tally(terminal.config)
    for report in terminal.getreports("passed"):
        if report.when == "call" and report.user_properties:
            found.add(report.user_properties)
    lines = found.lines()
    if lines:
        terminal.section("seqtest", sep="=")
        for line in lines:
            terminal.write_line(line)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
