"""A hundred small mistakes, made by a seeded script in good diagrams: each is read as a drawing or told where it is."""

import random
from pathlib import Path

import pytest

from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram
from seqtest.source import Source

GOOD = """@startuml login
title Log in
actor Alice as user
participant "Web client" as client
participant "Auth server" as auth <<authorization-server>>
== Log in ==
user -> client ++ : log in
client -> auth ++ : POST /oauth/token
note right
  grant_type = password
  username = alice
end note
alt known
  auth --> client -- : 200 OK
  note left: token_type = Bearer
else unknown
  auth --> client -- : 401 Unauthorized
end
client --> user -- : welcome
... 5 minutes later ...
ref over client, auth : refresh.puml
@enduml
"""


def one_character(line: str, chance: random.Random) -> str:
    at = chance.randrange(len(line))
    return chance.choice(
        (
            line[:at] + line[at + 1 :],
            line[:at] + chance.choice("=:;~#{") + line[at:],
            line[:at] + line[at].swapcase() + line[at + 1 :],
        )
    )


def one_line(lines: list[str], at: int, chance: random.Random) -> list[str]:
    return chance.choice((lines[:at] + lines[at + 1 :], [*lines[:at], "nonsense here", *lines[at:]]))


def mutations() -> list[tuple[int, int, str]]:
    """The line that was touched, whether one was added or removed, and the text."""
    chance = random.Random(20260728)
    lines = GOOD.splitlines()
    found = []
    for number in range(100):
        at = chance.randrange(1, len(lines) - 1)
        if number % 4:
            changed = [*lines[:at], one_character(lines[at], chance), *lines[at + 1 :]]
        else:
            changed = one_line(lines, at, chance)
        found.append((at + 1, len(changed) - len(lines), "\n".join(changed) + "\n"))
    return found


@pytest.mark.parametrize(("line", "added", "text"), mutations(), ids=[str(number) for number in range(100)])
def test_mutation_is_told_at_its_line(line: int, added: int, text: str) -> None:
    """A refusal points at the line that was touched, or into the block or group that it opens or closes."""
    try:
        (diagram,) = read(Source(Path("login.puml").name, text))
    except UnreadableDiagram as refused:
        finding = refused.finding
        assert finding.span is not None
        told = finding.span.line
        near = abs(told - line) <= 1
        in_note = line in range(9, 13) and told in range(9, 14)
        in_group = line in range(13, 19) and told in range(13, 19)
        assert near or in_note or in_group, (line, added, told, finding.message)
        assert finding.message
        assert finding.label or finding.expected or finding.do or finding.why or finding.code in ("SQ106", "SQ101"), (
            finding
        )
    else:
        assert len(list(diagram.messages())) in (5, 4, 6)
