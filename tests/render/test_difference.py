"""A difference as text and as one drawing."""

import itertools
import re
from pathlib import Path

from seqtest.diagram import Diagram
from seqtest.diagram.diff import diff
from seqtest.diagram.read import read
from seqtest.render.difference import difference_text
from seqtest.render.merged import GROUNDS, LINES, merged_source
from seqtest.render.svg.colors import contrast, rgb
from seqtest.render.svg.draw import draw
from seqtest.source import Source

TABLE = Path(__file__).parents[1] / "syntax" / "plantuml_cases.txt"
OLD = """\
@startuml
title Log in
participant "Web client" as client
participant auth
client -> auth ++ : POST /token
note right : grant_type = password
auth --> client -- : 200 OK
client -> auth : GET /gone
alt token is good
  client -> auth : GET /users
end
@enduml
"""
NEW = """\
@startuml
title Log in
participant "Web client" as app
participant auth
app -> auth ++ : POST /oauth/token
note right : grant_type = authorization_code
auth --> app -- : 200 OK
alt token is fresh
  app -> auth : GET /users
else token is old
  app -> auth : POST /refresh
end
@enduml
"""


def drawn(text: str) -> Diagram:
    return read(Source("a.puml", text))[0]


def test_the_text_names_each_change() -> None:
    """With its sign, its line, and what it was before."""
    assert (
        difference_text(diff(drawn(OLD), drawn(NEW)))
        == """\
~ participant app (Web client)  line 3
      code       - client
      code       + app
~ app -> auth : POST /oauth/token  line 5
      label      - POST /token
      label      + POST /oauth/token
      note       - grant_type = password
      note       + grant_type = authorization_code
- client -> auth : GET /gone  line 8
  alt [token is fresh]  line 9 → 8
~ guard [token is fresh]
      guard      - token is good
      guard      + token is fresh
+ else [token is old]
+   app -> auth : POST /refresh  line 11
"""
    )


def test_there_is_nothing_to_say_of_equals() -> None:
    """The text is empty."""
    assert difference_text(diff(drawn(OLD), drawn(OLD))) == ""


def test_lines_are_styled_by_their_kind() -> None:
    """A terminal has colours for them."""
    text = difference_text(diff(drawn(OLD), drawn(NEW)), style=lambda line, kind: f"{kind}:{line}")

    assert "removed:- client -> auth : GET /gone" in text
    assert "added:+   app -> auth : POST /refresh" in text


def test_the_drawing_holds_both() -> None:
    """What came, what is gone, and what changed with its words before and after; it is PlantUML that can be read."""
    source = merged_source(diff(drawn(OLD), drawn(NEW)))
    merged = drawn(source)

    assert [message.arrow.color for message in merged.messages()] == [
        LINES["changed"], None, LINES["removed"], None, LINES["added"],
    ]  # fmt: skip
    assert "<strike>POST /token</strike></color>\\nPOST /oauth/token" in source
    assert "<strike>grant_type = password</strike>" in source
    assert "**-** <strike>GET /gone</strike>" in source
    assert "alt token is fresh (was token is good)" in source
    assert "was client" in source
    assert source.count("activate p2") == 2
    draw(merged)


def test_any_two_diagrams_make_a_drawing() -> None:
    """All of the grammar's table beside their neighbours: it can be read, and each message of both is there."""
    diagrams = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        source, arrow, said = line.partition("⇒")
        if arrow and source[0] != "#" and not said.strip().startswith("ERR"):
            text = "@startuml\n" + source.removesuffix("  ").replace("⏎", "\n") + "\n@enduml\n"
            diagrams += read(Source(source.strip(), text))
    for old, new in itertools.pairwise(diagrams):
        difference = diff(old, new)
        merged = drawn(merged_source(difference))
        wanted = sum(type(change.item).__name__ == "Message" for change in difference.walk())
        assert sum(1 for _ in merged.messages()) == wanted, (old.source, new.source)


def test_text_cannot_leave_its_place() -> None:
    """A line that would end its block, include a file or be a comment stays text."""
    hostile = "@startuml\nA -> B : x\nnote right\n!include /etc/passwd\nend note\n@enduml\n"
    lines = "@startuml\nA -> B : x\nnote right\nkept\nend note\n@enduml\n"
    one = drawn(lines)
    note = one.items[0].notes[0].lines[0]  # type: ignore[union-attr]
    import dataclasses

    for text in ("!include x", "' comment", "end note", "END  NOTE", "@enduml", "/' open"):
        line = dataclasses.replace(note, text=text)
        changed = dataclasses.replace(one.items[0], notes=(dataclasses.replace(one.items[0].notes[0], lines=(line,)),))  # type: ignore[union-attr,type-var]
        source = merged_source(diff(one, dataclasses.replace(one, items=(changed,))))
        merged = drawn(source)
        shown = merged.items[-1].notes[0].text  # type: ignore[union-attr]
        assert re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), shown).count(text) == 1
    assert "include" in hostile


def test_the_colours_can_be_told_from_the_page() -> None:
    """Lines have a contrast of 3 and more; the black of text on a ground has 7."""
    white, black = rgb("#ffffff"), rgb("#000000")
    assert white is not None
    assert black is not None
    for kind in ("added", "removed", "changed", "moved"):
        line, ground = rgb(LINES[kind]), rgb(GROUNDS[kind])
        assert line is not None
        assert ground is not None
        assert contrast(line, white) >= 4.5
        assert contrast(black, ground) >= 7
