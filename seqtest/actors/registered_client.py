"""A client as an authorization server knows it (names as in RFC 7591)."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from seqtest.auth import base64url
from seqtest.auth.jwe import ENCRYPTIONS
from seqtest.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """A client as it is registered (names as in RFC 7591)."""

    client_id: str
    secret: str | None = field(default=None, repr=False)
    method: str | None = None
    """`token_endpoint_auth_method`; None for any that its secret or its keys allow."""
    jwks: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    grants: tuple[str, ...] | None = None
    """The grant types it may use; None for all."""
    scope: tuple[str, ...] | None = None
    """The scope it may ask for; None for any."""
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = True
    request_object_signing_alg: str | None = None
    """The only algorithm of its request objects; None for any."""
    require_signed_request_object: bool = False
    id_token_encrypted_response_alg: str | None = None
    id_token_encrypted_response_enc: str = ENCRYPTIONS[0]
    userinfo_signed_response_alg: str | None = None
    """What signs UserInfo for it; None for JSON."""
    exchange: tuple[str, ...] = ()
    """The audiences for which it may exchange tokens (RFC 8693)."""
    audience: tuple[str, ...] = ()
    """As a resource server: the audience whose tokens it may ask about; empty for any."""

    certificate: bytes | None = field(default=None, repr=False)
    """The one that it identifies itself with (`self_signed_tls_client_auth`, RFC 8705 section 2.2), as DER."""
    subject_dn: str | None = None
    """The subject of its certificates (`tls_client_auth`, RFC 8705 section 2.1)."""
    tls_client_certificate_bound_access_tokens: bool = False

    jkt: str | None = None
    """The thumbprint of the key that this request proves to hold (RFC 9449)."""
    x5t: str | None = None
    """The thumbprint of the certificate of this request's connection (RFC 8705)."""

    @property
    def binds_to_certificate(self) -> bool:
        """Whether its tokens are good over connections with its certificate alone."""
        return self.tls_client_certificate_bound_access_tokens or self.tls_method is not None

    @property
    def tls_method(self) -> str | None:
        """How it identifies itself by a certificate, if it does."""
        if self.certificate is not None:
            return "self_signed_tls_client_auth"
        return "tls_client_auth" if self.subject_dn is not None else None

    @property
    def encryption_key(self) -> dict[str, Any] | None:
        """The key that its ID tokens are encrypted to; None when they are not, or there is no key for the algorithm."""
        alg = self.id_token_encrypted_response_alg
        return encryption_key(self.jwks, alg) if alg is not None else None

    @property
    def signing_keys(self) -> tuple[Mapping[str, Any], ...]:
        """The keys that its signatures verify against."""
        return tuple([jwk for jwk in self.jwks if jwk.get("use", "sig") == "sig"]) if self.jwks else ()

    @property
    def is_public(self) -> bool:
        """Whether it has nothing to prove itself with."""
        return self.method == "none" or (self.method is None and not self.own_methods())

    def allows(self, method: str) -> bool:
        """Whether it may authenticate in this way."""
        if self.method is not None:
            return method == self.method
        return method in (self.own_methods() or ("none",))

    def own_methods(self) -> tuple[str, ...]:
        """The ways that what it holds allows; empty for a public client."""
        secret = ("client_secret_basic", "client_secret_post", "client_secret_jwt") if self.secret is not None else ()
        keys = ("private_key_jwt",) if self.signing_keys else ()
        return (*secret, *keys, *((self.tls_method,) if self.tls_method is not None else ()))


def encryption_key(jwks: Iterable[Mapping[str, Any]], alg: str | None = None) -> dict[str, Any] | None:
    """The first of the keys that is for encryption, with that algorithm where one is named (RFC 7517 section 4.2)."""
    for jwk in jwks:
        own = jwk.get("alg", alg)
        if jwk.get("use") == "enc" and own is not None and own == (alg or own):
            return {**jwk, "alg": own}
    return None


def registered(drawn: Mapping[str, Mapping[str, Any]]) -> dict[str, Client]:
    """The clients of the settings `clients.<id>.<attribute>`."""
    return {
        client_id: Client(
            client_id,
            secret=fields.get("secret"),
            method=fields.get("authentication"),
            jwks=tuple(fields.get("jwks", ())),
            grants=fields.get("grants"),
            scope=fields.get("scope"),
            redirect_uris=(*fields.get("redirect_uris", ()), *fields.get("redirect_uri", ())),
            post_logout_redirect_uris=fields.get("post_logout_redirect_uri", ()),
            backchannel_logout_uri=fields.get("backchannel_logout_uri"),
            frontchannel_logout_uri=fields.get("frontchannel_logout_uri"),
            frontchannel_logout_session_required=fields.get("frontchannel_logout_session_required", True),
            request_object_signing_alg=fields.get("request_object_signing_alg"),
            require_signed_request_object=fields.get("require_signed_request_object", False),
            id_token_encrypted_response_alg=fields.get("id_token_encrypted_response_alg"),
            id_token_encrypted_response_enc=fields.get("id_token_encrypted_response_enc", ENCRYPTIONS[0]),
            userinfo_signed_response_alg=fields.get("userinfo_signed_response_alg"),
            certificate=fields.get("certificate"),
            subject_dn=fields.get("tls_client_auth_subject_dn"),
            tls_client_certificate_bound_access_tokens=fields.get("tls_client_certificate_bound_access_tokens", False),
            exchange=fields.get("exchange", ()),
            audience=fields.get("audience", ()),
        )
        for client_id, fields in drawn.items()
    }


def secret_jwk(client: Client) -> dict[str, Any]:
    """The client's secret as an HMAC key (OpenID Connect Core section 10.1)."""
    return {"kty": "oct", "k": base64url.encode((client.secret or "").encode())}
