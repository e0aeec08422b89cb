"""What a reader sees of a broken flow."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from seqtest.errors import Finding
from seqtest.exchange import Headers, Request, Response
from seqtest.render.failure import MOST_FINDINGS, failure, findings, users_traceback
from seqtest.render.grid import ansi
from seqtest.render.mask import Masker
from seqtest.render.token import tokens_in
from seqtest.scenario.duration import in_units
from seqtest.trace import Bindings, Occurrence
from seqtest.verdict import Verdict

Run = Callable[..., Verdict]
BROKEN = {2: Finding("SQ540", "expires_in is another number", expected="300", got="600")}


def users_view() -> None:
    raise LookupError("no such user: alice")


def raised(call: Callable[[], object] = users_view) -> BaseException:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever the user's code raises
        return error
    raise AssertionError


def test_a_kept_run_has_nothing_to_say(run: Run) -> None:
    """There is no failure text for a green run."""
    assert failure(run()) == ""


def test_a_failure_tells_the_whole_story(run: Run) -> None:
    """The finding, the messages on the wire, the opened token, the picture and the command to replay are all there."""
    text = failure(run(failures=BROKEN))

    for piece in (
        "failed[SQ540]: expires_in is another number",
        "flows/login.puml:14:1",
        "step 3, auth --> client : 200 OK",
        "> POST /oauth/token",
        "> username = alice",
        '<   "expires_in": 600',
        "access_token eyJhbGci… opened",
        "expired 1 minute 2 seconds ago",
        "sub = 123",
        "── what happened ──",
        "replays just this case",
    ):
        assert piece in text


def test_the_command_that_replays_is_whole(run: Run) -> None:
    """A password that is a word of the file's name or the guard's is cut from the advice, not from the command."""
    do = "draw `wonderland`\npytest 'flows/wonderland.puml::password-is-wonderland'   replays just this case"

    text = findings([Finding("SQ550", "wonderland", do=do)], masker=Masker(["wonderland"]))

    assert "pytest 'flows/wonderland.puml::password-is-wonderland'   replays just this case" in text
    assert "draw `wo…`" in text


def test_a_failure_in_one_line(run: Run) -> None:
    """`--tb=line` gets the place and the headline."""
    assert failure(run(failures=BROKEN), detail="line") == (
        "flows/login.puml:14:1: failed[SQ540]: expires_in is another number"
    )


def test_a_short_failure_is_its_findings(run: Run) -> None:
    """`--tb=short` leaves out messages and picture."""
    text = failure(run(failures=BROKEN), detail="short")

    assert "expires_in is another number" in text
    assert "what happened" not in text


def test_the_users_traceback_is_shown(run: Run) -> None:
    """An exception of the app is shown with the user's frames, none of ours."""
    contents = [o.content for o in run().trace.occurrences]
    contents[5] = Response(500, cause=raised())
    text = failure(run(contents=contents, failures={5: Finding("SQ532", "auth answered 500")}))

    assert "auth raised LookupError" in text
    assert "in users_view" in text
    assert "LookupError: no such user: alice" in text
    assert "seqtest/render/" not in text


def test_a_drawn_5xx_needs_no_traceback(run: Run) -> None:
    """Where the drawing asks for a 500, an exception is how the app kept its promise."""
    arrows = ("client -> auth : GET /x", "auth --> client : 500", "client -> auth : GET /y", "auth --> client : 200")
    drawing = "\n".join(("@startuml", *arrows, "@enduml", ""))
    get = Request("GET", "https://auth.test/x")
    contents = [get, Response(500, cause=raised()), get, Response(200)]
    text = failure(run(drawing, contents, failures={3: Finding("SQ540", "something else")}))

    assert text
    assert "Traceback" not in text


def test_library_frames_are_left_out_but_the_one_that_raised() -> None:
    """Between the user's frames and the error stands at most the library's last frame."""

    def view() -> None:
        json.loads("{")

    lines = users_traceback(raised(view))

    assert sum("File " in line for line in lines) == 3
    assert "in view" in "\n".join(lines)
    assert lines[-1].startswith("json.decoder.JSONDecodeError")


def test_many_findings_are_counted_not_listed() -> None:
    """A flow with a hundred broken promises is still readable."""
    text = findings([Finding("SQ540", f"number {n}") for n in range(100)])

    assert f"number {MOST_FINDINGS - 1}" in text
    assert f"number {MOST_FINDINGS}" not in text
    assert f"{100 - MOST_FINDINGS} more" in text


