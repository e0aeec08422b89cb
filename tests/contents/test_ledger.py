"""What holds over a whole run: what is new, what stays open, and secrets in the wrong place."""

import base64
from typing import Any

import pytest

from seqtest.auth import jwe
from seqtest.auth.keys import make_key
from seqtest.auth.pkce import S256
from seqtest.exchange import Action, Headers, Request, Response, Result

TWICE = (
    "client -> auth : POST /token\nauth --> client : 200 OK\n{first}"
    "client -> auth : POST /token\nauth --> client : 200 OK\n{second}"
)


def codes(report: Any) -> list[str]:
    return [failure.code for failure in report.failures]


def twice(kit: Any, first: str, second: str, **more: Any) -> Any:
    flow = kit.flow(TWICE.format(first=f"note left : {first}\n", second=f"note left : {second}\n"), **more)
    flow.told(0)
    return flow


def test_unique_was_never_seen_before(kit: Any) -> None:
    """In this run, in any message, whatever its field was called."""
    for value, found in (("B", []), ("A", ["SQ554"])):
        flow = twice(kit, "x = A", "refresh_token unique")
        assert codes(flow.came(1, kit.json({"x": "A"}))) == []
        flow.told(2)
        assert codes(flow.came(3, kit.json({"refresh_token": value}))) == found


def test_unique_sees_claims(kit: Any) -> None:
    """A `jti` of an earlier token was seen, though nobody drew it."""
    text = TWICE.format(
        first="note left : access_token : jwt\n", second="note left\n  access_token : jwt\n    jti unique\nend note\n"
    )
    for jti, found in (("2", []), ("j1", ["SQ554"])):
        flow = kit.flow(text)
        flow.told(0)
        assert codes(flow.came(1, kit.json({"access_token": kit.token(jti="j1")}))) == []
        flow.told(2)
        assert codes(flow.came(3, kit.json({"access_token": kit.token(jti=jti, n=1)}))) == found


def test_new_is_taken_from_a_bound_sender_and_must_be_fresh(kit: Any) -> None:
    """It is known afterwards; a value that came before is not new."""
    for uid, found in (("u2", []), ("u1", ["SQ554"])):
        flow = twice(kit, "Location: /interaction/{new uid}", "Location: /interaction/{new uid2}")
        assert codes(flow.came(1, Response(200, Headers([("Location", "/interaction/u1")])))) == []
        assert flow.bindings.values["uid"] == "u1"
        flow.told(2)
        assert codes(flow.came(3, Response(200, Headers([("Location", f"/interaction/{uid}")])))) == found


def test_new_in_a_template_must_fit(kit: Any) -> None:
    """A redirect to somewhere else has no such value."""
    flow = twice(kit, "Location: /interaction/{new uid}", "x absent")

    assert codes(flow.came(1, Response(200, Headers([("Location", "/other/u1")])))) == ["SQ550"]
    assert "uid" not in flow.bindings.values


PKCE = (
    "client -> auth : GET /auth\nnote left : code_challenge = {S256(new code_verifier)}\nauth --> client : 302\n"
    "client -> auth : POST /token\nnote left : code_verifier = {code_verifier}\nauth --> client : 200 OK"
)
CHALLENGE = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"


@pytest.mark.parametrize(("verifier", "found"), [("abc", []), ("abd", ["SQ558"])])
def test_an_open_equation_is_checked_when_its_value_is_seen(kit: Any, verifier: str, found: list[str]) -> None:
    """A bound client shows the challenge first and the verifier later."""
    flow = kit.flow(PKCE, bound=("client",))
    assert codes(flow.came(0, Request("GET", f"https://auth.test/auth?code_challenge={CHALLENGE}"))) == []
    flow.told(1)

    assert codes(flow.came(2, kit.form(code_verifier=verifier))) == found
    assert list(flow.ledger.close()) == []


