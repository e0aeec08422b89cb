"""Which arrow a message is, which answer fits, and what is known afterwards."""

from typing import Any

import pytest

from seqtest.exchange import Headers, Lost, Request, Response, Result


def test_method_and_path_say_which_arrow_it_is(kit: Any) -> None:
    """Everything else only counts broken promises."""
    flow = kit.request_flow("a = 1", "b = 2")
    contents, bindings = flow[0], flow.bindings

    assert contents.fits(kit.form(a="1", b="2"), bindings) == 0
    assert contents.fits(kit.form(a="2"), bindings) == 2
    assert contents.fits(kit.form(method="PUT", a="1", b="2"), bindings) is None
    assert contents.fits(kit.form("https://auth.test/other", a="1", b="2"), bindings) is None
    assert contents.fits(kit.form("https://auth.test/token?x=1", a="1", b="2"), bindings) == 0
    assert contents.fits(kit.form("https://evil.test/token", a="1", b="2"), bindings) is None


def test_values_in_a_path_belong_to_it(kit: Any) -> None:
    """A known value must be this one, a new one may be any segment."""
    flow = kit.request_flow(label="GET /users/{id}/x", outside={"id": "7"})
    assert flow[0].fits(Request("GET", "https://auth.test/users/7/x"), flow.bindings) == 0
    assert flow[0].fits(Request("GET", "https://auth.test/users/8/x"), flow.bindings) is None
    flow = kit.request_flow(label="GET /users/{new id}/x")
    assert flow[0].fits(Request("GET", "https://auth.test/users/8/x"), flow.bindings) == 0
    assert flow[0].fits(Request("GET", "https://auth.test/users/8/y/x"), flow.bindings) is None
    flow.came(0, Request("GET", "https://auth.test/users/8/x"))
    assert flow.bindings.known["auth"]["id"] == "8"


@pytest.mark.parametrize(
    ("label", "fitting", "other"),
    [("200 OK", 200, 201), ("401 or 403", 403, 400), ("4xx", 499, 500), ("{status}", 418, 200)],
)
def test_an_answer_fits_by_its_status(kit: Any, label: str, fitting: int, other: int) -> None:
    """The rest of it is promised, and does not stop the run."""
    contents = kit.answer_flow("a = 1", label=label, outside={"status": 418})[1]

    assert contents.status_fits(Response(fitting))
    assert not contents.status_fits(Response(other))
    assert not contents.status_fits(Lost())
    assert not contents.status_fits(Result())


def test_a_lost_answer_fits_where_one_is_drawn(kit: Any) -> None:
    """`-->x`."""
    flow = kit.flow("client -> auth : POST /token\nauth -->x client : 200 OK")

    assert flow[1].status_fits(Lost())


def test_an_exception_fits_only_where_it_is_drawn(kit: Any) -> None:
    """By its name, without the module's."""
    drawn = kit.flow("client -> auth : find\nauth --> client : error: NotFound")[1]
    undrawn = kit.flow("client -> auth : find\nauth --> client : Alice")[1]

    assert drawn.status_fits(Result(error="app.NotFound"))
    assert not drawn.status_fits(Result("Alice"))
    assert not drawn.status_fits(Result(error="KeyError"))
    assert not undrawn.status_fits(Result(error="NotFound"))


def test_an_answers_value_is_a_promise(kit: Any) -> None:
    """The answer to an action has its text as value; without a text any value will do."""
    text = "client -> auth : find\nauth --> client : {}"

    def wrong(label: str, value: Any) -> list[str]:
        flow = kit.flow(text.format(label))
        flow.compose(0)
        return [failure.code for failure in flow.came(1, Result(value)).failures]

    assert wrong("Alice", "Alice") == []
    assert wrong("Alice", "Bob") == ["SQ550"]
    assert wrong("Alice", None) == ["SQ550"]
    assert wrong("true", True) == []


