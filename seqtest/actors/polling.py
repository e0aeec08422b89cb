"""Requests whose user answers elsewhere while the client asks again (RFC 8628 section 3.5, CIBA section 11)."""

from typing import Any

from seqtest.actors.grants import check_is_open, respond
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import Parameters
from seqtest.actors.provider import Provider, Waiting
from seqtest.actors.registered_client import Client

SLOWER = 5
"""Seconds that each `slow_down` adds to the interval."""


def answer(server: Provider, waiting: Waiting, form: Parameters) -> bool:
    """What the user says, with his name and password; False when they are wrong."""
    login = form.get("login", "")
    user = None if server.throttle.wait("user", login) else server.users.find(login)
    is_right = server.users.check_password(user, form.get("password", ""))
    (server.throttle.succeeded if is_right else server.throttle.failed)("user", login)
    if not is_right or user is None or user.is_disabled or waiting.username not in (None, user.username):
        return False
    if form.get("consent") == "allow":
        now = int(server.now())
        waiting.grant = server.tokens.open_grant(waiting.client_id, user.sub, user.username, waiting.scope, now)
    else:
        waiting.is_denied = True
    return True


def poll(
    server: Provider, client: Client, waiting: Waiting | None, resources: list[str], *, what: str
) -> dict[str, Any]:
    """The token response to the client of an approved request, which is used up. Raises OAuthError."""
    now, allows = server.now(), server.allows
    if waiting is None:
        raise OAuthError("invalid_grant", f"the {what} is unknown")
    if waiting.client_id != client.client_id:
        allows.refuse("device_code_other_client", OAuthError("invalid_grant", f"the {what} is another client's"))
    if waiting.is_used:
        allows.refuse("device_code_replay", OAuthError("invalid_grant", f"the {what} was used before"))
    if now >= waiting.exp:
        raise OAuthError("expired_token", f"the {what} has expired")
    is_too_fast = waiting.asked_at is not None and now < waiting.asked_at + waiting.interval
    waiting.asked_at = now
    if is_too_fast and "device_poll_too_fast" not in allows:
        waiting.interval += SLOWER
        raise OAuthError("slow_down", "the client asks too often")
    if waiting.is_denied:
        raise OAuthError("access_denied", "the user said no")
    if waiting.grant is None:
        raise OAuthError("authorization_pending", "the user has not answered yet")
    check_is_open(waiting.grant)
    waiting.is_used = True
    waiting.grant.resources = tuple(resources)
    return respond(
        server,
        client,
        waiting.grant,
        waiting.scope,
        resources,
        with_refresh_token=server.issues_refresh_tokens,
        with_id_token="openid" in waiting.scope,
    )
