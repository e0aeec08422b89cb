"""The picture of a run."""

from collections.abc import Callable
from dataclasses import replace

from seqtest.errors import Finding
from seqtest.exchange import Request
from seqtest.render.grid import width_of
from seqtest.render.happened import draw_run
from seqtest.trace import Bindings, Occurrence
from seqtest.verdict import Verdict

Run = Callable[..., Verdict]


def row(text: str, words: str) -> str:
    return next(line for line in text.split("\n") if words in line)


def test_each_arrow_shows_what_became_of_it(run: Run) -> None:
    """Told, passed and failed arrows have their marks and numbers, dividers and frames stay where they were."""
    text = draw_run(run(failures={2: Finding("SQ540", "another number", expected="300", got="600")}), width=120)

    assert row(text, "log in").startswith("·  1 ")
    assert row(text, "POST /oauth/token").startswith("✓  2 ")
    assert row(text, "another number").startswith("✗  3 ")
    assert "expected: 300" in text
    assert "┌ opt ─ again ─" in text
    assert "═ Use ═" in text
    assert "… 6 minutes later …" in text


def test_participants_under_test_have_heavy_heads(run: Run) -> None:
    """Who is bound can be seen."""
    text = draw_run(run(bound=frozenset({"auth"})))

    assert "┃ Auth server ┃" in text
    assert "│ Web client │" in text


def test_arrows_after_the_stop_are_not_reached(run: Run) -> None:
    """What did not happen is drawn all the same, as not reached."""
    verdict = run()
    stopped = run(contents=[o.content for o in verdict.trace.occurrences[:3]], refusal=Finding("SQ532", "stop"))
    text = draw_run(stopped)

    assert row(text, "GET /users/123").startswith("○  4 ")
    assert "│·" in row(text, "GET /users/123")


def test_the_actual_answer_is_shown(run: Run) -> None:
    """The label of an arrow that happened is what really came."""
    contents = [o.content for o in run().trace.occurrences]
    contents[5] = replace(contents[5], status=403)

    assert "403 Forbidden" in draw_run(run(contents=contents))


def test_what_is_drawn_of_a_message_is_shown_with_its_value(run: Run) -> None:
    """The drawn fields stand beside their arrow with the values that came, secrets cut."""
    text = draw_run(run(), width=130)

    assert "username=alice" in row(text, "POST /oauth/token")
    assert "expires_in=600" in row(text, "✓  3")
    assert "access_token=eyJhbGci…" in row(text, "✓  3")


def test_a_query_that_the_label_does_not_draw_is_not_spelled_out_there(run: Run) -> None:
    """Its drawn fields stand beside the arrow; the label says only that there is one."""
    text = draw_run(run())

    assert "GET /users/123?…" in text
    assert "code=" not in text


def test_a_message_that_is_not_drawn_is_drawn_in(run: Run) -> None:
    """A call too many is in the picture, heavy, where it came."""
    verdict = run()
    stranger = Occurrence(None, "auth", "client", Request("GET", "https://client.test/jwks"), 0.0, Bindings())
    occurrences = (*verdict.trace.occurrences[:2], stranger)
    refusal = Finding("SQ530", "auth sent client a message that is not drawn")
    text = draw_run(replace(verdict, trace=replace(verdict.trace, occurrences=occurrences, refusal=refusal)), width=120)

    assert row(text, "GET /jwks").startswith("!")
    assert "━" in row(text, "GET /jwks")
    assert "a message that is not drawn" in row(text, "GET /jwks")


def test_failures_stand_below_their_arrow_where_there_is_no_margin(run: Run) -> None:
    """In a narrow terminal no failure is lost, and no line is too long."""
    failed = run(failures={2: Finding("SQ540", "expires_in is another number than the drawn one", got="600")})
    for width in (100, 80, 66, 60, 50, 40, 30):
        text = draw_run(failed, width=width)

        assert max(width_of(line) for line in text.split("\n")) <= width
        assert "another" in text
        assert "600" in text


def test_a_call_to_nobody_goes_to_the_border(run: Run) -> None:
    """A call to an address that no participant has is an unexpected arrow to the right border, with its address."""
    verdict = run()
    stranger = Occurrence(None, "auth", "", Request("GET", "https://elsewhere.example/k"), 0.0, Bindings())
    refusal = Finding("SQ535", "auth called nobody")
    occurrences = (*verdict.trace.occurrences[:2], stranger)

    text = draw_run(replace(verdict, trace=replace(verdict.trace, occurrences=occurrences, refusal=refusal)), width=140)

    line = row(text, "https://elsewhere.example/k")
    below = text.split("\n")[text.split("\n").index(line) + 1]
    arrow = next(one for one in (line, below) if "►" in one)
    assert arrow.startswith("!")


def test_arrows_of_a_procedure_stand_where_it_was_called(run: Run) -> None:
    """All of them are written on the same lines; only those of a call inside a frame are drawn in it."""
    calls = "!procedure $ask($what)\na -> b : GET /$what\nb --> a : 200\n!endprocedure\n"
    text = f"{calls}$ask(x)\n$ask(y)\nopt sure\n$ask(y)\nend\n$ask(z)"
    drawn = draw_run(run(text, (None,) * 8)).split("\n")

    frames = [next(n for n, line in enumerate(drawn) if mark in line) for mark in ("┌ opt", "└───")]
    inside = [line.split("GET ")[1][:2] for line in drawn[slice(*frames)] if "GET" in line]
    outside = [line.split("GET ")[1][:2] for line in drawn[: frames[0]] if "GET" in line]
    assert (outside, inside) == (["/x", "/y"], ["/y"])


def test_answers_of_a_procedure_stand_in_the_frame_of_their_request(run: Run) -> None:
    """Those of both frames are the same text at the same place."""
    calls = "!procedure $ask($what)\na -> b : GET /$what\nb --> a : 200\n!endprocedure\n"
    drawn = draw_run(run(f"{calls}group one\n$ask(x)\nend\ngroup two\n$ask(z)\nend", (None,) * 4)).split("\n")

    marks = ("group", "GET", "200", "└──────────")
    assert [next(mark for mark in marks if mark in line) for line in drawn[4:-1]] == [*marks, *marks]


def test_arrows_of_a_procedure_stand_in_their_frame_in_every_round(run: Run) -> None:
    """Also where the same call comes again behind the loop."""
    calls = "!procedure $ask($what)\na -> b : GET /$what\nb --> a : 200\n!endprocedure\n"
    drawn = draw_run(run(f"{calls}loop 2 times\n$ask(x)\n$ask(y)\nend\n$ask(x)", (None,) * 10)).split("\n")

    end = next(n for n, line in enumerate(drawn) if "└───" in line and "loop" not in line and n > 4)
    assert [line.split("GET ")[1][:2] for line in drawn[:end] if "GET" in line] == ["/x", "/y", "/x", "/y"]
    assert [line.split("GET ")[1][:2] for line in drawn[end:] if "GET" in line] == ["/x"]
