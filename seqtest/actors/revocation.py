"""Token revocation (RFC 7009)."""

from typing import TYPE_CHECKING

from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import Parameters, credentials, needed, read_form
from seqtest.actors.provider import Provider
from seqtest.actors.registered_client import Client
from seqtest.actors.tokens import Record
from seqtest.actors.web import NO_STORE, json_response

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse


def revoke(server: Provider, request: "WebRequest") -> "WebResponse":
    """RFC 7009: 200 for each well-formed request, also about a token that nobody knows."""
    form = read_form(request, server.allows)
    client = _caller(server, request, form)
    record = server.tokens.find(needed(form, "token"))
    hint = form.get("token_type_hint", "")
    if record is not None and "revoke_hint_wrong" in server.allows and hint not in ("", record.kind):
        record = None
    if record is not None:
        if client is not None and record.grant.client_id != client.client_id:
            # Section 2.1: the request is refused, and the client is told.
            server.allows.refuse(
                "revoke_foreign_token", OAuthError("invalid_grant", "the token was issued to another client")
            )
        if "revoke_no_effect" not in server.allows:
            _revoke(server, record)
    return json_response(None, 200, NO_STORE)


def _caller(server: Provider, request: "WebRequest", form: Parameters) -> Client | None:
    """Who asks; None for somebody whom a switch lets in. Raises OAuthError."""
    try:
        return server.clients.authenticate(credentials(request, form))
    except OAuthError as refusal:
        server.allows.refuse("revoke_unauthenticated", refusal)
        return None


def _revoke(server: Provider, record: Record) -> None:
    """Section 2.1: with a refresh token go the access tokens of its grant; an access token goes alone."""
    if record.kind == "refresh_token":
        if server.tokens.is_live(record):
            server.tokens.revoke_grant(record.grant)
    else:
        server.tokens.revoke(record)
