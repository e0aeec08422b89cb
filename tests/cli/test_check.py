"""`seqtest check`: reads and lints, runs nothing."""

import json

import pytest


def test_a_good_flow_has_nothing_to_say(login, seqtest) -> None:
    """Exit code 0 and a count."""
    result = seqtest("check", login)

    assert result.exit_code == 0
    assert result.stdout == "1 file read: 0 errors, 0 warnings\n"


def test_an_unreadable_file_is_an_error_and_the_others_are_read(login, broken, seqtest) -> None:
    """Every file of a folder is read."""
    result = seqtest("check", "diagrams")

    assert result.exit_code == 3
    assert "diagrams/broken.puml:3:" in result.stdout
    assert result.stdout.endswith("2 files read: 1 error, 0 warnings\n")


def test_endings_may_be_in_capitals(login, folder, seqtest) -> None:
    """`LOGIN.PUML` is a drawing of the folder as well."""
    (folder / "OTHER.PUML").write_text(login.read_text())

    assert seqtest("check", folder).stdout == "2 files read: 0 errors, 0 warnings\n"


def test_a_slip_of_a_plain_drawing_is_a_warning(folder, seqtest) -> None:
    """What harms no picture is a warning, unless it is asked to be strict."""
    path = folder / "plain.puml"
    path.write_text("@startuml\nalt never closed\na -> b : hi\n@enduml\n")

    assert seqtest("check", path).exit_code == 0
    assert "warning[SQ212]" in seqtest("check", path).stdout
    assert seqtest("check", "--strict", path).exit_code == 3


def test_a_flow_that_cannot_be_played_is_an_error(folder, seqtest) -> None:
    """A request without an answer is found without running."""
    path = folder / "half.puml"
    path.write_text("@startuml\nparticipant auth <<authorization-server>>\nclient -> auth : GET /jwks\n@enduml\n")

    result = seqtest("check", path)

    assert result.exit_code == 3
    assert "error[SQ301]" in result.stdout


def test_who_is_bound_can_be_told(folder, seqtest) -> None:
    """Without a stereotype, `--bound` says who will be played."""
    path = folder / "half.puml"
    path.write_text("@startuml\nclient -> auth : GET /jwks\n@enduml\n")

    assert seqtest("check", path).exit_code == 0
    assert seqtest("check", "--bound", "auth", path).exit_code == 3


def test_each_finding_is_an_object(login, broken, seqtest) -> None:
    """`--format json` prints one a line, with its place."""
    found = [json.loads(line) for line in seqtest("check", "--format", "json", "diagrams").stdout.splitlines()]

    assert [(one["file"], one["line"], one["severity"]) for one in found] == [("diagrams/broken.puml", 3, "error")]
    assert found[0]["code"].startswith("SQ1")
    assert found[0]["column"] < found[0]["end_column"]


def test_github_shows_findings_at_their_lines(broken, seqtest) -> None:
    """`--format github` prints workflow commands."""
    line = seqtest("check", "--format", "github", broken).stdout.splitlines()[0]

    assert line.startswith(f"::error file={broken},title=SQ1")
    assert ",line=3,col=" in line


def test_github_commands_are_escaped() -> None:
    """Line ends, per cent signs, commas and colons do not end a command early."""
    from seqtest.cli.check import FORMATS
    from seqtest.errors import Finding
    from seqtest.source import Source, Span

    finding = Finding("SQ102", "50 % of\nthis", Span.at(Source("a,b:c.puml", "x"), 1), severity="warning")

    assert FORMATS["github"]("", finding) == (
        "::warning file=a%2Cb%3Ac.puml,title=SQ102,line=1,col=1,endColumn=2::50 %25 of%0Athis"
    )


@pytest.mark.parametrize("name", ["nowhere.puml", "nowhere/at/all.puml"])
def test_a_missing_file_is_an_error(folder, seqtest, name: str) -> None:
    """It is reported like an unreadable one."""
    result = seqtest("check", name)

    assert result.exit_code == 3
    assert "cannot be opened" in result.stdout


def test_what_may_come_from_outside_is_a_warning(login, seqtest) -> None:
    """A value that a fixture or option may give, and a guard that a function may bring about, are no errors yet."""
    login.write_text(login.read_text().replace("password = jabberwocky", "password = {other_password}"))

    result = seqtest("check", login)

    assert result.exit_code == 0
    assert "warning[SQ360]" in result.stdout


def test_what_nobody_can_give_is_an_error(login, seqtest) -> None:
    """A value of somebody who has none stays an error."""
    login.write_text(login.read_text().replace("password = jabberwocky", "password = {auth.nonsense}"))

    assert seqtest("check", login).exit_code == 3


