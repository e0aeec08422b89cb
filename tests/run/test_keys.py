"""Whose keys: from settings, from actors, from where an application shows them."""

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


def test_asking_for_keys_is_no_arrow_and_calls_nobody(stage) -> None:
    """An application that calls out while it shows its keys reaches nobody."""
    import requests

    app = Flask("app")

    @app.get("/keys")
    def keys():
        return jsonify(keys=[{"kty": requests.get("https://b.test/x").text}])

    assert published(stage, app, jwks_uri="/keys") == []
