"""Client certificates (RFC 8705): authentication with them, and tokens that are bound to them."""

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest

from seqtest.actors.gateway import Gateway
from seqtest.actors.resource_server import ResourceServer
from seqtest.actors.web import environ
from seqtest.auth import certificate, jwt
from seqtest.auth.keys import make_key
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Headers, Request, Response

OWN = certificate.of_key(make_key("ES256", "web", "web"))
OTHER = certificate.of_key(make_key("ES256", "web", "mallory"))
MORE = {"clients.tls.certificate": certificate.field_value(OWN), "access_token.aud": "api"}
WEB = ("web", "tea-party")


def ask(stage: Any, shown: bytes | None, auth: tuple[str, str] | None = None, **form: str) -> Response:
    sent = {"grant_type": "client_credentials", **({"client_id": "tls"} if auth is None else {}), **form}
    headers = {} if shown is None else {"Client-Cert": certificate.field_value(shown)}
    answer: Response = stage.post("auth", "/token", sent, auth, **headers)
    return answer


def call(stage: Any, token: str, shown: bytes | None, who: str = "api", path: str = "/users/123") -> Response:
    headers = [("Authorization", f"Bearer {token}")]
    headers += [] if shown is None else [("Client-Cert", certificate.field_value(shown))]
    answer: Response = stage.actors[who].handle(Request("GET", f"https://{who}.test{path}", Headers(headers)))
    return answer


def api(stage: Any, **more: Any) -> None:
    stage.bind("api", ResourceServer, {"trusts": "auth", "issuer": "https://auth.example", "audience": "api", **more})


def test_a_client_by_its_own_certificate(stage: Any, auth: Any) -> None:
    """RFC 8705 section 2.2: the very certificate, with `client_id`; its tokens are bound to it (section 3.1)."""
    auth(MORE)
    body = stage.json(ask(stage, OWN))

    assert jwt.read(body["access_token"]).claims["cnf"] == {"x5t#S256": certificate.thumbprint(OWN)}
    assert body["token_type"] == "Bearer"


@pytest.mark.parametrize(
    ("shown", "form", "auth_"),
    [
        (OTHER, {}, None),
        (None, {}, None),
        (OWN, {"client_id": "nobody"}, None),
        (OWN, {"client_secret": "guess"}, None),
        (OWN, {}, ("tls", "guess")),
        (OWN, {"client_id": "web"}, None),
    ],
    ids=map(str, range(99)),  # a signature differs every time
)
def test_who_is_not_let_in(stage: Any, auth: Any, shown: bytes | None, form: dict[str, str], auth_: Any) -> None:
    """RFC 8705 section 2: another certificate, none, another client, or another way than the registered one."""
    auth(MORE)

    assert ask(stage, shown, auth_, **form).status == 401


def test_a_client_by_the_subject_that_an_authority_vouches_for(stage: Any, auth: Any) -> None:
    """RFC 8705 section 2.1: of the authority's certificates that subject alone, and while it is good."""
    drawn = {"clients.tls.tls_client_auth_subject_dn": "CN=web", "mtls.ca": certificate.field_value(OWN)}
    auth(drawn)
    assert ask(stage, OWN).status == 200
    assert ask(stage, OTHER).status == 401  # the same subject, by nobody's authority
    auth({**drawn, "clients.tls.tls_client_auth_subject_dn": "CN=other"})
    assert ask(stage, OWN).status == 401
    auth({"clients.tls.tls_client_auth_subject_dn": "CN=web"})
    assert ask(stage, OWN).status == 401
    auth(drawn)
    stage.clock.advance(40 * 365 * 86_400)
    assert ask(stage, OWN).status == 401


def test_tokens_of_a_client_with_a_secret_can_be_bound_too(stage: Any, auth: Any) -> None:
    """RFC 8705 section 3.4: then each of its requests needs a certificate."""
    auth({"clients.web.tls_client_certificate_bound_access_tokens": True})
    body = stage.json(ask(stage, OTHER, WEB))
    refused = ask(stage, None, WEB)

    assert jwt.read(body["access_token"]).claims["cnf"] == {"x5t#S256": certificate.thumbprint(OTHER)}
    assert (refused.status, stage.json(refused)["error"]) == (400, "invalid_request")


def test_a_certificate_that_nobody_asked_for_changes_nothing(stage: Any, auth: Any) -> None:
    """Who authenticates by a secret and is registered for nothing else gets an ordinary token."""
    auth()

    assert "cnf" not in jwt.read(stage.json(ask(stage, OWN, WEB))["access_token"]).claims


