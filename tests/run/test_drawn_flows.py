"""The whole way: drawn text, real promises, the user's own applications."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask import Flask, jsonify, request

import seqtest.actors
from seqtest import api
from seqtest.auth.jwt import sign
from seqtest.auth.keys import make_key, public_jwk
from seqtest.diagram.read import read
from seqtest.errors import Diagnostic
from seqtest.exchange import Request, Response
from seqtest.intercepts.tap import tap
from seqtest.source import Source
from seqtest.verdict import Verdict


def play(text: str, outside: Callable[[str], Any] = api.nowhere, case: int = 0, **bindings: Any) -> Verdict:
    """The verdict on one case of a drawing."""
    diagram = read(Source("flow.puml", f"@startuml flow\n{text}\n@enduml\n"))[0]
    return api.play(api.ready(api.cases(diagram)[case], bindings, outside=outside))


def codes(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.failures]


def issuer() -> Flask:
    """An authorization server of the user's own: it signs, and its metadata name the place of its keys."""
    app, key = Flask("issuer"), make_key("ES256", "k1")
    app.config["TESTING"] = True

    @app.post("/token")
    def token():
        now = int(time.time())
        claims = {"iss": "https://auth.test", "sub": request.form["username"], "iat": now, "exp": now + 300}
        return jsonify(access_token=sign({"alg": "ES256", "kid": "k1"}, claims, key), token_type="Bearer")

    app.add_url_rule("/keys", "keys", lambda: jsonify(keys=[public_jwk(key)]))
    app.add_url_rule(
        "/.well-known/oauth-authorization-server", "meta", lambda: jsonify(jwks_uri="https://auth.test/keys")
    )
    return app


TOKEN = """
client -> auth : POST /token
note right
  grant_type = password
  username = alice
end note
auth --> client : 200 OK
note left
  access_token : jwt
    sub = alice
    iat = now
    exp = iat + 5 minutes
end note
"""


def test_the_tokens_of_an_application_are_verified_against_its_own_keys() -> None:
    """Its keys are fetched as they are published, without an arrow; a time of its own clock is the run's."""
    verdict = play(TOKEN, auth=issuer())

    assert verdict.is_kept, codes(verdict)
    assert (verdict.arrows_seen, verdict.under_test) == (2, ("auth",))


def test_a_token_signed_with_another_key_is_red() -> None:
    """Although every claim is as drawn."""
    from dataclasses import replace

    stranger = replace(make_key("ES256", "other"), kid="k1")

    app = issuer()
    app.view_functions["token"] = lambda: jsonify(
        access_token=sign(
            {"alg": "ES256", "kid": "k1"},
            {"sub": "alice", "iat": int(time.time()), "exp": int(time.time()) + 300},
            stranger,
        )
    )

    assert not play(TOKEN, auth=app).is_kept


def test_an_application_without_keys_is_an_error_and_no_pass() -> None:
    """What cannot be verified is not kept."""
    app = issuer()
    app.view_functions["meta"] = lambda: ("", 404)

    assert not play(TOKEN, auth=app).is_kept


def test_keys_that_anybody_may_fetch_hold_no_private_one() -> None:
    """The signature verifies, and means nothing: whoever asks for the keys can make it."""
    app = issuer()
    shown = app.view_functions["keys"]

    def with_the_private_part() -> Any:
        (key,) = shown().get_json()["keys"]
        return jsonify(keys=[{**key, "d": "aHR0cHM6Ly9leGFtcGxlLmNvbS9wcml2YXRl"}])

    app.view_functions["keys"] = with_the_private_part
    verdict = play(TOKEN, auth=app)

    assert codes(verdict) == ["SQ560"]
    assert "auth publishes it beside its keys" in verdict.failures[0].message
    assert "aHR0" not in verdict.failures[0].message


QUIET = """
participant auth
note over auth
  quiet = GET /jwks
  key = RS256
  users.alice.password = s3cret-value
end note
user -> api : GET /x
api --> user : 200
"""


@pytest.mark.parametrize(("query", "found"), [("?x=s3cret-value", ["SQ560"]), ("?x=1", [])])
def test_a_quiet_request_hides_no_secret(query, found) -> None:
    """It may come undrawn; what is nobody's business may not come with it."""
    verdict = play(QUIET, api=lambda asked: requests.get(f"https://auth.test/jwks{query}").status_code)

    assert codes(verdict) == found
    assert verdict.is_kept is (not found)


