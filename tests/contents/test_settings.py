"""Settings with values in their braces."""

from typing import Any

import pytest

from seqtest.auth.keys import make_key
from seqtest.contents.settings import misspelt
from seqtest.errors import UnplayableScenario


def settings(kit: Any, *lines: str, **outside: Any) -> Any:
    text = (
        "note over auth\n"
        + "".join(f"  {line}\n" for line in lines)
        + "end note\nclient -> auth : GET /x\nauth --> client : 200"
    )
    return kit.flow(
        f"note over client\n  key = ES256\n  secret = s\nend note\n{text}", outside=outside
    ).context.settings["auth"]


def test_settings_are_typed_values(kit: Any) -> None:
    """By their dotted paths as drawn."""
    drawn = (
        "issuer = https://a.example",
        "n = 3",
        "rotation = false",
        'users.alice.sub = "123"',
        "access_token.lifetime = 5 minutes",
    )

    assert settings(kit, *drawn) == {
        "issuer": "https://a.example",
        "n": 3,
        "rotation": False,
        "users.alice.sub": "123",
        "access_token.lifetime": "5 minutes",
    }


def test_settings_are_made_of_other_values(kit: Any) -> None:
    """From outside, from other settings wherever they stand, and from what is public."""
    found = settings(
        kit, "a = {b}/x", "b = {issuer}", "issuer = {auth.url}", "p = {password}", "s = {client.secret}", password="pw"
    )

    assert found["a"] == "https://auth.test/x"
    assert (found["p"], found["s"]) == ("pw", "s")


def test_a_setting_may_hold_public_keys(kit: Any) -> None:
    """`{client.jwks}` is a JWK Set of the keys that the client's settings make."""
    (key,) = settings(kit, "clients.svc.jwks = {client.jwks}")["clients.svc.jwks"]["keys"]

    assert key == make_key("ES256", None, "client").public_jwk


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("a = {b}", "SQ368"),
        ("a = {a}", "SQ369"),
        ("a = {client.nothing}", "SQ368"),
        ("a = now", "SQ368"),
    ],
)
def test_a_setting_without_a_value_is_an_error(kit: Any, line: str, code: str) -> None:
    """With the line that draws it."""
    with pytest.raises(UnplayableScenario) as caught:
        settings(kit, line)

    assert caught.value.finding.code == code
    assert caught.value.finding.span is not None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("quiet = GET /jwks, HEAD /x", None),
        ("scope = read", None),
        ("quite = GET /jwks", "SQ372"),
        ("issure = https://a.example", "SQ372"),
        ("allow = localhost", "SQ372"),
        ("jwks_url = /keys", "SQ372"),
        ("key.k1 = HS256", "SQ372"),
        ("quiet = /jwks", "SQ373"),
    ],
)
def test_a_setting_that_is_nearly_one_is_an_error(kit: Any, line: str, code: str | None) -> None:
    """Over whoever plays: nobody would read it, and it would look like one that holds."""
    text = f"note over auth : {line}\nclient -> auth : GET /x\nauth --> client : 200"
    found = misspelt(kit.flow(text).scenario, ["auth"])

    assert [finding.code for finding in found] == ([code] if code else [])


def test_a_setting_that_the_flow_asks_for_is_its_own(kit: Any) -> None:
    """`{allow}` is a value like any other."""
    text = "note over client : allow = yes\nclient -> auth : GET /x?a={allow}\nauth --> client : 200"

    assert misspelt(kit.flow(text).scenario, ["client"]) == []


def test_what_a_setting_lacks_can_be_given_from_outside(kit: Any) -> None:
    """Each way is named; what belongs to a participant is drawn there."""
    with pytest.raises(UnplayableScenario) as caught:
        kit.flow("note over auth : a = {pass_word}\nclient -> auth : GET /x\nauth --> client : 200")
    do = caught.value.finding.do
    assert "`--seqtest-var pass_word=…`" in do
    assert "a fixture `pass_word`" in do
    assert "SEQTEST_VAR_PASS_WORD" in do
    with pytest.raises(UnplayableScenario) as caught:
        kit.flow("note over auth : a = {client.nothing}\nclient -> auth : GET /x\nauth --> client : 200")
    assert caught.value.finding.do == "draw it as a setting"
