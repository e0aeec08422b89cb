"""Logging out at an OpenID provider (RP-Initiated Logout 1.0); `logout_notices` tells the other clients."""

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from seqtest.actors import logout_notices, openid, pages
from seqtest.actors.authorization_request import Stop
from seqtest.actors.authorize import redirect
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import once_each
from seqtest.actors.provider import Provider
from seqtest.auth import jwt
from seqtest.dataclass import dataclass

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse


@dataclass(frozen=True, slots=True)
class Hint:
    """What a good `id_token_hint` says."""

    client_id: str
    sub: str
    sid: str | None


def end_session(server: Provider, request: "WebRequest") -> "WebResponse":
    """The logout endpoint (RP-Initiated Logout sections 2 and 3): what is wrong is shown here, never sent on."""
    try:
        form = once_each(request.form if request.method == "POST" else request.args)
        hint = _hint(server, form)
        target = _target(server, form, hint)
    except Stop as problem:
        return pages.error_page(str(problem))
    except OAuthError as problem:
        return pages.error_page(problem.description)
    session = server.sessions.of(request.cookies.get(server.cookie, ""))
    is_sure = hint is not None and (session is None or session.sub == hint.sub)
    is_confirmed = request.method == "POST" and form.get("confirm") == "yes" and session is not None
    if not is_sure and not is_confirmed and "logout_hint_missing" not in server.allows:
        # Section 2: without a hint the user must be asked, else any page could log him out.
        return _question(request.path, form)
    sid = session.sid if session is not None else hint.sid if hint is not None else None
    frames = _end(server, sid) if sid is not None else []
    state = {"state": form["state"]} if "state" in form and target is not None else {}
    back = f"{target}{('&' if '?' in target else '?') + urlencode(state) if state else ''}" if target else None
    response = redirect(back) if back is not None and not frames else pages.logged_out_page(frames, back)
    response.delete_cookie(server.cookie, path="/")
    return response


def _hint(server: Provider, form: Mapping[str, str]) -> Hint | None:
    """Section 4: an ID token of this provider, also an expired one. Raises Stop for any other."""
    text = form.get("id_token_hint")
    if text is None:
        return None
    try:
        client, claims = openid.read_hint(server, text, "logout_hint_foreign")
    except jwt.TokenError:
        raise Stop("The id_token_hint is not one of this provider's.") from None
    if form.get("client_id", client.client_id) != client.client_id:
        raise Stop("The client_id is another than that of the id_token_hint.")
    sid = claims.get("sid")
    return Hint(client.client_id, claims["sub"], sid if isinstance(sid, str) else None)


def _target(server: Provider, form: Mapping[str, str], hint: Hint | None) -> str | None:
    """Section 3: a registered address, character by character, of the client that is named. Raises Stop."""
    wanted = form.get("post_logout_redirect_uri")
    if wanted is None:
        return None
    # Section 2: without a hint `client_id` says whose address it is, and the user who is asked that it is meant.
    client = server.clients.get(hint.client_id if hint is not None else form.get("client_id", ""))
    if client is None or wanted not in client.post_logout_redirect_uris:
        problem = Stop("The address to go back to is not one that is registered for this client.")
        server.allows.refuse("logout_redirect_mismatch", problem)
    return wanted


def _question(path: str, form: Mapping[str, str]) -> "WebResponse":
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in form.items()
        if name != "confirm"
    )
    button = '<button name="confirm" value="yes">Log out</button>'
    return pages.page("Do you want to log out?", f'<form method="post" action="{escape(path)}">{kept}{button}</form>')


def _end(server: Provider, sid: str) -> list[str]:
    """End the session, revoke its refresh tokens but those for offline access, and tell the clients.

    What comes back are the addresses that the browser must open to tell the others.
    """
    server.sessions.end(sid)
    told: dict[str, str] = {}
    for grant in server.tokens.grants_of_session(sid):
        told[grant.client_id] = grant.sub
        if "offline_access" not in grant.scope:
            # Back-Channel Logout section 2.7.
            server.tokens.revoke_grant(grant, with_access_tokens=False)
    return logout_notices.tell(server, told, sid)
