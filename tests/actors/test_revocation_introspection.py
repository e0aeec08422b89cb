"""Revocation (RFC 7009), introspection (RFC 7662), keys (RFC 7517) and metadata (RFC 8414)."""

from typing import Any

import pytest

from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import jwt
from seqtest.auth.keys import make_key, private_pem, public_jwk, secret_key, verification_jwk
from seqtest.errors import UnplayableScenario

WEB, USERS, OTHER = ("web", "tea-party"), ("users", "pool-of-tears"), ("other", "croquet")


def introspect(stage: Any, token: str, auth: tuple[str, str] | None = USERS, **more: str) -> Any:
    return stage.post("auth", "/oauth/introspect", {"token": token, **more}, auth=auth)


def revoke(stage: Any, token: str, auth: tuple[str, str] | None = WEB, **more: str) -> Any:
    return stage.post("auth", "/oauth/revoke", {"token": token, **more}, auth=auth)


def is_active(stage: Any, token: str, auth: tuple[str, str] = USERS) -> bool:
    body = stage.json(introspect(stage, token, auth))
    assert body["active"] or body == {"active": False}
    return bool(body["active"])


@pytest.mark.parametrize("form", ["jwt", "opaque"])
def test_active_token(stage: Any, auth: Any, form: str) -> None:
    """An active token's answer has the members of RFC 7662 section 2.2 and may not be stored."""
    auth({"access_token.format": form})
    answer = introspect(stage, stage.log_in(scope="users:read")["access_token"])
    body = stage.json(answer)
    now = int(stage.clock.now())

    assert answer.headers.get("Cache-Control") == "no-store"
    assert body.pop("jti")
    assert body == {
        "active": True,
        "iss": "https://auth.example",
        "sub": "123",
        "aud": "https://auth.example",
        "client_id": "web",
        "username": "alice",
        "scope": "users:read",
        "token_type": "Bearer",
        "iat": now,
        "exp": now + 300,
    }


@pytest.mark.parametrize("token", ["not-a-token", "a.b.c", "é", "x" * 10_000])
def test_unknown_token(stage: Any, auth: Any, token: str) -> None:
    """A token that nobody issued is not active, and not an error (RFC 7662 section 2.2)."""
    auth()
    answer = introspect(stage, token)

    assert (answer.status, stage.json(answer)) == (200, {"active": False})


def test_tampered_jwt(stage: Any, auth: Any) -> None:
    """A JWT with changed claims is not active, however it is signed."""
    server = auth()
    token = jwt.read(stage.log_in()["access_token"])
    changed = jwt.changed(token, claims={**token.claims, "sub": "mallory"})

    assert not is_active(stage, changed.text)
    assert not is_active(stage, jwt.resigned(changed, server.private_key(None, None)))


def test_expired(stage: Any, auth: Any) -> None:
    """A token is active before its end and not at it."""
    auth()
    token = stage.log_in()["access_token"]
    stage.clock.advance(299)
    assert is_active(stage, token)

    stage.clock.advance(1)
    assert not is_active(stage, token)


def test_caller_must_authenticate(stage: Any, auth: Any) -> None:
    """Introspection is for authenticated callers (RFC 7662 section 2.1)."""
    auth({"clients.spa.authentication": "none"})
    token = stage.log_in()["access_token"]
    for who in ({"auth": None}, {"auth": ("users", "wrong")}, {"auth": None, "client_id": "spa"}):
        answer = introspect(stage, token, **who)
        assert (answer.status, stage.json(answer)["error"]) == (401, "invalid_client")
        assert answer.headers.get("WWW-Authenticate")


def test_no_token_parameter(stage: Any, auth: Any) -> None:
    """Without `token` both endpoints say invalid_request."""
    auth()
    for path in ("/oauth/introspect", "/oauth/revoke"):
        answer = stage.post("auth", path, {}, auth=WEB)
        assert (answer.status, stage.json(answer)["error"]) == (400, "invalid_request")


