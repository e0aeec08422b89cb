"""Two servers in processes of their own, one of them in another language, under the drawings that test ours."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

HERE = Path(__file__).parent
DRAWING = HERE.parents[1] / "diagrams/keys/two-servers.puml"
ROTATION = HERE / "rotation.puml"

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="needs Node"),
    pytest.mark.skipif(not (HERE / "node_modules/jose").is_dir(), reason="needs `npm install` in tests/two_servers"),
]
Resource = Callable[..., str]


@contextmanager
def running(*command: str) -> Iterator[str]:
    """A process that prints its base URL when it listens."""
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), f"{command[1]} did not start"
            yield url
        finally:
            process.kill()


@pytest.fixture
def auth() -> Iterator[str]:
    with running("node", "auth.mjs", "users", "300") as url:
        yield url


@pytest.fixture
def resource(auth: str) -> Iterator[Resource]:
    """Starts the resource server with these options."""
    with ExitStack() as stack:

        def start(*options: str, issuer: str = auth) -> str:
            command = (sys.executable, "resource.py", "--issuer", issuer, "--audience", "users", *options)
            return stack.enter_context(running(*command))

        yield start


@pytest.fixture
def run(pytester: pytest.Pytester, auth: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Runs a drawing against the authorization server and this resource server."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(drawing: Path, users: str, *options: str) -> pytest.RunResult:
        shutil.copy(drawing, pytester.path)
        binds = (f"--seqtest-bind=auth={auth}", f"--seqtest-bind=users={users}")
        return pytester.runpytest_subprocess("-p", "seqtest", *binds, drawing.name, *options)

    return run


@pytest.fixture
def pem(auth: str, tmp_path: Path) -> str:
    """The file with the public key, as an operator carries it to the other machine."""
    path = tmp_path / "public.pem"
    path.write_text(requests.get(f"{auth}/public.pem", timeout=5).text)
    return str(path)


def test_a_public_key_in_a_file(run, resource, pem) -> None:
    """The drawing that our own servers keep in process is kept by Node and Python on sockets, refusals and all."""
    run(DRAWING, resource("--pem", pem)).assert_outcomes(passed=6)


def test_a_published_key_set(run, resource, auth) -> None:
    """The same with the keys fetched from the issuer."""
    run(DRAWING, resource("--jwks", f"{auth}/jwks")).assert_outcomes(passed=6)


@pytest.mark.parametrize(
    "case", ["both-keys-are-good", "the-new-key-s-name-over-the-old-key-s-signature", "the-old-key-is-withdrawn"]
)
def test_key_rotation(run, resource, auth, case) -> None:
    """A new key is found, the old one is good until it is withdrawn."""
    result = run(ROTATION, resource("--jwks", f"{auth}/jwks"), "-k", case)

    result.assert_outcomes(passed=1, deselected=2)


def test_a_resource_server_that_keeps_a_withdrawn_key(run, resource, pem) -> None:
    """With the first public key in a file it refuses the second and takes the first: both are found out."""
    result = run(ROTATION, resource("--pem", pem), "-k", "both-keys-are-good")

    result.assert_outcomes(failed=1, deselected=2)


def test_a_verifier_that_takes_a_public_key_for_a_secret(run, resource, pem) -> None:
    """Is found out by its own operand, and by that alone."""
    result = run(DRAWING, resource("--pem", pem, "--broken"))

    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(
        ["failed?SQ532?: users answered 200 OK", "FAILED *an-hmac-with-the-public-key-as-its-secret*"]
    )


def test_the_public_key_of_another_server(run, resource, tmp_path) -> None:
    """A resource server with the wrong key refuses the good token, and the drawing says so."""
    with running("node", "auth.mjs", "users", "300") as other:
        path = tmp_path / "other.pem"
        path.write_text(requests.get(f"{other}/public.pem", timeout=5).text)
    result = run(DRAWING, resource("--pem", str(path)))

    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["failed?SQ532?: users answered 401*", "FAILED *the-public-key-verifies-it*"])


def test_our_own_resource_server_with_the_keys_of_node(run, pytester, auth) -> None:
    """Only the issuer is live: ours, in process, fetches its key set over HTTP as a quiet request."""
    shutil.copy(DRAWING, pytester.path)

    result = pytester.runpytest_subprocess("-p", "seqtest", f"--seqtest-bind=auth={auth}", DRAWING.name)

    result.assert_outcomes(passed=6)


def test_a_server_that_has_gone(run, resource, auth, pem) -> None:
    """Is told at the arrow to it."""
    with running("node", "auth.mjs", "users", "300") as url:
        pass
    result = run(DRAWING, resource("--pem", pem), f"--seqtest-bind=auth={url}", "-k", "verifies")

    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(["*SQ418*auth did not answer POST /oauth/token*", "*connection refused*"])
