"""Each lint of drawings by a flow in which it speaks and others in which it does not."""

from pathlib import Path
from textwrap import dedent

import pytest

from seqtest import api
from seqtest.hygiene.table import BY_NAME, LINTS

HEAD = """\
participant web
participant shop
participant auth <<authorization-server>>
participant api <<resource-server>>
"""


def heard(folder: Path, name: str, drawn: str) -> list[str]:
    """What the lint says of the drawing."""
    file = folder / "flow.puml"
    file.write_text(f"@startuml flow\n{HEAD}{dedent(drawn).strip()}\n@enduml\n")
    (diagram,) = api.read(file)
    assert api.cases(diagram), "a drawing that cannot be played is not looked at"
    return [finding.message for finding in api.check(diagram, lints=[BY_NAME[name]]) if finding.code[:3] == "SQ7"]


LOG_IN = """
web -> auth : POST /token
note right
  grant_type = authorization_code
  code = x
end note
auth --> web : 200 OK {access_token: jwt, refresh_token: opaque}
"""
CALL = """
web -> api : GET /orders
note right: Authorization: Bearer {access_token}
"""
DEAD = CALL + "api --> web : 401 Unauthorized\n"
TAMPERED = """
web -> api : GET /orders
note right
  Authorization: Bearer {access_token} but
    sub = mallory
    signature kept
end note
api --> web : 401 Unauthorized
"""
LOG_OUT = "web -> shop : POST /logout\nshop --> web : 200 OK\n"
REVOKE = """
web -> auth : POST /revoke
note right: token = {access_token}
auth --> web : 200 OK
"""
FIND = (
    "web -> shop : GET /cb\nnote right: id_token = x\n{0} -> shop : {1}\nshop --> {0} : found\nshop --> web : 200 OK\n"
)
BEHIND = """
web -> shop : GET /orders
{outside}
shop -> api : GET /orders
note right
  {field}
end note
api --> shop : {status}
shop --> web : 200 OK
"""


def settings(*lines: str, over: str = "auth") -> str:
    return f"note over {over}\n" + "".join(f"  {line}\n" for line in lines) + "end note\n"


SHORT, LONG = "keys.k1.secret = tea-party", "keys.k1.secret = " + "tea-party-" * 4

