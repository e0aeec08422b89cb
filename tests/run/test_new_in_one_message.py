"""What a message says to be new it may say again."""

from collections.abc import Callable

import pytest
import requests

from seqtest.errors import Diagnostic
from seqtest.verdict import Verdict

GONE = "client -> app : GET /\n{}\napi --> app : 200\napp --> client : 200"
CALLED = [
    ("app -> api : GET /i/{new uid}\nnote right : u = {uid}", "/i/q7?u=q7", "/i/q7?u=q8"),
    ("app -> api : GET /i/{new uid}/{uid}", "/i/q7/q7", "/i/q7/q8"),
    ("app -> api : GET /i?x={new uid}&y={uid}", "/i?x=q7&y=q7", "/i?x=q7&y=q8"),
    ("app -> api : GET /i\nnote right\n  x = a-{new u}-{u}\n  y = {u}\nend note", "/i?x=a-7-7&y=7", "/i?x=a-7-7&y=8"),
]  # fmt: skip


@pytest.mark.parametrize(("drawing", "kept", "broken"), CALLED)
def test_what_came_as_new_is_held_against_what_is_said_of_it_again(
    drawn: Callable[..., Verdict], drawing: str, kept: str, broken: str
) -> None:
    """One value, wherever in the message it stands."""

    def calling(path: str) -> Callable[[object], int]:
        def app(request: object) -> int:
            requests.get(f"https://api.test{path}", timeout=5)
            return 200

        return app

    assert drawn(GONE.format(drawing), app=calling(kept)).is_kept
    assert not drawn(GONE.format(drawing), app=calling(broken)).is_kept


@pytest.mark.parametrize(("drawing", "path", "_"), CALLED)
def test_a_scripted_sender_makes_up_one_value(drawn: Callable[..., Verdict], drawing: str, path: str, _: str) -> None:
    """And says it each time."""
    came: list[str] = []

    def api(request: object) -> int:
        came.append(request.url.removeprefix("https://api.test"))  # type: ignore[attr-defined]
        return 200

    verdict = drawn(drawing.replace("app ->", "client ->") + "\napi --> client : 200", api=api)

    assert verdict.is_kept, verdict.failures
    (made,) = came
    value = made.rpartition("=" if "=" in made else "/")[2]
    assert made == path.replace("q7" if "q7" in path else "7", value)


def test_an_answer_says_what_is_new_twice(drawn: Callable[..., Verdict]) -> None:
    """In its redirect and in a header."""
    drawing = (
        "client -> api : GET /a\napi --> client : 302\nnote left\n  Location: /i/{new uid}\n  X-Id: {uid}\nend note"
    )

    def api(header: str) -> Callable[[object], object]:
        return lambda request: ("", 302, {"Location": "/i/q7", "X-Id": header})

    assert drawn(drawing, api=api("q7")).is_kept
    assert [one.code for one in drawn(drawing, api=api("q8")).failures] == ["SQ550"]


def test_above_its_line_nobody_knows_it(drawn: Callable[..., Verdict]) -> None:
    """Found before anything runs."""
    drawing = "client -> api : GET /a\nnote right\n  y = {uid}\n  x = {new uid}\nend note\napi --> client : 200"

    with pytest.raises(Diagnostic) as caught:
        drawn(drawing, api=lambda request: 200)
    assert caught.value.finding.code == "SQ360"


def test_what_was_known_before_is_meant_where_there_is_such(drawn: Callable[..., Verdict]) -> None:
    """`{x}` is the latest value before this message."""
    drawing = (
        "client -> api : GET /a\napi --> client : 200\nnote left : n = {new n}\n"
        "client -> api : GET /a\napi --> client : 200\nnote left\n  n = {new n}\n  old = {n}\nend note"
    )
    values = iter(({"n": "one"}, {"n": "two", "old": "one"}))

    assert drawn(drawing, api=lambda request: next(values)).is_kept
