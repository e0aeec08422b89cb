"""What happens decides: lanes of `par`, operands that change places, `critical`, optional iterations, waiting."""

import gc
import threading
import time
from typing import Any

import pytest
import requests

from seqtest import api
from seqtest.diagram.read import read
from seqtest.exchange import Headers, Response
from seqtest.source import Source

BOTH = """
u -> a : GET /x
par {
a -> s : GET /one
s --> a : 200
} also {
a -> s : GET /two
s --> a : 200
}
a --> u : 200
"""


def calling(*paths, answer=200, host="s"):
    """A function that calls each path in turn."""

    def handle(request):
        for path in paths:
            requests.get(f"https://{host}.test/{path}")
        return answer

    return handle


@pytest.mark.parametrize("paths", [("one", "two"), ("two", "one")])
def test_operands_interleave(stage, paths) -> None:
    """Either order of two operands is what is drawn."""
    assert stage(BOTH, a=calling(*paths)).is_finished


@pytest.mark.parametrize(("paths", "code"), [(("one",), "SQ534"), (("one", "two", "two"), "SQ530")])
def test_every_operand_happens_once(stage, paths, code) -> None:
    """An operand left out or repeated fails."""
    assert stage(BOTH, a=calling(*paths)).refusal.code == code


def test_operands_really_at_once(stage) -> None:
    """Two threads call at the same moment."""

    def handle(request):
        threads = [threading.Thread(target=requests.get, args=(f"https://s.test/{p}",)) for p in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 200

    trace = stage(BOTH, a=handle)

    assert trace.is_finished, trace.refusal


def test_contents_decide_between_operands(stage) -> None:
    """Two operands with the same path: the one whose promises are kept takes the call."""

    def handle(request):
        requests.post("https://s.test/t", data="user=bob")
        requests.post("https://s.test/t", data="user=alice")
        return 200

    trace = stage(
        "u -> a : GET /x\npar {\na -> s : POST /t | user=alice\ns --> a : 200\n} also {\n"
        "a -> s : POST /t | user=bob\ns --> a : 200\n}\na --> u : 200",
        a=handle,
    )

    assert trace.is_finished
    assert [one.step for one in trace.occurrences] == [0, 3, 4, 1, 2, 5]


RACE = """
par {
c -> a : POST /token
a --> c : 200
} also {
c -> a : POST /token
a --> c : 400
}
"""


@pytest.mark.parametrize("answers", [(200, 400), (400, 200)])
def test_a_race_is_won_by_either_operand(stage, answers) -> None:
    """Operands that send the same request change places by the answer."""
    left = list(answers)

    trace = stage(RACE, a=lambda request: left.pop(0))

    assert trace.is_finished, trace.refusal
    assert sorted(one.step for one in trace.occurrences) == [0, 1, 2, 3]


def test_a_race_that_both_win_is_red(stage) -> None:
    """Changing places does not make two winners of one."""
    trace = stage(RACE, a=lambda request: 200)

    assert trace.refusal.code == "SQ532"


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (Response(302, Headers([("Location", "/login?next=/x&token=s3cret")])), "302 Found to /login"),
        (Response(302, Headers([("Location", "https://u:p@evil.test/x#y")])), "302 Found to https://evil.test/x"),
        (Response(302, Headers([("Location", "http://[")])), "302 Found to what is no URL"),
        (Response(400, body=b'{"error": "invalid_grant"}'), "400 Bad Request, error = invalid_grant"),
        (Response(400, body=b'{"error": "sPlx9LOBeZQQYbYS6WxSbIA"}'), "400 Bad Request"),
        (Response(500, body=b"{"), "500 Internal Server Error"),
    ],
)
def test_another_answer_says_what_it_is(stage, answer, got) -> None:
    """Where it leads, and the error that it names, but nothing that may be secret."""
    trace = stage("u -> a : GET /x\na --> u : 200", a=lambda request: answer)

    assert trace.refusal.code == "SQ532"
    assert trace.refusal.got == got


