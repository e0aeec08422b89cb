"""The same actors on a real socket, called by a client that knows nothing of seqtest."""

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from seqtest.actors import Part
from seqtest.actors.authorization_server import AuthorizationServer
from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import jwt, pkce


@pytest.fixture
def served(stage: Any) -> Iterator[dict[str, str]]:
    """Base addresses of an authorization server and a resource server on loopback."""
    servers, urls = [], {}
    stage.url = urls.__getitem__
    drawn: dict[str, tuple[Any, dict[str, Any]]] = {
        "auth": (
            AuthorizationServer,
            {
                "users.alice.password": "wonderland",
                "clients.web.secret": "tea:party +%",
                "clients.web.grants": "authorization_code refresh_token password",
                "clients.web.redirect_uri": "http://127.0.0.1/cb",
                "access_token.alg": "ES256",
                "access_token.aud": "api",
            },
        ),
        "api": (ResourceServer, {"trusts": "auth"}),
    }
    for name, (cls, settings) in drawn.items():
        server = make_server("127.0.0.1", 0, lambda environ, start: [], threaded=True)
        urls[name] = f"http://127.0.0.1:{server.server_port}"
        stage.settings[name] = settings
        kinds = {"auth": "authorization-server", "api": "resource-server"}
        part = Part(name, urls[name], settings, kinds, stage.clock, stage, random.Random(name))
        stage.actors[name] = cls(part)
        server.app = stage.actors[name].wsgi_app
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
    yield urls
    for server in servers:
        server.shutdown()
        server.server_close()


def test_password_refresh_and_call(served: dict[str, str]) -> None:
    """Metadata, token, API call and refresh work for `requests` over loopback."""
    metadata = requests.get(f"{served['auth']}/.well-known/openid-configuration", timeout=5).json()
    assert metadata["issuer"] == served["auth"]
    who = ("web", "tea%3Aparty+%2B%25")  # as RFC 6749 section 2.3.1 has it; requests does not encode
    form = {"grant_type": "password", "username": "alice", "password": "wonderland"}
    tokens = requests.post(metadata["token_endpoint"], data=form, auth=who, timeout=5).json()

    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(f"{served['api']}/users/alice", headers=headers, timeout=5).json() == {
        "id": "alice",
        "sub": "alice",
    }
    assert requests.get(f"{served['api']}/users/alice", timeout=5).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert requests.post(metadata["token_endpoint"], data=form, auth=who, timeout=5).status_code == 200
    assert requests.post(metadata["token_endpoint"], data=form, auth=who, timeout=5).json()["error"] == "invalid_grant"


def test_code_with_a_cookie_jar(served: dict[str, str]) -> None:
    """A session with cookies logs in once, and its second request needs no page; on loopback also without TLS."""
    verifier = "v" * 43
    query = {
        "response_type": "code",
        "client_id": "web",
        "redirect_uri": "http://127.0.0.1:9/cb",
        "scope": "openid",
        "nonce": "n",
        "code_challenge": pkce.S256(verifier),
        "code_challenge_method": "S256",
    }
    with requests.Session() as browser:
        page = browser.get(f"{served['auth']}/authorize", params=query, timeout=5)
        assert page.url.startswith(f"{served['auth']}/interaction/")
        csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
        form = {"login": "alice", "password": "wonderland", "csrf": csrf}
        browser.post(page.url, data=form, allow_redirects=False, timeout=5)
        again = browser.get(f"{served['auth']}/authorize", params=query, allow_redirects=False, timeout=5)

    code = again.headers["Location"].partition("code=")[2].partition("&")[0]
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": query["redirect_uri"],
        "code_verifier": verifier,
    }
    answer = requests.post(f"{served['auth']}/token", data=data, auth=("web", "tea%3Aparty+%2B%25"), timeout=5)
    keys = requests.get(f"{served['auth']}/jwks", timeout=5).json()

    assert jwt.verify(answer.json()["id_token"], keys).claims["nonce"] == "n"
