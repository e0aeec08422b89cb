"""Diagrams made from the grammar's own pieces survive being printed and read again."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqtest.diagram.build import build
from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram
from seqtest.render.plantuml import format, format_source
from seqtest.render.statements import written
from seqtest.source import Source
from seqtest.syntax import tree as marks
from seqtest.syntax.parse import parse, read_line
from seqtest.syntax.tree import Piece, Who

LETTERS = "abcxoABC_.@0é日"


def ends_itself(text: str) -> bool:
    """Whether a line that ends in the text is a line: a backslash would join it with the next."""
    return bool(text) and not text.endswith("\\")


codes = st.text(LETTERS, min_size=1, max_size=6)
shown = st.text("ab c(é:-/#&>\\", min_size=1, max_size=8)
plain_names = st.builds(Who, codes) | st.builds(Who, shown.filter(str.strip))
names = plain_names | st.builds(Who, codes, shown)
texts = st.text("ab c:;,.{}=<>/\\'\"[]#&+-é日", min_size=1, max_size=20).map(str.strip).filter(ends_itself).map(Piece)
labels = st.none() | texts
colors = st.sampled_from(["#red", "#LightBlue", "#fff", "#11223344"]).map(Piece)
links = st.sampled_from(["[[https://example.org]]", "[[https://example.org{tip} label]]"]).map(Piece)
stereotypes = st.lists(st.sampled_from(["<<browser>>", "<<a b>>", "<<(C,#ADD1B2) x>>"]).map(Piece), max_size=2).map(
    tuple
)
anchors = st.none() | st.sampled_from(["a", "b1"])

tails = st.sampled_from(["", "<", "<<", "/", "//", "\\", "\\\\", "o", "x", "o<", "x<<"])
heads = st.sampled_from([">", ">>", "\\", "\\\\", "/", "//", ">o", ">x", ">>x", "x", "\\o"])
lines = st.sampled_from(["-", "--", "-[#red]", "-[#red,dotted]-", "--[hidden]"])
arrows = st.builds(lambda *parts: Piece("".join(parts)), tails, lines, heads)

messages = st.builds(
    marks.MessageLine,
    arrows,
    names,
    names,
    labels,
    st.none() | st.sampled_from(["++", "--", "**", "!!", "--++", "++--"]).map(Piece),
    st.none() | colors,
    stereotypes,
    st.none() | links,
    st.lists(codes.map(Piece), max_size=2).map(tuple),
    anchors,
    is_parallel=st.booleans(),
)
declarations = st.builds(
    marks.Declaration,
    st.sampled_from(["participant", "actor", "boundary", "control", "entity", "database", "collections", "queue"]),
    names,
    st.booleans(),
    stereotypes,
    st.none() | st.integers(-999, 9999),
    st.none() | links,
    st.none() | colors,
)
positions = st.sampled_from(["left", "right", "over"])
notes = st.builds(
    lambda position, who, **more: marks.NoteLine("note", position, (who,), **more),
    positions,
    plain_names,
    text=texts,
    stereotypes=stereotypes,
    color=st.none() | colors,
    link=st.none() | links,
    is_aligned=st.booleans(),
)
message_notes = st.builds(
    lambda shape, position, text: marks.NoteLine(shape, position, is_on_message=True, text=text),
    st.sampled_from(["note", "hnote", "rnote"]),
    st.sampled_from(["left", "right", "top", "bottom"]),
    texts,
)
references = st.builds(
    lambda who, text: marks.Reference(tuple(who), text), st.lists(plain_names, min_size=1, max_size=3), texts
)
lives = st.builds(
    marks.LifeLine, st.sampled_from(["activate", "deactivate", "destroy", "create"]), plain_names, st.none() | colors
)
groups = st.builds(
    marks.OpenGroup,
    st.sampled_from(["alt", "opt", "loop", "par", "par2", "break", "critical", "partition"]),
    labels,
    tab_color=st.none() | colors,
    color=st.none() | colors,
)
nodes = messages | declarations | notes | message_notes | references | lives | groups


@given(nodes)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_written_line_is_read_as_what_it_says(node: marks.Node) -> None:
    """Writing a node and reading the line gives the node, or the line says something that is written the same."""
    line = written(node)
    assert line is not None

    again = read_line(line.strip())

    assert again == node or written(again) == line


@given(st.text("AB ->:x\\n()[]{}#'/!$=\"%&+*|<>notealdifr@\n", max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Reading any text gives diagrams or an UnreadableDiagram with places; formatting twice is formatting once."""
    source = Source("flow.puml", f"@startuml\n{text}\n@enduml\n")
    refused: UnreadableDiagram | None
    try:
        diagrams = read(source)
    except UnreadableDiagram as failure:
        refused = failure
    else:
        refused = None
    if refused is not None:
        assert all(finding.span is not None for finding in refused.findings)
        return
    once = format_source(source)

    assert format_source(Source("flow.puml", once)) == once
    assert read(Source("flow.puml", once)) == diagrams


names_for_flows = st.sampled_from(["client", "server", "auth"])


@st.composite
def flows(draw: st.DrawFn, depth: int = 2) -> list[str]:
    """Lines of a diagram with groups in it."""
    found: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["message", "note", "group"] if depth else ["message", "note"]))
        if kind == "message":
            found.append(f"{draw(names_for_flows)} -> {draw(names_for_flows)} : {draw(texts).text}")
        elif kind == "note":
            found += [
                "note over client",
                *draw(st.lists(st.sampled_from(["a = 1", "  b = 2", "", "end"]), min_size=1)),
                "end note",
            ]
        else:
            found += ["alt first", *draw(flows(depth - 1)), "else second", *draw(flows(depth - 1)), "end"]
    return found


@given(flows())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_diagram_survives_print_and_parse(rows: list[str]) -> None:
    """Every message, note and group is in the printed text once, in its place."""
    (tree,) = parse(Source("flow.puml", "\n".join(["@startuml", *rows, "@enduml"]) + "\n"))
    (again,) = parse(Source("flow.puml", format(tree)))

    assert build(again) == build(tree)
