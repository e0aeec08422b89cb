"""The four readings of an arrow: drive, mock, observe, tell."""

import contextlib

import pytest
import requests
from flask import Flask

import seqtest.actors
from seqtest.exchange import Action, Request, Response


def flask_app(**routes):
    """Flask with `name=function` as `GET /name`."""
    app = Flask("app")
    for name, function in routes.items():
        app.add_url_rule(f"/{name}", name, function, methods=["GET", "POST"])
    return app


def test_a_scripted_sender_drives_a_wsgi_application(stage, happened) -> None:
    """What is drawn is sent to the real application, and its answer is the drawn one's place."""
    trace = stage("user -> a : GET /x\na --> user : 200", a=flask_app(x=lambda: "hello"))

    assert trace.is_finished
    assert happened(trace) == ["user>a GET /x", "a>user 200 OK"]


def test_another_status_stops_the_run(stage) -> None:
    """A status other than the drawn one is refused, and the run is not finished."""
    trace = stage("user -> a : GET /y\na --> user : 200\nuser -> a : GET /x\na --> user : 200", a=flask_app())

    assert (trace.is_finished, trace.refusal.code) == (False, "SQ532")
    assert trace.refusal.span.line == 2


def test_a_scripted_receiver_mocks(stage, happened) -> None:
    """The application's call through requests gets the drawn answer."""
    seen = []

    def x():
        seen.append(requests.get("https://s.test/data").status_code)
        return "ok"

    trace = stage("user -> a : GET /x\na -> s : GET /data\ns --> a : 418\na --> user : 200", a=flask_app(x=x))

    assert trace.is_finished
    assert seen == [418]
    assert happened(trace) == ["user>a GET /x", "a>s GET /data", "s>a 418 I'm a Teapot", "a>user 200 OK"]


def test_two_bound_participants_are_observed(stage, happened) -> None:
    """A call between two applications goes through, and is an arrow."""
    trace = stage(
        "user -> a : GET /x\na -> b : GET /y\nb --> a : 200\na --> user : 200",
        a=flask_app(x=lambda: requests.get("https://b.test/y").text),
        b=flask_app(y=lambda: "from b"),
    )

    assert trace.is_finished
    assert happened(trace)[1:3] == ["a>b GET /y", "b>a 200 OK"]
    assert trace.occurrences[3].content.body == b"from b"


def test_two_scripted_participants_are_told(stage) -> None:
    """What scripted parties say to each other happens without contents, and its values become known."""
    trace = stage(
        "u -> s : POST /t | x=1\ns --> u : 200 | token=T1\nu -> a : GET /x\na --> u : 200", a=flask_app(x=lambda: "")
    )

    assert trace.is_finished
    assert [one.content for one in trace.occurrences[:2]] == [None, None]
    assert trace.occurrences[2].bindings.known["u"]["token"] == "T1"


def test_a_call_that_is_not_drawn_is_refused(stage) -> None:
    """One message too many fails, although the application's answer would have been right."""
    trace = stage(
        "user -> a : GET /x\na --> user : 200\nuser -> b : GET /y\nb --> user : 200",
        a=flask_app(x=lambda: requests.get("https://b.test/y").text),
        b=flask_app(y=lambda: "y"),
    )

    assert (trace.is_finished, trace.refusal.code) == (False, "SQ530")


def test_a_call_that_did_not_come_is_missing(stage) -> None:
    """An answer without the call drawn before it fails at the missing arrow."""
    trace = stage("user -> a : GET /x\na -> s : GET /d\ns --> a : 200\na --> user : 200", a=flask_app(x=lambda: "ok"))

    assert trace.refusal.code == "SQ534"
    assert trace.refusal.span.line == 2


def test_calls_in_the_wrong_order_are_refused(stage) -> None:
    """A drawn call that comes before another drawn one is out of order."""

    def x():
        requests.get("https://s.test/second")
        requests.get("https://s.test/first")
        return "ok"

    trace = stage(
        "user -> a : GET /x\na -> s : GET /first\ns --> a : 200\na -> s : GET /second\ns --> a : 200\na --> user : 200",
        a=flask_app(x=x),
    )

    assert trace.refusal.code == "SQ531"
    assert trace.refusal.span.line == 4


