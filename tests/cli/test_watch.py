"""seqtest watch, whole: a file is saved, and the page in the browser is another one."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seqtest.cli import watch as command

PROGRAM = [sys.executable, "-c", "from seqtest.cli.main import main; main()", "watch"]


@pytest.fixture
def started(login: Path, folder: Path) -> "Iterator[tuple[subprocess.Popen[str], str]]":
    """The command, and where its pages are."""
    with subprocess.Popen(
        PROGRAM, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield process, line.split("pages: ")[1].split()[0]
        if process.poll() is None:
            process.kill()


def until(process: "subprocess.Popen[str]", words: str) -> str:
    """The lines up to the one with these words."""
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if words in line:
            break
    return "".join(said)


@pytest.mark.browser
def test_a_saved_file_refreshes_its_page(started: Any, login: Path, folder: Path, open_page: Any) -> None:
    """Kept, broken, unreadable, not to be run at all, and kept again: nobody presses reload."""
    process, url = started
    page = open_page(url, may_complain=True)  # of the server, which is stopped below
    page.set_default_timeout(60_000)  # each wait is one for a whole session of pytest
    page.get_by_role("heading", name="All 2 cases kept").wait_for()
    until(process, "waiting for a file")
    good = login.read_text()

    login.write_text(good.replace("expires_in = 300", "expires_in = 301"))
    page.get_by_role("heading", name="1 of 2 cases not kept").wait_for()
    page.get_by_role("link", name="password is right").click()
    page.locator("h1 .s-failed").wait_for()

    login.write_text(good)
    page.locator("h1 .s-passed").wait_for()
    page.get_by_role("status").filter(has_text="2 cases kept").wait_for()

    (folder / "conftest.py").write_text("raise ImportError('no such app')\n")
    page.get_by_role("heading", name="The flows could not be run").wait_for()
    assert "ImportError: no such app" in page.locator(".problem pre").inner_text()

    (folder / "conftest.py").unlink()
    page.locator(".problem").wait_for(state="detached")
    # The old page is gone. One that is loaded only in part when the server stops would never hear of it.
    page.get_by_role("status").filter(has_text="2 cases kept").wait_for()
    process.send_signal(signal.SIGINT)
    said = until(process, "stopped")
    page.get_by_role("status").filter(has_text="not watching any more").wait_for()

    assert process.wait(60) == 0
    assert "running diagrams/login.puml" in said
    assert "running all flows: conftest.py" in said
    assert "Traceback" not in said


def test_ctrl_c_while_flows_run(started: Any) -> None:
    """The session is stopped, too, and nothing of ours is traced."""
    process, _ = started
    until(process, "running all flows")
    process.send_signal(signal.SIGINT)
    said = until(process, "stopped")

    assert process.wait(60) == 0
    assert "Traceback" not in said


def test_a_port_that_is_taken(login: Path, folder: Path, seqtest) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = seqtest("watch", "--port", taken.getsockname()[1])

    assert result.exit_code == 4
    assert "SQ484" in result.stderr
    assert "choose another with --port NUMBER" in result.stderr


def test_without_watchfiles(folder: Path, seqtest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    result = seqtest("watch")

    assert result.exit_code == 4
    assert "SQ483" in result.stderr
    assert "pip install 'seqtest[watch]'" in result.stderr


@pytest.mark.parametrize(("options", "opened"), [((), []), (("--open",), ["http://127.0.0.1"])])
def test_a_browser_is_opened_when_asked_for(options, opened, login: Path, seqtest, monkeypatch) -> None:
    """And at no other time."""
    found: list[str] = []
    monkeypatch.setattr(command.click, "launch", lambda url: found.append(url.rpartition(":")[0]))
    monkeypatch.setattr(command, "saves", lambda root: iter(()))
    result = seqtest("watch", *options)

    assert result.exit_code == 0
    assert found == opened