def test_one_error_hides_no_other(folder, seqtest) -> None:
    """Wrong stereotypes, unreadable labels and notes, and a request without an answer are told at once, as drawn."""
    path = folder / "many.puml"
    path.write_text(
        "@startuml\nparticipant client <<cliennt>>\nparticipant auth <<authorization-servr>>\n"
        "client -> auth : POST /token\nnote right\n  grant_type is password\nend note\n"
        "auth --> client : 200 OK\nnote left : x : jwtt\nclient -> auth : GET /jwks\n@enduml\n"
    )

    found = [json.loads(line) for line in seqtest("check", "--format", "json", path).stdout.splitlines()]

    errors = [(one["line"], one["code"]) for one in found if one["severity"] == "error"]
    assert errors == [(2, "SQ401"), (3, "SQ401"), (6, "SQ240"), (9, "SQ242"), (10, "SQ301")]


def test_slips_hide_no_errors(folder, seqtest) -> None:
    """A frame that is never closed is an error of a flow, once, and its labels are read all the same."""
    path = folder / "slip.puml"
    path.write_text(
        "@startuml\nparticipant auth <<authorization-server>>\nalt x\nclient -> auth : GET /jwks\n"
        "auth --> client : 200 Oh\n@enduml\n"
    )

    found = [json.loads(line) for line in seqtest("check", "--format", "json", path).stdout.splitlines()]

    assert [(one["code"], one["severity"]) for one in found] == [("SQ245", "error"), ("SQ212", "error")]


FLOW = "@startuml\nclient -> api : GET /hello\napi --> client : 200 OK\nnote left : token : jwtt\n@enduml\n"


def test_a_conftest_says_who_is_bound(folder, seqtest) -> None:
    """What a test would refuse is an error where a conftest binds a participant, and below its folder only."""
    for name in ("bound", "free"):
        (folder / name).mkdir()
        (folder / name / "flow.puml").write_text(FLOW)
    (folder / "bound/conftest.py").write_text(
        "import seqtest\n@seqtest.plays('api')\ndef api():\n    raise SystemExit\n"
    )

    bound, free = seqtest("check", "bound"), seqtest("check", "free")

    assert (bound.exit_code, free.exit_code) == (3, 0)
    assert "error[SQ242]" in bound.stdout
    assert "warning[SQ242]" in free.stdout
    assert "nobody is bound in free/flow.puml: its checks were read, not played" in free.stdout
    assert "nobody is bound" not in bound.stdout


def test_the_ini_file_says_who_is_bound(folder, seqtest) -> None:
    """pytest's `seqtest_bind` counts, and nothing is imported for it."""
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p seqtest\nseqtest_bind = api=nowhere:app\n")
    (folder / "flow.puml").write_text(FLOW)

    assert "error[SQ242]" in seqtest("check", "flow.puml").stdout


def test_a_plain_drawing_without_checks_is_clean(folder, seqtest) -> None:
    """Its labels and notes are prose."""
    (folder / "plain.puml").write_text("@startuml\nAlice -> Bob : hello there\nnote right : Bob is shy\n@enduml\n")

    result = seqtest("check", "--strict", "plain.puml")

    assert result.exit_code == 0
    assert result.stdout == "1 file read: 0 errors, 0 warnings\n"


def test_a_drawing_of_http_with_prose_beside_it_is_clean(folder, seqtest) -> None:
    """Where nobody is bound and the notes are prose, nothing is missed in them."""
    (folder / "plain.puml").write_text(
        "@startuml\nclient -> api : GET /me\nnote right\n  Validates the token.\n  - aud must be the API\nend note\n"
        "api --> client : 302 redirect to the login page\n@enduml\n"
    )

    assert seqtest("check", "--strict", "plain.puml").exit_code == 0
    assert seqtest("check", "--bound", "api", "plain.puml").exit_code == 3


def test_a_flow_that_nobody_plays_yet_is_read(folder, seqtest) -> None:
    """Where most lines are checks, one that is none is told, be somebody bound or not."""
    (folder / "flow.puml").write_text(
        "@startuml\nclient -> api : GET /me\nnote right\n  Accept: text/html\n  lang = de\n  page is second\nend note\n"
        "api --> client : 200 OK\n@enduml\n"
    )

    assert "warning[SQ240]" in seqtest("check", "flow.puml").stdout


@pytest.mark.parametrize("who", [(), ("--bound", "api")])
def test_a_value_used_before_it_is_known_is_told(folder, seqtest, who: tuple[str, ...]) -> None:
    """Whoever plays: it was drawn by no arrow above."""
    (folder / "flow.puml").write_text(
        "@startuml\nclient -> api : GET /me\nnote right: Authorization: Bearer {access_token}\n"
        "api --> client : 200 OK\nnote left: access_token : opaque\n@enduml\n"
    )

    assert "flow.puml:3:" in (told := seqtest("check", *who, "flow.puml").stdout)
    assert "[SQ360]" in told


