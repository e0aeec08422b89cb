"""A small project to run pytest in: an application, who plays it, and flows of it."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

# pytest run in pytest forgets every module it was first to import. What is loaded here stays, with the parser's tables.
import seqtest.actors.resource_server
import seqtest.contents.ledger
import seqtest.diagram.read
import seqtest.pytest_plugin.collect
import seqtest.pytest_plugin.html
import seqtest.pytest_plugin.report
import seqtest.pytest_plugin.strangers
import seqtest.render.failure
import seqtest.run.drive
import seqtest.run.travel
import seqtest.scenario.expand
import seqtest.scenario.knowledge
import seqtest.syntax.directives
import seqtest.syntax.machine
import seqtest.syntax.preprocess
import seqtest.verdict.judge
from seqtest.source import Source

APP = """\
import seqtest


def app(environ, start_response):
    "Says hello, and 404 for all else."
    found = environ["PATH_INFO"] == "/hello"
    start_response("200 OK" if found else "404 Not Found", [("Content-Type", "application/json")])
    return [b'{"text": "hello"}' if found else b'{}']


@seqtest.plays("api")
def api():
    return app
"""

HELLO = """\
@startuml hello
title Saying hello
participant "The client" as client
participant api
client -> api : GET /hello
api --> client : 200 OK
note left
  text = hello
end note
@enduml
"""

BRANCHES = """\
@startuml branches
participant client
participant api
== Greeting ==
alt the greeting is there
  client -> api : GET /hello
  api --> client : 200 OK
else nothing is there
  client -> api : GET /nothing
  api --> client : 404 Not Found
else the drawing is wrong
  client -> api : GET /hello
  api --> client : 200 OK
  note left : text = goodbye
end
@enduml
"""

PLAIN = "@startuml\nAlice -> Bob : hi\nBob --> Alice : hi\n@enduml\n"
BROKEN = "@startuml broken\nparticipant api\nclient => api : GET /hello\n@enduml\n"

seqtest.scenario.expand.expand(seqtest.diagram.read.read(Source("hello.puml", HELLO))[0])


@pytest.fixture
def drawings() -> SimpleNamespace:
    """The drawings above, by name."""
    return SimpleNamespace(hello=HELLO, branches=BRANCHES, plain=PLAIN, broken=BROKEN)


@pytest.fixture
def bare(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty folder in which pytest has seqtest and no other plugin."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    # Before pytest 9: in one process with the tests, seqtest is imported already.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-W ignore::pytest.PytestAssertRewriteWarning")
    pytester.makeini("[pytest]\naddopts = -p seqtest\n")
    return pytester


@pytest.fixture
def project(bare: pytest.Pytester) -> pytest.Pytester:
    """A folder whose conftest binds `api`, and nothing else."""
    bare.makeconftest(APP)
    return bare


@pytest.fixture
def write(bare: pytest.Pytester) -> Callable[[str, str], Path]:
    """Writes a file into the project: `write("flows/hello.puml", HELLO)`."""

    def write(name: str, text: str) -> Path:
        path = bare.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write
