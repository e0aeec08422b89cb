"""Values that a drawing leaves open: `{password}`."""

import pytest

FLOW = """\
@startuml
participant client
participant api
client -> api : GET /hello
note right : X-Text: {secret_word}
api --> client : 200 OK {text: "{secret_word}"}
@enduml
"""
ECHO = """\
import pytest
import seqtest

@seqtest.plays("api")
def api():
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        text = environ["HTTP_X_TEXT"]
        print(f"<{text}>")
        return [b'{"text": "%s"}' % text.encode()]
    return app
"""
FIXTURE = "@pytest.fixture\ndef secret_word():\n    return 'from-fixture'\n"


@pytest.fixture
def flow(bare, write, monkeypatch):
    """A folder with a flow that wants `{secret_word}`, and no source of it."""
    monkeypatch.delenv("SEQTEST_VAR_SECRET_WORD", raising=False)
    write("conftest.py", ECHO)
    write("flow.puml", FLOW)
    return bare


def test_a_value_nobody_gives_is_an_error(flow) -> None:
    """It is found before anything runs, at the place where it is wanted."""
    result = flow.runpytest("-rA")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error[[]SQ*secret_word*", "*--> flow.puml:5:*"])


def test_each_source_is_asked(flow, write, monkeypatch) -> None:
    """Command line, fixture, ini file, environment: the first that has it gives it."""
    ini = ("-o", "seqtest_vars=secret_word=from-ini")
    option = ("--seqtest-var", "secret_word=from-option")
    monkeypatch.setenv("SEQTEST_VAR_SECRET_WORD", "from-environment")

    assert "<from-environment>" in flow.runpytest("-s").stdout.str()
    assert "<from-ini>" in flow.runpytest("-s", *ini).stdout.str()
    write("conftest.py", ECHO + FIXTURE)
    assert "<from-fixture>" in flow.runpytest("-s", *ini).stdout.str()
    assert "<from-option>" in flow.runpytest("-s", *ini, *option).stdout.str()


def test_what_the_flow_gives_is_not_asked_from_outside(flow, write) -> None:
    """A participant's setting is the flow's own, and stronger than all of them."""
    write("conftest.py", ECHO + "@pytest.fixture\ndef secret_word():\n    raise RuntimeError('asked for')\n")
    setting = "participant api\nnote over client : secret_word = from-setting\n"
    write("flow.puml", FLOW.replace("participant api\n", setting))

    result = flow.runpytest("-s", "--seqtest-var", "secret_word=from-option")

    result.assert_outcomes(passed=1)
    assert "<from-setting>" in result.stdout.str()


def test_a_fixture_that_is_no_value_is_an_error(flow, write) -> None:
    """Only texts, numbers and truth values can stand in a drawing."""
    write("conftest.py", ECHO + "@pytest.fixture\ndef secret_word():\n    return object()\n")

    result = flow.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error[[]SQ452]: the fixture `secret_word` is no value*"])


def test_a_fixture_that_fails_is_not_passed_over(flow, write) -> None:
    """When the fixture itself lacks another, that is what is said."""
    write("conftest.py", ECHO + "@pytest.fixture\ndef secret_word(nowhere):\n    return 'x'\n")

    result = flow.runpytest("--seqtest-seed", "3")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error[[]SQ459]: there is no fixture `nowhere`*asking the fixture `secret_word`*"])
    result.stdout.fnmatch_lines(["*--> conftest.py:*", "*def secret_word(nowhere):*"])


def test_request_is_never_a_value(flow, write) -> None:
    """`{request}` does not hand out pytest's own."""
    write("flow.puml", FLOW.replace("secret_word", "request"))

    result = flow.runpytest()

    result.assert_outcomes(errors=1)
    assert "SQ452" not in result.stdout.str()


def test_an_option_without_a_name_is_a_wrong_command_line(flow) -> None:
    """It says what it should look like."""
    result = flow.runpytest("--seqtest-var", "hunter2")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--seqtest-var wants NAME=VALUE*"])


def test_an_unneeded_fixture_is_not_asked_for(project, write, drawings) -> None:
    """A fixture named like something that the flow knows itself stays unused."""
    write("sub/conftest.py", "import pytest\n@pytest.fixture\ndef text():\n    raise RuntimeError('asked for')\n")
    write("sub/hello.puml", drawings.hello)

    project.runpytest().assert_outcomes(passed=1)
