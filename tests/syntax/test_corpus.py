"""Public diagrams: what the real PlantUML held of each, held against what is read here.

Looks for the folder in SEQTEST_CORPUS, else in ../shared/corpus beside the checkout; skips where there is none.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seqtest.diagram import CombinedFragment, Diagram, InteractionUse, Message, Note
from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram

FOLDER = Path(os.environ.get("SEQTEST_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")

pytestmark = pytest.mark.skipif(not (FOLDER / "oracle.jsonl").exists(), reason="no corpus: set SEQTEST_CORPUS to one")

EXCEPTIONS = {
    "pl-little-sequence-arrows-0002-c5e0a9.puml": r"a label is kept as written; the reference has `\` for its `\\`",
}
"""Diagrams of which something is held otherwise, each with the reason."""
OPERATORS = {"alt", "opt", "loop", "par", "par2", "break", "critical", "group"}
ASPECTS = ("participants", "messages", "groups", "notes")


def rows(name: str) -> Iterator[dict[str, Any]]:
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def squashed(text: str) -> str:
    """Without blanks and breaks, and with hyphens for en dashes, which the reference no longer has."""
    return re.sub(r"\s|\\n|\\r|\\l|\\t|<U\+[0-9A-Fa-f]+>", "", text).replace("\u2013", "-")


def theirs(held: dict[str, Any]) -> tuple[Any, ...]:
    messages, groups, notes = [], [], 0
    for event in held["events"]:
        kind = event["e"]
        if kind in ("message", "exo"):
            side = event.get("exo", "")
            sender = None if side.startswith("FROM") else event["from"]
            receiver = None if side.startswith("TO") else event["to"]
            messages.append((sender, receiver, squashed("".join(event["text"]))))
            notes += len(event.get("notes", []))
        elif kind == "group" and event["type"] == "START":
            groups.append(event["title"] if event["title"] in OPERATORS else "group")
        elif kind in ("note", "notes"):
            notes += 1 if kind == "note" else len(event["notes"])
    return [participant["code"] for participant in held["participants"]], messages, groups, notes


def ours(diagram: Diagram) -> tuple[Any, ...]:
    """The same of ours, without notes on groups and references: of those the reference says nothing."""
    messages = [(each.sender, each.receiver, squashed(each.text)) for each in diagram.messages()]
    groups = [item.operator for item in diagram.walk() if isinstance(item, CombinedFragment)]
    notes = sum(len(item.notes) if isinstance(item, Message) else isinstance(item, Note) for item in diagram.walk())
    return [participant.id for participant in diagram.participants], messages, groups, notes


def test_verdicts_agree() -> None:
    """What PlantUML draws is read, what it refuses is refused."""
    known = list(rows("oracle.jsonl"))
    wrong = [row["file"] for row in known if is_read(FOLDER / row["file"]) != (row["verdict"] == "SEQUENCE")]
    print(f"\nverdicts: {len(known) - len(wrong)} of {len(known)} agree")

    assert wrong == []


def is_read(path: Path) -> bool:
    try:
        read(path)
    except UnreadableDiagram:
        return False
    return True


def test_drawn_diagrams_agree() -> None:
    """Every diagram that PlantUML draws is read with its participants, messages, groups and notes, in order."""
    held = {row["file"]: row for row in rows("events.jsonl") if "events" in row}
    files = [row["file"] for row in rows("oracle.jsonl") if row["verdict"] == "SEQUENCE" and row["file"] in held]
    different: dict[str, list[str]] = {}
    for file in files:
        pairs = zip(ours(read(FOLDER / file)[0]), theirs(held[file]), strict=True)
        wrong = [aspect for aspect, (mine, their) in zip(ASPECTS, pairs, strict=True) if mine != their]
        if wrong:
            different[file] = wrong
    for aspect in ASPECTS:
        agreed = len(files) - sum(aspect in wrong for wrong in different.values())
        print(f"\n{aspect}: {agreed} of {len(files)} agree", end="")
    print(f"\nwhole diagrams: {len(files) - len(different)} of {len(files)} agree")
    for file, wrong in different.items():
        print(f"{file}: {', '.join(wrong)}: {EXCEPTIONS.get(file, 'no known reason')}")

    assert set(different) <= set(EXCEPTIONS)
    assert len(different) <= len(files) / 100


def test_refused_diagrams_are_refused() -> None:
    """Every diagram that PlantUML refuses is refused, with a place, words and a line of the drawing."""
    for row in rows("oracle.jsonl"):
        if row["verdict"] != "ERROR":
            continue
        with pytest.raises(UnreadableDiagram) as caught:
            read(FOLDER / row["file"])
        finding = caught.value.finding
        assert finding.message
        assert finding.span is not None
        assert finding.span.text.strip()


# Where PlantUML's own line is not the line of the mistake: an opening line told for what is wrong inside it, a line
# counted after the preprocessor, a whole diagram that is another kind.
ELSEWHERE = {
    "Empty description",
    "Infinite loop?",
    "No such color",
}


def test_refusals_point_at_plantumls_line() -> None:
    """The line told is PlantUML's, except where PlantUML's is not the line of the mistake."""
    different = []
    for row in rows("oracle.jsonl"):
        if row["verdict"] == "ERROR" and not any(row["error"].startswith(text) for text in ELSEWHERE):
            with pytest.raises(UnreadableDiagram) as caught:
                read(FOLDER / row["file"])
            span = caught.value.finding.span
            if span is None or span.line != row["line"]:
                different.append((row["file"], row["line"], span.line if span else None))

    # Told at `autonumber`, which is no setting, not at the `skinparam {` above it.
    assert [file for file, _, _ in different] == ["rejected/tim-uc-10057-seq-0d1786.puml"]


def test_references_are_read() -> None:
    """References keep the lines that say what they refer to."""
    uses = [
        item
        for row in rows("oracle.jsonl")
        if row["verdict"] == "SEQUENCE"
        for item in read(FOLDER / row["file"])[0].walk()
        if isinstance(item, InteractionUse)
    ]

    assert all(use.participants for use in uses)