class CallsAtOnce(seqtest.actors.Actor):
    """Calls out in its `__init__`, by a way that a test chooses, and lets nothing show."""

    way: Callable[["CallsAtOnce"], object]

    def __init__(self, part):
        super().__init__(part)
        with contextlib.suppress(Exception):
            type(self).way(self)

    def handle(self, request):
        return 200


@pytest.mark.parametrize(
    ("way", "got"),
    [
        (lambda actor: actor.http.get("auth", "/undrawn"), "GET /undrawn to auth"),
        (lambda actor: requests.get("https://auth.test/undrawn"), "GET /undrawn to auth"),
        (lambda actor: requests.get("https://elsewhere.example/x"), "GET /x to an address that no participant has"),
        (lambda actor: socket.create_connection(("127.0.0.1", 9)), "a connection to 127.0.0.1:9"),
    ],
)
def test_a_call_before_the_flow_has_begun_is_an_error(way, got) -> None:
    """No arrow can draw it, so that it must not go anywhere unseen."""
    bound = type("Hasty", (CallsAtOnce,), {"way": staticmethod(way)})

    with pytest.raises(Diagnostic) as caught:
        play("participant auth\nuser -> api : GET /x\napi --> user : 200", api=bound)

    assert (caught.value.finding.code, caught.value.finding.got) == ("SQ415", got)


def test_what_an_application_adds_to_its_setting_is_not_there_in_the_next_case() -> None:
    """Cases of one drawing share what it draws, and no run hands anything on to another."""
    seen = []

    class Api(seqtest.actors.Actor):
        def handle(self, request: Request) -> Response:
            seen.append(str(dict(self.part.settings)))
            self.part.settings["roles"].append("admin")
            self.part.settings["limits"]["user"].append(1)
            return Response(200)

    text = """
    note over api
      roles = ["user"]
      limits = {"user": []}
    end note
    client -> api : GET /x
    api --> client : 200 OK
    """
    (case,) = api.cases(read(Source("flow.puml", f"@startuml flow\n{text}\n@enduml\n"))[0])
    kept = [api.play(api.ready(case, {"api": Api})).is_kept for _ in range(2)]

    assert kept == [True, True]
    assert seen == [str({"roles": ["user"], "limits": {"user": []}})] * 2


def test_a_connection_that_the_settings_allow_may_be_made_at_once() -> None:
    """A database is none of the flow's business, then either."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = server.getsockname()
        connects = {"way": staticmethod(lambda actor: socket.create_connection(place).close())}
        note = f"participant api\nnote over api\n  allows = 127.0.0.1:{place[1]}\nend note\n"

        bound = type("Prepared", (CallsAtOnce,), connects)

        assert play(note + "user -> api : GET /x\napi --> user : 200", api=bound).is_kept


def test_a_thread_that_an_actor_starts_when_it_is_made_speaks_in_the_run() -> None:
    """It goes on as its participant; what nobody draws is red."""
    go, done = threading.Event(), threading.Event()

    def work() -> None:
        go.wait(5)
        with contextlib.suppress(BaseException):
            requests.get("https://auth.test/undrawn")
        done.set()

    class Working(CallsAtOnce):
        @staticmethod
        def way(actor):
            threading.Thread(target=work).start()

        def handle(self, request):
            go.set()
            done.wait(5)
            return 200

    verdict = play("participant auth\nuser -> api : GET /x\napi --> user : 200", api=Working)

    assert codes(verdict) == ["SQ530"]


def test_a_lost_message_proves_nothing() -> None:
    """It reaches nobody, so a flow of nothing else tested nothing."""
    verdict = play("participant api\nclient ->x api : GET /y", api=lambda request: 500)

    assert codes(verdict) == ["SQ504"]
    assert (verdict.arrows_seen, verdict.arrows_told) == (0, 1)


def test_a_self_message_of_an_application_is_told() -> None:
    """Nothing can see it, so it is no arrow seen."""
    verdict = play("u -> auth : GET /none\nauth -> auth : thinks\nauth --> u : 404", auth=issuer())

    assert (verdict.is_kept, verdict.arrows_seen, verdict.arrows_told) == (True, 2, 1)
    assert [step.state for step in verdict.steps] == ["passed", "told", "passed"]


def test_a_self_message_with_a_note_that_nobody_takes_is_an_error_at_its_line() -> None:
    """A note holds checks, and none is left out."""
    verdict = play(
        "u -> auth : GET /meta\nauth -> auth : audit\nnote left\n  who = me\nend note\nauth --> u : 2xx", auth=issuer()
    )

    assert codes(verdict) == ["SQ410"]
    assert str(verdict.failures[0].span).startswith("flow.puml:3:")


def test_only_who_took_part_is_under_test() -> None:
    """A bound participant that no arrow of the case reaches proves nothing, and is warned of."""
    verdict = play("participant b\nu -> a : GET /x\na --> u : 200", a=lambda request: 200, b=lambda request: 200)

    assert verdict.is_kept
    assert verdict.under_test == ("a",)
    assert [(one.code, one.severity, one.span.line) for one in verdict.warnings] == [("SQ505", "warning", 2)]


LOCAL = """
participant client
participant auth <<authorization-server>>
participant api
note over auth
  users.alice.password = wonderland
  access_token.format = jwt
  access_token.alg = ES256
