"""MicroProfile JWT 2.1 at the resource server, and a provider in the shape of Keycloak."""

import json
from pathlib import Path
from typing import Any

import pytest

from seqtest.actors.authorization_server import AuthorizationServer
from seqtest.actors.microprofile import parsed
from seqtest.actors.resource_server import ResourceServer
from seqtest.actors.settings import BadSettings
from seqtest.auth import base64url, jwe, jwt
from seqtest.auth.keys import make_key, pem, private_pem, public_jwk, secret_key
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


PUBLIC = public_jwk(KEY)


def configured(stage: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, **drawn: Any) -> None:
    """The API with that configuration file alone: no participant is trusted."""
    monkeypatch.chdir(folder)
    (folder / "microprofile-config.properties").write_text(text)
    (folder / "auth.pem").write_text(pem(KEY))
    settings = {"config": "microprofile-config.properties", 'roles."GET /authors"': "user admin"}
    stage.bind("api", ResourceServer, {**settings, **drawn})


CONFIG = """\
# who may
mp.jwt.verify.issuer = https://auth.example
mp.jwt.verify.publickey.location=/auth.pem
mp.jwt.verify.audiences = books,\\
    orders
mp.jwt.verify.token.age: 60
mp.jwt.verify.clock.skew 2
quarkus.http.port=8080
"""


