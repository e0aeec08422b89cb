import pytest

from seqtest.auth.challenge import Challenge, ChallengeError, challenges


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Bearer", [Challenge("Bearer")]),
        ('Bearer realm="a, b"', [Challenge("Bearer", {"realm": "a, b"})]),
        ("Bearer Error=invalid_token", [Challenge("Bearer", {"error": "invalid_token"})]),
        (
            'Basic realm="x", Bearer realm="y", error="z"',
            [Challenge("Basic", {"realm": "x"}), Challenge("Bearer", {"realm": "y", "error": "z"})],
        ),
        ("Negotiate abc==, Basic", [Challenge("Negotiate", {}, "abc=="), Challenge("Basic")]),
        (r'X a="q\"\\" , b = c', [Challenge("X", {"a": 'q"\\', "b": "c"})]),
        (', , Bearer , realm="x"', [Challenge("Bearer"), Challenge("realm")]),
        ("", []),
    ],
)
def test_reads(value: str, expected: list[Challenge]) -> None:
    """Challenges are told apart by RFC 9110 section 11.6.1."""
    if value.startswith(","):
        with pytest.raises(ChallengeError):
            challenges(value)
        return
    assert list(challenges(value)) == expected


def test_several_fields() -> None:
    """Each field of the name adds its challenges."""
    assert [challenge.scheme for challenge in challenges(["Basic", "Bearer, DPoP"])] == ["Basic", "Bearer", "DPoP"]


@pytest.mark.parametrize("value", ['"x"', 'Bearer realm="x', 'Bearer a="1", a="2"', "Bearer error=invalid token"])
def test_refuses(value: str) -> None:
    """A field that is no list of challenges is an error, never half of one."""
    with pytest.raises(ChallengeError):
        challenges(value)


def test_writes_what_it_reads() -> None:
    """What is written reads back the same."""
    for challenge in (Challenge("Bearer", {"realm": 'a"b\\', "error": "x"}), Challenge("Negotiate", {}, "ab=")):
        assert challenges(str(challenge)) == (challenge,)
    assert str(Challenge("Bearer")) == "Bearer"
