"""Steps that the player performs: self messages, states, delays, what cannot be sent."""

import contextlib
import socket
import time

import pytest
import requests

import seqtest.actors
from seqtest import api
from seqtest.diagram.read import read
from seqtest.errors import Diagnostic, UnplayableScenario
from seqtest.exchange import Response, Result
from seqtest.source import Source
from seqtest.trace import Trace


class Worker(seqtest.actors.Actor):
    """Has a step of its own and answers every request."""

    done: list[str] = []  # noqa: RUF012  # looked at by the tests

    def handle(self, request):
        return Response(200)

    @seqtest.actors.on("clean up {what}")
    def clean_up(self, what: str) -> str:
        self.done.append(what)
        return "cleaned"

    @seqtest.actors.on("notify")
    def notify(self) -> None:
        self.http.get("s", "/notified")

    @seqtest.actors.on("fail")
    def fail(self) -> None:
        raise LookupError("nothing there")


def test_a_self_message_runs_its_step_definition(stage) -> None:
    """The flow goes on when it is done."""
    Worker.done.clear()

    trace = stage("a -> a : clean up tokens\nu -> a : GET /x\na --> u : 200", a=Worker)

    assert trace.is_finished
    assert Worker.done == ["tokens"]


def test_a_self_message_may_call_out(stage) -> None:
    """Its calls are arrows, and one too many is red."""
    drawn = "a -> a : notify\na -> s : GET /notified\ns --> a : 200\nu -> a : GET /x\na --> u : 200"

    assert stage(drawn, a=Worker).is_finished
    assert stage("a -> a : notify\nu -> a : GET /x\na --> u : 200\nu -> s : hi", a=Worker).refusal.code == "SQ530"


def test_a_self_message_that_raises_fails(stage) -> None:
    """As every action does."""
    assert stage("a -> a : fail\nu -> a : GET /x\na --> u : 200", a=Worker).refusal.code == "SQ533"


def test_a_self_message_without_a_step_definition_is_prose(stage) -> None:
    """It tells a reader what the participant does inside."""
    trace = stage("a -> a : thinks hard\nu -> a : GET /x\na --> u : 200", a=Worker)

    assert trace.is_finished
    assert trace.occurrences[0].content is None


def test_a_self_message_with_a_note_needs_a_step_definition() -> None:
    """A note is a check, and no check is left out silently."""
    text = "@startuml\na -> a : thinks hard\nnote right: depth = 3\nu -> a : GET /x\na --> u : 200\n@enduml"
    diagram = read(Source("f.puml", text))[0]

    with contextlib.suppress(Diagnostic):
        verdict = api.play(api.ready(api.cases(diagram)[0], {"a": Worker}))
        assert not verdict.is_kept


def test_the_state_of_a_scripted_participant_is_what_it_knows(stage) -> None:
    """Its settings and what it has learnt."""
    stage.settings = {"u": {"colour": "red"}}

    trace = stage("u -> a : GET /x | t=1\na --> u : 200\nstate u", a=Worker)

    assert trace.occurrences[2].content == Result(fields={"colour": "red", "t": "1"})


def test_a_state_that_cannot_be_told_is_an_error(stage) -> None:
    """The actor's own fault is not a pass."""

    class Broken(Worker):
        def state(self):
            raise KeyError("lost")

    assert stage("u -> a : GET /x\na --> u : 200\nstate a", a=Broken).refusal.code == "SQ412"


def test_a_state_that_calls_out_is_red(stage) -> None:
    """Asking for a state is no message, so nothing may follow from it."""

    class Chatty(Worker):
        def state(self):
            with contextlib.suppress(BaseException):
                self.http.get("s", "/x")
            return {}

    assert stage("u -> a : GET /x\na --> u : 200\nstate a\nu -> s : hi", a=Chatty).refusal.code == "SQ530"


def test_a_delay_without_a_duration_is_a_pause_in_the_telling(stage) -> None:
    """It takes no time."""
    trace = stage("u -> a : GET /x\na --> u : 200\ndelay 0\nu -> a : GET /x\na --> u : 200", a=Worker)

    assert trace.is_finished
    assert trace.occurrences[3].at - trace.occurrences[1].at < 1


def test_what_was_sent_before_a_delay_arrives_before_it(stage) -> None:
    """An asynchronous message does not wait until the clock has moved."""
    seen = []

    class Clocked(Worker):
        def handle(self, request):
            seen.append(self.now())
            return Response(204)

    trace = stage("u ->> a : POST /job\ndelay 3600\nu -> a : GET /x\na --> u : 204", a=Clocked)

    assert trace.is_finished
    assert seen[1] - seen[0] >= 3600


def test_messages_of_one_sender_do_not_overtake_each_other(stage) -> None:
    """What was sent asynchronously arrives before the same sender's next message to the same receiver."""
    seen = []

    trace = stage("u ->> a : POST /1\nu -> a : GET /2\na --> u : 200", a=lambda r: seen.append(r.url[-1]) or 200)

    assert trace.is_finished
    assert seen == ["1", "2"]


def test_what_cannot_be_sent_stops_the_run(stage) -> None:
    """The reason is the finding, at its line."""
    from dataclasses import replace

    from seqtest.errors import Finding
    from seqtest.run.drive import Run

    class Unsendable:
        def compose(self, bindings, request):
            raise UnplayableScenario(Finding("SQ365", "nothing can be sent here"))

    prepared = stage.prepare("u -> a : GET /x\na --> u : 200", a=Worker)
    contents = [Unsendable(), *prepared.contents[1:]]

    trace: Trace = Run(replace(prepared, contents=contents), patience=0.3).perform()

    assert (trace.is_finished, trace.refusal.code) == (False, "SQ365")