end note
client -> auth : POST /oauth/token
note right
  grant_type = password
  client_id = web
  username = alice
  password = wonderland
end note
auth --> client : 200 OK
note left
  access_token : jwt
end note
client -> api : GET /me
note right: Authorization: Bearer {access_token}
api --> client : 200 OK
"""


def me(asks: bool) -> Callable[[Any], Any]:
    def handle(message):
        if asks:
            requests.post("https://auth.test/oauth/introspect", data={"token": "x"}, auth=("api", "x"))
        return {"sub": "alice"}

    return handle


def test_a_chatty_resource_server_turns_the_flow_red() -> None:
    """No arrow leads from the API to the authorization server, so that call is one too many."""
    assert play(LOCAL, api=me(asks=False)).is_kept
    assert codes(play(LOCAL, api=me(asks=True))) == ["SQ530"]


def test_a_client_of_the_users_own_against_a_scripted_server() -> None:
    """The diagram mocks: what the client sent is checked, and it gets what is drawn."""
    got = []

    def client(action: Any) -> str:
        answer = requests.post("https://auth.test/token", data={"grant_type": "password", "username": "alice"})
        got.append(answer.json())
        return "welcome"

    text = """
user -> client : log in
client -> auth : POST /token
note right
  grant_type = password
  username = {name}
end note
auth --> client : 200 OK {access_token: opaque, expires_in: 300}
client --> user : welcome
"""
    outside = {"name": "alice"}.__getitem__

    kept = play(text, outside, client=client)
    broken = play(text, {"name": "bob"}.__getitem__, client=client)

    assert kept.is_kept, codes(kept)
    assert got[0]["expires_in"] == 300
    assert not broken.is_kept
    assert broken.trace.is_finished, "a mock answers as drawn even when the request was wrong"


def test_a_refreshing_client_waits_itself() -> None:
    """Its sleep is virtual, and the token it gets afterwards is of that later time."""
    text = "user -> client : watch\n" + TOKEN + "... at least 10 minutes ...\n" + TOKEN + "client --> user : done"

    def watch(wait: float) -> Callable[[Any], Any]:
        def client(action):
            for pause in (0, wait):
                time.sleep(pause)
                requests.post("https://auth.test/token", data={"grant_type": "password", "username": "alice"})
            return "done"

        return client

    began = time.perf_counter()

    assert play(text, client=watch(600), auth=issuer()).is_kept
    assert codes(play(text, client=watch(10), auth=issuer())) == ["SQ539"]
    assert time.perf_counter() - began < 5


POLLING = """
user -> tv : sign in
loop 0..20 times
  tv -> op : POST /token
  op --> tv : 400 Bad Request {error: authorization_pending}
  ... at least 5 seconds ...
