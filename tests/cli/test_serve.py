"""`seqtest serve`: actors on sockets, called by clients that other people wrote."""

import json
import re
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from seqtest.cli.main import main
from seqtest.cli.serving import Servers, scenario_of, serve
from seqtest.errors import Diagnostic, UnplayableScenario
from seqtest.source import Source

DIAGRAM = """\
@startuml
participant web
participant auth <<authorization-server>>
participant api <<resource-server>>
participant gw <<gateway>>
note over auth
  url = https://drawn.example
  users.alice.password = wonderland
  users.alice.sub = "123"
  users.alice.name = Alice
  clients.web.secret = tea-party
  clients.web.redirect_uri = http://127.0.0.1/cb
  clients.old.secret = jurassic
  clients.old.grants = password
  clients.api.secret = rabbit
  access_token.alg = ES256
  access_token.aud = api
end note
note over api
  trusts = auth
  realm = {auth.url}
end note
note over gw
  upstream = api
  jwt.main.trusts = auth
  jwt.main.forwardOriginalToken = true
end note
web -> auth : GET /jwks
auth --> web : 200
@enduml
"""
WEB = ("web", "tea-party")


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with serve(scenario_of(Source("serve.puml", DIAGRAM)), {}, is_tls=True) as found:
        yield found


@pytest.fixture
def urls(servers: Servers) -> dict[str, str]:
    return {one.participant: one.url for one in servers.served}


@pytest.fixture
def trusted(servers: Servers) -> str:
    """The file with the certificate."""
    return str(servers.certificate)


def logged_in(url: str, trusted: str) -> str:
    """What a browser does: the log-in page, and back to the client; the address it is sent to."""
    with requests.Session() as browser:
        browser.verify, browser.trust_env = trusted, False
        page = browser.get(url, timeout=5)
        assert page.status_code == 200, page.text
        csrf = re.findall('name="csrf" value="([^"]+)"', page.text)[0]
        form = {"login": "alice", "password": "wonderland", "csrf": csrf}
        back = browser.post(page.url, data=form, allow_redirects=False, timeout=5)
    return back.headers["Location"]


def test_authlib_code_with_pkce_and_discovery(urls: dict[str, str], trusted: str) -> None:
    """Authlib's session finds the endpoints, logs in with PKCE, refreshes, introspects and revokes."""
    client = pytest.importorskip("authlib.integrations.requests_client")
    metadata = requests.get(f"{urls['auth']}/.well-known/openid-configuration", verify=trusted, timeout=5).json()
    assert metadata["issuer"] == urls["auth"]
    with client.OAuth2Session(
        *WEB, scope="openid profile", redirect_uri="http://127.0.0.1:9/cb", code_challenge_method="S256"
    ) as session:
        session.verify, session.trust_env = trusted, False
        verifier = "v" * 43
        url, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
        back = logged_in(url, trusted).replace("http://127.0.0.1:9", "https://127.0.0.1:9")
        token = session.fetch_token(
            metadata["token_endpoint"], authorization_response=back, code_verifier=verifier, state=state
        )
        assert token["token_type"] == "Bearer"
        assert session.get(metadata["userinfo_endpoint"]).json() == {"sub": "123", "name": "Alice"}
        assert session.get(f"{urls['api']}/users/123").json()["sub"] == "123"
        assert session.get(f"{urls['gw']}/users/123").json()["sub"] == "123"
        renewed = session.refresh_token(metadata["token_endpoint"])
        assert renewed["refresh_token"] != token["refresh_token"]
        seen = session.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"]).json()
        assert (seen["active"], seen["sub"]) == (True, "123")
        session.revoke_token(metadata["revocation_endpoint"], token=renewed["refresh_token"])
        seen = session.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"]).json()
        assert seen == {"active": False}


def test_authlib_verifies_the_id_token(urls: dict[str, str], trusted: str) -> None:
    """A JOSE library of other people's reads our keys and our ID tokens."""
    jose = pytest.importorskip("joserfc")
    assert jose
    from joserfc import jwk, jwt

    found = requests.post(
        f"{urls['auth']}/token",
        data={"grant_type": "password", "username": "alice", "password": "wonderland"},
        auth=("old", "jurassic"),
        verify=trusted,
        timeout=5,
    ).json()
    keys = requests.get(f"{urls['auth']}/jwks", verify=trusted, timeout=5).json()

    claims = jwt.decode(found["access_token"], jwk.KeySet.import_key_set(keys), algorithms=["ES256"]).claims
    assert claims["sub"] == "123"


