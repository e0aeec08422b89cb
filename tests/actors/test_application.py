"""What may be bound, and what a plain function's short answers mean."""

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

from seqtest.actors.application import Application, Function, NotAPlayer, as_response, factory
from seqtest.exchange import Headers, Response


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (204, Response(204)),
        (None, Response(204)),
        ("hi", Response(200, Headers((("Content-Type", "text/plain; charset=utf-8"),)), b"hi")),
        (b"hi", Response(200, Headers((("Content-Type", "text/plain; charset=utf-8"),)), b"hi")),
        ({"a": 1}, Response(200, Headers((("Content-Type", "application/json"),)), b'{"a": 1}')),
        ([1], Response(200, Headers((("Content-Type", "application/json"),)), b"[1]")),
        (({"a": 1}, 201), Response(201, Headers((("Content-Type", "application/json"),)), b'{"a": 1}')),
        (("x", 200, {"Content-Type": "text/html"}), Response(200, Headers((("Content-Type", "text/html"),)), b"x")),
        ((None, 302, [("Location", "/a")]), Response(302, Headers((("Location", "/a"),)))),
    ],
)
def test_a_short_answer_is_a_response(value, answer) -> None:
    """A status, text, JSON, and either with a status and headers."""
    assert as_response(value) == answer


@pytest.mark.parametrize("value", [object(), 1.5, True])
def test_what_is_no_answer_is_refused(value) -> None:
    """Nothing is guessed."""
    with pytest.raises(NotAPlayer, match="no answer"):
        as_response(value)


class Anything:
    """An application that takes what comes."""

    def __call__(*given):  # type: ignore[no-untyped-def]
        return given


class Web:
    def __call__(self, environ, start_response, *, debug=False):  # type: ignore[no-untyped-def]
        return []


class Answering:
    def __call__(self, message):  # type: ignore[no-untyped-def]
        return 204


PART: Any = SimpleNamespace(participant="shop", url="https://shop.test")


@pytest.mark.parametrize(("player", "kind"), [(Anything(), Application), (Web(), Application), (Answering(), Function)])
def test_an_object_is_told_by_its_call_method(player, kind) -> None:
    """An object plays as a WSGI application or as a function, by what `__call__` asks for besides itself."""
    assert type(factory(player)(PART)) is kind


def test_an_object_may_show_another_signature() -> None:
    """What one object says of itself comes before what its class says, also when its class was read before."""
    factory(Web())
    odd = Web()
    odd.__signature__ = inspect.signature(Answering())  # type: ignore[attr-defined]

    assert type(factory(odd)(PART)) is Function