end
tv -> op : POST /token
op --> tv : 200 OK {access_token: opaque}
tv --> user : done
"""


@pytest.mark.parametrize("refusals", [0, 1, 7, 20])
def test_a_polling_client_may_ask_as_often_as_drawn(refusals) -> None:
    """Each refusal is an iteration; the token ends the loop."""
    left = [400] * refusals

    def op(message):
        return ({"error": "authorization_pending"}, left.pop()) if left else {"access_token": "t" * 32}

    def tv(action):
        while requests.post("https://op.test/token").status_code == 400:
            time.sleep(5)
        return "done"

    verdict = play(POLLING, tv=tv, op=op)

    assert verdict.is_kept, codes(verdict)


def test_a_polling_client_that_does_not_wait_is_red() -> None:
    """The delay in the loop binds it."""
    left = [400] * 3

    def tv(action):
        while requests.post("https://op.test/token").status_code == 400:
            time.sleep(1)
        return "done"

    def op(message):
        return ({"error": "authorization_pending"}, left.pop()) if left else {"access_token": "t" * 32}

    assert codes(play(POLLING, tv=tv, op=op)) == ["SQ539"]


RACE = """
par
  client -> auth : POST /token
  note right: code = C1
  auth --> client : 200 OK
else
  client -> auth : POST /token
  note right: code = C1
  auth --> client : 400 Bad Request
  note left: error = invalid_grant
end
"""


@pytest.mark.parametrize("first", [200, 400])
def test_a_race_on_one_code(first) -> None:
    """Either operand may win; that both do is red."""
    answers = [first, 600 - first]

    def auth(message):
        status = answers.pop(0)
        return ({"error": "invalid_grant"}, 400) if status == 400 else {}

    assert play(RACE, auth=auth).is_kept
    assert not play(RACE, auth=lambda message: {}).is_kept


def test_a_slow_look_up_in_a_thread_is_still_the_participants() -> None:
    """A tapped call in a thread, answered by the drawing."""
    find = tap(lambda id: None, "users -> db : find user {id}")

    def users(message):
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(find(123)))
        thread.start()
        thread.join()
        return found[0]

    text = """
client -> users : GET /users/123
users -> db : find user 123
db --> users : Alice
note right
  sub = "123"
  name = Alice
end note
users --> client : 200 OK {name: Alice, sub: "123"}
"""
    verdict = play(text, users=users)

    assert verdict.is_kept, codes(verdict)


def test_a_drawn_error_of_a_store_is_raised_in_the_application() -> None:
    """`error: KeyError` becomes that exception where the tapped function was called."""
    find = tap(lambda id: None, "users -> db : find user {id}")

    def users(message):
        try:
            find(123)
        except KeyError:
            return 404
        return 200

    text = """
client -> users : GET /users/123
users -> db : find user 123
db --> users : error: KeyError
users --> client : 404
"""

    assert play(text, users=users).is_kept


def test_asynchronous_audit() -> None:
    """`->>` is delivered, and its refusal fails."""
    seen = []

    def audit(message):
        seen.append(message.body)
        return 204

    def client(action):
        assert requests.post("https://audit.test/log", json={"a": 1}).status_code == 202
        return "done"

    text = """
user -> client : go
client ->> audit : POST /log
note right
  Content-Type: application/json
  a = 1
end note
client --> user : done
"""

    assert play(text, client=client, audit=audit).is_kept
    assert seen == [b'{"a": 1}']
    assert codes(play(text, client=client, audit=lambda message: 500)) == ["SQ533"]


def test_quiet_keys_of_a_scripted_provider() -> None:
    """The user's API fetches the keys as often as it likes; the drawing's own tokens verify against them."""
    from seqtest.auth.jwt import verify

    def api_server(message):
        keys = requests.get("https://op.test/jwks").json()
        token = dict(message.headers)["Authorization"].removeprefix("Bearer ")
        verify(token, keys["keys"], ["ES256"])
        assert "d" not in keys["keys"][0]
        return {"ok": True}

    text = """
note over op
  issuer = {op.url}
  keys.k1 = ES256
  quiet = GET /jwks
end note
op -> client : issue
note left
  access_token : jwt
    kid = k1
    iss = {issuer}
    sub = "123"
