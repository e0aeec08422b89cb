"""A participant that hangs, as a user of pytest meets it."""

import pytest

HANGING = """\
import threading

import seqtest


def app(environ, start_response):
    threading.Event().wait()


@seqtest.plays("api")
def api():
    return app
"""


@pytest.fixture
def hanging(bare, write, drawings):
    """A project whose application never answers, with two flows."""
    bare.makeconftest(HANGING)
    write("flows/a.puml", drawings.hello)
    write("flows/b.puml", drawings.hello)
    return bare


@pytest.mark.parametrize("way", [("--seqtest-timeout", "0.2"), ("-o", "seqtest_timeout=0.2")])
def test_the_next_flow_runs_all_the_same(hanging, way: tuple[str, str]) -> None:
    """Each is red by itself, with the arrow and the line that waits, and without a stack trace."""
    result = hanging.runpytest(*way)

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "failed?SQ542?: api did not come back within 0.2 s: client -> api : GET /hello",
            "*--> flows/a.puml:5:1",
            "*got: *code that waits at conftest.py:7 in app",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*seqtest/run*")


@pytest.mark.parametrize("value", ["soon", "-1", "nan"])
def test_a_limit_that_is_none_is_a_wrong_command_line(hanging, value: str) -> None:
    """Before anything runs."""
    result = hanging.runpytest(f"--seqtest-timeout={value}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--seqtest-timeout wants a number of seconds, got '{value}'*"])