def test_a_value_may_be_seen_under_another_name(kit: Any) -> None:
    """`code_verifier = {v}` shows what `v` is."""
    for verifier, found in (("abc", []), ("abd", ["SQ558"])):
        flow = kit.flow(PKCE.replace("new code_verifier", "new v").replace("{code_verifier}", "{v}"), bound=("client",))
        flow.came(0, Request("GET", f"https://auth.test/auth?code_challenge={CHALLENGE}"))
        flow.told(1)
        assert codes(flow.came(2, kit.form(code_verifier=verifier))) == found


def test_an_equation_still_open_at_the_end_fails(kit: Any) -> None:
    """What was promised of the verifier was never tested."""
    flow = kit.flow(PKCE, bound=("client",))
    flow.came(0, Request("GET", f"https://auth.test/auth?code_challenge={CHALLENGE}"))

    assert [finding.code for finding in flow.ledger.close()] == ["SQ559"]


LOGIN = (
    "client -> auth : POST /par\nnote right : code_challenge = {S256(new code_verifier)}\nauth --> client : 200 OK\n"
)
REDEEM = "client -> auth : POST /token\nnote right : code_verifier\nauth --> client : 200 OK\n"


def closed(kit: Any, text: str, *requests: Any) -> list[str]:
    """What is wrong with a client's requests, and what is left open."""
    flow = kit.flow(text, bound=("client",))
    found = []
    for index, request in enumerate(requests):
        found += codes(flow.came(2 * index, request))
        flow.told(2 * index + 1)
    return found + [finding.code for finding in flow.ledger.close()]


def test_each_of_two_equations_must_be_tested(kit: Any) -> None:
    """A challenge made of nothing is not forgotten when the next one comes; verifiers may come in any order."""
    first, second = (kit.form("https://auth.test/par", code_challenge=S256(v * 43)) for v in "ab")
    junk = kit.form("https://auth.test/par", code_challenge="junk")
    a, b = (kit.form(code_verifier=v * 43) for v in "ab")

    assert closed(kit, LOGIN + LOGIN + REDEEM, junk, second, b) == ["SQ559"]
    assert closed(kit, LOGIN + LOGIN + REDEEM, first, second, a) == ["SQ559"]
    assert closed(kit, LOGIN + REDEEM + LOGIN + REDEEM, first, a, second, a) == ["SQ558"]
    assert closed(kit, LOGIN + REDEEM + LOGIN + REDEEM, first, a, second, b) == []
    assert closed(kit, LOGIN * 2 + REDEEM * 2, first, second, a, b) == []
    assert closed(kit, LOGIN * 2 + REDEEM * 2, first, second, b, a) == []


def test_two_equations_of_one_message_hold_of_one_value(kit: Any) -> None:
    """`{S256(new code_verifier)}` drawn twice is the same value twice."""
    text = LOGIN.replace("note right : ", "note right\n").replace(
        "auth -->", "other = {S256(new code_verifier)}\nend note\nauth -->"
    )
    url, good, value = "https://auth.test/par", S256("a" * 43), kit.form(code_verifier="a" * 43)

    assert closed(kit, text + REDEEM, kit.form(url, code_challenge=good, other=good), value) == []
    assert closed(kit, text + REDEEM, kit.form(url, code_challenge="junk", other=good), value) == ["SQ559"]


def test_what_is_not_made_of_something_new_is_no_equation(kit: Any) -> None:
    """`!= {S256(new code_verifier)}` can be told of nothing."""
    text = LOGIN.replace("code_challenge =", "code_challenge !=")

    assert closed(kit, text, kit.form("https://auth.test/par", code_challenge=S256("a" * 43))) == ["SQ561"]


@pytest.mark.parametrize(("said", "is_it"), [("a" * 43, True), ("junk", False)])
def test_a_text_with_a_value_of_which_a_function_was_seen_holds_that_very_value(
    kit: Any, said: str, is_it: bool
) -> None:
    """And the equation is tested by it."""
    flow = kit.flow(LOGIN + "client -> auth : keep {code_verifier} well\nauth --> client", bound=("client",))
    asked, action = kit.form("https://auth.test/par", code_challenge=S256("a" * 43)), Action(f"keep {said} well")
    assert codes(flow.came(0, asked)) == []
    flow.told(1)

    assert flow[2].is_for(action, flow.bindings) is is_it
    if is_it:
        assert codes(flow.came(2, action)) == []
        assert list(flow.ledger.close()) == []


