"""Pushed authorization requests (RFC 9126): the client hands its request in by itself and sends a reference."""

from typing import TYPE_CHECKING

from seqtest.actors.authorization_request import GoBack, Stop, read_parameters
from seqtest.actors.codes import Wanted
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import credentials, read_form
from seqtest.actors.proofs import proven_key
from seqtest.actors.provider import Provider
from seqtest.actors.web import NO_STORE, json_response
from seqtest.auth import oauth
from seqtest.dataclass import replace

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIFETIME = 60
"""Seconds (section 2.2 asks for a short time)."""


def push(server: Provider, request: "WebRequest") -> "WebResponse":
    """The endpoint (section 2). Raises OAuthError; what the front channel would show as a page is one here."""
    from werkzeug.datastructures import MultiDict

    form = read_form(request, server.allows)
    client = server.clients.authenticate(credentials(request, form), server.addresses_as_audience("pushed_request"))
    if "request_uri" in form:
        # Section 2.1.
        problem = OAuthError("invalid_request", "request_uri must not be pushed")
        server.allows.refuse("par_request_uri_inside", problem)
    if form.get("client_id", client.client_id) != client.client_id:
        raise OAuthError("invalid_request", "client_id is another than the one that authenticates")
    if "client_id" not in form and "request" not in form:
        # Section 2: required as in any authorization request; section 3: with a request object it stands in there.
        raise OAuthError("invalid_request", "client_id is missing")
    try:
        values = MultiDict((name, text) for name, text in request.form.items(multi=True) if name != "request_uri")
        values.setdefault("client_id", client.client_id)
        wanted = read_parameters(server, values)
    except Stop as problem:
        raise OAuthError("invalid_request", str(problem)) from None
    except GoBack as problem:
        code = problem.parameters["error"]
        description = problem.parameters.get("error_description", "")
        raise OAuthError(code if code in oauth.ERRORS else "invalid_request", description) from None
    jkt = proven_key(request, server.proofs)
    if jkt is not None and wanted.dpop_jkt not in (None, jkt):
        # RFC 9449 section 10.1.
        raise OAuthError("invalid_dpop_proof", "dpop_jkt is another key than that of the proof")
    wanted = replace(wanted, dpop_jkt=jkt or wanted.dpop_jkt)
    uri = PREFIX + server.tokens.random_text()
    server.pushed[uri] = (wanted, server.now() + LIFETIME)
    return json_response({"request_uri": uri, "expires_in": LIFETIME}, 201, NO_STORE)


def take(server: Provider, uri: str, client_id: str) -> Wanted:
    """The request that was pushed. Section 4: good once, not for long, and for its own client. Raises Stop."""
    wanted, exp = server.pushed.get(uri, (None, 0.0))
    if wanted is None or wanted.client.client_id != client_id or server.now() >= exp:
        raise Stop("The request_uri is unknown, used, expired or another client's.")
    if "request_uri_reuse" not in server.allows:
        del server.pushed[uri]
    return wanted