def test_requests_oauthlib(urls: dict[str, str], trusted: str) -> None:
    """requests-oauthlib's session: code with PKCE, and client credentials."""
    library = pytest.importorskip("requests_oauthlib")
    oauth2 = pytest.importorskip("oauthlib.oauth2")
    web = oauth2.WebApplicationClient("web")
    with library.OAuth2Session(
        client=web, redirect_uri="http://127.0.0.1/cb", scope=["profile"], pkce="S256"
    ) as session:
        url, _ = session.authorization_url(f"{urls['auth']}/authorize")
        back = logged_in(url, trusted).replace("http:", "https:")
        session.fetch_token(
            f"{urls['auth']}/token", authorization_response=back, client_secret=WEB[1], verify=trusted, timeout=5
        )
        assert session.get(f"{urls['api']}/users/123", verify=trusted, timeout=5).json()["sub"] == "123"
    with library.OAuth2Session(client=oauth2.BackendApplicationClient("api")) as backend:
        token = backend.fetch_token(
            f"{urls['auth']}/token", client_id="api", client_secret="rabbit", verify=trusted, timeout=5
        )
    assert set(token) >= {"access_token", "expires_in", "token_type"}
    assert "refresh_token" not in token


NODE = Path(__file__).parent / "node"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
@pytest.mark.skipif(not (NODE / "node_modules/openid-client").is_dir(), reason="needs `npm install` in tests/cli/node")
def test_openid_client_of_node() -> None:
    """A client in another language: discovery, code with PKCE, UserInfo, refresh, introspection, revocation."""
    with serve(scenario_of(Source("serve.puml", DIAGRAM)), {}, only=["auth"]) as found:
        command = ["node", "client.js", found.served[0].url, WEB[1]]
        done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "user": {"sub": "123", "name": "Alice"},
        "seen": True,
        "later": False,
        "own": "bearer",
        "sub": "123",
    }


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
@pytest.mark.skipif(not (NODE / "node_modules/openid-client").is_dir(), reason="needs `npm install` in tests/cli/node")
def test_openid_client_of_node_with_all_that_protects() -> None:
    """It registers itself; JAR and PAR, an encrypted ID token, private_key_jwt, DPoP, a device, CIBA."""
    drawn = [
        ("auth", "registration", "open"),
        ("auth", "device.interval", "1 second"),
        ("auth", "ciba.interval", "1 second"),
    ]
    with serve(scenario_of(Source("serve.puml", DIAGRAM)), {}, only=["auth"], drawn=drawn) as found:
        command = ["node", "advanced.js", found.served[0].url]
        done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "encrypted": 5,
        "type": "dpop",
        "user": {"sub": "123", "name": "Alice"},
        "renewed": "dpop",
        "pushed": True,
        "device": "123",
        "ciba": "123",
    }


def approve(auth: str, user_code: str, trusted: str) -> None:
    """What the user of a device does in a browser."""
    form = {"user_code": user_code, "login": "alice", "password": "wonderland", "consent": "allow"}
    assert requests.post(f"{auth}/device", data=form, verify=trusted, timeout=5).status_code == 200


DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def test_authlib_client_credentials_and_device(urls: dict[str, str], trusted: str) -> None:
    """Authlib's session: its own token; a device's code, which is approved and then traded."""
    client = pytest.importorskip("authlib.integrations.requests_client")
    auth = urls["auth"]
    with client.OAuth2Session(*WEB) as session:
        session.verify, session.trust_env = trusted, False
        own = session.fetch_token(f"{auth}/token", grant_type="client_credentials")
        begun = session.post(
            f"{auth}/device_authorization", data={"scope": "profile"}, withhold_token=True, auth=WEB
        ).json()
        approve(auth, begun["user_code"], trusted)
        token = session.fetch_token(f"{auth}/token", grant_type=DEVICE, device_code=begun["device_code"])
        seen = session.introspect_token(f"{auth}/introspect", token=token["access_token"]).json()
    assert own["token_type"] == "Bearer"
    assert "refresh_token" not in own
    assert (seen["active"], seen["sub"], seen["scope"]) == (True, "123", "profile")


