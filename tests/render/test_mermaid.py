"""The run and the drawing as Mermaid."""

from collections.abc import Callable

import pytest

from seqtest.diagram.read import read
from seqtest.errors import Finding
from seqtest.render.mermaid import escaped, mermaid_of_diagram, mermaid_of_run
from seqtest.source import Source
from seqtest.verdict import Verdict

Run = Callable[..., Verdict]


def drawn(body: str) -> list[str]:
    text = mermaid_of_diagram(read(Source("x.puml", f"@startuml\n{body}\n@enduml\n"))[0])
    return [line.strip() for line in text.split("\n")]


def test_participants_and_arrows() -> None:
    """Calls, answers, asynchronous and lost messages have Mermaid's own arrows."""
    lines = drawn('participant "Web client" as c\nc -> a : GET /x\na --> c : 200\nc ->> a : tell\nc ->x a : lost')

    assert lines[:3] == ["sequenceDiagram", "participant p0 as Web client", "participant p1 as a"]
    assert lines[3:7] == ["p0->>p1: GET /x", "p1-->>p0: 200", "p0-)p1: tell", "p0-xp1: lost"]


def test_fragments_keep_their_meaning() -> None:
    """alt, par and critical have lanes; a group is a frame that claims nothing."""
    lines = drawn("alt ok\na -> b\nelse bad\na -> b\nend\npar x\na -> b\nelse y\na -> b\nend\ngroup stage\na -> b\nend")

    for line in ("alt ok", "else bad", "par x", "and y"):
        assert line in lines
    assert lines.count("end") == 3


def test_notes_dividers_and_delays_become_notes() -> None:
    """What Mermaid has no word for stands in a note."""
    lines = drawn("a -> b : x\nnote right: hello\n== Next ==\n... 5 minutes ...\nnote over a : one")

    assert "Note right of p1: hello" in lines
    assert "Note over p0,p1: == Next ==" in lines
    assert "Note over p0,p1: … 5 minutes …" in lines
    assert "Note over p0,p0: one" in lines


def test_a_bar_that_was_never_begun_is_not_ended() -> None:
    """Mermaid refuses a whole diagram for that."""
    assert "deactivate p0" not in drawn("a -> b ++\nb --> a --\ndeactivate a")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a;b", "a#59;b"),
        ("#red", "#35;red"),
        ("<script>", "#60;script#62;"),
        ("the end", "the #101;nd"),
        ("%%{init}%%", "#37;#37;#123;init#125;#37;#37;"),
    ],
)
def test_text_cannot_become_syntax(text: str, shown: str) -> None:
    """A label is shown, whatever Mermaid would make of it."""
    assert escaped(text) == shown


def test_a_run_is_marked(run: Run) -> None:
    """Passed, failed and told arrows differ; a failure is tinted and says what was expected."""
    text = mermaid_of_run(run(failures={2: Finding("SQ540", "another number", expected="300", got="600")}))

    assert "p1->>p2: ✓ 2 POST /oauth/token" in text
    assert "rect rgb(255, 205, 210)\n        p2-->>p1: ✗ 3 200 OK" in text
    assert "another number<br/>  expected: 300" in text


def test_no_secret_is_in_it(run: Run, secrets: tuple[str, ...]) -> None:
    """Mermaid goes into pull requests: nothing secret may be there."""
    text = mermaid_of_run(run(failures={2: Finding("SQ540", f"got {secrets[0]}")}))

    assert [secret for secret in secrets if secret in text] == []


def test_frames_are_balanced(run: Run) -> None:
    """Every frame that is opened is closed."""
    lines = [line.strip() for line in mermaid_of_run(run(failures={2: Finding("SQ540", "x")})).split("\n")]
    opened = sum(line.split(" ")[0] in ("alt", "opt", "loop", "par", "break", "critical", "rect") for line in lines)

    assert opened == lines.count("end") == 2
