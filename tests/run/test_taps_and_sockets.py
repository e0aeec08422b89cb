"""What is no HTTP: tapped calls and connections behind our back."""

import asyncio
import contextlib
import socket
import threading

import pytest
import requests

from seqtest.exchange import Request, Result
from seqtest.intercepts.tap import tap


def find(id: int) -> str:
    """The genuine look-up."""
    return f"genuine {id}"


find_user = tap(find, "users -> db : find user {id}")


def users(message: Request) -> str:
    return str(find_user(7))


FLOW = "u -> users : GET /x\nusers -> db : find user 7\ndb --> users : Alice\nusers --> u : 200"


def test_a_tapped_call_gets_the_drawn_answer(stage) -> None:
    """A scripted db answers as drawn."""
    trace = stage(FLOW, users=users)

    assert trace.is_finished, trace.refusal
    assert trace.occurrences[3].content.body == b"Alice"


def test_a_tapped_call_may_be_answered_by_a_function(stage) -> None:
    """A bound db answers itself; a mapping comes back as one."""
    trace = stage(FLOW, users=users, db=lambda action: {"name": action.text})

    assert trace.occurrences[3].content.body == b"{'name': 'find user 7'}"


@pytest.mark.parametrize(("name", "kind"), [("KeyError", KeyError), ("NoSuchUser", LookupError)])
def test_a_drawn_error_is_raised(stage, name, kind) -> None:
    """As the built-in exception of that name, or as a LookupError."""
    raised = []

    def asking(message):
        try:
            find_user(7)
        except Exception as problem:  # noqa: BLE001  # to see what it is
            raised.append(type(problem))
        return 200

    def db(action):
        return Result(error=name)

    stage(FLOW, users=asking, db=db)

    # The fake contents call an undrawn error hard; what counts is what a lost run would never show: no exception.
    assert raised in ([kind], [])


def test_a_tapped_call_too_many_is_red(stage) -> None:
    """Look-ups are in the closed world too."""
    trace = stage("u -> users : GET /x\nusers --> u : 200\nu -> db : x\ndb --> u : y", users=users)

    assert trace.refusal.code == "SQ530"


BETWEEN = "u -> users : GET /x\nusers -> mail : POST /m\n{0}mail --> users : 200\nusers --> u : 200"
LOOK_UP = "{0} -> db : find user 7\ndb --> {0} : Alice\n"


@pytest.mark.parametrize(("drawn", "is_finished"), [("mail", True), ("users", False)])
def test_the_sender_is_who_calls(stage, drawn: str, is_finished: bool) -> None:
    """A tapped function that somebody else calls is that one's arrow, whoever stands in the arrow it is tapped with."""
    flow = BETWEEN.format(LOOK_UP.format(drawn))

    def asking(message: Request) -> int:
        return requests.post("https://mail.test/m").status_code

    trace = stage(flow, users=asking, mail=lambda message: find_user(7) and 200)

    assert trace.is_finished is is_finished


@pytest.mark.parametrize("is_drawn", [True, False])
def test_a_tapped_coroutine_function_is_awaited(stage, is_drawn: bool) -> None:
    """Two of them side by side, in either order; outside a run it is the genuine one."""

    async def find_async(id: int) -> str:
        return f"genuine {id}"

    tapped = tap(find_async, "users -> db : find user {id}")

    async def both() -> list[str]:
        return await asyncio.gather(tapped(8), tapped(7))

    look_ups = [f"users -> db : find user {id}\ndb --> users : {name}" for id, name in ((7, "Alice"), (8, "Bob"))]
    drawn = f"par {{\n{look_ups[0]}\n}} also {{\n{look_ups[1]}\n}}" if is_drawn else look_ups[0]
    trace = stage(f"u -> users : GET /x\n{drawn}\nusers --> u : 200", users=lambda message: asyncio.run(both()) and 200)

    assert trace.is_finished is is_drawn, trace.refusal
    assert asyncio.run(tapped(9)) == "genuine 9"


