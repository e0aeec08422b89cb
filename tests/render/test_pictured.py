"""The run in the SVG picture."""

import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

from seqtest.errors import Finding
from seqtest.exchange import Request
from seqtest.render.mask import masker_of
from seqtest.render.pictured import draw_run_svg, extras_of, marks_of, noted
from seqtest.trace import Bindings, Occurrence
from seqtest.verdict import Verdict

Run = Callable[..., Verdict]


def states(verdict: Verdict) -> list[str]:
    masker = masker_of(verdict)
    diagram = noted(verdict, masker)
    marks = marks_of(verdict, diagram, masker)
    return [marks[message.span].state for message in diagram.messages() if message.span is not None]


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
