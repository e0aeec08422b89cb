"""The run in the SVG picture."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from seqtest.errors import Finding
from seqtest.exchange import Request, Response, Result
from seqtest.render.mask import masker_of
from seqtest.render.pictured import draw_run_svg, extras_of, marks_of, noted
from seqtest.render.svg.mark import Mark
from seqtest.source import Source, Span
from seqtest.trace import Bindings, Occurrence
from seqtest.verdict import Verdict

Run = Callable[..., Verdict]


def states(verdict: Verdict) -> list[str]:
    masker = masker_of(verdict)
    diagram = noted(verdict, masker)
    marks = marks_of(verdict, diagram, masker)
    return [marks[message.span.item].state for message in diagram.messages() if message.span is not None]


def test_every_message_is_marked(run: Run) -> None:
    """Each arrow of the drawing carries what became of it."""
    assert states(run(failures={2: Finding("SQ540", "x")})) == ["told", "passed", "failed", "passed", "passed"]


def test_what_did_not_happen_is_not_reached(run: Run) -> None:
    """After a stop the rest of the drawing is there, unreached."""
    contents = [o.content for o in run().trace.occurrences[:2]]

    assert states(run(contents=contents)) == ["told", "passed", "not reached", "not reached", "not reached"]


def test_a_failure_says_expected_and_got(run: Run) -> None:
    """The mark holds the words that stand beside the arrow."""
    verdict = run(failures={2: Finding("SQ540", "another number", expected="300", got="600")})
    masker = masker_of(verdict)
    diagram = noted(verdict, masker)
    texts = [mark.text for mark in marks_of(verdict, diagram, masker).values() if mark.state == "failed"]

    assert texts == ["another number\nexpected 300\ngot 600"]


def test_a_message_that_is_not_drawn_follows_the_last_drawn_one(run: Run) -> None:
    """A call too many stands where it came."""
    verdict = run(contents=[o.content for o in run().trace.occurrences[:2]])
    stranger = Occurrence(None, "auth", "client", Request("GET", "https://client.test/jwks"), 0.0, Bindings())
    verdict = replace(verdict, trace=replace(verdict.trace, occurrences=(*verdict.trace.occurrences, stranger)))
    masker = masker_of(verdict)
    (extra,) = extras_of(verdict, noted(verdict, masker), masker)

    assert (extra.sender, extra.receiver, extra.label) == ("auth", "client", "GET /jwks")
    assert extra.after is not None
    assert extra.after.line == 9


def test_the_picture_has_the_real_values_and_no_secret(run: Run, secrets: tuple[str, ...]) -> None:
    """Values stand in the author's notes; secrets are cut there as everywhere."""
    svg = draw_run_svg(run(failures={2: Finding("SQ540", f"got {secrets[0]}")}))
    text = " ".join(ElementTree.fromstring(svg).itertext())

    assert "600" in text
    assert "eyJhbGci…" in text
    assert [secret for secret in secrets if secret in svg] == []


def test_the_layout_is_the_authors(run: Run) -> None:
    """The same participants in the same order, the same messages in the same rows."""
    verdict = run()
    before, after = verdict.script.scenario.diagram, noted(verdict, masker_of(verdict))

    assert after.participants == before.participants
    assert [(m.text, m.arrow) for m in after.messages()] == [(m.text, m.arrow) for m in before.messages()]


def test_equal_runs_give_equal_pictures(run: Run) -> None:
    """Nothing measured is in the picture."""
    assert draw_run_svg(run()) == draw_run_svg(run())
    assert not re.search(r"\bnan\b", draw_run_svg(run()))


BRANCHES = """\
@startuml branches
participant client
participant api <<resource-server>>
client -> api : GET /users/{id}
api --> client : 200 OK
alt the token is good
  ... 2 days later ...
  note over client : user = alice
  client -> api : GET /hello
  api --> client : 200 OK
  client -> api : GET /hello
  api --> client : 200 OK
  client -> api : GET /hello
  api --> client : 200 OK
else it is not
  ... 1 minute later ...
  client -> api : GET /hello
  note right : why = because
  api --> client : 401 Unauthorized
  opt again
    client -> api : GET /again
    api --> client : 200 OK
  end
end
@enduml
"""


def marked(verdict: Verdict) -> dict[int, Mark]:
    """The marks of a run's picture by their lines."""
    masker = masker_of(verdict)
    return {line: mark for (_, line, _, _), mark in marks_of(verdict, noted(verdict, masker), masker).items()}


def first_case(run: Run, count: int = 10, status: int = 200, **more: Any) -> Verdict:
    """A run of the first operand of `BRANCHES`: so many messages, the answers with that status, two days' pause."""
    hello = [Request("GET", "https://api.test/hello"), Response(status)]
    contents = [Request("GET", "https://api.test/users/123"), Response(status), None, Result(), *hello * 3]
    verdict = run(BRANCHES, contents[:count], bound=frozenset({"api"}), **more)
    assert [step.kind for step in verdict.script.scenario.steps][2:4] == ["delay", "state"]
    late = [replace(o, at=o.at + 172_800 * (index > 2)) for index, o in enumerate(verdict.trace.occurrences)]
    return replace(verdict, trace=replace(verdict.trace, occurrences=tuple(late)))


def test_the_way_that_was_not_taken_is_not_reached(run: Run) -> None:
    """The guard, the pause, the arrows and their notes of the other operand, and what is nested in it."""
    marks = marked(first_case(run))

    assert {line for line, mark in marks.items() if mark.state == "not reached"} == {15, 16, 17, 18, 19, 20, 21, 22}
    assert 6 not in marks


