"""Token introspection: as JSON (RFC 7662), or as a signed JWT where that is asked for (RFC 9701)."""

from typing import TYPE_CHECKING, Any

from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import credentials, needed, read_form
from seqtest.actors.provider import Provider
from seqtest.actors.registered_client import Client
from seqtest.actors.tokens import Record
from seqtest.actors.web import NO_STORE, json_response
from seqtest.auth import jwt
from seqtest.auth.keys import ALGORITHMS

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse


MEDIA_TYPE = "application/token-introspection+jwt"


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
    is_active = record is not None and _is_active(server, record, client)
    answer = {"active": True, **record.fields(server.issuer)} if record is not None and is_active else {"active": False}
    if request.accept_mimetypes.best_match(["application/json", MEDIA_TYPE]) == MEDIA_TYPE and algorithms(server):
        return _signed(server, client, answer)
    return json_response(answer, 200, NO_STORE)


def algorithms(server: Provider) -> tuple[str, ...]:
    """What signs answers: the first published key that others can verify with; empty where all are shared secrets."""
    return tuple(alg for alg in server.keyring.algs() if not ALGORITHMS[alg].is_symmetric)[:1]


def _signed(server: Provider, client: Client, answer: dict[str, Any]) -> "WebResponse":
    """RFC 9701 section 5: neither `sub` nor `exp` stands at the top, so that it passes for no access token."""
    from werkzeug.wrappers import Response as WebResponse

    claims = {
        "iss": server.issuer,
        "aud": client.client_id,
        "iat": int(server.now()),
        "token_introspection": answer,
    }
    text = jwt.sign({"typ": "token-introspection+jwt"}, claims, server.signing_key(algorithms(server)[0]))
    return WebResponse(text, 200, NO_STORE, mimetype=MEDIA_TYPE)


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
