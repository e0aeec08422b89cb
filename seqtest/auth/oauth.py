"""OAuth's error codes as data, and the characters its values may have."""

import re
from collections.abc import Mapping

from seqtest.dataclass import dataclass

CLIENT_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523 section 2.2."""

CLIENT_AUTHENTICATION_METHODS = (
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
    "none",
)


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One `error` of a token-style endpoint."""

    name: str
    status: int
    clause: str
    meaning: str


ERRORS: Mapping[str, ErrorCode] = {
    code.name: code
    for code in (
        ErrorCode("invalid_request", 400, "RFC 6749 section 5.2", "a parameter is missing, repeated or malformed"),
        ErrorCode("invalid_client", 401, "RFC 6749 section 5.2", "the client is unknown or failed to authenticate"),
        ErrorCode("invalid_grant", 400, "RFC 6749 section 5.2", "the grant is invalid, expired, revoked or another's"),
        ErrorCode("unauthorized_client", 400, "RFC 6749 section 5.2", "the client may not use this grant"),
        ErrorCode("unsupported_grant_type", 400, "RFC 6749 section 5.2", "the grant type is not supported"),
        ErrorCode(
            "invalid_scope", 400, "RFC 6749 section 5.2", "the scope is unknown, malformed or wider than granted"
        ),
        ErrorCode("unsupported_token_type", 400, "RFC 7009 section 2.2.1", "tokens of this type are not revoked here"),
        ErrorCode("invalid_target", 400, "RFC 8707 section 2", "the resource is unknown or not acceptable"),
        ErrorCode("unsupported_response_type", 400, "RFC 6749 section 4.1.2.1", "the response type is not supported"),
        ErrorCode("access_denied", 400, "RFC 6749 section 4.1.2.1", "the user or the server said no"),
        ErrorCode("invalid_dpop_proof", 400, "RFC 9449 section 5", "the DPoP proof is not good"),
        ErrorCode("use_dpop_nonce", 400, "RFC 9449 section 8", "the DPoP proof needs the server's nonce"),
        ErrorCode("authorization_pending", 400, "RFC 8628 section 3.5", "the user has not answered yet"),
        ErrorCode("slow_down", 400, "RFC 8628 section 3.5", "the device asks too often"),
        ErrorCode("expired_token", 400, "RFC 8628 section 3.5", "the device code has expired"),
        ErrorCode("invalid_request_object", 400, "RFC 9101 section 7", "the request object is not the client's"),
        ErrorCode("invalid_request_uri", 400, "RFC 9101 section 7", "there is no request object at the address"),
        ErrorCode("request_uri_not_supported", 400, "RFC 9101 section 7", "no address is fetched"),
        ErrorCode("unknown_user_id", 400, "CIBA section 13", "nobody is known by the hint"),
        ErrorCode("invalid_binding_message", 400, "CIBA section 13", "the message cannot be shown"),
        ErrorCode("invalid_redirect_uri", 400, "RFC 7591 section 3.2.2", "an address is none that a client may have"),
        ErrorCode("invalid_client_metadata", 400, "RFC 7591 section 3.2.2", "a member is not acceptable"),
        ErrorCode("unapproved_software_statement", 400, "RFC 7591 section 3.2.2", "the statement is nobody's we trust"),
        ErrorCode("login_required", 400, "OpenID Connect Core section 3.1.2.6", "the user is not logged in"),
        ErrorCode(
            "unmet_authentication_requirements",
            400,
            "OpenID Connect Core Error Code unmet_authentication_requirements 1.0",
            "nobody can log in here as surely as is asked for",
        ),
    )
}

BEARER_ERRORS: Mapping[str, int] = {"invalid_request": 400, "invalid_token": 401, "insufficient_scope": 403}
"""RFC 6750 section 3.1: error → status."""

_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*")
_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")
_BEARER_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


def scope_words(text: str) -> tuple[str, ...] | None:
    """The words of a scope in order, each once; None when it is malformed (RFC 6749 section 3.3). Empty is no word."""
    if text == "":
        return ()
    return tuple(dict.fromkeys(text.split(" "))) if _SCOPE.fullmatch(text) else None


def description(text: str) -> str:
    """The text with what `error_description` must not hold replaced by `'` (RFC 6749 section 5.2)."""
    return _DESCRIPTION.sub("'", text)


def is_bearer_token(text: str) -> bool:
    """Whether the text is a b64token (RFC 6750 section 2.1)."""
    return _BEARER_TOKEN.fullmatch(text) is not None
