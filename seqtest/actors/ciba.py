"""Client-initiated backchannel authentication (OpenID Connect CIBA Core 1.0), poll mode: the client names a user, the
user answers on a device of his own, and the client asks until he has.
"""

from html import escape
from typing import TYPE_CHECKING, Any

from seqtest.actors import openid, pages
from seqtest.actors.grants import asked_scope
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import Parameters, credentials, needed, once_each, read_form
from seqtest.actors.polling import answer, poll
from seqtest.actors.provider import Provider, Waiting
from seqtest.actors.registered_client import Client
from seqtest.actors.users import User
from seqtest.actors.web import NO_STORE, json_response
from seqtest.auth import jwt

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

GRANT_TYPE = "urn:openid:params:grant-type:ciba"
HINTS = ("login_hint", "id_token_hint", "login_hint_token")
MESSAGE_LENGTH = 64
"""Characters of a binding message, which must fit on two screens (section 7.1)."""


def authenticate(server: Provider, request: "WebRequest") -> "WebResponse":
    """The backchannel authentication endpoint (section 7). Raises OAuthError."""
    form = read_form(request, server.allows)
    client = server.clients.authenticate(
        credentials(request, form), server.addresses_as_audience("backchannel_authentication")
    )
    if client.is_public or not server.grant_types.may_use(client, GRANT_TYPE):
        raise OAuthError("unauthorized_client", "the client may not authenticate users over the back channel")
    if "request" in form:
        raise OAuthError("invalid_request", "signed authentication requests are not supported")
    if "openid" not in needed(form, "scope").split(" "):
        raise OAuthError("invalid_scope", "the scope must contain openid")
    scope = asked_scope(server, client, form)
    user = _hinted(server, client, form)
    message = form.get("binding_message", "")
    if len(message) > MESSAGE_LENGTH or not message.isprintable():
        raise OAuthError("invalid_binding_message", "the binding message is too long, or cannot be shown")
    lifetime, interval = _lifetime(server, form), server.settings["ciba.interval"]
    name = server.tokens.random_text()
    server.backchannel[name] = Waiting(
        client.client_id, scope, server.now() + lifetime, interval, username=user.username, message=message
    )
    return json_response({"auth_req_id": name, "expires_in": lifetime, "interval": interval}, 200, NO_STORE)


def _hinted(server: Provider, client: Client, form: Parameters) -> User:
    """Section 7.1: exactly one hint. Raises OAuthError."""
    given = [name for name in HINTS if name in form]
    if len(given) != 1:
        raise OAuthError("invalid_request", f"there must be exactly one of {', '.join(HINTS)}")
    if given[0] == "login_hint_token":
        raise OAuthError("invalid_request", "login_hint_token is not supported")
    user = server.users.find(form["login_hint"]) if given[0] == "login_hint" else None
    if given[0] == "id_token_hint":
        try:
            owner, claims = openid.read_hint(server, form["id_token_hint"])
        except jwt.TokenError:
            raise OAuthError("invalid_request", "the id_token_hint is not one of this provider's") from None
        if owner.client_id != client.client_id:
            raise OAuthError("invalid_request", "the id_token_hint is another client's")
        user = server.users.by_sub(claims["sub"])
    if user is None or user.is_disabled:
        raise OAuthError("unknown_user_id", "nobody is known by that hint")
    return user


def _lifetime(server: Provider, form: Parameters) -> int:
    text, longest = form.get("requested_expiry"), int(server.settings["ciba.lifetime"])
    if text is None:
        return longest
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) == 0:
        raise OAuthError("invalid_request", "requested_expiry is no number of seconds")
    return min(int(text), longest)


def page(server: Provider, request: "WebRequest") -> "WebResponse":
    """What the user's own device shows: he says yes or no to the request with the binding message that he sees."""
    try:
        form = once_each(request.form if request.method == "POST" else request.args)
    except OAuthError as refusal:
        return pages.error_page(refusal.description)
    if request.method != "POST":
        return _form(request.path, form.get("binding_message", ""))
    waiting = _waiting(server, form)
    if waiting is None or not answer(server, waiting, form):
        # One answer for all, so that it tells nobody who is being asked.
        return _form(request.path, form.get("binding_message", ""), "There is nothing to confirm for you.")
    return pages.page("Done", "<p>You can go back to where you came from.</p>")


def _waiting(server: Provider, form: Parameters) -> Waiting | None:
    """The newest request for that user with that message."""
    return next(
        (
            one
            for one in reversed(server.backchannel.values())
            if one.username == form.get("login")
            and one.message == form.get("binding_message", "")
            and server.now() < one.exp
            and one.grant is None
            and not one.is_denied
        ),
        None,
    )


def ciba(server: Provider, client: Client, form: Parameters, resources: list[str]) -> dict[str, Any]:
    """The token request (section 10.1). Raises OAuthError as section 11 has it."""
    name = needed(form, "auth_req_id")
    return poll(server, client, server.backchannel.get(name), resources, what="auth_req_id")


def _form(action: str, message: str, problem: str = "") -> "WebResponse":
    shown = pages.text_field("Message", "binding_message", message, more=' autocomplete="off"').replace(" required", "")
    fields = shown + pages.credentials(is_wrong=bool(problem))
    form = f'<form method="post" action="{escape(action)}">{fields}{pages.CHOICE}</form>'
    return pages.page("Is this you?", pages.problem_text(problem) + form, 400 if problem else 200)
