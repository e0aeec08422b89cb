"""What cannot be known, sent or tested is found before anything runs."""

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from seqtest.diagram.read import read
from seqtest.errors import Finding
from seqtest.scenario import Script
from seqtest.scenario.expand import expand
from seqtest.scenario.knowledge import check
from seqtest.source import Source

LOGIN = "client -> auth : POST /token\nauth --> client : 200 OK\n"


def findings(text: str, bound: Collection[str] = ("auth",), outside: Mapping[str, Any] | None = None) -> list[Finding]:
    (diagram,) = read(Source("flow.puml", f"@startuml\nparticipant client\nparticipant auth\n{text}\n@enduml\n"))
    values = dict(outside or {})
    return check(Script(expand(diagram)[0], frozenset(bound)), values.__getitem__)


def codes(*given: Any, **more: Any) -> list[str]:
    return [finding.code for finding in findings(*given, **more)]


def use(line: str, before: str = LOGIN) -> str:
    return f"{before}client -> auth : POST /token\nnote left : {line}\nauth --> client : 200 OK"


# ---- Names ----


def test_a_value_nobody_gave_is_found_with_the_line_to_draw_it_at() -> None:
    """The message names the sender, the line that needs it and the line that could give it."""
    text = "client -> auth : POST /token\nauth --> client : 200 OK\nnote left : access_token : opaque\n"
    (finding,) = findings(use("refresh_token = {refresh_token}", text))

    assert finding.code == "SQ360"
    assert finding.message == "client has not received `refresh_token` by line 8: draw it at line 5"
    assert str(finding.span) == "flow.puml:8:30"


def test_a_name_that_nobody_knows_is_an_error() -> None:
    """With the name that was meant, where one is near."""
    (finding,) = findings(use("x = {acess_token}", LOGIN + "note left : access_token : opaque\n"))

    assert finding.code == "SQ360"
    assert finding.label == "did you mean `access_token`?"


@pytest.mark.parametrize(
    ("value", "name", "do"),
    [
        ("{cookie.sid}", "cookie.sid", "write `{sid}`: in braces a field goes by its own name"),
        (
            "{jwks(auth)}",
            "auth",
            "`auth` is a participant; of it there are `auth.jwk`, `auth.jwks`, `auth.url`",
        ),
    ],
)
def test_a_field_goes_by_its_own_name(value: str, name: str, do: str) -> None:
    """Neither its place nor a participant is a value."""
    (finding,) = findings(use(f"x = {value}", LOGIN + "note left : cookie.sid present\n"))

    assert finding.code == "SQ360"
    assert finding.message == f"nothing is known under the name `{name}`"
    assert finding.do == do


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (LOGIN + "note left : refresh_token : opaque\n", "a = {refresh_token}"),
        (LOGIN + "note left : refresh_token as R1\n", "a = {R1}"),
        (LOGIN + "note left : Location: /x/{new uid}\n", "a = {uid}"),
        (LOGIN + "note left : DPoP-Nonce present\n", "a = {DPoP-Nonce}"),
        (LOGIN + "note left\n  Location: /cb\n    code = {new c}\nend note\n", "a = {code}"),
        (LOGIN + "note left\n  id_token : jwt\n    sub as user\nend note\n", "a = {user}"),
        (LOGIN + "note left : id_token : jwt\n", "a = {id_token.sid}"),
        ("note over client : secret = s\n" + LOGIN, "a = {secret}"),
        (LOGIN, "a = {auth.url}"),
        (LOGIN, "a = {new x}"),
        (LOGIN, "a = {S256(new x)}"),
        (LOGIN, "a = {password}"),
    ],
)
def test_where_a_scripted_sender_knows_a_name_from(before: str, line: str) -> None:
    """Drawn fields, headers, `as`, templates, settings, what is public, what it makes up, what comes from outside."""
    assert codes(use(line, before), outside={"password": "x"}) == []


@pytest.mark.parametrize(
    "line", ["a = {refresh_token}", "a = {auth.secret}", "a = {auth.nothing}", "Authorization: Bearer {x}"]
)
def test_what_a_scripted_sender_does_not_know(line: str) -> None:
    """Undrawn fields and other participants' own values."""
    text = "note over auth : secret = s\n" + LOGIN + "note left : access_token : opaque\n"

    assert len(codes(use(line, text))) == 1


def test_a_check_may_use_what_anybody_knows() -> None:
    """Another participant's setting, or a value that another one learnt."""
    text = "note over client : secret = s\n" + LOGIN + "note left : t = {{{}}}\n"

    assert codes(text.format("client.secret")) == []
    assert codes(text.format("secret")) == []
    assert codes(text.format("nothing")) == ["SQ360"]
    assert codes(text.format("client.nothing")) == ["SQ361"]


def test_the_messages_own_fields_are_known_in_functions() -> None:
    """`at_hash = {at_hash(access_token)}` beside the token; outside of functions only what came before."""
    own = LOGIN + "note left\n  access_token : opaque\n  x = {}\nend note"

    assert codes(own.replace("{}", "{S256(access_token)}")) == []
    assert codes(own.replace("{}", "{access_token}")) == ["SQ360"]


