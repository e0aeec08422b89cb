"""seqtest check: read and lint, run nothing."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqtest import api
from seqtest.cli import exits
from seqtest.cli.files import diagrams, expanded, or_default
from seqtest.dataclass import dataclass
from seqtest.errors import Diagnostic, Finding, did_you_mean, lay_out

if TYPE_CHECKING:
    from seqtest.diagram import Diagram
    from seqtest.hygiene.rule import Lint


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE | FOLDER]...")
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option("--bound", multiple=True, metavar="NAME", help="Check as if somebody plays NAME; may be repeated.")
@click.option("--lint", "words", multiple=True, metavar="NAME", help="Warn of this lint, or not (-NAME); repeatable.")
@click.option("--strict", is_flag=True, help="Count warnings as errors.")
def check(files: tuple[str, ...], form: str, bound: tuple[str, ...], words: tuple[str, ...], strict: bool) -> None:
    """Read and lint diagrams without running them.

    Finds what cannot be read, slips of the drawing, values that nobody gives, and branches that cannot be chosen. Who
    is bound is asked of the conftest files and of pytest's ini file; where nobody is, what would be an error in a test
    is a warning. Without a file or folder the folder `diagrams` is read.

    Exit code 3 when there is an error, warnings alone leave it 0; 4 when a conftest cannot be loaded.
    """
    from seqtest.cli.session import cast_of

    paths = list(expanded(or_default(files)))
    cast = cast_of(paths)
    reading = Reading(cast.bound, frozenset(bound), _lints((*cast.lints, *words)))
    for path in paths:
        reading.read(path)
    reading.refuse_unknown()
    write = FORMATS[form]
    for file, finding in reading.found:
        click.echo(write(file, finding))
    errors = sum(finding.severity != "warning" for _, finding in reading.found)
    if form == "text":
        for path in reading.unbound:
            click.echo(f"nobody is bound in {path}: its checks were read, not played")
        warnings = len(reading.found) - errors
        click.echo(f"{_count(reading.count, 'file')} read: {_count(errors, 'error')}, {_count(warnings, 'warning')}")
    if errors or (strict and reading.found):
        sys.exit(exits.UNREADABLE)
    sys.exit(exits.NO_ANSWER if cast.status else exits.KEPT)


@dataclass(slots=True)
class Reading:
    """What was found in the files that were read so far."""

    cast: Mapping[str, frozenset[str]]
    """File → who is bound in it."""
    told: frozenset[str]
    """Who shall be taken as bound besides."""
    lints: "Sequence[Lint]" = ()
    """What of hygiene is warned of."""
    found: list[tuple[str, Finding]] = field(default_factory=list)
    unbound: list[str] = field(default_factory=list)
    """Files with checks in which nobody is bound."""
    drawn: set[str] = field(default_factory=set)
    count: int = 0

    def read(self, path: str) -> None:
        """Read a file and keep what there is to say of it."""
        who = self.cast.get(path, frozenset()) | self.told
        try:
            drawings = diagrams(path)
        except Diagnostic as error:
            self.found += [(path, finding) for finding in error.findings]
            self.count += Path(path).exists()
            return
        self.count += 1
        for diagram in drawings:
            self.drawn |= {participant.id for participant in diagram.participants}
            self.found += [(path, finding) for finding in api.check(diagram, who, self.lints)]
        if not any(_is_bound(diagram, who) for diagram in drawings) and any(map(api.has_checks, drawings)):
            self.unbound.append(path)

    def refuse_unknown(self) -> None:
        """Raises click.BadParameter for a participant to be taken as bound that is nowhere drawn."""
        for name in sorted(self.told - self.drawn) if self.drawn else ():
            hint = did_you_mean(name, sorted(self.drawn)) or f"participants: {', '.join(sorted(self.drawn))}"
            raise click.BadParameter(f"no participant of these diagrams is called {name}; {hint}", param_hint="--bound")


def _lints(words: tuple[str, ...]) -> "Sequence[Lint]":
    from seqtest.hygiene.table import NoLint, chosen

    try:
        return chosen(words)
    except NoLint as problem:
        raise click.BadParameter(str(problem), param_hint="--lint") from None


def _is_bound(diagram: "Diagram", who: frozenset[str]) -> bool:
    try:
        return bool(api.bound(diagram, who))
    except Diagnostic:  # a stereotype that is nearly a kind: an error of its own
        return True


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _text(file: str, finding: Finding) -> str:
    return lay_out(finding) + "\n"


def _json(file: str, finding: Finding) -> str:
    """One object a line."""
    from seqtest.render.markup import json_text

    place = finding.span
    return json_text(
        {
            "file": place.path if place else file,
            "line": place.line if place else 1,
            "column": place.column if place else 1,
            "end_line": place.end_line if place else 1,
            "end_column": place.end_column if place else 1,
            "severity": finding.severity,
            "code": finding.code,
            "message": finding.message,
            "expected": finding.expected,
            "got": finding.got,
            "why": finding.why,
            "do": finding.do,
        }
    )


def _github(file: str, finding: Finding) -> str:
    """A workflow command, which GitHub shows at the line of the file."""
    place = finding.span
    kind = "warning" if finding.severity == "warning" else "error"
    fields = {"file": place.path if place else file, "title": finding.code}
    if place:
        fields |= {"line": str(place.line), "col": str(place.column)}
        if place.end_line == place.line:
            fields |= {"endColumn": str(place.end_column)}
    told = ",".join(f"{name}={_escaped(value, PROPERTY)}" for name, value in fields.items())
    words = "\n".join(text for text in (finding.message, finding.do) if text)
    return f"::{kind} {told}::{_escaped(words, MESSAGE)}"


# GitHub's workflow commands end at a line's end, and their properties at `,` and `:`.
MESSAGE: Mapping[str, str] = {"%": "%25", "\r": "%0D", "\n": "%0A"}
PROPERTY: Mapping[str, str] = {**MESSAGE, ":": "%3A", ",": "%2C"}


def _escaped(text: str, table: Mapping[str, str]) -> str:
    from seqtest.render.grid import clean

    shown = "\n".join(clean(line) for line in text.split("\n"))
    return "".join(table.get(character, character) for character in shown)


FORMATS: Mapping[str, Callable[[str, Finding], str]] = {"text": _text, "json": _json, "github": _github}
