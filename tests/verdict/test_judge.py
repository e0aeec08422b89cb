"""Judging: what a trace is worth, whatever the player says of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from seqtest.diagram import Diagram
from seqtest.diagram.expectation import Expectation, Promise, StatusLine
from seqtest.errors import Finding
from seqtest.exchange import Action, Lost, Request, Response, Result
from seqtest.scenario import OptionalIteration, Scenario, Script, Step
from seqtest.source import Source, Span
from seqtest.trace import Bindings, Occurrence, Trace
from seqtest.verdict import Verdict
from seqtest.verdict.judge import judge, summary

SOURCE = Source(
    "flows/login.puml",
    "a -> b : GET /x\nb --> a : 200 OK\nnote left\n  sub = 1\nend note\na -> b : GET /y\nb --> a : 200 OK\n",
)
LINES = (1, 2, 6, 7)


@dataclass(frozen=True)
class Told:
    failures: tuple[Finding, ...] = ()
    checks: int = 1

    def check(self, content: Any, bindings: Any, request: Any, ledger: Any) -> "Told":
        ledger.seen.append((content, request))
        return self


@dataclass
class Ledger:
    open_ends: Sequence[Finding] = ()
    seen: list[Any] = field(default_factory=list)

    def close(self) -> Sequence[Finding]:
        return self.open_ends


def steps() -> tuple[Step, ...]:
    kinds = ("request", "response", "request", "response")
    return tuple(
        Step(
            index, kind, *("ab" if kind == "request" else "ba"),  # type: ignore[arg-type]
            call=index - index % 2, after=(index - 1,) if index else (), text=SOURCE.line(LINES[index]).split(" : ")[1],
            span=Span.at(SOURCE, LINES[index], 1, 15),
        )
        for index, kind in enumerate(kinds)
    )  # fmt: skip


SCENARIO = Scenario("login", "login", Diagram("login", (), (), source=SOURCE), (), steps())
CONTENTS = (Request("GET", "https://b.test/x"), Response(200), Request("GET", "https://b.test/y"), Response(200))
KEPT = (Told(), Told(), Told(), Told())


def trace(count: int = 4, **more: Any) -> Trace:
    occurrences = tuple(
        Occurrence(
            step.index,
            step.sender,
            step.receiver,
            CONTENTS[step.index],
            0.0,
            Bindings(),
            step.call if step.index % 2 else None,
        )
        for step in SCENARIO.steps[:count]
    )
    return Trace("login", occurrences, **{"is_finished": count == 4, **more})


def verdict(
    happened: Trace, contents: Sequence[Told] = KEPT, bound: str = "b", ledger: Ledger | None = None, **more: Any
) -> Verdict:
    scenario = more.pop("scenario", SCENARIO)
    return judge(Script(scenario, frozenset(bound)), happened, contents, ledger or Ledger(), **more)


def test_a_finished_run_without_failures_is_kept() -> None:
    """A run that finished, with every promise kept, is green and says how much it proved."""
    kept = verdict(trace())

    assert kept.is_kept
    assert (kept.arrows_seen, kept.arrows_told, kept.checks_made) == (4, 0, 4)


def test_each_answer_is_checked_with_its_request() -> None:
    """Contents see the message that an answer answers."""
    ledger = Ledger()
    verdict(trace(), ledger=ledger)

    assert [request for _, request in ledger.seen] == [None, CONTENTS[0], None, CONTENTS[2]]


def test_a_run_that_the_player_did_not_finish_is_broken() -> None:
    """Without `Finish` a run is never green, even if everything that happened was right."""
    broken = verdict(trace(is_finished=False))

    assert not broken.is_kept
    assert [finding.code for finding in broken.failures] == ["SQ501"]


@pytest.mark.parametrize("missing", range(4))
def test_a_finished_run_that_lacks_a_step_is_broken(missing: int) -> None:
    """The player's word is not enough: every drawn arrow must be in the trace."""
    whole = trace()
    kept = tuple(replace(o, request=None) for o in whole.occurrences if o.step != missing)
    broken = verdict(replace(whole, occurrences=kept))

    assert not broken.is_kept
    assert broken.failures[0].code == "SQ502"
    assert broken.failures[0].got == "it did not happen"


