"""Values in findings: secrets show at most their first eight characters."""

import pytest

from seqtest.contents.text import cut_at_a_word, shown, text_of, without_secrets


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        ("Alice", "name", '"Alice"'),
        (300, "expires_in", "300"),
        (None, "x", "null"),
        ("Bearer", "token_type", '"Bearer"'),
        ("wonderland", "password", '"wo…"'),
        ("pw", "password", '"…"'),
        ("x" * 40, "anything", '"xxxxxxxx…"'),
        ("Bearer abcdefghijklmnop", "Authorization", '"Bearer abcd…"'),
        ("https://client.example.org/a/long/path/callback?code=abcdefghijkl&x=1", "Location", None),
        ("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "x", '"eyJhbGci…"'),
    ],
)
def test_what_is_shown_of_a_value(value: object, name: str, text: str | None) -> None:
    """By the field's name and by the value's shape."""
    if text is None:
        text = '"https://client.example.org/a/long/path/callback?code=abcdefghijkl&x=1"'
    assert shown(value, name) == text


def test_a_redirect_with_a_long_value_still_says_where_it_leads() -> None:
    """Only what it carries is cut."""
    assert shown(f"https://c.example/cb?code={'a' * 40}&x=1", "Location") == '"https://c.example/cb?code=aaaaaaaa…&x=1"'


def test_values_of_an_address_are_cut_as_others_are() -> None:
    """Where one of them looks like a secret, a short one is not shown but for its last letter."""
    assert shown(f"https://a.test/cb?pin=hunter2xy&code={'c' * 40}", "Location") == (
        '"https://a.test/cb?pin=hu…&code=cccccccc…"'
    )


def test_structures_lose_their_secrets() -> None:
    """Members by their names, private members of keys whatever they hold."""
    value = {"user": {"password": "wonderland"}, "keys": [{"kty": "EC", "d": "AAAA", "x": "BBBB"}], "list": ["a"]}

    assert without_secrets(value) == {
        "user": {"password": "wo…"},
        "keys": [{"kty": "EC", "d": "…", "x": "BBBB"}],
        "list": ["a"],
    }


def test_values_as_text() -> None:
    """As a form or a header would have them."""
    assert [text_of(value) for value in ("a", 1, True, None, {"a": [1]}, b"x")] == [
        "a",
        "1",
        "true",
        "null",
        '{"a":[1]}',
        "x",
    ]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("a short text", "a short text"),
        ("the password is hunter2-hunter2 there", "the password is …"),
        ("the password is: wrong, so nobody is let in", "the password is: …"),
        ("/users/123456789/orders/123456789", "/users/123456789/…"),
        ("hunter2-hunter2-hunter2-hunter2", "hunter2-…"),
    ],
)
def test_what_is_too_long_ends_before_a_word(text: str, cut: str) -> None:
    """Whoever masks secrets afterwards does not know the half of one."""
    assert cut_at_a_word(text, 20) == cut
