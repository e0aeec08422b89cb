"""The grants of the token endpoint: each takes an authenticated client's form and gives the token response."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from seqtest.actors import openid
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import Parameters, needed
from seqtest.actors.provider import Provider
from seqtest.actors.registered_client import Client
from seqtest.actors.tokens import Grant, Record
from seqtest.auth import oauth, pkce

if TYPE_CHECKING:
    from seqtest.actors.codes import Wanted

TokenResponse = dict[str, Any]


def password(server: Provider, client: Client, form: Parameters, resources: list[str]) -> TokenResponse:
    """RFC 6749 section 4.3. A legacy grant (RFC 9700 section 2.4): see `grant_types` for when it is on."""
    username, secret = needed(form, "username"), needed(form, "password")
    scope = asked_scope(server, client, form)
    wait = server.throttle.wait("user", username)
    if wait:
        raise OAuthError("invalid_grant", "there were too many failures; try again later", 429, Retry_After=str(wait))
    user = server.users.find(username)
    # One answer for each of the reasons, so that it tells nobody which names exist.
    wrong = OAuthError("invalid_grant", "the user name or the password is wrong")
    is_right = server.users.check_password(user, secret)
    (server.throttle.succeeded if is_right else server.throttle.failed)("user", username)
    if user is None:
        is_told = "ropc_user_enumeration" in server.allows
        raise OAuthError("invalid_grant", "there is no user of that name") if is_told else wrong
    if not is_right:
        server.allows.refuse("ropc_wrong_password", wrong)
    if user.is_disabled:
        server.allows.refuse("user_disabled_token", wrong)
    grant = server.tokens.open_grant(client.client_id, user.sub, username, scope, int(server.now()))
    grant.resources = tuple(resources)
    return respond(server, client, grant, scope, resources, with_refresh_token=server.issues_refresh_tokens)


def authorization_code(server: Provider, client: Client, form: Parameters, resources: list[str]) -> TokenResponse:
    """RFC 6749 section 4.1.3, RFC 7636 section 4.6: the code is this client's, unused, and its verifier is known."""
    allows = server.allows
    code = server.codes.get(needed(form, "code"))
    strange = OAuthError("invalid_grant", "the code is unknown, expired or another client's")
    if code is None:
        raise strange
    if code.wanted.client.client_id != client.client_id:
        allows.refuse("code_other_client", strange)
    if server.now() >= code.exp:
        allows.refuse("code_expired", strange)
    if code.wanted.sent_redirect_uri != form.get("redirect_uri"):
        problem = OAuthError("invalid_grant", "redirect_uri is not the one of the authorization request")
        allows.refuse("code_redirect_uri_mismatch", problem)
    _check_verifier(server, form.get("code_verifier"), code.wanted)
    if code.wanted.dpop_jkt is not None and code.wanted.dpop_jkt != client.jkt:
        # RFC 9449 section 10.
        allows.refuse("code_dpop_jkt_mismatch", OAuthError("invalid_grant", "the code is bound to another key"))
    if not server.codes.use(code) and "code_replay" not in allows:
        # Section 4.1.2: what the first use brought is revoked.
        server.tokens.revoke_grant(code.grant)
        raise OAuthError("invalid_grant", "the code was used before; its tokens are revoked")
    check_is_open(code.grant)
    return respond(
        server,
        client,
        code.grant,
        code.wanted.scope,
        narrowed(server, code.grant, resources),
        with_refresh_token=server.issues_refresh_tokens,
        nonce=code.wanted.nonce,
        code=form.get("code"),
        with_id_token="openid" in code.wanted.scope,
    )


def check_is_open(grant: Grant) -> None:
    """Whether the user's yes still counts when the client comes for its first tokens. Raises OAuthError."""
    if grant.is_over:
        raise OAuthError("invalid_grant", "the user was logged out meanwhile, or the account is no longer active")


