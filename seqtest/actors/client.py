"""`<<client>>`: an OAuth client and relying party. It logs users in, calls an API for them and refreshes its tokens.

Told by an action it uses the grants that need no browser; a browser that asks it logs in by code (see `sign_in`).
"""

import json
from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from seqtest.actors import id_tokens, sign_in
from seqtest.actors.actor import Part, on
from seqtest.actors.allowances import allowed
from seqtest.actors.authorize import redirect
from seqtest.actors.client_settings import TABLE
from seqtest.actors.id_tokens import Distrusted, Expected
from seqtest.actors.known_provider import KnownProvider, NoMetadata
from seqtest.actors.settings import Settings
from seqtest.actors.sign_in import SESSION, Pending, Stopped
from seqtest.actors.web import NO_STORE, Endpoint, WebActor, json_response
from seqtest.auth import base64url, basic
from seqtest.dataclass import dataclass, replace
from seqtest.errors import Finding, UnplayableScenario
from seqtest.exchange import Action, Headers, Request, Response, Result

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LONGEST = 10**11
"""Seconds of `expires_in`: thousands of years, and still a number that can be added to a time."""
SLOWER = 5
"""Seconds that each `slow_down` adds to the interval (RFC 8628 section 3.5)."""


@dataclass(slots=True)
class Session:
    """What the client holds of a log-in."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: float | None
    id_token: str | None = field(default=None, repr=False)
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Of the ID token."""
    is_over: bool = False
    """Whether a refresh was refused: there is nothing more to be had."""


@dataclass(slots=True)
class Device:
    """A log-in on a device that waits for its user."""

    device_code: str = field(repr=False)
    interval: float
    asked_at: float


