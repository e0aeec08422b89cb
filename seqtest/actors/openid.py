"""What makes the authorization server an OpenID provider: ID tokens, UserInfo, discovery (OpenID Connect Core 1.0)."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from seqtest.actors.bearer import Refusal, bearer_token
from seqtest.actors.proofs import check_proof
from seqtest.actors.provider import Provider
from seqtest.actors.registered_client import Client
from seqtest.actors.tokens import Grant, Record
from seqtest.actors.web import NO_STORE, json_response
from seqtest.auth import jwe, jwt, oidc
from seqtest.auth.keys import ALGORITHMS, Key, secret_key, verification_jwk

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse


SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
        "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}  # fmt: skip
"""Core section 5.4."""


def id_token(
    server: Provider, client: Client, grant: Grant, access: Record, nonce: str | None, code: str | None = None
) -> str:
    """An ID token (Core section 2) about the grant's user, with the hashes of what came with it."""
    key = id_token_key(server, client)
    now = int(server.now())
    claims: dict[str, Any] = {
        "iss": server.issuer,
        "sub": grant.sub,
        "aud": client.client_id,
        "iat": now,
        "exp": now + server.settings["id_token.lifetime"],
        "at_hash": oidc.at_hash(access.text, key.alg),
    }
    if code is not None:
        claims["c_hash"] = oidc.c_hash(code, key.alg)
    if grant.auth_time is not None:
        # RFC 8176: here everybody logs in with a password.
        claims |= {"auth_time": grant.auth_time, "amr": ["pwd"]}
        if server.settings["acr"] is not None:
            claims["acr"] = server.settings["acr"]
    if grant.sid is not None:
        claims["sid"] = grant.sid
    if nonce is not None:
        claims["nonce"] = nonce
    claims = _asked(server, grant, grant.claims.id_token) | claims
    signed = jwt.sign({"typ": "JWT"}, claims, key)
    to = client.encryption_key
    return signed if to is None else jwe.encrypt(signed, to, client.id_token_encrypted_response_enc)


def _asked(server: Provider, grant: Grant, names: Iterable[str]) -> dict[str, Any]:
    """Claims about the user that were asked for one by one; what is not known of him is left out (Core section 5.5)."""
    user = server.users.known(grant.username) if grant.username is not None else None
    fields = user.public() if user is not None else {}
    return {name: fields[name] for name in names if name in fields}


def id_token_key(server: Provider, client: Client) -> Key:
    """The server's key, or for HMAC the client's secret (Core section 10.1)."""
    alg = server.id_token_alg
    if ALGORITHMS[alg].is_symmetric and client.secret is not None:
        return secret_key(client.secret.encode(), alg)
    return server.signing_key("RS256" if ALGORITHMS[alg].is_symmetric else alg)


def read_hint(server: Provider, text: str, switch: str | None = None) -> tuple[Client, Mapping[str, Any]]:
    """The client and the claims of an ID token of this provider, also of an expired one. Raises TokenError.

    `switch` names what lets in one that this provider did not sign.
    """
    token = jwt.read(text)
    client = server.clients.get(str(token.claims.get("aud")))
    keys = server.public_jwks()
    if client is not None:
        keys = [*keys, verification_jwk(id_token_key(server, client))]
    try:
        jwt.verify(token, keys)
    except jwt.TokenError as problem:
        if switch not in server.allows:
            raise problem from None
    claims = token.claims
    if client is None or claims.get("iss") != server.issuer or not isinstance(claims.get("sub"), str):
        raise jwt.TokenError("it is not one of this provider's")
    return client, claims


def userinfo(server: Provider, request: "WebRequest") -> "WebResponse":
    """The UserInfo endpoint (Core section 5.3): errors as RFC 6750, claims by the token's scope."""
    try:
        text = bearer_token(request, in_form=True)
        record = server.tokens.find(text)
        if record is None or record.kind != "access_token" or not server.tokens.is_live(record):
            raise Refusal("invalid_token", "the token is not active")
        check_proof(request, text, record.extra, server.proofs)
        username = record.grant.username
        user = server.users.find(username) if username is not None else None
        if user is None or user.is_disabled:
            raise Refusal("invalid_token", "the token is not a user's")
        if "openid" not in record.scope:
            raise Refusal("insufficient_scope", "the token's scope lacks openid", ("openid",))
    except Refusal as refusal:
        return refusal.response(server.issuer)
    wanted = [name for word in record.scope for name in SCOPE_CLAIMS.get(word, ())]
    wanted += record.grant.claims.userinfo
    fields = user.public()
    claims = {name: fields[name] for name in wanted if name in fields and name != "sub"}
    told = {"sub": record.grant.sub, **claims}
    client = server.clients.get(record.grant.client_id)
    alg = client.userinfo_signed_response_alg if client is not None else None
    return json_response(told, 200, NO_STORE) if alg is None else _signed(server, record.grant.client_id, told, alg)


def _signed(server: Provider, client_id: str, told: dict[str, Any], alg: str) -> "WebResponse":
    """Core section 5.3.2: with `iss` and `aud`, so that it is nobody else's."""
    from werkzeug.wrappers import Response as WebResponse

    text = jwt.sign({"typ": "JWT"}, {"iss": server.issuer, "aud": client_id, **told}, server.signing_key(alg))
    return WebResponse(text, 200, NO_STORE, mimetype="application/jwt")
