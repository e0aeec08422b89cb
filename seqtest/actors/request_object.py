"""Signed request objects (JAR, RFC 9101): the authorization request as a JWT that its client has signed."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from seqtest.actors.provider import Provider
from seqtest.actors.registered_client import Client, secret_jwk
from seqtest.auth import jwt
from seqtest.auth.keys import ALGORITHMS
from seqtest.exchange import Request, Response

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

TYPES = ("oauth-authz-req+jwt", "jwt")
"""Section 10.8 wants the first; the second is what OpenID Connect's clients write. No `typ` is as good."""
OF_THE_TOKEN = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})
"""Claims about the object itself; all others are parameters."""
NEVER_INSIDE = ("request", "request_uri")
"""Section 4."""


MAX_REDIRECTS = 5


class BadRequestObject(Exception):
    """The object cannot be used; the text says why, without secrets."""

    code = "invalid_request_object"


class BadRequestUri(BadRequestObject):
    """There is no object at the address."""

    code = "invalid_request_uri"


def fetched(server: Provider, values: "MultiDict[str, str]") -> "MultiDict[str, str]":
    """The parameters with the object that is at `request_uri`, wherever that is. Raises BadRequestUri.

    Section 10.4.1 warns of it: whoever sends the browser here chooses whom the server calls. Never without its switch.
    """
    if len(values.getlist("request_uri")) > 1:
        raise BadRequestUri("request_uri is there more than once")
    found = values.copy()
    url = found.pop("request_uri")
    for _ in range(1 + MAX_REDIRECTS):
        answer = _asked(server, url)
        location = answer.headers.get("Location")
        if answer.status not in (301, 302, 303, 307, 308) or location is None:
            break
        url = urljoin(url, location)
    if answer.status != 200:
        raise BadRequestUri("there is no request object at the address")
    found["request"] = answer.body.decode("ascii", "replace").strip()
    return found


def _asked(server: Provider, url: str) -> Response:
    network = server.part.network
    try:
        owner = network.participant(url)
        # Not itself: who redirects back to this very request would have it ask without end.
        answer = None if owner in (None, server.id) else network.call(server.id, str(owner), Request("GET", url))
    except (OSError, ValueError) as problem:
        raise BadRequestUri("nobody answers at the address") from problem
    if not isinstance(answer, Response):
        raise BadRequestUri("nobody is at the address")
    return answer


def opened(server: Provider, values: "MultiDict[str, str]") -> "MultiDict[str, str]":
    """The parameters that the object has: section 6.3, those beside it do not count. Raises BadRequestObject."""
    from werkzeug.datastructures import MultiDict

    client = server.clients.get(values.get("client_id", ""))
    if client is None:
        return values  # whoever reads them refuses it
    if "request_uri" in values:
        raise BadRequestObject("request and request_uri exclude each other")
    try:
        token = jwt.read(values["request"])
        _verify(server, client, token)
        _check_claims(server, client, token)
    except jwt.TokenError as problem:
        raise BadRequestObject(str(problem)) from None
    found: MultiDict[str, str] = MultiDict()
    for name, value in token.claims.items():
        several = value if isinstance(value, list) else [value]
        if not several or None in several:
            raise BadRequestObject(f"`{name}` has no value")
        if name not in OF_THE_TOKEN:
            found.setlist(name, [_text(one) for one in several])
    if "request_uri_param_override" in server.allows:
        for name in values:
            if name != "request":
                found.setlist(name, values.getlist(name))
    found.setdefault("client_id", client.client_id)
    return found


def _verify(server: Provider, client: Client, token: jwt.Token) -> None:
    """Sections 6.1 and 10.1: signed by the client, with the algorithm that it is registered for."""
    keys: list[Mapping[str, Any]] = [*client.signing_keys, *([secret_jwk(client)] if client.secret is not None else [])]
    algorithms = (client.request_object_signing_alg,) if client.request_object_signing_alg else tuple(ALGORITHMS)
    try:
        if not keys:
            raise jwt.TokenError("the client has no key to verify it with")
        jwt.verify(token, keys, algorithms)
    except jwt.TokenError as problem:
        server.allows.refuse("request_object_unsigned", problem)


def _check_claims(server: Provider, client: Client, token: jwt.Token) -> None:
    """Sections 4 and 5. Raises TokenError."""
    claims, now = token.claims, server.now()
    typ = str(token.header.get("typ", "jwt")).lower().removeprefix("application/")
    if typ not in TYPES:
        raise jwt.TokenError("`typ` is no request object's")
    if claims.get("iss", client.client_id) != client.client_id or claims.get("client_id") != client.client_id:
        raise jwt.TokenError("`iss` and `client_id` in it must be the client's")
    audience = claims.get("aud", server.issuer)
    if server.issuer not in (audience if isinstance(audience, list) else [audience]):
        raise jwt.TokenError(f"`aud` must be {server.issuer}")
    jwt.check_times(claims, "exp", "nbf", "iat")
    if claims.get("exp", now + 1) <= now or claims.get("nbf", now) > now:
        raise jwt.TokenError("it has expired, or is not good yet")
    if any(name in claims for name in NEVER_INSIDE):
        raise jwt.TokenError("request and request_uri must not be in it")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
