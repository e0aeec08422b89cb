"""Encrypted ID tokens (OpenID Connect Core section 10.2) and encrypted access tokens, at both ends."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import jwe, jwt
from seqtest.auth.keys import make_key, public_jwk
from seqtest.errors import UnplayableScenario

ISSUER = "https://auth.example"
ENC = make_key("RSA-OAEP-256", "enc", "web")
SIG = make_key("ES256", "sig", "web")
MORE = {
    "clients.web.redirect_uri": "https://web.test/cb",
    "clients.web.jwks": [public_jwk(SIG), public_jwk(ENC)],
    "clients.web.authentication": "client_secret_basic",
    "clients.web.id_token_encrypted_response_alg": "RSA-OAEP-256",
}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
REQUEST = {
    "response_type": "code",
    "client_id": "web",
    "redirect_uri": "https://web.test/cb",
    "scope": "openid",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


def tokens(stage: Any) -> dict[str, Any]:
    back = stage.interact(stage.get("auth", f"/authorize?{urlencode(REQUEST)}")).headers.get("Location")
    form = {"grant_type": "authorization_code", "code": parse_qs(urlsplit(back).query)["code"][0]}
    form |= {"redirect_uri": REQUEST["redirect_uri"], "code_verifier": VERIFIER}
    found: dict[str, Any] = stage.json(stage.post("auth", "/token", form, auth=("web", "tea-party")))
    return found


def test_an_id_token_is_signed_and_then_encrypted(stage: Any, auth: Any) -> None:
    """Core section 10.2: `cty` is JWT, the signed one is inside, and its claims stand nowhere outside."""
    server = auth(MORE)
    text = tokens(stage)["id_token"]
    opened = jwe.decrypt(text, [ENC])

    assert (opened.header["alg"], opened.header["enc"]) == ("RSA-OAEP-256", "A128CBC-HS256")
    assert (opened.header["cty"], opened.header["kid"]) == ("JWT", "enc")
    assert jwt.verify(opened.text, server.public_jwks()).claims["aud"] == "web"
    with pytest.raises(jwt.TokenError):
        jwt.read(text)


def test_the_content_encryption_is_the_clients(stage: Any, auth: Any) -> None:
    """`id_token_encrypted_response_enc`, one of RFC 7518 section 5.1; metadata name them all (Discovery section 3)."""
    auth({**MORE, "clients.web.id_token_encrypted_response_enc": "A256GCM"})
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))

    assert jwe.decrypt(tokens(stage)["id_token"], [ENC]).header["enc"] == "A256GCM"
    assert "RSA-OAEP-256" in document["id_token_encryption_alg_values_supported"]
    assert "A256GCM" in document["id_token_encryption_enc_values_supported"]


def test_a_client_without_a_key_for_it(auth: Any) -> None:
    """Found before anything is played (SQ395)."""
    with pytest.raises(UnplayableScenario, match="SQ395"):
        auth({**MORE, "clients.web.jwks": [public_jwk(SIG)]})
    with pytest.raises(UnplayableScenario, match="SQ395"):
        auth({"access_token.encrypt_to": [public_jwk(SIG)]})


def test_a_key_for_encryption_proves_nobody(stage: Any, auth: Any) -> None:
    """A client whose one key is for encryption is a public one still."""
    auth({"clients.app.jwks": [public_jwk(ENC)], "clients.app.redirect_uri": "https://app.test/cb"})
    form = {"grant_type": "password", "username": "alice", "password": "wonderland", "client_id": "app"}

    assert stage.post("auth", "/token", form).status == 200


@pytest.fixture
def api(stage: Any, auth: Any) -> Any:
    found = stage.bind(
        "api", ResourceServer, {"trusts": "auth", "issuer": ISSUER, "keys.enc": "ECDH-ES", "audience": "api"}
    )
    auth({"access_token.encrypt_to": found.public_jwks(), "access_token.aud": "api"})
    return found


def test_an_access_token_that_only_the_api_can_read(stage: Any, api: Any) -> None:
    """RFC 9068 section 4: the API decrypts it; introspection knows it by its text."""
    text = stage.log_in()["access_token"]
    answer = stage.get("api", "/users/123", f"Bearer {text}")
    seen = stage.post("auth", "/introspect", {"token": text}, auth=("users", "pool-of-tears"))

    assert text.count(".") == 4
    assert answer.status == 200
    assert stage.json(seen)["active"] is True


def test_what_an_api_with_a_key_does_not_take(stage: Any, api: Any) -> None:
    """A token that is signed and not encrypted, one encrypted to another key, a changed one, a forged one inside."""
    text = stage.log_in()["access_token"]
    inner = jwe.decrypt(text, api.decryption_keys()).text
    other = jwe.encrypt(inner, public_jwk(make_key("ECDH-ES", "enc", "other")))
    forged = jwt.sign({"typ": "at+jwt"}, jwt.read(inner).claims, make_key("ES256", "m", "mallory"))
    again = jwe.encrypt(inner, api.public_jwks()[0])
    sent = [
        inner,
        other,
        text[:-4] + ("AAAA" if text[-4:] != "AAAA" else "BBBB"),
        jwe.encrypt(forged, api.public_jwks()[0]),
    ]

    assert stage.get("api", "/users/123", f"Bearer {again}").status == 200
    for one in sent:
        answer = stage.get("api", "/users/123", f"Bearer {one}")
        assert answer.status == 401
        assert 'error="invalid_token"' in answer.headers.get("WWW-Authenticate")


def test_an_api_without_a_key_does_not_take_an_encrypted_one(stage: Any, api: Any) -> None:
    """It says what it is."""
    stage.bind("plain", ResourceServer, {"trusts": "auth", "audience": "api"})
    answer = stage.get("plain", "/users/123", f"Bearer {stage.log_in()['access_token']}")

    assert answer.status == 401
    assert "encrypted token" in answer.headers.get("WWW-Authenticate")
