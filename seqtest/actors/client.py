"""`<<client>>`: an OAuth client that logs users in, calls an API for them and refreshes its tokens."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from seqtest.actors.actor import Actor, Part, on
from seqtest.actors.settings import Setting, Settings, Table, one_of, text, words
from seqtest.auth import basic
from seqtest.errors import Finding, UnplayableScenario
from seqtest.exchange import Action, Headers, Request, Response, Result

TABLE = Table(
    Setting("auth", text, "The participant that issues its tokens. Default: the only `<<authorization-server>>`."),
    Setting("api", text, "The participant that it calls. Default: the only `<<resource-server>>`."),
    Setting("client_id", text, "Its name at the authorization server. Default: the participant's id."),
    Setting("client_secret", text, "Its secret; without one it is a public client."),
    Setting("scope", words, "The scope that it asks for."),
    Setting("password", text, "The password of whoever logs in without saying one."),
    Setting("users.*.password", text, "The password of one user."),
    Setting("token_endpoint", text, "The path or address of the token endpoint.", "/oauth/token"),
    Setting("revocation_endpoint", text, "The path or address of the revocation endpoint.", "/oauth/revoke"),
    Setting(
        "refresh",
        one_of("when refused", "when expired"),
        "`when refused`: after a 401. `when expired`: before a call, once `expires_in` is over; then also after a 401.",
        "when refused",
    ),
)


@dataclass(slots=True)
class Session:
    """What the client holds of a log-in."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: float | None


class Client(Actor):
    """One user at a time; every call is an arrow of the run."""

    settings_table: ClassVar[Mapping[str, str]] = TABLE.documentation()

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.settings = Settings(TABLE, part.settings, part.participant)
        self.session: Session | None = None

    def act(self, action: Action) -> Result | None:
        """`log in` may also bring `username` and `password` as fields."""
        if action.text == "log in" and {"username", "password"} <= set(action.fields):
            return self.log_in_with(str(action.fields["username"]), str(action.fields["password"]))
        return super().act(action)

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
        form = {"grant_type": "password", "username": username, "password": password}
        if self.settings["scope"]:
            form["scope"] = " ".join(self.settings["scope"])
        answer = self._post(self.settings["token_endpoint"], form)
        self.session = self._session(answer)
        return Result(f"welcome {username}") if self.session else Result(error="LoginFailed", fields=_body(answer))

    @on("log in as {username}")
    def log_in(self, username: str) -> Result:
        """Log in with the password drawn over the client."""
        drawn = self.settings.named("users").get(username, {}).get("password") or self.settings["password"]
        return Result(error="NoPassword") if drawn is None else self.log_in_with(username, drawn)

    @on("get {path}")
    def get(self, path: str) -> Result:
        """`GET` the path for the user, with one refresh and one more try after a 401."""
        if self.session is None:
            return Result(error="NotLoggedIn")
        is_old = self.session.expires_at is not None and self.now() >= self.session.expires_at
        if is_old and self.settings["refresh"] == "when expired" and not self._refresh():
            return Result(error="LoggedOut")
        answer = self._call(path)
        if answer.status == 401 and self._refresh():
            answer = self._call(path)
        return Result(str(answer.status), {"status": answer.status, **_body(answer)})

    @on("log out")
    def log_out(self) -> Result:
        """Give the refresh token back, and forget everything whatever the answer is (RFC 7009 section 2.2.1)."""
        session, self.session = self.session, None
        if session is not None and session.refresh_token is not None:
            form = {"token": session.refresh_token, "token_type_hint": "refresh_token"}
            self._post(self.settings["revocation_endpoint"], form)
        return Result("logged out")

    def _refresh(self) -> bool:
        if self.session is None or self.session.refresh_token is None:
            return False
        form = {"grant_type": "refresh_token", "refresh_token": self.session.refresh_token}
        # RFC 6749 section 6: without a new refresh token the old one stays.
        self.session = self._session(self._post(self.settings["token_endpoint"], form), self.session.refresh_token)
        return self.session is not None

    def _session(self, answer: Response, refresh_token: str | None = None) -> Session | None:
        """What a token response gives; None when it gives none, or one of a type that is not understood."""
        body = _body(answer)
        token, kind = body.get("access_token"), body.get("token_type")
        # RFC 6749 section 7.1: a token of an unknown type must not be used.
        if answer.status != 200 or not isinstance(token, str) or not token or str(kind).lower() != "bearer":
            return None
        lifetime = body.get("expires_in")
        expires_at = self.now() + lifetime if isinstance(lifetime, (int, float)) else None
        renewed = body.get("refresh_token", refresh_token)
        return Session(token, renewed if isinstance(renewed, str) else None, expires_at)

    def _call(self, path: str) -> Response:
        api = self._peer("api", "resource-server")
        token = self.session.access_token if self.session else ""
        url = self.part.network.url(api) + (path if path.startswith("/") else f"/{path}")
        return self._send(api, Request("GET", url, Headers([("Authorization", f"Bearer {token}")])))

    def _post(self, path: str, form: dict[str, str]) -> Response:
        auth = self._peer("auth", "authorization-server")
        client_id, secret = self.settings["client_id"] or self.id, self.settings["client_secret"]
        headers = [("Content-Type", "application/x-www-form-urlencoded")]
        if secret is None:
            form = {**form, "client_id": client_id}
        else:
            headers.append(("Authorization", basic.encode(client_id, secret)))
        url = f"{self.part.network.url(auth)}{path}" if path.startswith("/") else path
        return self._send(auth, Request("POST", url, Headers(headers), urlencode(form).encode()))

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