def test_refresh_tokens_are_only_their_clients_business(stage: Any, auth: Any) -> None:
    """A resource server that asks about a refresh token is told that it is not active."""
    auth()
    token = stage.log_in()["refresh_token"]

    assert not is_active(stage, token, USERS)
    assert is_active(stage, token, WEB)


def test_foreign_audience(stage: Any, auth: Any) -> None:
    """A resource server may ask about tokens for itself only, where that is drawn (RFC 7662 section 4)."""
    auth({"clients.users.audience": "https://users.example"})
    assert not is_active(stage, stage.log_in()["access_token"])

    auth({"clients.users.audience": "https://users.example", "access_token.aud": "https://users.example"})
    assert is_active(stage, stage.log_in()["access_token"])


def test_disabled_user(stage: Any, auth: Any) -> None:
    """A disabled user's access token is no longer active."""
    auth()
    token = stage.log_in()["access_token"]
    stage.act("auth", "disable alice")

    assert not is_active(stage, token)


def test_revoked_refresh_token(stage: Any, auth: Any) -> None:
    """With a refresh token go the access tokens of its grant, and no others (RFC 7009 section 2.1)."""
    auth()
    first, second = stage.log_in(), stage.log_in()
    answer = revoke(stage, first["refresh_token"])

    assert (answer.status, answer.body) == (200, b"")
    assert not is_active(stage, first["access_token"])
    assert not is_active(stage, first["refresh_token"], WEB)
    assert is_active(stage, second["access_token"])
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert stage.json(stage.post("auth", "/token", form, auth=WEB))["error"] == "invalid_grant"


def test_revoked_access_token(stage: Any, auth: Any) -> None:
    """An access token goes alone."""
    auth({"access_token.format": "opaque", "refresh_token.issue": True})
    body = stage.log_in()
    revoke(stage, body["access_token"])

    assert not is_active(stage, body["access_token"])
    assert is_active(stage, body["refresh_token"], WEB)


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "something_else", ""])
def test_hints(stage: Any, auth: Any, hint: str) -> None:
    """A wrong hint does not keep the token alive (RFC 7009 section 2.1)."""
    auth()
    token = stage.log_in()["refresh_token"]
    assert revoke(stage, token, token_type_hint=hint).status == 200

    assert not is_active(stage, token, WEB)


def test_revoking_what_is_dead_or_unknown(stage: Any, auth: Any) -> None:
    """A token that is unknown, or dead already, is a success all the same (RFC 7009 section 2.2)."""
    auth()
    token = stage.log_in()["refresh_token"]

    answers = [revoke(stage, text) for text in (token, token, "unknown", "a.b.c")]

    assert [answer.status for answer in answers] == [200] * 4
    assert {(answer.body, answer.headers.get("Content-Type")) for answer in answers} == {(b"", None)}


def test_anothers_token(stage: Any, auth: Any) -> None:
    """Revoking another client's token is refused, and the token lives on (RFC 7009 section 2.1)."""
    auth()
    token = stage.log_in()["refresh_token"]
    answer = revoke(stage, token, OTHER)

    assert answer.status == 400
    assert is_active(stage, token, WEB)


def test_revocation_needs_authentication(stage: Any, auth: Any) -> None:
    """A confidential client must authenticate to revoke."""
    auth()
    token = stage.log_in()["refresh_token"]

    assert revoke(stage, token, None, client_id="web").status == 401
    assert is_active(stage, token, WEB)


def test_state(stage: Any, auth: Any) -> None:
    """A state check sees what was issued, what is revoked and what is active."""
    server = auth()
    first, second = stage.log_in(), stage.log_in()
    revoke(stage, first["refresh_token"])
    state = server.state()

    assert set(state["revoked"]) == {first["refresh_token"], first["access_token"]}
    assert set(state["active"]) == {second["refresh_token"], second["access_token"]}
    assert len(state["issued"]) == 4


