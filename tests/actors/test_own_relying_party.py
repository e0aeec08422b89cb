"""An application of the user's own as the relying party, Flask with Authlib: at our provider, and at one that lies."""

import warnings
from typing import Any

import pytest

from seqtest import api
from seqtest.diagram.read import read
from seqtest.source import Source
from seqtest.verdict import Verdict

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def play(text: str, **bindings: Any) -> Verdict:
    """The verdict on a drawing."""
    diagram = read(Source("flow.puml", f"@startuml flow\n{text}\n@enduml\n"))[0]
    return api.play(api.ready(api.cases(diagram)[0], bindings))


def says(verdict: Verdict) -> str:
    return "\n".join(f"{one.span}: {one.message} {one.expected} {one.got}" for one in verdict.failures)


@pytest.fixture
def web() -> Any:
    """Log in with OpenID Connect as Authlib's documentation does it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from authlib.integrations.base_client.errors import OAuthError
        from authlib.integrations.flask_client import OAuth
        from joserfc.errors import JoseError
    from flask import Flask, redirect, session

    app = Flask("web")
    app.secret_key = "for tests"
    app.config.update(TESTING=True, SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax")
    oauth = OAuth(app)
    oauth.register(
        "op",
        client_id="web",
        client_secret="tea-party",
        server_metadata_url="https://op.test/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
    )

    @app.get("/login")
    def login():
        return oauth.op.authorize_redirect("https://web.test/cb")

    @app.get("/cb")
    def cb():
        try:
            session["user"] = oauth.op.authorize_access_token()["userinfo"]["sub"]
        except (OAuthError, JoseError) as problem:
            return f"refused: {type(problem).__name__}", 403
        return redirect("/me")

    @app.get("/me")
    def me():
        return {"sub": session["user"]} if "user" in session else ("", 403)

    return app


BEGIN = """
browser -> web ++ : GET /login
web --> browser -- : 302 Found
note left
  Location: {op.url}/authorize
    state = {new state}
    nonce = {new nonce}
    code_challenge = {S256(new code_verifier)}
end note
browser -> op ++ : GET {Location}
"""
REAL = (
    """
participant browser <<browser>>
participant web
participant op <<openid-provider>>
note over web
  client_id = web
  client_secret = tea-party
end note
note over op
  quiet = GET /.well-known/openid-configuration, GET /jwks
  clients.web.secret = tea-party
  clients.web.redirect_uri = https://web.test/cb
  users.alice.password = wonderland
  users.alice.sub = "123"
  id_token.alg = RS256
end note
"""
    + BEGIN
    + """
op --> browser -- : 303 See Other
browser -> op ++ : GET {Location}
op --> browser -- : 200 OK
browser -> op ++ : POST {form}
note right
  login = alice
  password = wonderland
end note
op --> browser -- : 303 See Other
note left
  Location: https://web.test/cb
    code = {new code}
    state = {state}
end note
browser -> web ++ : GET {Location}
web -> op ++ : POST /token
note right
  Authorization: Basic {basic(client_id, client_secret)}
  grant_type = authorization_code
  code = {code}
  code_verifier = {code_verifier}
end note
op --> web -- : 200 OK
note left
  id_token : jwt
    nonce = {nonce}
end note
web --> browser -- : 302 Found
browser -> web ++ : GET {Location}
web --> browser -- : 200 OK {sub: "123"}
"""
)


def test_authlib_logs_in_at_our_provider(web: Any) -> None:
    """Session cookie, redirects, pages and tokens: nothing is drawn that the browser or Authlib does by itself."""
    verdict = play(REAL, web=web)

    assert verdict.is_kept, says(verdict)
    assert set(verdict.under_test) == {"web", "op"}


LYING = (
    """
participant browser <<browser>>
participant web
participant op
note over web
  client_id = web
  client_secret = tea-party
end note
note over op
  keys.k1 = RS256
  quiet = GET /.well-known/openid-configuration, GET /jwks
end note
"""
    + BEGIN.replace("/authorize", "/auth")
    + """
op --> browser -- : 303 See Other
note left
  Location: https://web.test/cb
    code = {new code}
    state = STATE
end note
browser -> web ++ : GET {Location}
TOKENS
web --> browser -- : STATUS
"""
)
TOKENS = """
web -> op ++ : POST /token
note right
  Authorization: Basic {basic(client_id, client_secret)}
  code = {code}
  code_verifier = {code_verifier}
end note
op --> web -- : 200 OK
note left
  Cache-Control: no-store
  token_type = Bearer
  expires_in = 300
  access_token : opaque
  id_token : jwt
    iss = {op.url}
    aud = AUDIENCE
    sub = "123"
    nonce = NONCE
    iat = now
    exp = iat + 5 minutes
end note
"""


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "302 Found"),
        ({"NONCE": "{new wrong_nonce}"}, "403 Forbidden"),
        ({"AUDIENCE": "other"}, "403 Forbidden"),
        ({"STATE": "{new wrong_state}", "TOKENS": ""}, "403 Forbidden"),
    ],
)
def test_authlib_refuses_a_lying_provider(web: Any, change: dict[str, str], status: str) -> None:
    """The drawing plays the provider: `quiet` keys and metadata, and a token that is wrong in one thing."""
    drawn = {"TOKENS": TOKENS, "NONCE": "{nonce}", "AUDIENCE": "web", "STATE": "{state}", **change, "STATUS": status}
    text = LYING.replace("    code_challenge = {S256(new code_verifier)}\n", "") if not drawn["TOKENS"] else LYING
    for name, value in drawn.items():
        text = text.replace(name, value)
    verdict = play(text, web=web)

    assert verdict.is_kept, says(verdict)
