"""A client's metadata as it registers them itself (RFC 7591 section 2): a table of members, each with its check."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from seqtest.actors.authorization_settings import GRANTS
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.provider import Provider
from seqtest.actors.registered_client import Client, encryption_key
from seqtest.actors.settings import BadValue, url
from seqtest.auth import oauth
from seqtest.auth.jwe import ENCRYPTIONS
from seqtest.auth.keys import ALGORITHMS, ENCRYPTION_ALGORITHMS, PUBLIC_KEY_ALGORITHMS, BadKey, public_key

METHODS = tuple(name for name in oauth.CLIENT_AUTHENTICATION_METHODS if "tls" not in name)
"""No certificate is registered here."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _bad(message: str) -> OAuthError:
    return OAuthError("invalid_client_metadata", message)


def _text(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        raise _bad(f"{name} is no text")
    return value


def _texts(name: str, value: Any) -> Any:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _bad(f"{name} is no list of texts")
    return value


def _boolean(name: str, value: Any) -> Any:
    if not isinstance(value, bool):
        raise _bad(f"{name} is no boolean")
    return value


def _address(name: str, value: Any) -> Any:
    try:
        return url(_text(name, value))
    except BadValue:
        raise _bad(f"{name} is no absolute address without a fragment") from None


def _one_of(*known: str) -> Callable[[str, Any], Any]:
    def check(name: str, value: Any) -> Any:
        if value not in known:
            raise _bad(f"{name} is none of those supported")
        return value

    return check


def _redirect_uris(name: str, value: Any) -> Any:
    """RFC 7591 section 5, RFC 8252: https, http on loopback, or a scheme of one's own with a dot in it."""
    for text in _texts(name, value):
        try:
            parts = urlsplit(text)
            host = parts.hostname
        except ValueError:
            raise OAuthError("invalid_redirect_uri", "an address is malformed") from None
        is_web = parts.scheme == "https" and host is not None
        is_native = (parts.scheme == "http" and host in LOOPBACK) or ("." in parts.scheme)
        if not (is_web or is_native) or "#" in text or any(letter.isspace() for letter in text) or parts.username:
            raise OAuthError("invalid_redirect_uri", "an address to go back to is none that a client may have")
    return value


def _keys(name: str, value: Any) -> Any:
    keys = value.get("keys") if isinstance(value, Mapping) else None
    if not isinstance(keys, list) or not keys:
        raise _bad(f"{name} is no JWK Set")
    for jwk in keys:
        if not isinstance(jwk, Mapping) or jwk.get("kty") == "oct" or "d" in jwk:
            raise _bad(f"{name} must hold public keys")
        try:
            public_key(jwk)
        except BadKey:
            raise _bad(f"{name} holds what is no key") from None
    return value


def _refused(reason: str, code: str = "invalid_client_metadata") -> Callable[[str, Any], Any]:
    def check(name: str, value: Any) -> Any:
        raise OAuthError(code, f"{name} is not supported: {reason}")

    return check


MEMBERS: Mapping[str, Callable[[str, Any], Any]] = {
    "redirect_uris": _redirect_uris,
    "token_endpoint_auth_method": _one_of(*METHODS),
    "grant_types": _texts,
    "response_types": _texts,
    "client_name": _text,
    "client_uri": _address,
    "logo_uri": _address,
    "policy_uri": _address,
    "tos_uri": _address,
    "contacts": _texts,
    "scope": _text,
    "jwks": _keys,
    "jwks_uri": _refused("no address is fetched; send jwks"),
    "sector_identifier_uri": _refused("no address is fetched"),
    "software_id": _text,
    "software_version": _text,
    "software_statement": _refused("nobody's statements are trusted", "unapproved_software_statement"),
    "post_logout_redirect_uris": _redirect_uris,
    "backchannel_logout_uri": _address,
    "frontchannel_logout_uri": _address,
    "frontchannel_logout_session_required": _boolean,
    "id_token_encrypted_response_alg": _one_of(*ENCRYPTION_ALGORITHMS),
    "id_token_encrypted_response_enc": _one_of(*ENCRYPTIONS),
    "userinfo_signed_response_alg": _one_of(*PUBLIC_KEY_ALGORITHMS),
    "request_object_signing_alg": _one_of(*ALGORITHMS),
    "require_signed_request_object": _boolean,
}
"""Member → its check. Section 2: others are ignored, and are not in the answer."""


def read(server: Provider, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata that are registered, with the defaults of section 2. Raises OAuthError."""
    found = {name: check(name, sent[name]) for name, check in MEMBERS.items() if sent.get(name) is not None}
    found.setdefault("token_endpoint_auth_method", "client_secret_basic")
    found.setdefault("grant_types", ["authorization_code"])
    found.setdefault("response_types", ["code"] if "authorization_code" in found["grant_types"] else [])
    _check_grants(server, found)
    _check_scope(server, found)
    keys = found.get("jwks", {}).get("keys", [])
    signing = [jwk for jwk in keys if jwk.get("use", "sig") == "sig"]
    method = found["token_endpoint_auth_method"]
    if method == "private_key_jwt" and not signing:
        raise _bad("private_key_jwt needs a key in jwks")
    if method == "none" and "client_credentials" in found["grant_types"]:
        raise _bad("a client without authentication has no credentials of its own")
    alg = found.get("id_token_encrypted_response_alg")
    if alg is not None and encryption_key(keys, alg) is None:
        raise _bad("id_token_encrypted_response_alg needs a key for encryption in jwks")
    signs = found.get("userinfo_signed_response_alg")
    if signs is not None and signs not in server.keyring.algs():
        raise _bad("userinfo_signed_response_alg is none that the server has a key for")
    return found


def _check_grants(server: Provider, found: Mapping[str, Any]) -> None:
    """Section 2.1: grant types and response types belong together."""
    if not set(found["grant_types"]) <= set(server.grant_types.everybody) & set(GRANTS):
        raise _bad("grant_types holds one that the server does not support")
    if not set(found["response_types"]) <= {"code"}:
        raise _bad("response_types holds one that the server does not support")
    is_by_code = "authorization_code" in found["grant_types"]
    if is_by_code != ("code" in found["response_types"]):
        raise _bad("grant_types and response_types do not belong together")
    if is_by_code and not found.get("redirect_uris"):
        raise OAuthError("invalid_redirect_uri", "redirect_uris is missing")


def _check_scope(server: Provider, found: Mapping[str, Any]) -> None:
    words = oauth.scope_words(found.get("scope", ""))
    known = server.settings["scopes"]
    if words is None or (known and not set(words) <= set(known)):
        raise _bad("scope is unknown or malformed")


def client_of(client_id: str, metadata: Mapping[str, Any], secret: str | None) -> Client:
    """The client that the metadata describe."""
    return Client(
        client_id,
        secret=secret,
        method=metadata["token_endpoint_auth_method"],
        jwks=tuple(metadata.get("jwks", {}).get("keys", ())),
        grants=tuple(metadata["grant_types"]),
        scope=tuple(metadata["scope"].split()) if "scope" in metadata else None,
        redirect_uris=tuple(metadata.get("redirect_uris", ())),
        post_logout_redirect_uris=tuple(metadata.get("post_logout_redirect_uris", ())),
        backchannel_logout_uri=metadata.get("backchannel_logout_uri"),
        frontchannel_logout_uri=metadata.get("frontchannel_logout_uri"),
        frontchannel_logout_session_required=metadata.get("frontchannel_logout_session_required", False),
        id_token_encrypted_response_alg=metadata.get("id_token_encrypted_response_alg"),
        id_token_encrypted_response_enc=metadata.get("id_token_encrypted_response_enc", ENCRYPTIONS[0]),
        userinfo_signed_response_alg=metadata.get("userinfo_signed_response_alg"),
        request_object_signing_alg=metadata.get("request_object_signing_alg"),
        require_signed_request_object=metadata.get("require_signed_request_object", False),
    )
