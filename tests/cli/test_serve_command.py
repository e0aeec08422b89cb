"""`seqtest serve` as a person or a script starts it: ports, own applications, live participants, stopping."""

import json
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from seqtest.cli.main import main
from seqtest.cli.serving import scenario_of, serve
from seqtest.cli.sockets import OpenRequests
from seqtest.errors import Unanswerable, UnplayableScenario
from seqtest.source import Source

SHOP = """\
@startuml shop
participant client
participant gw <<gateway>>
participant api
participant auth <<authorization-server>>
note over auth
  issuer = https://auth.example
  users.alice.password = {password}
  access_token.alg = RS256
  access_token.aud = https://api.test
end note
note over gw
  upstream = api
  jwt.main.issuer = https://auth.example
  jwt.main.trusts = auth
  jwt.main.audiences = https://api.test
end note
client -> gw : GET /
gw -> api : GET /
api --> gw : 200
gw --> client : 200
@enduml
"""
CONFTEST = """\
import json
import urllib.request

import pytest
import seqtest


@pytest.fixture
def password():
    return "looking-glass"


@pytest.fixture
def name():
    yield "shop"
    print("the fixture is over")


@seqtest.plays("api")
def api(name):
    def app(environ, start_response):
        body = name.encode()
        if environ["PATH_INFO"] == "/ask":
            with urllib.request.urlopen(environ["QUERY_STRING"], timeout=5) as answer:
                body = answer.read()
        start_response("200 OK", [])
        return [body]

    return app
"""


