"""The front channel of an authorization server: RFC 6749 section 4.1, RFC 7636, RFC 9207, OpenID Connect Core 3.1.

A request without a session is sent on to `/interaction/<id>`, a page where the user logs in (and consents, where that
is drawn); from there the browser goes back to the client. What is wrong with the client or its address is shown on a
page of our own and never redirected.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from seqtest.actors import pages
from seqtest.actors.allowances import NOTHING, Allowed
from seqtest.actors.clients import Client
from seqtest.actors.grants import asked_scope, audience_of
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import once_each
from seqtest.actors.tokens import Grant
from seqtest.actors.users import User
from seqtest.actors.web import NO_STORE, json_response

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

    from seqtest.actors.authorization_server import AuthorizationServer

INTERACTION = "/interaction/"
COOKIE = "session"
INTERACTION_SECONDS = 600
SESSION_SECONDS = 28_800


@dataclass(frozen=True, slots=True)
class Wanted:
    """An authorization request that is in order."""

    client: Client
    redirect_uri: str
    sent_redirect_uri: str | None
    """As the request had it; the token request must repeat it."""
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    state: str | None
    nonce: str | None
    code_challenge: str | None
    code_method: str
    prompt: frozenset[str]
    max_age: int | None
    login_hint: str


@dataclass(slots=True)
class Session:
    """A user who has logged in with a browser."""

    username: str
    sub: str
    auth_time: int
    exp: float
    sid: str
    """How tokens name it (Back-Channel Logout section 2.1); unlike the cookie no secret."""


@dataclass(slots=True)
class Interaction:
    """A request whose user is being asked."""

    wanted: Wanted
    exp: float
    session: Session | None = None


@dataclass(slots=True)
class Code:
    """An authorization code."""

    wanted: Wanted
    grant: Grant
    exp: float
    is_used: bool = False


class GoBack(Exception):
    """Refuse by sending the browser back to the client with an error (RFC 6749 section 4.1.2.1)."""

    def __init__(self, code: str, redirect_uri: str, state: str | None, description: str = "") -> None:
        super().__init__(code)
        self.parameters = {"error": code, **({"error_description": description} if description else {})}
        self.redirect_uri = redirect_uri
        self.state = state


class Stop(Exception):
    """Refuse on a page of our own."""


@dataclass(slots=True)
class FrontChannel:
    """Interactions, sessions and codes of one server in one run."""

    server: "AuthorizationServer"
    codes: dict[str, Code] = field(default_factory=dict, repr=False)
    _interactions: dict[str, Interaction] = field(default_factory=dict, repr=False)
    _sessions: dict[str, Session] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def authorize(self, request: "WebRequest") -> "WebResponse":
        """The authorization endpoint."""
        try:
            wanted = read_request(self.server, request)
            return self._begin(request, wanted)
        except Stop as stop:
            return pages.error_page(str(stop))
        except GoBack as refusal:
            return self._back(refusal.redirect_uri, refusal.state, refusal.parameters)

    def _begin(self, request: "WebRequest", wanted: Wanted) -> "WebResponse":
        now = self.server.now()
        session = self._sessions.get(request.cookies.get(COOKIE, ""))
        if session is not None and not self._is_good(session, wanted, now):
            session = None
        needs_consent = "consent" in wanted.prompt or self.server.settings["consent"] == "required"
        if "none" in wanted.prompt and (session is None or needs_consent):
            error = "login_required" if session is None else "consent_required"
            raise GoBack(error, wanted.redirect_uri, wanted.state)
        if session is not None and not needs_consent:
            return self._grant(wanted, session)
        uid = self.server.tokens.random_text(16)
        self._interactions[uid] = Interaction(wanted, now + INTERACTION_SECONDS, session)
        return redirect(INTERACTION + uid)

    def _is_good(self, session: Session, wanted: Wanted, now: float) -> bool:
        if session.exp <= now or "login" in wanted.prompt:
            return False
        return wanted.max_age is None or now - session.auth_time <= wanted.max_age

    def interact(self, request: "WebRequest") -> "WebResponse":
        """The page where the user is asked, and what he answers."""
        uid = request.path.removeprefix(INTERACTION)
        interaction = self._interactions.get(uid)
        if interaction is None or interaction.exp <= self.server.now():
            return pages.error_page("This page is no longer valid; go back to where you came from.")
        if request.method == "POST":
            try:
                form = once_each(request.form)
            except OAuthError as refusal:
                return pages.error_page(refusal.description)
            return self._answered(uid, interaction, form)
        return self._ask(uid, interaction)

    def _ask(self, uid: str, interaction: Interaction, message: str = "") -> "WebResponse":
        wanted = interaction.wanted
        if interaction.session is None:
            return pages.login_page(INTERACTION + uid, wanted.client.client_id, wanted.login_hint, message)
        return pages.consent_page(INTERACTION + uid, wanted.client.client_id, wanted.scope)

    def _answered(self, uid: str, interaction: Interaction, form: Mapping[str, str]) -> "WebResponse":
        wanted = interaction.wanted
        if interaction.session is not None:
            del self._interactions[uid]
            if form.get("consent") == "allow":
                return self._grant(wanted, interaction.session)
            return self._back(wanted.redirect_uri, wanted.state, {"error": "access_denied"})
        login = form.get("login", "")
        if self.server.throttle.wait("user", login):
            return self._ask(uid, interaction, "There were too many failures. Try again later.")
        user = self.server.users.find(login)
        is_good = self.server.users.check_password(user, form.get("password", ""))
        (self.server.throttle.succeeded if is_good else self.server.throttle.failed)("user", login)
        may_log_in = user is not None and (not user.is_disabled or "user_disabled_token" in self.server.allows)
        if not is_good or user is None or not may_log_in:
            return self._ask(uid, interaction, "The name or the password is wrong.")
        session, cookie = self._log_in(user)
        if "consent" in wanted.prompt or self.server.settings["consent"] == "required":
            interaction.session = session
            response = redirect(INTERACTION + uid)
        else:
            del self._interactions[uid]
            response = self._grant(wanted, session)
        is_secure = urlsplit(self.server.part.url).scheme == "https"
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax", secure=is_secure, path="/")
        return response

    def _log_in(self, user: User) -> tuple[Session, str]:
        now = self.server.now()
        session = Session(user.username, user.sub, int(now), now + SESSION_SECONDS, self.server.tokens.random_text(16))
        cookie = self.server.tokens.random_text()
        self._sessions[cookie] = session
        return session, cookie

    def use(self, code: Code) -> bool:
        """Use a code up; False when it was used before. Of two at once only one is first."""
        with self._lock:
            first, code.is_used = not code.is_used, True
        return first

    def end_sessions(self, username: str) -> None:
        """Forget each session of the user."""
        self._sessions = {key: found for key, found in self._sessions.items() if found.username != username}

    def session(self, cookie: str) -> Session | None:
        """The session of a browser that is not over."""
        found = self._sessions.get(cookie)
        return found if found is not None and found.exp > self.server.now() else None

    def end_session(self, sid: str) -> None:
        """Forget one session."""
        self._sessions = {key: found for key, found in self._sessions.items() if found.sid != sid}

    def _grant(self, wanted: Wanted, session: Session) -> "WebResponse":
        server = self.server
        client_id = wanted.client.client_id
        grant = server.tokens.open_grant(client_id, session.sub, session.username, wanted.scope, session.auth_time)
        grant.sid = session.sid
        code = server.tokens.random_text()
        self.codes[code] = Code(wanted, grant, server.now() + server.settings["code.lifetime"])
        return self._back(wanted.redirect_uri, wanted.state, {"code": code})

    def _back(self, redirect_uri: str, state: str | None, parameters: Mapping[str, str]) -> "WebResponse":
        # RFC 9207 section 2: `iss` stands in errors as well.
        iss = {} if "authz_iss_missing" in self.server.allows else {"iss": self.server.issuer}
        sent = {**parameters, **({"state": state} if state is not None else {}), **iss}
        status = 307 if "authz_redirect_307" in self.server.allows else 303
        return redirect(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(sent)}", status)


def redirect(location: str, status: int = 303) -> "WebResponse":
    """303, never 307: that would send the password on (RFC 9700 section 4.12)."""
    response = json_response(None, status, {**NO_STORE, "Location": location, "Referrer-Policy": "no-referrer"})
    response.autocorrect_location_header = False
    del response.headers["Content-Type"]
    return response


def read_request(server: "AuthorizationServer", request: "WebRequest") -> Wanted:
    """The authorization request, or the one that was pushed before. Raises Stop and GoBack."""
    values = request.form if request.method == "POST" else request.args
    uri = values.get("request_uri", "")
    if uri.startswith("urn:ietf:params:oauth:request_uri:") and "request" not in values:
        # RFC 9126 section 4, RFC 9101 section 6.3: what stands beside it does not count.
        return server.pushed.take(uri, values.get("client_id", ""))
    wanted = read_parameters(server, values)
    if server.settings["par"] == "required":
        raise GoBack("invalid_request", wanted.redirect_uri, wanted.state, "the request must be pushed first")
    return wanted


def read_parameters(server: "AuthorizationServer", values: "MultiDict[str, str]") -> Wanted:
    """The parameters. Raises Stop while it is not known whom to send the browser back to, then GoBack."""
    repeated = [name for name, texts in values.lists() if len(texts) > 1 and name != "resource"]
    found = {name: text for name, text in values.items() if text != ""}
    if {"client_id", "redirect_uri"} & set(repeated):
        raise Stop("The request names its client more than once.")
    client = server.clients.get(found.get("client_id", ""))
    if client is None or "client_id" not in found:
        raise Stop("The request comes from an unknown client.")
    sent = found.get("redirect_uri")
    redirect_uri = registered_address(client, sent, server.allows)
    state = found.get("state") if "state" not in repeated else None

    def refuse(code: str, description: str = "") -> GoBack:
        return GoBack(code, redirect_uri, state, description)

    if repeated and "authz_params_duplicate" not in server.allows:
        raise refuse("invalid_request", f"the parameter {repeated[0]} is there more than once")
    for name, error in (("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")):
        if name in found:
            raise refuse(error)
    if found.get("response_type") != "code":
        raise refuse("unsupported_response_type" if "response_type" in found else "invalid_request")
    if found.get("response_mode", "query") != "query":
        raise refuse("invalid_request", "response_mode must be query")
    allowed = server.settings["grants"] if client.grants is None else client.grants
    if "authorization_code" not in allowed or "authorization_code" not in server.settings["grants"]:
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
    return Wanted(
        client, redirect_uri, sent, scope, tuple(values.getlist("resource")), state, found.get("nonce"), challenge,
        method,
        _prompt(found, refuse), _max_age(found, refuse), found.get("login_hint", ""),
    )  # fmt: skip


def _challenge(
    server: "AuthorizationServer", client: Client, found: Mapping[str, str], refuse: Any
) -> tuple[str | None, str]:
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
        if method != "plain":
            raise problem
        server.allows.refuse("pkce_plain_downgrade", problem)
    return challenge, method


def _prompt(found: Mapping[str, str], refuse: Any) -> frozenset[str]:
    prompt = frozenset(found.get("prompt", "").split())
    if "none" in prompt and len(prompt) > 1:
        raise refuse("invalid_request", "prompt=none must stand alone")
    return prompt


def _max_age(found: Mapping[str, str], refuse: Any) -> int | None:
    text = found.get("max_age")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        raise refuse("invalid_request", "max_age is no number of seconds")
    return int(text)


def registered_address(client: Client, sent: str | None, allows: Allowed = NOTHING) -> str:
    """Where to send the browser back to (RFC 9700 section 4.1.3: compared character by character). Raises Stop."""
    if sent is None:
        if len(client.redirect_uris) != 1:
            raise Stop("The request does not say where to go back to.")
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