def test_an_action_is_a_step_definition(stage, happened) -> None:
    """A scripted party's action runs the bound class's step, whose calls are arrows."""

    class Client(seqtest.actors.Actor):
        @seqtest.actors.on("log in as {name}")
        def log_in(self, name: str) -> str:
            assert self.http.post("auth", "/token", data={"username": name}).status == 200
            return "welcome"

    trace = stage(
        "user -> client : log in as alice\nclient -> auth : POST /token | username=alice\nauth --> client : 200\n"
        "client --> user : welcome",
        client=Client,
    )

    assert trace.is_finished
    assert happened(trace)[-1] == "client>user welcome"


def test_an_action_without_a_step_definition_is_an_error(stage) -> None:
    """It names the steps that there are."""

    class Client(seqtest.actors.Actor):
        @seqtest.actors.on("log in as {name}")
        def log_in(self, name: str) -> None: ...

    trace = stage("user -> client : log out", client=Client)

    assert trace.refusal.code == "SQ410"
    assert "log in as {name}" in trace.refusal.expected
    assert trace.refusal.span.line == 1


async def coroutine(*_: object) -> None:
    raise AssertionError


def generator(*_: object):
    yield
    raise AssertionError


async def asynchronous_generator(*_: object):
    yield
    raise AssertionError


@pytest.mark.parametrize("unrun", [coroutine, generator, asynchronous_generator])
@pytest.mark.parametrize(
    "text", ["user -> client : go", "user -> client : go\nclient --> user : done", "client -> client : go"]
)
@pytest.mark.parametrize("is_class", [True, False])
def test_a_step_definition_whose_body_nobody_runs_is_no_answer(stage, unrun, text: str, is_class: bool) -> None:
    """`async` or `yield` in it would leave everything undone, and nothing wrong."""

    class Client(seqtest.actors.Actor):
        go = seqtest.actors.on("go")(lambda self: unrun())

    trace = stage(text, client=Client if is_class else lambda message: unrun())

    assert trace.refusal.code == "SQ416"
    assert "whose body nobody runs" in trace.refusal.got or "which nobody awaits" in trace.refusal.got


@pytest.mark.parametrize("unrun", [coroutine, generator])
def test_a_given_and_a_close_whose_body_nobody_runs_are_errors(stage, unrun) -> None:
    """The guard would not hold, and what is kept would not be given back."""
    from dataclasses import replace

    from seqtest.scenario import Given

    class Closes(seqtest.actors.Actor):
        handle = staticmethod(lambda request: Response(200))
        close = unrun

    scenario = stage.flow("u -> a : GET /x\na --> u : 200")
    stage.givens = {"token expired": unrun}

    assert stage(scenario, a=Closes).refusal.code == "SQ423"
    given = replace(scenario, givens=(Given("token expired", 0),))
    assert stage(given, a=lambda request: 200).refusal.code == "SQ413"


def test_an_action_that_raises_fails_unless_drawn(stage) -> None:
    """An exception that is not drawn fails the arrow, even when no answer is drawn at all."""

    def client(action: Action) -> None:
        raise ValueError("boom")

    trace = stage("user -> client : log in", client=client)

    assert trace.refusal.code == "SQ533"


def test_a_plain_function_answers_requests_and_actions(stage) -> None:
    """What it returns may be short."""

    def server(message):
        return {"id": 1} if isinstance(message, Request) else "done"

    trace = stage("u -> s : GET /x\ns --> u : 200\nu -> s : rest\ns --> u : done", s=server)

    assert trace.is_finished
    assert trace.occurrences[1].content.body == b'{"id": 1}'


@pytest.mark.parametrize("flags", [{}, {"TESTING": True}, {"PROPAGATE_EXCEPTIONS": True}, {"DEBUG": True}])
def test_an_exception_is_a_500_whatever_the_flags(stage, flags) -> None:
    """Flask's flags never change a verdict, and the exception is kept."""

    def x():
        raise KeyError("lost")

    app = flask_app(x=x)
    app.config.update(flags)

    kept = stage("user -> a : GET /x\na --> user : 500", a=app)
    broken = stage("user -> a : GET /x\na --> user : 200", a=app)

    assert kept.is_finished
    assert isinstance(kept.occurrences[1].content.cause, KeyError)
    assert broken.refusal.code == "SQ532"


