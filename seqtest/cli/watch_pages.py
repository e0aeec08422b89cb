"""The pages of `seqtest watch` on a socket of 127.0.0.1, made when they are asked for, and told when they change.

A page of another site that guesses the port is given nothing: not by a name of its own that it lets lead here, not as a
script, an image or a frame.
"""

import json
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from seqtest.cli.sockets import HOST, listener
from seqtest.dataclass import dataclass
from seqtest.render.html.report import Report, environment, pages

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.serving import BaseWSGIServer

HEARTBEAT_SECONDS = 15
"""How often a reader who hears nothing is written to, so that one who is gone is noticed."""
NEVER = -1
NOTHING_YET = "?"
VERSION = "{version}"
"""Stands in a page for the version that it is of."""
KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
HEADERS = [
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "frame-ancestors 'none'"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
]


@dataclass(frozen=True, slots=True)
class Version:
    """A state of the pages: what became of all cases, and which pages that anybody has seen are other ones now."""

    words: str
    state: str
    changed: frozenset[str]


@dataclass(slots=True)
class Pages:
    """A WSGI application; `running` and `show` tell it what to say."""

    port: int = 0
    """Where it is reached: the only addresses that it answers for."""
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    """Tells this run of the command from one before it on the same port."""
    versions: list[Version] = field(default_factory=list)
    is_over: bool = False
    _pages: dict[str, Callable[[], str]] = field(default_factory=dict)
    _seen: dict[str, str] = field(default_factory=dict)
    """Page → its text as it was last asked for."""
    _running: str = ""
    _told: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        shared = pages(Report((), is_watched=True))  # until there is something to see, what all pages share
        self._pages = {name: make for name, make in shared.items() if not name.endswith(".html")}

    def running(self, what: str) -> None:
        """A session has begun."""
        with self._told:
            self._running = what
            self._told.notify_all()

    def show(self, report: Report, words: str, state: str) -> None:
        """A session is over, and this is what there is to see now."""
        with self._told:
            self._pages = pages(report)
            changed = frozenset(name for name, text in self._seen.items() if self._text(name) != text)
            self._seen = {name: text for name, text in self._seen.items() if name not in changed}
            self.versions.append(Version(words, state, changed))
            self._running = ""
            self._told.notify_all()

    def close(self) -> None:
        """Let go of everybody who listens."""
        with self._told:
            self.is_over = True
            self._told.notify_all()

    def _text(self, name: str) -> str:
        if name in self._pages:
            return self._pages[name]()
        return (
            environment()
            .get_template("gone.html.j2")
            .render(root="/", project="", is_watched=True, problem="", name=name, is_begun=bool(self.versions))
        )

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        refusal = self._refusal(environ)
        if refusal:
            status, words = refusal
            start(status, [("Content-Type", "text/plain; charset=utf-8"), *HEADERS])
            return [words.encode()]
        name = environ.get("PATH_INFO", "").lstrip("/") or "index.html"
        if name == "events":
            start("200 OK", [("Content-Type", "text/event-stream"), *HEADERS])
            return self.events(_since(environ))
        with self._told:
            is_page = name in self._pages
            text = self._text(name)
            if name.endswith(".html"):
                self._seen[name] = text
            text = text.replace(VERSION, f"{self.id}-{len(self.versions)}") if name.endswith(".html") else text
        kind = KINDS.get(name.rpartition(".")[2], "text/html") if is_page else "text/html"
        start(
            "200 OK" if is_page or not self.versions else "404 Not Found",
            [("Content-Type", f"{kind}; charset=utf-8"), *HEADERS],
        )
        return [text.encode("utf-8", "replace")] if environ.get("REQUEST_METHOD") == "GET" else []

    def _refusal(self, environ: "WSGIEnvironment") -> tuple[str, str] | None:
        """Status and words for a request that is not this machine's own reader's."""
        if environ.get("HTTP_HOST") not in (f"{HOST}:{self.port}", f"localhost:{self.port}"):
            return "421 Misdirected Request", f"This is http://{HOST}:{self.port}/ and answers to no other name.\n"
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return "405 Method Not Allowed", "Pages are only read.\n"
        is_foreign = environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin")
        if is_foreign and environ.get("HTTP_SEC_FETCH_DEST") != "document":
            return "403 Forbidden", "Nothing is given to pages of other sites.\n"
        return None

    def events(self, since: str) -> Iterator[bytes]:
        """What happens, as server-sent events, beginning with what did since that version of a page."""
        id, _, number = since.rpartition("-")
        is_known = id == self.id and number.isdecimal() and int(number) <= len(self.versions)
        at, running = int(number) if is_known else NEVER, NOTHING_YET
        while True:
            with self._told:
                is_new = running != self._running or (self.versions and at != len(self.versions))
                if not is_new and not self.is_over:
                    self._told.wait(HEARTBEAT_SECONDS)
                if self.is_over:
                    return
                news = list(self._news(at, running))
                at, running = len(self.versions) if self.versions else at, self._running
            yield b"".join(news) or b": still there\n\n"

    def _news(self, at: int, running: str) -> Iterator[bytes]:
        """What somebody does not know yet who knows all up to that version, and that this is running."""
        is_first = running == NOTHING_YET
        if self.versions and (at != len(self.versions) or is_first or (running and not self._running)):
            last = self.versions[-1]
            changed = None if at == NEVER else sorted(set[str]().union(*(one.changed for one in self.versions[at:])))
            value = {"words": last.words, "state": last.state, "changed": changed}
            yield _event("done", value, f"{self.id}-{len(self.versions)}")
        if self._running and self._running != running:
            yield _event("running", {"what": self._running})


def _event(name: str, value: Any, id: str = "") -> bytes:
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {name}\ndata: {json.dumps(value)}\n\n".encode()


def _since(environ: "WSGIEnvironment") -> str:
    asked = parse_qs(environ.get("QUERY_STRING", "")).get("since", [""])[0]
    return str(environ.get("HTTP_LAST_EVENT_ID") or asked)


class Server:
    """The pages on their socket; a context that ends with it closed.

    Raises Unanswerable (SQ484) when the port cannot be had.
    """

    def __init__(self, pages: Pages, port: int) -> None:
        self.pages = pages
        self._server = _server(pages, port)
        self.pages.port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever, name="pages", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.pages.port}/"

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pages.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _server(pages: Pages, port: int) -> "BaseWSGIServer":
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        """Says nothing of single requests."""

        def log(self, type: str, message: str, *args: Any) -> None:
            """Nothing."""

    with listener("the pages", port, "--port NUMBER") as listening:
        found = listening.getsockname()[1]
        return make_server(HOST, found, pages, threaded=True, request_handler=Handler, fd=listening.fileno())
