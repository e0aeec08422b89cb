"""A long search for text that breaks the reader: `pytest -m fuzz`; SEQTEST_FUZZ_SECONDS says how long (default 30)."""

import os
import random
import time

import pytest

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
    "",
]


@pytest.mark.fuzz
def test_nothing_breaks_the_reader() -> None:
    """Random diagrams of known and broken pieces are read or refused, quickly, and formatting agrees."""
    seed = int(os.environ.get("SEQTEST_FUZZ_SEED", time.time_ns() % 1_000_000))
    chance = random.Random(seed)
    end = time.monotonic() + float(os.environ.get("SEQTEST_FUZZ_SECONDS", "30"))
    while time.monotonic() < end:
        rows = [broken(chance.choice(PIECES), chance) for _ in range(chance.randrange(1, 30))]
        text = "\n".join(["@startuml", *rows, "@enduml"]) + "\n"
        source = Source(chance.choice(["f.puml", "f.puml", "f.mmd", "f.md"]), text)
        begun = time.process_time()
        try:
            for diagram in read(source):
                lint(diagram)
            if source.path == "f.puml":
                once = format_source(source)
                assert drawn(Source("f.puml", once)) == drawn(source), (seed, text)
        except UnreadableDiagram:
            pass
        except Exception as failure:
            raise AssertionError((seed, text)) from failure
        assert time.process_time() - begun < 1, (seed, text)


def drawn(source: Source) -> object:
    """The diagrams; where the preprocessor may cut a block in two, only who says what to whom."""
    diagrams = read(source)
    if "!" not in source.text:
        return diagrams
    return [[(each.sender, each.receiver, each.text) for each in diagram.messages()] for diagram in diagrams]


def broken(piece: str, chance: random.Random) -> str:
    """The piece, often as it is, else with a character taken, put in or doubled."""
    if not piece or chance.random() < 0.7:
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
