"""A flow full of secrets of every kind, played, and everything that seqtest writes of it searched for them.

None of them stands in the drawing: each comes from a fixture or from the application, so whatever shows one made it
known by itself.
"""

import base64
import contextlib
import html
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import requests
from click.testing import CliRunner

from seqtest.actors import Actor
from seqtest.cli.main import main
from seqtest.cli.serving import scenario_of, serve
from seqtest.exchange import Request, Response
from seqtest.source import Source


def _part(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _jwt(sub: str) -> str:
    """Nobody's signature: what is shown of it is cut off all the same."""
    return ".".join(map(_part, ({"alg": "ES256", "typ": "JWT"}, {"sub": sub}, f"signature of {sub} ".encode() * 4)))


SAML = "<Response><Assertion><SignatureValue>c2lnbmVkLWJ5LXNhbWw</SignatureValue></Assertion></Response>"
SECRETS = {
    "password": "correct-horse-battery",
    "client_secret": "s3cr3t & of=web/+",
    "assertion": _jwt("assertion"),
    "proof": _jwt("proof"),
    "access": "opaque-access-1",
    "refresh": "opaque-refresh-1",
    "identity": _jwt("identity"),
    "code": "code-of-authz-1",
    "fragment_code": "code-in-a-fragment",
    "device": "device-code-of-tv",
    "verifier": "verifier-of-pkce-" + "0123456789" * 3,
    "saml": base64.b64encode(SAML.encode()).decode(),
    "otp": "otp-918273645",
    "session": "session-id-77aa",
    "swt": "sub=1&HMACSHA256=signed-by-swt-01",
    "api_key": "key-live-4711-0815",
    "registration": "registration-token-1",
    "hidden": "code-in-a-hidden-field",
    "soap": "password-in-soap-1",
    "parts": "password-in-multipart",
    "number": "private-number-of-a-jwk",
    "pem": "-----BEGIN PRIVATE KEY-----\nTUlHSEFnRUFNQk1HQnlxR1NNNDlBZ0VHQ0NxR1NNNDlBd0VI\n-----END PRIVATE KEY-----",
}
PARTS = {
    **{f"signature of {name}": text.rpartition(".")[2] for name, text in SECRETS.items() if text.startswith("eyJ")},
    "signature of saml": "c2lnbmVkLWJ5LXNhbWw",
    "signature of swt": "signed-by-swt-01",
    "content of pem": SECRETS["pem"].split("\n")[1],
}
"""What is secret by itself, though it comes as a part of something."""

CONFTEST = """\
import json
import pytest
import seqtest
from seqtest import Headers, Response

SECRETS = json.loads({secrets!r})


def _of(name):
    return pytest.fixture(name=name)(lambda: SECRETS[name])


for _name in SECRETS:
    globals()["fixture_" + _name] = _of(_name)


@pytest.fixture
def form_body():
    part = 'Content-Disposition: form-data; name="password"'
    return "\\r\\n".join(["--x", part, "", SECRETS["parts"], "--x--", ""])


def html(text):
    return Response(200, Headers([("Content-Type", "text/html")]), text.encode())


def handle(message):
    path, s = message.url.partition("app.test")[2].partition("?")[0], SECRETS
    if path == "/login":
        address = f"https://web.test/cb?code={{s['code']}}#id_token={{s['identity']}}&code={{s['fragment_code']}}"
        cookie = f"sid={{s['session']}}; Secure; HttpOnly; SameSite=Lax"
        return Response(303, Headers([("Location", address), ("Set-Cookie", cookie)]))
    if path == "/token":
        body = {{"access_token": s["access"], "refresh_token": s["refresh"], "id_token": s["identity"]}}
        body |= {{"device_code": s["device"], "registration_access_token": s["registration"]}}
        return {{**body, "expires_in": 300, "token_type": "Bearer"}}, 200, {{"Cache-Control": "no-store"}}
    if path == "/keys":
        return {{"keys": [{{"kty": "EC", "kid": "k1", "d": s["number"]}}], "pem": s["pem"]}}
    if path == "/page":
        code = f"<input type=hidden name=code value='{{s['hidden']}}'>"
        return html(f"<form action=/x method=post>{{code}}<input name='SAMLResponse' value='{{s['saml']}}'></form>")
    if path == "/soap":
        password = f"<wsse:Password Type='x'>{{s['soap']}}</wsse:Password>"
        return Response(200, Headers([("Content-Type", "text/xml")]), f"<a:Envelope>{{password}}</a:Envelope>".encode())
    if path == "/swt":
        return {{"access_token": s["swt"], "api_key": s["api_key"]}}
    if path == "/raise":
        raise ValueError("cannot use " + s["password"] + " of " + message.body.decode())
    return {{"ok": True}}


@seqtest.plays("app")
def app():
    return handle
"""
FLOW = """\
@startuml {name}
participant web
participant app
web -> app : POST /login
note right
  username = alice
  password = {{password}}
  otp = {{otp}}
end note
app --> web : 303 See Other
web -> app : POST /token
note right
  Authorization: Basic {{basic("web", client_secret)}}
  grant_type = authorization_code
  code = {{code}}
  code_verifier = {{verifier}}
end note
app --> web : 200 OK
note left
  access_token = {{access}}
  refresh_token = {{refresh}}
  id_token = {{identity}}
  device_code = {{device}}
  registration_access_token = {{registration}}
end note
web -> app : POST /more
note right
  DPoP: {{proof}}
  Cookie: sid={{session}}
  X-API-Key: {{api_key}}
  client_assertion = {{assertion}}
  client_secret = {{client_secret}}
  refresh_token = {{refresh}}
end note
app --> web : 200 OK
web -> app : GET /keys
note right: Authorization: Bearer {{access}}
app --> web : 200 OK
note left
  pem = {{pem}}
  keys[0].d = {{number}}
end note
web -> app : GET /page
app --> web : 200 OK
web -> app : GET /soap
app --> web : 200 OK
web -> app : POST /acs
note right: SAMLResponse = {{saml}}
app --> web : 200 OK
web -> app : GET /swt
app --> web : 200 OK
web -> app : POST /multi
note right
  Content-Type: multipart/form-data; boundary=x
  body = {{form_body}}
end note
app --> web : {last}
@enduml
"""
RAISES = """\
@startuml raises
participant web
participant app
web -> app : POST /raise
note right: password = {password}
app --> web : 200 OK
@enduml
"""
FLOWS = {
    "kept": FLOW.format(name="kept", last="200 OK"),
    "broken": FLOW.format(name="broken", last="201 Created"),
    "wrong": FLOW.format(name="wrong", last="200 OK").replace("{access}\n  refresh", "{refresh}\n  refresh"),
    "raises": RAISES,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The flows with their application; the fixtures know the secrets."""
    found = tmp_path_factory.mktemp("secrets")
    (found / "pytest.ini").write_text("[pytest]\naddopts = -p seqtest -p no:cacheprovider\n")
    (found / "conftest.py").write_text(CONFTEST.format(secrets=json.dumps(SECRETS)))
    (found / "flows").mkdir()
    for name, text in FLOWS.items():
        (found / f"flows/{name}.puml").write_text(text)
    return found


def spellings(secret: str) -> set[str]:
    """The secret in a form, an address, JSON, JSON in JSON, HTML, base64 and base64url."""
    once = json.dumps(secret)[1:-1]
    encoded = base64.b64encode(secret.encode()).decode()
    return {
        secret, quote(secret), quote(secret, safe=""), quote_plus(secret), once, json.dumps(once)[1:-1],
        html.escape(secret), encoded.rstrip("="), encoded.replace("+", "-").replace("/", "_").rstrip("="),
    }  # fmt: skip


def shown(text: str) -> list[str]:
    """The names of the secrets that the text holds, or the HTML in it."""
    plain = re.sub(r"\x1b\[[\d;]*m", "", text)
    plain += html.unescape(plain)
    return [name for name, secret in (SECRETS | PARTS).items() if any(one in plain for one in spellings(secret))]


def files_in(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def test_what_is_looked_for_would_be_found() -> None:
    """In whatever spelling."""
    for name, secret in (SECRETS | PARTS).items():
        for spelling in spellings(secret):
            assert name in shown(f"<p>x{spelling}y</p>")
    assert shown("nothing") == []


@pytest.fixture
def seqtest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs `seqtest` in the folder; what it printed."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return lambda *arguments: CliRunner().invoke(main, arguments).output


def assert_clean(folder: Path, *names: str) -> None:
    """Each file in the folder is without secrets; some of these names begin one of theirs."""
    found = list(files_in(folder))
    for name in names:
        assert any(name in path.name for path in found), [path.name for path in found]
    for path in found:
        assert shown(path.read_bytes().decode("utf-8", "replace")) == [], path.name


def test_pytest_its_reports_and_github(folder: Path, tmp_path: Path) -> None:
    """At -vv, with logs and junitxml, the HTML report, a saved session, GitHub's annotations and summary."""
    command = [sys.executable, "-m", "pytest", "-vv", "-rA", "--showlocals", "--tb=long", "--color=yes", "flows"]
    command += [
        "-o",
        "log_cli=true",
        "-o",
        "junit_logging=all",
        f"--junitxml={tmp_path}/junit.xml",
        "-p",
        "no:randomly",
    ]
    command += [f"--seqtest-report={tmp_path}/report", f"--seqtest-save={tmp_path}/saved"]
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": f"{tmp_path}/summary.md"}
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **github}

    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    assert "1 passed" in re.sub(r"\x1b\[[\d;]*m", "", done.stdout), done.stdout[-2000:]
    assert "::error" in done.stdout
    assert shown(done.stdout + done.stderr) == []
    assert_clean(tmp_path, "junit.xml", "saved", "summary.md", "kept", "broken", "raises")


def test_the_report_command(tmp_path: Path, seqtest: Callable[..., str]) -> None:
    """Its pages, and what it prints."""
    assert shown(seqtest("report", "-o", f"{tmp_path}/report", "flows/kept.puml", "flows/wrong.puml")) == []
    assert_clean(tmp_path / "report", "kept", "wrong")


@pytest.mark.parametrize("form", ["txt", "puml", "svg", "mermaid", "json"])
def test_render(tmp_path: Path, seqtest: Callable[..., str], form: str) -> None:
    """Each format of each run."""
    assert shown(seqtest("render", "--run", "flows", "--format", form, "--out-dir", str(tmp_path))) == []
    assert_clean(tmp_path, *FLOWS)


def test_pdf(tmp_path: Path, seqtest: Callable[..., str]) -> None:
    """Its text as a reader copies it."""
    pypdf, _ = pytest.importorskip("pypdf"), pytest.importorskip("typst")
    seqtest("render", "--run", "flows/broken.puml", "--format", "pdf", "-o", f"{tmp_path}/broken.pdf")

    text = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "broken.pdf").pages)
    assert "POST" in text
    assert shown(text) == shown(text.replace("\n", "")) == []