def test_the_clocks_moves_stand_beside_their_pause(run: Run) -> None:
    """How far, from when to when, with the date where it is another day."""
    marks = marked(first_case(run))

    assert marks[7].text == "clock + 2 days 2 seconds: 22:13:21 → 2023-11-16 22:13:23 UTC"


def test_a_path_drawn_by_a_name_is_shown_with_its_value(run: Run) -> None:
    """`GET /users/{id}` says beside it which user it was; a label without names says nothing twice."""
    marks = marked(first_case(run))

    assert marks[4].text == "GET /users/123"
    assert marks[9].text == ""


def test_a_label_that_says_its_body_has_nothing_beside_it(run: Run) -> None:
    """`{error: invalid_grant}` is no name."""
    text = "@startuml x\nclient -> api : GET /x\napi --> client : 400 {error: invalid_grant}\n@enduml\n"
    answer = Response(400, body=b'{"error": "invalid_grant"}')
    marks = marked(run(text, [Request("GET", "https://api.test/x"), answer], bound=frozenset({"api"})))

    assert marks[3].text == ""


def test_a_state_note_has_what_became_of_it(run: Run) -> None:
    """A note that checks a participant's state is marked like an arrow."""
    wrong = Finding("SQ550", "`user` is not as drawn", expected="alice", got="bob")

    assert marked(first_case(run))[8].state == "passed"
    assert marked(first_case(run, 2))[8].state == "not reached"
    assert marked(first_case(run, failures={3: wrong}))[8].text == "`user` is not as drawn\nexpected alice\ngot bob"


def test_what_stopped_the_run_is_said_at_its_arrow(run: Run) -> None:
    """A wrong status, at the answer that had it, before whatever else is wrong with it."""
    span = Span(5, 1, 5, 20, Source("flows/login.puml", BRANCHES))
    refusal = Finding("SQ532", "api answered 500", span, expected="200 OK", got="500")
    marks = marked(first_case(run, 2, 500, refusal=refusal))

    assert marks[5] == Mark("failed", "api answered 500\nexpected 200 OK", (1,))


def test_an_arrow_knows_where_it_happened(run: Run) -> None:
    """Each arrow of the picture names its places in the trace."""
    svg = draw_run_svg(first_case(run))

    assert re.findall(r'data-line="(\d+)" data-state="passed" data-occurrences="(\d+)"', svg) == [
        ("4", "0"),
        ("5", "1"),
        *((str(index + 5), str(index)) for index in range(4, 10)),
    ]


def test_a_secret_that_begins_like_markup_breaks_no_picture(run: Run) -> None:
    """Where the shown part of a secret would be read as something else, a word stands in its place."""
    secret = "{{ 7 * 7 }}"
    text = f"@startuml x\ntitle {secret}\nclient -> api : GET /x\napi --> client : 200 OK\n@enduml\n"
    answer = Response(200, body=json.dumps({"access_token": secret}).encode())
    svg = draw_run_svg(run(text, [Request("GET", "https://api.test/x"), answer], bound=frozenset({"api"})))

    assert secret not in svg
    assert ">hidden<" in svg


def test_a_message_is_whole_where_it_is_pointed_at(run: Run, secrets: tuple[str, ...]) -> None:
    """Status, headers, body, when it was on the run's clock, and the token opened; no secret."""
    root = ElementTree.fromstring(draw_run_svg(run()))
    titles = [title.text or "" for title in root.iterfind(".//{*}g/{*}title")]
    answer = next(text for text in titles if text.startswith("200 OK"))

    assert len(titles) == 4
    assert "Content-Type: application/json" in answer
    assert '"expires_in": 600' in answer
    assert "at 2023-11-14 22:13:22 UTC" in answer
    assert "sub = 123" in answer
    assert [secret for secret in secrets for text in titles if secret in text] == []


def test_a_page_has_the_messages_beside_the_picture(run: Run) -> None:
    """There the arrows take the focus, and nothing is said twice."""
    root = ElementTree.fromstring(draw_run_svg(run(), is_interactive=True))

    assert root.findall(".//{*}g/{*}title") == []
    assert len(root.findall(".//{*}g[@tabindex='0']")) == 5


PROCEDURE = """
!procedure $ask($what, $answer)
a -> b : GET /hello
note right : Accept: $what
b --> a : $answer
!endprocedure
$ask("x", "200 OK")
$ask("y", "401 Unauthorized")
$ask("y", "200 OK")
"""


def asked(accepted: str) -> list[Request | Response]:
    """A call of the procedure for each letter."""
    answer = Response(200, (), b"")
    return [one for what in accepted for one in (Request("GET", "https://b.test/", (("Accept", what),)), answer)]


def test_arrows_of_a_procedure_are_marked_one_by_one(run: Run) -> None:
    """They stand on the same lines of the source, and each call's became something else."""
    verdict = run(PROCEDURE, asked("xy"), {3: Finding("SQ540", "another status")}, frozenset({"b"}))

    assert states(verdict) == ["passed", "passed", "passed", "failed", "not reached", "not reached"]


@pytest.mark.parametrize(("sent", "shown"), [("yyy", "→ y"), ("xyy", ""), ("yy", "")])
def test_values_of_a_procedure_are_shown_where_all_calls_had_them(run: Run, sent: str, shown: str) -> None:
    """Its line stands for every call: what came in one of them is not said of the others."""
    verdict = run(PROCEDURE.replace("Accept: $what", "Accept present"), asked(sent), bound=frozenset({"a"}))
    notes = [message.notes[0].text for message in noted(verdict, masker_of(verdict)).messages() if message.notes]

    assert len(notes) == 3
    assert all((shown in note) if shown else note == "Accept present" for note in notes)
