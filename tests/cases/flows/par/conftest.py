"""A client and an authorization server of the user's own: plain classes and `requests`, nothing of seqtest inside."""

import json
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from werkzeug.wrappers import Request, Response

import seqtest

KEY = generate_private_key(SECP256R1())
PASSWORDS = {"alice": "wonderland", "bob": "builder"}


def as_json(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status, {"Cache-Control": "no-store"}, content_type="application/json")


class AuthServer:
    """Issues tokens for passwords, and one for a code, however many ask at once."""

    def __init__(self) -> None:
        self.codes = {"a-code-of-twenty-bytes"}
        self.lock = threading.Lock()

    @Request.application
    def __call__(self, request: Request) -> Response:
        if request.path == "/.well-known/oauth-authorization-server":
            return as_json({"issuer": "https://auth.example", "jwks_uri": request.host_url + "jwks"})
        if request.path == "/jwks":
            public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key()))
            return as_json({"keys": [{**public, "alg": "ES256", "kid": "k1", "use": "sig"}]})
        if request.path == "/authorize":
            found = urlencode({"code": next(iter(self.codes)), "state": request.args["state"]})
            return Response(status=302, headers={"Location": f"{request.args['redirect_uri']}?{found}"})
        if request.form.get("grant_type") == "authorization_code":
            with self.lock:
                if request.form.get("code") not in self.codes:
                    return as_json({"error": "invalid_grant"}, 400)
                self.codes.clear()
            return as_json({"access_token": "opaque-token-of-the-race", "token_type": "Bearer", "expires_in": 300})
        name = request.form["username"]
        if PASSWORDS.get(name) != request.form["password"]:
            return as_json({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": "https://auth.example",
            "sub": name,
            "aud": "https://api.example",
            "iat": now,
            "exp": now + 300,
        }
        token = jwt.encode(claims, KEY, "ES256", {"kid": "k1"})
        return as_json({"access_token": token, "token_type": "Bearer", "expires_in": 300})


class Client(seqtest.Actor):
    """Logs users in, and asks twice at once when told to race."""

    def __init__(self, part: Any) -> None:
        super().__init__(part)
        self.tokens: list[str] = []

    def handle(self, request: Any) -> Any:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if request.url.endswith("/race"):
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(self.ask_with_code, [form["code"]] * 2))
            return seqtest.Response(200)
        reply = requests.post("https://auth.test/token", data={"grant_type": "password", **form}, timeout=5)
        self.tokens.append(reply.json()["access_token"])
        return seqtest.Response(200)

    def ask_with_code(self, code: str) -> int:
        data = {"grant_type": "authorization_code", "code": code}
        return requests.post("https://auth.test/token", data=data, timeout=5).status_code

    def state(self) -> Mapping[str, Any]:
        return {"tokens": self.tokens}


@seqtest.plays("auth")
def auth() -> AuthServer:
    return AuthServer()


@seqtest.plays("client")
def client() -> type[Client]:
    return Client
