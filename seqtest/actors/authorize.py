"""The front channel of an authorization server: RFC 6749 section 4.1, RFC 7636, RFC 9207, OpenID Connect Core 3.1.

A request without a session is sent on to `/interaction/<id>`, a page where the user logs in (and consents, where that
is drawn); from there the browser goes back to the client. What is wrong with the client or its address is shown on a
page of our own and never redirected.
"""

from collections.abc import Mapping
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from seqtest.actors import pages, pushed
from seqtest.actors.authorization_request import GoBack, Stop, read_parameters
from seqtest.actors.codes import Code, Interaction, Wanted
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import once_each
from seqtest.actors.provider import Provider
from seqtest.actors.sessions import Session
from seqtest.actors.web import NO_STORE, json_response

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

INTERACTION = "/interaction/"
INTERACTION_COOKIE = "interaction"
INTERACTION_SECONDS = 600


def authorize(server: Provider, request: "WebRequest") -> "WebResponse":
    """The authorization endpoint."""
    try:
        wanted = _read(server, request)
        return _begin(server, request, wanted)
    except Stop as stop:
        return pages.error_page(str(stop))
    except GoBack as refusal:
        return _back(server, refusal.redirect_uri, refusal.state, refusal.parameters)


def _begin(server: Provider, request: "WebRequest", wanted: Wanted) -> "WebResponse":
    now = server.now()
    session = server.sessions.of(request.cookies.get(server.cookie, ""))
    if session is not None and not _is_good(session, wanted, now):
        session = None
    needs_consent = "consent" in wanted.prompt or server.settings["consent"] == "required"
    if "none" in wanted.prompt and (session is None or needs_consent):
        error = "login_required" if session is None else "consent_required"
        raise GoBack(error, wanted.redirect_uri, wanted.state)
    if session is not None and not needs_consent:
        return _grant(server, wanted, session)
    uid, csrf, cookie = (server.tokens.random_text(16) for _ in range(3))
    server.interactions[uid] = Interaction(wanted, now + INTERACTION_SECONDS, csrf, cookie, session)
    response = redirect(INTERACTION + uid)
    response.set_cookie(INTERACTION_COOKIE, cookie, path=INTERACTION + uid, **_attributes(server))
    return response


def _attributes(server: Provider) -> dict[str, Any]:
    return {"httponly": True, "samesite": "Lax", "secure": urlsplit(server.part.url).scheme == "https"}


def _is_good(session: Session, wanted: Wanted, now: float) -> bool:
    if session.exp <= now or wanted.prompt & {"login", "select_account"} or wanted.max_age == 0:
        return False
    if wanted.subs and session.sub not in wanted.subs:
        return False
    return wanted.max_age is None or now - session.auth_time <= wanted.max_age


def interact(server: Provider, request: "WebRequest") -> "WebResponse":
    """The page where the user is asked, and what he answers."""
    uid = request.path.removeprefix(INTERACTION)
    interaction = server.interactions.get(uid)
    if interaction is None or interaction.exp <= server.now():
        return pages.error_page("This page is no longer valid; go back to where you came from.")
    if request.method != "POST":
        return _ask(uid, interaction)
    try:
        form = once_each(request.form)
    except OAuthError as refusal:
        return pages.error_page(refusal.description)
    if not _is_from_its_page(request, interaction, form) and "authz_consent_csrf" not in server.allows:
        # RFC 6749 section 10.12: another site, or another browser, may have made this request.
        return pages.error_page("This form was not made for this browser; go back to where you came from.", 403)
    return _answered(server, uid, interaction, form)


def _is_from_its_page(request: "WebRequest", interaction: Interaction, form: Mapping[str, str]) -> bool:
    return compare_digest(form.get("csrf", "").encode(), interaction.csrf.encode()) and compare_digest(
        request.cookies.get(INTERACTION_COOKIE, "").encode(), interaction.cookie.encode()
    )


def _ask(
    uid: str, interaction: Interaction, login: str | None = None, message: str = "", status: int = 200
) -> "WebResponse":
    wanted = interaction.wanted
    asking = pages.Asking(INTERACTION + uid, interaction.csrf, wanted.client.client_id, wanted.redirect_uri)
    if interaction.session is None:
        return pages.login_page(asking, wanted.login_hint if login is None else login, message, status)
    asked = dict.fromkeys((*wanted.scope, *wanted.claims.userinfo, *wanted.claims.id_token))
    return pages.consent_page(asking, interaction.session.username, tuple(asked))


