"""A case as plain data."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqtest.errors import Finding
from seqtest.render.html.case import Case, case_of_error
from seqtest.source import Source, Span

Play = Callable[..., list[Case]]
DIAGRAMS = Path(__file__).parents[2] / "diagrams"
SECRETS = ("wonderland", "tea-party", "pool-of-tears")


def by_name(cases: list[Case], name: str) -> Case:
    return next(case for case in cases if case["name"] == name)


def texts(value: Any) -> str:
    return repr(value)


def test_it_says_what_was_proved(local: list[Case]) -> None:
    """State, arrows, checks and who was under test."""
    case = by_name(local, "token is good")

    assert (case["state"], case["arrows"], case["under_test"]) == ("passed", 4, ["users", "auth"])
    assert case["checks"] > 10
    assert (case["findings"], case["summary"]) == ([], "")


def test_messages_are_as_on_the_wire(local: list[Case]) -> None:
    """First line, headers and body; an answer names what it answers."""
    told = by_name(local, "token is good")["messages"]
    wire = told[0]["wire"]

    assert [message["label"] for message in told] == ["POST /oauth/token", "200 OK", "GET /users/123", "200 OK"]
    assert [message["answers"] for message in told] == [None, 0, None, 2]
    assert wire is not None
    assert wire["first"] == "POST /oauth/token"
    assert ["Content-Type", "application/x-www-form-urlencoded"] in wire["headers"]
    assert "username = alice" in wire["body"]


def test_no_secret_is_in_it(opaque: list[Case], local: list[Case], broken: list[Case]) -> None:
    """Passwords, client secrets and whole tokens are in no source, picture, message or finding."""
    for case in (*opaque, *local, *broken):
        text = texts(case)

        assert [secret for secret in SECRETS if secret in text] == []
        assert not any(len(part) > 40 for part in text.replace("\\n", " ").split() if part.startswith("eyJ"))


def test_a_token_is_opened_and_explained(local: list[Case]) -> None:
    """Each claim with its meaning and clause, its date, and the line of the drawing that checks it."""
    (token,) = by_name(local, "token is good")["messages"][1]["tokens"]
    claims = {member["name"]: member for member in token["claims"]}

    assert claims["aud"]["clause"] == "RFC 7519 section 4.1.3"
    assert claims["aud"]["state"] == "passed"
    assert claims["exp"]["date"] == "2026-01-31 12:05:00 UTC, expires in 5 minutes"
    assert claims["exp"]["drawn"] == "exp = iat + 5 minutes"
    assert claims["jti"]["state"] == ""
    assert {member["name"] for member in token["header"]} == {"alg", "kid", "typ"}
    assert (token["signature"], token["signature_state"]) == ("ES256, verified", "passed")
    assert token["life"] == [1_769_860_800.0, 1_769_861_100.0, 1_769_860_800.001]


def test_a_token_that_no_check_is_about_is_not_called_verified(local: list[Case]) -> None:
    """The bearer of a request is opened, and nothing is said that nobody looked at."""
    (token,) = by_name(local, "token is good")["messages"][2]["tokens"]

    assert (token["signature"], token["signature_state"]) == ("ES256, not looked at here", "")


def test_a_claim_that_is_not_as_drawn_has_failed(broken: list[Case]) -> None:
    """The claim and its line are marked; so are the finding's words, expected and got."""
    case = by_name(broken, "token has expired")
    answer = case["messages"][1]
    claims = {member["name"]: member["state"] for member in answer["tokens"][0]["claims"]}

    assert (claims["exp"], claims["iat"]) == ("failed", "passed")
    assert answer["state"] == "failed"
    assert answer["findings"][0]["expected"] == "exp = 1769861100"
    assert answer["findings"][0]["got"] == "exp = 1769861220"
    assert case["summary"] == "`exp` is not as drawn"


def test_failing_lines_are_marked_in_the_source(broken: list[Case]) -> None:
    """The line of each finding, and what became of each arrow on its line."""
    source = by_name(broken, "token has expired")["source"]
    wrong = [line["text"].strip() for line in source if line["is_wrong"]]

    assert "exp = iat + 5 minutes" in wrong
    assert "expires_in = 300" in wrong
    assert source[0]["text"] == "@startuml broken"
    assert next(line["text"] for line in source if line["state"] == "passed") == "client -> auth ++ : POST /oauth/token"


def test_a_finding_has_its_excerpt_with_carets(broken: list[Case]) -> None:
    """The excerpt is that of the terminal, without expected and got, which stand beside it."""
    finding = by_name(broken, "token is good")["findings"][0]

    assert finding["excerpt"].endswith("^^^^^^^^^^^^^^^ promised here")
    assert "expected:" not in finding["excerpt"]


def test_the_clocks_moves_are_told(local: list[Case]) -> None:
    """How far, from when to when."""
    (move,) = by_name(local, "token has expired")["moves"]

    assert move["words"] == "6 minutes: 2026-01-31 12:00:00 UTC → 2026-01-31 12:06:00 UTC"


def test_real_times_are_apart(local: list[Case], play: Play) -> None:
    """Two runs with one clock and one seed differ in their real times at most."""
    again = play(DIAGRAMS / "jwt-local.puml")
    for one, other in zip(local, again, strict=True):
        assert {**one, "real": None} == {**other, "real": None}
        assert set(one["real"]["messages"]) == set(other["real"]["messages"])


def test_a_drawing_that_cannot_be_read_is_a_case() -> None:
    """It has the finding, the file's lines and the wrong one among them; a password in it is cut."""
    text = "@startuml x\nclient_password = hunter2hunter2\nclient => api : GET /hello\n@enduml\n"
    span = Span.at(Source("x.puml", text), 3, 8, 2)
    case = case_of_error(
        [Finding("SQ101", "this is not an arrow", span)], id="x.puml::unreadable", file="x.puml", name="unreadable"
    )

    assert (case["state"], case["summary"], case["line"]) == ("error", "this is not an arrow", 3)
    assert [line["text"] for line in case["source"] if line["is_wrong"]] == ["client => api : GET /hello"]
    assert "hunter2hunter2" not in texts(case)


def test_long_bodies_are_cut_and_said_to_be(tmp_path: Path, play: Play) -> None:
    """A page stays small whatever went by."""
    path = tmp_path / "long.puml"
    path.write_text("@startuml\nclient -> api : GET /x\napi --> client : 200 OK\n@enduml\n")
    (case,) = play(path, bindings={"api": lambda message: {"rows": ["x" * 5000] * 1000}})
    wire = case["messages"][1]["wire"]

    assert wire is not None
    assert len(wire["body"]) == 301
    assert wire["body"][-1] == "… 704 more lines"
    assert max(map(len, wire["body"])) <= 2_000
