"""seqtest check: read and lint, run nothing."""

import json
import sys
from collections.abc import Callable, Mapping

import click

from seqtest import api
from seqtest.cli import exits
from seqtest.cli.files import diagrams, expanded
from seqtest.errors import Diagnostic, Finding, lay_out


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="[FILE | FOLDER]...")
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option("--bound", multiple=True, metavar="NAME", help="Check as if somebody plays NAME; may be repeated.")
@click.option("--strict", is_flag=True, help="Count warnings as errors.")
def check(files: tuple[str, ...], form: str, bound: tuple[str, ...], strict: bool) -> None:
    """Read and lint diagrams without running them.

    Finds what cannot be read, slips of the drawing, values that nobody gives, and branches that cannot be chosen. Exit
    code 3 when there is an error; warnings alone leave it 0.
    """
    found: list[tuple[str, Finding]] = []
    count = 0
    for file in expanded(files):
        count += 1
        try:
            for diagram in diagrams(file):
                found += [(file, finding) for finding in api.check(diagram, bound)]
        except Diagnostic as error:
            found += [(file, finding) for finding in error.findings]
    write = FORMATS[form]
    for file, finding in found:
        click.echo(write(file, finding))
    errors = sum(finding.severity != "warning" for _, finding in found)
    if form == "text":
        click.echo(f"{_count(count, 'file')} read: {_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}")
    sys.exit(exits.UNREADABLE if errors or (strict and found) else exits.KEPT)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _text(file: str, finding: Finding) -> str:
    return lay_out(finding) + "\n"


def _json(file: str, finding: Finding) -> str:
    """One object a line."""
    place = finding.span
    return json.dumps(
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
        },
        ensure_ascii=False,
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
    return "".join(table.get(character, character) for character in text)


FORMATS: Mapping[str, Callable[[str, Finding], str]] = {"text": _text, "json": _json, "github": _github}