def test_a_scripted_party_drives_inside_an_open_call(stage, happened) -> None:
    """While a's call to s is open, the scripted s may call b."""
    trace = stage(
        "u -> a : GET /x\na -> s : GET /d\ns -> b : GET /hook\nb --> s : 200\ns --> a : 200\na --> u : 200",
        a=flask_app(x=lambda: requests.get("https://s.test/d").text),
        b=flask_app(hook=lambda: "hooked"),
    )

    assert trace.is_finished
    assert [line.split()[0] for line in happened(trace)] == ["u>a", "a>s", "s>b", "b>s", "s>a", "a>u"]


def test_lost_messages_are_connection_errors(stage) -> None:
    """A lost request never arrives; a lost answer arrived and its caller does not know."""
    seen = []

    def x():
        for path in ("lost", "answered"):
            try:
                requests.get(f"https://s.test/{path}")
            except requests.ConnectionError:
                seen.append(path)
        return "ok"

    trace = stage(
        "u -> a : GET /x\na ->x s : GET /lost\na -> s : GET /answered\ns -->x a : 200\na --> u : 200", a=flask_app(x=x)
    )

    assert trace.is_finished
    assert seen == ["lost", "answered"]


def test_a_lost_request_of_a_scripted_sender_reaches_nobody(stage) -> None:
    """The application never hears of it."""
    calls = []
    trace = stage(
        "u ->x a : GET /x\nu -> a : GET /y\na --> u : 200", a=lambda request: calls.append(request.url) or 200
    )

    assert trace.is_finished
    assert calls == ["https://a.test/y"]


def test_asynchronous_messages_are_delivered_behind_the_senders_next_arrow(stage, happened) -> None:
    """The caller gets a 202 at once; the receiver's own calls come after."""
    codes = []

    def x():
        codes.append(requests.post("https://b.test/job").status_code)
        requests.get("https://s.test/next")
        return "ok"

    def job():
        requests.get("https://s.test/hook")
        return "", 204

    trace = stage(
        "u -> a : GET /x\na ->> b : POST /job\na -> s : GET /next\ns --> a : 200\na --> u : 200\n"
        "b -> s : GET /hook\ns --> b : 200",
        a=flask_app(x=x), b=flask_app(job=job),
    )  # fmt: skip

    assert trace.is_finished, trace.refusal
    assert codes == [202]
    assert happened(trace)[-2] == "b>s GET /hook"


def test_an_asynchronous_message_that_is_refused_fails(stage) -> None:
    """Any 2xx is the answer to `->>`, nothing else."""
    trace = stage("u ->> a : POST /job\nu -> a : GET /x\na --> u : 200", a=lambda r: 500 if r.method == "POST" else 200)

    assert trace.refusal.code == "SQ533"


def test_a_delay_moves_the_clock_for_a_scripted_speaker(stage) -> None:
    """When a scripted party speaks after a delay, the clock has moved."""
    trace = stage(
        "u -> a : GET /x\na --> u : 200\ndelay 360\nu -> a : GET /x\na --> u : 200", a=lambda r: Response(200)
    )

    assert trace.is_finished
    assert trace.occurrences[3].at - trace.occurrences[1].at == pytest.approx(360, abs=0.1)


def test_state_is_asked_of_who_plays(stage) -> None:
    """A state check's occurrence holds what the actor says of itself."""

    class Auth(seqtest.actors.Actor):
        def handle(self, request):
            return Response(200)

        def state(self):
            return {"revoked": ["t1"]}

    trace = stage("u -> a : GET /x\na --> u : 200\nstate a", a=Auth)

    assert trace.is_finished
    assert trace.occurrences[2].content.fields == {"revoked": ["t1"]}


def test_keep_renames_what_is_known(stage) -> None:
    """The other name is known to whoever knew the first."""
    trace = stage("u -> a : GET /x | t=1\na --> u : 200\nkeep t as T\nu -> a : GET /x\na --> u : 200", a=lambda r: 200)

    assert trace.is_finished
    assert trace.occurrences[3].bindings.known["u"]["T"] == "1"


def test_a_call_may_leave_the_drawing(stage) -> None:
    """An arrow to the border takes a call to an address that no participant has."""
    text = "u -> a : GET /x\na -> ] : POST /hook\n] --> a : 204\na --> u : 200"

    def notifying(request):
        return 200 if requests.post("https://outside.example/hook").status_code == 204 else 500

    assert stage(text, a=notifying).is_finished
    assert stage(text.replace("/hook", "/other"), a=notifying).refusal.code == "SQ535"