def test_the_excerpt_of_the_drawing_is_masked(run: Run) -> None:
    """A password that the author wrote out is not repeated in the excerpt."""
    verdict = run()
    source = verdict.script.scenario.diagram.source
    assert source is not None
    finding = Finding("SQ540", "x", verdict.script.scenario.steps[1].span)
    text = findings([finding], masker=Masker(["/oauth/token"]))

    assert "/oauth/token" not in text
    assert "POST /oa…" in text


def test_colours_are_the_styles_business(run: Run) -> None:
    """The same text with colours says the same words."""
    import re

    broken = run(failures=BROKEN)

    assert re.sub(r"\x1b\[[\d;]*m", "", failure(broken, style=ansi)) == failure(broken)


def test_a_token_that_cannot_be_opened_says_why(run: Run) -> None:
    """Something that looks like a token and is none is named, not hidden."""
    contents = [o.content for o in run().trace.occurrences]
    contents[2] = replace(contents[2], body=b'{"access_token": "eyJhbGciOi.not-a-token.x"}')

    assert "cannot be opened" in failure(run(contents=contents, failures=BROKEN))


def test_a_message_that_is_not_drawn_is_laid_out_first(run: Run) -> None:
    """What stopped the run is the first thing to look at, drawn or not."""
    contents = [o.content for o in run().trace.occurrences[:2]]
    verdict = run(contents=contents, refusal=Finding("SQ530", "auth sent client a message that is not drawn"))
    stranger = Occurrence(None, "auth", "client", Request("GET", "https://client.test/jwks"), 0.0, Bindings())
    text = failure(replace(verdict, trace=replace(verdict.trace, occurrences=(*verdict.trace.occurrences, stranger))))

    assert text.index("── not drawn, auth -> client") < text.index("> GET /jwks") < text.index("── what happened")


def test_where_an_answer_never_came_the_last_message_is_shown(run: Run) -> None:
    """The arrow at fault did not happen: what happened before it is what there is to see."""
    contents = [o.content for o in run().trace.occurrences[:2]]
    steps = run().script.scenario.steps
    text = failure(run(contents=contents, refusal=Finding("SQ534", "missing", steps[2].span)))

    assert "── step 3, auth --> client : 200 OK" in text
    assert "> POST /oauth/token" in text


def test_a_token_is_shown_once(run: Run) -> None:
    """Where the token stands opened, its finding does not hold it on one long line as well."""
    finding = Finding("SQ550", "`sub` is not as drawn", detail='header: {"alg": "RS256"}\nclaims: {"sub": "123"}')

    assert "claims: {" not in failure(run(failures={2: finding}))
    assert "claims: {" in failure(run(failures={2: finding}), detail="short")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (1, "1 second"), (60, "1 minute"), (7500, "2 hours 5 minutes"), (90000, "1 day 1 hour")],
)
def test_durations_read_well(seconds: float, words: str) -> None:
    """A length of time is said in its two largest units."""
    assert in_units(seconds) == words


def test_a_call_to_nobody_names_the_address(run: Run) -> None:
    """Where a call went that no participant has the address of is said, without a password that stood in it."""
    verdict = run(refusal=Finding("SQ535", "auth called somebody"))
    content = Request("GET", "https://eve:hunter2hunter2@elsewhere.example/keys?x=1")
    stranger = Occurrence(None, "auth", "", content, 0.0, Bindings())

    text = failure(replace(verdict, trace=replace(verdict.trace, occurrences=(*verdict.trace.occurrences, stranger))))

    assert "── not drawn, auth -> https://elsewhere.example ──" in text
    assert "hunter2hunter2" not in text


def test_a_session_in_a_cookie_is_no_token() -> None:
    """Flask's is JSON, its time and a signature; a token in a cookie is one."""
    session, token = "eyJ1c2VyIjogImFsaWNlIn0.aStx9w.fR3kJ0cHn1uVw7", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.AAAA"

    def found(value: str) -> list[str]:
        return [
            one for _, one in tokens_in(Response(200, Headers([("Set-Cookie", f"session={value}; HttpOnly")]), b""))
        ]

    assert found(session) == []
    assert found(token) == [token]


def test_a_body_that_is_a_token() -> None:
    """As a whole, not within other words, and not twice."""
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.AAAA"

    def found(text: str, kind: str = "application/jwt") -> list[tuple[str, str]]:
        return list(tokens_in(Response(200, Headers([("Content-Type", kind)]), text.encode())))

    assert found(token) == [("body", token)]
    assert found(f"{token}\n") == [("body", token)]
    assert found(f"{token} and more") == []
    assert found("{}", "application/json") == []
