"""From a file's text to logical lines: blocks, continuations, comments, places."""

from pathlib import Path

import pytest

from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram
from seqtest.source import Source
from seqtest.syntax.lines import blocks, logical_lines


def texts(text: str) -> list[str]:
    (block,) = blocks(Source("flow.puml", text))
    return [line.text for line in logical_lines(block.lines) if line.text]


def places(text: str) -> list[tuple[int, int]]:
    (block,) = blocks(Source("flow.puml", text))
    spans = [line.span() for line in logical_lines(block.lines) if line.text]
    return [(span.line, span.column) for span in spans]


def test_several_diagrams_in_one_file() -> None:
    """Each block is a diagram of its own; what stands between them is not read."""
    source = Source(
        "two.puml", "words\n@startuml one\nA -> B\n@enduml\nmore => words\n@startuml two\nB -> C\n@enduml\n"
    )

    diagrams = read(source)

    assert [diagram.name for diagram in diagrams] == ["one", "two"]
    assert [message.span.line for diagram in diagrams for message in diagram.messages() if message.span] == [3, 7]


def test_a_second_start_begins_again() -> None:
    """What stood before a second `@startuml` is thrown away, as PlantUML does."""
    (diagram,) = read(Source("flow.puml", "@startuml\nA -> B\n@startuml\nC -> D\n@enduml\n"))

    assert [participant.id for participant in diagram.participants] == ["C", "D"]


def test_file_without_start_is_one_diagram() -> None:
    """A file that is only statements is read whole."""
    (diagram,) = read(Source("flow.puml", "A -> B : x\n"))

    assert [message.text for message in diagram.messages()] == ["x"]


def test_diagram_that_never_ends() -> None:
    """A block without `@enduml` is refused at its opening line."""
    with pytest.raises(UnreadableDiagram) as caught:
        read(Source("flow.puml", "words\n@startuml x\nA -> B\n"))

    assert caught.value.finding.code == "SQ103"
    assert caught.value.finding.span is not None
    assert caught.value.finding.span.line == 2


@pytest.mark.parametrize(("end", "line"), [("@endum", 3), ("  @end", 3), ("enduml", 3), ("@ENDUML", 3), ("end", 1)])
def test_an_end_of_a_diagram_with_a_slip_in_it_is_shown(end: str, line: int) -> None:
    """What was meant as its end is pointed at."""
    with pytest.raises(UnreadableDiagram) as caught:
        read(Source("flow.puml", f"@startuml x\nA -> B\n{end}\n"))

    found = caught.value.finding
    assert found.code == "SQ103"
    assert found.span is not None
    assert found.span.line == line
    assert ("did you mean `@enduml`?" in found.do) is (line == 3)


def test_decoration_of_a_source_comment_is_taken_off() -> None:
    """Inside a comment of another language the prefix goes, and columns stay the file's."""
    (diagram,) = read(Source("code.py", "# @startuml\n# A -> B : hello\n# @enduml\n"))
    (message,) = diagram.messages()

    assert message.text_span is not None
    assert (message.text, message.text_span.line, message.text_span.column) == ("hello", 2, 12)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_blanks_and_marks(end: str) -> None:
    """Windows line ends, tabs, no-break spaces and a byte-order mark change nothing."""
    text = end.join(["\ufeff@startuml", "\tA\u00a0-> B : x ", "@enduml", ""])
    (diagram,) = read(Source("flow.puml", text))

    assert [(message.sender, message.text) for message in diagram.messages()] == [("A", "x")]


@pytest.mark.parametrize(
    "arrow",
    [
        "A \u2013> B",
        "A \u2013\u2013> B",
        "A -\u2013> B",
        "A \u2013[#red]> B",
        "B <\u2013\u2013 A",
        "A \u2013\\\\ B",
        "A \u2013x B",
        "A x\u2013 B",
        "A \u2013_> B",
        "A -> B ++\u2013\u2013",
    ],
)
def test_en_dash_of_an_arrow_is_a_hyphen(arrow: str) -> None:
    """PlantUML takes an en dash for a hyphen."""
    (diagram,) = read(Source("flow.puml", f"@startuml\n{arrow} : x\n@enduml\n"))

    assert [(message.sender, message.receiver) for message in diagram.messages()] == [("A", "B")]


def test_en_dash_of_a_value_stays() -> None:
    """A title with one in it is not the title with a hyphen."""
    assert texts("@startuml\nA \u2013> B : a \u2013 b\nnote left : title = 1\u20132\n@enduml") == [
        "A -> B : a \u2013 b",
        "note left : title = 1\u20132",
    ]


def test_comments_are_gone_and_lines_kept() -> None:
    """What is left stands at its own line and column."""
    text = "@startuml\n' one\n/' two\nA -> B\n'/\n/' three '/ C -> D\nE -> F : x /' four '/\n@enduml"

    assert texts(text) == ["C -> D", "E -> F : x"]
    assert places(text) == [(6, 13), (7, 1)]


def test_continued_line_keeps_both_places() -> None:
    """A span behind the join points into the second physical line."""
    (block,) = blocks(Source("flow.puml", "@startuml\nA -> B : one \\\n  two\n@enduml"))
    (line,) = [line for line in logical_lines(block.lines) if line.text]

    assert line.text == "A -> B : one   two"
    span = line.span(line.text.index("two"))
    assert (span.line, span.column) == (3, 3)


def test_bytes_that_are_no_utf8_are_read(tmp_path: Path) -> None:
    """A Latin-1 file is read, not refused."""
    path = tmp_path / "latin.puml"
    path.write_bytes("@startuml\nA -> B : gr\u00fc\u00df\n@enduml\n".encode("latin-1"))

    (message,) = read(path)[0].messages()

    assert message.text == "gr\u00fc\u00df"


def test_note_lines_point_at_themselves() -> None:
    """Every line of a note has the place of its own text, indented or not, `\\n` included."""
    text = "@startuml\nA -> B\nnote right\n    one\n      two\nend note\nnote left: three\\nfour\n@enduml\n"
    (message,) = read(Source("flow.puml", text))[0].messages()
    lines = [line for note in message.notes for line in note.lines]

    assert [line.text for line in lines] == ["one", "  two", "three", "four"]
    spans = [line.span for line in lines if line.span]
    assert [(span.line, span.column) for span in spans] == [(4, 5), (5, 7), (7, 12), (7, 19)]


@pytest.mark.parametrize("prefix", [" * ", "// ", "# ", "///   "])
def test_decoration_needs_no_blanks_behind_it(prefix: str) -> None:
    """In a source-code comment the blanks behind the decoration may be missing, as on a line with nothing else."""
    bare = prefix.rstrip()
    text = f"{prefix}@startuml\n{prefix}A -> B\n{bare}\n{bare}B -> A\n{prefix}@enduml\n"

    (diagram,) = read(Source("flow.h", text))

    assert [(message.sender, message.receiver) for message in diagram.messages()] == [("A", "B"), ("B", "A")]