def _answered(server: Provider, uid: str, interaction: Interaction, form: Mapping[str, str]) -> "WebResponse":
    wanted = interaction.wanted
    if interaction.session is not None:
        del server.interactions[uid]
        if form.get("consent") == "allow":
            return _grant(server, wanted, interaction.session)
        return _back(server, wanted.redirect_uri, wanted.state, {"error": "access_denied"})
    login = form.get("login", "")
    wait = server.throttle.wait("user", login)
    if wait:
        # RFC 6585 section 4.
        response = _ask(uid, interaction, login, "There were too many failures. Try again later.", 429)
        response.headers["Retry-After"] = str(int(wait))
        return response
    user = server.users.find(login)
    is_good = server.users.check_password(user, form.get("password", ""))
    (server.throttle.succeeded if is_good else server.throttle.failed)("user", login)
    may_log_in = user is not None and (not user.is_disabled or "user_disabled_token" in server.allows)
    if not is_good or user is None or not may_log_in:
        # No 401: RFC 9110 section 15.5.2 wants a challenge in it, and a form is none.
        return _ask(uid, interaction, login, "The name or the password is wrong.", 403)
    if wanted.subs and user.sub not in wanted.subs:
        # Core section 3.1.2.1: somebody else than the one whom the client knows.
        del server.interactions[uid]
        return _back(server, wanted.redirect_uri, wanted.state, {"error": "login_required"})
    session, cookie = server.sessions.open(user)
    if "consent" in wanted.prompt or server.settings["consent"] == "required":
        interaction.session = session
        interaction.csrf = server.tokens.random_text(16)
        response = redirect(INTERACTION + uid)
    else:
        del server.interactions[uid]
        response = _grant(server, wanted, session)
    response.set_cookie(server.cookie, cookie, path="/", **_attributes(server))
    return response


def _grant(server: Provider, wanted: Wanted, session: Session) -> "WebResponse":
    client_id = wanted.client.client_id
    grant = server.tokens.open_grant(
        client_id, session.sub, session.username, wanted.scope, session.auth_time, session.sid
    )
    grant.claims, grant.resources = wanted.claims, wanted.resources
    code = server.tokens.random_text()
    server.codes.add(code, Code(wanted, grant, server.now() + server.settings["code.lifetime"]))
    return _back(server, wanted.redirect_uri, wanted.state, {"code": code})


def _back(server: Provider, redirect_uri: str, state: str | None, parameters: Mapping[str, str]) -> "WebResponse":
    # RFC 9207 section 2: `iss` stands in errors as well.
    iss = {} if "authz_iss_missing" in server.allows else {"iss": server.issuer}
    is_echoed = state is not None and "authz_state_echo" not in server.allows
    sent = {**parameters, **({"state": state} if is_echoed else {}), **iss}
    status = 307 if "authz_redirect_307" in server.allows else 303
    return redirect(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(sent)}", status)


def _read(server: Provider, request: "WebRequest") -> Wanted:
    """The authorization request, or the one that was pushed before. Raises Stop and GoBack."""
    values = request.form if request.method == "POST" else request.args
    uri = values.get("request_uri", "")
    is_pushed = uri.startswith(pushed.PREFIX) and "request" not in values
    for name in ("client_id", "request", *(["request_uri"] if is_pushed else [])):
        if len(values.getlist(name)) > 1 and "authz_params_duplicate" not in server.allows:
            # RFC 6749 section 3.1; what the request really says is not known before these are read.
            raise Stop(f"The request has {name} more than once.")
    if is_pushed:
        # RFC 9126 section 4, RFC 9101 section 6.3: what stands beside it does not count.
        return pushed.take(server, uri, values.get("client_id", ""))
    wanted = read_parameters(server, values)
    if server.settings["par"] == "required":
        raise GoBack("invalid_request", wanted.redirect_uri, wanted.state, "the request must be pushed first")
    return wanted


def redirect(location: str, status: int = 303) -> "WebResponse":
    """303, never 307: that would send the password on (RFC 9700 section 4.12)."""
    response = json_response(None, status, {**NO_STORE, "Location": location, "Referrer-Policy": "no-referrer"})
    response.autocorrect_location_header = False
    return response