def test_a_scripted_sender_cannot_know_what_only_a_function_showed() -> None:
    """The bound client keeps its verifier until it sends it."""
    text = (
        "client -> auth : GET /auth\nnote left : code_challenge = {S256(new v)}\n"
        "auth --> client : 302\nnote left : x = {v}\n"
    )
    seen = "client -> auth : POST /token\nnote left : code_verifier = {v}\nauth --> client : 200\nnote left : x = {v}\n"

    assert codes(text, bound=("client",)) == ["SQ361"]
    assert codes(text.replace("x = {v}", "x") + seen, bound=("client",)) == []


def test_names_learnt_in_two_operands_clash() -> None:
    """Which one is the latest would be chance; `as` keeps them apart."""
    text = (
        "par one\n"
        + LOGIN
        + "note left : t as {}\nelse two\n"
        + LOGIN
        + "note left : t as {}\nend\n"
        + use("a = {A}", "")
    )

    assert codes(text.replace("as {}", "as A")) == ["SQ362"]
    assert codes(text.replace("as {}", "as A", 1).replace("as {}", "as B")) == []


# ---- What can be sent ----


@pytest.mark.parametrize(
    "line", ["a matches /x/", "a contains x", "a < 3", "a != 3", "a : jwe", "matches schema user.json"]
)
def test_a_scripted_sender_needs_a_value(line: str) -> None:
    """Found before the run, not at the arrow; a bound sender's line is a check and needs none."""
    assert codes(use(line)) == ["SQ365"]
    assert codes(use(line), bound=("client",)) == []


def test_an_example_or_another_line_gives_the_value() -> None:
    """Then the comparison is no obstacle."""
    assert codes(use("a matches /x/ e.g. x")) == []
    text = "client -> auth : POST /token\nnote left\n  a = x y\n  a contains x\nend note\nauth --> client : 200"
    assert codes(text) == []


def test_only_a_scripted_sender_changes_a_token() -> None:
    """A bound one sends what it sends."""
    login = LOGIN + "note left : access_token : jwt\n"
    text = (
        login
        + "client -> auth : GET /me\nnote left\n  Authorization: Bearer {access_token} but\n    signature kept\n"
        + "end note\nauth --> client : 401"
    )

    assert codes(text) == []
    assert codes(text, bound=("client", "auth")) == ["SQ363"]


def test_signatures_need_keys() -> None:
    """A scripted party's key must be drawn; a stranger can sign but not be verified."""
    text = "client -> auth : POST /token\nnote left\n  a : jwt\n    signed by {}\nend note\nauth --> client : 200 OK"
    other = "participant idp\n"

    assert codes(other + text.format("idp")) == ["SQ367"]
    assert codes(other + "note over idp : key = ES256\n" + text.format("idp")) == []
    assert codes(text.format("mallory")) == []
    assert codes(text.format("mallory"), bound=("client",)) == ["SQ367"]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("a : jwt", ["SQ367"]),
        ("a : jwt\n    sub = x", ["SQ367"]),
        ("a : jwt\n    signed by client", ["SQ367"]),
        ("a : jwt\n    alg = none", []),
        ("a : jwt\n    alg = HS256\n    signed with {secret}", []),
        ("a : jwt e.g. eyJhbGciOiJub25lIn0.e30.", []),
        ("a : jwt\n  a = {token}", []),
        ("a : opaque", []),
    ],
)
def test_a_token_that_a_scripted_sender_makes_needs_its_key(lines: str, found: list[str]) -> None:
    """Found before anything runs; a bound one has its own."""
    text = f"client -> auth : POST /token\nnote left\n  {lines}\nend note\nauth --> client : 200 OK"
    outside = {"secret": "s", "token": "eyJhbGciOiJub25lIn0.e30."}

    assert codes(text, outside=outside) == found
    assert codes(f"note over client : key = ES256\n{text}", outside=outside) == []
    assert codes(text, bound=("client",), outside=outside) == []


# ---- Checks that would not run ----


@pytest.mark.parametrize(
    "label",
    [
        "send POST /token",
        "then GET /x",
        "POST token",
        "returns 401 Unauthorized",
        "answers with 403",
        "send {a: 1}",
        "**GET /x**",
        "<b>GET</b> /x",
        "//GET /x//",
        '"GET /x"',
        "[GET] /x",
        "GET: /x",
        "**404**",
        "<color:red>404</color>",
        "Response: 404",
        "code=404",
    ],
)
def test_an_action_that_looks_like_a_check_is_an_error(label: str) -> None:
    """On an arrow that touches a bound participant; between scripted ones it is prose."""
    text = f"client -> auth : {label}\nauth --> client : done"

    assert codes(text) == ["SQ364"]
    assert codes(text, bound=()) == []


@pytest.mark.parametrize(
    "label",
    [
        "find user 123",
        "log in",
        "pay 200 euros",
        "GETs ready",
        "find user {id}",
        "find **user** 404",
        "see https://x.example/GET",
    ],
)
def test_a_plain_action_is_none(label: str) -> None:
    """Numbers and words alone are no status and no method."""
    assert codes(f"client -> auth : {label}\nauth --> client : done", outside={"id": 1}) == []


def test_openapi_is_not_yet_tested() -> None:
    """And says so instead of passing."""
    assert codes(LOGIN + "note left : matches openapi users.yaml") == ["SQ247"]


def test_an_equation_stands_alone() -> None:
    """Where a hash ends in a longer text cannot be known."""
    text = LOGIN.replace("200 OK", "302") + "note left : Location: /auth?code_challenge={S256(new v)}"

    assert codes(text) == ["SQ361"]
    assert codes(text, bound=("client",)) == []
