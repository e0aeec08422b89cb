"""`jwt-local.puml` has no arrow from resource server to auth server; one that asks all the same turns it red."""

from pathlib import Path

import requests
from flask import Flask, jsonify, request

from seqtest import api
from seqtest.auth import jwt
from seqtest.verdict import Verdict

FLOW = Path(__file__).parents[2] / "diagrams" / "jwt-local.puml"


def users_api(*, asks: bool, swallows: bool = False) -> Flask:
    """A resource server of the user's own. With `asks` it introspects each token, which the drawing does not show."""
    app = Flask("users")

    def introspect(token: str) -> None:
        requests.post("https://auth.test/oauth/introspect", data={"token": token}, timeout=5)

    @app.get("/users/123")
    def user():
        token = request.headers["Authorization"].removeprefix("Bearer ")
        if asks and swallows:
            try:
                introspect(token)
            except:  # noqa: E722  # the pitfall that this is about
                app.logger.debug("not asked")
        elif asks:
            introspect(token)
        return jsonify(sub=jwt.read(token).claims["sub"])

    return app


def play(app: Flask) -> Verdict:
    (diagram,) = api.read(FLOW)
    case = next(case for case in api.cases(diagram) if case.id == "token-is-good")
    return api.play(api.ready(case, {"users": app}))


def test_a_server_that_verifies_by_itself_is_kept() -> None:
    """Without the call the flow is green; else the next tests would show nothing."""
    assert play(users_api(asks=False)).is_kept


def test_one_call_too_many_is_red_at_its_place() -> None:
    """The introspection call that is not drawn fails the flow and is named."""
    verdict = play(users_api(asks=True))

    assert not verdict.is_kept
    assert "users sent auth" in verdict.failures[0].message
    assert "/oauth/introspect" in verdict.failures[0].message + verdict.failures[0].got


def test_swallowing_what_we_raise_does_not_help() -> None:
    """A bare `except:` around the call hides nothing."""
    assert not play(users_api(asks=True, swallows=True)).is_kept
