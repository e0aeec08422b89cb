"""What of hygiene a kept run is warned of, and how it is left out."""

import pytest

FLOW = """\
@startuml long
participant web
participant auth <<authorization-server>>
note over auth
  users.alice.password = wonderland
  access_token.lifetime = 2 hours
end note
web -> auth : POST /token
note right
  grant_type = password
  client_id = web
  username = alice
  password = wonderland
end note
auth --> web : 200 OK {access_token: jwt}
@enduml
"""
CODE = "long-lived-access-token"


def test_a_kept_run_is_warned_of(bare, write) -> None:
    """With the place, the clause's advice and how to leave it out; it stays green."""
    write("long.puml", FLOW)

    result = bare.runpytest()

    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*long.puml:15:1: ?SQ715? an access token is good for 2 hours*-long-lived-access-*"])


def test_each_case_is_warned_of_what_it_shows_once(bare, write) -> None:
    """The token again at the API is no second warning."""
    drawn = FLOW.replace("note over", "participant api <<resource-server>>\nnote over", 1)
    use = "web -> api : GET /x\nnote right: Authorization: Bearer {access_token}\n"
    twice = drawn.replace("@enduml\n", use)
    write("long.puml", twice + "api --> web : 200 OK\n@enduml\n")

    result = bare.runpytest()

    result.assert_outcomes(passed=1, warnings=1)


@pytest.mark.parametrize("options", [(f"--seqtest-lint=-{CODE}",), ("--seqtest-lint=none",)])
def test_it_is_left_out_by_option(bare, write, options) -> None:
    """By name, or all of them."""
    write("long.puml", FLOW)

    bare.runpytest(*options).assert_outcomes(passed=1, warnings=0)


def test_it_is_left_out_by_ini_file_and_drawing(bare, write) -> None:
    """The command line comes behind the ini file; a note speaks for its participant's messages."""
    write("long.puml", FLOW)
    bare.makeini(f"[pytest]\naddopts = -p seqtest\nseqtest_lints = -{CODE} ropc-used\n")
    result = bare.runpytest()
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*?SQ737? the client sees the user's password*"])
    bare.runpytest("--seqtest-lint=-ropc-used").assert_outcomes(passed=1, warnings=0)

    bare.makeini("[pytest]\naddopts = -p seqtest\n")
    write("long.puml", FLOW.replace("2 hours", "2 hours\n  lint.long_lived_access_token = off"))
    bare.runpytest().assert_outcomes(passed=1, warnings=0)


def test_a_lint_that_there_is_not(bare, write) -> None:
    """Is a slip of the command line, with a suggestion."""
    write("long.puml", FLOW)

    result = bare.runpytest("--seqtest-lint=-long-lived-access-tokens")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is no lint*did you mean `long-lived-access-token`*"])


def test_a_broken_run_is_not_warned_of(bare, write) -> None:
    """What is wrong comes first."""
    write("long.puml", FLOW.replace("200 OK", "201 Created"))

    bare.runpytest().assert_outcomes(failed=1, warnings=0)
