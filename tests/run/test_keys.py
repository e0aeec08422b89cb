"""Whose keys: from settings, from actors, from where an application shows them."""

import pytest
from flask import Flask, jsonify

from seqtest.auth.keys import make_key, public_jwk
from seqtest.exchange import Request
from seqtest.run.keys import RunKeys
from seqtest.transports.wsgi import call

URLS = {"auth": "https://auth.test", "client": "https://client.test"}


def test_settings_of_a_scripted_participant_make_keys() -> None:
    """`key` and `keys.<kid>`; the private one is picked by id or algorithm."""
    keys = RunKeys({"client": {"key": "ES256", "keys.k1": "RS256"}}, URLS, {}, lambda who, request: None)

    assert [key["kty"] for key in keys.public("client")] == ["EC", "RSA"]
    assert keys.private("client", "k1", None).alg == "RS256"
    assert keys.private("client", None, "ES256").alg == "ES256"
    assert keys.private("client", "k2", None) is None
    assert keys.public("auth") == []


def test_drawn_keys_come_first() -> None:
    """A `jwks` setting is what tokens are verified against."""
    jwk = public_jwk(make_key("ES256", "mine"))
    keys = RunKeys({"auth": {"jwks": {"keys": [jwk]}}}, URLS, {}, lambda who, request: None)

    assert keys.public("auth") == [jwk]


def published(stage, app, **settings):
    stage.settings = {"a": settings}
    prepared = stage.prepare("u -> a : GET /x\na --> u : 200", a=app)
    return prepared.keys.public("a")


def test_an_application_publishes_its_keys(stage) -> None:
    """Through its metadata, or at `jwks_uri`; an application without any has none."""
    jwk = public_jwk(make_key("ES256", "k1"))
    app = Flask("app")
    app.add_url_rule("/keys", "keys", lambda: jsonify(keys=[jwk]))
    bare = Flask("bare")
    bare.add_url_rule("/keys", "keys", lambda: jsonify(keys=[jwk]))
    app.add_url_rule(
        "/.well-known/oauth-authorization-server", "meta", lambda: jsonify(jwks_uri="https://public.example/keys")
    )

    assert published(stage, app) == [jwk]
    assert published(stage, bare) == []
    assert published(stage, bare, jwks_uri="/keys") == [jwk]
    assert call(app, Request("GET", "https://a.test/keys")).status == 200


@pytest.mark.parametrize("problem", [SystemExit(3), BaseException("x"), RecursionError(), GeneratorExit()])
def test_an_application_that_raises_has_no_keys(stage, problem) -> None:
    """Whatever it raises; what it does at the drawn arrows is told there."""

    def app(environ, start_response):
        raise problem

    assert published(stage, app) == []


def test_asking_for_keys_is_no_arrow_and_calls_nobody(stage) -> None:
    """An application that calls out while it shows its keys reaches nobody."""
    import requests

    app = Flask("app")

    @app.get("/keys")
    def keys():
        return jsonify(keys=[{"kty": requests.get("https://b.test/x").text}])

    assert published(stage, app, jwks_uri="/keys") == []


def test_a_shared_secret_may_be_drawn() -> None:
    """An HMAC key of the application's own, which no endpoint publishes."""
    settings = {"auth": {"keys.main": "HS256", "keys.main.secret": "a-secret-of-more-than-thirty-two-bytes"}}
    keys = RunKeys(settings, URLS, {}, lambda who, request: None)

    assert keys.public("auth")[0]["kid"] == "main"
    assert keys.private("auth", "main", "HS256").material == b"a-secret-of-more-than-thirty-two-bytes"


def test_a_key_of_no_algorithm_is_an_error() -> None:
    """It lists the algorithms, at the line that draws it."""
    from seqtest.diagram.read import read
    from seqtest.errors import UnplayableScenario
    from seqtest.run.keys import drawn_keys
    from seqtest.scenario.expand import expand
    from seqtest.source import Source

    text = "@startuml\nnote over c\n  key = RSA256\nend note\nc -> a : GET /x\na --> c : 200\n@enduml"
    scenario = next(iter(expand(read(Source("f.puml", text))[0])))

    with pytest.raises(UnplayableScenario, match="ES256") as raised:
        drawn_keys(scenario)
    assert (raised.value.finding.code, raised.value.finding.span.line) == ("SQ414", 3)


def test_an_actor_without_keys_of_its_own_may_publish_them(stage) -> None:
    """A class that answers at its endpoint need not say it twice."""
    import json

    from seqtest.actors.actor import Actor
    from seqtest.exchange import Response

    jwk = public_jwk(make_key("ES256", "k1"))

    class Server(Actor):
        def handle(self, request):
            return Response(200, body=json.dumps({"keys": [jwk]}).encode())

    assert published(stage, Server, jwks_uri="/keys") == [jwk]
