"""Pictures drawn by a PlantUML that its user has: a server named in the environment, a jar, or the `plantuml` command.

Nothing is sent anywhere unless the user named the server: a drawing of how somebody logs in is nobody else's business.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from typing import Literal

from seqtest.errors import Finding, Unanswerable

Engine = Literal["server", "jar", "command"]
TIMEOUT_SECONDS = 120
_BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "svg": (b"<svg", b"<?xml", b"<?plantuml"),
    "png": (b"\x89PNG\r\n\x1a\n",),
}


def draw(source: str, form: str, *, engine: Engine | None = None, environment: Mapping[str, str] = os.environ) -> bytes:
    """The picture of a PlantUML source as `svg` or `png`.

    `PLANTUML_SERVER` names a server (`http://localhost:8080`), `PLANTUML_JAR` a jar; without either the `plantuml`
    command is run. `engine` picks one of the three. Raises Unanswerable when there is none, or when it cannot draw.
    """
    chosen = engine or _at_hand(environment)
    if chosen is None:
        raise Unanswerable(
            Finding(
                "SQ460",
                f"no PlantUML at hand to draw {form}",
                got="neither PLANTUML_SERVER nor PLANTUML_JAR is set, and there is no `plantuml` command",
                do="install PlantUML (Debian: apt install plantuml), or name a jar or server; --format txt needs none",
            )
        )
    return ENGINES[chosen](source, form, environment)


def _at_hand(environment: Mapping[str, str]) -> Engine | None:
    if environment.get("PLANTUML_SERVER"):
        return "server"
    if environment.get("PLANTUML_JAR"):
        return "jar"
    return "command" if shutil.which("plantuml", path=environment.get("PATH")) else None


def _by_server(source: str, form: str, environment: Mapping[str, str]) -> bytes:
    from httplib2 import HttpLib2Error  # type: ignore[import-untyped]  # neither package has types
    from plantuml import PlantUML  # type: ignore[import-untyped]

    url = environment.get("PLANTUML_SERVER", "")
    if not url:
        raise _unusable("no server is named", "set PLANTUML_SERVER, for example to http://localhost:8080")
    server = PlantUML(url=f"{url.rstrip('/')}/{form}/", http_opts={"timeout": TIMEOUT_SECONDS})
    # The drawing goes to the server that was named and not to another one that it names.
    server.http.follow_redirects = False
    try:
        response, picture = server.http.request(server.get_url(source))
    except (HttpLib2Error, OSError) as error:
        raise _unusable(f"the PlantUML server {url} did not draw: {error}", "look whether it runs") from error
    if response.status != 200:
        said = response.get("x-plantuml-diagram-error", "")
        line = response.get("x-plantuml-diagram-error-line", "")
        raise _unusable(
            f"the PlantUML server {url} did not draw: it answered {response.status} {response.reason}",
            f"try the drawing in a browser at {url}, and whether the server takes one of this size",
            detail=f"{said} (line {line} of the drawing)" if said and line else said,
        )
    if not picture.lstrip().startswith(_BEGINNINGS[form]):
        raise _unusable(f"the PlantUML server {url} sent no {form}", "look whether it is a PlantUML server")
    return bytes(picture)


def _by_jar(source: str, form: str, environment: Mapping[str, str]) -> bytes:
    jar = environment.get("PLANTUML_JAR", "")
    if not os.path.isfile(jar):
        raise _unusable(f"there is no jar {jar!r}", "set PLANTUML_JAR to the path of plantuml.jar")
    java = shutil.which("java", path=environment.get("PATH"))
    if java is None:
        raise _unusable("there is no `java` to run the jar with", "install a Java runtime")
    return _piped([java, "-Djava.awt.headless=true", "-jar", jar], source, form)


def _by_command(source: str, form: str, environment: Mapping[str, str]) -> bytes:
    command = shutil.which("plantuml", path=environment.get("PATH"))
    if command is None:
        raise _unusable("there is no `plantuml` command", "install PlantUML (Debian: apt install plantuml)")
    return _piped([command], source, form)


def _piped(command: list[str], source: str, form: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - the user's own PlantUML, given the drawing on standard input
            [*command, f"-t{form}", "-charset", "UTF-8", "-pipe"],
            input=source.encode(),
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unusable(f"PlantUML could not be run: {error}", f"try `{command[0]} -version`") from error
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
        raise _unusable("PlantUML could not draw this", "try the file with PlantUML itself", detail=said)
    return done.stdout


def _unusable(message: str, do: str, detail: str = "") -> Unanswerable:
    return Unanswerable(Finding("SQ461", message, do=do, detail=detail))


ENGINES: Mapping[Engine, Callable[[str, str, Mapping[str, str]], bytes]] = {
    "server": _by_server,
    "jar": _by_jar,
    "command": _by_command,
}