@contextmanager
def command(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """The command in a process of its own, once it has said in JSON what it serves."""
    whole = [sys.executable, "-c", f"from {main.__module__} import main; main()", "serve", *arguments]
    with subprocess.Popen(
        [*whole, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            yield process, json.loads(line)
        finally:
            process.kill()


def stopped(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """What Ctrl-C brings about: the exit code, and what was still said."""
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=20)
    return process.returncode, said


def test_a_projects_own_application_with_its_fixtures(folder: Path) -> None:
    """Who a conftest binds is served, made of fixtures that last until the end; `{password}` is a fixture's too."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "shop.puml").write_text(SHOP)
    with command("shop.puml") as (process, said):
        url = {name: one["url"] for name, one in said["served"].items()}
        form = {"grant_type": "password", "client_id": "x", "username": "alice", "password": "looking-glass"}
        token = requests.post(f"{url['auth']}/token", form, timeout=5).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        through = requests.get(f"{url['gw']}/things", headers=bearer, timeout=5)
        forged = requests.get(
            f"{url['gw']}/things", headers={"Authorization": f"Bearer {token[:-9]}AAAAAAAAA"}, timeout=5
        )
        # The application asks one of ours over its socket, while one of ours waits for the application.
        asked = requests.get(f"{url['gw']}/ask?{url['auth']}/jwks", timeout=5)
        ended = stopped(process)

    assert (through.text, forged.status_code) == ("shop", 401)
    assert asked.json()["keys"]
    assert ended == (0, "the fixture is over\n")
    assert {name: one["kind"] for name, one in said["served"].items()} == {
        "gw": "gateway",
        "api": "your own",
        "auth": "authorization-server",
    }


def test_a_restart_keeps_the_keys(folder: Path) -> None:
    """Those for RSA too, so that clients with cached keys go on; another seed has others."""
    kinds = ("authorization-server", "--set", "authorization_server.access_token.alg=RS256")
    numbers = []
    for more in ((), (), ("--seed", "7")):
        with command(*kinds, *more) as (_, said):
            url = said["served"]["authorization_server"]["url"]
            numbers.append([key["n"] for key in requests.get(f"{url}/jwks", timeout=5).json()["keys"] if "n" in key])

    assert numbers[0]
    assert numbers[0] == numbers[1]
    assert not set(numbers[0]) & set(numbers[2])


def test_two_processes(folder: Path) -> None:
    """An API here and its authorization server elsewhere: `--bind auth=URL` fetches that one's keys over HTTP."""
    (folder / "auth.puml").write_text(
        "@startuml\nparticipant client\nparticipant auth <<authorization-server>>\nnote over auth\n"
        "users.alice.password = wonderland\naccess_token.aud = api\nend note\n"
        "client -> auth : GET /jwks\nauth --> client : 200\n@enduml\n"
    )
    (folder / "api.puml").write_text(
        "@startuml\nparticipant client\nparticipant api <<resource-server>>\n"
        "participant auth <<authorization-server>>\nnote over auth : issuer = https://auth.example\n"
        "note over api : audience = api\nclient -> api : GET /\napi --> client : 401\n@enduml\n"
    )
    form = {"grant_type": "password", "client_id": "x", "username": "alice", "password": "wonderland"}
    with command("auth.puml") as (_, far):
        auth = far["served"]["auth"]["url"]
        with command("api.puml", "--bind", f"auth={auth}") as (_, near):
            api = near["served"]["api"]["url"]
            token = requests.post(f"{auth}/token", form, timeout=5).json()["access_token"]
            bearer = {"Authorization": f"Bearer {token}"}
            good = requests.get(f"{api}/users/alice", headers=bearer, timeout=5)
            bad = requests.get(f"{api}/users/alice", timeout=5)

    assert list(near["served"]) == ["api"]
    assert (good.status_code, bad.status_code) == (200, 401)


@pytest.mark.parametrize("is_patient", [True, False])
def test_a_request_that_is_open_is_answered(monkeypatch: pytest.MonkeyPatch, is_patient: bool) -> None:
    """Stopping takes no new requests, and lets what is under way finish; but it does not wait for ever."""
    begun, go_on = threading.Event(), threading.Event()
    found: list[str] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        begun.set()
        go_on.wait(10)
        start_response("200 OK", [])
        return [b"done"]

    def ask() -> None:
        with suppress(requests.ConnectionError):
            found.append(requests.get(servers.served[0].url, timeout=10).text)

    waits = OpenRequests.finished

    def finished(under_way: OpenRequests, seconds: float) -> bool:
        if is_patient:
            go_on.set()
        return waits(under_way, seconds if is_patient else 0)

    monkeypatch.setattr(OpenRequests, "finished", finished)
    scenario = scenario_of(Source("slow.puml", "@startuml\na -> api : GET /\napi --> a : 200\n@enduml\n"))
    with serve(scenario, {"api": app}) as servers:
        asking = threading.Thread(target=ask)
        asking.start()
        assert begun.wait(10)
    is_given_up = not go_on.is_set()
    go_on.set()
    asking.join(10)
    assert is_given_up is not is_patient
    assert found == ["done"] or is_given_up


def test_tls_waits_for_nobody() -> None:
    """A connection that never begins its handshake keeps no other one waiting."""
    with serve(
        scenario_of(Source("shop.puml", SHOP)), {}, only=["auth"], is_tls=True, outside=lambda name: "x"
    ) as found:
        url = found.served[0].url
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))):
            answer = requests.get(f"{url}/jwks", verify=str(found.certificate), timeout=5)

    assert answer.status_code == 200


def test_ports() -> None:
    """One for each by name; the first one's, whom the others follow, past what is named."""
    from seqtest.cli.sockets import ports

    assert ports((), ["a", "b"]) == {"a": 0, "b": 0}
    assert ports(("8080",), ["a", "b", "c"]) == {"a": 8080, "b": 8081, "c": 8082}
    assert ports(("b=9000",), ["a", "b"]) == {"b": 9000, "a": 0}
    assert ports(("8080", "b=8080"), ["a", "b", "c"]) == {"b": 8080, "a": 8081, "c": 8082}
    for wrong, words in (
        ("x", "no port"),
        ("70000", "no port"),
        ("d=1", "did you|there are"),
        ("65535", "no port left"),
    ):
        with pytest.raises(ValueError, match=words):
            ports((wrong,), ["a", "b"])