def test_a_configuration_file(stage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`microprofile-config.properties` says all: issuer, key, audiences, age, skew. RS256 alone, as is the default."""
    configured(stage, tmp_path, monkeypatch, CONFIG)
    text = token(stage, aud="orders")

    assert status(stage, text) == 200
    assert status(stage, token(stage, aud="shoes")) == 401
    assert status(stage, token(stage, aud="orders", iss="https://evil.example")) == 401
    assert status(stage, token(stage, make_key("ES256", "k2", "auth"), aud="orders")) == 401
    assert status(stage, token(stage, make_key("RS256", "k1", "mallory"), aud="orders")) == 401
    assert status(stage, token(stage, aud="orders", groups=[])) == 403
    stage.clock.advance(61)
    assert status(stage, text) == 200
    stage.clock.advance(1)
    assert status(stage, text) == 401


@pytest.mark.parametrize(
    "written",
    [
        pem(KEY),
        json.dumps(PUBLIC),
        json.dumps({"keys": [PUBLIC]}),
        base64url.encode(json.dumps(PUBLIC).encode()),
        base64url.encode(json.dumps({"keys": [PUBLIC]}).encode()) + "=",
    ],
    ids=map(str, range(99)),  # a signature differs every time
)
def test_a_public_key_in_each_form(stage: Any, written: str) -> None:
    """`mp.jwt.verify.publickey`: PEM, JWK, JWK Set, and these as base64url."""
    drawn = {"mp.jwt.verify.publickey": written, "mp.jwt.verify.issuer": "https://auth.example"}
    stage.bind("api", ResourceServer, drawn)

    assert status(stage, token(stage)) == 200
    assert status(stage, token(stage, make_key("RS256", "k1", "mallory"))) == 401


def test_rs256_unless_it_is_said(stage: Any) -> None:
    """`mp.jwt.verify.publickey.algorithm` is RS256 where it is not set, though there is a key for ES256."""
    other = make_key("ES256", "k2", "auth")
    keys = json.dumps({"keys": [PUBLIC, public_jwk(other)]})
    issuer = {"mp.jwt.verify.publickey": keys, "mp.jwt.verify.issuer": "https://auth.example"}
    seen = []
    for more in ({}, {"mp.jwt.verify.publickey.algorithm": "ES256"}):
        stage.bind("api", ResourceServer, {**issuer, **more})
        seen.append([status(stage, token(stage)), status(stage, token(stage, other))])

    assert seen == [[200, 401], [401, 200]]


def test_the_algorithm_and_the_cookie(stage: Any) -> None:
    """`mp.jwt.verify.publickey.algorithm`, `mp.jwt.token.header`, `mp.jwt.token.cookie`; drawn over a participant."""
    key = make_key("ES256", "k2", "auth")
    bind(
        stage,
        **{
            "mp.jwt.verify.publickey.algorithm": "ES256",
            "mp.jwt.token.header": "Cookie",
            "mp.jwt.token.cookie": "jwt",
        },
    )

    def asked(text: str, name: str = "jwt") -> int:
        headers = Headers([("Cookie", f"{name}={text}")])
        found: int = stage.actors["api"].handle(Request("GET", "https://api.test/authors", headers)).status
        return found

    assert [asked(token(stage, key)), asked(token(stage)), asked(token(stage, key), "Bearer")] == [200, 401, 401]
    assert status(stage, token(stage, key)) == 401


@pytest.mark.parametrize("algorithm", ["RSA-OAEP", "RSA-OAEP-256", None])
def test_a_decryption_key(stage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, algorithm: str | None) -> None:
    """`mp.jwt.decrypt.key.location`: then only what is signed and encrypted is taken, by the algorithm that is said."""
    pytest.importorskip("joserfc")
    own = make_key("RSA-OAEP-256", "api", "api")
    (tmp_path / "own.pem").write_text(private_pem(own))
    text = CONFIG + "mp.jwt.decrypt.key.location=classpath:own.pem\n"
    text += f"mp.jwt.decrypt.key.algorithm={algorithm}\n" if algorithm else ""
    configured(stage, tmp_path, monkeypatch, text)
    signed = token(stage, aud="orders")

    assert status(stage, signed) == 401
    for alg in ("RSA-OAEP", "RSA-OAEP-256"):
        jwk = {**public_jwk(own), "alg": alg, "kid": None}
        del jwk["kid"]
        assert status(stage, jwe.encrypt(signed, jwk)) == (200 if algorithm in (None, alg) else 401)


@pytest.mark.parametrize(
    ("drawn", "named"),
    [
        ({"mp.jwt.verify.isuer": "x"}, "mp.jwt.verify.issuer"),
        ({"mp.jwt.verify.token.age": "1 minute"}, "a number of seconds"),
        ({"mp.jwt.verify.publickey.algorithm": "HS256"}, "RS256 or ES256"),
        ({"mp.jwt.verify.publickey": "x"}, "a public key"),
        ({"mp.jwt.verify.publickey": '{"kty": "oct", "k": "eA"}'}, "not a shared secret"),
        ({"mp.jwt.verify.publickey.location": "missing.pem"}, "missing.pem"),
        ({"mp.jwt.token.header": "X-Token"}, "Authorization or Cookie"),
        ({"mp.jwt.decrypt.key.algorithm": "dir"}, "RSA-OAEP"),
        ({"mp.jwt.verify.issuer": "x", "issuer": "y"}, "`issuer` once"),
        ({"config": "missing.properties"}, "missing.properties"),
        (
            {"mp.jwt.verify.publickey": json.dumps(PUBLIC), "mp.jwt.verify.publickey.location": "auth.pem"},
            "`jwks` once",
        ),
    ],
)
def test_configuration_that_cannot_hold(
    stage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: dict[str, str], named: str
) -> None:
    """SQ381 at the property, with what it takes; the value itself may be a secret."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "auth.pem").write_text(pem(KEY))
    with pytest.raises(BadSettings, match="SQ381") as refusal:
        bind(stage, **drawn)
    assert named in f"{refusal.value}"


def test_properties() -> None:
    """Java's form: comments, three separators, escapes, lines that go on."""
    source = "# a = b\n! c = d\n a.b = c = d \nx:y\nn\\ m v\ngoes = \\\n   on\nurl=https\\://x\n=x\n"
    assert parsed(source) == {"a.b": "c = d", "x": "y", "n m": "v", "goes": "on", "url": "https://x"}


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
