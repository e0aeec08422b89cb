"""The token endpoint by clause."""

from typing import Any

import pytest

from seqtest.auth import jwt
from seqtest.exchange import Headers, Request

PASSWORD = {"grant_type": "password", "username": "alice", "password": "wonderland"}
WEB = ("web", "tea-party")


def error(stage: Any, answer: Any) -> tuple[int, str]:
    return answer.status, stage.json(answer)["error"]


def test_token_response(stage: Any, auth: Any) -> None:
    """A token response has the members of RFC 6749 section 5.1 and may not be stored."""
    auth()
    answer = stage.post("auth", "/oauth/token", {**PASSWORD, "scope": "users:read"}, auth=WEB)
    body = stage.json(answer)

    assert answer.status == 200
    assert (answer.headers.get("Cache-Control"), answer.headers.get("Pragma")) == ("no-store", "no-cache")
    assert answer.headers.get("Content-Type") == "application/json"
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 300, "users:read")
    assert len(body["refresh_token"]) >= 22


@pytest.mark.parametrize("alg", ["HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"])
def test_jwt_access_token(stage: Any, auth: Any, alg: str) -> None:
    """A JWT access token has the header and all required claims of RFC 9068 sections 2.1 and 2.2."""
    server = auth({"access_token.alg": alg, "access_token.aud": "https://api.example"})
    token = jwt.verify(stage.log_in(scope="a b")["access_token"], server.public_jwks(), [alg])

    now = int(stage.clock.now())
    assert token.header == {"alg": alg, "kid": f"auth-{alg.lower()}", "typ": "at+jwt"}
    assert len(token.claims.pop("jti")) >= 22  # type: ignore[attr-defined]  # claims were read into a dict
    assert token.claims == {
        "iss": "https://auth.example",
        "sub": "123",
        "aud": "https://api.example",
        "client_id": "web",
        "iat": now,
        "exp": now + 300,
        "scope": "a b",
    }


def test_tokens_differ_within_a_run_and_repeat_between_runs(stage: Any, auth: Any) -> None:
    """No two tokens are the same, and an equal run hands out equal ones."""
    auth({"access_token.format": "opaque", "refresh_token.format": "opaque"})
    first, second = stage.log_in(), stage.log_in()
    auth({"access_token.format": "opaque", "refresh_token.format": "opaque"})

    assert len({first["access_token"], first["refresh_token"], second["access_token"]}) == 3
    assert stage.log_in()["access_token"] == first["access_token"]


def test_opaque_access_tokens_need_no_refresh(stage: Any, auth: Any) -> None:
    """With opaque access tokens there is no refresh token unless it is drawn."""
    auth({"access_token.format": "opaque"})
    assert "refresh_token" not in stage.log_in()

    auth({"access_token.format": "opaque", "refresh_token.lifetime": "1 day"})
    assert "refresh_token" in stage.log_in()

    for never in ({"refresh_token.issue": False}, {"refresh_token.lifetime": "none", "refresh_token.issue": True}):
        auth(never)
        assert "refresh_token" not in stage.log_in()

    auth({"refresh_token.issue": False})
    assert "refresh_token" not in stage.log_in()


REFUSED: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
    ("RFC 6749 5.2: wrong password", {"password": "x"}, (400, "invalid_grant")),
    ("RFC 6749 5.2: unknown user", {"username": "mallory"}, (400, "invalid_grant")),
    ("RFC 6749 5.2: no grant type", {"grant_type": ""}, (400, "invalid_request")),
    ("RFC 6749 5.2: unknown grant type", {"grant_type": "implicit"}, (400, "unsupported_grant_type")),
    ("RFC 6749 4.3.2: no password", {"password": ""}, (400, "invalid_request")),
    ("RFC 6749 4.3.2: no username", {"username": ""}, (400, "invalid_request")),
    ("RFC 6749 3.2: repeated parameter", {"username": ["alice", "bob"]}, (400, "invalid_request")),
    ("RFC 6749 3.2: repeated though equal", {"grant_type": ["password", "password"]}, (400, "invalid_request")),
    ("RFC 6749 3.3: malformed scope", {"scope": 'a"b'}, (400, "invalid_scope")),
    ("RFC 6749 2.3: two ways at once", {"client_secret": "tea-party"}, (400, "invalid_request")),
    ("RFC 6749 2.3: two names", {"client_id": "other"}, (400, "invalid_request")),
    ("RFC 8707 2: unknown resource", {"resource": "https://other.example"}, (400, "invalid_target")),
    ("RFC 8707 2: fragment", {"resource": "https://auth.example#x"}, (400, "invalid_target")),
]


