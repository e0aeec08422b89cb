"""Dynamic client registration (RFC 7591) and its management (RFC 7592), by clause."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from seqtest.auth import jwt
from seqtest.auth.keys import make_key, private_pem, public_jwk, verification_jwk
from seqtest.exchange import Headers, Request, Response

CALLBACK = "https://app.test/cb"
SIG = make_key("ES256", "sig", "app")
ENC = make_key("ECDH-ES", "enc", "app")
CHALLENGE = {
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def send(
    stage: Any, method: str, url: str, body: Any = None, token: str | None = None, kind: str = "application/json"
) -> Response:
    headers = [("Content-Type", kind)] + ([("Authorization", f"Bearer {token}")] if token is not None else [])
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    answer: Response = stage.actors["auth"].handle(Request(method, url, Headers(headers), data))
    return answer


def register(stage: Any, token: str | None = None, **metadata: Any) -> Response:
    sent = {"redirect_uris": [CALLBACK], **metadata}
    body = {name: value for name, value in sent.items() if value is not None}
    return send(stage, "POST", "https://auth.test/register", body, token)


def registered(stage: Any, **metadata: Any) -> dict[str, Any]:
    answer = register(stage, **metadata)
    assert answer.status == 201, answer.body
    found: dict[str, Any] = stage.json(answer)
    return found


def error(stage: Any, answer: Response) -> tuple[int, str]:
    return answer.status, stage.json(answer)["error"]


def test_a_client_registers_itself_and_logs_somebody_in(stage: Any, auth: Any) -> None:
    """RFC 7591 sections 2 and 3.2.1: defaults are told, unknown members are not, and the client is as good as any."""
    auth({"registration": "open"})
    answer = register(stage, client_name="App", unknown="x", post_logout_redirect_uris=[CALLBACK])
    found = stage.json(answer)
    assert (answer.status, answer.headers.get("Cache-Control")) == (201, "no-store")
    assert found["token_endpoint_auth_method"] == "client_secret_basic"
    assert (found["grant_types"], found["response_types"]) == (["authorization_code"], ["code"])
    assert (found["client_secret_expires_at"], found["client_id_issued_at"]) == (0, int(stage.clock.now()))
    assert found["registration_client_uri"] == f"https://auth.test/register/{found['client_id']}"
    assert "unknown" not in found
    query = {"response_type": "code", "client_id": found["client_id"], "redirect_uri": CALLBACK, **CHALLENGE}
    back = stage.interact(stage.get("auth", f"/authorize?{urlencode(query)}")).headers.get("Location")
    form = {"grant_type": "authorization_code", "code": back.partition("code=")[2].partition("&")[0]}
    form |= {"redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    body = stage.json(stage.post("auth", "/token", form, auth=(found["client_id"], found["client_secret"])))
    assert jwt.read(body["access_token"]).claims["client_id"] == found["client_id"]
    assert "refresh_token" not in body  # which it may not use


def test_two_registrations_share_nothing(stage: Any, auth: Any) -> None:
    """RFC 7591 section 3.2.1: another name, secret and token each time; a public client has no secret."""
    auth({"registration": "open"})
    first, second = registered(stage), registered(stage)
    public = registered(stage, token_endpoint_auth_method="none")

    for name in ("client_id", "client_secret", "registration_access_token"):
        assert first[name] != second[name]
    assert "client_secret" not in public
    assert "client_secret_expires_at" not in public


def test_keys_and_request_objects(stage: Any, auth: Any) -> None:
    """RFC 7591 section 2: with its own key it proves itself, and its ID tokens can be encrypted."""
    auth({"registration": "open"})
    jwks = {"keys": [public_jwk(SIG), public_jwk(ENC)]}
    found = registered(
        stage, jwks=jwks, token_endpoint_auth_method="private_key_jwt", id_token_encrypted_response_alg="ECDH-ES",
        grant_types=["authorization_code", "client_credentials"],
    )  # fmt: skip
    name, now = found["client_id"], int(stage.clock.now())
    claims = {"iss": name, "sub": name, "aud": "https://auth.example", "exp": now + 60, "jti": "j"}
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": kind,
        "client_assertion": jwt.sign({}, claims, SIG),
    }

    assert stage.post("auth", "/token", form).status == 200
    assert "client_secret" not in found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://app.test/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.test/cb#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["data:text/html,x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://good.test@evil.test/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://[::1"]}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://app.test/cb"}, "invalid_client_metadata"),
        ({"redirect_uris": [1]}, "invalid_client_metadata"),
        ({"post_logout_redirect_uris": ["javascript:x"]}, "invalid_redirect_uri"),
        ({"token_endpoint_auth_method": "tls_magic"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": ["none"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"], "response_types": ["code"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"response_types": []}, "invalid_client_metadata"),
        ({"scope": 'a"b'}, "invalid_client_metadata"),
        ({"scope": "unknown"}, "invalid_client_metadata"),
        ({"scope": 1}, "invalid_client_metadata"),
        ({"jwks": {"keys": []}}, "invalid_client_metadata"),
        ({"jwks": {"keys": [verification_jwk(make_key("HS256"))]}}, "invalid_client_metadata"),
        ({"jwks": {"keys": [{**public_jwk(SIG), "d": "AAAA"}]}}, "invalid_client_metadata"),
        ({"jwks": {"keys": [{"kty": "EC"}]}}, "invalid_client_metadata"),
        ({"jwks": private_pem(SIG)}, "invalid_client_metadata"),
        ({"jwks_uri": "https://app.test/jwks"}, "invalid_client_metadata"),
        ({"sector_identifier_uri": "https://app.test/s"}, "invalid_client_metadata"),
        ({"software_statement": "a.b.c"}, "unapproved_software_statement"),
        ({"backchannel_logout_uri": "/over"}, "invalid_client_metadata"),
        ({"logo_uri": "javascript:x"}, "invalid_client_metadata"),
        ({"client_name": {}}, "invalid_client_metadata"),
        ({"require_signed_request_object": "yes"}, "invalid_client_metadata"),
        ({"id_token_encrypted_response_alg": "ECDH-ES"}, "invalid_client_metadata"),
        ({"id_token_encrypted_response_alg": "RSA1_5"}, "invalid_client_metadata"),
        ({"userinfo_signed_response_alg": "HS256"}, "invalid_client_metadata"),
        ({"userinfo_signed_response_alg": "ES384"}, "invalid_client_metadata"),
    ],
)
def test_metadata_that_are_refused(stage: Any, auth: Any, change: dict[str, Any], code: str) -> None:
    """RFC 7591 sections 2, 3.2.2 and 5: nothing is registered, and no address is fetched."""
    server = auth({"registration": "open", "scopes": "openid read"})

    assert error(stage, register(stage, **change)) == (400, code)
    assert server.registrations == {}
    assert stage.calls == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/plain"), (b"\xff", "application/json")],
)
def test_bodies_that_are_none(stage: Any, auth: Any, body: bytes, kind: str) -> None:
    """RFC 7591 section 3.1: a JSON object under its own type."""
    auth({"registration": "open"})

    assert error(stage, send(stage, "POST", "https://auth.test/register", body, kind=kind)) == (
        400,
        "invalid_client_metadata",
    )


def test_who_may_register(stage: Any, auth: Any) -> None:
    """RFC 7591 section 3: nobody by default; with an initial access token whoever has it (section 1.2)."""
    auth()
    assert register(stage).status == 404
    assert "registration_endpoint" not in stage.json(stage.get("auth", "/.well-known/openid-configuration"))
    auth({"registration.token": "gate-keeper"})
    assert [register(stage, token).status for token in (None, "guess", "", "gate-keeper")] == [401, 401, 401, 201]
    assert "WWW-Authenticate" in dict(register(stage).headers)
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))
    assert document["registration_endpoint"] == "https://auth.test/register"


def test_where_clients_register_no_name_is_a_client(stage: Any) -> None:
    """Without `clients.*` any name would be a public one."""
    from seqtest.actors.authorization_server import AuthorizationServer

    stage.bind("auth", AuthorizationServer, {"registration": "open", "users.alice.password": "wonderland"})
    form = {"grant_type": "password", "username": "alice", "password": "wonderland", "client_id": "any"}

    assert error(stage, stage.post("auth", "/token", form)) == (401, "invalid_client")


# Management


def test_reading_a_registration(stage: Any, auth: Any) -> None:
    """RFC 7592 section 2.1: with its own token, and with no other; a client that there is not looks the same."""
    auth({"registration": "open"})
    first, second = registered(stage), registered(stage)
    url, token = first["registration_client_uri"], first["registration_access_token"]

    assert stage.json(send(stage, "GET", url, token=token)) == first
    strange = [send(stage, "GET", url, token=bad) for bad in (None, "guess", second["registration_access_token"])]
    strange.append(send(stage, "GET", "https://auth.test/register/nobody", token=token))
    assert [answer.status for answer in strange] == [401] * 4


def test_changing_a_registration(stage: Any, auth: Any) -> None:
    """RFC 7592 section 2.2: all of it anew; what is not sent is gone."""
    auth({"registration": "open"})
    first = registered(stage, client_name="App")
    url, token = first["registration_client_uri"], first["registration_access_token"]
    sent = {"client_id": first["client_id"], "redirect_uris": ["https://app.test/new"]}
    changed = stage.json(send(stage, "PUT", url, {**sent, "client_secret": first["client_secret"]}, token))
    query = {"response_type": "code", "client_id": first["client_id"], **CHALLENGE}

    assert changed["redirect_uris"] == ["https://app.test/new"]
    assert "client_name" not in changed
    assert changed["client_secret"] == first["client_secret"]
    for address, status in ((CALLBACK, 400), ("https://app.test/new", 303)):
        assert stage.get("auth", f"/authorize?{urlencode({**query, 'redirect_uri': address})}").status == status


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "other"},
        {"client_id": None},
        {"client_secret": "guess"},
        {"registration_access_token": "x"},
        {"registration_client_uri": "x"},
        {"client_id_issued_at": 1},
        {"client_secret_expires_at": 0},
        {"jwks_uri": "https://app.test/jwks"},
    ],
)
def test_changes_that_are_refused(stage: Any, auth: Any, change: dict[str, Any]) -> None:
    """RFC 7592 section 2.2: and the registration stays as it was."""
    auth({"registration": "open"})
    first = registered(stage)
    url, token = first["registration_client_uri"], first["registration_access_token"]
    sent = {"client_id": first["client_id"], "redirect_uris": ["https://app.test/new"], **change}
    answer = send(stage, "PUT", url, {name: value for name, value in sent.items() if value is not None}, token)

    assert error(stage, answer) == (400, "invalid_client_metadata")
    assert stage.json(send(stage, "GET", url, token=token)) == first


def test_deleting_a_registration(stage: Any, auth: Any) -> None:
    """RFC 7592 section 2.3: the client, its token and all it was given are no longer good."""
    auth({"registration": "open"})
    first = registered(stage, grant_types=["client_credentials"], redirect_uris=None)
    secret = (first["client_id"], first["client_secret"])
    token = stage.json(stage.post("auth", "/token", {"grant_type": "client_credentials"}, auth=secret))["access_token"]
    url, own = first["registration_client_uri"], first["registration_access_token"]
    answer = send(stage, "DELETE", url, token=own)

    assert (answer.status, answer.body) == (204, b"")
    assert send(stage, "GET", url, token=own).status == 401
    assert stage.post("auth", "/token", {"grant_type": "client_credentials"}, auth=secret).status == 401
    seen = stage.post("auth", "/introspect", {"token": token}, auth=("users", "pool-of-tears"))
    assert stage.json(seen) == {"active": False}


def test_reprs_hide_what_was_registered(stage: Any, auth: Any) -> None:
    """Neither the secret nor the token is in a repr."""
    server = auth({"registration": "open"})
    found = registered(stage)
    shown = repr(server.registrations)

    assert found["client_secret"] not in shown
    assert found["registration_access_token"] not in shown
