"""Servers that other people wrote, as they are: our client, browser and resource server work with them.

Each is played twice: as the WSGI application that it is, in process, and over a socket of this machine. Providers are
`oidc-provider-mock` (OpenID Connect on Authlib) and a small authorization server on Authlib's own classes, which has
introspection (RFC 7662).
"""

import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from seqtest import Live, api
from seqtest.diagram.read import read
from seqtest.source import Source
from seqtest.verdict import Verdict

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import oidc_provider_mock

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SIGN_IN = """
participant browser <<browser>>
participant web <<relying-party>>
participant op
participant api
note over web
  auth = op
  api = api
  client_id = web
  client_secret = tea-party
  discovery = true
  scope = email
  userinfo = true
  leeway = 5 seconds
end note
note over op : quiet = GET /.well-known/openid-configuration, GET /jwks

browser -> web ++ : GET /login
web --> browser -- : 303 See Other
note left
  Location: {op.url}/oauth2/authorize
    state = {new state}
    nonce = {new nonce}
    code_challenge = {S256(new code_verifier)}
end note
browser -> op ++ : GET {Location}
op --> browser -- : 200 OK
note left : form.sub present
"""
ALLOWED = """
browser -> op ++ : POST {form}
note right : sub = alice@example.org
op --> browser -- : 302 Found
note left
  Location: {web.url}/cb
    code = {new code}
    state = {state}
end note
browser -> web ++ : GET {Location}
web -> op ++ : POST /oauth2/token
note right
  grant_type = authorization_code
  code = {code}
  code_verifier = {code_verifier}
end note
op --> web -- : 200 OK
note left
  token_type = Bearer
  id_token : jwt
    aud = web
    sub = alice@example.org
    nonce = {nonce}
  refresh_token
end note
web -> op ++ : GET /userinfo
op --> web -- : 200 OK
web --> browser -- : 303 See Other
browser -> web ++ : GET {Location}
web --> browser -- : 200 OK {sub: alice@example.org, email: alice@example.org}
browser -> web ++ : GET /api/things
web -> api ++ : GET /things
api --> web -- : 401 Unauthorized
web -> op ++ : POST /oauth2/token
note right
  grant_type = refresh_token
  refresh_token = {refresh_token}
end note
op --> web -- : 200 OK
note left : access_token as renewed
web -> api ++ : GET /things
note right : Authorization: Bearer {renewed}
api --> web -- : 200 OK
web --> browser -- : 200 OK
browser -> web ++ : GET /logout
web --> browser -- : 303 See Other
browser -> op ++ : GET {Location}
op --> browser -- : 200 OK
browser -> op ++ : POST {form}
op --> browser -- : 302 Found
browser -> web ++ : GET {Location}
web --> browser -- : 200 OK
"""
DENIED = """
browser -> op ++ : POST {form}
note right : action = deny
op --> browser -- : 302 Found
note left
  Location: {web.url}/cb
    error = access_denied
end note
browser -> web ++ : GET {Location}
web --> browser -- : 400 Bad Request
"""


def play(text: str, **bindings: Any) -> Verdict:
    """The verdict on a drawing."""
    diagram = read(Source("flow.puml", f"@startuml flow\n{text}\n@enduml\n"))[0]
    return api.play(api.ready(api.cases(diagram)[0], bindings))


def says(verdict: Verdict) -> str:
    return "\n".join(f"{one.span}: {one.message} {one.expected} {one.got}" for one in verdict.failures)


@pytest.fixture(params=["in process", "over a socket"])
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes a binding of a WSGI application: itself, or a server on this machine."""
    from werkzeug.serving import make_server

    servers = []

    def bind(app: Any) -> Any:
        if request.param == "in process":
            return app
        monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # plain HTTP on loopback
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return Live(f"http://127.0.0.1:{server.server_port}")

    yield bind
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def provider() -> Any:
    """A fresh one: it keeps its users, clients and tokens in itself."""
    app = oidc_provider_mock.app()
    app.debug = False
    return app.wsgi_app.app if hasattr(app.wsgi_app, "app") else app


def test_a_relying_party_at_a_provider_of_somebody_else(served: Any, provider: Any) -> None:
    """Discovery, keys, code with PKCE, UserInfo, refresh and log-out, through its own pages."""
    verdict = play(SIGN_IN + ALLOWED, op=served(provider))

    assert verdict.is_kept, says(verdict)
    assert set(verdict.under_test) == {"web", "op"}


def test_no_is_no(served: Any, provider: Any) -> None:
    """Of the two forms on its page the one with that button is sent."""
    begun = SIGN_IN.replace("    code_challenge = {S256(new code_verifier)}\n", "")
    verdict = play(begun + DENIED, op=served(provider))

    assert verdict.is_kept, says(verdict)


def test_what_it_says_is_held_against_the_drawing(served: Any, provider: Any) -> None:
    """Another subject than the drawn one is red."""
    drawn = ALLOWED.replace("    sub = alice@example.org\n", "    sub = bob@example.org\n")
    verdict = play(SIGN_IN + drawn, op=served(provider))

    assert [one.code for one in verdict.failures] == ["SQ550"]


INTROSPECTION = """
participant client
participant auth
participant users <<resource-server>>
note over client
  client_id = web
  client_secret = tea-party
end note
note over users
  introspection = auth
  introspection_endpoint = /introspect
  client_id = users
  client_secret = rabbit
  audience = users
  scope = read
