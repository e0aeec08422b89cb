"""What a run says to GitHub Actions: workflow commands that annotate lines, and the job's summary in Markdown.

The forms are those of GitHub's documentation, "Workflow commands for GitHub Actions".
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from seqtest.errors import Finding
from seqtest.render.failure import masked
from seqtest.render.markup import visible
from seqtest.render.mask import Masker

LARGEST_SUMMARY = 900_000
"""Bytes; GitHub refuses a step's summary above 1,024 KiB as a whole."""
LARGEST_DIAGRAM = 45_000
"""Characters; GitHub draws no Mermaid above 50,000."""


class Place(NamedTuple):
    """A line of a file of the repository, as GitHub names it."""

    file: str
    line: int = 0
    column: int = 0
    end_column: int = 0


class Failed(NamedTuple):
    """A case that did not hold, as plain data: it travels between processes."""

    name: str
    """`login.puml::token-has-expired`."""
    place: Place
    annotations: tuple[str, ...]
    text: str
    """What the terminal says of it, secrets masked."""
    diagram: str = ""
    """What happened, as Mermaid."""


def annotation(finding: Finding, place: Place, name: str, masker: Masker | None = None) -> str:
    """The workflow command that shows a finding at its line."""
    if masker is not None:
        finding = masked(finding, masker)
    told = ("expected", finding.expected), ("got", finding.got), ("why", finding.why), ("do", finding.do)
    lines = [finding.message, *(f"{word}: {text}" for word, text in told if text)]
    properties = {"title": f"{finding.code} in {name}", "file": place.file}
    if place.line:
        properties["line"] = str(place.line)
    if place.column:
        properties |= {"col": str(place.column), "endColumn": str(max(place.end_column, place.column))}
    command = "warning" if finding.severity == "warning" else "error"
    lines = [visible(line) for line in "\n".join(lines).splitlines()]
    where = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{command} {where}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")


def summary(kept: int, proved: str, failed: Sequence[Failed], environment: Mapping[str, str]) -> str:
    """The Markdown of a session: how much was kept, then each failed case with its picture."""
    if not failed:
        return f"### ✅ seqtest: {_count(kept)} kept\n\n{_escaped(proved)}\n"
    parts = [f"### ❌ seqtest: {len(failed)} of {_count(kept + len(failed))} failed\n"]
    size = len(parts[0])
    for number, case in enumerate(failed):
        part = _case(case, environment)
        size += len(part.encode())
        if size > LARGEST_SUMMARY:
            parts.append(f"\n… and {len(failed) - number} more, in the log\n")
            break
        parts.append(part)
    return "".join(parts)


def _count(number: int) -> str:
    return f"{number} case" if number == 1 else f"{number} cases"


def _case(case: Failed, environment: Mapping[str, str]) -> str:
    where = _linked(case.place, environment)
    picture = case.diagram
    if len(picture) > LARGEST_DIAGRAM:
        picture = ""
    shown = f"\n{_fenced(picture, 'mermaid')}" if picture else ""
    text = (
        f"\n<details><summary>what was promised and what came</summary>\n\n{_fenced(case.text, 'text')}\n</details>\n"
    )
    return f"\n#### {_escaped(case.name)}\n\n{where}\n{shown}{text}"


def _linked(place: Place, environment: Mapping[str, str]) -> str:
    words = f"{place.file}:{place.line}" if place.line else place.file
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
    server, repository, commit = (environment.get(name, "") for name in names)
    if not (server and repository and commit) or not re.fullmatch(r"[\w./ @+-]+", place.file):
        return _escaped(words)
    address = f"{server}/{repository}/blob/{commit}/{place.file.replace(' ', '%20')}"
    return f"[{_escaped(words)}]({address}{f'#L{place.line}' if place.line else ''})"


_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~])")


def _escaped(text: str) -> str:
    """Words that Markdown shows as they are."""
    words = _SPECIAL.sub(r"\\\1", visible(" ".join(text.split())))
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fenced(text: str, language: str) -> str:
    """A block whose fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"
