"""What seqtest has to say to a person: findings, and the exception that carries them.

A code's first digit is its stage: 1 syntax, 2 diagram and its promises, 3 scenario, 4 no answer could be had,
5 verdict, 6 attack, 7 hygiene. Every code has an entry in `docs/reference/messages.md`.
"""

from collections.abc import Sequence
from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.source import Span

Severity = Literal["error", "failed", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a person should know, at its place in the drawing."""

    code: str
    message: str
    span: Span | None = None
    severity: Severity = "error"
    label: str = ""
    """Stands behind the carets: `got `=>`, expected an arrow`."""
    expected: str = ""
    got: str = ""
    why: str = ""
    """The clause or the rule, in one sentence."""
    do: str = ""
    """What the reader can do, in one sentence."""
    also: tuple[tuple[Span, str], ...] = ()
    """Other places that belong to it, each with its words: `(span, "opened here")`."""
    detail: str = ""
    """More lines, shown indented below: a decoded token, a user's traceback."""


class Diagnostic(Exception):
    """Something that keeps seqtest from an answer; holds one finding or several."""

    exit_code = 4

    def __init__(self, *findings: Finding) -> None:
        super().__init__(*findings)
        self.findings: tuple[Finding, ...] = findings

    @property
    def finding(self) -> Finding:
        return self.findings[0]

    def __str__(self) -> str:
        return "\n\n".join(lay_out(finding) for finding in self.findings)


class UnreadableDiagram(Diagnostic):
    """The drawing, or a promise in it, cannot be read (stages 1 and 2)."""

    exit_code = 3


class UnplayableScenario(Diagnostic):
    """The drawing reads well and cannot be played as it stands (stage 3)."""

    exit_code = 3


class Unanswerable(Diagnostic):
    """Playing ended without an answer: nobody plays, no keys, an actor raised (stage 4)."""


class TakesTooLong(Unanswerable):
    """A case with a live server has delays that would have to be waited for longer than the user allows."""


def lay_out(finding: Finding) -> str:
    """A finding as plain text: headline, place, the line with carets, expected and got, why, what to do."""
    lines = [f"{finding.severity}[{finding.code}]: {finding.message}"]
    margin = " " * _gutter(finding)
    if finding.span is not None:
        lines += [f"{margin}--> {finding.span}", f"{margin} |"]
        lines += _excerpt(finding, finding.span, margin)
    for name, text in (("expected", finding.expected), ("got", finding.got)):
        if text:
            lines.append(f"{margin} |   {name + ':':<10}" + _hang(text, f"{margin} |             "))
    if (finding.why or finding.do or finding.detail) and finding.span is not None:
        lines.append(f"{margin} |")
    if finding.why:
        lines.append(f"{margin} = why: {finding.why}")
    if finding.do:
        lines.append(f"{margin} = do: " + _hang(finding.do, f"{margin}       "))
    if finding.detail:
        lines += [f"{margin}   {line}" for line in finding.detail.splitlines()]
    return "\n".join(line.rstrip() for line in lines).translate(_HARMLESS)


_HARMLESS = {
    code: "\N{REPLACEMENT CHARACTER}"
    for codes in (range(0x0A), range(0x0B, 0x20), range(0x7F, 0xA0), range(0x202A, 0x202F), range(0x2066, 0x206A))
    for code in codes
}
"""Control characters would command the terminal that a finding is printed on, bidi overrides would disguise it."""


def _hang(text: str, indent: str) -> str:
    return f"\n{indent}".join(text.splitlines())


def _gutter(finding: Finding) -> int:
    numbers = [span.line for span, _ in finding.also]
    if finding.span is not None:
        numbers.append(finding.span.line)
    return max((len(str(number)) for number in numbers), default=1) + 1


def _excerpt(finding: Finding, at: Span, margin: str) -> list[str]:
    places = sorted(
        [*((span, words, "-") for span, words in finding.also), (at, finding.label, "^")],
        key=lambda place: (place[0].path != at.path, place[0].line, place[0].column),
    )
    lines: list[str] = []
    previous: Span | None = None
    for span, words, mark in places:
        if previous is None or (previous.path, previous.line) != (span.path, span.line):
            if previous is not None and (previous.path != span.path or span.line > previous.line + 1):
                lines.append("..." if previous.path == span.path else f"{margin}--> {span}")
            text = span.text.replace("\t", " ").rstrip()
            lines.append(f"{span.line:>{len(margin) - 1}} | {text}")
        width = span.end_column - span.column if span.end_line == span.line else len(span.text) - span.column + 1
        carets = mark * max(1, min(width, max(1, len(span.text) - span.column + 1)))
        lines.append(f"{margin} | {' ' * (span.column - 1)}{carets} {words}".rstrip())
        previous = span
    return lines


def from_outside(name: str) -> str:
    """The ways to give the value of `{name}` from outside a drawing."""
    return f"`--seqtest-var {name}=…`, a fixture `{name}`, or SEQTEST_VAR_{name.upper()} in the environment"


def unopened(path: str, problem: OSError) -> Finding:
    """A file that cannot be opened: why, and what to do about it."""
    from pathlib import Path

    from seqtest.source import Source

    if isinstance(problem, FileNotFoundError):
        try:
            names = [one.name for one in Path(path).parent.iterdir()]
        except OSError:
            names = []
        do = did_you_mean(Path(path).name, names) or "correct the path; it counts from the folder you are in"
    elif isinstance(problem, PermissionError):
        do = f"let yourself read it, such as with `chmod u+r {path}`"
    else:
        do = "name a file that can be read"
    return Finding(
        "SQ190",
        f"{path} cannot be opened: {problem.strerror or problem}",
        Span.at(Source(path, ""), 1),
        do=do,
    )


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """`did you mean `x`?` for the known name nearest to `name`, or an empty string."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1, cutoff=0.6) or get_close_matches(
        name.lower(), [word for word in known if word.lower() == word], n=1, cutoff=0.6
    )
    return f"did you mean `{near[0]}`?" if near else ""
