"""Two lines about one place that only this run's values tell apart."""

from typing import Any

import pytest

from seqtest.errors import Diagnostic

OUTSIDE = {"one": "a", "other": "b", "few": 3}


def composed(kit: Any, *lines: str, **more: Any) -> Any:
    flow = kit.request_flow(*lines, bound=("auth",), outside=OUTSIDE, **more)
    return flow.compose(0)


@pytest.mark.parametrize(
    "lines",
    [
        ("code = {one}", "code != {one}"),
        ("code = {one}", "code in {other}, c"),
        ("code = {one}", "code starts with {other}"),
        ("n = {few}", "n < 3"),
        ("n = {few}", "n : boolean"),
        ("scope = {one} {other}", "scope lacks {other}"),
        ("t : jwt", "  exp = now + 5 minutes", "  exp < now"),
        ("Authorization: Bearer {one}", "Authorization: Bearer {other}"),
        ("code matches /[A-Z]+/ e.g. 123",),
        ("scope lacks admin e.g. read admin",),
        ("scope contains admin e.g. read",),
        ("n > 5 e.g. 3",),
        ("n : integer e.g. x",),
        ("code != {one} e.g. a",),
        ("t : jwt e.g. abc",),
    ],
)
def test_a_scripted_sender_does_not_send_half_of_what_is_drawn(kit: Any, lines: tuple[str, ...]) -> None:
    """The line that would be passed over is an error at its place."""
    before = "note over client : key = ES256\n" if lines[0] == "t : jwt" else ""
    with pytest.raises(Diagnostic) as caught:
        composed(kit, *lines, before=before)

    assert caught.value.finding.code == "SQ252"
    assert "contradict" in caught.value.finding.message or "both hold" in caught.value.finding.message


@pytest.mark.parametrize(
    "lines",
    [
        ("code = {one}", "code != {other}"),
        ("n = {few}", "n <= 3", "n as limit"),
        ("scope = {one} {other}", "scope contains {other}"),
        ("a = {one}", "a = {other}"),
        ("code matches /[A-Z]+/ e.g. ABC", "n > 5 e.g. 6", "id : uuid e.g. 123e4567-e89b-12d3-a456-426614174000"),
        ("Content-Type: text/plain", "code matches /[A-Z]+/ e.g. ABC"),
        ("t : jwt", "  exp = now + 5 minutes", "  exp > now"),
    ],
)
def test_lines_that_agree_are_sent(kit: Any, lines: tuple[str, ...]) -> None:
    """One value keeps them all; a form may hold a field twice."""
    before = "note over client : key = ES256\n" if lines[0] == "t : jwt" else ""

    assert composed(kit, *lines, before=before).body