def test_requests_oauthlib_with_discovery_refresh_device_and_introspection(urls: dict[str, str], trusted: str) -> None:
    """requests-oauthlib's session: the endpoints from metadata, refresh, a device's code, introspection."""
    library = pytest.importorskip("requests_oauthlib")
    oauth2 = pytest.importorskip("oauthlib.oauth2")
    found = requests.get(f"{urls['auth']}/.well-known/openid-configuration", verify=trusted, timeout=5).json()
    web = oauth2.WebApplicationClient("web")
    with library.OAuth2Session(
        client=web, redirect_uri="http://127.0.0.1/cb", scope=["profile"], pkce="S256"
    ) as session:
        url, _ = session.authorization_url(found["authorization_endpoint"])
        back = logged_in(url, trusted).replace("http:", "https:")
        first = session.fetch_token(
            found["token_endpoint"], authorization_response=back, client_secret=WEB[1], verify=trusted, timeout=5
        )
        again = session.refresh_token(found["token_endpoint"], auth=WEB, verify=trusted, timeout=5)
    assert again["refresh_token"] != first["refresh_token"]
    form = {"scope": "profile"}
    begun = requests.post(found["device_authorization_endpoint"], form, auth=WEB, verify=trusted, timeout=5).json()
    approve(urls["auth"], begun["user_code"], trusted)
    with library.OAuth2Session(client=oauth2.DeviceClient("web")) as device:
        token = device.fetch_token(
            found["token_endpoint"], auth=WEB, device_code=begun["device_code"], verify=trusted, timeout=5
        )
        answer = device.post(
            found["introspection_endpoint"], data={"token": token["access_token"]}, auth=WEB, verify=trusted, timeout=5
        )
    assert (answer.json()["active"], answer.json()["sub"]) == (True, "123")


def test_bound_participants_have_their_sockets(servers: Servers, urls: dict[str, str], trusted: str) -> None:
    """Each on loopback alone; an address that is drawn gives way to the real one, in templates too."""
    assert list(urls) == ["auth", "api", "gw"]
    assert {urlsplit(url).hostname for url in urls.values()} == {"127.0.0.1"}
    refused = requests.get(f"{urls['api']}/orders", verify=trusted, timeout=5)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, f'Bearer realm="{urls["auth"]}"')


def test_the_certificate_is_needed(urls: dict[str, str]) -> None:
    """Who does not trust it is not connected."""
    with pytest.raises((requests.exceptions.SSLError, ssl.SSLError)):
        requests.get(urls["auth"], timeout=5)