LINTS = [
    ("a participant nearly declared", "participant api\nclient -> aip : x\napi -> api : y", "SQ203"),
    ("an operand never reached", "alt x\nclient -> api : x\nelse x\nclient -> api : y\nend", "SQ216"),
    (
        "a value used before it is known",
        "client -> api : GET /x\nnote right: Authorization: Bearer {t}\napi --> client : 200 OK\nnote left: t = 1",
        "SQ360",
    ),
    ("a capture never used", "client -> api : x\napi --> client : y\nnote left: token as T1", "SQ217"),
    ("a response nobody asked for", "api --> client : 200 OK", "SQ218"),
    ("prose that looks like a check", "client -> api : x\nnote right: //sub = 123//", "SQ219"),
    ("an activate never closed", "client -> api : x\nactivate api", "SQ220"),
]
SLIPS = [
    ("an alt never closed", "alt x\nclient -> api : x", "SQ212"),
    ("a stray deactivate", "client -> api : x\ndeactivate api", "SQ214"),
    ("a note that follows no message", "note right: x\nclient -> api : x", "SQ211"),
]


@pytest.mark.parametrize(("what", "body", "code"), [*LINTS, *SLIPS], ids=[row[0] for row in [*LINTS, *SLIPS]])
def test_each_warning_in_each_format(folder, seqtest, what: str, body: str, code: str) -> None:
    """A lint or a slip is a warning in the terminal, in JSON and at GitHub, and does no harm unless asked to."""
    (folder / "flow.puml").write_text(f"@startuml\n{body}\n@enduml\n")
    text, data, github = (seqtest("check", "--format", form, "flow.puml") for form in ("text", "json", "github"))

    assert f"warning[{code}]" in text.stdout
    assert "--> flow.puml:" in text.stdout
    assert [(row["code"], row["severity"]) for row in map(json.loads, data.stdout.splitlines())] == [(code, "warning")]
    assert github.stdout.startswith("::warning file=flow.puml,")
    assert f"title={code}" in github.stdout
    assert {text.exit_code, data.exit_code, github.exit_code} == {0}
    assert seqtest("check", "--strict", "flow.puml").exit_code == 3


@pytest.mark.parametrize(("what", "body", "code"), SLIPS, ids=[row[0] for row in SLIPS])
def test_a_slip_is_an_error_of_a_flow(folder, seqtest, what: str, body: str, code: str) -> None:
    """Where somebody plays, a test would refuse it."""
    (folder / "flow.puml").write_text(f"@startuml\n{body}\n@enduml\n")

    result = seqtest("check", "--bound", "api", "flow.puml")

    assert result.exit_code == 3
    assert f"error[{code}]" in result.stdout


def test_a_conftest_that_cannot_be_loaded_is_no_answer(folder, seqtest) -> None:
    """Nobody knows who would be bound; it is not called clean."""
    (folder / "conftest.py").write_text("1 / 0\n")
    (folder / "plain.puml").write_text("@startuml\nAlice -> Bob : hello there\n@enduml\n")

    assert seqtest("check", "plain.puml").exit_code == 4


def test_nobody_drawn_can_be_taken_as_bound(login, seqtest) -> None:
    """A `--bound` that no file draws is a wrong command line, with a suggestion."""
    result = seqtest("check", "--bound", "auht", login)

    assert result.exit_code == 2
    assert "did you mean `auth`?" in result.stderr


def test_the_folder_diagrams_is_read_when_nothing_is_named(login, folder, seqtest) -> None:
    """As `seqtest run` does; without it there is nothing to read."""
    assert seqtest("check").stdout == "1 file read: 0 errors, 0 warnings\n"
    login.unlink()
    login.parent.rmdir()
    assert seqtest("check").exit_code == 2


def test_a_missing_file_was_not_read(folder, seqtest) -> None:
    """It does not count as a file read."""
    assert seqtest("check", "nowhere.puml").stdout.endswith("0 files read: 1 error, 0 warnings\n")


def test_a_file_whose_name_begins_like_an_option_is_read(login, folder, seqtest) -> None:
    """pytest, which is asked who is bound, is told that it is a file."""
    (folder / "-login.puml").write_text(login.read_text())

    result = seqtest("check", "--", "-login.puml")

    assert (result.exit_code, result.stdout) == (0, "1 file read: 0 errors, 0 warnings\n")


def test_a_file_that_is_not_there_is_told_with_a_near_one(login, seqtest) -> None:
    """Where none is near, the path is to be looked at."""
    near, far = seqtest("check", "diagrams/logn.puml"), seqtest("check", "elsewhere/x.puml")

    assert "do: did you mean `login.puml`?" in near.output
    assert "do: correct the path" in far.output
