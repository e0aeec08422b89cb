"""Mermaid's sequence diagrams in PlantUML's terms."""

import pytest

from seqtest.diagram import CombinedFragment, Diagram, LifeEvent, Note
from seqtest.diagram.read import read, read_trees
from seqtest.errors import UnreadableDiagram
from seqtest.render.plantuml import format
from seqtest.source import Source


def drawn(body: str) -> Diagram:
    return read(Source("flow.mmd", f"sequenceDiagram\n{body}\n"))[0]


@pytest.mark.parametrize(
    ("arrow", "kind", "head"),
    [
        ("->>", "call", "filled"),
        ("-->>", "reply", "filled"),
        ("-)", "async", "open"),
        ("-x", "lost", "cross"),
        ("--x", "lost", "cross"),
        ("->", "call", "filled"),
        ("<<->>", "call", "filled"),
    ],
)
def test_arrow(arrow: str, kind: str, head: str) -> None:
    """Each arrow has its counterpart."""
    (message,) = drawn(f"A{arrow}B: hello").messages()

    assert (message.sender, message.receiver, message.text) == ("A", "B", "hello")
    assert (message.kind, message.arrow.head) == (kind, head)


def test_participants() -> None:
    """Kinds, aliases and names with blanks and hyphens are kept."""
    diagram = drawn("participant A as Alice A\nactor J\nparticipant D@{ 'type': 'database' }\nauth-server->>Web App: x")

    assert [(each.id, each.name, each.kind) for each in diagram.participants] == [
        ("A", "Alice A", "participant"),
        ("J", "J", "actor"),
        ("D", "D", "database"),
        ("auth-server", "auth-server", "participant"),
        ("Web App", "Web App", "participant"),
    ]


def test_activation_marks() -> None:
    """`+` activates the receiver, `-` deactivates the sender."""
    first, second = drawn("A->>+B: x\nB-->>-A: y").messages()

    assert [(event.kind, event.participant) for event in (*first.life, *second.life)] == [
        ("activate", "B"),
        ("deactivate", "B"),
    ]


def test_groups_and_notes() -> None:
    """`and` and `option` are branches, `rect` is a group, notes stand at participants."""
    diagram = drawn("par one\nA->>B: x\nand two\nB->>A: y\nend\nrect rgb(1, 2, 3)\nNote over A,B: z\nend")
    par, rect = (item for item in diagram.items if isinstance(item, CombinedFragment))

    assert (par.operator, [operand.guard for operand in par.operands]) == ("par", ["one", "two"])
    assert rect.operator == "group"
    (note,) = (item for item in diagram.walk() if isinstance(item, Note))
    assert (note.position, note.participants, note.text) == ("over", ("A", "B"), "z")


def test_end_closes_the_box_it_belongs_to() -> None:
    """Mermaid's `end` closes boxes too."""
    diagram = drawn("box Back end\nparticipant B\nend\nalt x\nA->>B: y\nend")

    assert [box.title for box in diagram.boxes] == ["Back end"]
    assert diagram.slips == ()


def test_destroyed_with_the_message_behind() -> None:
    """Mermaid says `destroy` before the last message; it is drawn behind it."""
    diagram = drawn("A->>B: x\ndestroy B\nA->>B: bye")
    (last,) = (item for item in diagram.items if isinstance(item, LifeEvent))

    assert diagram.items[-1] is last
    assert (last.kind, last.participant) == ("destroy", "B")
    assert diagram.slips == ()


def test_front_matter_comments_and_breaks() -> None:
    """The title comes from the front matter, comments go, `<br/>` is a break."""
    text = "---\ntitle: Login\n---\nsequenceDiagram\n%% words\nA->>B: one<br/>two; B->>A: three\n"
    (diagram,) = read(Source("flow.mmd", text))

    assert diagram.title == "Login"
    assert [message.text for message in diagram.messages()] == ["one\\ntwo", "three"]


def test_unreadable_line() -> None:
    """A line that is no statement is refused at its place."""
    with pytest.raises(UnreadableDiagram) as caught:
        drawn("A->>B: x\nA ~~> B")

    span = caught.value.finding.span
    assert span is not None
    assert (caught.value.finding.code, span.line) == ("SQ130", 3)


WRONG = [
    ("A=>B: x", 2, "`=>` is no arrow of Mermaid"),
    ("A --->> B: x", 3, "`--->>` is no arrow of Mermaid"),
    ("A->>B hello", 12, "has a text"),
    ("A->>B", 6, "has a text"),
    ("flowchart TD", 1, "another kind of Mermaid's diagrams"),
    ("A->>B: x; y", 11, "no statement"),
    ("foo bar", 1, "no statement"),
]


@pytest.mark.parametrize(("line", "column", "words"), WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_line_is_explained(line: str, column: int, words: str) -> None:
    """The message points at what is wrong and calls it by name."""
    with pytest.raises(UnreadableDiagram) as caught:
        drawn(line)

    finding = caught.value.finding
    assert words in finding.message
    assert (finding.span.line, finding.span.column) == (2, column) if finding.span else False


def test_a_semicolon_that_is_meant_as_text_is_told() -> None:
    """Behind a semicolon another statement is expected; a first one is not asked for its semicolon."""
    for text, told in (("A->>B: x; y", True), ("foo bar", False)):
        with pytest.raises(UnreadableDiagram) as caught:
            drawn(text)

        assert ("#59;" in caught.value.finding.do) is told


def test_what_only_mermaid_shows_is_left_out() -> None:
    """Descriptions for screen readers, on one line or several, and how texts are wrapped."""
    diagram = drawn(
        "accDescr: one\naccDescr {\n  several\n  lines\n}\nparticipant A as wrap: Long name\nA->>B: nowrap: text\n"
        "Note over A: wrap: note\nA->>B: wrap:"
    )

    assert diagram.participants[0].name == "Long name"
    assert [message.text for message in diagram.messages()] == ["text", ""]


def test_what_mermaid_has_besides_is_plantuml_when_written() -> None:
    """Entities, colours, links, names with parentheses and descriptions: PlantUML has a place for each."""
    source = Source(
        "login.mmd",
        """sequenceDiagram
    accTitle: for readers
    title: Log in
    accDescr: who logs in
    box Aqua Back end
    participant Client (App)
    end
    box rgb(33, 66, 99)
    participant api
    end
    rect rgba(0, 0, 255, .1)
    Client (App)->>api: fine#59; #9829; #quot;x#quot;; api-->>Client (App): ok
    end
    Alice/|-api: half
    link api: Docs @ https://example.org/x
""",
    )
    (tree,) = read_trees(source)

    assert (
        format(tree)
        == """@startuml
title Log in
' accDescr: who logs in
box "Back end" #Aqua
  participant "Client (App)"
end box
box #214263
  participant api
end box
group #0000ff1a
  "Client (App)" -> api : fine; ♥ "x"
  api --> "Client (App)" : ok
end
Alice /- api : half
url of api is [[https://example.org/x Docs]]
@enduml
"""
    )