def test_published_keys(stage: Any, auth: Any) -> None:
    """The key endpoint has the public key in use and nothing private."""
    auth({"keys.k1": "RS256", "keys.k2": "ES256", "access_token.alg": "ES256"})
    keys = stage.json(stage.get("auth", "/jwks"))["keys"]

    assert [(key["kid"], key["alg"]) for key in keys] == [("k1", "RS256"), ("k2", "ES256")]
    assert not {"d", "p", "q", "k"} & {name for key in keys for name in key}
    assert jwt.read(stage.log_in()["access_token"]).kid == "k2"


def test_no_secret_is_published(stage: Any, auth: Any) -> None:
    """A server that signs by HMAC publishes no key at all."""
    auth({"access_token.alg": "HS256"})

    assert stage.json(stage.get("auth", "/jwks")) == {"keys": []}


def test_rotated_keys(stage: Any, auth: Any) -> None:
    """After a rotation a new key signs and the old one is still published, until it is withdrawn."""
    server = auth()
    old = stage.log_in()["access_token"]
    kid = stage.act("auth", "rotate keys").value
    new = stage.log_in()["access_token"]

    assert (jwt.read(old).kid, jwt.read(new).kid) == ("auth-es256", kid)
    published = stage.json(stage.get("auth", "/jwks"))
    assert jwt.verify(old, published)
    assert jwt.verify(new, published)
    stage.act("auth", "withdraw key auth-es256")
    with pytest.raises(jwt.TokenError, match="kid"):
        jwt.verify(old, server.public_jwks())
    assert stage.act("auth", "withdraw key nobody").error == "UnknownKey"
    stage.act("auth", f"withdraw key {kid}")
    with pytest.raises(jwt.TokenError, match="no keys"):
        jwt.verify(stage.log_in()["access_token"], server.public_jwks())


def test_private_keys(stage: Any, auth: Any) -> None:
    """A key is handed out by its id or its algorithm, never another one instead."""
    server = auth({"keys.k1": "ES256"})

    assert server.private_key("k1", None) is make_key("ES256", "k1", "auth")
    assert server.private_key("k1", "ES256").kid == "k1"
    assert server.private_key("k2", None) is None
    assert server.private_key("k1", "RS256") is None
    assert server.private_key(None, "EdDSA") is None
    assert server.private_key(None, None).kid == "k1"


def test_given_keys(stage: Any, auth: Any) -> None:
    """A key may be given as PEM, a secret as text; they sign, and the secret is not published."""
    pem = private_pem(make_key("ES256", seed="somebody else"))
    auth({"keys.k1": "ES256", "keys.k1.pem": pem})
    token = stage.log_in()["access_token"]
    assert jwt.verify(token, stage.keys("auth")).kid == "k1"
    assert (
        stage.json(stage.get("auth", "/jwks"))["keys"][0]["x"]
        == public_jwk(make_key("ES256", seed="somebody else"))["x"]
    )

    auth({"access_token.alg": "HS256", "key": "HS256", "key.secret": "a-secret-of-at-least-256-bits-is-needed"})
    secret = secret_key(b"a-secret-of-at-least-256-bits-is-needed")
    assert jwt.verify(stage.log_in()["access_token"], [verification_jwk(secret) | {"kid": "auth-hs256"}])
    assert stage.json(stage.get("auth", "/jwks")) == {"keys": []}
    with pytest.raises(UnplayableScenario, match="SQ389"):
        auth({"keys.k1": "ES256", "keys.k1.pem": "-----BEGIN PRIVATE KEY-----"})


def test_missing_key(stage: Any, auth: Any) -> None:
    """Keys that are drawn must be for what is signed."""
    with pytest.raises(UnplayableScenario, match="SQ388"):
        auth({"keys.k1": "RS256"})


