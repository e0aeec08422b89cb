"""What a token costs the authorization server: `pytest -m benchmark -s tests/benchmarks/test_token_requests.py`.

All are ratios of processor time within one run, each the best of several turns, the two sides taking turns.
"""

import gc
import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from seqtest.actors import Part
from seqtest.actors.authorization_server import AuthorizationServer
from seqtest.actors.token_store import TokenStore
from seqtest.auth import basic, jwt
from seqtest.auth.keys import make_key
from seqtest.clock import Clock
from seqtest.exchange import Action, Answer, Headers, Message, Request
from seqtest.transports import wsgi

TURNS, REQUESTS = 9, 300
ISSUED = 10_000


class Stage:
    """Actors that call each other, without a player: nothing but the actors is measured."""

    def __init__(self, settings: dict[str, dict[str, Any]]) -> None:
        kinds = {"auth": AuthorizationServer, "db": TokenStore}
        self.settings = settings
        self.actors: dict[str, Any] = {
            name: kinds[name](Part(name, self.url(name), drawn, {}, Clock(1_767_225_600.0), self, random.Random(name)))
            for name, drawn in settings.items()
        }

    def url(self, participant: str) -> str:
        return f"https://{participant}.test"

    def participant(self, url: str) -> str | None:
        return None

    def setting(self, participant: str, path: str) -> Any:
        return self.settings.get(participant, {}).get(path)

    def keys(self, participant: str) -> list[dict[str, Any]]:
        return []

    def call(self, sender: str, receiver: str, message: Message) -> Answer:
        assert isinstance(message, Action)
        answer: Answer = self.actors[receiver].act(message)
        return answer

    def post(self, path: str, **form: str) -> dict[str, Any]:
        """The JSON of a 200; of an answer without a body an empty one."""
        answer = self.actors["auth"].handle(asked(path, **form))
        assert answer.status == 200, answer.body
        found: dict[str, Any] = json.loads(answer.body or b"{}")
        return found


def asked(path: str, **form: str) -> Request:
    fields = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Authorization", basic.encode("web", "tea-party")),
    ]
    return Request("POST", f"https://auth.test{path}", Headers(fields), urlencode(form).encode())


def seconds(do: Callable[[], object], times: int) -> float:
    begin = time.process_time()
    for _ in range(times):
        do()
    return (time.process_time() - begin) / times


@pytest.fixture
def without_collector() -> Iterator[None]:
    """The collector's share depends on what else the process holds."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def bare(answer: dict[str, Any]) -> Callable[..., Any]:
    """A Werkzeug application that reads the form and the credentials, and answers with that JSON."""
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

    @WebRequest.application
    def application(request: Any) -> Any:
        assert request.path == "/token"
        assert request.form["grant_type"] == "client_credentials"
        assert request.authorization.username == "web"
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        return WebResponse(json.dumps(answer), 200, headers, mimetype="application/json")

    found: Callable[..., Any] = application
    return found


@pytest.mark.benchmark
@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("alg", ["RS256", "ES256", "HS256", "opaque"])
def test_a_token_request(alg: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It costs at most 1.5 times what its signature and one bare Werkzeug request cost."""
    form = {"access_token.format": "opaque"} if alg == "opaque" else {"access_token.alg": alg}
    stage = Stage({"auth": {"clients.web.secret": "tea-party", **form}})
    request = asked("/token", grant_type="client_credentials", scope="orders:read orders:write")
    answer = json.loads(stage.actors["auth"].handle(request).body)
    application = bare(answer)
    claims = dict(jwt.read(answer["access_token"]).claims) if alg != "opaque" else {}

    def least() -> None:
        if claims:
            jwt.sign({"typ": "at+jwt"}, claims, make_key(alg, "k1", "bare"))
        assert wsgi.call(application, request).status == 200

    def whole() -> None:
        assert stage.actors["auth"].handle(request).status == 200

    pairs = [(seconds(least, REQUESTS), seconds(whole, REQUESTS)) for _ in range(TURNS)]
    expected, spent = (min(side) for side in zip(*pairs, strict=True))

    with capsys.disabled():
        print(
            f"\n{alg}: signature and bare request {expected * 1e6:.0f} µs, token request {spent * 1e6:.0f} µs, "
            f"ratio {spent / expected:.2f}"
        )
    assert spent <= 1.5 * expected


USER = {"users.alice.password": "wonderland", "clients.web.secret": "tea-party", "access_token.alg": "HS256"}
LOG_IN = {"grant_type": "password", "username": "alice", "password": "wonderland"}


def _log_in(stage: Stage) -> None:
    stage.post("/token", **LOG_IN)


def _use(stage: Stage) -> None:
    """Log in, introspect, and revoke."""
    token = stage.post("/token", **LOG_IN)["access_token"]
    assert stage.post("/introspect", token=token)["active"] is True
    stage.post("/revoke", token=token)
    assert stage.post("/introspect", token=token)["active"] is False


def _refresh(stage: Stage) -> None:
    """Log in, refresh, and revoke the new one."""
    old = stage.post("/token", **LOG_IN)["refresh_token"]
    new = stage.post("/token", grant_type="refresh_token", refresh_token=old)["refresh_token"]
    stage.post("/revoke", token=new)
    assert stage.actors["auth"].handle(asked("/token", grant_type="refresh_token", refresh_token=new)).status == 400


MEMORY = {"auth": USER}
STORE = {"auth": {**USER, "access_token.format": "opaque", "token_store": "db"}, "db": {}}
LISTED = {"auth": {**USER, "revocation_list": "db"}, "db": {}}


@pytest.mark.benchmark
@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize(
    ("settings", "work"),
    [(MEMORY, _log_in), (MEMORY, _use), (STORE, _use), (LISTED, _refresh)],
    ids=["JWT", "JWT, introspected and revoked", "SQLite", "revocation list"],
)
def test_ten_thousand_tokens_slow_nothing(
    settings: dict[str, dict[str, Any]],
    work: Callable[[Stage], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What the 10,001st costs is what the first ones cost."""
    full = Stage(settings)
    for _ in range(ISSUED):
        work(full)
    begin, end = [], []
    for _ in range(TURNS):
        fresh = Stage(settings)
        work(fresh)
        begin.append(seconds(lambda fresh=fresh: work(fresh), REQUESTS // 3))  # type: ignore[misc]
        end.append(seconds(lambda: work(full), REQUESTS // 3))

    with capsys.disabled():
        print(
            f"\nfirst {min(begin) * 1e6:.0f} µs, after {ISSUED:,} {min(end) * 1e6:.0f} µs: {min(end) / min(begin):.2f}"
        )
    assert min(end) <= 1.25 * min(begin)
