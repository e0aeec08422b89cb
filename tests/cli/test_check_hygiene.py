"""`seqtest check`: what of hygiene a drawing shows before it runs."""

from pathlib import Path
from typing import Any

import pytest

HEAD = """\
@startuml
participant web
participant auth <<authorization-server>>
note over auth
  clients.web.redirect_uri = https://web.example/*
  url = http://auth.example
end note
"""
WRONG = (
    HEAD
    + """\
' eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.aaaaaaaaaaaaaaaaaaaa is a comment
web -> auth : GET /authorize?response_type=token&client_id=web
auth --> web : 303 See Other
note over web <<prose>> : the token is kept in localStorage
web -> auth : POST /userinfo?access_token=x
note right: Authorization: Basic d2ViOnRlYS1wYXJ0eQ==
auth --> web : 200 OK
@enduml
"""
)


def codes(output: str) -> list[str]:
    return [line[8:13] for line in output.splitlines() if line.startswith("warning[SQ7")]


def test_what_a_drawing_shows(seqtest: Any, folder: Path, golden: Any) -> None:
    """Addresses, parameters, settings and words, each at its place; values in comments are nobody's."""
    (folder / "wrong.puml").write_text(WRONG)

    result = seqtest("check", "wrong.puml")

    assert result.exit_code == 0, result.output
    shown = [part for part in result.output.split("\n\n") if part.startswith("warning[SQ7")]
    assert sorted(set(codes(result.output))) == ["SQ701", "SQ702", "SQ732", "SQ735", "SQ738", "SQ739", "SQ741"]
    golden("messages/hygiene.txt", "\n\n".join(shown) + "\n")


def test_what_is_refused_or_not_sent_by_the_drawing(seqtest: Any, folder: Path) -> None:
    """A request that is to be refused is an attack, one of a bound participant is not drawn in full."""
    text = HEAD.replace("/*", "/cb").replace("http:", "https:")
    flow = "web -> auth : GET /authorize?response_type=token&client_id=web\nauth --> web : {}\n@enduml\n"
    (folder / "refused.puml").write_text(text + flow.format("400 Bad Request"))
    assert codes(seqtest("check", "refused.puml").output) == []
    (folder / "taken.puml").write_text(text + flow.format("303 See Other"))
    assert codes(seqtest("check", "taken.puml").output) == ["SQ732", "SQ735"]
    assert codes(seqtest("check", "taken.puml", "--bound", "web").output) == []


def test_which_lints_speak(seqtest: Any, folder: Path) -> None:
    """By option, by ini file, by the drawing; a slip is a wrong command line."""
    (folder / "wrong.puml").write_text(WRONG)

    assert codes(seqtest("check", "wrong.puml", "--lint", "none", "--lint", "http-url").output)[0] == "SQ702"
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p seqtest\nseqtest_lints = none browser-storage\n")
    assert codes(seqtest("check", "wrong.puml").output) == ["SQ741"]
    assert codes(seqtest("check", "wrong.puml", "--lint", "-browser-storage").output) == []
    wrong = seqtest("check", "wrong.puml", "--lint", "browser-stores")
    assert (wrong.exit_code, "did you mean `browser-storage`" in wrong.output) == (2, True)


@pytest.mark.parametrize(("drawn", "spoken"), [("6 minutes", ["SQ740"]), ("5 minutes", [])])
def test_a_leeway(seqtest: Any, folder: Path, drawn: str, spoken: list[str]) -> None:
    """More than five minutes is too much."""
    text = f"""\
@startuml
participant web
participant auth <<authorization-server>>
participant api <<resource-server>>
note over api : leeway = {drawn}
web -> api : GET /x
api --> web : 401 Unauthorized
@enduml
"""
    (folder / "skew.puml").write_text(text)

    assert codes(seqtest("check", "skew.puml").output) == spoken
