"""A long search for text that breaks the reader: `pytest -m fuzz`; SEQTEST_FUZZ_SECONDS says how long (default 30).

Texts are changed at random, and those that reach a line of the reader by a way that none took before are kept and
changed further.
"""

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import seqtest
from seqtest.diagram.lint import lint
from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram
from seqtest.render.plantuml import format_source
from seqtest.source import Source

PIECES = [
    "@startuml",
    "@enduml",
    "participant A",
    'actor "B c" as B',
    "A -> B : x",
    "A ->x B ++ #red",
    "B --> A --",
    "[-> A",
    "A ->] : y",
    "{a} A -> B",
    "{a} <-> {b} : t",
    "note right",
    "note over A, B : z",
    "end note",
    "/ note left of A",
    "hnote across",
    "alt x",
    "else",
    "end",
    "loop 3 times",
    "group a [b]",
    "ref over A",
    "end ref",
    "== x ==",
    "... 5 minutes ...",
    "|||",
    'autonumber 1.1 2 "<b>[0]"',
    "autonumber inc A",
    "autonumber stop",
    "activate A #red",
    "deactivate",
    "destroy B",
    "create C",
    "return ok",
    'box "x" #red',
    "end box",
    "title x",
    "title",
    "end title",
    "legend top",
    "skinparam x {",
    "}",
    "<style>",
    "</style>",
    "hide footbox",
    "newpage",
    "!$x = 1",
    '!$x = {"a": [1, 2]}',
    "!if $x == 1",
    "!else",
    "!endif",
    "!while $x < 3",
    "!endwhile",
    "!foreach $i in [1,2]",
    "!endfor",
    '!procedure $p($a, $b="c")',
    "!endprocedure",
    '$p("x")',
    "!function $f($a) return $a + 1",
    "!return 1",
    "!define M(a) a -> a",
    "M(x)",
    '%strlen("x")',
    "%upper(x)",
    "!include x.puml",
    "!exit",
    "' comment",
    "/'",
    "'/",
    "\\",
    "A -> B : $x",
    "A -> B : %newline()",
    "!assert 1 == 1",
    "participant A [",
    "]",
    "url of A is [[http://x]]",
    "!startsub X",
    "!endsub",
    "&",
    "A++",
    "A--",
    "sprite $x {",
    "scale 2",
    "mainframe x",
    "left header y",
    "A -> B & C : m",
    "–>",
    "\ufeff",
    "\ue100",
    '"',
    "“",
    "A -> B ++ & C",
    "& note right of A : x",
    "note right of A <<x>> #red",
    'participant A as "x" order 3 [[http://x]] #red',
    "{a} A -> B{b} : x",
    "A ->(10) B",
    "alt#red #blue x",
    "sprite $x [16x16/16z] Os1aOcPXPMFduEJYvk7busSOONm0",
    "sequenceDiagram",
    "participant A as x",
    "A->>+B: x",
    "Note right of A: x",
    "rect rgb(1,2,3)",
    "and x",
    "```plantuml",
    "```mermaid",
    "```",
    ".. uml::",
    "[plantuml]",
    "----",
    "!function $f($a)",
    "!endfunction",
    "!unquoted procedure $q($a, $b=x)",
    '$q(a, "b, c", (d))',
    "!$y = $x.a[1] + $f(1)",
    "!$z = %str2json('[1, {\"a\": 2}]')",
    "!foreach $i in $x.a",
    "A -> B : $x.a[0].b $i.",
    "!local $y = 1",
    "!includesub x!A",
    '%date("yyyy", 1)',
    "!definelong L(a)",
    "!enddefinelong",
    "!elseif %not($x)",
    "participant { LineColor red }",
    "skinparam a<<b>> c",
    'A -> B : POST /a\\n{"a": {b}}',
    "  a = {new x}",
    "  [b : jwt]",
    "  matches /(a|b)+/",
    "",
]
LONGEST = 64_000
"""Characters of a text, within which nothing may take longer than a second."""


