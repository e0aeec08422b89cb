"""Files that are not what they are called, and notes that are never closed, are one error that says so."""

from pathlib import Path

import pytest

from seqtest.diagram import Message
from seqtest.diagram.promise import expect, note_promises
from seqtest.diagram.read import load, read
from seqtest.errors import Finding, UnreadableDiagram, lay_out
from seqtest.source import Source, Span


@pytest.mark.parametrize(
    ("raw", "words"),
    [("@startuml\nA -> B\n@enduml\n".encode("utf-16"), "UTF-16"), (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no text")],
    ids=["utf-16", "png"],
)
def test_what_is_no_utf8_text_is_one_error(tmp_path: Path, raw: bytes, words: str) -> None:
    """A file with NUL bytes is refused with one finding, whatever its bytes would read like."""
    path = tmp_path / "flow.puml"
    path.write_bytes(raw)

    with pytest.raises(UnreadableDiagram) as error:
        load(path)

    assert [finding.code for finding in error.value.findings] == ["SQ192"]
    assert words in error.value.finding.message


def test_a_carriage_return_alone_ends_a_line(tmp_path: Path) -> None:
    """Line ends of old Macintosh files are read as PlantUML reads them."""
    path = tmp_path / "flow.puml"
    path.write_bytes(b"@startuml\rA -> B : x\r@enduml\r")

    assert [message.text for message in read(path)[0].messages()] == ["x"]


UNCLOSED = """\
@startuml
client -> auth : POST /token
note {where}
  grant_type = password
auth --> client : 200 OK
note left
  token_type = Bearer
end note
@enduml
"""


@pytest.mark.parametrize("where", ["right", "over auth"])
def test_a_note_without_its_end_is_said_to_be_open(where: str) -> None:
    """The one finding stands at the first arrow that the note swallowed, and names the line of the note."""
    (diagram,) = read(Source("flow.puml", UNCLOSED.replace("{where}", where)))

    item = next(item for item in reversed(diagram.items) if not isinstance(item, Message) or item.notes)

    with pytest.raises(UnreadableDiagram) as error:
        expect(item) if isinstance(item, Message) else note_promises(item)

    assert [(finding.code, finding.span.line) for finding in error.value.findings] == [("SQ251", 5)]
    assert "line 3" in error.value.finding.message


def test_a_wrong_line_alone_is_no_open_note() -> None:
    """Without a swallowed arrow the fault is the line's own."""
    text = UNCLOSED.replace("{where}", "right").replace("auth --> client", "end note\nauth --> client")
    (diagram,) = read(Source("flow.puml", text.replace("grant_type = password", "grant_type ~ password")))

    with pytest.raises(UnreadableDiagram) as error:
        expect(next(diagram.messages()))

    assert [finding.code for finding in error.value.findings] == ["SQ240"]


def test_control_characters_are_not_printed() -> None:
    """An escape sequence in a drawing never reaches the terminal as one."""
    source = Source("flow.puml", "A -> B : \x1b[31mred\u202e")

    text = lay_out(Finding("SQ999", "a \x1b[2J message", Span.at(source, 1, 10, 3), got="\x07"))

    assert not any((ord(character) < 32 and character != "\n") or character == "\u202e" for character in text)
