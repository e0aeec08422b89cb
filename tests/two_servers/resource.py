"""A resource server in a process of its own: it has public keys only. Prints its base URL.

    python resource.py --issuer URL --audience NAME (--jwks URL | --pem FILE) [--broken]

`--broken` takes whatever algorithm the token names, with the public key as an HMAC's secret: the classical confusion.
"""

import argparse
import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt

parser = argparse.ArgumentParser()
parser.add_argument("--issuer", required=True)
parser.add_argument("--audience", required=True)
parser.add_argument("--jwks")
parser.add_argument("--pem")
parser.add_argument("--broken", action="store_true")
options = parser.parse_args()
published = jwt.PyJWKClient(options.jwks, cache_jwk_set=False) if options.jwks else None
pem = Path(options.pem).read_text() if options.pem else ""


def claims_of(token: str) -> dict[str, Any]:
    """Raises PyJWTError."""
    if options.broken and jwt.get_unverified_header(token).get("alg") == "HS256":
        signed, _, signature = token.rpartition(".")
        made = hmac.new(pem.encode(), signed.encode(), hashlib.sha256).digest()
        if hmac.compare_digest(made, urlsafe_b64decode(signature + "==")):
            return dict(jwt.decode(token, options={"verify_signature": False}))
    key: Any = published.get_signing_key_from_jwt(token).key if published else pem
    required = {"require": ["exp", "iat", "sub", "iss", "aud"]}
    return dict(
        jwt.decode(token, key, algorithms=["RS256"], issuer=options.issuer, audience=options.audience, options=required)
    )


class Handler(BaseHTTPRequestHandler):
    """`GET /users/123`, or any other path, for a good token."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            self.answer(401, {"error": "no token"}, 'Bearer realm="users"')
            return
        try:
            self.answer(200, {"sub": claims_of(token)["sub"]})
        except (jwt.PyJWTError, ValueError):
            self.answer(401, {"error": "invalid_token"}, 'Bearer realm="users", error="invalid_token"')

    def answer(self, status: int, body: dict[str, Any], challenge: str = "") -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a request's line may hold secrets."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