def test_an_iteration_that_fits_no_better_behind_the_loop_stays(stage) -> None:
    """Its failure is told where the call was first placed."""
    text = """
u -> a : GET /x
maybe {
a -> auth : POST /token
auth --> a : 400
}
a -> auth : POST /token
auth --> a : 200
a --> u : 200
"""

    def once(request):
        requests.post("https://auth.test/token")
        return 200

    trace = stage(text, a=once, auth=lambda request: 503)

    assert (trace.refusal.code, trace.refusal.span.line) == ("SQ532", 5)


def test_a_look_up_of_a_strange_host_is_red(stage) -> None:
    """Asking for the address is the first step of a connection."""

    def looking(request):
        with contextlib.suppress(BaseException):
            socket.getaddrinfo("elsewhere.example", 443)
        return 200

    assert stage("u -> a : GET /x\na --> u : 200", a=looking).refusal.code == "SQ537"


def bystander(work):
    """A thread that is older than the run, and an application that has it do its work and waits for that."""
    import threading

    go, done = threading.Event(), threading.Event()

    def wait() -> None:
        go.wait()
        with contextlib.suppress(BaseException):
            work()
        done.set()

    threading.Thread(target=wait).start()
    return lambda request: (go.set(), done.wait(5), 200)[2]


def test_outside_a_participant_sleeping_is_not_virtual(stage) -> None:
    """A fixture's thread sleeps as ever while a run goes on."""
    waited = []

    def work() -> None:
        began = time.perf_counter()
        time.sleep(0.05)
        waited.append(time.perf_counter() - began)

    assert stage("u -> a : GET /x\na --> u : 200", a=bystander(work)).is_finished
    assert waited[0] >= 0.04


def test_an_older_thread_may_connect_where_the_settings_allow(stage) -> None:
    """Whoever it works for: the only participant that handles a message answers for it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        work = lambda: socket.create_connection(("127.0.0.1", port), timeout=2).close()  # noqa: E731  # used twice
        refused = stage("u -> a : GET /x\na --> u : 200", a=bystander(work))
        stage.settings = {"a": {"allows": f"127.0.0.1:{port}"}}

        assert refused.refusal.code == "SQ537"
        assert stage("u -> a : GET /x\na --> u : 200", a=bystander(work)).is_finished


@pytest.mark.parametrize("name", ["requests", "httpx"])
def test_an_older_thread_cannot_call_a_stranger_while_a_participant_speaks(stage, name) -> None:
    """An application's own worker thread must not carry a call past the drawing."""
    client = __import__(name)

    trace = stage("u -> a : GET /x\na --> u : 200", a=bystander(lambda: client.get("http://127.0.0.1:9/", timeout=1)))

    assert trace.refusal.code == "SQ535"
    assert trace.refusal.message.startswith("a called http://127.0.0.1:9")


def test_a_connection_that_is_older_than_the_run_is_watched(stage) -> None:
    """A pool that was warm before is no way past the drawing either."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        warm = socket.create_connection(server.getsockname())
        trace = stage("u -> a : GET /x\na --> u : 200", a=lambda request: warm.sendall(b"GET /") or 200)
        port = server.getsockname()[1]
        stage.settings = {"a": {"allows": f"127.0.0.1:{port}"}}
        allowed = stage("u -> a : GET /x\na --> u : 200", a=lambda request: warm.sendall(b"GET /") or 200)
        warm.close()

    assert trace.refusal.code == "SQ537"
    assert "used a connection" in trace.refusal.message
    assert allowed.is_finished


def test_a_datagram_is_watched(stage) -> None:
    """It needs no connection."""

    def a(request):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
            opened.sendto(b"undrawn", ("127.0.0.1", 9))
        return 200

    assert stage("u -> a : GET /x\na --> u : 200", a=a).refusal.code == "SQ537"


def test_a_name_is_looked_up_in_older_ways(stage) -> None:
    """A look-up by itself tells somebody something."""
    a = lambda request: socket.gethostbyname("elsewhere.example") and 200  # noqa: E731  # short

    assert stage("u -> a : GET /x\na --> u : 200", a=a).refusal.code == "SQ537"


def test_a_name_that_is_allowed_allows_where_it_leads(stage) -> None:
    """`allows = localhost:5432` means the address that the name has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        stage.settings = {"a": {"allows": f"localhost:{port}"}}
        a = lambda request: socket.create_connection(("localhost", port), timeout=2).close() or 200  # noqa: E731

        assert stage("u -> a : GET /x\na --> u : 200", a=a).is_finished


def test_a_thread_below_threading_is_counted(stage) -> None:
    """`_thread.start_new_thread` goes on speaking as its participant, and the flow is not over before it has ended."""
    import _thread
    import threading

    def late() -> None:
        threading.Event().wait(0.05)
        with contextlib.suppress(BaseException):
            requests.get("https://s.test/undrawn")

    a = lambda request: _thread.start_new_thread(late, ()) and 200  # noqa: E731  # short

    assert stage("u -> s : hi\nu -> a : GET /x\na --> u : 200", a=a).refusal.code == "SQ530"


def test_a_coroutine_in_another_threads_loop_is_counted(stage) -> None:
    """`asyncio.run_coroutine_threadsafe` as well."""
    import asyncio
    import threading

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def late() -> None:
        await asyncio.sleep(0.05)
        with contextlib.suppress(BaseException):
            requests.get("https://s.test/undrawn")

    a = lambda request: asyncio.run_coroutine_threadsafe(late(), loop) and 200  # noqa: E731  # short
    trace = stage("u -> s : hi\nu -> a : GET /x\na --> u : 200", a=a)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()

    assert trace.refusal.code == "SQ530"
