"""Token exchange (RFC 8693): a client trades a token that it got for one that it may use elsewhere."""

from typing import Any

from seqtest.actors.grants import confirmation
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import Parameters, needed
from seqtest.actors.provider import Provider
from seqtest.actors.registered_client import Client
from seqtest.actors.tokens import Record
from seqtest.auth import oauth
from seqtest.dataclass import replace

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
TOKEN_TYPE = "urn:ietf:params:oauth:token-type:"  # noqa: S105  # the start of the types' names
ACCESS_TOKEN = f"{TOKEN_TYPE}access_token"
JWT = f"{TOKEN_TYPE}jwt"
TAKEN = (ACCESS_TOKEN, JWT)


def token_exchange(server: Provider, client: Client, form: Parameters, targets: list[str]) -> dict[str, Any]:
    """Section 2. `targets` are all of `resource` and `audience`; the client's `exchange` says which it may name."""
    if client.is_public or not client.exchange:
        raise OAuthError("unauthorized_client", "the client may not exchange tokens")
    if form.get("requested_token_type", ACCESS_TOKEN) not in TAKEN:
        raise OAuthError("invalid_request", "requested_token_type is none that is issued here")
    if form.get("requested_token_type") == JWT and not server.access_recipe.is_jwt:
        raise OAuthError("invalid_request", "tokens of this server are no JWTs")
    subject = _usable(server, form, "subject")
    if ("actor_token" in form) != ("actor_token_type" in form):
        raise OAuthError("invalid_request", "actor_token and actor_token_type belong together")
    actor = _usable(server, form, "actor") if "actor_token" in form else None
    aud = _audience(server, client, targets)
    scope = _scope(server, form, subject)
    grant = server.tokens.open_grant(client.client_id, subject.grant.sub, subject.grant.username, scope)
    left = subject.exp - int(server.now())
    longest = server.access_recipe.lifetime_seconds
    recipe = replace(server.access_recipe, lifetime_seconds=min(longest, left) if left > 0 else longest)
    issued = server.tokens.issue(recipe, grant, scope, aud, _claims(server, subject, actor) | confirmation(client))
    answer = {
        "access_token": issued.text,
        "issued_token_type": ACCESS_TOKEN,
        "token_type": issued.token_type,
        "expires_in": issued.exp - issued.iat,
    }
    return answer | ({"scope": " ".join(scope)} if scope else {})


def _usable(server: Provider, form: Parameters, role: str) -> Record:
    """A live access token of this server. Section 2.2.2: for any other `invalid_request`."""
    text, kind = needed(form, f"{role}_token"), needed(form, f"{role}_token_type")
    if kind not in TAKEN:
        raise OAuthError("invalid_request", f"{role}_token_type is none that is taken here")
    record = server.tokens.find(text)
    if record is not None and kind == JWT and not record.is_jwt:
        raise OAuthError("invalid_request", f"the {role} token is no JWT")
    username = record.grant.username if record is not None else None
    user = server.users.known(username) if username is not None else None
    if (
        record is None
        or record.kind != "access_token"
        or not server.tokens.is_live(record)
        or (user is not None and user.is_disabled)
    ):
        server.allows.refuse("exchange_subject_invalid", OAuthError("invalid_request", f"the {role} token is not good"))
    if record is None:
        raise OAuthError("invalid_request", f"the {role} token is not good")
    return record


def _audience(server: Provider, client: Client, targets: list[str]) -> str | list[str]:
    wanted = list(dict.fromkeys(targets)) or list(client.exchange[:1])
    if not set(wanted) <= set(client.exchange):
        # Section 2.2.2: an unacceptable target.
        problem = OAuthError("invalid_target", "the client may not have tokens for this target")
        server.allows.refuse("exchange_target_forbidden", problem)
    return wanted[0] if len(wanted) == 1 else wanted


def _scope(server: Provider, form: Parameters, subject: Record) -> tuple[str, ...]:
    words = oauth.scope_words(form.get("scope", ""))
    problem = OAuthError("invalid_scope", "the scope is wider than the subject token's, or malformed")
    if words is None:
        raise problem
    if not set(words) <= set(subject.scope):
        server.allows.refuse("exchange_upscope", problem)
    return words or subject.scope


def _claims(server: Provider, subject: Record, actor: Record | None) -> dict[str, Any]:
    """Section 4: with an actor `act` names who acts, and inside it who acted before; without one it stays."""
    # The key of the one who had the token is not that of the one who gets the next.
    extra = {name: value for name, value in subject.extra.items() if name != "cnf"}
    if actor is None:
        return extra
    may_act = extra.get("may_act")
    if isinstance(may_act, dict) and may_act.get("sub") != actor.grant.sub:
        # Section 4.4.
        server.allows.refuse(
            "exchange_actor_rules", OAuthError("invalid_request", "the actor may not act for this user")
        )
    act: dict[str, Any] = {"sub": actor.grant.sub}
    return extra | {"act": act | ({"act": extra["act"]} if "act" in extra else {})}