@pytest.mark.parametrize(
    "path", ["/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/t1"]
)
def test_metadata(stage: Any, auth: Any, path: str) -> None:
    """The metadata names the issuer exactly, and endpoints that answer (RFC 8414 sections 2 and 3.1)."""
    auth({"issuer": "https://auth.example/t1"})
    document = stage.json(stage.get("auth", path))

    assert document["issuer"] == "https://auth.example/t1"
    for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        path = document[name].removeprefix("https://auth.test")
        assert stage.post("auth", path, {}).status in (400, 401)
    assert stage.get("auth", document["jwks_uri"].removeprefix("https://auth.test")).status == 200
    assert "none" not in document["token_endpoint_auth_methods_supported"]
    assert "scopes_supported" not in document
    auth({"issuer": "https://auth.example/t1", "scopes": "a b", "clients.spa.authentication": "none"})
    document = stage.json(stage.get("auth", "/t1/.well-known/openid-configuration"))
    assert document["scopes_supported"] == ["a", "b"]
    assert "none" in document["token_endpoint_auth_methods_supported"]


# Signed answers

MEDIA_TYPE = "application/token-introspection+jwt"


def test_the_answer_as_a_signed_jwt(stage: Any, auth: Any) -> None:
    """RFC 9701 sections 4 and 5: its own type and audience, and neither `sub` nor `exp` at the top."""
    server = auth({"access_token.format": "opaque"})
    token = stage.log_in(scope="read")["access_token"]
    answer = stage.post("auth", "/introspect", {"token": token}, auth=USERS, Accept=MEDIA_TYPE)
    read = jwt.verify(answer.body.decode(), server.public_jwks())

    assert answer.headers.get("Content-Type") == MEDIA_TYPE
    assert answer.headers.get("Cache-Control") == "no-store"
    assert read.header["typ"] == "token-introspection+jwt"
    assert set(read.claims) == {"iss", "aud", "iat", "token_introspection"}
    assert (read.claims["iss"], read.claims["aud"]) == ("https://auth.example", "users")
    told = read.claims["token_introspection"]
    assert (told["active"], told["sub"], told["scope"]) == (True, "123", "read")


def test_a_signed_answer_about_a_dead_token_says_nothing_more(stage: Any, auth: Any) -> None:
    """RFC 9701 section 5; and a caller that is not authenticated gets none (section 4)."""
    auth()
    answer = stage.post("auth", "/introspect", {"token": "nobody's"}, auth=USERS, Accept=MEDIA_TYPE)

    assert jwt.read(answer.body.decode()).claims["token_introspection"] == {"active": False}
    assert stage.post("auth", "/introspect", {"token": "x"}, Accept=MEDIA_TYPE).status == 401


@pytest.mark.parametrize(
    ("accept", "is_signed"),
    [(MEDIA_TYPE, True), ("*/*", False), ("application/json", False), (f"application/json;q=0.5, {MEDIA_TYPE}", True)],
)
def test_json_unless_the_jwt_is_asked_for(stage: Any, auth: Any, accept: str, is_signed: bool) -> None:
    """RFC 9701 section 4: what `Accept` prefers."""
    auth()
    answer = stage.post("auth", "/introspect", {"token": "x"}, auth=USERS, Accept=accept)

    assert (answer.headers.get("Content-Type") == MEDIA_TYPE) is is_signed


def test_where_nobody_else_could_verify_it_the_answer_is_json(stage: Any, auth: Any) -> None:
    """With shared secrets alone metadata names no algorithm (RFC 9701 section 7)."""
    auth({"access_token.alg": "HS256"})
    answer = stage.post("auth", "/introspect", {"token": "x"}, auth=USERS, Accept=MEDIA_TYPE)

    assert stage.json(answer) == {"active": False}
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))
    assert document["introspection_signing_alg_values_supported"] == []


def test_a_signed_answer_is_no_access_token(stage: Any, auth: Any) -> None:
    """RFC 9701 section 8.1: not at an API that takes any type, and whose name is the audience."""
    auth({"access_token.aud": "users"})
    token = stage.log_in()["access_token"]
    answer = stage.post("auth", "/introspect", {"token": token}, auth=USERS, Accept=MEDIA_TYPE)
    stage.bind("api", ResourceServer, {"trusts": "auth", "audience": "users", "typ": "any"})

    assert stage.get("api", "/users/123", f"Bearer {token}").status == 200
    assert stage.get("api", "/users/123", f"Bearer {answer.body.decode()}").status == 401