def test_a_port_that_is_taken() -> None:
    """It is said whose port it is, and what to do; nothing is left listening."""
    with socket.socket() as taken, socket.socket() as again:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Unanswerable, match=f"SQ484.*port {port} .* for auth") as told:
            serve(scenario_of(Source("shop.puml", SHOP)), {}, ports=["gw=0", f"auth={port}"], outside=lambda name: "x")
        again.bind(("127.0.0.1", 0))
    assert "another program listens there" in str(told.value)


def test_drawn_addresses_give_way() -> None:
    """The issuer, an audience, whatever a setting names: where it is a served one's address, it is the real one.

    What the command line sets stays.
    """
    scenario = scenario_of(Source("shop.puml", SHOP))
    drawn = [("auth", "access_token.aud", "https://api.test")]
    api = {"api": lambda request: 204}
    for more, kept in (((), False), (drawn, True)):
        with serve(scenario, api, drawn=more, outside=lambda name: "looking-glass") as found:
            url = {one.participant: one.url for one in found.served}
            metadata = requests.get(f"{url['auth']}/.well-known/openid-configuration", timeout=5).json()
            form = {"grant_type": "password", "client_id": "x", "username": "alice", "password": "looking-glass"}
            token = requests.post(f"{url['auth']}/token", form, timeout=5).json()["access_token"]
            answer = requests.get(url["gw"], headers={"Authorization": f"Bearer {token}"}, timeout=5)
        assert metadata["issuer"] == url["auth"]
        assert answer.status_code == (403 if kept else 204)


def test_origins_that_move() -> None:
    """Only whole origins, of one participant that is served."""
    from seqtest.cli.rebase import origins, rebased

    drawn = {"a": "https://a.test", "b": "https://b.test/x", "c": "https://b.test/y", "d": "https://d.test"}
    settings = {"a": {"issuer": "https://id.example/realm"}}
    moved = origins(drawn, settings, {"a": "http://127.0.0.1:1", "b": "http://127.0.0.1:2"})

    assert moved == {"https://a.test": "http://127.0.0.1:1", "https://id.example": "http://127.0.0.1:1"}
    values = ["https://a.test/cb", "https://a.test.evil/", "see https://a.test", "https://d.test", 5]
    assert rebased(values, moved) == ["http://127.0.0.1:1/cb", *values[1:]]
    assert rebased({"x": ["https://id.example/realm"]}, moved) == {"x": ["http://127.0.0.1:1/realm"]}


SIGN_IN = """\
@startuml
participant browser <<browser>>
participant web <<relying-party>>
participant op <<openid-provider>>
note over web : client_secret = tea-party
note over op
  users.alice.password = wonderland
  clients.web.secret = tea-party
  clients.web.redirect_uri = {web.url}/cb
end note
browser -> web : GET /me
web --> browser : 303
@enduml
"""


def test_ports_share_their_cookies() -> None:
    """RFC 6265 section 8.5: a provider and its client at one host, and an application with a `session` of its own."""
    with serve(scenario_of(Source("sso.puml", SIGN_IN)), {}) as found, requests.Session() as browser:
        url = {one.participant: one.url for one in found.served}
        browser.cookies.set("session", "the-application's", domain="127.0.0.1", path="/")
        page = browser.get(f"{url['web']}/me", timeout=5)
        form = dict(re.findall('name="(csrf)" value="([^"]+)"', page.text), login="alice", password="wonderland")
        shown = browser.post(page.url, form, timeout=5)
        again = browser.get(f"{url['web']}/login", timeout=5)

    assert (shown.url, shown.json()["sub"]) == (f"{url['web']}/me", "alice")
    assert again.json()["sub"] == "alice"
    assert browser.cookies["session"] == "the-application's"


def test_the_page_at_the_root() -> None:
    """An actor without one says what it is, with names alone; one that answers there is left alone."""
    api = {"api": lambda request: {"path": "mine"}}
    with serve(scenario_of(Source("shop.puml", SHOP)), api, outside=lambda name: "looking-glass") as found:
        url = {one.participant: one.url for one in found.served}
        page = requests.get(url["auth"], timeout=5)
        head = requests.head(url["auth"], timeout=5)
        theirs = [requests.get(url[name], timeout=5).json() for name in ("api", "gw")]
        others = [*theirs, requests.post(url["auth"], timeout=5).status_code]

    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "alice" in page.text
    assert url["gw"] in page.text
    assert "looking-glass" not in page.text
    assert (head.headers["Content-Length"], head.content) == (str(len(page.content)), b"")
    assert others == [{"path": "mine"}, {"path": "mine"}, 404]


