"""What is said of a line that cannot be read."""

import pytest

from seqtest.diagram.read import read
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Source
from seqtest.syntax import explain

GOOD = "@startuml\nclient -> server : GET /\n"

LINES = [
    # source line, column, code, words that the finding must hold
    ("client => server : x", 8, "SQ101", "this is not an arrow"),
    ("client ..> server : x", 8, "SQ101", "this is not an arrow"),
    ("client -|> server : x", 8, "SQ101", "this is not an arrow"),
    ("client ->>> server : x", 8, "SQ101", "this is not an arrow"),
    ("client → server : x", 8, "SQ101", "this is not an arrow"),
    ("client -- server : x", 8, "SQ101", "no head"),
    ("[ -> client : x", 1, "SQ101", "bracket must touch"),
    ("client -] : x", 8, "SQ101", "no head"),
    ("[-- client : x", 2, "SQ101", "no head"),
    ("& client ~> server : x", 10, "SQ101", "this is not an arrow"),
    ("client -> server GET /", 18, "SQ102", "stands behind a colon"),
    ("server --> client -- 200", 22, "SQ102", "stands behind a colon"),
    ("client ->(20) server later", 22, "SQ102", "stands behind a colon"),
    ("client -> auth-server : x", 11, "SQ102", '`"auth-server"`'),
    ("auth-server -> client : x", 1, "SQ102", '`"auth-server"`'),
    ("web client -> server : x", 1, "SQ102", '`"web client"`'),
    ("client -> server;", 17, "SQ102", "semicolon"),
    ("client -> server ++ ++ : x", 21, "SQ102", "cannot be joined"),
    ("client -> server ' why", 18, "SQ102", "line of its own"),
    ("client -[bald]> server", 10, "SQ105", "`bald` is no style of an arrow"),
    ("client <[#red,obld]- server", 15, "SQ105", "`obld` is no style of an arrow"),
    ("login.puml[ok]", 1, "SQ102", "no statement of a sequence diagram"),
    ("{a} client ->- server : x", 12, "SQ101", "this is not an arrow"),
    ("client <- server 200", 18, "SQ102", "stands behind a colon"),
    ("client <[#red]- server 200", 24, "SQ102", "stands behind a colon"),
    ("client x<-- server 200", 20, "SQ102", "stands behind a colon"),
    ("client -[plain]> server", 8, "SQ105", "`plain` is no style"),
    ("client -[#rde]> server", 10, "SQ105", "`rde` is no colour"),
    ("client server : GET /", 1, "SQ102", "write the arrow: `client -> server`"),
    ('client, "the server" : x', 1, "SQ102", 'write the arrow: `client -> "the server"`'),
    ("paticipant server : x", 1, "SQ102", "did you mean `participant`?"),
    ("client <-[#red]] : x", 8, "SQ101", "ends in its style"),
    ("# a comment", 1, "SQ102", "no comment"),
    ("// a comment", 1, "SQ102", "no comment"),
    ("endalt", 1, "SQ102", "write `end`"),
    ("end;", 1, "SQ102", "write `end`"),
    ("elseif more", 1, "SQ102", "write `else more`"),
    ("and more", 1, "SQ102", "write `else more`"),
    ("alt: fresh", 4, "SQ102", "write `alt fresh`"),
    ("strict", 1, "SQ102", "no group of PlantUML"),
    ("}", 1, "SQ102", "braces"),
    ("end", 1, "SQ104", "no group is open"),
    ("else", 1, "SQ104", "no group is open"),
    ("end note", 1, "SQ104", "no note is open"),
    ("end bx", 1, "SQ104", "did you mean `end box`?"),
    ("skinpa]ram x y", 1, "SQ102", "did you mean `skinparam`?"),
    ("p'articipant A", 1, "SQ102", "did you mean `participant`?"),
    ("client\u200b -> server : x", 7, "SQ102", "U+200B (ZERO WIDTH SPACE)"),
    ("participant \u2060auth", 13, "SQ102", "nobody sees"),
    ("\u2028", 1, "SQ102", "U+2028 (LINE SEPARATOR)"),
    ("client => server : a\u200bb", 8, "SQ101", "this is not an arrow"),
    ("client \x96-> server : x", 8, "SQ102", "if `–` is meant, save the file as UTF-8"),
    ("client -/--> server : x", 8, "SQ101", "this is not an arrow"),
    ("client /x->o\\\\ server : x", 8, "SQ101", "this is not an arrow"),
    ("cli{ent -> server : x", 1, "SQ102", "`cli{ent` is no name"),
    ("deactivate A~uth", 12, "SQ102", "`A~uth` is no name"),
    ("participant 'client", 13, "SQ102", "`'client` is no name"),
    ("participant Client : the one", 20, "SQ102", "no text behind a colon"),
    ('wb" -> server : x', 3, "SQ102", "no other"),
    ('a"lt known', 2, "SQ102", "no other"),
    ("note across client, server : x", 13, "SQ102", "names nobody"),
    ("note of client : x", 6, "SQ102", "`left of`, `right of` or `over`"),
    ("note rigt of client : x", 6, "SQ102", "did you mean `right`?"),
    ("autonumber stap", 12, "SQ102", "did you mean `stop`?"),
    ("!definee X y", 1, "SQ120", "did you mean `!define`?"),
    ("<end", 1, "SQ102", "did you mean `end`?"),
    ("skinparam Arrow@Color red", 11, "SQ102", "no name of a setting"),
    ("actorAlice", 1, "SQ102", "a blank is missing behind `actor`"),
    ('box"Back end"', 1, "SQ102", "a blank is missing behind `box`"),
    ("!pragma te]oz true", 1, "SQ102", "`!pragma name value`"),
    ("!define; X y", 1, "SQ120", "write `!define NAME text`"),
    ("!theme", 1, "SQ102", "`!theme name`"),
    ("end box", 1, "SQ110", "no `box` is open"),
    ("note over client, server, third : x", 25, "SQ102", "one or two"),
    ("note accross : x", 6, "SQ102", "write `note across`"),
    ("note : x", 6, "SQ102", "needs a place"),
    ("note as N", 6, "SQ102", "needs a place"),
    ("note right grant_type = x", 23, "SQ102", "colon before its text"),
    ("note over client grant_type = x", 18, "SQ102", "colon before its text"),
    ("note right", 1, "SQ103", "this note is never closed"),
    ("note over client", 1, "SQ103", "`end note`"),
    ("ref over client", 1, "SQ103", "`end ref`"),
    ("title", 1, "SQ103", "this title is never closed"),
    ("skinparam sequence {", 1, "SQ103", "this skinparam is never closed"),
    ("<style>", 1, "SQ103", "`</style>`"),
    ("ref client : x", 1, "SQ102", "`ref over client"),
    ("participant", 12, "SQ102", "needs a name"),
    ("participant auth-server", 13, "SQ102", "is no name"),
    ("participant Web client", 17, "SQ102", "does not belong here"),
    ('participant "A" as "B"', 20, "SQ102", "without quotes"),
    ("participant A #red order 2", 20, "SQ102", "another order"),
    ("participant A <<x>> as B", 21, "SQ102", "before the stereotype"),
    ("participant A, B", 14, "SQ102", "line of its own"),
    ("particpant A", 1, "SQ102", "did you mean `participant`?"),
    ("activte A", 1, "SQ102", "did you mean `activate`?"),
    ("class A", 1, "SQ102", "another kind of diagram"),
    ("== x", 1, "SQ102", "`==` at both ends"),
    (".....", 1, "SQ102", "three dots"),
    ("|| 45 ||", 1, "SQ102", "without blanks"),
    ("autonumber off", 12, "SQ102", "`autonumber stop`"),
    ("autoactivate true", 14, "SQ102", "on or off"),
    ("hide client", 6, "SQ102", "cannot be hidden"),
    ("skinparam ArrowColor", 11, "SQ102", "no value"),
    ("title !!!", 7, "SQ102", "needs a text"),
    ("deactivate nobody extra", 19, "SQ102", "one participant"),
    ("$poll()", 1, "SQ102", "no procedure `$poll`"),
    ("!foo", 1, "SQ120", "no word of the preprocessor"),
    ("!theme plane", 1, "SQ116", "did you mean"),
    ("!if", 1, "SQ120", "cannot be read"),
    ("!endif", 1, "SQ125", "nothing is open"),
    ("!include missing.puml", 1, "SQ121", "no file `missing.puml`"),
    ("!include missing.puml", 1, "SQ121", "the folder of the file that includes it"),
    ("sequenceDiagram", 1, "SQ102", "this is Mermaid"),
    ("!include https://example.org/x.puml", 1, "SQ121", "network"),
    ("!assert 1 == 2 : wrong", 1, "SQ123", "wrong"),
    ("<<<<<<< HEAD", 1, "SQ102", "merge"),
]


