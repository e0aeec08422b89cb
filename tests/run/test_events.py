"""The player alone: events in, commands out, no I/O at all."""

from seqtest.exchange import Headers, Request, Response
from seqtest.run.events import (
    Breached,
    Called,
    Finish,
    Park,
    Quiet,
    Refuse,
    Replied,
    Reply,
    Send,
    Started,
    Woken,
)
from seqtest.run.play import play
from seqtest.run.refusal import on_a_socket

FLOW = "u -> a : GET /x\na -> s : GET /d\ns --> a : 201\na --> u : 200"
ASK_S = Request("GET", "https://s.test/d", Headers())


def player(stage, text=FLOW):
    """A primed player with `a` bound."""
    prepared = stage.prepare(text, a=lambda request: 200)
    rules = play(prepared.script, prepared.contents, prepared.context, prepared.clock)
    next(rules)
    return rules


def test_a_nested_call_is_fed_from_deeper_in_the_same_stack(stage) -> None:
    """The front door waits in its Send while the call's frame is answered."""
    rules = player(stage)

    sent = rules.send(Started(0))
    answered = rules.send(Called(1, "a", "s", ASK_S))
    parked = rules.send(Replied(0, sent.call, Response(200)))

    assert isinstance(sent, Send)
    assert answered == Reply(Response(201))
    assert isinstance(parked, Park)


def test_only_quiet_leads_to_the_end(stage) -> None:
    """All steps done is not enough: something may still run."""
    rules = player(stage, "u -> a : GET /x\na --> u : 200")

    sent = rules.send(Started(0))
    assert isinstance(rules.send(Replied(0, sent.call, Response(200))), Park)
    assert isinstance(rules.send(Woken(0)), Park)
    finish = rules.send(Quiet(0))

    assert isinstance(finish, Finish)
    assert finish.trace.is_finished


def test_quiet_with_unfinished_work_is_no_end(stage) -> None:
    """It names what still runs."""
    rules = player(stage, "u -> a : GET /x\na --> u : 200")

    sent = rules.send(Started(0))
    rules.send(Replied(0, sent.call, Response(200)))
    refused = rules.send(Quiet(0, ("thread T of a",)))

    assert isinstance(refused, Refuse)
    assert refused.finding.got == "thread T of a"
    assert not refused.trace.is_finished


def test_after_the_end_every_call_is_refused(stage) -> None:
    """And the trace is no longer that of a finished run."""
    rules = player(stage, "u -> a : GET /x\na --> u : 200")

    sent = rules.send(Started(0))
    rules.send(Replied(0, sent.call, Response(200)))
    rules.send(Quiet(0))
    late = rules.send(Called(1, "a", "s", ASK_S))

    assert isinstance(late, Refuse)
    assert (late.finding.code, late.trace.is_finished) == ("SQ540", False)


def test_a_breach_refuses_everything(stage) -> None:
    """The first refusal is the one that every later event hears of."""
    rules = player(stage)

    sent = rules.send(Started(0))
    first = rules.send(Breached(1, on_a_socket("a", "s.test", 443, "s"), sender="a"))
    second = rules.send(Called(2, "a", "s", ASK_S))
    third = rules.send(Replied(0, sent.call, Response(200)))

    assert [type(one) for one in (first, second, third)] == [Refuse, Refuse, Refuse]
    assert first.finding is second.finding is third.finding


def test_an_unfitting_call_is_refused_before_anything_is_performed(stage) -> None:
    """No scripted step happens for the sake of a call that has no place."""
    rules = player(stage, "u -> a : GET /x\nu -> s : hello\na --> u : 200")

    rules.send(Started(0))
    refused = rules.send(Called(1, "a", "s", Request("GET", "https://s.test/never")))

    assert isinstance(refused, Refuse)
    assert [one.step for one in refused.trace.occurrences] == [0, None]


def test_a_parked_answer_is_placed_when_another_frame_moved(stage) -> None:
    """An answer waits for the call that is drawn before it."""
    rules = player(stage, "u -> a : GET /x\na ->> s : GET /d\na --> u : 200")

    sent = rules.send(Started(0))
    waiting = rules.send(Replied(0, sent.call, Response(200)))
    rules.send(Called(1, "a", "s", ASK_S))
    rules.send(Woken(0))
    finish = rules.send(Quiet(0))

    assert isinstance(waiting, Park)
    assert isinstance(finish, Finish)
