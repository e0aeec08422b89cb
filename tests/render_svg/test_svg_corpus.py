"""Every drawing at hand, measured: no text on another, nothing outside the canvas, everything drawn is there.

The grammar's acceptance table is always at hand. A folder of `.puml` files, with what PlantUML made of them in
`oracle.jsonl` and `events.jsonl`, is taken from SEQTEST_CORPUS.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seqtest.diagram import Diagram
from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram
from seqtest.render.svg.draw import draw
from seqtest.source import Source

sys.path.insert(0, str(Path(__file__).parent))
from svg_boxes import SVG, groups, outside, overlaps, parsed, text_boxes  # beside this file; tests are no package

TABLE = Path(__file__).parents[1] / "syntax" / "plantuml_cases.txt"
CORPUS = Path(os.environ.get("SEQTEST_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="needs a folder of drawings (SEQTEST_CORPUS)")


def table() -> Iterator[Diagram]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        source, arrow, drawn = line.partition("⇒")
        if arrow and not drawn.strip().startswith("ERR"):
            text = "@startuml\n" + source.removesuffix("  ").replace("⏎", "\n") + "\n@enduml\n"
            try:
                yield read(Source(source.strip(), text))[0]
            except (UnreadableDiagram, IndexError):
                continue


def corpus() -> Iterator[tuple[str, Diagram]]:
    for path in sorted(CORPUS.glob("*.puml")):
        yield path.name, read(path)[0]


def check_geometry(name: str, svg: str) -> None:
    root = parsed(svg)
    assert list(overlaps(text_boxes(root))) == [], name
    assert outside(root) == [], name


def test_the_whole_notation_is_laid_out_soundly() -> None:
    """Each accepted source of the grammar's table: no overlapping text, nothing outside."""
    count = 0
    for diagram in table():
        count += 1
        check_geometry(diagram.source.path if diagram.source else "", draw(diagram))

    assert count > 450


def test_the_whole_notation_is_all_there() -> None:
    """As many messages, notes, fragments, references and dividers as the model holds."""
    for diagram in table():
        root = parsed(draw(diagram))
        kinds = [type(item).__name__ for item in diagram.walk()]

        for name, kind in (
            ("message", "Message"),
            ("fragment", "CombinedFragment"),
            ("ref", "InteractionUse"),
            ("divider", "Divider"),
            ("newpage", "NewPage"),
        ):
            assert len(groups(root, name)) == kinds.count(kind), diagram.source


@needs_corpus
def test_the_corpus_is_laid_out_soundly() -> None:
    """No overlapping text and nothing outside the canvas in any public drawing."""
    for name, diagram in corpus():
        check_geometry(name, draw(diagram))


def squeezed(text: str) -> str:
    """Without blanks and italics, and with hyphens for en dashes, which PlantUML draws as such."""
    return re.sub(r"[\s\u00a0]+|//", "", text).replace("\u2013", "-")


DRAWN_OTHERWISE = {
    "puml-rs-valid-unicode-escapes-f6d411.puml": "PlantUML draws emoji as pictures, here they are characters",
    "puml-rs-valid-autonumber-dotted-and-hash-padding-d34438.puml": "leading zeros of a number are kept",
}


@needs_corpus
def test_the_corpus_shows_what_plantuml_shows() -> None:
    """The same participants from left to right, the same messages from top to bottom with the same ends and texts."""
    oracle = _lines("oracle.jsonl")
    for name, diagram in corpus():
        root = parsed(draw(diagram))
        lifelines = groups(root, "participant-lifeline")
        code = {g.get("data-entity-uid"): g.get("data-qualified-name") for g in lifelines}
        shown = [
            [code[g.get("data-entity-1")], code[g.get("data-entity-2")], _text(g)]
            for g in groups(root, "message")
            if len(g)
        ]
        wanted = oracle[name]["messages"]

        assert list(code.values()) == oracle[name]["participants"], name
        assert [m[:2] for m in shown] == [m[:2] for m in wanted], name
        if name not in DRAWN_OTHERWISE:
            assert [squeezed(m[2]) for m in shown] == [squeezed(m[2]) for m in wanted], name


@needs_corpus
def test_the_corpus_has_plantumls_notes_and_fragments() -> None:
    """As many fragments, references, dividers and page breaks; notes as many or, on groups, more."""
    events = _lines("events.jsonl")
    for name, diagram in corpus():
        root = parsed(draw(diagram))
        wanted = events[name].get("events", [])
        kinds = [each["e"] + each.get("type", "") for each in wanted]
        notes = kinds.count("note") + sum(len(each.get("notes", ())) for each in wanted)

        assert len(groups(root, "fragment")) == kinds.count("groupSTART"), name
        assert len(groups(root, "note")) >= notes, name
        for kind in ("ref", "divider", "newpage"):
            assert len(groups(root, kind)) == kinds.count(kind), name


def _lines(name: str) -> dict[str, Any]:
    rows = map(json.loads, (CORPUS / name).read_text(encoding="utf-8").splitlines())
    return {row["file"]: row for row in rows}


def _text(group: Any) -> str:
    return "".join(text.text or "" for text in group.iter(f"{SVG}text"))