def test_a_call_whose_loop_is_closed_meanwhile_is_made_all_the_same(stage, monkeypatch) -> None:
    """The application gave it up, and the run is told what was called: no work is left behind, and no stack trace."""
    stage.patience = 20.0
    monkeypatch.setattr("seqtest.intercepts.speaker.ROUNDS", 1_000)
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)

    async def find_async(id: int) -> str:
        return f"genuine {id}"

    def giving_up(message: Request) -> int:
        async def begins() -> None:
            task = asyncio.ensure_future(tap(find_async, "users -> db : find user {id}")(7))
            await asyncio.sleep(0)
            task.cancel()

        asyncio.run(begins())
        return 200

    trace = stage("u -> users : GET /x\nusers --> u : 200\nu -> db : hi", users=giving_up)

    assert (trace.refusal.code, raised) == ("SQ530", [])


def test_of_several_none_is_guessed_as_the_sender(stage) -> None:
    """A thread that is older than the run calls, unseen, while two participants are handling a message."""
    jobs, done = threading.Semaphore(0), threading.Semaphore(0)

    def worker() -> None:
        jobs.acquire()
        with contextlib.suppress(BaseException):
            find_user(7)
        done.release()

    thread = threading.Thread(target=worker)
    thread.start()

    trace = stage(
        BETWEEN.format(LOOK_UP.format("mail")),
        users=lambda message: requests.post("https://mail.test/m").status_code,
        mail=lambda message: (jobs.release(), done.acquire(), 200)[2],
    )
    thread.join()

    assert trace.refusal.code == "SQ536"


def test_a_receiver_that_the_run_does_not_have_leaves_the_function_alone(stage) -> None:
    """The diagram does not speak of it."""
    trace = stage("u -> users : GET /x\nusers --> u : 200", users=users)

    assert trace.occurrences[1].content.body == b"genuine 7"


def connecting(host: str, port: int):
    def handle(request):
        try:
            socket.create_connection((host, port), timeout=0.2).close()
        except OSError:
            return 502
        return 200

    return handle


@pytest.mark.parametrize("host", ["a.test", "127.0.0.1", "elsewhere.example"])
def test_a_connection_behind_our_back_is_red(stage, host) -> None:
    """A participant's host or any other: seen on a socket, not as an arrow."""
    trace = stage("u -> a : GET /x\na --> u : 5xx", a=connecting(host, 443))

    assert trace.refusal.code == "SQ537"
    assert host in trace.refusal.message
    assert trace.refusal.span.line == 1, "the arrow that was being handled"


@pytest.mark.parametrize(
    ("look_up", "is_refused"),
    [
        (lambda: socket.gethostbyaddr("s.test"), True),
        (lambda: socket.getfqdn("s.test"), True),
        (lambda: socket.getnameinfo(("192.0.2.1", 80), 0), True),
        (lambda: socket.getnameinfo(("192.0.2.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV), False),
        (lambda: socket.getfqdn(), False),
    ],
    ids=["by address", "full name", "name of an address", "numbers alone", "own name"],
)
def test_a_look_up_behind_our_back_is_red(stage, look_up, is_refused: bool) -> None:
    """Of whichever kind; who asks for the name of this machine asks nobody."""

    def asking(message):
        with contextlib.suppress(BaseException):
            look_up()
        return 200

    trace = stage("u -> users : GET /x\nusers --> u : 200", users=asking)

    assert (trace.refusal is not None and trace.refusal.code == "SQ537") is is_refused


def test_allowed_connections_are_none_of_the_flows_business(stage) -> None:
    """`allows` names a host and port; the port counts."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        stage.settings = {"a": {"allows": f"db.internal, 127.0.0.1:{port}"}}

        assert stage("u -> a : GET /x\na --> u : 200", a=connecting("127.0.0.1", port)).is_finished
        assert stage("u -> a : GET /x\na --> u : 200", a=connecting("127.0.0.1", port + 1)).refusal.code == "SQ537"


def test_a_strange_address_is_blocked(stage) -> None:
    """A call through requests to an address that nobody has is refused by name."""
    import requests

    trace = stage("u -> a : GET /x\na --> u : 200", a=lambda r: requests.get("https://stripe.example/pay").status_code)

    assert trace.refusal.code == "SQ535"
    assert "https://stripe.example" in trace.refusal.message
