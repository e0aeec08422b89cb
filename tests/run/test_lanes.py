"""Operands of `par` that send the same request change places, whatever is drawn between request and answer."""

import contextlib
import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests

from seqtest.exchange import Headers, Response

LOOKS = "a -> db : POST /codes\ndb --> a : 200"
BURNS = LOOKS + "\na -> db : POST /burn\ndb --> a : 200"
DEAD = "a -> db : POST /codes\ndb --> a : 404"


def race(first: str, second: str, *, inside: tuple[str, str] = ("", ""), driver: str = "") -> str:
    """Two operands that send the same request."""
    lanes = [
        f"c -> a : POST /token\n{inner}\na --> c : {label}"
        for inner, label in zip(inside, (first, second), strict=True)
    ]
    drawn = "par {\n" + lanes[0] + "\n} also {\n" + lanes[1] + "\n}"
    return f"u -> c : GET /go\n{drawn}\nc --> u : 200" if driver else drawn


class Codes:
    """A database that knows a code until it is burnt."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_burnt = False

    def __call__(self, request: Any) -> int:
        if request.url.endswith("/burn"):
            self.is_burnt = True
        return 404 if self.is_burnt and request.url.endswith("/codes") else 200


def server(request: Any) -> int:
    """Redeems a code."""
    if requests.post("https://db.test/codes", timeout=5).status_code == 404:
        return 400
    requests.post("https://db.test/burn", timeout=5)
    return 200


@pytest.mark.parametrize("winner", [0, 1])
def test_one_after_the_other_with_look_ups_inside(stage: Any, winner: int) -> None:
    """The winner is drawn first or last; the first to ask wins all the same."""
    answers, insides = ["200", "400"], [BURNS, DEAD]
    if winner:
        answers.reverse(), insides.reverse()
    text = race(*answers, inside=(insides[0], insides[1]))

    trace = stage(text, a=server, db=Codes())

    assert trace.is_finished, trace.refusal
    assert len({one.step for one in trace.occurrences}) == len(trace.occurrences) == 10


def test_two_winners_are_red_still(stage: Any) -> None:
    """A database that forgets to burn."""
    text = race("200", "400", inside=(BURNS, DEAD))

    assert stage(text, a=server, db=lambda request: 200).refusal is not None


def at_once(request: Any) -> int:
    """A client whose two requests are under way together."""
    threads = [threading.Thread(target=requests.post, args=("https://a.test/token",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 200


class Turns:
    """A server whose two requests go on in a given order; `answers` are those of the first and the second."""

    def __init__(self, order: str, answers: tuple[int, int]) -> None:
        self.order, self.answers, self.at = order, answers, 0
        self.count = itertools.count()
        self.both = threading.Barrier(2)
        self.moved = threading.Condition()

    def turn(self, me: int) -> None:
        with self.moved:
            self.moved.wait_for(lambda: self.order[self.at] == str(me), timeout=5)

    def over(self) -> None:
        with self.moved:
            self.at += 1
            self.moved.notify_all()

    def __call__(self, request: Any) -> int:
        me = next(self.count)
        self.both.wait(5)
        self.turn(me)
        requests.post("https://db.test/codes", timeout=5)
        self.over()
        self.turn(me)
        threading.Timer(0, self.over).start()
        return self.answers[me]


ORDERS = ["0011", "0101", "0110", "1001", "1010", "1100"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("answers", [(200, 400), (400, 200)])
def test_at_once_in_every_order(stage: Any, order: str, answers: tuple[int, int]) -> None:
    """Look-ups and answers of the two in any order, and either of them wins."""
    stage.patience = 5.0
    text = race("200", "400", inside=(LOOKS, LOOKS), driver="u")

    trace = stage(text, a=Turns(order + "-", answers), c=at_once, db=lambda request: 200)

    assert trace.is_finished, trace.refusal


@pytest.mark.parametrize("answers", [(200, 200), (400, 400), (200, 500)])
def test_at_once_with_other_answers_is_red(stage: Any, answers: tuple[int, int]) -> None:
    """Changing places makes no answer another one."""
    text = race("200", "400", inside=(LOOKS, LOOKS), driver="u")

    assert stage(text, a=Turns("0110-", answers), c=at_once, db=lambda request: 200).refusal.code == "SQ532"


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("answers", [(200, 400), (400, 200)])
def test_what_is_drawn_before_a_request_came_before_it(stage: Any, answers: tuple[int, int], is_first: bool) -> None:
    """The request of the operand that has not begun cannot be the one that was under way already."""
    arrived, answered = [threading.Event(), threading.Event()], [threading.Event(), threading.Event()]
    count = itertools.count()

    def a(request: Any) -> int:
        me = next(count)
        arrived[me].set()
        arrived[1].wait(5)
        if (me == 0) is not is_first:
            answered[1 - me].wait(5)
        answered[me].set()
        return answers[me]

    def asks(path: str) -> None:
        with contextlib.suppress(BaseException):
            requests.post(f"https://s.test{path}", timeout=5)
            requests.post("https://a.test/token", timeout=5)

    def c(request: Any) -> int:
        first = threading.Thread(target=asks, args=("/x",))
        first.start()
        arrived[0].wait(5)
        asks("/y")
        first.join(5)
        return 200

    lanes = [
        f"c -> s : POST {path}\ns --> c : 200\nc -> a : POST /token\na --> c : {status}"
        for path, status in (("/x", 200), ("/y", 400))
    ]
    stage.patience = 5.0

    trace = stage(f"u -> c : GET /go\npar {{\n{lanes[0]}\n}} also {{\n{lanes[1]}\n}}\nc --> u : 200", a=a, c=c)

    assert trace.is_finished is (answers == (200, 400)), trace.refusal


FORKS = """u -> c : GET /go
par {
c -> s : GET /a
s --> c : 200
c -> s : GET /b
s --> c : 200
} also {
c -> s : GET /a
s --> c : 200
c -> s : GET /d
s --> c : 200
}
c --> u : 200"""


@pytest.mark.parametrize("is_bound", [True, False])
@pytest.mark.parametrize(
    ("order", "is_kept"),
    [("abad", True), ("adab", True), ("aabd", True), ("aadb", True), ("abda", False), ("adda", False), ("ada", False)],
)
def test_the_first_of_two_alike_is_the_one_that_the_next_call_shows(
    stage: Any, order: str, is_kept: bool, is_bound: bool
) -> None:
    """It took the place of either; only when one goes on is it known which one it was."""

    def c(request: Any) -> int:
        for path in order:
            requests.get(f"https://s.test/{path}", timeout=5)
        return 200

    trace = stage(FORKS, c=c, **({"s": lambda request: 200} if is_bound else {}))

    assert trace.is_finished is is_kept, trace.refusal
    assert not is_kept or sorted(one.step for one in trace.occurrences) == list(range(10))


def test_what_the_drawing_said_inside_does_not_move(stage: Any) -> None:
    """A scripted database said `found` where it is drawn; the one to whom it said so was not told `burnt`."""
    text = race("200", "400", inside=(LOOKS + " | is=found", LOOKS + " | is=burnt"))

    def redeems(request: Any) -> int:
        return 200 if "found" in requests.post("https://db.test/codes", timeout=5).text else 400

    assert stage(text, a=redeems).is_finished
    assert stage(text, a=lambda request: 600 - redeems(request)).refusal.code == "SQ532"


def answering(*bodies: bytes) -> Callable[[Any], Response]:
    left = list(bodies)
    return lambda request: Response(200, Headers(), left.pop(0))


def test_notes_decide_where_statuses_are_alike(stage: Any) -> None:
    """Of two answers with 200 each goes where its note is drawn."""
    text = race("200 | is=new", "200 | is=old")

    for bodies in ((b"is=new", b"is=old"), (b"is=old", b"is=new")):
        trace = stage(text, a=answering(*bodies))
        assert trace.is_finished
        contents = {one.step: one.content for one in trace.occurrences}
        assert (contents[1].body, contents[3].body) == (b"is=new", b"is=old")


def test_an_answer_that_was_taken_may_move_on(stage: Any) -> None:
    """The first took the place of either; the second has only that one."""
    text = race("2xx", "200", inside=("", ""))
    codes = [200, 201]

    trace = stage(text, a=lambda request: codes.pop(0))

    assert trace.is_finished, trace.refusal


THREE = """u -> c : GET /go
par {
par {
c -> a : POST /token
a --> c : 200
} also {
c -> a : POST /token
a --> c : 201
}
} also {
c -> a : POST /token
a --> c : 400
}
c --> u : 200"""


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("answers", list(itertools.permutations((200, 201, 400))))
def test_three_that_send_the_same_request(stage: Any, answers: tuple[int, ...], is_kept: bool) -> None:
    """Each finds the operand of its answer, though two of them have to move for it: the third asks when they know."""
    given = answers if is_kept else (*answers[:2], 500)
    count, both = itertools.count(), threading.Barrier(2)
    first = threading.Event()

    def a(request: Any) -> int:
        me = next(count)
        if me < 2:
            both.wait(5)
        if me == 1:
            first.wait(5)
        return given[me]

    def asks() -> None:
        with contextlib.suppress(BaseException):
            requests.post("https://a.test/token", timeout=5)
        first.set()

    def c(request: Any) -> int:
        threads = [threading.Thread(target=asks) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asks()
        return 200

    stage.patience = 5.0
    trace = stage(THREE, a=a, c=c)

    assert trace.is_finished is is_kept, trace.refusal
