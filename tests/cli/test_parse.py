"""`seqtest parse`: a drawing as data."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seqtest.cli.main import main

LOGIN = """\
@startuml login
title Log in
actor Alice as user
participant "Web client" as client <<confidential>>
user -> client : log in
client -> auth : POST /token
note right
  grant_type = password
end note
alt ok
  auth --> client : 200 OK
else
  auth --> client : 401 Unauthorized
end
[-> client : hello
note over client : done
@enduml
"""


@pytest.fixture
def login(tmp_path: Path) -> Path:
    path = tmp_path / "login.puml"
    path.write_text(LOGIN)
    return path


def parse(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["parse", *map(str, arguments)])


def test_json_has_everything_in_drawn_order(login: Path) -> None:
    """One object holds participants, messages, fragments and notes with their lines."""
    result = parse("--json", login)

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "file": str(login),
        "title": "Log in",
        "participants": [
            {"id": "user", "name": "Alice", "kind": "actor", "stereotypes": [], "line": 3},
            {
                "id": "client",
                "name": "Web client",
                "kind": "participant",
                "stereotypes": ["confidential"],
                "line": 4,
            },
            {"id": "auth", "name": "auth", "kind": "participant", "stereotypes": [], "line": 6},
        ],
        "messages": [
            {"line": 5, "sender": "user", "receiver": "client", "text": "log in", "kind": "call"},
            {"line": 6, "sender": "client", "receiver": "auth", "text": "POST /token", "kind": "call"},
            {"line": 11, "sender": "auth", "receiver": "client", "text": "200 OK", "kind": "reply"},
            {"line": 13, "sender": "auth", "receiver": "client", "text": "401 Unauthorized", "kind": "reply"},
            {"line": 15, "sender": None, "receiver": "client", "text": "hello", "kind": "call"},
        ],
        "fragments": [{"operator": "alt", "line": 10}],
        "references": [],
        "notes": [{"line": 7, "text": "grant_type = password"}, {"line": 16, "text": "done"}],
    }


def test_unreadable_file_does_not_keep_others_back(login: Path, tmp_path: Path) -> None:
    """A file that cannot be read gives an error object and exit code 3; the next one is still printed."""
    bad = tmp_path / "bad.puml"
    bad.write_text("@startuml\na -> b : one\na => b : two\n@enduml\n")

    result = parse("--json", bad, login)

    first, second = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 3
    assert first["file"] == str(bad)
    assert first["error"]["line"] == 3
    assert isinstance(first["error"]["column"], int)
    assert first["error"]["message"]
    assert second["title"] == "Log in"


def test_missing_file_is_an_error_of_its_own(login: Path, tmp_path: Path) -> None:
    """A file that is not there is reported like one that cannot be read."""
    result = parse("--json", tmp_path / "nope.puml", login)

    first, second = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 3
    assert "No such file" in first["error"]["message"]
    assert second["file"] == str(login)


def test_several_diagrams_are_several_lines(tmp_path: Path) -> None:
    """Each diagram of a file is one object."""
    path = tmp_path / "two.puml"
    path.write_text("@startuml\ntitle A\na -> b\n@enduml\n\n@startuml\ntitle B\nb -> c\n@enduml\n")

    titles = [json.loads(line)["title"] for line in parse("--json", path).stdout.splitlines()]

    assert titles == ["A", "B"]


def test_notes_of_a_frame_are_the_frames(tmp_path: Path) -> None:
    """A note behind a frame's end hangs on the frame, as PlantUML holds it."""
    path = tmp_path / "frame.puml"
    path.write_text("@startuml\nalt x\na -> b : m\nnote left : inside\nend\nnote left : behind\n@enduml\n")

    found = json.loads(parse("--json", path).stdout)

    assert [note["text"] for note in found["notes"]] == ["inside"]
    assert [note["text"] for note in found["fragments"][0]["notes"]] == ["behind"]


def test_references_with_their_notes(tmp_path: Path) -> None:
    """What a reference names, and the note that hangs on it, stand with it."""
    path = tmp_path / "ref.puml"
    path.write_text("@startuml\nref over a, b\nlogin.puml\nx = 1\nend ref\nnote left : behind\n@enduml\n")

    found = json.loads(parse("--json", path).stdout)

    assert found["notes"] == []
    assert found["references"] == [
        {
            "line": 2,
            "participants": ["a", "b"],
            "text": "login.puml\nx = 1",
            "notes": [{"line": 6, "text": "behind"}],
        }
    ]


def test_an_en_dash_in_a_label_is_a_hyphen(tmp_path: Path) -> None:
    """As PlantUML reads it; who is drawn and what is said in notes stays as written."""
    path = tmp_path / "dash.puml"
    path.write_text("@startuml\nA -> B : Log in \u2013 again\nnote right: a \u2013 b\n@enduml\n", encoding="utf-8")

    found = json.loads(parse(path, "--json").stdout)

    assert found["messages"][0]["text"] == "Log in - again"
    assert found["notes"][0]["text"] == "a \u2013 b"


def test_without_json_a_file_is_a_line(login: Path) -> None:
    """People get an outline."""
    result = parse(login)

    assert result.stdout == f"{login}: Log in: 3 participants, 5 messages, 1 fragment, 2 notes\n"


def test_folder_is_searched(login: Path) -> None:
    """A folder stands for the diagram files below it."""
    assert parse("--json", login.parent).stdout.count("\n") == 1


def test_no_file_is_a_wrong_command_line() -> None:
    """Exit code 2, as for any wrong command line."""
    assert parse("--json").exit_code == 2
