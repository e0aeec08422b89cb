"""MicroProfile JWT 2.1 at the resource server, and a provider in the shape of Keycloak."""

from typing import Any

import pytest

from seqtest.actors.authorization_server import AuthorizationServer
from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import jwt
from seqtest.auth.keys import make_key, secret_key
from seqtest.exchange import Headers, Request

KEY = make_key("RS256", "k1", "auth")


def bind(stage: Any, **drawn: Any) -> None:
    stage.settings["auth"] = {"issuer": "https://auth.example"}
    stage.scripted_keys["auth"] = [KEY, make_key("RS512", "k5", "auth"), make_key("ES256", "k2", "auth")]
    settings = {"trusts": "auth", "profile": "microprofile", 'roles."GET /authors"': "user admin"}
    settings['resources."GET /authors"'] = [{"name": "Carroll"}]
    stage.bind("api", ResourceServer, {**settings, **drawn})


def token(stage: Any, key: Any = KEY, **change: Any) -> str:
    now = int(stage.clock.now())
    claims = {"iss": "https://auth.example", "iat": now, "exp": now + 300, "upn": "alice", "groups": ["user"], **change}
    return jwt.sign({"typ": "JWT"}, {name: value for name, value in claims.items() if value is not None}, key)


def status(stage: Any, text: str, path: str = "/authors") -> int:
    found: int = stage.get("api", path, f"Bearer {text}").status
    return found


def test_good_token(stage: Any) -> None:
    """Neither `typ: at+jwt` nor `aud`, `sub`, `jti` or `client_id` is asked for; the drawn resource is the answer."""
    bind(stage)
    answer = stage.get("api", "/authors", f"Bearer {token(stage)}")

    assert (answer.status, answer.body) == (200, b'[{"name":"Carroll"}]')
    assert status(stage, token(stage, aud="anybody")) == 200
    assert status(stage, token(stage, make_key("ES256", "k2", "auth"))) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"iat": None},
        {"exp": None},
        {"exp": 1},
        {"exp": "9999999999"},
        {"upn": None},
        {"upn": ""},
        {"upn": 7, "sub": "alice"},
        {"key": make_key("RS256", "k1", "mallory")},
        {"key": make_key("RS512", "k5", "auth")},
        {"key": secret_key(b"x" * 32, kid="k1")},
        {"key": None},
    ],
)
def test_401(stage: Any, change: dict[str, Any]) -> None:
    """MP-JWT 2.1, "Requirements for Rejecting MP-JWT Tokens"."""
    bind(stage)

    assert status(stage, token(stage, **change)) == 401


@pytest.mark.parametrize("names", [{"upn": "a"}, {"preferred_username": "a"}, {"sub": "a"}])
def test_principal(stage: Any, names: dict[str, str]) -> None:
    """The name may stand in any of the three claims."""
    bind(stage)

    assert status(stage, token(stage, **{"upn": None, **names})) == 200


@pytest.mark.parametrize("groups", [None, [], ["User"], ["users"], "user", "user,admin", {"user": True}, ["user", 7]])
def test_403(stage: Any, groups: Any) -> None:
    """Without the role 403; what is no array of texts gives no role."""
    bind(stage)

    assert status(stage, token(stage, groups=groups)) == 403
    assert status(stage, token(stage, groups=groups), "/other") == 200


def test_audience_only_where_it_is_drawn(stage: Any) -> None:
    """`mp.jwt.verify.audiences`."""
    bind(stage, audience="orders")

    assert status(stage, token(stage, aud=["x", "orders"])) == 200
    assert [status(stage, token(stage, aud=aud)) for aud in (None, "x")] == [401, 401]


def test_token_age(stage: Any) -> None:
    """`mp.jwt.verify.token.age`: by `iat`, whatever `exp` says."""
    bind(stage, token_age="1 minute")
    text = token(stage)
    stage.clock.advance(59)
    assert status(stage, text) == 200
    stage.clock.advance(1)
    assert status(stage, text) == 401


def test_token_in_a_cookie(stage: Any) -> None:
    """`mp.jwt.token.header = Cookie`: then the bearer header is no token, and two cookies are too many."""
    bind(stage, token_header="Cookie", token_cookie="jwt")

    def asked(*lines: str) -> int:
        headers = Headers(("Cookie", line) for line in lines)
        found: int = stage.actors["api"].handle(Request("GET", "https://api.test/authors", headers)).status
        return found

    text = token(stage)
    assert asked(f"jwt={text}") == 200
    assert asked(f"Bearer={text}") == 401
    assert asked(f"jwt={text}; jwt={text}") == 400
    assert status(stage, text) == 401


def test_groups_elsewhere(stage: Any) -> None:
    """`groups_path = realm_access/roles` reads Keycloak's own claim."""
    bind(stage, groups_path="realm_access/roles")

    assert status(stage, token(stage, groups=None, realm_access={"roles": ["admin"]})) == 200
    assert status(stage, token(stage, realm_access=["user"])) == 403


def test_like_keycloak(stage: Any) -> None:
    """Addresses below the realm, its issuer, and `upn` and `groups` only with the scope that brings them."""
    drawn = {"like": "keycloak", "realm": "books", "clients.web.secret": "tea-party", "users.alice.password": "w"}
    stage.bind(
        "auth", AuthorizationServer, {**drawn, "users.alice.roles": ["user"], "users.alice.email": "a@x.example"}
    )
    base = "/realms/books/protocol/openid-connect"
    metadata = stage.json(stage.get("auth", "/realms/books/.well-known/openid-configuration"))
    form = {"grant_type": "password", "username": "alice", "password": "w"}

    def claims(scope: str) -> Any:
        answer = stage.post("auth", f"{base}/token", {**form, "scope": scope}, auth=("web", "tea-party"))
        found = jwt.verify(stage.json(answer)["access_token"], stage.json(stage.get("auth", f"{base}/certs")))
        assert found.header["typ"] == "JWT"
        return found.claims

    assert metadata["issuer"] == "https://auth.test/realms/books"
    assert metadata["token_endpoint"] == f"https://auth.test{base}/token"
    assert stage.post("auth", "/token", form, auth=("web", "tea-party")).status == 404
    small = claims("openid")
    assert (small["azp"], small["preferred_username"], small["realm_access"]) == ("web", "alice", {"roles": ["user"]})
    assert {"upn", "groups", "email", "roles", "password"}.isdisjoint(small)
    large = claims("microprofile-jwt email")
    assert (large["upn"], large["groups"], large["email"]) == ("alice", ["user"], "a@x.example")


def test_claims_of_the_user(stage: Any, auth: Any) -> None:
    """`access_token.claims` puts the user's attributes in, never the password and never over `sub`."""
    auth({"access_token.claims": "team sub password missing", "users.alice.team": "blue"})
    found = jwt.read(stage.log_in()["access_token"]).claims

    assert (found["team"], found["sub"]) == ("blue", "123")
    assert {"password", "missing"}.isdisjoint(found)
