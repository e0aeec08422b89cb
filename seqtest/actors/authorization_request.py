"""The authorization request, read and held against its client's registration (RFC 6749 section 4.1.1, RFC 7636)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from seqtest.actors import claims_request, openid, request_object
from seqtest.actors.allowances import NOTHING, Allowed
from seqtest.actors.claims_request import ClaimsRequest
from seqtest.actors.codes import Wanted
from seqtest.actors.grants import asked_scope, audience_of
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.provider import Provider
from seqtest.actors.registered_client import Client
from seqtest.auth import pkce
from seqtest.auth.jwt import TokenError

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict


PROMPTS = frozenset(("none", "login", "consent", "select_account"))
"""OpenID Connect Core section 3.1.2.1."""


class GoBack(Exception):
    """Refuse by sending the browser back to the client with an error (RFC 6749 section 4.1.2.1)."""

    def __init__(self, code: str, redirect_uri: str, state: str | None, description: str = "") -> None:
        super().__init__(code)
        self.parameters = {"error": code, **({"error_description": description} if description else {})}
        self.redirect_uri = redirect_uri
        self.state = state


class Stop(Exception):
    """Refuse on a page of our own."""


def read_parameters(server: Provider, values: "MultiDict[str, str]") -> Wanted:
    """The parameters. Raises Stop while it is not known whom to send the browser back to, then GoBack."""
    is_fetched = "request_uri" in values and "request" not in values and "request_uri_ssrf" in server.allows
    is_signed = "request" in values or is_fetched
    if is_signed:
        try:
            values = request_object.opened(server, request_object.fetched(server, values) if is_fetched else values)
        except request_object.BadRequestObject as problem:
            raise _bad_object(server, values, problem) from None
    repeated = [name for name, texts in values.lists() if len(texts) > 1 and name != "resource"]
    found = {name: text for name, text in values.items() if text != ""}
    if {"client_id", "redirect_uri"} & set(repeated):
        raise Stop("The request names its client more than once.")
    client, sent = server.clients.get(found.get("client_id", "")), found.get("redirect_uri")
    if client is None or "client_id" not in found:
        raise Stop("The request comes from an unknown client.")
    if "authz_client_unknown" in server.allows and sent is not None and not client.redirect_uris:
        client = replace(client, redirect_uris=(sent,))
    redirect_uri = registered_address(client, sent, server.allows)
    state = found.get("state") if "state" not in repeated else None

    def refuse(code: str, description: str = "") -> GoBack:
        return GoBack(code, redirect_uri, state, description)

    if repeated and "authz_params_duplicate" not in server.allows:
        raise refuse("invalid_request", f"the parameter {repeated[0]} is there more than once")
    if "request_uri" in found:
        # RFC 9101 section 10.4: an address of somebody's choice is not fetched; pushed requests come in another way.
        raise refuse("request_uri_not_supported")
    if not is_signed and (client.require_signed_request_object or server.settings["request_object"] == "required"):
        raise refuse("invalid_request", "the request must be a signed request object")
    if found.get("response_type") != "code" and "authz_response_type" not in server.allows:
        raise refuse("unsupported_response_type" if "response_type" in found else "invalid_request")
    if found.get("response_mode", "query") != "query":
        raise refuse("invalid_request", "response_mode must be query")
    if not server.grant_types.may_use(client, "authorization_code"):
        raise refuse("unauthorized_client")
    challenge, method = _challenge(server, client, found, refuse)
    try:
        scope = asked_scope(server, client, found)
        audience_of(server, values.getlist("resource"))
    except OAuthError as error:
        raise refuse(error.code.name, error.description) from None
    if "openid" in scope and sent is None:
        # Core section 3.1.2.1: there redirect_uri is required.
        raise refuse("invalid_request", "redirect_uri is missing")
    claims = _claims(server, found, refuse)
    return Wanted(
        client, redirect_uri, sent, scope, tuple(values.getlist("resource")), state, found.get("nonce"), challenge,
        method,
        _prompt(found, refuse), _max_age(found, refuse), found.get("login_hint", ""),
        claims, _subs(server, client, claims, found.get("id_token_hint"), refuse),
        found.get("dpop_jkt"),
    )  # fmt: skip


def _bad_object(server: Provider, values: "MultiDict[str, str]", problem: request_object.BadRequestObject) -> Exception:
    """RFC 9101 section 7: told to the client where what stands beside the object says where that is."""
    client = server.clients.get(values.get("client_id", ""))
    try:
        if client is not None and len(values.getlist("redirect_uri")) < 2:
            address = registered_address(client, values.get("redirect_uri") or None, server.allows)
            return GoBack(problem.code, address, values.get("state"), str(problem))
    except Stop:
        pass
    return Stop(f"The request object cannot be used: {problem}.")


def _challenge(server: Provider, client: Client, found: Mapping[str, str], refuse: Any) -> tuple[str | None, str]:
    """The challenge and its method; S256 where there is none."""
    challenge = found.get("code_challenge")
    if challenge is None:
        # RFC 9700 section 2.1.1: public clients always, others unless the drawing says otherwise.
        if client.is_public or server.settings["pkce"] == "required" or "code_challenge_method" in found:
            server.allows.refuse("pkce_challenge_missing", refuse("invalid_request", "code_challenge is missing"))
        return None, "S256"
    method = found.get("code_challenge_method", "plain")
    if method != "S256":
        problem = refuse("invalid_request", "code_challenge_method must be S256")
        server.allows.refuse("pkce_plain_downgrade" if method == "plain" else "pkce_method_unknown", problem)
        method = "plain"
    elif not pkce.is_code_challenge(challenge):
        raise refuse("invalid_request", "code_challenge is no SHA-256 in base64url without padding")
    return challenge, method


def _prompt(found: Mapping[str, str], refuse: Any) -> frozenset[str]:
    prompt = frozenset(found.get("prompt", "").split())
    if "none" in prompt and len(prompt) > 1:
        raise refuse("invalid_request", "prompt=none must stand alone")
    unknown = sorted(prompt - PROMPTS)
    if unknown:
        raise refuse("invalid_request", f"prompt must not be {unknown[0]}")
    return prompt


def _max_age(found: Mapping[str, str], refuse: Any) -> int | None:
    text = found.get("max_age")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        raise refuse("invalid_request", "max_age is no number of seconds")
    return int(text)


def _claims(server: Provider, found: Mapping[str, str], refuse: Any) -> ClaimsRequest:
    """Core section 5.5. An essential `acr` that nobody here can have fails the request (section 5.5.1.1)."""
    try:
        claims = claims_request.read(found["claims"]) if "claims" in found else ClaimsRequest()
    except claims_request.BadClaimsRequest as problem:
        raise refuse("invalid_request", str(problem)) from None
    if claims.acrs and server.settings["acr"] not in claims.acrs:
        raise refuse("unmet_authentication_requirements", "nobody can log in here as surely as acr asks for")
    return claims


def _subs(server: Provider, client: Client, claims: ClaimsRequest, hint: str | None, refuse: Any) -> tuple[str, ...]:
    """Who may log in: Core section 3.1.2.1, `id_token_hint`, and section 5.5.1, a value of `sub`."""
    if hint is None:
        return claims.subs
    try:
        owner, hinted = openid.read_hint(server, hint)
    except TokenError:
        raise refuse("invalid_request", "the id_token_hint is not one of this provider's") from None
    if owner.client_id != client.client_id:
        raise refuse("invalid_request", "the id_token_hint is another client's")
    if claims.subs and hinted["sub"] not in claims.subs:
        raise refuse("invalid_request", "id_token_hint and claims name different users")
    return (hinted["sub"],)


def registered_address(client: Client, sent: str | None, allows: Allowed = NOTHING) -> str:
    """Where to send the browser back to (RFC 9700 section 4.1.3: compared character by character). Raises Stop."""
    if sent is None:
        if len(client.redirect_uris) != 1:
            problem = Stop("The request does not say where to go back to.")
            if not client.redirect_uris:
                raise problem
            allows.refuse("redirect_uri_missing", problem)
        return client.redirect_uris[0]
    if any(sent == known or _is_same_loopback(known, sent) for known in client.redirect_uris):
        return sent
    if not ("redirect_uri_prefix" in allows and sent.startswith(client.redirect_uris)):
        allows.refuse(
            "redirect_uri_mismatch",
            Stop("The address to go back to is not one that is registered for this client."),
        )
    return sent


def _is_same_loopback(known: str, sent: str) -> bool:
    """RFC 8252 section 7.3: on the loopback address of a native app any port will do."""
    first, second = urlsplit(known), urlsplit(sent)
    try:
        second.port  # noqa: B018  # raises for what is no port
    except ValueError:
        return False
    is_loopback = first.scheme == "http" and first.hostname in ("127.0.0.1", "::1")
    return (
        is_loopback
        and "@" not in second.netloc
        and (
            (first.scheme, first.hostname, first.path, first.query, first.fragment)
            == (second.scheme, second.hostname, second.path, second.query, second.fragment)
        )
    )
