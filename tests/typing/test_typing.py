"""The public names as a type checker sees them."""

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = """\
from collections.abc import Callable

import seqtest


@seqtest.plays("client")
class WebClient(seqtest.Actor):
    @seqtest.on("log in as {username}")
    def log_in(self, username: str) -> None:
        now: float = self.now()
        print(username, now, self.id)


@seqtest.plays("api")
def api(text: str) -> Callable[[seqtest.Request], seqtest.Response]:
    def answer(request: seqtest.Request) -> seqtest.Response:
        return seqtest.Response(200, seqtest.Headers([("Content-Type", "text/plain")]), text.encode())

    return answer


@seqtest.given("token expired")
def token_expired() -> None: ...


reveal: Callable[[str], Callable[[seqtest.Request], seqtest.Response]] = api
"""


def checked(tmp_path: Path, text: str) -> "subprocess.CompletedProcess[str]":
    file = tmp_path / "conftest.py"
    file.write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(file)]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)


def test_a_conftest_is_typed(tmp_path: Path) -> None:
    """What the guide shows passes mypy --strict, and marks keep the type of what they mark."""
    done = checked(tmp_path, CONFTEST)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("good", "bad"), [('plays("api")', "plays(1)"), ('given("token expired")', "given"), ("self.now()", "self.later()")]
)
def test_slips_are_found(tmp_path: Path, good: str, bad: str) -> None:
    """A wrong argument or name is a type error."""
    assert checked(tmp_path, CONFTEST.replace(good, bad)).returncode == 1