@pytest.mark.parametrize("order", ["first wins", "second wins"])
def test_an_observed_race_at_once(stage, order) -> None:
    """Both requests are on their way when the first answer comes."""
    both_in, won = threading.Barrier(2), []

    def auth(request):
        both_in.wait(timeout=5)
        won.append(1)
        return 200 if (len(won) == 1) == (order == "first wins") else 400

    def client(request):
        threads = [threading.Thread(target=requests.post, args=("https://a.test/token",)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 200

    trace = stage("u -> c : GET /go\n" + RACE + "c --> u : 200", a=auth, c=client)

    assert trace.is_finished, trace.refusal


def test_critical_lets_nothing_in_between(stage) -> None:
    """A call of another operand inside a critical region is refused."""
    text = """
u -> a : GET /x
par {
critical {
a -> s : GET /one
s --> a : 200
a -> s : GET /two
s --> a : 200
}
} also {
a -> s : GET /three
s --> a : 200
}
a --> u : 200
"""

    assert stage(text, a=calling("one", "two", "three")).is_finished
    assert stage(text, a=calling("three", "one", "two")).is_finished
    assert stage(text, a=calling("one", "three", "two")).refusal.code == "SQ531"


POLLING = """
u -> a : GET /x
maybe {
a -> auth : POST /token
auth --> a : 400 | error=pending
} again {
a -> auth : POST /token
auth --> a : 400 | error=pending
}
a -> auth : POST /token
auth --> a : 200
a --> u : 200
"""


def poller(request):
    """Asks until it is no 400."""
    while requests.post("https://auth.test/token").status_code == 400:
        pass
    return 200


@pytest.mark.parametrize("times", [0, 1, 2])
def test_an_iteration_is_taken_when_its_first_exchange_happens(stage, times) -> None:
    """As many refusals as there are iterations, or fewer."""
    left = [Response(400, Headers(), b"error=pending")] * times + [Response(200)]

    trace = stage(POLLING, a=poller, auth=lambda request: left.pop(0))

    assert trace.is_finished, trace.refusal


def test_more_iterations_than_drawn_are_red(stage) -> None:
    """A third refusal is not drawn."""
    left = [Response(400, Headers(), b"error=pending")] * 3 + [Response(200)]

    assert stage(POLLING, a=poller, auth=lambda request: left.pop(0)).refusal.code == "SQ532"


def test_an_iteration_with_another_note_is_not_taken(stage) -> None:
    """Status and note decide: a 400 of another kind belongs to the arrow behind the loop."""
    text = POLLING.replace("auth --> a : 200\n", "auth --> a : 400 | error=denied\n")
    left = [Response(400, Headers(), b"error=pending"), Response(400, Headers(), b"error=denied")]

    def asks_twice(request):
        requests.post("https://auth.test/token")
        requests.post("https://auth.test/token")
        return 200

    trace = stage(text, a=asks_twice, auth=lambda request: left.pop(0))

    assert trace.is_finished, trace.refusal
    assert [one.step for one in trace.occurrences] == [0, 1, 2, 5, 6, 7]


def test_what_happened_inside_moves_with_the_call(stage) -> None:
    """The nested arrows of an exchange that was no iteration belong to the arrows behind the loop."""
    text = """
u -> a : GET /x
maybe {
a -> auth : POST /token
auth -> db : GET /code
db --> auth : 200
auth --> a : 400
}
a -> auth : POST /token
auth -> db : GET /code
db --> auth : 200
auth --> a : 200
a --> u : 200
"""

    def auth(request):
        requests.get("https://db.test/code")
        return 200

    trace = stage(text, a=poller, auth=auth)

    assert trace.is_finished, trace.refusal
    assert [one.step for one in trace.occurrences] == [0, 5, 6, 7, 8, 9]


def test_a_mock_takes_the_least_number(stage) -> None:
    """A scripted answerer leaves out every iteration that it may."""
    trace = stage(POLLING, a=poller)

    assert trace.is_finished
    assert [one.step for one in trace.occurrences] == [0, 5, 6, 7]


def test_a_scripted_driver_takes_the_least_number(stage) -> None:
    """It goes past the loop at once."""
    trace = stage("maybe {\nu -> a : GET /x\na --> u : 200\n}\nu -> a : GET /y\na --> u : 200", a=lambda request: 200)

    assert trace.is_finished
    assert [one.step for one in trace.occurrences] == [2, 3]


def test_an_iteration_at_the_end_may_be_left_out(stage) -> None:
    """When nothing comes any more the flow is over."""
    text = "u -> a : GET /x\na --> u : 200\nmaybe {\na -> s : GET /late\ns --> a : 200\n}"

    assert stage(text, a=lambda request: 200).is_finished


def test_an_iteration_in_an_open_call_may_be_left_out(stage) -> None:
    """The answer shows that it was not taken."""
    text = "u -> a : GET /x\nmaybe {\na -> s : GET /d\ns --> a : 200\n}\na --> u : 200"

    assert stage(text, a=lambda request: 200).is_finished
    assert stage(text, a=calling("d")).is_finished
    assert stage(text, a=calling("d", "d")).refusal.code == "SQ530"


WAITING = "u -> a : GET /x\na -> s : GET /one\ns --> a : 200\ndelay {}\na -> s : GET /two\ns --> a : 200\na --> u : 200"


@pytest.mark.parametrize(
    ("drawn", "slept", "code"),
    [("5", 5, None), ("5", 0, "SQ539"), ("5", 60, "SQ539"), (">=5", 60, None), (">=5", 4.9, "SQ539")],
)
def test_a_bound_participant_waits_itself(stage, drawn, slept, code) -> None:
    """A delay before a bound party's message holds only when it slept, and its sleep takes no time."""

    def handle(request):
        requests.get("https://s.test/one")
        time.sleep(slept)
        requests.get("https://s.test/two")
        return 200

    began = time.perf_counter()
    trace = stage(WAITING.replace("{}", drawn), a=handle)

    assert (trace.refusal and trace.refusal.code) == code
    assert time.perf_counter() - began < 2


def test_waiting_between_polls_counts_from_the_last_poll(stage) -> None:
    """A delay in an iteration that was left out does not blame the call behind it."""
    text = """
u -> a : GET /x
maybe {
delay 5
a -> auth : POST /token
auth --> a : 400
}
delay 5
a -> auth : POST /token
auth --> a : 200
a --> u : 200
"""

    def handle(request):
        status = 400
        while status == 400:
            time.sleep(5)
            status = requests.post("https://auth.test/token").status_code
        return 200

    left = [400, 200]
    assert stage(text, a=handle, auth=lambda request: left.pop(0)).is_finished
    assert stage(text, a=handle, auth=lambda request: 200).is_finished


def test_the_users_code_travels_with_the_clock(stage) -> None:
    """Every clock of the user's code shows the run's time, and moves a little with each arrow."""
    from datetime import UTC, datetime

    seen = []

    def handle(request):
        seen.append((time.time(), datetime.now(UTC).timestamp()))
        return 200

    stage("u -> a : GET /x\na --> u : 200\ndelay 3600\nu -> a : GET /x\na --> u : 200", a=handle)

    assert seen[0][0] == pytest.approx(1_700_000_000.001, abs=0.0005)
    assert seen[0][0] == pytest.approx(seen[0][1], abs=0.0005)
    assert seen[1][0] - seen[0][0] == pytest.approx(3600.002, abs=0.0005)


def test_quiet_requests_are_no_arrows(stage) -> None:
    """They may happen any number of times; drawn once in the flow, they are exact."""
    stage.settings = {"s": {"quiet": "GET /jwks, GET /.well-known/*", "key": "ES256"}}
    text = "u -> a : GET /x\na --> u : 200\nu -> s : GET /other\ns --> u : 200"

    trace = stage(text, a=calling("jwks", "jwks", ".well-known/openid-configuration"))
    drawn = stage(text.replace("GET /other", "GET /jwks"), a=calling("jwks"))

    assert (trace.is_finished, trace.quiet, len(trace.occurrences)) == (True, 3, 4)
    assert drawn.refusal.code == "SQ530"


def test_given_comes_before_its_step(stage) -> None:
    """What only the user's code can bring about is brought about before the operand begins."""
    from dataclasses import replace

    from seqtest.scenario import Given

    done = []
    stage.givens = {"token expired": lambda: done.append("given")}
    scenario = stage.flow("u -> a : GET /x\na --> u : 200")
    scenario = replace(scenario, givens=(Given("token expired", 0),))

    assert stage(scenario, a=lambda request: done.append("asked") or 200).is_finished
    assert done == ["given", "asked"]

    stage.givens = {}
    assert stage(scenario, a=lambda request: 200).refusal.code == "SQ413"


@pytest.mark.parametrize(
    "text",
    [
        "u -> a : GET /x\na --> u : 200",
        "u -> b : GET /one\nb -> a : GET /x\na --> b : 200\nb --> u : 200",
        "u ->> a : GET /x\na -> s : GET /one\ns --> a : 200",
    ],
    ids=["driven", "observed", "delivered"],
)
def test_given_comes_before_what_decides(stage, text: str) -> None:
    """An operand that begins with a bound participant's message: it must hold when that one is asked."""
    from dataclasses import replace

    from seqtest.scenario import Given

    done = []
    stage.givens = {"stale": lambda: done.append("given")}
    scenario = stage.flow(text)
    begins = next(step.index for step in scenario.steps if step.sender == "a")
    scenario = replace(scenario, givens=(Given("stale", begins),))

    def a(request) -> int:
        done.append("asked")
        if "->>" in text:
            requests.get("https://s.test/one", timeout=5)
        return 200

    def b(request) -> int:
        return requests.get("https://a.test/x", timeout=5).status_code

    assert stage(scenario, a=a, **({"b": b} if "b ->" in text else {})).is_finished
    assert done == ["given", "asked"]


def test_a_long_flow_grows_linearly(stage) -> None:
    """Ten times the arrows take about ten times as long, not a hundred times.

    In processor time and without the collector: neither other people's work nor what other tests have kept counts.
    """

    def seconds(pairs: int) -> float:
        text = "\n".join(["u -> a : GET /x\na --> u : 200"] * pairs)
        prepared = stage.prepare(text, a=lambda request: 200)
        from seqtest.run.drive import Run

        gc.collect()
        gc.disable()
        try:
            began = time.process_time()
            assert Run(prepared).perform().is_finished
            return time.process_time() - began
        finally:
            gc.enable()

    few = min(seconds(100) for _ in range(3))

    assert min(seconds(1000) for _ in range(3)) < 30 * few


def drawn(*items: str) -> str:
    """A drawing of a's calls: one for each letter, and lines of fragments."""
    lines = [f"a -> s : GET /{one}\ns --> a : 200 OK" if len(one) == 1 else one for one in items]
    return "\n".join(("@startuml", "u -> a : GET /go", *lines, "a --> u : 200 OK", "@enduml"))


UP_TO = ("critical", "loop 0..2 times", "x", "end", "end")


@pytest.mark.parametrize("is_bound", [True, False])
@pytest.mark.parametrize(
    ("text", "order", "is_kept"),
    [
        # Fewer turns than may be, at the end of a `critical`.
        (drawn(*UP_TO, "y"), "xy", True),
        (drawn(*UP_TO), "x", True),
        # While a `critical` is under way nothing else happens, also where turns may be left out.
        (drawn("par", "critical", "p", "q", "end", "else", "loop 0..1 times", "x", "end", "y", "end"), "pqy", True),
        (drawn("par", "critical", "p", "q", "end", "else", "loop 0..1 times", "x", "end", "y", "end"), "pyq", False),
        (drawn("par", *UP_TO, "else", "y", "end"), "xy", True),
        (drawn("par", *UP_TO, "else", "y", "end"), "xyx", False),
        # Which of two alike a call was, a later one shows, where one of them has turns behind it, too.
        *(
            (drawn("par", "b", "a", "else", "b", "loop 0..1 times", "x", "end", "end"), order, is_kept)
            for order, is_kept in (("bxba", True), ("bbxa", True), ("bba", True), ("bxxb", False), ("bxb", False))
        ),
        # The turns of a loop in one that says how often.
        *((drawn("loop 2 times", "loop 0..1 times", "x", "end", "end", "y"), "x" * n + "y", n < 3) for n in range(4)),
        # The turns of a loop in a loop.
        *(
            (drawn("loop 0..2 times", "loop 1..3 times", "x", "end", "end", "y"), "x" * n + "y", n < 7)
            for n in range(8)
        ),
    ],
)
def test_turns_that_are_left_out(text: str, order: str, is_kept: bool, is_bound: bool) -> None:
    """Of loops in loops, at the end of a `critical`, and beside one."""
    bindings: dict[str, Any] = {"a": calling(*order), **({"s": lambda request: 200} if is_bound else {})}

    verdict = api.play(api.ready(api.cases(read(Source("flow.puml", text))[0])[0], bindings))

    assert verdict.is_kept is is_kept, verdict.failures