@pytest.mark.parametrize("form", ["text", "puml", "svg", "mermaid"])
def test_diff_with_the_run(seqtest: Callable[..., str], form: str) -> None:
    """What came otherwise."""
    for name in ("broken", "wrong"):
        printed = seqtest("diff", "--run", f"flows/{name}.puml", "--format", form)
        assert "app" in printed
        assert shown(printed) == []


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_compare(seqtest: Callable[..., str], form: str) -> None:
    """Two flows side by side."""
    printed = seqtest("compare", "flows/kept.puml", "flows/kept.puml", "--runs", "1", "--format", form)

    assert "app" in printed
    assert shown(printed) == []


def test_documents(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page with runs, for Sphinx and for MkDocs: picture, verdict, source and messages."""
    pytest.importorskip("sphinx")
    pytest.importorskip("mkdocs")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    docs = folder / "docs"
    docs.mkdir()
    (docs / "conf.py").write_text("extensions = ['seqtest.documents.sphinx']\nhtml_theme = 'basic'\n")
    names = ("kept", "broken", "raises")
    (docs / "index.rst").write_text(
        "Flows\n=====\n\n" + "".join(f".. seqtest:: ../flows/{name}.puml\n   :run:\n   :code:\n\n" for name in names)
    )
    blocks = "".join(f"```seqtest ../flows/{name}.puml\n:run:\n:code:\n```\n\n" for name in names)
    (docs / "index.md").write_text(f"# Flows\n\n{blocks}")
    (folder / "mkdocs.yml").write_text("site_name: x\nplugins:\n- seqtest:\n    fail: false\nexclude_docs: '*.rst'\n")
    for command in (["sphinx", "-q", "-b", "html", "docs", "sphinx"], ["mkdocs", "build", "-q", "-d", "site"]):
        done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
        out = folder / command[-1]
        page = (out / "index.html").read_text()
        assert page.count("<svg") >= len(names), done.stderr
        assert shown(done.stdout + done.stderr) == []
        for path in (one for one in files_in(out) if one.suffix in (".html", ".svg", ".js", ".txt", ".json", ".rst")):
            assert shown(path.read_text()) == [], path.name


class Careless(Actor):
    """Says in an error what it was asked with."""

    def handle(self, request: Request) -> Response:
        raise ValueError(f"cannot use {request.body.decode()} of {dict(request.headers)}")


def test_the_log_of_serve() -> None:
    """Requests without their queries, errors of the application without what is secret in the request."""
    scenario = scenario_of(
        Source("flow.puml", "@startuml\nparticipant app\nweb -> app : GET /\napp --> web : 200\n@enduml")
    )
    told: list[str] = []
    with (
        serve(scenario, {"app": Careless}, told=told.append) as servers,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        (app,) = servers.served
        form = {name: SECRETS[name] for name in ("password", "client_secret", "otp", "code")}
        headers = {"Authorization": f"Bearer {SECRETS['access']}", "DPoP": SECRETS["proof"], "Connection": "close"}
        with requests.Session() as session:
            session.trust_env = False
            query = f"?code={SECRETS['fragment_code']}"
            answer = session.post(
                app.url + "/x" + query, data=form, headers=headers, cookies={"sid": SECRETS["session"]}, timeout=5
            )
    assert answer.status_code == 500
    assert any("cannot use" in text for text in told), told
    assert shown("\n".join([*told, answer.text, err.getvalue()])) == []