@pytest.mark.parametrize(("change", "expected"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refusals(stage: Any, auth: Any, change: dict[str, Any], expected: tuple[int, str]) -> None:
    """Each wrong request is refused by its own error, uncached and without a token."""
    auth()
    answer = stage.post("auth", "/token", {**PASSWORD, **change}, auth=WEB)

    assert error(stage, answer) == expected
    assert answer.headers.get("Cache-Control") == "no-store"
    assert "access_token" not in stage.json(answer)


def test_the_same_answer_for_a_wrong_name_and_a_wrong_password(stage: Any, auth: Any) -> None:
    """Nothing in the answer tells whether the user exists."""
    auth({"users.carol.sub": "9"})
    answers = [
        stage.post("auth", "/token", {**PASSWORD, **change}, auth=WEB).body
        for change in ({"username": "nobody"}, {"password": "wrong"}, {"username": "carol", "password": "x"})
    ]

    assert len(set(answers)) == 1


def test_disabled_user(stage: Any, auth: Any) -> None:
    """A disabled user gets no token, with the right password either (RFC 6749 section 5.2)."""
    auth({"users.alice.disabled": "true"})

    assert error(stage, stage.post("auth", "/token", PASSWORD, auth=WEB)) == (400, "invalid_grant")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_post_only(stage: Any, auth: Any, method: str) -> None:
    """The token endpoint takes POST and says so (RFC 6749 section 3.2, RFC 9110 section 15.5.6)."""
    auth()
    answer = stage.get("auth", "/token", method=method)

    assert (answer.status, answer.headers.get("Allow")) == (405, "POST")


@pytest.mark.parametrize("media", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_other_media_types(stage: Any, auth: Any, media: str) -> None:
    """Only a form is read (RFC 6749 section 3.2)."""
    auth()
    request = Request(
        "POST", "https://auth.test/token", Headers([("Content-Type", media)]), b'{"grant_type":"password"}'
    )

    assert error(stage, stage.actors["auth"].handle(request)) == (400, "invalid_request")


@pytest.mark.parametrize(
    "query",
    ["client_id=web&client_secret=tea-party", "code_verifier=x", "device_code=x", "auth_req_id=x", "subject_token=x"],
)
def test_secrets_in_the_uri(stage: Any, auth: Any, query: str) -> None:
    """Client credentials in the URI are refused, the right ones too (RFC 6749 section 2.3.1), and so are a grant's."""
    auth()
    answer = stage.post("auth", f"/token?{query}", PASSWORD, auth=("web", "tea-party"))

    assert error(stage, answer) == (400, "invalid_request")


def test_big_bodies(stage: Any, auth: Any) -> None:
    """A body of megabytes is refused unread."""
    auth()

    assert stage.post("auth", "/token", {"grant_type": "x" * 2_000_000}).status == 413


def test_unknown_path(stage: Any, auth: Any) -> None:
    """What is no endpoint is 404, and a drawn path replaces the usual ones."""
    auth({"endpoints.token": "/connect/token"})

    assert stage.get("auth", "/nowhere").status == 404
    assert stage.post("auth", "/token", PASSWORD, auth=WEB).status == 404
    assert stage.post("auth", "/connect/token", PASSWORD, auth=WEB).status == 200


def test_shortest_diagram(stage: Any) -> None:
    """Without `clients.*` any name, or none, is a public client, whose secret can only be wrong."""
    from seqtest.actors.authorization_server import AuthorizationServer

    stage.add("auth", AuthorizationServer, users__alice__password="wonderland")

    assert stage.post("auth", "/token", PASSWORD).status == 200
    assert stage.post("auth", "/token", {**PASSWORD, "client_id": "any"}).status == 200
    assert error(stage, stage.post("auth", "/token", PASSWORD, auth=("any", "secret"))) == (401, "invalid_client")
    assert error(stage, stage.post("auth", "/token", {**PASSWORD, "username": "bob"})) == (400, "invalid_grant")


def test_client_credentials(stage: Any, auth: Any) -> None:
    """A client's own token has the client as `sub` and no refresh token (RFC 6749 4.4.3, RFC 9068 2.2)."""
    auth()
    body = stage.json(stage.post("auth", "/token", {"grant_type": "client_credentials", "scope": "a"}, auth=WEB))
    claims = jwt.read(body["access_token"]).claims

    assert (claims["sub"], claims["client_id"], claims["scope"]) == ("web", "web", "a")
    assert "refresh_token" not in body


def test_client_credentials_of_a_public_client(stage: Any, auth: Any) -> None:
    """A public client has no credentials of its own (RFC 6749 section 4.4)."""
    auth({"clients.spa.authentication": "none"})
    answer = stage.post("auth", "/token", {"grant_type": "client_credentials", "client_id": "spa"})

    assert error(stage, answer) == (400, "unauthorized_client")


def test_scope_of_a_client(stage: Any, auth: Any) -> None:
    """A client gets its own scope when it asks for none, and never more than that (RFC 6749 section 3.3)."""
    auth({"clients.web.scope": "a b", "scopes": "a b c"})

    assert stage.log_in()["scope"] == "a b"
    assert stage.log_in(scope="b")["scope"] == "b"
    for wider in ("a b c", "d"):
        answer = stage.post("auth", "/token", {**PASSWORD, "scope": wider}, auth=WEB)
        assert error(stage, answer) == (400, "invalid_scope")


def test_the_scopes_there_are(stage: Any, auth: Any) -> None:
    """A word that the server does not know is `invalid_scope`, whoever asks (RFC 6749 section 3.3)."""
    auth({"scopes": "a b"})

    assert stage.log_in(scope="b a")["scope"] == "b a"
    for scope in ("c", "a c", "A", "ab"):
        answer = stage.post("auth", "/token", {**PASSWORD, "scope": scope}, auth=WEB)
        assert error(stage, answer) == (400, "invalid_scope")


def test_grants_of_a_client_and_of_the_server(stage: Any, auth: Any) -> None:
    """A grant that the client may not use is `unauthorized_client`, one that is off is unsupported."""
    auth({"clients.web.grants": "client_credentials"})
    assert error(stage, stage.post("auth", "/token", PASSWORD, auth=WEB)) == (400, "unauthorized_client")

    auth({"grants": "client_credentials"})
    assert error(stage, stage.post("auth", "/token", PASSWORD, auth=WEB)) == (400, "unsupported_grant_type")


def test_audience(stage: Any, auth: Any) -> None:
    """`aud` is drawn, else the resource servers of the diagram, else the issuer; `resource` narrows (RFC 8707 2.2)."""
    from seqtest.actors.resource_server import ResourceServer

    def aud(**more: Any) -> Any:
        return jwt.read(stage.log_in(**more)["access_token"]).claims["aud"]

    auth()
    assert aud() == "https://auth.example"
    stage.add("users", ResourceServer)
    assert aud() == "https://users.test"
    stage.add("orders", ResourceServer)
    assert aud() == ["https://users.test", "https://orders.test"]
    assert aud(resource="https://orders.test") == "https://orders.test"
    auth({"access_token.aud": "https://a.example https://b.example"})
    assert aud(resource=["https://b.example", "https://a.example"]) == ["https://b.example", "https://a.example"]


def test_the_ten_thousandth_token_costs_no_more_than_the_first(stage: Any, auth: Any) -> None:
    """Finding, using and issuing tokens does not look at the others: the same work after 10,000 of them."""
    import sys

    server = auth({"access_token.format": "opaque", "refresh_token.format": "opaque"})

    def calls_of_a_log_in() -> int:
        calls = 0

        def count(frame: Any, event: str, arg: Any) -> None:
            nonlocal calls
            calls += event == "call" and "seqtest" in frame.f_code.co_filename

        stage.log_in()
        sys.setprofile(count)
        try:
            token = stage.log_in()["refresh_token"]
            stage.post("auth", "/token", {"grant_type": "refresh_token", "refresh_token": token}, auth=WEB)
        finally:
            sys.setprofile(None)
        return calls

    few = calls_of_a_log_in()
    for _ in range(5_000):
        grant = server.tokens.open_grant("web", "123", "alice", ())
        for recipe in (server.access_recipe, server.refresh_recipe):
            server.tokens.issue(recipe, grant, (), "x")

    # Fewer than the first ones: what they loaded is there.
    assert calls_of_a_log_in() <= few


def test_reprs_hide_secrets(stage: Any, auth: Any) -> None:
    """No repr of the server's parts holds a password, a client's secret or a token."""
    server = auth()
    body = stage.log_in()
    record = server.tokens.find(body["refresh_token"])
    shown = repr(
        [
            server.settings,
            server.users.known("alice"),
            server.clients,
            server.clients.get("web"),
            server.tokens,
            record,
            record.grant,
        ]
    )

    for secret in ("wonderland", "tea-party", body["refresh_token"], body["access_token"]):
        assert secret not in shown
