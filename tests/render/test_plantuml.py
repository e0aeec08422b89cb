"""Writing back: canonical, idempotent, comments kept, the same drawing."""

import os
from pathlib import Path

import pytest

from seqtest.diagram.read import load, read
from seqtest.render.plantuml import format, format_source
from seqtest.source import Source
from seqtest.syntax.parse import parse

MESSY = """words above
@startuml   login
' who takes part
Participant   "Web client"   as  client<<browser>>   #LightBlue
ACTOR Alice


/' over
   lines '/
Alice->client:log in
note   left:one
Alt#gold   #pink fresh
client-->Alice++#red:hi
  note right of client
      a = 1
        b = 2

      c = 3
  endnote
ELSE
!if 1
client -> \\
   Alice : long
!endif
End
==Use==
...5 minutes...
ref over Alice,client:login.puml
$call("x")
skinparam sequence {
    ArrowColor red
}
@enduml
words below
"""

TIDY = """words above
@startuml login
' who takes part
participant "Web client" as client <<browser>> #LightBlue
actor Alice

/' over
   lines '/
Alice -> client : log in
note left: one
alt#gold #pink fresh
  client --> Alice ++ #red : hi
  note right of client
    a = 1
      b = 2

    c = 3
  end note
else
  !if 1
    client -> \\
   Alice : long
  !endif
end
==Use==
... 5 minutes ...
ref over Alice, client : login.puml
$call("x")
skinparam sequence {
  ArrowColor red
}
@enduml
words below
"""


def test_canonical_form() -> None:
    """Blanks, case and indentation are put in order; comments, continued lines and directives stay."""
    assert format_source(Source("flow.puml", MESSY)) == TIDY


def test_idempotent() -> None:
    """What is in order stays as it is."""
    assert format_source(Source("flow.puml", TIDY)) == TIDY


@pytest.mark.parametrize(
    "line",
    [
        "A ->x B",
        "A -> xB",
        "A x-> B",
        "A ->o] : x",
        "?-> A : x",
        "-> A",
        "{s} A{a} -> B{b} : t",
        "A -> B & C & D ++ : m",
        "& A -> B",
        'A -> "B c" as BC : x',
        "A -> B [[https://example.org{tip} label]] : x",
        "A -> B : 'x' \\n // y",
        "A -> B",
        "A -> B :",
        "note over A, B #back:pink;line:red : x",
        "/ note over A : x",
        "group My own [lab [2]]",
        "group [only]",
        'box "A b" <<x>> #red',
        'autonumber 10 5 "<b>[000]"',
        'create actor "A b" as X',
        'participant "A\\nb" as X order -3',
        "A ++ #red",
        "activate A #red #blue",
        "return #red done",
        "|||",
        "||45||",
        "====",
        "== x  ==",
        "==x==",
        "...  x ...",
        "...",
        "newpage Two",
        "left header Draft",
        "legend top left : x",
        "url of A is [[https://example.org]]",
        'ref over "@x", a@b : t',
    ],
)
def test_line_keeps_its_meaning(line: str) -> None:
    """A formatted line says what the line said."""
    source = Source("flow.puml", f"@startuml\nX -> A ++\n{line}\n@enduml\n")

    (before,), (after,) = parse(source), parse(Source("flow.puml", format_source(source)))

    assert [statement.node for statement in after.statements] == [statement.node for statement in before.statements]


@pytest.mark.parametrize(
    ("line", "canonical"),
    [
        ("==x==", "==x=="),
        ("==  x  ==", "== x  =="),
        ("...  x...", "...  x..."),
        ("...  x  ...", "... x ..."),
        ("...x...", "... x ..."),
        ("box  Two words #red", "box Two words #red"),
        ("box Two words   #red", "box Two words   #red"),
        ("box Two words", 'box "Two words"'),
        ('box "Two words " #red', 'box "Two words " #red'),
    ],
)
def test_blanks_that_move_a_text_are_kept(line: str, canonical: str) -> None:
    """PlantUML centres a divider and a box's title with the blanks behind them, a delay with those on both sides."""
    assert format_source(Source("flow.puml", f"A -> B\n{line}\n")) == f"A -> B\n{canonical}\n"


def test_tree_is_printed_expanded() -> None:
    """Printing a tree and reading it again gives the tree, the preprocessor's work done."""
    (tree,) = parse(
        Source("flow.puml", '@startuml x\n!$n = "B"\nA -> B : $n\nnote right\n  $n = 1\nend note\n@enduml\n')
    )

    assert format(tree) == "@startuml x\nA -> B : B\nnote right\n  B = 1\nend note\n@enduml\n"
    assert parse(Source("flow.puml", format(tree)))[0] == tree


def test_file_without_fences() -> None:
    """A file that is only statements is formatted whole."""
    assert format_source(Source("flow.puml", "A->B:x\n")) == "A -> B : x\n"


def test_source_code_comment_is_left_alone() -> None:
    """Inside another language's comment nothing is moved."""
    text = "# @startuml\n# A->B:x\n# @enduml\n"

    assert format_source(Source("code.py", text)) == text


def corpus() -> list[Path]:
    folder = Path(os.environ.get("SEQTEST_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
    return sorted(folder.glob("*.puml"))


@pytest.mark.skipif(not corpus(), reason="no corpus: set SEQTEST_CORPUS to a folder of diagrams")
def test_a_diagram_with_pauses_is_left_alone() -> None:
    """What is paused stays in the file."""
    text = "@startuml\nA->B\n@pause\n  anything\n@unpause\nB->A\n@enduml\n"

    assert format_source(Source("x.puml", text)) == text


def test_corpus_survives() -> None:
    """Every public diagram reads the same after formatting, and formatting it again changes nothing."""
    changed = []
    for path in corpus():
        source = load(path)
        again = Source(str(path), format_source(source))
        if read(again) != read(source) or format_source(again) != again.text:
            changed.append(path.name)
    same = len(corpus()) - len(changed)
    print(f"\nround trips: {same} of {len(corpus())} read the same after formatting, once and twice")

    assert changed == []


@pytest.mark.parametrize("line", ["box Logic COLOR", 'participant "NAME" as n', 'note over "NAME" : text'])
def test_quotes_stay_where_macros_are_at_work(line: str) -> None:
    """A macro puts its text inside quotes too, where it says something else."""
    text = f"@startuml\n!define COLOR #pink\n!define NAME two words\n{line}\nA -> B\n@enduml\n"

    assert line in format_source(Source("flow.puml", text))


def test_a_text_behind_a_continued_line_is_no_statement() -> None:
    """A note whose opening line goes over two keeps its text, whatever it looks like."""
    text = "@startuml\nA -> B\nnote over A, \\\nB\ngroup of\nthings -> here\nend group\nend note\nB -> A\n@enduml\n"

    assert read(Source("flow.puml", format_source(Source("flow.puml", text)))) == read(Source("flow.puml", text))