end note
client -> api : GET /orders
note right: Authorization: Bearer {access_token}
api --> client : 200 OK {ok: true}
"""
    verdict = play(text, api=api_server)

    assert verdict.is_kept, codes(verdict)
    assert verdict.trace.quiet == 1


def test_a_path_with_a_value_to_come_draws_no_quiet_request() -> None:
    """`GET /users/{id}` of the same two is no `GET /jwks`, even while nobody knows the id."""

    def api_server(message):
        keys = requests.get("https://op.test/jwks")
        users = requests.get("https://op.test/users/7") if message.url.endswith("/second") else keys
        return {"id": 7} if users.ok else 500

    verdict = play(
        """
note over op
  keys.k1 = ES256
  quiet = GET /jwks
end note
client -> api : GET /first
api --> client : 200 OK {id: 7}
client -> api : GET /second
api -> op : GET /users/{id}
op --> api : 200 OK
api --> client : 200 OK
""",
        api=api_server,
    )

    assert verdict.is_kept, codes(verdict)
    assert verdict.trace.quiet == 2


def test_state_checks_look_at_the_actors_state() -> None:
    """A note over a bound participant below the first arrow."""

    class Auth(seqtest.actors.Actor):
        def handle(self, message):
            return 200

        def state(self):
            return {"revoked": ["T1"]}

    text = """
client -> auth : POST /revoke
note right: token = {t}
auth --> client : 200
note over auth
  revoked contains {t}