def test_drawn_fields_are_known_to_both_ends(kit: Any) -> None:
    """Fields and headers under their own names, names in templates, names behind `as`."""
    flow = kit.answer_flow(
        "access_token : opaque", "refresh_token as R1", "DPoP-Nonce: {new nonce}", "Location: /x", "  code = {new code}"
    )
    flow.compose(0)
    headers = {"DPoP_Nonce": "n1", "Location": "/x?code=c1"}
    flow.came(1, kit.json({"access_token": "a", "refresh_token": "r", "id_token": "i"}, **headers))

    known = {
        "access_token": "a",
        "refresh_token": "r",
        "R1": "r",
        "DPoP-Nonce": "n1",
        "nonce": "n1",
        "Location": "/x?code=c1",
        "code": "c1",
    }
    assert flow.bindings.known["client"] == known
    assert flow.bindings.known["auth"] == known


def test_what_did_not_come_is_not_known(kit: Any) -> None:
    """Capturing never fails."""
    flow = kit.answer_flow("access_token : opaque", "[x]", "user.name = A")
    flow.compose(0)
    flow.came(1, Response(200, Headers(), b"not json"))

    assert flow.bindings.known["client"] == {}


def test_a_value_that_a_later_arrow_needs_must_come(kit: Any) -> None:
    """A scripted client cannot go on without it; nobody needs the others."""
    flow = kit.flow(
        "client -> auth : POST /token\nauth --> client : 200 OK\n"
        "note left\n  access_token : opaque\n  x = 1\nend note\n"
        "client -> auth : GET /me\nnote left : Authorization: Bearer {access_token}\nauth --> client : 200 OK"
    )
    flow.compose(0)

    assert [finding.code for finding in flow[1].missing(kit.json({}), flow.bindings)] == ["SQ563"]
    assert flow[1].missing(kit.json({"access_token": "a"}), flow.bindings) == []


def test_claims_are_reached_through_their_token(kit: Any) -> None:
    """`{id_token.sid}`."""
    flow = kit.flow(
        "client -> auth : POST /token\nauth --> client : 200 OK\nnote left : id_token : jwt\n"
        "client -> auth : POST /logout\nnote left : sid = {id_token.sid}\nauth --> client : 200 OK"
    )
    flow.compose(0)
    flow.came(1, kit.json({"id_token": kit.token(sid="s1")}))

    assert flow.compose(2).body == b"sid=s1"


def test_the_speakers_own_knowledge_comes_first(kit: Any) -> None:
    """Two clients may each have their `client_id`."""
    flow = kit.flow(
        "note over client : client_id = web\nnote over auth : client_id = users\n"
        "client -> auth : POST /a\nnote left : client_id = {client_id}\nauth --> client : 200 OK\n"
        "auth -> client : POST /b\nnote left : client_id = {client_id}\nclient --> auth : 200 OK",
        bound=("client", "auth"),
    )
    assert flow.came(0, kit.form("https://auth.test/a", client_id="web")).failures == ()
    flow.came(1, Response(200))

    assert [one.code for one in flow.came(2, kit.form("https://client.test/b", client_id="users")).failures] == [
        "SQ550"
    ]


def test_state_is_checked_like_fields(kit: Any) -> None:
    """A note over a participant below the first arrow."""
    flow = kit.flow(
        "client -> auth : POST /revoke\nauth --> client : 200 OK\nnote over auth : revoked contains {t}\n",
        outside={"t": "tok"},
    )
    state = next(step.index for step in flow.scenario.steps if step.kind == "state")

    assert flow.came(state, Result(fields={"revoked": ["tok"]})).failures == ()
    report = flow.came(state, Result(fields={"revoked": ["token"]}))
    assert [failure.code for failure in report.failures] == ["SQ550"]


def test_state_is_also_what_a_participant_knows(kit: Any) -> None:
    """An application that says nothing of itself still knows what it was sent."""
    flow = kit.flow(
        "client -> auth : POST /a\nnote left : t as TA\nauth --> client : 200 OK\n"
        "client -> auth : POST /b\nnote left : t as TB\nauth --> client : 200 OK\nnote over client : TA != {TB}",
        bound=("client",),
    )
    state = next(step.index for step in flow.scenario.steps if step.kind == "state")

    flow.came(0, kit.form("https://auth.test/a", t="1"))
    flow.came(2, kit.form("https://auth.test/b", t="2"))
    assert flow.came(state, Result()).failures == ()
    flow.came(2, kit.form("https://auth.test/b", t="1"))
    assert [one.code for one in flow.came(state, Result()).failures] == ["SQ550"]