def test_who_is_not_there(seqtest: Any, folder: Path) -> None:
    """A participant that there is not, in each option; a live one that may not be called; nobody left to serve."""
    (folder / "shop.puml").write_text(SHOP.replace("{password}", "x"))
    for arguments, code, words in (
        (("--only", "aut"), 4, r"SQ481.*did you mean `auth`"),
        (("--set", "aut.x=1"), 3, r"SQ403.*`aut`.*did you mean `auth`"),
        (("--bind", "aut=http://127.0.0.1:1"), 4, "SQ403.*`aut`"),
        (("--bind", "auth=http://idp.example"), 4, "SQ419.*idp.example"),
        (("--bind", "api=json:nothing"), 4, "SQ453.*no `nothing`"),
        (("--only", "auth", "--bind", "auth=http://127.0.0.1:1"), 4, "SQ481.*auth runs elsewhere"),
        (("--port", "aut=1"), 2, "did you mean `auth`"),
        (("--var", "x"), 2, "NAME=VALUE"),
    ):
        done = seqtest("serve", "shop.puml", *arguments)
        assert done.exit_code == code, done.output
        assert re.search(words, done.output, re.DOTALL), done.output
        assert "Traceback" not in done.output


def test_one_diagram_of_several(seqtest: Any, folder: Path) -> None:
    """A file with several wants a name, and says which there are."""
    (folder / "two.puml").write_text(
        SHOP.replace("{password}", "x") + SHOP.replace("shop", "store").replace("{password}", "x")
    )
    done = seqtest("serve", "two.puml")
    assert (done.exit_code, "two.puml::shop, two.puml::store" in done.output) == (2, True)
    with command("two.puml::store", "--only", "auth") as (process, said):
        assert list(said["served"]) == ["auth"]
        assert stopped(process) == (0, "")


def test_certificates_of_clients_that_are_none(folder: Path) -> None:
    """SQ485: the file is named, and nothing is left behind."""
    (folder / "none.pem").write_text("no certificate")
    with pytest.raises(Unanswerable, match=r"SQ485.*none\.pem"):
        serve(
            scenario_of(Source("shop.puml", SHOP)),
            {},
            is_tls=True,
            client_ca=folder / "none.pem",
            outside=lambda name: "x",
        )


def test_turns_are_laid_aside() -> None:
    """While one waits for somebody else's code another may go; afterwards it is alone again."""
    from seqtest.cli.turns import Turns

    turns, seen = Turns(), []

    def other() -> None:
        with turns.mine():
            seen.append("other")

    with turns.mine(), turns.mine():
        waiting = threading.Thread(target=other)
        waiting.start()
        seen.append("first")
        with turns.aside():
            waiting.join(5)
        seen.append("again")
    with turns.aside():
        seen.append("nobody's")
    assert seen == ["first", "other", "again", "nobody's"]


def test_a_setting_without_a_value() -> None:
    """What cannot be resolved is said before anything listens."""
    with pytest.raises(UnplayableScenario, match=r"SQ368.*password"):
        serve(scenario_of(Source("shop.puml", SHOP)), {})


def test_the_certificate_names_this_machine() -> None:
    """Its names are loopback's alone."""
    with serve(
        scenario_of(Source("shop.puml", SHOP)), {}, only=["auth"], is_tls=True, outside=lambda name: "x"
    ) as found:
        port = int(found.served[0].url.rpartition(":")[2])
        context = ssl.create_default_context(cafile=str(found.certificate))
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            names = [value for _, value in secure.getpeercert()["subjectAltName"]]  # type: ignore[index]  # it is verified

    assert set(names) <= {"127.0.0.1", "localhost", "0:0:0:0:0:0:0:1"}