def test_client_certificates_over_tls(tmp_path: Path) -> None:
    """RFC 8705: the certificate that TLS has verified identifies the client; a field of that name says nothing."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from seqtest.auth import certificate
    from seqtest.auth.keys import make_key, private_pem

    key = make_key("ES256", "job", "job")
    der = certificate.of_key(key)
    own, private = tmp_path / "job.pem", tmp_path / "job-key.pem"
    own.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    private.write_text(private_pem(key))
    source = Source("serve.puml", DIAGRAM)
    drawn = [("auth", "clients.job.certificate", certificate.field_value(der))]
    form = {"grant_type": "client_credentials", "client_id": "job"}
    with serve(scenario_of(source), {}, only=["auth", "api"], is_tls=True, client_ca=own, drawn=drawn) as found:
        trusted, pair = str(found.certificate), (str(own), str(private))
        auth, api = (one.url for one in found.served)
        token = requests.post(f"{auth}/token", data=form, cert=pair, verify=trusted, timeout=5).json()["access_token"]
        field = {"Client-Cert": certificate.field_value(der)}
        forged = requests.post(f"{auth}/token", data=form, headers=field, verify=trusted, timeout=5)
        bearer = {"Authorization": f"Bearer {token}"}
        good = requests.get(f"{api}/orders", headers=bearer, cert=pair, verify=trusted, timeout=5)
        stolen = requests.get(f"{api}/orders", headers=bearer | field, verify=trusted, timeout=5)

    assert (forged.status_code, good.status_code, stolen.status_code) == (401, 200, 401)


def test_raw_requests(urls: dict[str, str], trusted: str) -> None:
    """HEAD has no body, an escaped path keeps its spelling, a body that is too big is 413."""
    url = urls["api"]
    assert requests.head(f"{urls['auth']}/jwks", verify=trusted, timeout=5).content == b""
    assert requests.get(f"{url}/users/a%2Fb", verify=trusted, timeout=5).status_code == 401
    assert requests.post(f"{urls['auth']}/token", data=b"x" * 1_000_001, verify=trusted, timeout=5).status_code == 413


def test_only_and_nobody() -> None:
    """`only` serves some; a drawing in which nobody is bound serves nobody (SQ481)."""
    scenario = scenario_of(Source("serve.puml", DIAGRAM))
    with serve(scenario, {}, only=["auth"]) as found:
        assert [one.participant for one in found.served] == ["auth"]
        assert found.certificate is None
    for only in (["web"], ["nobody"]):
        with pytest.raises(Diagnostic, match="SQ481"):
            serve(scenario, {}, only=only)
    with pytest.raises(Diagnostic, match="SQ481"):
        serve(scenario_of(Source("x", "@startuml\na -> b : GET /\nb --> a : 200\n@enduml\n")), {})


def test_a_setting_that_there_is_not() -> None:
    """It is refused before anything is served."""
    with pytest.raises(UnplayableScenario, match="SQ380"):
        serve(scenario_of(Source("serve.puml", DIAGRAM)), {}, drawn=[("auth", "isuer", "x")])


def test_a_users_own_application_and_its_failures() -> None:
    """What an actor cannot answer is told here, and the caller gets a 500 without a word of it."""
    told: list[str] = []

    def shop(request: Any) -> Any:
        if request.url.endswith("/broken"):
            raise RuntimeError("the rabbit is late")
        return {"hello": request.headers.get("X-Name")}

    scenario = scenario_of(Source("x", "@startuml\na -> b : GET /\nb --> a : 200\n@enduml\n"))
    with serve(scenario, {"b": shop}, told=told.append) as found:
        url = found.served[0].url
        good = requests.get(f"{url}/?password=secret", headers={"X-Name": "Alice"}, timeout=5)
        bad = requests.get(f"{url}/broken", timeout=5)

    assert good.json() == {"hello": "Alice"}
    assert (bad.status_code, bad.content) == (500, b"")
    assert told == ["GET / 200", "b: RuntimeError: the rabbit is late", "GET /broken 500"]
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_stops_cleanly(number: int) -> None:
    """It prints base URLs at once, serves, and ends with 0 at Ctrl-C."""
    command = [sys.executable, "-c", f"from {main.__module__} import main; main()", "serve", "authorization-server"]
    command += ["--set", "authorization_server.users.alice.password=wonderland", "--tls"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        match = re.fullmatch(r"authorization_server  (https://127\.0\.0\.1:\d+)  authorization-server\n", lines[0])
        assert match is not None, lines
        certificate = lines[1].split()[1]
        form = {"grant_type": "password", "client_id": "x", "username": "alice", "password": "wonderland"}
        answer = requests.post(f"{match[1]}/token", data=form, verify=certificate, timeout=5)
        process.send_signal(number)
        rest = process.stdout.read()

    assert answer.status_code == 200
    assert (process.returncode, rest) == (0, "stopped\n")
    assert not Path(certificate).exists()


def test_slips_of_the_command(seqtest: Any, folder: Path) -> None:
    """A setting without its parts, an unknown file, a drawing that cannot be read."""
    assert seqtest("serve", "authorization-server", "--set", "issuer=x").exit_code == 2
    assert seqtest("serve", "authorization-server", "--client-ca", __file__).exit_code == 2
    assert seqtest("serve", "missing.puml").exit_code == 3
    assert seqtest("serve", "a.puml", "b.puml").exit_code == 2
