"""Scripts of other origins at an authorization server: clients that run in a browser ask it with `fetch`.

Which endpoints they need, and whose scripts: those of the registered clients (RFC 9700 section 2.6, OAuth 2.0 for
Browser-Based Applications). The authorization endpoint is a page to go to, and no script's.
"""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from seqtest.actors.cors import origin_of
from seqtest.actors.provider import Provider
from seqtest.actors.web import json_response

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

PUBLIC = frozenset({"metadata", "jwks"})
"""What anybody may read."""
OF_CLIENTS = frozenset(
    {"token", "revocation", "userinfo", "pushed_request", "device_authorization", "registration", "registered_client"}
)
FIELDS = "Authorization, Content-Type, DPoP"
EXPOSED = ("WWW-Authenticate", "DPoP-Nonce")
VARY = "Origin"


def preflight(server: Provider, endpoint: str, methods: str, request: "WebRequest") -> "WebResponse":
    """The answer to a browser that asks whether a script may call (the Fetch standard, "CORS-preflight fetch")."""
    allowed = _allowed(server, endpoint, request.headers["Origin"])
    if allowed is None:
        return json_response({"error": "cors"}, 403, {"Vary": VARY})
    return json_response(
        None,
        204,
        {
            "Access-Control-Allow-Origin": allowed,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": FIELDS,
            "Access-Control-Max-Age": "600",
            "Vary": VARY,
        },
    )


def dress(server: Provider, endpoint: str, request: "WebRequest", answer: "WebResponse") -> None:
    """Let the script read the answer, a refusal too; never with cookies."""
    allowed = _allowed(server, endpoint, request.headers["Origin"])
    if endpoint in OF_CLIENTS:
        answer.vary.add(VARY)
    if allowed is None:
        return
    answer.headers["Access-Control-Allow-Origin"] = allowed
    exposed = [name for name in EXPOSED if name in answer.headers]
    if exposed:
        answer.headers["Access-Control-Expose-Headers"] = ", ".join(exposed)


def _allowed(server: Provider, endpoint: str, origin: str) -> str | None:
    """What `Access-Control-Allow-Origin` says; None where nothing is allowed."""
    if endpoint in PUBLIC or (endpoint in OF_CLIENTS and server.clients.is_open):
        return "*"
    if endpoint not in OF_CLIENTS:
        return None
    if origin in (server.settings["cors.origins"] or ()):
        return origin
    uris = (uri for client in server.clients for uri in client.redirect_uris)
    return origin if any(origin_of(uri) == origin or _is_same_loopback(uri, origin) for uri in uris) else None


def _is_same_loopback(uri: str, origin: str) -> bool:
    """RFC 8252 section 7.3: on the loopback address any port will do."""
    known, sent = urlsplit(uri), urlsplit(origin)
    is_loopback = known.scheme == "http" and known.hostname in ("127.0.0.1", "::1")
    return is_loopback and (sent.scheme, sent.hostname) == (known.scheme, known.hostname)
