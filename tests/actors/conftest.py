"""A stage without a player: actors call each other directly, and every call is written down."""

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from seqtest.actors import Actor, Part
from seqtest.actors.authorization_server import AuthorizationServer
from seqtest.actors.authorization_settings import GRANTS
from seqtest.actors.client import Client
from seqtest.actors.resource_server import ResourceServer
from seqtest.actors.token_store import TokenStore
from seqtest.auth import basic, jwt, oidc
from seqtest.auth.keys import Key, make_key, verification_jwk
from seqtest.clock import Clock
from seqtest.exchange import Action, Answer, Headers, Message, Request, Response, Result

KINDS: dict[type[Actor], str] = {
    AuthorizationServer: "authorization-server",
    ResourceServer: "resource-server",
    TokenStore: "token-store",
    Client: "client",
}
START = 1_767_225_600.0


@dataclass
class Stage:
    """Participants by id, their settings, and the calls they made of each other."""

    clock: Clock = field(default_factory=lambda: Clock(START))
    seed: int = 0
    actors: dict[str, Actor] = field(default_factory=dict)
    settings: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    scripted: dict[str, Callable[[Message], Answer]] = field(default_factory=dict)
    scripted_keys: dict[str, list[Key]] = field(default_factory=dict)
    published: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """JWKs in the place of a participant's own."""
    calls: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, participant: str, cls: type[Actor], **drawn: Any) -> Any:
        """Bind a participant; in names of settings `__` stands for a dot. Peers are seen whenever they are added."""
        return self.bind(participant, cls, {name.replace("__", "."): value for name, value in drawn.items()})

    def bind(self, participant: str, cls: type[Actor], settings: Mapping[str, Any]) -> Any:
        self.kinds[participant] = KINDS.get(cls, "")
        self.settings[participant] = settings
        maker = random.Random(f"{self.seed}/{participant}")
        part = Part(participant, self.url(participant), settings, self.kinds, self.clock, self, maker)
        self.actors[participant] = cls(part)
        return self.actors[participant]

    # What seqtest.actors.Network asks for

    def call(self, sender: str, receiver: str, message: Message) -> Answer:
        text = message.text if isinstance(message, Action) else f"{message.method} {message.url}"
        self.calls.append((sender, receiver, text))
        if receiver in self.scripted:
            return self.scripted[receiver](message)
        actor = self.actors[receiver]
        if isinstance(message, Action):
            result = actor.act(message)
            assert result is not None, f"{receiver} has no step for {text}"
            return result
        return actor.handle(message)

    def url(self, participant: str) -> str:
        return f"https://{participant}.test"

    def participant(self, url: str) -> str | None:
        return next((name for name in (*self.actors, *self.scripted) if url.startswith(self.url(name))), None)

    def setting(self, participant: str, path: str) -> Any:
        return self.settings.get(participant, {}).get(path)

    def keys(self, participant: str) -> list[dict[str, Any]]:
        if participant in self.published:
            return self.published[participant]
        if participant in self.scripted_keys:
            return [verification_jwk(key) for key in self.scripted_keys[participant]]
        return self.actors[participant].public_jwks() if participant in self.actors else []

    # What a test asks for

    def post(
        self,
        receiver: str,
        path: str,
        form: Mapping[str, Any] | list[tuple[str, str]],
        auth: tuple[str, str] | None = None,
        **headers: str,
    ) -> Response:
        fields = [("Content-Type", "application/x-www-form-urlencoded")]
        if auth is not None:
            fields.append(("Authorization", basic.encode(*auth)))
        fields += [(name.replace("_", "-"), value) for name, value in headers.items()]
        body = urlencode(form, doseq=True).encode()
        return self.actors[receiver].handle(Request("POST", self.url(receiver) + path, Headers(fields), body))

    def get(self, receiver: str, path: str, *authorization: str, method: str = "GET") -> Response:
        headers = Headers(("Authorization", value) for value in authorization)
        return self.actors[receiver].handle(Request(method, self.url(receiver) + path, headers))

    def browser(self, receiver: str = "auth") -> "Browser":
        """A browser that asks this participant."""
        return Browser(self, receiver)

    def interact(self, begun: Response, form: Mapping[str, Any] | None = None) -> Response:
        """Fill in the page that an authorization response leads to, as the browser that got it."""
        browser = self.browser()
        browser.keep(begun)
        filled = {"login": "alice", "password": "wonderland"} if form is None else form
        return browser.send("POST", begun.headers.get("Location") or "", filled)

    def evil_provider(self, settings: Mapping[str, Any] | None = None) -> "EvilProvider":
        """A relying party and a provider that a test makes lie."""
        return EvilProvider(self, settings)

    def act(self, receiver: str, text: str, **fields: Any) -> Result:
        result = self.actors[receiver].act(Action(text, fields))
        assert result is not None, f"no step for {text}"
        return result

    def log_in(self, username: str = "alice", password: str = "wonderland", **more: Any) -> dict[str, Any]:
        form = {"grant_type": "password", "username": username, "password": password, **more}
        answer = self.post("auth", "/token", form, auth=("web", "tea-party"))
        assert answer.status == 200, answer.body
        return self.json(answer)

    @staticmethod
    def json(answer: Response) -> dict[str, Any]:
        found = json.loads(answer.body)
        assert isinstance(found, dict)
        return found