@pytest.mark.fuzz
def test_nothing_breaks_the_reader() -> None:
    """What is read of known and broken pieces is read or refused, quickly, and formatting agrees."""
    seed = int(os.environ.get("SEQTEST_FUZZ_SEED", time.time_ns() % 1_000_000))
    chance = random.Random(seed)
    end = time.monotonic() + float(os.environ.get("SEQTEST_FUZZ_SECONDS", "30"))
    seen: set[tuple[int, int, int]] = set()
    pool: list[list[str]] = [[]]
    count = 0
    while time.monotonic() < end:
        count += 1
        rows = changed(chance.choice(pool), chance, pool)
        if chance.random() < 0.05:
            rows = grown(rows, chance)
        source = Source(chance.choice(PATHS), "\n".join(["@startuml", *rows, "@enduml"]) + "\n")
        known = len(seen)
        with followed(seen):
            spent = checked(source, seed)
        if spent > 0.2:
            # Following takes time of its own.
            assert checked(source, seed) < 1, (seed, source)
        if len(seen) > known and len(source.text) < 4_000:
            pool.append(rows)
    print(f"\nseed {seed}: {count} texts, {len(pool)} kept, {len(seen)} ways")

    assert len(pool) > 10


PATHS = ["f.puml"] * 6 + ["f.mmd", "f.md", "f.rst", "f.adoc"]


def checked(source: Source, seed: int) -> float:
    """Seconds of the processor that reading took; the time of formatting is asked for apart."""
    begun = time.process_time()
    spent = 0.0
    try:
        for diagram in read(source):
            lint(diagram)
        spent = time.process_time() - begun
        if source.path == "f.puml":
            begun = time.process_time()
            once = format_source(source)
            spent = max(spent, time.process_time() - begun)
            assert drawn(Source("f.puml", once)) == drawn(source), (seed, source.text)
    except UnreadableDiagram:
        spent = max(spent, time.process_time() - begun)
    except Exception as failure:
        raise AssertionError((seed, source)) from failure
    return spent


READER = str(Path(seqtest.__file__).parent)


@contextmanager
def followed(seen: set[tuple[int, int, int]]) -> Iterator[None]:
    """Puts each pair of lines of ours that follow each other into `seen`."""

    def enter(frame: FrameType, event: str, arg: object) -> Callable[[FrameType, str, Any], Any] | None:
        if not frame.f_code.co_filename.startswith(READER):
            return None
        last = 0

        def step(frame: FrameType, event: str, arg: object) -> Callable[[FrameType, str, Any], Any]:
            nonlocal last
            if event == "line":
                seen.add((id(frame.f_code), last, frame.f_lineno))
                last = frame.f_lineno
            return step

        return step

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(before)


def changed(rows: list[str], chance: random.Random, pool: list[list[str]]) -> list[str]:
    """The rows with some taken out, put in, broken, moved, or joined to another text's."""
    rows = list(rows)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(rows) + 1)
        what = chance.random()
        if what < 0.5 or not rows:
            rows.insert(at, broken(chance.choice(PIECES), chance))
        elif what < 0.7:
            at %= len(rows)
            rows[at] = broken(rows[at], chance)
        elif what < 0.85:
            del rows[at % len(rows)]
        elif what < 0.95:
            rows.insert(at, chance.choice(rows))
        else:
            rows[at:] = chance.choice(pool)[:20]
    return rows[:60]


def grown(rows: list[str], chance: random.Random) -> list[str]:
    """The rows with one piece of one repeated until they are as long as may be, or one row as often."""
    if not rows:
        return rows
    rows = list(rows)
    at = chance.randrange(len(rows))
    row = rows[at]
    room = LONGEST - sum(map(len, rows)) - len(rows)
    if chance.random() < 0.3:
        rows[at : at + 1] = [row] * (room // (len(row) + 1))
        return rows
    begin = chance.randrange(len(row) + 1)
    piece = row[begin : begin + chance.randrange(1, 5)] or chance.choice("\"'()[]{}<>-=:;#$%&!\\/ _a1")
    rows[at] = row[:begin] + piece * (room // len(piece)) + row[begin:]
    return rows


def drawn(source: Source) -> object:
    """The diagrams; where the preprocessor may cut a block in two, only who says what to whom."""
    diagrams = read(source)
    if "!" not in source.text:
        return diagrams
    return [[(each.sender, each.receiver, each.text) for each in diagram.messages()] for diagram in diagrams]


def broken(piece: str, chance: random.Random) -> str:
    """The piece, often as it is, else with a character taken, put in or doubled."""
    if not piece or len(piece) > 1_000 or chance.random() < 0.6:
        return piece
    at = chance.randrange(len(piece))
    return chance.choice(
        (
            piece[:at] + piece[at + 1 :],
            piece[:at] + chance.choice("\"'()[]{}<>-=:;#$%&!\\/ \t\u00a0é") + piece[at:],
            piece[:at] + piece[at] * chance.randrange(2, 9) + piece[at:],
            piece * 2,
        )
    )
