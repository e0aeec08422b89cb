"""Reports of real runs, made once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqtest import api
from seqtest.render.html.case import Case, case_of
from seqtest.render.html.report import Report, files

DIAGRAMS = Path(__file__).parents[2] / "diagrams"
START = 1_769_860_800.0


def cases_of(path: Path, *, bindings: dict[str, Any] | None = None, name: str = "") -> list[Case]:
    """Each case of a file, played, as it comes out of another process. `name` is what messages call the file."""
    found = []
    for diagram in api.read(path, name=name or path.name):
        for scenario in api.cases(diagram):
            verdict = api.play(api.ready(scenario, bindings or {}, start=START))
            case = case_of(verdict, id=f"{path.name}::{scenario.id}", command=f"pytest '{path.name}::{scenario.id}'")
            found.append(json.loads(json.dumps(case)))
    return found


@pytest.fixture
def play() -> Callable[..., list[Case]]:
    """Plays each case of a file: `play(path, bindings={"api": …})`."""
    return cases_of


@pytest.fixture(scope="session")
def opaque() -> list[Case]:
    return cases_of(DIAGRAMS / "opaque-token.puml")


@pytest.fixture(scope="session")
def local() -> list[Case]:
    return cases_of(DIAGRAMS / "jwt-local.puml")


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    """The cases of a flow whose token lives longer than it is drawn to, and is taken when it should have expired."""
    path = tmp_path_factory.mktemp("flows") / "broken.puml"
    text = (DIAGRAMS / "jwt-local.puml").read_text()
    text = text.replace("startuml jwt-local", "startuml broken").replace("lifetime = 5 minutes", "lifetime = 7 minutes")
    path.write_text(text)
    return cases_of(path)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a report of cases into a folder: `written(cases, pairs=[…])`."""

    def write(cases: list[Case], **more: Any) -> Path:
        folder = tmp_path / "report"
        for name, text in files(Report(cases, "project", **more)):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder

    return write