@dataclass
class Browser:
    """A browser by hand: it keeps cookies by their names, and the hidden fields of its page."""

    stage: Stage
    receiver: str
    cookies: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, form: Mapping[str, Any] | None = None) -> Response:
        """A form is sent with the hidden fields of its page, which is asked for before if it was not."""
        if form is not None and "csrf" not in self.hidden and path.startswith("/interaction/"):
            self.send("GET", path)
        headers = [("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))]
        if form is not None:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        body = urlencode({**self.hidden, **form} if form is not None else {}, doseq=True).encode()
        url = self.stage.url(self.receiver) + path
        answer = self.stage.actors[self.receiver].handle(Request(method, url, Headers(headers), body))
        self.keep(answer)
        return answer

    def keep(self, answer: Response) -> None:
        for cookie in answer.headers.get_all("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.body.decode()))


PROVIDER_KEY = make_key("RS256", "k1", "op")
AT = "access-token-of-alice"


class EvilProvider:
    """A relying party `web`, and `op`, whose every answer a test may change."""

    def __init__(self, stage: Stage, settings: Mapping[str, Any] | None = None) -> None:
        self.stage = stage
        stage.settings["op"] = {"issuer": "https://op.test"}
        stage.scripted_keys["op"] = [PROVIDER_KEY]
        stage.scripted["op"] = self.answer
        own = {"auth": "op", "client_id": "web", "client_secret": "tea-party", **(settings or {})}
        self.client = stage.bind("web", Client, own)
        self.browser = stage.browser("web")
        self.documents: dict[str, Any] = {}
        self.token_answer: dict[str, Any] = {}
        self.token_status = 200
        self.asked: list[Request] = []
        self.nonce = ""

    def answer(self, message: Any) -> Response:
        self.asked.append(message)
        path = urlsplit(message.url).path
        found = self.documents.get(path, self.token_answer if path.endswith("token") else None)
        status = 404 if found is None else self.token_status if path.endswith("token") else 200
        return Response(status, Headers([("Content-Type", "application/json")]), json.dumps(found).encode())

    def id_token(self, header: Mapping[str, Any] | None = None, key: Any = PROVIDER_KEY, **change: Any) -> str:
        """A good one for this log-in but for what changes; None leaves a claim out."""
        now = int(self.stage.clock.now())
        claims = {"iss": "https://op.test", "aud": "web", "sub": "123", "iat": now, "exp": now + 300}
        claims |= {"nonce": self.nonce, "at_hash": oidc.at_hash(AT, "RS256"), "auth_time": now, "sid": "s1"}
        found = {name: value for name, value in {**claims, **change}.items() if value is not None}
        return jwt.sign(header or {}, found, key)

    def logout_token(self, key: Any = PROVIDER_KEY, **change: Any) -> str:
        now = int(self.stage.clock.now())
        event = {"http://schemas.openid.net/event/backchannel-logout": {}}
        claims = {"iss": "https://op.test", "aud": "web", "iat": now, "exp": now + 120, "jti": "j1", "sid": "s1"}
        found = {**claims, "sub": "123", "events": event, **change}
        return jwt.sign({"typ": "logout+jwt"}, {n: value for n, value in found.items() if value is not None}, key)

    def begin(self, path: str = "/login") -> dict[str, str]:
        """What the browser is sent to the provider with."""
        answer = self.browser.send("GET", path)
        query = parse_qs(urlsplit(answer.headers.get("Location") or "").query)
        wanted = {name: values[0] for name, values in query.items()}
        self.nonce = wanted.get("nonce", "")
        return wanted

    def come_back(self, browser: "Browser | None" = None, **change: Any) -> Response:
        """The authorization response to the log-in that was begun."""
        sent = {"code": "c0de", "iss": "https://op.test", **change}
        query = urlencode({name: value for name, value in sent.items() if value is not None}, doseq=True)
        return (browser or self.browser).send("GET", f"/cb?{query}")

    def log_in(
        self,
        header: Mapping[str, Any] | None = None,
        key: Any = PROVIDER_KEY,
        tokens: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        **change: Any,
    ) -> Response:
        """A whole log-in; `change` is of the authorization response, `claims` of the ID token."""
        wanted = self.begin()
        self.prepare(header, key, tokens, claims)
        return self.come_back(**{"state": wanted["state"], **change})

    def prepare(
        self,
        header: Mapping[str, Any] | None = None,
        key: Any = PROVIDER_KEY,
        tokens: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
    ) -> None:
        """What the token endpoint will answer."""
        good = {"access_token": AT, "token_type": "Bearer", "expires_in": 300}
        text = self.id_token(header, key, **(claims or {}))
        found = {**good, "id_token": text, **(tokens or {})}
        self.token_answer = {name: value for name, value in found.items() if value is not None}

    @property
    def is_logged_in(self) -> bool:
        return self.browser.send("GET", "/me").status == 200


AUTH = {
    "issuer": "https://auth.example",
    "clients.web.secret": "tea-party",
    "clients.other.secret": "croquet",
    "clients.users.secret": "pool-of-tears",
    "users.alice.password": "wonderland",
    "users.alice.sub": "123",
    "users.bob.password": "builder",
    "access_token.alg": "ES256",
    "grants": " ".join(GRANTS),
}


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def auth(stage: Stage) -> Callable[..., AuthorizationServer]:
    """Bind `auth` with the usual users and clients, and what more a test draws (`{"path": value}`)."""

    def bind(more: Mapping[str, Any] | None = None) -> AuthorizationServer:
        found: AuthorizationServer = stage.bind("auth", AuthorizationServer, {**AUTH, **(more or {})})
        return found

    return bind
