"""Bad input of every sort, as a user sees it; the texts are goldens in tests/cases/messages."""

import re
from collections.abc import Callable

import pytest

CONFTEST = """\
import seqtest


def answering(body, kind="application/json"):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", kind)])
        return [body]

    return app


def raising(environ, start_response):
    secret = "hidden"
    raise ValueError("the database is gone")


PLAYERS = {
    "fine": answering(b'{"token": "t-1", "expires_in": 300}'),
    "raises": raising,
    "no-json": answering(b"<html>oops</html>", "text/html"),
    "no-jwt": answering(b'{"token": "not.a-token"}'),
    "no-field": answering(b"<form method=post><input name=login></form>", "text/html"),
}


@seqtest.plays("api")
def api(request):
    return PLAYERS.get(request.node.nodeid.partition(".puml")[0], PLAYERS["fine"])
"""
FLOW = (
    "@startuml\nparticipant client\nparticipant api\nclient -> api : GET /token\napi --> client : 200 OK\n{0}@enduml\n"
)
NOTE = "note left\n  {0}\nend note\n"

DRAWINGS = {
    "unreadable": "@startuml\nparticipant api\nalt fresh\nclient => api : GET /token\n@enduml\n",
    "not-closed": "@startuml\nparticipant api\nnote over api\n  x = 1\n@enduml\n",
    "unknown-kind": FLOW.format("").replace("participant client", "participant client <<cliennt>>"),
    "no-check": FLOW.format(NOTE.format("expires_in is 300")),
    "no-type": FLOW.format(NOTE.format("token : jwtt")),
    "unbound": FLOW.format("").replace("api", "elsewhere"),
    "no-answer": FLOW.format("").replace("api --> client : 200 OK\n", ""),
    "unknown-value": FLOW.format(NOTE.format("token = {other_token}")),
    "raises": FLOW.format(""),
    "no-json": FLOW.format(NOTE.format("token")),
    "no-jwt": FLOW.format(NOTE.format("token : jwt")),
    "no-field": FLOW.format(
        "client -> api : POST {form}\n" + NOTE.format("logn = alice") + "api --> client : 200 OK\n"
    ).replace("participant client", "participant client <<browser>>"),
    "another-value": FLOW.format(NOTE.format("expires_in = 600")),
}


def said(result: pytest.RunResult) -> str:
    """What stands between pytest's rules: the message, to the next of them."""
    lines = result.stdout.str().splitlines()
    start = next(place for place, line in enumerate(lines) if re.match(r"(error|failed)\[SQ", line))
    end = next(place for place in range(start, len(lines)) if lines[place].startswith("===="))
    return "\n".join(line.rstrip() for line in lines[start:end]).rstrip() + "\n"


@pytest.mark.parametrize("name", DRAWINGS)
def test_bad_input_is_told(name: str, bare, write, golden: Callable[[str, str], None]) -> None:
    """Place, what was expected and what came, and what to do; another flow beside it still runs."""
    write("conftest.py", CONFTEST)
    write(f"{name}.puml", DRAWINGS[name])
    write("zz-fine.puml", FLOW.format(""))
    named = [f"{name}.puml", "zz-fine.puml"]

    result = bare.runpytest(*named, "-o", "seqtest_start=2026-01-31T12:00:00Z")

    assert result.parseoutcomes().get("passed") == 1, result.stdout.str()
    text = said(result).replace(str(bare.path), "<project>")
    assert f"{name}.puml:" in text
    assert "seqtest/run" not in text
    golden(f"messages/{name}.txt", text)