CASES: dict[str, tuple[list[str], list[str]]] = {
    "secret-in-diagram": (
        [
            CALL.replace("{access_token}", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.aaaaaaaaaaaaaaaaaaaa")
            + "api --> web : 200\n"
        ],
        [LOG_IN + CALL + "api --> web : 200\n"],
    ),
    "redirect-wildcard": (
        [settings("clients.web.redirect_uri = https://shop.example/*") + LOG_IN],
        [settings("clients.web.redirect_uri = https://shop.example/cb") + LOG_IN],
    ),
    "clock-skew": (
        [settings("leeway = 10 minutes", over="api") + LOG_IN],
        [settings("leeway = 1 minute", over="api") + LOG_IN],
    ),
    "browser-storage": (
        [LOG_IN + "note over web <<prose>> : kept in sessionStorage\n"],
        [LOG_IN + "note over web <<prose>> : kept in memory\n' not in localStorage\n"],
    ),
    "key-weak": (
        [settings("keys.k1 = HS256", SHORT) + LOG_IN, settings("key = HS512", "key.secret = " + "x" * 63) + LOG_IN],
        [
            settings("keys.k1 = HS256", LONG) + LOG_IN,
            settings("key = HS256", "key.secret = " + "x" * 32) + LOG_IN,
            settings("keys.k1 = HS256", "keys.k1.secret = {secret}") + LOG_IN,
            settings("keys.k1 = HS256", SHORT, "lint.key_weak = off") + LOG_IN,
        ],
    ),
    "public-client-secret": (
        [
            settings("clients.app.secret = s", "clients.app.redirect_uri = com.example.app:/cb") + LOG_IN,
            settings("clients.a.secret = s", "clients.b.secret = s") + LOG_IN,
        ],
        [
            settings("clients.app.secret = s", "clients.app.redirect_uri = https://app.example/cb") + LOG_IN,
            settings("clients.app.redirect_uri = com.example.app:/cb") + LOG_IN,
            settings("clients.a.secret = s", "clients.b.secret = t") + LOG_IN,
            settings("clients.a.secret = {s}", "clients.b.secret = {t}") + LOG_IN,
            settings("clients.a.secret = s", "clients.b.secret = s", "lint.public_client_secret = off") + LOG_IN,
        ],
    ),
    "refresh-no-end": (
        [settings("refresh_token.lifetime = none") + LOG_IN],
        [
            settings("refresh_token.lifetime = 1 day") + LOG_IN,
            settings("refresh_token.lifetime = none") + LOG_IN + REVOKE,
            settings("refresh_token.lifetime = none", "revocation_list = shop") + LOG_IN,
        ],
    ),
    "csrf-cookie-token": (
        [settings("jwt.a.issuer = x", "jwt.a.fromCookies = token", over="shop") + LOG_IN],
        [
            settings("jwt.a.issuer = x", "jwt.a.fromHeaders = x-token", over="shop") + LOG_IN,
            settings("jwt.a.fromCookies = token", over="shop") + LOG_IN + "web -> shop : POST /x\n"
            "note right: Origin: https://elsewhere.example\nshop --> web : 403 Forbidden\n",
        ],
    ),
    "email-as-key": (
        [
            FIND.format("web", "find user by email"),
            FIND.format("web", "look up the user whose e-mail is {id_token.email}"),
            FIND.format("web", "find user {email}"),
            FIND.format("web", "GET /users?email={id_token.email}").replace(": found", ": 200 OK"),
        ],
        [
            FIND.format("web", "find user {id_token.sub}"),
            FIND.format("auth", "find user by email"),
            FIND.format("web", "send an e-mail"),
            FIND.format("web", "GET /users?email=alice@example.com").replace(": found", ": 200 OK"),
            "web -> shop : find user by email\nshop --> web : found\n" + LOG_IN,
        ],
    ),
    "gateway-header-trust": (
        [
            BEHIND.format(outside="", field="X-Forwarded-User: alice", status="200 OK"),
            BEHIND.format(outside="", field="x-jwt-payload present", status="200 OK"),
            BEHIND.format(outside="note right: X-User: admin", field="X-Forwarded-User: alice", status="200 OK"),
        ],
        [
            BEHIND.format(outside="", field="X-Request-Id: 1", status="200 OK"),
            BEHIND.format(outside="", field="X-Forwarded-User absent", status="200 OK"),
            BEHIND.format(outside="", field="X-Forwarded-User: alice", status="403 Forbidden"),
            BEHIND.format(outside="note right: X-Forwarded-User: admin", field="X-Forwarded-User: alice", status="200"),
            BEHIND.format(outside="", field="X-User: alice\n  Authorization: Bearer x", status="200 OK"),
            BEHIND.format(outside="", field="X-User: alice", status="200")
            + "note over api <<prose>> : mutual TLS only\n",
            "web -> api : GET /orders\nnote right: X-Forwarded-User: admin\napi --> web : 200 OK\n",
        ],
    ),
    "logout-without-revocation": (
        [LOG_IN + LOG_OUT, LOG_IN + "web -> shop : log out\nshop --> web : done\n"],
        [
            LOG_IN.replace(", refresh_token: opaque", "") + LOG_OUT,
            LOG_IN + LOG_OUT + REVOKE,
            LOG_IN + LOG_OUT.replace("shop", "auth"),
            LOG_IN + LOG_OUT + "web -> auth : GET {auth.url}/logout\nauth --> web : 200 OK\n",
            LOG_IN + LOG_OUT.replace("200 OK", "403 Forbidden"),
            LOG_IN + LOG_OUT + "web -> auth : POST /token\nnote right\n  grant_type = refresh_token\n"
            "  refresh_token = {refresh_token}\nend note\nauth --> web : 400 Bad Request\n",
        ],
    ),
    "replay-window": (
        [LOG_IN + LOG_OUT + DEAD, LOG_IN + REVOKE + DEAD],
        [
            LOG_IN + REVOKE + CALL + "api --> web : 200 OK\n",
            LOG_IN + REVOKE + "... 6 minutes later ...\n" + DEAD,
            LOG_IN + REVOKE.replace("200 OK", "400 Bad Request") + DEAD,
            LOG_IN + DEAD,
            LOG_IN.replace("jwt", "opaque") + REVOKE + DEAD,
            LOG_IN + REVOKE + DEAD.replace("{access_token}", "nonsense"),
            settings("introspection = auth", over="api") + LOG_IN + REVOKE + DEAD,
            LOG_IN + LOG_OUT.replace("shop", "api") + DEAD,
            LOG_IN + REVOKE + CALL + "api -> shop : is it dead\nshop --> api : yes\napi --> web : 401 Unauthorized\n",
            LOG_IN + REVOKE + TAMPERED,
        ],
    ),
}


@pytest.mark.parametrize(("name", "number"), [(name, n) for name in CASES for n in range(len(CASES[name][0]))])
def test_it_speaks(name: str, number: int, tmp_path: Path) -> None:
    """Once."""
    assert len(heard(tmp_path, name, CASES[name][0][number])) == 1


@pytest.mark.parametrize(("name", "number"), [(name, n) for name in CASES for n in range(len(CASES[name][1]))])
def test_it_does_not_speak(name: str, number: int, tmp_path: Path) -> None:
    """Of what is done well, of what is refused, of what is something else, of what a note leaves out."""
    assert heard(tmp_path, name, CASES[name][1][number]) == []


def test_every_lint_of_drawings_is_tried() -> None:
    """One that nobody tries may say nothing."""
    assert sorted(CASES) == sorted(lint.name for lint in LINTS if lint.drawing is not None)


DIAGRAMS = sorted((Path(__file__).parents[2] / "diagrams").rglob("*.puml"))


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_the_flows_of_the_project_are_clean(path: Path) -> None:
    """Nothing that speaks by itself is said of a drawing of ours."""
    for diagram in api.read(path):
        assert [str(finding) for finding in api.check(diagram) if finding.code[:3] == "SQ7"] == []
