"""Diagrams from text, expanded; other files come from a mapping instead of a disk."""

from collections.abc import Callable, Mapping
from textwrap import dedent
from typing import Any

import pytest

from seqtest.diagram import Diagram
from seqtest.diagram.read import read
from seqtest.errors import Diagnostic, Finding
from seqtest.scenario import Scenario
from seqtest.scenario.expand import expand
from seqtest.source import Source

Expand = Callable[..., list[Scenario]]
Refuse = Callable[..., list[Finding]]


def diagrams(path: str, text: str) -> list[Diagram]:
    body = dedent(text)
    return read(Source(path, body if "@startuml" in body else f"@startuml\n{body}\n@enduml\n"))


@pytest.fixture
def cases() -> Expand:
    """Every case of a drawing; `files` are the flows that it may use."""

    def expanded(text: str, files: Mapping[str, str] | None = None, **options: Any) -> list[Scenario]:
        def read_one(path: str) -> list[Diagram]:
            if files is None or path not in files:
                raise FileNotFoundError(path)
            return diagrams(path, files[path])

        return expand(diagrams("flow.puml", text)[0], read=read_one, **options)

    return expanded


@pytest.fixture
def only(cases: Expand) -> Callable[..., Scenario]:
    """The one case of a drawing that does not branch."""

    def single(text: str, files: Mapping[str, str] | None = None, **options: Any) -> Scenario:
        (scenario,) = cases(text, files, **options)
        return scenario

    return single


@pytest.fixture
def refused(cases: Expand) -> Refuse:
    """What is wrong with a drawing that cannot be expanded."""

    def findings(text: str, files: Mapping[str, str] | None = None, **options: Any) -> list[Finding]:
        with pytest.raises(Diagnostic) as caught:
            cases(text, files, **options)
        return list(caught.value.findings)

    return findings