# ---- New values, wherever they stand ----


@pytest.mark.parametrize("value", ["abc", 5, 5.5, True, {"a": 1}, [1], 'x y"#', 10**20])
def test_a_value_below_another_one_is_seen_before(kit: Any, value: Any) -> None:
    """An object or a truth value is no text of a message, and seen all the same."""
    assert second_time(kit, "o : object", {"o": {"x": value}}, "x unique") == ["SQ554"]
    assert second_time(kit, "x unique", {"x": value}) == ["SQ554"]


def test_a_value_in_what_is_written_as_text_is_seen_before(kit: Any) -> None:
    """In JSON inside of a text, and in what is encrypted: there it is no text of the message either."""
    reader = "note over client : keys.enc = ECDH-ES\n"
    key = make_key("ECDH-ES", "enc", "client")

    assert second_time(kit, "x : json", {"x": '{"n": "\\u0061bc"}'}, "n unique") == ["SQ554"]
    assert second_time(kit, "x : base64url json", {"x": "eyJuIjoiYWJjIn0"}, "n unique") == ["SQ554"]
    tokens = [jwe.encrypt(kit.token(jti="j-1", n=n), key.public_jwk) for n in range(2)]
    assert second_time(kit, "x : jwe", {"x": tokens[0]}, "jti unique", then={"x": tokens[1]}, before=reader) == [
        "SQ554"
    ]


def test_an_empty_text_is_no_new_value(kit: Any) -> None:
    """RFC 6749 section 3.1: a parameter without a value is as good as none."""
    assert codes_of(kit.check("state unique", kit.json({"state": ""}))) == ["SQ551"]
    assert codes_of(kit.check_request("state unique", kit.form(state=""))) == ["SQ551"]


def second_time(kit: Any, line: str, body: Any, *below: str, then: Any = None, before: str = "") -> list[str]:
    """What is wrong with an answer that was not wrong when it came first."""
    note = "note left\n" + line + "\n" + "".join(f"  {one}\n" for one in below) + "end note\n"
    flow = kit.flow(before + f"client -> auth : POST /token\nauth --> client : 200 OK\n{note}" * 2)
    flow.told(0)
    assert codes(flow.came(1, kit.json(body))) == []
    flow.told(2)
    return codes(flow.came(3, kit.json(then or body)))