end note
client -> auth : POST /token
note right
  Authorization: Basic {basic(client_id, client_secret)}
  grant_type = client_credentials
  scope = SCOPE
end note
auth --> client : 200 OK
note left : access_token : opaque
client -> users : GET /things
note right : Authorization: Bearer {access_token}
users -> auth : POST /introspect
auth --> users : 200 OK {active: true}
users --> client : STATUS
client -> users : GET /things
note right : Authorization: Bearer nobody-s-token
users -> auth : POST /introspect
auth --> users : 200 OK {active: false}
users --> client : 401 Unauthorized
"""


def authlib_server() -> Any:
    """An authorization server on Authlib: client credentials and introspection."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from authlib.integrations.flask_oauth2 import AuthorizationServer
        from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
        from authlib.oauth2.rfc7662 import IntrospectionEndpoint
    from flask import Flask

    class Client(ClientMixin):
        def __init__(self, client_id: str, secret: str) -> None:
            self.client_id, self.secret = client_id, secret

        def get_client_id(self) -> str:
            return self.client_id

        def get_allowed_scope(self, scope: str) -> str:
            return " ".join(word for word in scope.split() if word in ("read", "write"))

        def check_client_secret(self, secret: str) -> bool:
            return secret == self.secret

        def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
            return method == "client_secret_basic"

        def check_grant_type(self, grant_type: str) -> bool:
            return grant_type == "client_credentials"

    class Token(TokenMixin):
        def __init__(self, client_id: str, scope: str) -> None:
            self.client_id, self.scope = client_id, scope

        def is_expired(self) -> bool:
            return False

        def is_revoked(self) -> bool:
            return False

    clients = {name: Client(name, secret) for name, secret in (("web", "tea-party"), ("users", "rabbit"))}
    tokens: dict[str, Token] = {}

    def save(token: dict[str, Any], request: Any) -> None:
        tokens[token["access_token"]] = Token(request.client.client_id, token["scope"])

    class Introspection(IntrospectionEndpoint):
        CLIENT_AUTH_METHODS = ("client_secret_basic",)

        def check_permission(self, token: Any, client: Any, request: Any) -> bool:
            return bool(client.client_id == "users")

        def query_token(self, token_string: str, token_type_hint: str) -> Any:
            return tokens.get(token_string)

        def authenticate_token(self, request: Any, client: Any) -> Any:
            return tokens.get(request.form["token"])

        def introspect_token(self, token: Token) -> dict[str, Any]:
            return {"active": True, "client_id": token.client_id, "scope": token.scope, "aud": "users", "sub": "web"}

    app = Flask("authlib")
    server = AuthorizationServer(app, query_client=clients.get, save_token=save)
    server.register_grant(grants.ClientCredentialsGrant)
    server.register_endpoint(Introspection)
    app.add_url_rule("/token", "token", server.create_token_response, methods=["POST"])
    app.add_url_rule(
        "/introspect", "introspect", lambda: server.create_endpoint_response("introspection"), methods=["POST"]
    )
    return app


@pytest.mark.parametrize(("scope", "status"), [("read", "200 OK"), ("write", "403 Forbidden")])
def test_a_resource_server_that_asks_somebody_elses_server(served: Any, scope: str, status: str) -> None:
    """RFC 7662: it believes what it is told, and nothing else."""
    drawn = INTROSPECTION.replace("SCOPE", scope).replace("STATUS", status)
    verdict = play(drawn, auth=served(authlib_server()))

    assert verdict.is_kept, says(verdict)


def test_and_the_drawing_is_tested(served: Any) -> None:
    """With the other status it is red."""
    drawn = INTROSPECTION.replace("SCOPE", "write").replace("STATUS", "200 OK")

    assert [one.code for one in play(drawn, auth=served(authlib_server())).failures] == ["SQ532"]


OWN_TOKEN = """
actor user
participant client <<client>>
participant auth
participant users <<resource-server>>
note over client
  auth = auth
  api = users
  client_id = web
  client_secret = SECRET
  scope = read
  token_endpoint = /token
end note
note over users
  introspection = auth
  introspection_endpoint = /introspect
  client_id = users
  client_secret = rabbit
  audience = users
  scope = read
end note
user -> client ++ : get a token
client -> auth ++ : POST /token
note right
  Authorization: Basic {basic("web", "SECRET")}
  grant_type = client_credentials
end note
auth --> client -- : 200 OK
note left : access_token : opaque
client --> user -- : got one
user -> client ++ : call /things
client -> users ++ : GET /things
note right : Authorization: Bearer {access_token}
users -> auth : POST /introspect
auth --> users : 200 OK {active: true}
users --> client -- : 200 OK
client --> user -- : ok
note left : status = 200
"""


def test_our_client_at_somebody_elses_server(served: Any) -> None:
    """Client credentials (RFC 6749 section 4.4), and a call whose token the server of somebody else vouches for."""
    verdict = play(OWN_TOKEN.replace("SECRET", "tea-party"), auth=served(authlib_server()))

    assert verdict.is_kept, says(verdict)
    assert {"client", "auth", "users"} <= set(verdict.under_test)


def test_our_client_with_a_wrong_secret(served: Any) -> None:
    """The other server refuses it, and the drawing that promised a token is red."""
    verdict = play(OWN_TOKEN.replace("SECRET", "guess"), auth=served(authlib_server()))

    assert [one.code for one in verdict.failures] == ["SQ532"]
