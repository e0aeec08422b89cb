"""What may be bound, and what a plain function's short answers mean."""

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

from seqtest.actors.actor import Actor, NotAnAnswer, on
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


PLAIN: Any = Response  # what a person writes without looking at the types


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (PLAIN(401, headers={"X": "1", "Y": 2}), Response(401, Headers((("X", "1"), ("Y", "2"))))),
        (PLAIN(401, [("X", "1")]), Response(401, Headers((("X", "1"),)))),
        (PLAIN(401, body=None), Response(401)),
        (PLAIN(200, body="hi"), Response(200, Headers((("Content-Type", "text/plain; charset=utf-8"),)), b"hi")),
        (
            PLAIN(200, {"content-type": "a/b"}, {"a": 1}),
            Response(200, Headers((("content-type", "a/b"),)), b'{"a": 1}'),
        ),
        (PLAIN(200, body=[1]), Response(200, Headers((("Content-Type", "application/json"),)), b"[1]")),
        (Response(200, Headers({"X": "1"})), Response(200, Headers((("X", "1"),)))),
    ],
)
def test_a_response_may_be_made_of_plain_values(value, answer) -> None:
    """Headers as a mapping or a list of pairs, a body as text or JSON."""
    assert as_response(value) == answer


@pytest.mark.parametrize("value", [PLAIN("200 OK"), PLAIN(200, "X: 1"), PLAIN(200, body=object())])
def test_a_response_of_odd_values_is_refused(value) -> None:
    """The message says of what it was made."""
    with pytest.raises(NotAnAnswer, match="a Response of "):
        as_response(value)


@pytest.mark.parametrize("value", [object(), 1.5, True])
def test_what_is_no_answer_is_refused(value) -> None:
    """Nothing is guessed."""
    with pytest.raises(NotAnAnswer, match="no answer"):
        as_response(value)


def test_a_factory_that_yields_or_waits_is_told_what_to_do() -> None:
    """pytest's fixtures may; a factory returns."""

    def yields() -> Any:
        yield lambda request: 204

    async def waits() -> Any:
        return lambda request: 204

    with pytest.raises(NotAPlayer, match=r"a function with `yield` .* take a fixture"):
        factory(yields())
    with pytest.raises(NotAPlayer, match="a function with `async` "):
        factory(waits())


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


def with_step(pattern: str, method: Any) -> type[Actor]:
    """An actor class with this step definition."""
    return type("Stepping", (Actor,), {"step": on(pattern)(method)})


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        ("find {name}", lambda self, username: 1),
        ("find {name}", lambda self: 1),
        ("find", lambda self, name: 1),
        ("find {a} and {a}", lambda self, a: 1),
        ("GET /things/{id}", lambda self, request: 1),
    ],
)
def test_a_step_definition_that_does_not_fit_its_pattern_is_found_when_it_is_bound(pattern, method) -> None:
    """What the pattern gives must be what the method takes."""
    with pytest.raises(NotAPlayer, match=r"gives .*; its method .* takes"):
        factory(with_step(pattern, method))


def anything(self: Any, message: Any) -> int:
    return 1


def asks_further(self: Any, message: Any) -> Any:
    return Actor.handle(self, message)


GET = on("GET /x")(lambda self: 1)
FIND = on("find")(lambda self: 1)
AGAIN = on("find")(lambda self, again=1: 2)


@pytest.mark.parametrize(
    ("bases", "words"),
    [
        ([{"handle": anything, "get": GET}], "never asked: `handle` of Stepping0 answers all requests"),
        ([{"act": anything, "find": FIND}], "never asked: `act` of Stepping0 answers all actions"),
        ([{"handle": anything}, {"get": GET}], "never asked: `handle` of Stepping0 answers all requests"),
        ([{"find": FIND, "again": AGAIN}], "only the first is asked"),
        ([{"find": FIND}, {"again": AGAIN}], "only the first is asked"),
        # Those that are kept.
        ([{"handle": asks_further, "get": GET}], ""),
        ([{"handle": anything, "find": FIND}], ""),
        ([{"get": GET}, {"handle": anything}], ""),
        ([{"find": FIND}, {"find": AGAIN}], ""),
    ],
)
def test_a_step_definition_that_is_never_asked_is_found_when_it_is_bound(bases: list[Any], words: str) -> None:
    """A method that answers everything, or another one of the same text, stands before it. A subclass may override."""
    cls: Any = Actor
    for number, members in enumerate(bases):
        cls = type(f"Stepping{number}", (cls,), dict(members))

    if not words:
        assert factory(cls) is cls
        return
    with pytest.raises(NotAPlayer, match=words):
        factory(cls)


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        ("find {name}", lambda self, name, limit=3: 1),
        ("find {name}", lambda self, **values: 1),
        ("GET /things/{id}", lambda self, id, request: 1),
        ("GET /things/{id}", lambda self, *, id: 1),
    ],
)
def test_a_step_definition_may_take_more_than_its_pattern_gives(pattern, method) -> None:
    """Where the rest has a default, or is the request itself."""
    made = with_step(pattern, method)

    assert factory(made) is made