end note
"""

    assert play(text, {"t": "T1"}.__getitem__, auth=Auth).is_kept
    assert not play(text, {"t": "T2"}.__getitem__, auth=Auth).is_kept


PASSED_ON = """
participant client
participant auth
participant api
client -> auth : POST /token
note right : username = alice
auth --> client : 200 OK
note left : access_token
client -> api : POST /
note right
{lines}
end note
api --> client : 200
"""


@pytest.mark.parametrize(
    "token",
    [
        "Authorization: Bearer {access_token}",
        "X-Token: {access_token}",
        "subject_token = {access_token}",
        "Content-Type: application/json\n subject_token = {access_token}",
        "Content-Type: application/json\n sent : object\n  token = {access_token}",
    ],
)
@pytest.mark.parametrize(
    ("below", "found"),
    [
        (["sub = alice"], []),
        (["sub matches /[a-z]+/", "[email = a@x]", "sub as who", "signed by auth"], []),
        (["sub = mallory"], ["SQ550"]),
        (["email present"], ["SQ551"]),
        (["sub = alice", "nothing else"], ["SQ557"]),
        (["signed by api"], ["SQ470"]),
    ],
)
def test_lines_below_a_token_that_is_passed_on_are_checks(token: str, below: list[str], found: list[str]) -> None:
    """A scripted sender did not make it: the lines are held against it as they are for a bound one."""
    lines = "\n".join([f" {token}", *(f"    {line}" for line in below)])
    verdict = play(PASSED_ON.format(lines=lines), auth=issuer(), api=lambda request: 200)

    assert codes(verdict) == found


def test_a_token_that_is_passed_on_is_verified() -> None:
    """By the keys of whom handed it out, though nothing was drawn of it there."""

    def forger(request):
        return {
            "access_token": sign({"alg": "ES256"}, {"iss": "https://auth.test", "sub": "alice"}, make_key("ES256", "k"))
        }

    text = "note over auth : jwks = {known}\n" + PASSED_ON.format(
        lines=" Authorization: Bearer {access_token}\n  sub = alice"
    )
    keys = {"known": {"keys": [public_jwk(make_key("ES256", "k1", "auth"))]}}.__getitem__

    assert codes(play(text, keys, auth=forger, api=lambda request: 200)) == ["SQ562"]


class Changing(seqtest.actors.Actor):
    """Hands out its own list, and goes on adding to it."""

    def __init__(self, part):
        super().__init__(part)
        self.revoked: list[str] = []

    def handle(self, message):
        self.revoked.append("T1")
        return 200

    def state(self):
        return {"revoked": self.revoked, "kept": {"ids": self.revoked}}

    @seqtest.actors.on("list revoked")
    def listed(self):
        return self.revoked

    @seqtest.actors.on("show revoked")
    def shown(self):
        return {"all": {"ids": self.revoked}}


REVOKES = "client -> auth : POST /revoke\nauth --> client : 200\n"


@pytest.mark.parametrize(
    "before",
    [
        "client -> auth : GET /\nauth --> client : 200\nnote over auth : revoked contains T1\n",
        "note over auth : revoked contains T1\n",
        "note over auth : kept.ids contains T1\n",
    ],
)
def test_a_state_is_what_it_was_when_it_was_asked_for(before: str) -> None:
    """What the application does with its list later changes no check that is drawn before."""
    begins = "client -> auth : list revoked\nauth --> client : []\n"
    is_asked_after_one = before.startswith("client")

    assert play(begins + before + REVOKES, auth=Changing).is_kept is is_asked_after_one
    assert play(begins + REVOKES + before, auth=Changing).is_kept


@pytest.mark.parametrize("line", ["session absent", "[session = 1]", "session.id absent"])
def test_nothing_is_proved_absent_from_a_state_that_cannot_be_told(line: str) -> None:
    """An application has no state to look at; an Actor that has none says so by an empty one."""

    class Empty(seqtest.actors.Actor):
        def handle(self, message):
            return 200

        def state(self):
            return {}

    text = f"{REVOKES}note over auth : {line}\n"

    for app in (Flask("app"), lambda request: 200):
        assert codes(play(text.replace(": 200", ": 404" if isinstance(app, Flask) else ": 200"), auth=app)) == ["SQ567"]
    assert play(text, auth=Empty).is_kept


def test_an_answer_is_what_it_was_when_it_was_given() -> None:
    """The value of an action, and a list below one of its fields."""
    asked = "client -> auth : show revoked\nauth --> client\nnote left : all.ids contains T1\n"

    assert not play(asked + REVOKES, auth=Changing).is_kept
    assert play(REVOKES + asked, auth=Changing).is_kept


def test_the_fields_of_an_action_are_what_they_were_when_it_was_called() -> None:
    """Arguments of a tapped function that the caller changes afterwards."""

    def store(ids: list[str]) -> None:
        raise AssertionError("the drawing answers")

    store = seqtest.tap(store, "auth -> db : store {ids}")

    def auth(request):
        ids = ["T0"]
        store(ids)
        ids.append("T1")
        return 200

    text = "client -> auth : POST /\nauth -> db : store ['T0']\nnote right : ids contains {}\nauth --> client : 200\n"

    assert play(text.format("T0"), auth=auth).is_kept
    assert not play(text.format("T1"), auth=auth).is_kept


def test_equal_runs_give_equal_traces() -> None:
    """Ids are seeded and the clock is given."""
    diagram = read(Source("flow.puml", f"@startuml\n{LOCAL}\n@enduml\n"))[0]

    def trace() -> Any:
        ready = api.ready(api.cases(diagram)[0], {"api": me(asks=False)}, start=1_700_000_000)
        return api.play(ready).trace

    first, second = trace(), trace()

    assert [one.at for one in first.occurrences] == [one.at for one in second.occurrences]
    assert first.occurrences[0].content == second.occurrences[0].content


def test_a_token_outlives_the_key_that_signed_it() -> None:
    """An application that rotates: each token is verified against the keys of its moment."""
    keys = iter([make_key("ES256", "old"), make_key("ES256", "new")])
    current: list[Any] = []
    app = Flask("rotating")

    @app.post("/token")
    def token():
        current[:] = [next(keys)]
        now = int(time.time())
        claims = {"sub": "alice", "iat": now, "exp": now + 300}
        return jsonify(access_token=sign({"alg": "ES256", "kid": current[0].kid}, claims, current[0]))

    app.add_url_rule("/keys", "keys", lambda: jsonify(keys=[public_jwk(current[0])]))
    text = "note over auth : jwks_uri = /keys\n" + TOKEN + TOKEN

    verdict = play(text, auth=app)

    assert verdict.is_kept, codes(verdict)


def test_what_is_needed_next_and_did_not_come_stops_the_flow() -> None:
    """Without the token the next arrow cannot be sent."""
    app = issuer()
    app.view_functions["token"] = lambda: jsonify(token_type="Bearer")
    text = TOKEN + "client -> auth : GET /me\nnote right: Authorization: Bearer {access_token}\nauth --> client : 200"

    verdict = play(text, auth=app)

    assert not verdict.trace.is_finished
    assert verdict.trace.refusal is not None
    assert "access_token" in verdict.trace.refusal.message


def test_another_broken_promise_does_not_stop_the_flow() -> None:
    """It goes on, and all that is wrong is told at the end."""
    text = """