def test_an_arrow_that_happened_twice_is_broken() -> None:
    """Every arrow happens exactly once."""
    whole = trace()

    assert not verdict(replace(whole, occurrences=(*whole.occurrences, whole.occurrences[-1]))).is_kept


def test_arrows_out_of_order_are_broken() -> None:
    """An arrow that happened before the one it follows fails."""
    first, second, third, fourth = trace().occurrences
    swapped = (replace(third, request=None), replace(fourth, request=0), first, replace(second, request=2))
    broken = verdict(replace(trace(), occurrences=swapped))

    assert [finding.got for finding in broken.failures] == ["it happened before step 2"]


def test_a_message_that_is_not_drawn_is_broken() -> None:
    """A message on no step fails, after the last drawn one."""
    whole = trace()
    stranger = Occurrence(None, "b", "a", Request("GET", "https://a.test/jwks"), 0.0, Bindings())
    broken = verdict(replace(whole, occurrences=(*whole.occurrences, stranger)))

    assert [(finding.code, finding.got) for finding in broken.failures] == [("SQ503", "GET /jwks")]
    assert str(broken.failures[0].span) == "flows/login.puml:7:1"


def test_an_optional_iteration_may_be_missing_as_a_whole() -> None:
    """A ranged loop's iteration may be left out, but not half of it."""
    loop = replace(SCENARIO, optional=(OptionalIteration(0, 0, (2, 3)),))

    assert verdict(trace(2, is_finished=True), scenario=loop).is_kept
    assert not verdict(trace(3, is_finished=True), scenario=loop).is_kept


def test_nothing_tested_is_not_a_pass() -> None:
    """A finished run in which no arrow touched a bound participant is broken."""
    told = verdict(trace(), bound="z")

    assert not told.is_kept
    assert (told.arrows_seen, told.arrows_told) == (0, 4)
    assert [finding.code for finding in told.failures] == ["SQ504"]


def test_failures_come_in_drawing_order_with_their_arrow() -> None:
    """Each broken promise names its own line, its arrow and its step, the earlier arrow's first."""
    late = Finding("SQ540", "late", Span.at(SOURCE, 7, 1, 3))
    early = Finding("SQ541", "early", Span.at(SOURCE, 4, 3, 7))
    broken = verdict(trace(), (Told(), Told((early,)), Told(), Told((late,))))

    assert [finding.message for finding in broken.failures] == ["early", "late"]
    assert [str(span) for span, _ in broken.failures[0].also] == ["flows/login.puml:2:1"]
    assert broken.failures[0].also[0][1] == "step 2"
    assert broken.failures[1].label == "step 4"
    assert [step.state for step in broken.steps] == ["passed", "failed", "passed", "failed"]
    assert broken.arrows_seen == 4


def test_a_failure_says_how_to_replay_it() -> None:
    """Every failure is marked as one and ends with the command that runs just this case."""
    broken = verdict(trace(), (Told((Finding("SQ540", "x", do="look"),)), *KEPT[1:]), command="pytest x")

    assert broken.failures[0].severity == "failed"
    assert broken.failures[0].do == "look\npytest x   replays just this case"
    assert "pytest 'flows/login.puml::login'" in verdict(trace(0)).failures[0].do


def test_the_refusal_comes_where_it_is_drawn_and_marks_its_step() -> None:
    """What broke before it comes first, since it often is why the run stopped; the step it points at failed."""
    refusal = Finding("SQ532", "b answered 401", SCENARIO.steps[3].span)
    soft = Finding("SQ540", "soft", SCENARIO.steps[1].span)
    broken = verdict(trace(3, refusal=refusal), (Told(), Told((soft,)), Told(), Told()))

    assert [finding.message for finding in broken.failures] == ["soft", "b answered 401"]
    assert [step.state for step in broken.steps] == ["passed", "failed", "passed", "failed"]