def finding_of(line: str) -> Finding:
    with pytest.raises(UnreadableDiagram) as caught:
        read(Source("flow.puml", f"{GOOD}{line}\n@enduml\n"))
    return caught.value.finding


@pytest.mark.parametrize(("line", "column", "code", "words"), LINES, ids=[row[0] for row in LINES])
def test_line_is_explained(line: str, column: int, code: str, words: str) -> None:
    """The finding stands at the line and the column of what is wrong, and says what was meant."""
    finding = finding_of(line)

    assert finding.span is not None
    assert (finding.span.line, finding.span.column, finding.code) == (3, column, code)
    told = " ".join((finding.message, finding.label, finding.expected, finding.do))
    assert words in told


def test_a_short_name_is_no_misspelt_keyword() -> None:
    """A line about Bob is not taken for a `box`."""
    assert finding_of("Bob Alice").do == ""


def test_the_lines_of_a_legend_without_end_are_told_as_such() -> None:
    """`legend right` is a whole statement, so that its first line is what cannot be read."""
    finding = finding_of("legend right\nerrors are red")

    assert finding.span is not None
    assert finding.span.line == 4
    assert finding.do == "write `end legend` below the legend that line 3 begins"
    assert finding_of("legend right\nclient -> server : x\nerrors are red").do == ""


