"""What each message about a run looks like: a small flow, and somebody who does not keep it."""

import http.client
import itertools
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests

from seqtest import Actor, api
from seqtest.auth.jwt import sign
from seqtest.auth.keys import make_key
from seqtest.diagram.read import read
from seqtest.errors import Diagnostic
from seqtest.exchange import Headers, Request, Response
from seqtest.render.failure import failure, findings
from seqtest.source import Source

START = 1_767_225_600.0
KEY = make_key("ES256", "k1", "api")
ASKED = "client -> api : GET /x\napi --> client : 200 OK\n"
CALLING = "client -> api : GET /x\napi -> db : GET /rows\ndb --> api : 200 OK\napi --> client : 200 OK\n"
TWO_CALLS = CALLING.replace("api --> client", "api -> db : GET /more\ndb --> api : 200 OK\napi --> client")
POSTED = "client -> web : GET /go\nweb -> api : POST /x\n{}api --> web : 200 OK\nweb --> client : 200 OK\n"
PUBLISHED = "note over api : jwks = {}\n"


def note(*lines: str, side: str = "left") -> str:
    return f"note {side}\n" + "".join(f"  {line}\n" for line in lines) + "end note\n"


def says(body: Any, status: int = 200, *headers: tuple[str, str]) -> Callable[[Any], Response]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda request: Response(status, Headers([("Content-Type", "application/json"), *headers]), text)


def calls(*urls: str, **more: Any) -> Callable[[Any], int]:
    def app(request: Any) -> int:
        for url in urls:
            requests.get(url, timeout=5, **more)
        return 200

    return app


def posts(**more: Any) -> Callable[[Any], int]:
    return lambda request: requests.post("https://api.test/x", timeout=5, **more).status_code and 200


def jwt(**claims: Any) -> str:
    return sign({}, {"iss": "https://api.test", **claims}, KEY)


def raises(request: Any) -> int:
    raise LookupError("no such row")


def sleeps(seconds: float) -> Callable[[Any], int]:
    def app(request: Any) -> int:
        requests.get("https://db.test/rows", timeout=5)
        time.sleep(seconds)
        requests.get("https://db.test/more", timeout=5)
        return 200

    return app


def opens_a_socket(request: Any) -> int:
    http.client.HTTPSConnection("elsewhere.example", timeout=5).request("GET", "/")  # it is refused
    return 200


class Keeper(Actor):
    """Tells a state."""

    def handle(self, request: Request) -> Response:
        return Response(200)

    def state(self) -> Mapping[str, Any]:
        return {"revoked": ["r-1"]}


class Forgetful(Keeper):
    def state(self) -> Mapping[str, Any]:
        raise LookupError("forgotten")


class BadAtGoodbye(Keeper):
    def close(self) -> None:
        raise OSError("cannot be closed")


class Misaddressed(Keeper):
    def handle(self, request: Request) -> Response:
        self.http.get("dbb", "/rows")
        return Response(200)


def keyed(text: str) -> str:
    return PUBLISHED.format(json.dumps({"keys": [dict(KEY.public_jwk)]})) + text


class Unmade(Keeper):
    def __init__(self, part: Any) -> None:
        raise OSError("no disk")


class Hasty(Keeper):
    def __init__(self, part: Any) -> None:
        super().__init__(part)
        self.http.get("db", "/rows")