@pytest.mark.parametrize("value", [None, {"a": 1}, "text", 404])
def test_a_handler_may_return_something_short(stage, value) -> None:
    """An Actor's too; what is no answer at all is its fault."""

    class Short(seqtest.actors.Actor):
        def handle(self, request):
            return value

    class Wrong(seqtest.actors.Actor):
        def handle(self, request):
            return object()

    assert stage("u -> a : GET /x\na --> u : 2xx or 404", a=Short).is_finished
    refusal = stage("u -> a : GET /x\na --> u : 200", a=Wrong).refusal
    assert (refusal.code, refusal.span.line) == ("SQ416", 1)
    assert "(body, status)" in refusal.expected


def test_a_step_definition_may_answer_requests(stage) -> None:
    """`@on("GET /things/{id}")`: values from the path, the request if asked for, an answer as of a function."""
    asked = []

    class Things(seqtest.actors.Actor):
        @seqtest.actors.on("GET /things/{id}")
        def thing(self, id, request):
            asked.append((id, request.method))
            return {"id": id}

    stage.settings = {"a": {"url": "https://a.test/v1"}}

    assert stage("u -> a : GET /things/a%20b\na --> u : 200", a=Things).is_finished
    assert asked == [("a b", "GET")]
    for other in ("GET /things/7/parts", "POST /things/7", "GET /"):
        assert stage(f"u -> a : {other}\na --> u : 200", a=Things).refusal.code == "SQ416"


def test_an_actor_that_answers_no_requests_is_told_what_to_write(stage) -> None:
    """No answer is made up for it."""

    class Silent(seqtest.actors.Actor):
        @seqtest.actors.on("GET /things/{id}")
        def thing(self, id):
            return 200

    refusal = stage("u -> a : GET /x\na --> u : 501", a=Silent).refusal

    assert (refusal.code, refusal.span.line, refusal.got) == ("SQ416", 1, "nothing in Silent answers GET /x")
    assert refusal.expected == 'a method `def handle(self, request)`\n@seqtest.on("GET /things/{id}")'


def test_an_actor_that_calls_nobody_is_told_whom_it_may_call(stage) -> None:
    """A slip in a name is found, also when the exception is swallowed."""

    class Slipping(seqtest.actors.Actor):
        def handle(self, request):
            with contextlib.suppress(BaseException):
                self.http.get("autth", "/x")
            return 200

    refusal = stage("u -> a : GET /x\na --> u : 200\nu -> auth : hi", a=Slipping).refusal

    assert (refusal.code, refusal.do) == ("SQ417", "did you mean `auth`?")


def test_an_absolute_address_says_itself_whose_it_is(stage) -> None:
    """An arrow to `s` is no call to whoever has the address."""

    class Straying(seqtest.actors.Actor):
        def handle(self, request):
            self.http.get("s", "https://elsewhere.example/d")
            return 200

    text = "u -> a : GET /x\na -> s : GET /d\ns --> a : 200\na --> u : 200"

    assert stage(text, a=Straying).refusal.code == "SQ535"


def test_an_address_of_another_scheme_is_told_with_the_right_one(stage) -> None:
    """`http` where the participant has `https` is the usual slip."""
    refusal = stage(
        "u -> a : GET /x\na -> s : GET /d\ns --> a : 200\na --> u : 200", a=lambda r: requests.get("http://s.test/d")
    ).refusal

    assert refusal.code == "SQ535"
    assert refusal.do.splitlines()[0] == "s is https://s.test"


def test_an_exception_is_shown_with_its_message_and_its_place(stage) -> None:
    """In the short text too: what was said, and where the user's own code raised it."""

    def a(request):
        return {}["nowhere"]

    refusal = stage("u -> a : GET /x\na --> u : 200", a=a).refusal

    assert "KeyError: 'nowhere' (" in refusal.got
    assert f"test_drive_readings.py:{a.__code__.co_firstlineno + 1})" in refusal.got


def test_a_told_message_is_no_call(stage) -> None:
    """A told arrow never reaches a bound participant."""
    seen = []
    trace = stage(
        "u -> s : GET /x\ns --> u : 200\nu -> a : GET /y\na --> u : 200", a=lambda r: seen.append(r.url) or 200
    )

    assert trace.is_finished
    assert seen == ["https://a.test/y"]
