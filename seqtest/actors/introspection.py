"""Token introspection (RFC 7662)."""

from typing import TYPE_CHECKING

from seqtest.actors.clients import Client
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import credentials, needed, read_form
from seqtest.actors.provider import Provider
from seqtest.actors.tokens import Record
from seqtest.actors.web import NO_STORE, json_response

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse


def introspect(server: Provider, request: "WebRequest") -> "WebResponse":
    """RFC 7662: what is known of a live token; of any other nothing but that it is not active."""
    form = read_form(request, server.allows)
    client = server.clients.authenticate(credentials(request, form))
    if client.is_public:
        # Section 2.1: the endpoint must ask for authorization, against token scanning.
        server.allows.refuse(
            "introspect_unauthenticated", OAuthError("invalid_client", "introspection needs client authentication")
        )
    record = server.tokens.find(needed(form, "token"))
    if record is None or not _is_active(server, record, client):
        return json_response({"active": False}, 200, NO_STORE)
    return json_response({"active": True, **record.fields(server.issuer)}, 200, NO_STORE)


def _is_active(server: Provider, record: Record, client: Client) -> bool:
    if "introspect_dead_token" in server.allows:
        return True
    if not server.tokens.is_live(record) or record.is_told:
        return False
    username = record.grant.username
    user = server.users.known(username) if username is not None else None
    if user is not None and user.is_disabled:
        return False
    if record.kind == "refresh_token":
        # A refresh token is no business of a resource server: told "active" it might let it in.
        return record.grant.client_id == client.client_id
    audience = [record.aud] if isinstance(record.aud, str) else record.aud
    is_for_it = not client.audience or any(name in client.audience for name in audience)
    return is_for_it or "introspect_foreign" in server.allows
