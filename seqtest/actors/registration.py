"""Dynamic client registration (RFC 7591), and what a client may do with its registration afterwards (RFC 7592)."""

import json
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from seqtest.actors.bearer import Refusal, bearer_token
from seqtest.actors.client_metadata import client_of, read
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.provider import Provider, Registration
from seqtest.actors.web import NO_STORE, json_response

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

OF_THE_SERVER = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)
"""RFC 7592 section 2.2: an update must not have them."""


def register(server: Provider, request: "WebRequest") -> "WebResponse":
    """The registration endpoint (RFC 7591 section 3). Raises OAuthError."""
    if not server.has_registration:
        return json_response({"error": "not_found"}, 404)
    initial = server.settings["registration.token"]
    if initial is not None and "registration_open" not in server.allows:
        try:
            _check(bearer_token(request), initial)
        except Refusal as refusal:
            return refusal.response(server.issuer)
    metadata = read(server, _body(request))
    client_id = server.tokens.random_text(16)
    needs_secret = metadata["token_endpoint_auth_method"].startswith("client_secret")
    held = Registration(
        metadata,
        secret=server.tokens.random_text() if needs_secret else None,
        access_token=server.tokens.random_text(),
        issued_at=int(server.now()),
    )
    _keep(server, client_id, held)
    return _answer(server, client_id, held, 201)


def manage(server: Provider, request: "WebRequest") -> "WebResponse":
    """The client configuration endpoint (RFC 7592 section 2). Raises OAuthError."""
    client_id = request.path.rpartition("/")[2]
    held = server.registrations.get(client_id)
    try:
        # Section 2: of a client that there is not the answer is no other than to a wrong token.
        _check(bearer_token(request), held.access_token if held is not None else None)
    except Refusal as refusal:
        return refusal.response(server.issuer)
    if held is None:
        return json_response({"error": "not_found"}, 404)
    if request.method == "DELETE":
        return _forget(server, client_id)
    if request.method == "PUT":
        held = _replace(server, client_id, held, _body(request))
    return _answer(server, client_id, held, 200)


def _check(token: str, expected: str | None) -> None:
    if not compare_digest(token.encode(), (expected or "").encode()) or expected is None:
        raise Refusal("invalid_token", "the token does not belong to this")


def _body(request: "WebRequest") -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise OAuthError("invalid_client_metadata", "Content-Type must be application/json")
    try:
        found = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise OAuthError("invalid_client_metadata", "the body is no JSON") from None
    if not isinstance(found, dict):
        raise OAuthError("invalid_client_metadata", "the body is no JSON object")
    return found


def _replace(server: Provider, client_id: str, held: Registration, sent: dict[str, Any]) -> Registration:
    """Section 2.2: the whole of the metadata anew, for the same client with the same secret."""
    if any(name in sent for name in OF_THE_SERVER):
        raise OAuthError("invalid_client_metadata", f"an update must have none of {', '.join(OF_THE_SERVER)}")
    if sent.get("client_id") != client_id or sent.get("client_secret", held.secret) != held.secret:
        raise OAuthError("invalid_client_metadata", "client_id and client_secret must be the client's")
    metadata = read(server, sent)
    needs_secret = metadata["token_endpoint_auth_method"].startswith("client_secret")
    secret = (held.secret or server.tokens.random_text()) if needs_secret else None
    changed = Registration(metadata, secret, held.access_token, held.issued_at)
    _keep(server, client_id, changed)
    return changed


def _forget(server: Provider, client_id: str) -> "WebResponse":
    """Section 2.3: the client and all that it was given are no longer good."""
    del server.registrations[client_id]
    server.clients.remove(client_id)
    server.tokens.revoke_client(client_id)
    return json_response(None, 204, NO_STORE)


def _keep(server: Provider, client_id: str, held: Registration) -> None:
    server.registrations[client_id] = held
    server.clients.add(client_of(client_id, held.metadata, held.secret))


def _answer(server: Provider, client_id: str, held: Registration, status: int) -> "WebResponse":
    """RFC 7591 section 3.2.1, RFC 7592 section 3: all that is registered, with what the server made."""
    secret = {"client_secret": held.secret, "client_secret_expires_at": 0} if held.secret is not None else {}
    body = {
        "client_id": client_id,
        "client_id_issued_at": held.issued_at,
        **secret,
        **held.metadata,
        "registration_access_token": held.access_token,
        "registration_client_uri": f"{server.url('registration')}/{client_id}",
    }
    return json_response(body, status, NO_STORE)