GRANTED = ASKED + "note left\n  token : jwt\nend note\n"
USED = (
    "client -> api : GET /y\nnote right\n  Authorization: Bearer {{token}} but\n    {}\n    {}\nend note\n"
    "api --> client : 401\n"
)
ACTOR = (
    "participant auth <<authorization-server>>\nnote over auth\n  {}\nend note\nclient -> auth : GET /x\n"
    "auth --> client : 404\n"
)
SERVER = (
    "participant idp\nparticipant api <<resource-server>>\nnote over api\n  {}\nend note\nclient -> api : GET /x\n"
    "api --> client : 401\n"
)
OLD = {"iat": 1_767_222_000, "exp": 1_767_222_300}
BROKEN: dict[str, tuple[str, Mapping[str, Any]]] = {
    "SQ366": ("client -> api : GET https://elsewhere.example/x\napi --> client : 200 OK\n", {"api": Keeper}),
    "SQ368": ("note over client : a = {nothing}\n" + ASKED, {"api": Keeper}),
    "SQ369": ("note over client : a = {a}\n" + ASKED, {"api": Keeper}),
    "SQ370": (
        keyed(GRANTED + USED.format("sub = alice", "signature kept")),
        {"api": says({"token": jwt(sub="alice")})},
    ),
    "SQ371": (
        "note over client : secret = s\n" + keyed(GRANTED + USED.format("sub = mallory", "signed with {secret}")),
        {"api": says({"token": jwt(sub="alice")})},
    ),
    "SQ372": ("note over client : jwks_url = /keys\n" + ASKED, {"api": Keeper}),
    "SQ373": ("note over api : quiet = jwks\n" + ASKED, {"api": Keeper}),
    "SQ380": (ACTOR.format("isuer = https://auth.example"), {}),
    "SQ381": (ACTOR.format("access_token.format = saml"), {}),
    "SQ384": (ACTOR.format("endpoints.token = token"), {}),
    "SQ385": (SERVER.format("trusts = idp\n  introspection = idp"), {}),
    "SQ386": (SERVER.format("realm = x"), {}),
    "SQ388": (ACTOR.format("access_token.alg = ES256\n  key = RS256"), {}),
    "SQ389": (ACTOR.format("keys.k1 = RS256\n  keys.k1.pem = abc"), {}),
    "SQ403": (ASKED, {"apii": Keeper}),
    "SQ404": (ASKED, {"api": 42}),
    "SQ405": ("participant api <<authorization-server>> <<resource-server>>\n" + ASKED, {}),
    "SQ407": ("note over api : url = api.example\n" + ASKED, {"api": Keeper}),
    "SQ408": ("note over api : url = https://client.test\n" + ASKED, {"api": Keeper}),
    "SQ411": (ASKED, {"api": Unmade}),
    "SQ414": ("note over client : key = XS256\n" + ASKED, {"api": Keeper}),
    "SQ415": (CALLING, {"api": Hasty}),
    "SQ419": (ASKED, {"api": "https://api.example"}),
    "SQ472": (ASKED + note("matches schema nowhere.json"), {"api": says({})}),
    "SQ504": (ASKED, {}),
    "SQ410": ("client -> api : tidy up\napi --> client : done\n", {"api": Keeper}),
    "SQ412": (ASKED + "note over api : revoked contains r-1\n", {"api": Forgetful}),
    "SQ416": (ASKED, {"api": lambda request: object()}),
    "SQ417": (CALLING, {"api": Misaddressed}),
    "SQ423": (ASKED, {"api": BadAtGoodbye}),
    "SQ470": (ASKED + note("token : jwt"), {"api": says({"token": jwt()})}),
    "SQ530": (ASKED + "participant db\n", {"api": calls("https://db.test/rows")}),
    "SQ531": (TWO_CALLS, {"api": calls("https://db.test/more", "https://db.test/rows")}),
    "SQ532": (ASKED, {"api": lambda request: 404}),
    "SQ533": ("client ->> api : POST /events\n", {"api": lambda request: 400}),
    "SQ534": (CALLING, {"api": lambda request: 200}),
    "SQ535": (ASKED, {"api": calls("https://elsewhere.example/x")}),
    "SQ537": (ASKED, {"api": opens_a_socket}),
    "SQ539": (
        TWO_CALLS.replace("api -> db : GET /more", "... 5 seconds ...\napi -> db : GET /more"),
        {"api": sleeps(2)},
    ),
    "SQ541": (
        "participant op\nnote over op\n  quiet = GET /health\nend note\n" + ASKED,
        {"api": calls("https://op.test/health")},
    ),
    "SQ550": (ASKED + note("scope contains users:read"), {"api": says({"scope": "users:readwrite"})}),
    "SQ551": (ASKED + note("expires_in = 300"), {"api": says({})}),
    "SQ552": (ASKED + note("password absent"), {"api": says({"password": None})}),
    "SQ553": (ASKED + note("expires_in = 300"), {"api": says({"expires_in": "300"})}),
    "SQ554": ((ASKED + note("jti unique")) * 2, {"api": says({"jti": "same"})}),
    "SQ555": (ASKED + note("token : jwt"), {"api": says({"token": "eyJhbGciOiJub25lIn0.e30"})}),
    "SQ556": (ASKED + note("a = 1"), {"api": says(b"{a: 1}")}),
    "SQ557": (ASKED + note("a = 1", "nothing else"), {"api": says({"a": 1, "b": 2})}),
    "SQ558": (
        POSTED.format(note("challenge = {S256(new verifier)}", side="right"))
        + POSTED.format(note("verifier = {verifier}", side="right")),
        {"web": lambda request: posts(data=next(web_says))(request)},
    ),
    "SQ559": (
        POSTED.format(note("challenge = {S256(new verifier)}", side="right")),
        {"web": posts(data={"challenge": "x"})},
    ),
    "SQ560": (
        "note over client : users.alice.password = tea-at-five\n"
        + POSTED.format(note("username = alice", side="right")),
        {"web": posts(data={"username": "alice", "note": "tea-at-five"})},
    ),
    "SQ561": (ASKED + note("exp = iat + 5 minutes"), {"api": says({"exp": 1})}),
    "SQ562": (keyed(ASKED + note("token : jwt")), {"api": says({"token": jwt(exp=START + 60)[:-4] + "AAAA"})}),
    "SQ563": (
        ASKED + note("code : opaque") + "client -> api : GET /y\nnote right : code = {code}\napi --> client : 200 OK\n",
        {"api": says({})},
    ),
    "SQ564": (ASKED + note("a = 1"), {"api": says({"a": 1}, 200, ("Content-Type", "text/plain"))}),
    "SQ565": (POSTED.format(note("a = 1", side="right")), {"web": posts(json={"a": 1})}),
    "SQ567": (ASKED + "note over api : revokd absent\n", {"api": Keeper}),
    "SQ569": (POSTED.format(""), {"web": posts(headers={"Host": "elsewhere.example"})}),
    "SQ570": (ASKED, {"api": says({}, 200, ("Content-Length", "99"))}),
    "SQ571": (ASKED + note("a = 1"), {"api": lambda request: Response(200, Headers(), b'{"a": 1}')}),
    "SQ572": (keyed(ASKED + note("token : jwt", "  exp = iat + 5 minutes")), {"api": says({"token": jwt(**OLD)})}),
}
web_says = itertools.cycle([{"challenge": "x" * 43}, {"verifier": "y" * 43}])


@pytest.mark.parametrize("code", BROKEN)
def test_each_broken_promise_is_printed_as_ever(code: str, golden: Callable[[str, str], None]) -> None:
    """With the arrow's place, what was promised and what came, and what to do."""
    drawn, bindings = BROKEN[code]
    (diagram,) = read(Source("flow.puml", f"@startuml flow\n{drawn}@enduml\n"))
    try:
        verdict = api.play(api.ready(api.cases(diagram)[0], bindings, start=START))
    except Diagnostic as problem:
        found, said = list(problem.findings), findings(problem.findings)
    else:
        found, said = list(verdict.failures), failure(verdict, detail="short")

    assert code in [finding.code for finding in found]
    golden(f"messages/runs/{code}.txt", re.sub(r"\(\S+\.py:\d+\)", "(app.py:1)", said) + "\n")