def test_steps_after_the_refusal_are_not_reached() -> None:
    """What did not happen after a stop is neither passed nor failed."""
    broken = verdict(trace(1, refusal=Finding("SQ532", "x", SCENARIO.steps[1].span)))

    assert [step.state for step in broken.steps] == ["passed", "failed", "not reached", "not reached"]


def test_an_equation_still_open_at_the_end_fails() -> None:
    """What the ledger still waits for when the run is over is a failure."""
    broken = verdict(trace(), ledger=Ledger((Finding("SQ550", "code_verifier was never seen"),)))

    assert [finding.code for finding in broken.failures] == ["SQ550"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (Request("GET", "https://a.test"), "GET /"),
        (Response(404), "404"),
        (Action("find alice"), "find alice"),
        (Result("Alice"), "Alice"),
        (Result(), ""),
        (Result(error="NotFound"), "error: NotFound"),
        (Lost(), "lost"),
        (None, ""),
    ],
)
def test_a_message_in_a_few_words(content: Any, words: str) -> None:
    """Every kind of message can be named without its contents."""
    assert summary(content) == words


def test_a_stranger_that_stopped_the_run_is_said_once() -> None:
    """The refusal says what came; no step is blamed for it."""
    stranger = Occurrence(None, "b", "a", Request("GET", "https://a.test/jwks"), 0.0, Bindings())
    refusal = Finding("SQ530", "b sent a a message that is not drawn", SCENARIO.steps[1].span)
    happened = trace(1, refusal=refusal)
    broken = verdict(replace(happened, occurrences=(*happened.occurrences, stranger)))

    assert [finding.code for finding in broken.failures] == ["SQ530"]
    assert [step.state for step in broken.steps] == ["passed", "not reached", "not reached", "not reached"]


def test_a_refusal_without_a_place_blames_no_step() -> None:
    """What stopped the run may stand nowhere in the drawing."""
    broken = verdict(trace(2, refusal=Finding("SQ413", "nobody brings it about")))

    assert [finding.severity for finding in broken.failures] == ["error"]
    assert not any(step.state == "failed" for step in broken.steps)


def test_a_promise_on_its_own_line_marks_its_arrow() -> None:
    """A refusal that points at a note line belongs to the arrow above it."""
    promise = Promise("field", ("sub",), "=", span=Span.at(SOURCE, 4, 3, 7))
    line = StatusLine(("200",))
    drawn = replace(SCENARIO.steps[1], expectation=Expectation(line, (promise,)))
    scenario = replace(SCENARIO, steps=(SCENARIO.steps[0], drawn, *SCENARIO.steps[2:]))
    broken = verdict(trace(1, refusal=Finding("SQ540", "x", promise.span)), scenario=scenario)

    assert [step.state for step in broken.steps] == ["passed", "failed", "not reached", "not reached"]


def test_a_step_without_contents_is_not_checked_but_counted() -> None:
    """A renaming at the end of a reference promises nothing."""
    keep = Step(4, "keep", "", "", after=(3,))
    scenario = replace(SCENARIO, steps=(*SCENARIO.steps, keep))
    kept = verdict(trace(), (*KEPT, None), scenario=scenario)

    assert kept.is_kept
    assert kept.steps[4].state == "not reached"


def test_a_state_check_that_was_not_made_is_broken() -> None:
    """A finished run in which a state was never looked at is no pass."""
    state = Step(4, "state", "b", "", after=(3,), text="x = 1", span=Span.at(SOURCE, 3, 1, 9))
    scenario = replace(SCENARIO, steps=(*SCENARIO.steps, state))
    looked = Occurrence(4, "b", "", Result(fields={"x": 1}), 0.0, Bindings())

    assert not verdict(trace(), (*KEPT, Told()), scenario=scenario).is_kept
    seen = verdict(replace(trace(), occurrences=(*trace().occurrences, looked)), (*KEPT, Told()), scenario=scenario)
    assert seen.is_kept
    assert seen.steps[4].state == "passed"
