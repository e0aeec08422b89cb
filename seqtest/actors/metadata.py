"""What the server says of itself: RFC 8414 and OpenID Connect Discovery 1.0."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from seqtest.actors import introspection
from seqtest.actors.authorization_settings import GRANTS
from seqtest.actors.openid import SCOPE_CLAIMS
from seqtest.actors.provider import Provider
from seqtest.actors.web import json_response
from seqtest.auth.dpop import PROOF_ALGORITHMS
from seqtest.auth.jwe import ENCRYPTIONS
from seqtest.auth.keys import ALGORITHMS, ENCRYPTION_ALGORITHMS, PUBLIC_KEY_ALGORITHMS

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

MEMBERS: Mapping[str, str] = {
    "token": "token_endpoint",
    "revocation": "revocation_endpoint",
    "introspection": "introspection_endpoint",
    "jwks": "jwks_uri",
    "authorization": "authorization_endpoint",
    "pushed_request": "pushed_authorization_request_endpoint",
    "device_authorization": "device_authorization_endpoint",
    "backchannel_authentication": "backchannel_authentication_endpoint",
    "userinfo": "userinfo_endpoint",
    "end_session": "end_session_endpoint",
}
"""Endpoint → the member that names it."""


def document(server: Provider) -> dict[str, Any]:
    """The members of RFC 8414 section 2, and those that Discovery section 3 adds."""
    found: dict[str, Any] = {
        "issuer": server.issuer,
        **{member: server.url(name) for name, member in MEMBERS.items()},
        "require_pushed_authorization_requests": server.settings["par"] == "required",
        "request_parameter_supported": True,
        "request_uri_parameter_supported": "request_uri_ssrf" in server.allows,
        "require_signed_request_object": server.settings["request_object"] == "required",
        "request_object_signing_alg_values_supported": list(ALGORITHMS),
        "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
        "tls_client_certificate_bound_access_tokens": True,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "introspection_signing_alg_values_supported": list(introspection.algorithms(server)),
        "grant_types_supported": [name for name in server.grant_types.supported if name in GRANTS],
        "token_endpoint_auth_methods_supported": _methods(server),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        **_openid(server),
    }
    if server.has_registration:
        found["registration_endpoint"] = server.url("registration")
    if server.settings["scopes"]:
        found["scopes_supported"] = list(server.settings["scopes"])
    return found


def _methods(server: Provider) -> list[str]:
    methods = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"]
    has_public = server.clients.is_open or any(client.is_public for client in server.clients)
    by_tls = sorted({client.tls_method for client in server.clients if client.tls_method is not None})
    return [*methods, *by_tls, *(["none"] if has_public else [])]


def _openid(server: Provider) -> dict[str, Any]:
    claims = [name for names in SCOPE_CLAIMS.values() for name in names]
    return {
        "backchannel_token_delivery_modes_supported": ["poll"],
        "backchannel_user_code_parameter_supported": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(dict.fromkeys(["RS256", server.id_token_alg])),
        "userinfo_signing_alg_values_supported": [alg for alg in server.keyring.algs() if alg in PUBLIC_KEY_ALGORITHMS],
        "id_token_encryption_alg_values_supported": list(ENCRYPTION_ALGORITHMS),
        "id_token_encryption_enc_values_supported": list(ENCRYPTIONS),
        "claims_supported": [
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "at_hash",
            "c_hash",
            "acr",
            "amr",
            *claims,
        ],
        "claims_parameter_supported": True,
        "acr_values_supported": [server.settings["acr"]] if server.settings["acr"] is not None else [],
    }


def metadata(server: Provider, request: "WebRequest") -> "WebResponse":
    """The endpoint."""
    return json_response(document(server))


def paths(issuer: str) -> tuple[str, ...]:
    """RFC 8414 section 3.1: the well-known string goes between the host and the issuer's path."""
    path = urlsplit(issuer).path.rstrip("/")
    names = ("oauth-authorization-server", "openid-configuration")
    # OpenID Connect Discovery section 4.1 appends it instead.
    return (
        *(f"/.well-known/{name}{tail}" for name in names for tail in dict.fromkeys((path, ""))),
        f"{path}/.well-known/openid-configuration",
    )
