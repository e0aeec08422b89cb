"""An authorization server that is attacked."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from attacks.resource_server import Attack

from seqtest.actors.authorization_server import AuthorizationServer
from seqtest.actors.authorization_settings import GRANTS
from seqtest.auth import jwt
from seqtest.auth.keys import make_key, public_jwk
from seqtest.exchange import Headers, Request, Response

CALLBACK = "https://web.test/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
AUTHORIZE = {
    "response_type": "code",
    "client_id": "web",
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
SIGNER = make_key("ES256", "s1", "signer")


class Server:
    """An authorization server under attack."""

    def __init__(self, stage: Any, switch: dict[str, Any], **more: Any) -> None:
        self.stage = stage
        drawn = {
            "clients.web.secret": "tea-party",
            "clients.web.redirect_uri": CALLBACK,
            "clients.web.scope": "openid read",
            "clients.other.secret": "croquet",
            "clients.other.redirect_uri": CALLBACK,
            "clients.api.secret": "s",
            "clients.api.exchange": "https://orders.example",
            "clients.api.audience": "https://other.example",
            "clients.spa.authentication": "none",
            "clients.poster.secret": "post",
            "clients.poster.authentication": "client_secret_post",
            "clients.signer.jwks": [public_jwk(SIGNER)],
            "clients.lone.secret": "x",
            "clients.lone.grants": "authorization_code",
            "clients.several.authentication": "none",
            "clients.several.redirect_uris": f"{CALLBACK} https://other.test/cb",
            "users.alice.password": "wonderland",
            "grants": " ".join(GRANTS),
            "access_token.alg": "ES256",
            "refresh_token.lifetime": "1 hour",
        }
        stage.bind("auth", AuthorizationServer, {**drawn, **more, **switch})

    def token(self, auth: tuple[str, str] | None = ("web", "tea-party"), **form: Any) -> Response:
        answer: Response = self.stage.post("auth", "/token", form, auth=auth)
        return answer

    def log_in(self, **change: Any) -> Response:
        return self.token(**{"grant_type": "password", "username": "alice", "password": "wonderland", **change})

    def tokens(self) -> dict[str, str]:
        found: dict[str, str] = self.stage.json(self.log_in())
        return found

    def refresh(self, text: str, auth: tuple[str, str] = ("web", "tea-party"), **more: Any) -> bool:
        return self.token(auth, grant_type="refresh_token", refresh_token=text, **more).status == 200

    def authorize(self, query: str = "", **change: Any) -> Response:
        wanted = {name: value for name, value in {**AUTHORIZE, **change}.items() if value is not None}
        answer: Response = self.stage.get("auth", f"/authorize?{urlencode(wanted)}{query}")
        return answer

    def is_asked(self, query: str = "", **change: Any) -> bool:
        """Whether the request leads to the log-in page."""
        return (self.authorize(query, **change).headers.get("Location") or "").startswith("/interaction/")

    def back(self, **change: Any) -> Response:
        answer: Response = self.stage.interact(self.authorize(**change))
        return answer

    def forged(self) -> bool:
        """Whether a log-in that another site made up, without the page's token and cookie, brings a code."""
        page = self.authorize().headers.get("Location")
        answer = self.stage.post("auth", page, {"login": "alice", "password": "wonderland"})
        return "code=" in (answer.headers.get("Location") or "")

    def state_of(self, **change: Any) -> str:
        """`state` in the response."""
        return parse_qs(urlsplit(self.back(**change).headers.get("Location") or "").query).get("state", [""])[0]

    def code(self, **change: Any) -> str:
        return (self.back(**change).headers.get("Location") or "").partition("code=")[2].partition("&")[0]

    def id_token(self) -> str:
        form = {"grant_type": "authorization_code", "code": self.code(), "redirect_uri": CALLBACK}
        found: str = self.stage.json(self.token(code_verifier=VERIFIER, **form))["id_token"]
        return found

    def redeem(self, code: str, auth: tuple[str, str] | None = ("web", "tea-party"), **change: Any) -> bool:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.token(auth, **{n: v for n, v in {**form, **change}.items() if v is not None}).status == 200

    def is_active(self, text: str, auth: tuple[str, str] | None = ("web", "tea-party"), **more: str) -> bool:
        answer = self.stage.post("auth", "/introspect", {"token": text, **more}, auth=auth)
        return answer.status == 200 and self.stage.json(answer)["active"] is True

    def raw(self, body: str, path: str = "/token", **headers: str) -> bool:
        fields = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        request = Request("POST", f"https://auth.test{path}", Headers(fields.items()), body.encode())
        found: int = self.stage.actors["auth"].handle(request).status
        return found == 200

    def assertion(self, **change: Any) -> str:
        now = int(self.stage.clock.now())
        claims = {"iss": "signer", "sub": "signer", "aud": "https://auth.test", "exp": now + 60, "jti": "j", **change}
        return jwt.sign({}, claims, SIGNER)

    def asserted(self, text: str) -> bool:
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        form = {"grant_type": "client_credentials", "client_assertion_type": kind, "client_assertion": text}
        return self.token(None, **form).status == 200


def server(attack: Callable[[Server], bool], **more: Any) -> Attack:
    drawn = {name.replace("__", "."): value for name, value in more.items()}
    return lambda stage, switch: attack(Server(stage, switch, **drawn))
