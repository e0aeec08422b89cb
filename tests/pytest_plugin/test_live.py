"""Live servers as participants, by the command line, the ini file and a conftest."""

from collections.abc import Iterator
from typing import Any

import pytest

from seqtest.cli.serving import Servers, scenario_of, serve
from seqtest.source import Source

DRAWN = "@startuml\na -> api : GET /hello\napi --> a : 200\n@enduml\n"
HELLO = """\
@startuml hello
participant client
participant api
client -> api : GET /hello
api --> client : 200 OK {text: hello}
@enduml
"""
LATER = HELLO.replace("@enduml", "... 6 minutes later ...\nclient -> api : GET /hello\napi --> client : 200\n@enduml")


def hello(request: Any) -> Any:
    return {"text": "hello"} if request.url.endswith("/hello") else 404


@pytest.fixture(scope="module")
def server() -> Iterator[Servers]:
    with serve(scenario_of(Source("x", DRAWN)), {"api": hello}, is_tls=True) as found:
        yield found


@pytest.fixture
def url(server: Servers) -> str:
    return server.served[0].url


@pytest.fixture
def ca(server: Servers) -> str:
    return f"--seqtest-ca={server.certificate}"


def test_by_the_command_line(bare, write, url, ca) -> None:
    """A base URL plays the participant; what it breaks is red."""
    write("hello.puml", HELLO)
    write("wrong/wrong.puml", HELLO.replace("text: hello", "text: goodbye"))

    bare.runpytest("hello.puml", f"--seqtest-bind=api={url}", ca).assert_outcomes(passed=1)
    result = bare.runpytest("wrong", f"--seqtest-bind=api={url}", ca)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*failed?SQ550?*", "*got:*text = ?hello?*"])


def test_without_its_certificate(bare, write, url) -> None:
    """There is no connection, and the message says which option helps."""
    write("hello.puml", HELLO)

    result = bare.runpytest(f"--seqtest-bind=api={url}")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*SQ418*", "*no TLS connection*", "*--seqtest-ca*"])


def test_by_the_ini_file(bare, write, url, server) -> None:
    """A certificate's path is from the ini file's folder."""
    write("tls/ca.pem", server.certificate.read_text())
    bare.makeini(f"[pytest]\naddopts = -p seqtest\nseqtest_bind = api={url}\nseqtest_ca = tls/ca.pem\n")
    write("flows/hello.puml", HELLO)

    bare.runpytest("flows").assert_outcomes(passed=1)


def test_by_a_conftest(bare, write, url, server) -> None:
    """A function returns the base URL, or says more about the server; the command line is stronger."""
    write("hello.puml", HELLO)
    write(
        "conftest.py",
        "import seqtest\n@seqtest.plays('api')\n"
        f"def api():\n    return seqtest.Live({url!r}, ca={str(server.certificate)!r}, timeout_seconds=5)\n",
    )
    bare.runpytest().assert_outcomes(passed=1)

    result = bare.runpytest("--seqtest-bind=api=http://127.0.0.1:1")

    result.stdout.fnmatch_lines(["*SQ418*", "*http://127.0.0.1:1*"])
    result.assert_outcomes(failed=1)


@pytest.mark.parametrize(
    ("binding", "words"),
    [
        ("api=https://alice:wonderland@127.0.0.1", "draw the credentials at their arrow"),
        ("api=ftp://127.0.0.1", "neither http nor https"),
        ("api=http://127.0.0.1?x=1", "a query or fragment"),
        ("api=http://", "no host in it"),
        ("api=nowhere", "NAME=MODULE:ATTRIBUTE or NAME=URL"),
    ],
)
def test_a_base_url_with_a_slip(bare, write, binding, words) -> None:
    """Is said before anything runs, without repeating its secrets."""
    write("hello.puml", HELLO)

    result = bare.runpytest(f"--seqtest-bind={binding}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    text = result.stdout.str() + result.stderr.str()
    assert words in text
    assert "wonderland" not in text


def test_another_machine(bare, write) -> None:
    """Is an error until it is allowed by name."""
    write("hello.puml", HELLO)

    result = bare.runpytest("--seqtest-bind=api=https://idp.invalid")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*SQ419*", "*--seqtest-allow-host idp.invalid*"])


def test_a_case_that_would_wait_too_long(bare, write, url, ca) -> None:
    """It is an error; skipped with its reason only where that is allowed, by option or ini file."""
    write("later.puml", LATER)
    options = (f"--seqtest-bind=api={url}", ca)

    result = bare.runpytest(*options)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*SQ421*wait 360 seconds*", "*6 minutes later*", "*at most 30 seconds*"])

    result = bare.runpytest(*options, "--seqtest-skip-waits", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*SKIPPED*wait 360 seconds*"])
    bare.makeini("[pytest]\naddopts = -p seqtest\nseqtest_skip_waits = true\nseqtest_wait = 3\n")
    bare.runpytest(*options).assert_outcomes(skipped=1)


@pytest.mark.parametrize("wait", ["soon", "-1", "nan", "inf"])
def test_a_wait_that_is_no_number(bare, write, wait) -> None:
    """Is a slip of the command line."""
    write("hello.puml", HELLO)

    result = bare.runpytest(f"--seqtest-wait={wait}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--seqtest-wait wants a number of seconds*"])