def test_a_bound_token_is_good_over_its_connection_alone(stage: Any, auth: Any) -> None:
    """RFC 8705 section 3: 401 `invalid_token` over any other."""
    auth(MORE)
    api(stage)
    token = stage.json(ask(stage, OWN))["access_token"]
    refused = [call(stage, token, shown, path="/orders") for shown in (None, OTHER)]

    assert call(stage, token, OWN, path="/orders").status == 200
    for answer in refused:
        assert answer.status == 401
        assert 'error="invalid_token"' in (answer.headers.get("WWW-Authenticate") or "")


def test_introspection_tells_of_the_certificate(stage: Any, auth: Any) -> None:
    """RFC 8705 section 3.2: an API that asks checks it as well."""
    auth({**MORE, "access_token.format": "opaque"})
    stage.bind("api", ResourceServer, {"introspection": "auth", "client_id": "users", "client_secret": "pool-of-tears",
                                       "issuer": "https://auth.example", "audience": "api"})  # fmt: skip
    token = stage.json(ask(stage, OWN))["access_token"]
    seen = stage.json(stage.post("auth", "/introspect", {"token": token}, auth=("users", "pool-of-tears")))

    assert seen["cnf"] == {"x5t#S256": certificate.thumbprint(OWN)}
    assert seen["token_type"] == "Bearer"
    assert call(stage, token, OWN, path="/orders").status == 200
    assert call(stage, token, OTHER, path="/orders").status == 401


def test_refresh_tokens_of_public_clients_are_bound(stage: Any, auth: Any) -> None:
    """RFC 8705 section 4: what nobody authenticates for is good with the certificate alone."""
    drawn = "clients.spa.tls_client_certificate_bound_access_tokens"
    auth({"clients.spa.authentication": "none", drawn: True})
    user = {"grant_type": "password", "username": "alice", "password": "wonderland", "client_id": "spa"}
    token = stage.json(ask(stage, OWN, **user))["refresh_token"]
    again = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "spa"}
    refused = ask(stage, OTHER, **again)

    assert (refused.status, stage.json(refused)["error"]) == (400, "invalid_grant")
    assert ask(stage, OWN, **again).status == 200


def test_the_field_counts_in_process_alone(stage: Any, auth: Any) -> None:
    """RFC 9440 section 4: from a socket anybody could send it; there TLS says who it is."""
    server = auth(MORE)
    body = urlencode({"grant_type": "client_credentials", "client_id": "tls"}).encode()
    request = Request(
        "POST", "https://auth.test/token", Headers([("Content-Type", "application/x-www-form-urlencoded")]), body
    )

    def status(**more: str) -> str:
        told: list[str] = []
        found = {**environ(request), "wsgi.input": BytesIO(body), **more}
        list(server.wsgi_app(found, lambda line, headers, exc=None: told.append(line) or print))
        return told[0]

    assert status(HTTP_CLIENT_CERT=certificate.field_value(OWN)).startswith("401")
    assert status(SSL_CLIENT_CERT=certificate.field_value(OWN)).startswith("200")


def test_a_gateway_lets_no_certificate_field_through(stage: Any, auth: Any) -> None:
    """RFC 9700 section 4.13, RFC 9440 section 4: only a proxy may write it."""
    auth(MORE)
    api(stage)
    stage.bind("gw", Gateway, {"upstream": "api", "jwt.main.trusts": "auth", "jwt.main.issuer": "https://auth.example",
                               "jwt.main.audiences": "api", "jwt.main.forwardOriginalToken": True})  # fmt: skip
    token = stage.json(ask(stage, OWN))["access_token"]

    assert call(stage, token, OWN, path="/orders").status == 200
    assert call(stage, token, OWN, who="gw", path="/orders").status == 401


@pytest.mark.parametrize("text", ["x", "::", ":AAAA:", "-----BEGIN CERTIFICATE-----"])
def test_what_is_no_certificate(stage: Any, auth: Any, text: str) -> None:
    """In a setting it is an error (SQ381); from a connection it is none."""
    with pytest.raises(UnplayableScenario, match="SQ381"):
        auth({"clients.tls.certificate": text})
    auth(MORE)
    form = {"grant_type": "client_credentials", "client_id": "tls"}
    assert stage.post("auth", "/token", form, None, **{"Client-Cert": text}).status == 401


def test_metadata_tells_of_certificates(stage: Any, auth: Any) -> None:
    """RFC 8705 sections 2 and 3.3."""
    auth(MORE)
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))

    assert document["tls_client_certificate_bound_access_tokens"] is True
    assert "self_signed_tls_client_auth" in document["token_endpoint_auth_methods_supported"]