client -> a : GET /x
a --> client : 200 OK {name: alice}
client -> a : GET /y
a --> client : 200 OK {name: bob}
"""
    verdict = play(text, a=lambda message: {"name": "mallory"})

    assert verdict.trace.is_finished
    assert [finding.span.line for finding in verdict.failures if finding.span] == [4, 6]


def test_an_async_client_is_caught_in_its_own_loop() -> None:
    """httpx.AsyncClient inside asyncio.run, two calls at once."""
    import asyncio

    import httpx

    async def both():
        async with httpx.AsyncClient() as client:
            return await asyncio.gather(client.get("https://s.test/1"), client.get("https://s.test/2"))

    def a(message):
        return {"codes": [answer.status_code for answer in asyncio.run(both())]}

    text = """
u -> a : GET /x
par
  a -> s : GET /1
  s --> a : 200
else
  a -> s : GET /2
  s --> a : 204
end
a --> u : 200 OK {codes[0]: 200, codes[1]: 204}
"""
    verdict = play(text, a=a)

    assert verdict.is_kept, codes(verdict)


def test_another_status_is_all_that_is_said_of_another_answer(drawn) -> None:
    """What is promised of the drawn answer says nothing of one with another status; secrets do."""
    text = "client -> api : POST /x\nnote right : password = s3cret-value\napi --> client : 200 OK\nnote left : a = 1"

    assert codes(drawn(text, api=lambda request: ("<html>", 500))) == ["SQ532"]
    assert codes(drawn(text, api=lambda request: ("<html>s3cret-value", 500))) == ["SQ532", "SQ560"]


class Error(Exception):
    """Called as `sqlite3.Error` is."""


class Mute(Exception):
    def __str__(self) -> str:
        raise KeyError("text")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Error("no row"), "500 Internal Server Error, because the app raised Error: no row ("),
        (Mute(), "500 Internal Server Error, because the app raised Mute: its message cannot be had, KeyError ("),
    ],
)
def test_what_an_application_raised_is_told_once(drawn, error: Exception, words: str) -> None:
    """Whatever its exception is called, and whether or not it can say what it is."""

    def api(request: object) -> object:
        raise error

    (finding,) = drawn("client -> api : GET /x\napi --> client : 200", api=api).failures

    assert finding.got.startswith(words)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (
            "participant client\nparticipant orders\nclient -> order : GET /x\norder --> client : 200",
            "SQ203",
            "`orders`",
        ),
        ("participant client\nclient -> orders : PSOT /x\norders --> client : 200", "SQ364", "did you mean `POST`?"),
        ("participant client\nclient -> orders : GETT /x\norders --> client : 200", "SQ364", "did you mean `GET`?"),
    ],
)
def test_a_slip_that_would_send_a_message_elsewhere_is_an_error(drawn, text: str, code: str, words: str) -> None:
    """To somebody whom nobody plays, whose arrows are told and not tested; by a method that nobody has."""
    with pytest.raises(Diagnostic) as caught:
        drawn(f"{text}\nclient -> orders : GET /y\norders --> client : 200", orders=lambda request: 200)

    assert [finding.code for finding in caught.value.findings] == [code]
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "participant client\nparticipant orders\nparticipant order\nclient -> order : GET /x\norder --> client : 200",
        "client -> orders : PROPFIND /x\norders --> client : 200",
        "client -> orders : QUERY /x\norders --> client : 200",
    ],
)
def test_what_is_meant_is_no_slip(drawn, text: str) -> None:
    """A participant that is declared, and methods of extensions."""
    assert drawn(f"{text}\nclient -> orders : GET /y\norders --> client : 200", orders=lambda request: 200).is_kept


def test_a_tapped_call_with_another_value_is_not_called_too_early() -> None:
    """The one drawn next names another value, so that the call is drawn nowhere."""

    def api(message: Any) -> int:
        tap(lambda token: None, "api -> db : revoke {token}")("other")
        return 200

    asked = "client -> api : POST /logout\nnote right : token = {new t}\n"
    (found,) = play(f"{asked}api -> db : revoke {{t}}\ndb --> api : ok\napi --> client : 200", api=api).failures

    assert (found.code, found.span.line if found.span else 0, found.label) == ("SQ530", 4, "drawn next")
