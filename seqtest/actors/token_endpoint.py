"""The token endpoint (RFC 6749 section 3.2): who asks, for what grant, and the table of grants."""

from typing import TYPE_CHECKING

from seqtest.actors import certificates, ciba, device, grants, token_exchange
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import credentials, needed, read_form
from seqtest.actors.proofs import proven_key
from seqtest.actors.provider import Provider
from seqtest.actors.registered_client import Client
from seqtest.actors.web import NO_STORE, json_response
from seqtest.dataclass import replace

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

GRANTS = {
    **grants.GRANTS,
    device.GRANT_TYPE: device.device_code,
    ciba.GRANT_TYPE: ciba.ciba,
    token_exchange.GRANT_TYPE: token_exchange.token_exchange,
}
"""Grant type → what answers it."""


def token(server: Provider, request: "WebRequest") -> "WebResponse":
    """RFC 6749 section 3.2."""
    form = read_form(request, server.allows)
    client = _with_key(server, request, server.clients.authenticate(credentials(request, form)))
    grant_type = needed(form, "grant_type")
    refusal = server.grant_types.refusal(client, grant_type)
    if refusal is not None:
        if grant_type not in GRANTS or grant_type not in server.grant_types.supported:
            raise refusal
        server.allows.refuse("grant_type_confusion", refusal)
    headers = {} if "response_cacheable" in server.allows else NO_STORE
    targets = request.form.getlist("resource")
    if grant_type == token_exchange.GRANT_TYPE:
        targets += request.form.getlist("audience")
    return json_response(GRANTS[grant_type](server, client, form, targets), 200, headers)


def _with_key(server: Provider, request: "WebRequest", client: Client) -> Client:
    """The client with the key that it proves to hold (RFC 9449 section 5), and its certificate. Raises OAuthError."""
    jkt = proven_key(request, server.proofs)
    if jkt is None and server.settings["dpop"] == "required":
        server.allows.refuse("dpop_proof_missing", OAuthError("invalid_dpop_proof", "there is no DPoP proof"))
    x5t = certificates.x5t(request)
    if client.tls_client_certificate_bound_access_tokens and x5t is None:
        # RFC 8705 section 3.4.
        raise OAuthError("invalid_request", "the client's tokens are bound to a certificate, and there is none")
    return client if jkt is None and x5t is None else replace(client, jkt=jkt, x5t=x5t)
