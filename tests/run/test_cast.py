"""Who plays whom: bindings, stereotypes, and everything that cannot play."""

import pytest
from flask import Flask

from seqtest.actors.actor import Actor
from seqtest.actors.application import Application, AsyncApplication, Function
from seqtest.diagram import Participant
from seqtest.errors import Diagnostic, Unanswerable, UnplayableScenario
from seqtest.exchange import Response
from seqtest.run.cast import cast


def participants(**stereotypes):
    return [Participant(name, name, stereotypes=(text,) if text else ()) for name, text in stereotypes.items()]


def test_a_stereotype_that_names_a_kind_binds() -> None:
    """Its module is not imported for that."""
    made = cast(participants(auth="authorization-server", user=""))

    assert made.bound == {"auth"}
    assert made.kinds == {"auth": "authorization-server"}


def test_a_spot_before_the_stereotype_is_a_picture() -> None:
    """`<< (A,#ADD1B2) token-store >>` is a token store."""
    assert cast(participants(db="(A,#ADD1B2) token-store")).kinds == {"db": "token-store"}


@pytest.mark.parametrize(
    "text", ["authorisation-server", "authorization server", "AuthorizationServer", "Resource-Server", "tokenstore"]
)
def test_nearly_a_kind_is_an_error(text) -> None:
    """It would silently leave its participant scripted."""
    with pytest.raises(UnplayableScenario) as raised:
        cast(participants(auth=text))

    assert raised.value.finding.code == "SQ401"
    assert "did you mean" in raised.value.finding.label


@pytest.mark.parametrize("text", ["external", "legacy system", "prose"])
def test_another_stereotype_is_prose(text) -> None:
    """It binds nobody."""
    assert not cast(participants(auth=text)).bound


@pytest.mark.parametrize(("text", "kind"), [("openid-provider", "authorization-server"), ("relying-party", "client")])
def test_roles_of_openid_connect_are_kinds(text, kind) -> None:
    """Other names of the same actors."""
    assert cast(participants(b=text)).kinds == {"b": kind}


@pytest.mark.parametrize("text", ["browser", "user-agent", "(B,#ADD1B2) browser"])
def test_a_browser_is_scripted(text) -> None:
    """It plays nothing, and it keeps cookies, also below a conftest that leaves it to the drawing."""
    for bindings in ({}, {"b": None}):
        made = cast(participants(b=text), bindings)
        assert (made.bound, made.user_agents) == (frozenset(), {"b"})


def test_a_bound_browser_is_none() -> None:
    """What is bound keeps its cookies itself."""
    assert cast(participants(b="browser"), {"b": lambda asked: 200}).user_agents == frozenset()


def test_two_kinds_at_once_are_an_error() -> None:
    """Nobody can play both."""
    both = Participant("a", "a", stereotypes=("client", "token-store"))

    with pytest.raises(UnplayableScenario) as raised:
        cast([both])
    assert raised.value.finding.code == "SQ405"


def test_a_binding_comes_before_a_stereotype() -> None:
    """Also None, which has the participant scripted."""
    app = Flask("app")

    assert cast(participants(auth="authorization-server"), {"auth": app}).kinds == {}
    assert not cast(participants(auth="authorization-server"), {"auth": None}).bound


def test_a_binding_of_nobody_is_an_error() -> None:
    """It names whom it may have meant."""
    with pytest.raises(Unanswerable) as raised:
        cast(participants(client="", auth=""), {"clinet": lambda request: 200})

    assert raised.value.finding.code == "SQ403"
    assert "`client`" in raised.value.finding.do


async def asgi_short(scope, receive, send): ...


async def asynchronous(request): ...


class AsgiApp:
    async def __call__(self, scope, receive, send): ...


class NoActor:
    pass


class Mine(Actor):
    def handle(self, request):
        return Response(200)


@pytest.mark.parametrize(
    ("binding", "words"),
    [
        ("https://idp.example/?tenant=a", "a query or fragment in it"),
        ("https://alice:wonderland@idp.example", "draw the credentials at their arrow"),
        ("ftp://idp.example", "neither http nor https"),
        ("https:///path", "no host in it"),
        ("https://idp.example:99999", "no base URL: Port out of range"),
        (asynchronous, "an ASGI application takes three"),
        (NoActor, "derive it from seqtest.Actor"),
        (42, "a value of type `int` is no participant"),
        (lambda: 200, "takes 0 arguments"),
    ],
)
def test_what_cannot_play_is_an_error(binding, words) -> None:
    """A clear word for each."""
    with pytest.raises(Diagnostic) as raised:
        cast(participants(a=""), {"a": binding})

    assert raised.value.finding.code == "SQ404"
    assert words in raised.value.finding.got


def simple(request):
    return 204


def making(part):
    return Mine


def making_flask(part):
    return Flask(part)


@pytest.mark.parametrize(
    ("binding", "kind"),
    [
        (Flask("app"), Application),
        (Flask("app").wsgi_app, Application),
        (asgi_short, AsyncApplication),
        (AsgiApp(), AsyncApplication),
        (simple, Function),
        (Mine, Mine),
        (making, Mine),
    ],
)
def test_what_can_play(stage, binding, kind) -> None:
    """WSGI applications, functions, Actor classes, and functions of the part that make one of them."""
    prepared = stage.prepare("u -> a : GET /x\na --> u : 200", a=binding)

    assert type(prepared.players["a"]) is kind


def test_an_instance_is_made_for_each_run(stage) -> None:
    """Nothing is shared between runs."""
    first = stage.prepare("u -> a : GET /x\na --> u : 200", a=Mine).players["a"]
    second = stage.prepare("u -> a : GET /x\na --> u : 200", a=Mine).players["a"]

    assert first is not second
    with pytest.raises(Unanswerable, match="not an instance"):
        cast(participants(a=""), {"a": first})
