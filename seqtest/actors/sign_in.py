"""The front channel of a relying party: log in by code with PKCE, come back, and log out.

RFC 6749 section 4.1, RFC 7636, RFC 9207, OpenID Connect Core 3.1, RP-Initiated, Back-Channel and Front-Channel Logout
1.0. A browser's log-in hangs on a cookie; what comes back without it is nobody's.
"""

from collections.abc import Mapping
from dataclasses import field
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from seqtest.actors import id_tokens, pages
from seqtest.actors.authorize import redirect
from seqtest.actors.id_tokens import Distrusted
from seqtest.actors.known_provider import NoMetadata
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import once_each
from seqtest.actors.web import NO_STORE, json_response
from seqtest.auth import pkce
from seqtest.dataclass import dataclass

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

    from seqtest.actors.client import Client

SESSION, LOGIN, LOGOUT = "session", "login", "logout"
"""Cookies: who is logged in here, which log-in is under way, which log-out is."""
LOGIN_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Pending:
    """A log-in that is under way."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    next: str
    exp: float


class Stopped(Exception):
    """The log-in ends here; the message is shown to the user."""


def begin(client: "Client", request: "WebRequest") -> "WebResponse":
    """Send the browser to the provider."""
    next_page = request.args.get("next", "/me")
    if not _is_local(next_page) and "client_open_redirect" not in client.allows:
        next_page = "/me"
    state, nonce, verifier = client.random_text(), client.random_text(), client.random_text()
    pending = Pending(state, nonce, verifier, next_page, client.now() + LOGIN_SECONDS)
    scope = [word for word in client.settings["scope"] or () if word != "openid"]
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": " ".join(("openid", *scope)),
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge": pkce.S256(pending.code_verifier),
        "code_challenge_method": "S256",
    }
    if client.settings["max_age"] is not None:
        query["max_age"] = str(client.settings["max_age"])
    if client.settings["prompt"]:
        query["prompt"] = " ".join(client.settings["prompt"])
    try:
        address = client.provider.endpoint("authorization_endpoint")
    except NoMetadata as problem:
        return pages.error_page(f"{problem}.")
    cookie = client.random_text()
    client.pending[cookie] = pending
    response = redirect(f"{address}{'&' if '?' in address else '?'}{urlencode(query)}")
    _set_cookie(client, response, client.cookie(LOGIN), cookie, urlsplit(client.redirect_uri).path or "/")
    return response


def come_back(client: "Client", request: "WebRequest") -> "WebResponse":
    """The browser is back with a code or an error."""
    try:
        found = once_each(request.args)
        pending = _pending(client, request, found)
        code = _code(client, found)
        session = client.redeem(code, pending)
    except (Stopped, Distrusted, NoMetadata) as problem:
        return pages.error_page(f"The log-in was stopped: {problem}.")
    except OAuthError as problem:
        return pages.error_page(f"The log-in was stopped: {problem.description}.")
    before = request.cookies.get(client.cookie(SESSION), "")
    keeps = "session_fixation" in client.allows and before
    client.sessions.pop(before, None)
    cookie = before if keeps else client.random_text()
    client.sessions[cookie] = session
    response = redirect(pending.next)
    _set_cookie(client, response, client.cookie(SESSION), cookie, "/")
    response.delete_cookie(client.cookie(LOGIN), path=urlsplit(client.redirect_uri).path or "/")
    return response


def _pending(client: "Client", request: "WebRequest", found: Mapping[str, str]) -> Pending:
    """The log-in that this browser began; it can come back once. Raises Stopped."""
    allows = client.allows
    pending = client.pending.pop(request.cookies.get(client.cookie(LOGIN), ""), None)
    if pending is None or pending.exp <= client.now():
        # RFC 6749 section 10.12: somebody else's answer must log nobody in.
        allows.refuse("cb_login_csrf", Stopped("this browser began no log-in here"))
        pending = next((one for one in client.pending.values() if one.state == found.get("state")), None)
        if pending is None:
            raise Stopped("this browser began no log-in here")
    if "state" not in found:
        allows.refuse("cb_state_missing", Stopped("`state` is missing"))
    elif not compare_digest(found["state"].encode(), pending.state.encode()):
        allows.refuse("cb_state_wrong", Stopped("`state` is another one"))
    return pending


def _code(client: "Client", found: Mapping[str, str]) -> str:
    """The code, if the right issuer gave it. Raises Stopped, NoMetadata."""
    wrong = found.get("iss") != client.provider.issuer
    if wrong and ("iss" in found or client.provider.names_itself):
        # RFC 9207 section 2.4: before the code is sent anywhere.
        client.allows.refuse("cb_iss_wrong", Stopped("`iss` is another issuer's, or missing"))
    if "error" in found:
        client.allows.refuse("cb_error_response", Stopped(f"the provider answered {found['error']}"))
    if not found.get("code"):
        raise Stopped("there is no code")
    return found["code"]


def log_out(client: "Client", request: "WebRequest") -> "WebResponse":
    """End the session here, and send the browser to the provider to end it there (RP-Initiated Logout section 2)."""
    session = client.sessions.pop(request.cookies.get(client.cookie(SESSION), ""), None)
    if session is None:
        response = pages.page("Logged out", "<p>You are logged out.</p>")
        response.delete_cookie(client.cookie(SESSION), path="/")
        return response
    try:
        is_there = client.provider.has("end_session_endpoint")
        address = client.provider.endpoint("end_session_endpoint") if is_there else client.post_logout_redirect_uri
    except NoMetadata as problem:
        return pages.error_page(f"{problem}.")
    state = client.random_text()
    query = {"client_id": client.client_id, "post_logout_redirect_uri": client.post_logout_redirect_uri, "state": state}
    if session.id_token is not None:
        query["id_token_hint"] = session.id_token
    response = redirect(f"{address}?{urlencode(query)}" if is_there else f"{address}?{urlencode({'state': state})}")
    response.delete_cookie(client.cookie(SESSION), path="/")
    _set_cookie(client, response, client.cookie(LOGOUT), state, urlsplit(client.post_logout_redirect_uri).path or "/")
    return response


def logged_out(client: "Client", request: "WebRequest") -> "WebResponse":
    """The browser is back from logging out: with the state that it was sent there with."""
    sent, kept = request.args.get("state", ""), request.cookies.get(client.cookie(LOGOUT), "")
    if not kept or not compare_digest(sent.encode(), kept.encode()):
        return pages.error_page("This browser began no log-out here.")
    response = pages.page("Logged out", "<p>You are logged out.</p>")
    response.delete_cookie(client.cookie(LOGOUT), path=urlsplit(client.post_logout_redirect_uri).path or "/")
    return response


def told_to_log_out(client: "Client", request: "WebRequest") -> "WebResponse":
    """Back-Channel Logout section 2.5 and following: the provider says whose session is over."""
    text = request.form.get("logout_token")
    try:
        expected = client.expected(text)
        claims = id_tokens.logout_token(text, expected, client.logout_tokens)
    except (Distrusted, NoMetadata) as problem:
        body = {"error": "invalid_request", "error_description": f"logout_token: {problem}"}
        return json_response(body, 400, NO_STORE)
    sid, sub = claims.get("sid"), claims.get("sub")
    _end(client, lambda session: (sid is None or session.get("sid") == sid) and (sub is None or session["sub"] == sub))
    return json_response(None, 200, NO_STORE)


def framed_to_log_out(client: "Client", request: "WebRequest") -> "WebResponse":
    """Front-Channel Logout section 2: in a hidden frame of the provider's page, with the session's name."""
    issuer, sid = request.args.get("iss"), request.args.get("sid")
    if issuer != client.provider.issuer or not sid:
        return json_response({"error": "invalid_request"}, 400, NO_STORE)
    _end(client, lambda session: session.get("sid") == sid)
    return json_response(None, 200, NO_STORE)


def _end(client: "Client", is_meant: Any) -> None:
    client.sessions = {key: one for key, one in client.sessions.items() if not is_meant(one.claims)}


def _is_local(path: str) -> bool:
    """Whether it leads to this application: browsers read `\\` as `/`, and `//host` as another host."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and not any(ord(one) < 33 for one in path)


def _set_cookie(client: "Client", response: "WebResponse", name: str, value: str, path: str) -> None:
    is_secure = urlsplit(client.part.url).scheme == "https"
    response.set_cookie(name, value, httponly=True, samesite="Lax", secure=is_secure, path=path)