def narrowed(server: Provider, grant: Grant, resources: list[str]) -> list[str]:
    """What the tokens are for: the grant's resources, or fewer of them (RFC 8707 section 2.2). Raises OAuthError."""
    if not set(resources) <= set(grant.resources or resources):
        problem = OAuthError("invalid_target", "the resource is none of those that were asked for at first")
        server.allows.refuse("refresh_resource_widening", problem)
    return resources or list(grant.resources)


def _check_verifier(server: Provider, verifier: str | None, wanted: "Wanted") -> None:
    """RFC 7636 section 4.6. RFC 9700 section 4.8.2: a verifier alone means that somebody took the challenge out."""
    challenge = wanted.code_challenge
    strange = OAuthError("invalid_grant", "code_verifier does not belong to the authorization request")
    if verifier is None and challenge is not None:
        server.allows.refuse("pkce_verifier_missing", strange)
    elif verifier is not None and challenge is None:
        server.allows.refuse("pkce_downgrade", strange)
    elif verifier is not None and challenge is not None and not pkce.matches(verifier, challenge, wanted.code_method):
        server.allows.refuse("pkce_verifier_wrong", OAuthError("invalid_grant", "code_verifier is wrong"))


def client_credentials(server: Provider, client: Client, form: Parameters, resources: list[str]) -> TokenResponse:
    """RFC 6749 section 4.4: for confidential clients only, and without a refresh token (section 4.4.3)."""
    if client.is_public:
        raise OAuthError("unauthorized_client", "a public client has no credentials of its own")
    scope = asked_scope(server, client, form)
    grant = server.tokens.open_grant(client.client_id, client.client_id, None, scope)
    return respond(server, client, grant, scope, resources, with_refresh_token=False)


def refresh_token(server: Provider, client: Client, form: Parameters, resources: list[str]) -> TokenResponse:
    """RFC 6749 section 6, with rotation and reuse detection as RFC 9700 section 4.14.2."""
    record = usable_refresh_token(server, client, needed(form, "refresh_token"))
    words = oauth.scope_words(form.get("scope", ""))
    problem = OAuthError("invalid_scope", "the scope is wider than what was granted, or malformed")
    if words is None:
        raise problem
    if not set(words) <= set(record.scope):
        server.allows.refuse("refresh_scope_upscoping", problem)
    resources = narrowed(server, record.grant, resources)
    audience_of(server, resources)
    if server.rotates and not server.tokens.use(record) and "refresh_reuse_after_rotation" not in server.allows:
        raise reuse(server, record)
    return respond(
        server,
        client,
        record.grant,
        words or record.scope,
        resources,
        with_refresh_token=server.rotates,
        old=record,
        with_id_token=record.grant.is_openid and "openid" in (words or record.scope),
    )


def usable_refresh_token(server: Provider, client: Client, text: str) -> Record:
    """The record of a refresh token that this client may use now. Raises OAuthError."""
    allows = server.allows
    record = server.tokens.find(text)
    strange = OAuthError("invalid_grant", "the refresh token is not one of this client's")
    if record is None:
        raise strange
    if record.kind != "refresh_token":
        allows.refuse("access_token_as_refresh", strange)
    if record.grant.client_id != client.client_id:
        allows.refuse("refresh_other_client", strange)
    if record.grant.jkt is not None and record.grant.jkt != client.jkt:
        allows.refuse("refresh_dpop_key_changed", OAuthError("invalid_grant", "the refresh token is another key's"))
    if record.grant.x5t is not None and record.grant.x5t != client.x5t:
        raise OAuthError("invalid_grant", "the refresh token is bound to another certificate")
    if record.is_used and "refresh_reuse_after_rotation" not in allows:
        raise reuse(server, record)
    dead = OAuthError("invalid_grant", "the refresh token has expired or was revoked")
    if server.now() >= record.exp:
        allows.refuse("refresh_expired", dead)
    elif server.tokens.is_revoked(record) or server.tokens.is_listed(record):
        allows.refuse("refresh_after_logout", dead)
    username = record.grant.username
    user = server.users.find(username) if username is not None else None
    if username is not None and (user is None or user.is_disabled):
        allows.refuse("refresh_disabled_user", OAuthError("invalid_grant", "the account is no longer active"))
    return record


