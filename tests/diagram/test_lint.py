"""Slips and lints: what is told of a drawing that can be read."""

import pytest

from seqtest.diagram.lint import lint
from seqtest.diagram.read import read
from seqtest.source import Source

EXCHANGE = "client -> server ++ : GET /\nserver --> client -- : 200 OK\n"


def codes(body: str) -> list[tuple[str, int]]:
    (diagram,) = read(Source("flow.puml", f"@startuml\n{body}\n@enduml\n"))
    found = [*diagram.slips, *lint(diagram)]
    return [(finding.code, finding.span.line) for finding in found if finding.span]


FOUND = [
    ("a note that follows nothing", "note right: x\nclient -> server : log in", ("SQ211", 2)),
    ("a group never closed", "client -> server : log in\nalt x\nclient -> server : log in", ("SQ212", 5)),
    ("a box never closed", "box x\nparticipant client", ("SQ213", 2)),
    ("a stray deactivate", "client -> server : log in\ndeactivate server", ("SQ214", 3)),
    ("a stray mark", "client -> server : log in\nserver --> client -- : done", ("SQ214", 3)),
    ("a message to somebody destroyed", "a -> b : x\ndestroy b\na -> b : y", ("SQ215", 4)),
    ("a name nearly declared", "participant client\nactor server\nclinet -> server : x", ("SQ203", 4)),
    ("a name in another case", "participant Client\nclient -> Client : x", ("SQ203", 3)),
    ("a name with another sign", 'participant auth_server\n"auth-server" -> auth_server : x', ("SQ203", 3)),
    ("a letter too few", "participant gateway\ngatway -> gateway : x", ("SQ203", 3)),
    ("an answer to what was answered", "a -> b : ask\nb --> a : told\nb --> a : 200 OK", ("SQ218", 4)),
    ("activated in one operand", "alt x\na -> b ++ : 1\nelse y\na -> b : 2\nend", ("SQ220", 3)),
    (
        "destroyed in each operand",
        "a -> b : x\nalt x\na -> b : y\ndestroy b\nelse\na -> b : z\ndestroy b\nend\na -> b : w",
        ("SQ215", 10),
    ),
    ("a guard that has stood above", "alt x\na -> b : x\nelse x\na -> b : y\nend", ("SQ216", 4)),
    ("an operand behind an empty else", "alt x\na -> b : x\nelse\na -> b : y\nelse z\na -> b : z\nend", ("SQ216", 6)),
    ("a capture never used", EXCHANGE + "note left\n  access_token as A1\nend note", ("SQ217", 5)),
    ("a response nobody asked for", "server --> client : 200 OK", ("SQ218", 2)),
    ("a second response", EXCHANGE + "server --> client : 200 OK", ("SQ218", 4)),
    ("prose like a check", "a -> b : x\nnote over a <<prose>>\n  sub = 123\nend note", ("SQ219", 4)),
    ("italics like a check", "a -> b : x\nnote right\n  //sub = 123//\nend note", ("SQ219", 4)),
    ("an activation never closed", "a -> b ++ : x", ("SQ220", 2)),
]


@pytest.mark.parametrize(("what", "body", "expected"), FOUND, ids=[row[0] for row in FOUND])
def test_found(what: str, body: str, expected: tuple[str, int]) -> None:
    """The slip is told, once, at its line."""
    assert codes(body) == [expected]


QUIET = [
    ("a whole exchange", EXCHANGE),
    ("each operand may deactivate", "a -> b ++ : x\nalt y\nb --> a -- : 1\nelse z\nb --> a -- : 2\nend"),
    ("each operand may answer", "a -> b ++ : GET /\nalt y\nb --> a -- : 200 OK\nelse z\nb --> a -- : 401\nend"),
    ("a capture used later", EXCHANGE + "note left\n  access_token as A1\nend note\na -> b : show {A1}"),
    ("a capture used in a claim", EXCHANGE + "note left\n  access_token as A1\nend note\na -> b : show {A1.sub}"),
    ("different names", "participant client\nserver -> client : x"),
    ("prose that is prose", "a -> b : x\nnote over a <<prose>>\n  Alice knows her password.\nend note"),
    ("autoactivate closes what it opens", "autoactivate on\na -> b : x\nb --> a : y"),
    ("an answer by return", "a -> b ++ : GET /\nreturn 200 OK"),
    ("prose that says as", EXCHANGE + "note left\n  the same data as before\nend note"),
    ("another name of few letters", "participant CPSP\nMPSP -> CPSP : x"),
    ("another number", "participant server1\nserver2 -> server1 : x"),
    ("another word", "participant FinTechUI\nFinTechServer -> FinTechUI : x"),
    ("an answer to what is asked in prose", "client -> server : fetch metadata\nserver --> client : 200 OK"),
    ("each operand activates", "alt x\na -> b ++ : 1\nelse y\nc -> b ++ : 2\nend\nb --> a -- : 3"),
    ("one operand answers", "a -> b ++ : 1\nopt x\nb --> a -- : 2\nend"),
    ("destroyed another way", "a -> b : x\nopt y\na -> b : z\ndestroy b\nend\na -> b : w"),
    ("a loop around an exchange", f"loop 3 times\n{EXCHANGE}end"),
]


@pytest.mark.parametrize(("what", "body"), QUIET, ids=[row[0] for row in QUIET])
def test_quiet(what: str, body: str) -> None:
    """What is meant is not told."""
    assert codes(body) == []