class Client(WebActor):
    """Every call is an arrow of the run. Actions are for one user at a time, browsers have sessions of their own."""

    settings_table: ClassVar[Mapping[str, str]] = TABLE.documentation()
    routes: ClassVar[Mapping[str, Mapping[str, str | Endpoint]]] = {
        "/login": {"GET": sign_in.begin},
        "/me": {"GET": "me"},
        "/logout": {"GET": sign_in.log_out, "POST": sign_in.log_out},
        "/backchannel-logout": {"POST": sign_in.told_to_log_out},
        "/frontchannel-logout": {"GET": sign_in.framed_to_log_out},
    }
    """Beside them `redirect_uri`, `post_logout_redirect_uri`, and `/api/…`, which calls the API."""

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.settings = Settings(TABLE, part.settings, part.participant)
        self.allows = allowed(self.settings)
        self.client_id: str = self.settings["client_id"] or self.id
        self.redirect_uri: str = self.settings["redirect_uri"] or f"{part.url}/cb"
        self.post_logout_redirect_uri: str = self.settings["post_logout_redirect_uri"] or f"{part.url}/logged-out"
        self.session: Session | None = None
        self.sessions: dict[str, Session] = {}
        self.pending: dict[str, Pending] = {}
        self.logout_tokens: set[str] = set()
        self._device: Device | None = None
        self._provider: KnownProvider | None = None

    @property
    def provider(self) -> KnownProvider:
        """The authorization server, as far as it is known here."""
        if self._provider is None:
            auth = self._peer("auth", "authorization-server")
            self._provider = KnownProvider(self.part, self.settings, auth, self.allows)
        return self._provider

    def random_text(self) -> str:
        """43 characters that nobody guesses."""
        return base64url.encode(self.part.random.randbytes(32))

    # Browsers.

    def cookie(self, name: str) -> str:
        """The name of one of its cookies."""
        return f"{self.settings['cookie_prefix'] or ''}{name}"

    def route(self, path: str) -> Mapping[str, str | Endpoint] | None:
        """The methods of a path; some paths are settings."""
        if path == (urlsplit(self.redirect_uri).path or "/"):
            return {"GET": sign_in.come_back}
        if path == (urlsplit(self.post_logout_redirect_uri).path or "/"):
            return {"GET": sign_in.logged_out}
        return {"GET": "call_api"} if path.startswith("/api/") else super().route(path)

    def me(self, request: "WebRequest") -> "WebResponse":
        """The claims of whoever is logged in; others are sent to log in."""
        session = self.sessions.get(request.cookies.get(self.cookie(SESSION), ""))
        if session is None:
            return redirect(f"/login?{urlencode({'next': request.path})}")
        shown = {name: held for name, held in session.claims.items() if name not in ("nonce", "at_hash", "sid")}
        return json_response(shown, 200, NO_STORE)

    def call_api(self, request: "WebRequest") -> "WebResponse":
        """What the API answers for whoever is logged in, refreshed where that is needed."""
        cookie = request.cookies.get(self.cookie(SESSION), "")
        session = self.sessions.get(cookie)
        if session is None:
            return redirect(f"/login?{urlencode({'next': request.path})}")
        answer = self._call_refreshed(session, "/" + quote(request.path.removeprefix("/api/"), safe="/"))
        if session.is_over:
            self.sessions.pop(cookie, None)
        if answer is None:
            return redirect(f"/login?{urlencode({'next': request.path})}")
        return json_response(_body(answer), answer.status, NO_STORE)

    def redeem(self, code: str, pending: Pending) -> Session:
        """The session that a code brings. Raises Stopped, Distrusted, NoMetadata."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": pending.code_verifier,
        }
        answer = self._post("token_endpoint", form)
        session = self._session(answer)
        if session is None:
            raise Stopped("the provider gave no token that can be used")
        session.claims = id_tokens.id_token(
            session.id_token,
            self.expected(session.id_token),
            nonce=pending.nonce,
            access_token=session.access_token,
            max_age=self.settings["max_age"],
        )
        if self.settings["userinfo"]:
            session.claims = {**session.claims, **self._userinfo(session)}
        return session

    def expected(self, text: Any) -> Expected:
        """What must stand in a token for this client. Raises Distrusted, NoMetadata."""
        if not isinstance(text, str):
            raise Distrusted("there is no token")
        return self.provider.expected(text, self.client_id, self.settings["client_secret"], self.now())

    def _userinfo(self, session: Session) -> Mapping[str, Any]:
        url = self.provider.endpoint("userinfo_endpoint")
        headers = Headers([("Authorization", f"Bearer {session.access_token}")])
        answer = self._send(self.provider.participant, Request("GET", url, headers))
        claims = self._told(answer) if answer.status == 200 else {}
        if claims.get("sub") != session.claims["sub"]:
            # Core section 5.3.2: else what it says is somebody else's.
            self.allows.refuse("userinfo_sub_mismatch", Stopped("UserInfo is about somebody else"))
        return {name: held for name, held in claims.items() if name != "sub"}

    def _told(self, answer: Response) -> Mapping[str, Any]:
        """What UserInfo says, where it is signed as it must be. Raises Stopped, Distrusted, NoMetadata."""
        alg = self.settings["userinfo_signed_response_alg"]
        if alg is None:
            return _body(answer)
        if (answer.headers.get("Content-Type") or "").partition(";")[0].strip().lower() != "application/jwt":
            raise Stopped("UserInfo is not signed")
        text = answer.body.decode("utf-8", "replace")
        return id_tokens.userinfo(text, replace(self.expected(text), algorithms=frozenset({alg})))

    # Actions.

    def act(self, action: Action) -> Result | None:
        """`log in` may also bring `username` and `password` as fields."""
        try:
            if action.text == "log in" and {"username", "password"} <= set(action.fields):
                return self.log_in_with(str(action.fields["username"]), str(action.fields["password"]))
            return super().act(action)
        except NoMetadata:
            return Result(error="NoMetadata")

    @on("log in")
    def log_in_somebody(self) -> Result:
        """Log in the only user whose password is drawn."""
        names = list(self.settings.named("users"))
        if len(names) != 1:
            return Result(error="WhoLogsIn")
        return self.log_in(names[0])

    @on("log in as {username} with {password}")
    def log_in_with(self, username: str, password: str) -> Result:
        """Log in with a password that is told."""
        form = {"grant_type": "password", "username": username, "password": password, **self._scope()}
        answer = self._post("token_endpoint", form)
        self.session = self._session(answer)
        return Result(f"welcome {username}") if self.session else Result(error="LoginFailed", fields=_body(answer))

    @on("log in as {username}")
    def log_in(self, username: str) -> Result:
        """Log in with the password drawn over the client."""
        drawn = self.settings.named("users").get(username, {}).get("password") or self.settings["password"]
        return Result(error="NoPassword") if drawn is None else self.log_in_with(username, drawn)

    @on("get a token")
    def get_token(self) -> Result:
        """Get an access token for itself (client credentials, RFC 6749 section 4.4)."""
        answer = self._post("token_endpoint", {"grant_type": "client_credentials", **self._scope()})
        self.session = self._session(answer)
        return Result("got one") if self.session else Result(error="NoToken", fields=_body(answer))

    @on("begin on a device")
    def begin_on_a_device(self) -> Result:
        """Begin a log-in on a device (RFC 8628); gives `user_code`, `verification_uri` and `interval`."""
        answer = self._post("device_authorization_endpoint", self._scope())
        body = _body(answer)
        code, interval = body.get("device_code"), body.get("interval", 5)
        if answer.status != 200 or not isinstance(code, str) or not isinstance(interval, (int, float)):
            return Result(error="NoDeviceCode", fields=body)
        self._device = Device(code, interval, self.now())
        names = ("user_code", "verification_uri", "verification_uri_complete", "expires_in")
        told = {name: body[name] for name in names if name in body}
        return Result("show the code", {**told, "interval": interval})

    @on("ask for the tokens")
    def ask_for_the_tokens(self) -> Result:
        """Ask once whether the user has approved: `logged in`, `wait`, or an error; never sooner than it may."""
        device = self._device
        if device is None:
            return Result(error="NotBegun")
        if self.now() < device.asked_at + device.interval:
            return Result(error="TooEarly")
        device.asked_at = self.now()
        answer = self._post("token_endpoint", {"grant_type": DEVICE_GRANT, "device_code": device.device_code})
        error = _body(answer).get("error")
        if error in ("authorization_pending", "slow_down"):
            is_slower = error == "slow_down" and "client_device_slowdown" not in self.allows
            device.interval += SLOWER if is_slower else 0
            return Result("wait", {"interval": device.interval})
        self._device = None
        self.session = self._session(answer)
        return Result("logged in") if self.session else Result(error="LoginFailed", fields=_body(answer))

    @on("call {path}")
    def call(self, path: str) -> Result:
        """`GET` the path for the user, once more after a 401 and a refresh: `ok` or `refused`, and `status`."""
        session = self.session
        if session is None:
            return Result(error="NotLoggedIn")
        answer = self._call_refreshed(session, path)
        if session.is_over:
            self.session = None
        if answer is None:
            return Result(error="LoggedOut")
        return Result("ok" if answer.status < 300 else "refused", {"status": answer.status, **_body(answer)})

    @on("log out")
    def log_out(self) -> Result:
        """Give the refresh token back, and forget everything whatever the answer is (RFC 7009 section 2.2.1)."""
        session, self.session = self.session, None
        if session is not None and session.refresh_token is not None:
            form = {"token": session.refresh_token, "token_type_hint": "refresh_token"}
            self._post("revocation_endpoint", form)
        return Result("logged out")

    # Tokens.

    def _scope(self) -> dict[str, str]:
        return {"scope": " ".join(self.settings["scope"])} if self.settings["scope"] else {}

    def _call_refreshed(self, session: Session, path: str) -> Response | None:
        """The API's answer; None when the tokens are over and no new ones came before the call."""
        is_old = session.expires_at is not None and self.now() >= session.expires_at
        if is_old and self.settings["refresh"] == "when expired" and not self._refresh(session):
            return None
        answer = self._call(session, path)
        if answer.status == 401 and self._refresh(session):
            answer = self._call(session, path)
        return answer

    def _refresh(self, session: Session) -> bool:
        """New tokens into the session; false, and nothing to refresh with any more, when there are none."""
        if session.refresh_token is None:
            return False
        form = {"grant_type": "refresh_token", "refresh_token": session.refresh_token}
        # RFC 6749 section 6: without a new refresh token the old one stays.
        found = self._session(self._post("token_endpoint", form), session.refresh_token)
        if found is None or not self._is_the_same_person(session, found):
            session.is_over = True
            return False
        session.access_token = found.access_token
        if "refresh_rotation_ignored" not in self.allows:
            session.refresh_token = found.refresh_token
        session.expires_at = found.expires_at
        session.id_token = found.id_token or session.id_token
        return True

    def _is_the_same_person(self, session: Session, found: Session) -> bool:
        if found.id_token is None or not session.claims:
            return True
        try:
            id_tokens.renewed(found.id_token, self.expected(found.id_token), session.claims)
        except (Distrusted, NoMetadata):
            return False
        return True

    def _session(self, answer: Response, refresh_token: str | None = None) -> Session | None:
        """What a token response gives; None when it gives none, or one of a type that is not understood."""
        body = _body(answer)
        token, kind, lifetime = body.get("access_token"), body.get("token_type"), body.get("expires_in")
        is_known = str(kind).lower() == "bearer" or "token_response_type" in self.allows
        # RFC 6749 section 7.1: a token of an unknown type must not be used.
        if answer.status != 200 or not isinstance(token, str) or not token or not is_known:
            return None
        is_number = isinstance(lifetime, (int, float)) and not isinstance(lifetime, bool) and 0 <= lifetime <= LONGEST
        if lifetime is not None and not is_number and "token_response_malformed" not in self.allows:
            return None
        expires_at = self.now() + lifetime if is_number and lifetime is not None else None
        renewed, id_token = body.get("refresh_token", refresh_token), body.get("id_token")
        return Session(
            token,
            renewed if isinstance(renewed, str) else None,
            expires_at,
            id_token if isinstance(id_token, str) else None,
        )

    def _call(self, session: Session, path: str) -> Response:
        api = self._peer("api", "resource-server")
        url = self.part.network.url(api) + (path if path.startswith("/") else f"/{path}")
        return self._send(api, Request("GET", url, Headers([("Authorization", f"Bearer {session.access_token}")])))

    def _post(self, endpoint: str, form: dict[str, str]) -> Response:
        provider, secret = self.provider, self.settings["client_secret"]
        headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        if secret is None:
            form = {**form, "client_id": self.client_id}
        else:
            headers.append(("Authorization", basic.encode(self.client_id, secret)))
        request = Request("POST", provider.endpoint(endpoint), Headers(headers), urlencode(form).encode())
        return self._send(provider.participant, request)

    def _send(self, receiver: str, request: Request) -> Response:
        answer = self.part.network.call(self.id, receiver, request)
        if not isinstance(answer, Response):
            raise ConnectionError(f"{receiver} did not answer over HTTP")
        return answer

    def _peer(self, setting: str, kind: str) -> str:
        drawn = self.settings[setting]
        if drawn is not None:
            return str(drawn)
        found = [name for name, played in self.part.peers.items() if played == kind]
        if len(found) != 1:
            raise UnplayableScenario(_no_peer(self.id, setting, kind))
        return found[0]

    def state(self) -> Mapping[str, Any]:
        """`logged_in`, and the tokens it holds."""
        if self.session is None:
            return {"logged_in": False}
        held = {"access_token": self.session.access_token, "refresh_token": self.session.refresh_token}
        return {"logged_in": True, **{name: token for name, token in held.items() if token is not None}}


def _body(answer: Response) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _no_peer(participant: str, setting: str, kind: str) -> Finding:
    return Finding(
        "SQ387",
        f"`{participant}` does not know whom to call",
        expected=f"`{setting} = …` over it",
        why=f"there is not exactly one `<<{kind}>>` in the diagram that could be meant",
        do=f"draw `note over {participant} : {setting} = …`",
    )