def reuse(server: Provider, record: Record) -> OAuthError:
    """A refresh token was used a second time: somebody has a copy, so the whole family goes."""
    server.tokens.revoke_grant(record.grant)
    return OAuthError("invalid_grant", "the refresh token was used before; its family is revoked")


def asked_scope(server: Provider, client: Client, form: Parameters) -> tuple[str, ...]:
    """The scope that the request asks for and may have; the client's own when it asks for none."""
    if "scope" not in form:
        return client.scope or ()
    words = oauth.scope_words(form["scope"])
    known = server.settings["scopes"]
    if words is None or (known and not set(words) <= set(known)):
        raise OAuthError("invalid_scope", "the scope is unknown or malformed")
    if client.scope is not None and not set(words) <= set(client.scope):
        problem = OAuthError("invalid_scope", "the scope is wider than what the client may ask for")
        server.allows.refuse("authz_scope_escalation", problem)
    return words


def audience_of(server: Provider, resources: list[str]) -> str | list[str]:
    """`aud` of the access token: the resources that were asked for, of those the server knows (RFC 8707 section 2)."""
    usual = server.audience
    if not resources:
        return usual
    known = [usual] if isinstance(usual, str) else usual
    for resource in resources:
        url = urlsplit(resource)
        if not url.scheme or url.fragment or "#" in resource or resource not in known:
            problem = OAuthError("invalid_target", "the resource is not one that this server issues tokens for")
            server.allows.refuse("refresh_resource_widening", problem)
    asked = list(dict.fromkeys(resources))
    return asked[0] if len(asked) == 1 else asked


def confirmation(client: Client) -> dict[str, Any]:
    """What the token is good with alone: a key (RFC 9449 section 6.1), a certificate (RFC 8705 section 3.1)."""
    if client.jkt is None and client.x5t is None:
        return {}
    cnf = {"jkt": client.jkt, "x5t#S256": client.x5t if client.binds_to_certificate else None}
    found = {name: value for name, value in cnf.items() if value is not None}
    return {"cnf": found} if found else {}


def respond(
    server: Provider,
    client: Client,
    grant: Grant,
    scope: tuple[str, ...],
    resources: list[str],
    *,
    with_refresh_token: bool,
    old: Record | None = None,
    nonce: str | None = None,
    code: str | None = None,
    with_id_token: bool = False,
) -> TokenResponse:
    """Issue the tokens; the members are those of RFC 6749 section 5.1."""
    extra = server.access_claims(grant, scope) | confirmation(client)
    access = server.tokens.issue(server.access_recipe, grant, scope, audience_of(server, resources), extra)
    answer: TokenResponse = {
        "access_token": access.text,
        "token_type": access.token_type,
        "expires_in": access.exp - access.iat,
    }
    if with_refresh_token and (client.grants is None or "refresh_token" in client.grants):
        # Section 6: the scope of a new refresh token is that of the old one, not the narrower one asked for.
        kept = old.scope if old is not None else scope
        if client.is_public:
            # RFC 9449 section 5: what nobody authenticates for is bound to the key.
            grant.jkt = client.jkt
            grant.x5t = client.x5t if client.binds_to_certificate else None
        answer["refresh_token"] = server.tokens.issue(server.refresh_recipe, grant, kept, server.issuer).text
    if scope:
        answer["scope"] = " ".join(scope)
    if with_id_token:
        # Core section 12.2: the one after a refresh has the first one's auth_time and no nonce.
        grant.is_openid = True
        answer["id_token"] = openid.id_token(server, client, grant, access, nonce, code)
    return answer


GRANTS: Mapping[str, Callable[[Provider, Client, Parameters, list[str]], TokenResponse]] = {
    "authorization_code": authorization_code,
    "password": password,
    "refresh_token": refresh_token,
    "client_credentials": client_credentials,
}
