"""The application under test on both sides: a small Flask login service with JWTs and revocable refresh tokens."""

import itertools
import time

import jwt
from flask import Flask, Response, jsonify, request

SECRET = "a-signing-key-of-at-least-thirty-two-bytes"
AUDIENCE = "https://shop.test"
USERS = {"alice": "wonderland"}


def create_app() -> Flask:
    app = Flask("shop")
    numbers = itertools.count(1)
    live: dict[str, str] = {}

    def tokens(name: str) -> Response:
        now = int(time.time())
        claims = {
            "iss": "https://auth.test",
            "aud": AUDIENCE,
            "sub": name,
            "iat": now,
            "exp": now + 300,
            "jti": f"a{next(numbers)}",
        }
        refresh = f"refresh-token-number-{next(numbers):06d}"
        live[refresh] = name
        answer = jsonify(
            access_token=jwt.encode(claims, SECRET, "HS256"),
            token_type="Bearer",
            expires_in=300,
            refresh_token=refresh,
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def refusal(error: str) -> tuple[Response, int]:
        return jsonify(error=error), 400

    @app.post("/token")
    def token() -> Response | tuple[Response, int]:
        form = request.form
        if form.get("grant_type") == "password":
            if USERS.get(form.get("username", "")) != form.get("password"):
                return refusal("invalid_grant")
            return tokens(form["username"])
        if form.get("grant_type") == "refresh_token":
            name = live.pop(form.get("refresh_token", ""), None)
            return tokens(name) if name else refusal("invalid_grant")
        return refusal("unsupported_grant_type")

    @app.post("/revoke")
    def revoke() -> tuple[str, int]:
        live.pop(request.form.get("token", ""), None)
        return "", 200

    @app.get("/me")
    def me() -> Response | tuple[Response, int]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            claims = jwt.decode(token, SECRET, ["HS256"], audience=AUDIENCE)
        except jwt.InvalidTokenError:
            answer = jsonify(error="invalid_token")
            answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            return answer, 401
        return jsonify(name=claims["sub"], scheme=scheme)

    return app