def codes_of(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


# ---- Openness never hides secrets ----

SETTINGS = "note over auth\n  users.alice.password = wonderland\n  clients.web.secret = tea-party\nend note\n"


def leaked(kit: Any, content: Any, *lines: str, label: str = "200 OK") -> list[str]:
    flow = kit.answer_flow(*lines, before=SETTINGS, label=label)
    flow.told(0)
    return codes(flow.came(1, content))


@pytest.mark.parametrize(
    "body",
    [
        {"password": "wonderland"},
        {"debug": "wonderland"},
        {"user": {"hint": "it is wonderland, you know"}},
        {"list": ["a", "tea-party"]},
        {"code_verifier": "v" * 43},
        {"refresh_token": "r" * 43},
        {"key": {"kty": "EC", "d": "AAAA"}},
        {"pem": "-----BEGIN PRIVATE KEY-----\nAAAA"},
    ],
)
def test_a_secret_in_an_undrawn_field_fails(kit: Any, body: Any) -> None:
    """Contents are open, but not for these."""
    assert leaked(kit, kit.json(body)) == ["SQ560"]


def test_a_secret_where_it_is_drawn_is_no_leak(kit: Any) -> None:
    """A promise about the field covers it."""
    assert leaked(kit, kit.json({"password": "wonderland"}), "password = wonderland") == []
    assert leaked(kit, kit.json({"refresh_token": "r" * 43}), "refresh_token : opaque") == []


def test_a_secret_in_a_header_or_page_fails(kit: Any) -> None:
    """Wherever text can stand."""
    assert leaked(kit, Response(200, Headers([("X-Debug", "user=alice wonderland")]))) == ["SQ560"]
    assert leaked(kit, Response(200, Headers([("Content-Type", "text/html")]), b"<p>wonderland</p>")) == ["SQ560"]
    assert leaked(kit, Response(200, Headers([("Set-Cookie", "p=wonderland; Path=/")]))) == ["SQ560"]


def test_a_secret_that_a_page_escapes_fails(kit: Any) -> None:
    """`&` and `'` are written otherwise in HTML."""
    flow = kit.answer_flow(before="note over auth : users.alice.password = tea&party's end")
    flow.told(0)
    page = Response(200, Headers([("Content-Type", "text/html")]), b"<p>tea&amp;party&#39;s end</p>")

    assert codes(flow.came(1, page)) == ["SQ560"]


def test_the_advice_names_the_field_as_it_can_be_drawn(kit: Any) -> None:
    """A header by a line that is read as one: `authorization present` would be a field."""
    flow = kit.answer_flow("token_type = Bearer", before=SETTINGS, label="200 OK")
    flow.told(0)
    headers = Headers([("set-cookie", "p=wonderland"), ("Content-Type", "application/json")])

    (found,) = flow.came(1, Response(200, headers, b'{"token_type": "Bearer"}')).failures

    assert "in `Set-Cookie`" in found.message
    assert found.do == "draw `Set-Cookie present` if it belongs there"


def test_an_issued_refresh_token_may_come_undrawn_once(kit: Any) -> None:
    """RFC 6749 section 5.1: in the answer that issues it; turning up anywhere else it fails."""
    flow = twice(kit, "token_type = Bearer", "ok = true")
    token = "refresh-0123456789"
    assert codes(flow.came(1, kit.json({"access_token": "a", "token_type": "Bearer", "refresh_token": token}))) == []
    flow.told(2)
    assert codes(flow.came(3, kit.json({"ok": True, "trace": f"issued {token}"}))) == ["SQ560"]


def test_basic_credentials_are_in_their_place_and_nowhere_else(kit: Any) -> None:
    """HTTP Basic may come undrawn; the same secret in another header may not."""
    basic = "Basic " + base64.b64encode(b"web:tea-party").decode()

    def request(name: str) -> Request:
        return Request("POST", "https://auth.test/token", Headers([(name, basic)]))

    for name, found in (("Authorization", []), ("X-Forwarded-Authorization", ["SQ560"])):
        flow = kit.request_flow("a absent", before=SETTINGS)
        assert codes(flow.came(0, request(name))) == found


def test_words_that_only_contain_a_secret_are_none(kit: Any) -> None:
    """`wonderland` is no part of `wonderlands`, and a password equal to its user's name is no secret."""
    assert leaked(kit, kit.json({"a": "wonderlands"})) == []
    flow = kit.answer_flow(before="note over auth : users.admin.password = admin\n")
    flow.told(0)
    assert codes(flow.came(1, kit.json({"role": "admin"}))) == []


def test_a_word_made_up_to_be_refused_may_stand_in_prose(kit: Any) -> None:
    """`password = looking-glass` in the drawing itself: a sentence may have the words, but no field the password."""
    text = "client -> auth : POST /token\nnote left : password = looking-glass\nauth --> client : 400"
    flow = kit.flow(text)
    flow.told(0)

    assert codes(flow.came(1, kit.json({"error_description": "looking-glass is wrong"}, 400))) == []
    assert codes(flow.came(1, kit.json({"debug": "looking-glass"}, 400))) == ["SQ560"]


def test_a_finding_shows_no_secret(kit: Any) -> None:
    """At most its first eight characters."""
    flow = kit.answer_flow("password = {password}", before=SETTINGS, outside={"password": "wonderland"})
    flow.told(0)

    (failure,) = flow.came(1, kit.json({"password": "looking-glass"})).failures
    assert "wonderland" not in repr(failure)
    assert "looking-glass" not in repr(failure)


def test_actions_leak_too(kit: Any) -> None:
    """An action's undrawn fields and a result's value."""
    flow = kit.flow(f"{SETTINGS}client -> auth : find alice\nauth --> client : found")
    flow.told(0)

    assert codes(flow.came(1, Result("found", {"hash": "wonderland"}))) == ["SQ560"]


def test_a_run_of_many_messages_costs_the_same_for_each(kit: Any) -> None:
    """Ten times the messages, about ten times the time: nothing is scanned again."""
    from time import process_time

    flow = kit.answer_flow("refresh_token unique", before=SETTINGS)
    flow.told(0)
    contents, bindings, ledger = flow[1], flow.bindings, flow.ledger

    def seconds(count: int, base: int) -> float:
        start = process_time()
        for number in range(count):
            contents.check(kit.json({"refresh_token": f"token-{base + number:09}"}), bindings, None, ledger)
        return process_time() - start

    seconds(100, 0)
    early = min(seconds(300, 1_000), seconds(300, 2_000))
    seconds(6_000, 10_000)
    late = min(seconds(300, 50_000), seconds(300, 60_000))

    assert late < early * 4


def test_lost_and_told_messages_are_no_checks(kit: Any) -> None:
    """A scripted sender's own message proves nothing."""
    flow = kit.request_flow("a = 1", bound=("auth",))
    request = flow.compose(0)

    assert flow[0].check(request, flow.bindings, None, flow.ledger).checks == 0


@pytest.mark.parametrize("drawn", ['["a", 1]', '["a",1]', '[ "a", 1.0 ]'])
def test_an_array_is_drawn_however_it_is_spaced(kit: Any, drawn: str) -> None:
    """The value of an action's answer is compared as JSON there."""
    flow = kit.flow(f"client -> auth : list\nauth --> client : {drawn}")
    flow.told(0)

    assert codes(flow.came(1, Result(["a", 1]))) == []
    assert codes(flow.came(1, Result(["a", True]))) == ["SQ550"]
    assert codes(flow.came(1, Result(["a"]))) == ["SQ550"]


def test_an_actions_text_is_checked_by_fitting(kit: Any) -> None:
    """Another text is another action; `{new x}` in it is taken."""
    flow = kit.flow("client -> auth : save token {new t}\nauth --> client : saved", bound=("client",))

    assert flow[0].fits(Action("save token abc"), flow.bindings) == 0
    assert flow[0].fits(Action("drop token abc"), flow.bindings) is None
    flow.came(0, Action("save token abc"))
    assert flow.bindings.values["t"] == "abc"


def test_a_password_from_outside_is_a_secret(kit: Any) -> None:
    """What the drawing does not say itself is somebody's; it must not come back."""
    text = "client -> auth : POST /token\nnote left : password = {password}\nauth --> client : 400"
    flow = kit.flow(text, outside={"password": "wonderland"})
    flow.told(0)

    assert codes(flow.came(1, kit.json({"error_description": "wonderland is wrong"}, 400))) == ["SQ560"]


def stated(kit: Any, line: str, *said: Any, bound: tuple[str, ...] = ("auth",)) -> list[str]:
    """What is wrong with a state that is looked at several times."""
    ask = f"client -> auth : GET /x\nauth --> client : 200 OK\nnote over auth\n  {line}\nend note\n"
    flow = kit.flow(ask * len(said), bound=bound)
    found: list[str] = []
    for number, fields in enumerate(said):
        found += codes(flow.came(3 * number + 2, Result(fields=fields)))
    return found


def test_a_state_is_new_only_once(kit: Any) -> None:
    """`unique` and `{new x}` look at states as at messages."""
    for line in ("nonce unique", "nonce = {new n}"):
        assert stated(kit, line, {"nonce": "n-1"}, {"nonce": "n-2"}) == []
        assert stated(kit, line, {"nonce": "n-1"}, {"nonce": "n-1"}) == ["SQ554"]
    assert stated(kit, "a.nonce unique", {"a": {"nonce": "n-1"}}, {"a": {"nonce": "n-1"}}) == ["SQ554"]


def test_a_token_in_a_state_is_verified(kit: Any) -> None:
    """As each that is read as `jwt`."""
    forged = kit.token(make_key("ES256", "k1", "mallory"), sub="a")

    assert stated(kit, "held : jwt", {"held": kit.token(sub="a")}) == []
    assert stated(kit, "held : jwt", {"held": forged}) == ["SQ562"]
