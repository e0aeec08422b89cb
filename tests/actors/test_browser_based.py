"""Clients that run in a browser: which of an authorization server's endpoints scripts of other origins may call."""

from typing import Any

import pytest

from seqtest.actors.authorization_server import AuthorizationServer
from seqtest.exchange import Headers, Request, Response

SHOP = "https://shop.example"
CLIENTS = {"clients.spa.redirect_uri": f"{SHOP}/cb", "clients.native.redirect_uri": "http://127.0.0.1/cb"}


def asked(stage: Any, path: str, origin: str | None, *, method: str = "POST", wanted: str | None = None) -> Response:
    fields = [("Content-Type", "application/x-www-form-urlencoded")]
    fields += [("Origin", origin)] if origin is not None else []
    fields += [("Access-Control-Request-Method", wanted)] if wanted is not None else []
    found: Response = stage.actors["auth"].handle(Request(method, f"https://auth.test{path}", Headers(fields)))
    return found


def allowed(answer: Response) -> str | None:
    return answer.headers.get("Access-Control-Allow-Origin")


@pytest.mark.parametrize("path", ["/token", "/oauth/revoke", "/userinfo", "/par", "/device_authorization"])
def test_a_clients_script(stage: Any, path: str) -> None:
    """RFC 9700 section 2.6: the origin of a registered address may call and read refusals; another's may not."""
    stage.bind("auth", AuthorizationServer, CLIENTS)

    assert allowed(asked(stage, path, SHOP)) == SHOP
    assert allowed(asked(stage, path, "http://127.0.0.1:5173")) == "http://127.0.0.1:5173"
    for origin in ("https://evil.example", "null", "https://shop.example.evil", "http://shop.example", None):
        assert allowed(asked(stage, path, origin)) is None
    assert asked(stage, path, SHOP).headers.get("Vary") == "Origin"
    assert "Access-Control-Allow-Credentials" not in dict(asked(stage, path, SHOP).headers)


def test_preflight(stage: Any) -> None:
    """It says the endpoint's methods and the fields of DPoP; to a stranger it says nothing."""
    stage.bind("auth", AuthorizationServer, {**CLIENTS, "cors.origins": "https://admin.example"})
    good = asked(stage, "/token", SHOP, method="OPTIONS", wanted="POST")
    bad = asked(stage, "/token", "https://evil.example", method="OPTIONS", wanted="POST")

    assert (good.status, allowed(good), good.headers.get("Access-Control-Allow-Methods")) == (204, SHOP, "POST")
    assert good.headers.get("Access-Control-Allow-Headers") == "Authorization, Content-Type, DPoP"
    assert (bad.status, allowed(bad)) == (403, None)
    assert allowed(asked(stage, "/token", "https://admin.example")) == "https://admin.example"
    assert asked(stage, "/token", SHOP, method="OPTIONS").status == 405


def test_what_anybody_may_read_and_what_nobody(stage: Any) -> None:
    """Keys and metadata are public; the authorization endpoint is a page, introspection is for servers."""
    stage.bind("auth", AuthorizationServer, CLIENTS)

    for path in ("/jwks", "/.well-known/openid-configuration"):
        assert allowed(asked(stage, path, "https://evil.example", method="GET")) == "*"
    for path in ("/authorize", "/introspect", "/logout", "/device", "/nothing"):
        assert allowed(asked(stage, path, SHOP, method="GET")) is None
        assert asked(stage, path, SHOP, method="OPTIONS", wanted="GET").status in (404, 405)


def test_a_script_may_read_the_challenge(stage: Any) -> None:
    """`WWW-Authenticate` and a nonce for DPoP are of no use where they cannot be read."""
    stage.bind("auth", AuthorizationServer, CLIENTS)
    answer = asked(stage, "/userinfo", SHOP)

    assert answer.status == 401
    assert answer.headers.get("Access-Control-Expose-Headers") == "WWW-Authenticate"


def test_without_registered_clients_anybody(stage: Any) -> None:
    """Where any name is a client, any origin is one's."""
    stage.bind("auth", AuthorizationServer, {})

    assert allowed(asked(stage, "/token", "https://anybody.example")) == "*"