def test_every_unreadable_line_is_told() -> None:
    """Several wrong lines give several findings, at most ten, in order."""
    wrong = "\n".join("endalt" for _ in range(12))

    with pytest.raises(UnreadableDiagram) as caught:
        read(Source("flow.puml", f"{GOOD}{wrong}\n@enduml\n"))

    assert [finding.span.line for finding in caught.value.findings if finding.span] == list(range(3, 13))


@pytest.mark.parametrize("body", ["!funcion $f($x)\n!return $x\n!endfunction", "!fi 1\nclient -> server\n!endif"])
def test_a_misspelt_directive_is_told_before_what_it_leaves_open(body: str) -> None:
    """An end or a `!return` has nothing to belong to because of a line above: that line is told."""
    finding = finding_of(body)

    assert finding.span is not None
    assert (finding.span.line, finding.code) == (3, "SQ120")
    assert "is no word of the preprocessor" in finding.message


def test_only_what_is_told_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of wrong lines are not looked through for what was meant: ten are told."""
    asked = []
    explained = explain.explain
    monkeypatch.setattr(explain, "explain", lambda line, failure: asked.append(line) or explained(line, failure))

    with pytest.raises(UnreadableDiagram):
        read(Source("flow.puml", GOOD + "endalt\n" * 1_000 + "@enduml\n"))

    assert len(asked) == 10


def test_errors_come_in_drawn_order() -> None:
    """An unknown colour above an unreadable line is told first: the first thing wrong is the first thing said."""
    with pytest.raises(UnreadableDiagram) as caught:
        read(Source("flow.puml", "@startuml\nA -> B\nparticipant C #nocolour\nendalt\n@enduml\n"))

    assert caught.value.finding.code == "SQ105"


def test_an_end_with_a_slip_in_it_is_shown() -> None:
    """What may have been meant as the end of a note is pointed at, and said."""
    with pytest.raises(UnreadableDiagram) as caught:
        read(Source("login.puml", "@startuml\nA -> B\nnote right\n  text\nned note\nA -> B\n@enduml\n"))
    finding = caught.value.finding

    assert finding.span is not None
    assert finding.span.line == 3
    assert [span.line for span, _ in finding.also] == [5]
    assert finding.do == "write `end note` in line 5"
