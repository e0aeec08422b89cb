"""A request goes into an ASGI application and its response comes out, in process.

Each application has one loop in one thread, to which its lifespan and pools belong. It begins with the first request
and ends with the run. What enters the loop carries the caller's context, so that the application speaks as itself.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from contextvars import Context, copy_context
from typing import Any
from urllib.parse import unquote, urlsplit

from seqtest.exchange import Headers, Request, Response
from seqtest.transports.fields import check_header
from seqtest.transports.residents import Left, Residents

Event = MutableMapping[str, Any]
AsgiApp = Callable[[Event, Callable[[], Awaitable[Event]], Callable[[Event], Awaitable[None]]], Awaitable[None]]
WAIT_SECONDS = 30.0
"""How long an application may take for a request, in real time."""
_VERSION = {"version": "3.0", "spec_version": "2.4"}
_PORTS = {"http": 80, "https": 443}


class Stuck(RuntimeError):
    """The loop does not run: something in it blocks."""


class LifespanFailed(RuntimeError):
    """The application said that it cannot start."""


class Loop:
    """One application's loop, from its start to its end."""

    def __init__(self, app: AsgiApp, left: Left, resides: Callable[[], object] = object) -> None:
        """`left` is told of work that goes on after a response; `resides` is called where startup begins."""
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._residents = Residents(self._loop, left)
        self._loop.set_exception_handler(_complain)
        self._state: dict[str, Any] = {}
        self._lifespan: _Lifespan | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="seqtest-asgi", daemon=True)
        # In an empty context: the thread is ours, and belongs to no participant.
        Context().run(self._thread.start)
        try:
            context = copy_context()
            context.run(resides)
            self._lifespan = self._run(self._start(), context)
        except BaseException:
            self.close()
            raise

    async def _start(self) -> "_Lifespan":
        lifespan = await _Lifespan(self._app, self._state).begin()
        await self._residents.settle(lifespan.task)
        return lifespan

    def call(self, request: Request, mount: str = "") -> Response:
        """The application's answer. `mount` is the path below which it lives. Raises Stuck, and what it lets out."""
        found: Response = self._run(self._respond(_scope(request, mount, self._state), request))
        return found

    async def _respond(self, scope: Event, request: Request) -> Response:
        exchange = _Exchange(request)
        cause: BaseException | None = None
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except BaseException as problem:  # the caller is told, whatever it is
            if not isinstance(problem, Exception) or exchange.status < 500:
                raise
            # Starlette sends its own 500, and lets the exception out for the server's log.
            cause = problem
        finally:
            exchange.done.set()
            self._residents.note()
        return exchange.response(request.method, cause)

    def _run(self, work: Coroutine[Any, Any, Any], context: Context | None = None) -> Any:
        if threading.current_thread() is self._thread:
            work.close()
            raise Stuck(_BLOCKED)
        waiting: Future[Any] = Future()
        context = context or copy_context()

        def begin() -> None:
            task = self._loop.create_task(work, context=context)
            task.add_done_callback(lambda done: _pass_on(done, waiting))

        # In an empty context: else it would be counted as work of the participant's own.
        Context().run(self._loop.call_soon_threadsafe, begin)
        try:
            return waiting.result(WAIT_SECONDS)
        except TooLong:
            if waiting.done():
                raise
            raise Stuck(_BLOCKED) from None

    def close(self) -> None:
        """Let the application shut down, and end the loop."""
        try:
            if self._lifespan is not None:
                self._run(self._lifespan.end())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(WAIT_SECONDS)
            self._residents.close()
            if not self._thread.is_alive():
                self._cancel_what_is_left()
                self._loop.close()

    def _cancel_what_is_left(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            Context().run(self._loop.run_until_complete, asyncio.gather(*tasks, return_exceptions=True))


def _complain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What a task raised and nobody asked for is logged; but a refused call is known to the run."""
    problem = context.get("exception")
    if problem is None or isinstance(problem, Exception):
        loop.default_exception_handler(context)


_BLOCKED = (
    "the application's event loop is blocked: something in it waits for an answer without `await`, perhaps for one "
    "that it would have to give itself; a server in production would hang here, too"
)


def _pass_on(task: "asyncio.Task[Any]", waiting: "Future[Any]") -> None:
    if task.cancelled():
        waiting.set_exception(RuntimeError("the application cancelled its own request"))
        return
    problem = task.exception()
    if problem is None:
        waiting.set_result(task.result())
    else:
        waiting.set_exception(_single(problem))


def _single(problem: BaseException) -> BaseException:
    """What a task group wrapped, by itself."""
    while isinstance(problem, BaseExceptionGroup) and len(problem.exceptions) == 1:
        problem = problem.exceptions[0]
    return problem


class _Exchange:
    """One request and its response."""

    def __init__(self, request: Request) -> None:
        self.done = asyncio.Event()
        self.status = 0
        self._is_complete = False
        self._body: bytes | None = request.body
        self._headers: list[tuple[str, str]] = []
        self._chunks: list[bytes] = []

    async def receive(self) -> Event:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.done.wait()
        return {"type": "http.disconnect"}

    async def send(self, event: Event) -> None:
        if self._is_complete:
            raise RuntimeError(f"the application sent `{event['type']}` when its response was complete")
        if event["type"] == "http.response.start":
            if self.status:
                raise RuntimeError("the application began its response twice")
            self.status = int(event["status"])
            pairs = event.get("headers", ())
            self._headers = [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in pairs]
            for name, value in self._headers:
                check_header(name, value)
        elif event["type"] == "http.response.body":
            if not self.status:
                raise RuntimeError("the application sent a body before it began its response")
            self._chunks.append(bytes(event.get("body", b"")))
            if not event.get("more_body", False):
                self._is_complete = True
                self.done.set()
        else:
            raise RuntimeError(f"the application sent `{event['type']}`, which is no part of a response")

    def response(self, method: str, cause: BaseException | None) -> Response:
        """Raises RuntimeError for one that is not whole: servers then break the connection off."""
        if not self.status:
            raise RuntimeError("the application did not begin a response")
        if not self._is_complete and cause is None:
            raise RuntimeError("the application did not end its response: a last body without `more_body` is missing")
        body = b"" if method == "HEAD" or self.status in (204, 304) else b"".join(self._chunks)
        return Response(self.status, Headers(self._headers), body, cause)


class _Lifespan:
    """Startup and shutdown of an application (ASGI's lifespan protocol); many have none."""

    def __init__(self, app: AsgiApp, state: dict[str, Any]) -> None:
        self._app, self._state = app, state
        self._orders: asyncio.Queue[Event] = asyncio.Queue()
        self._said: asyncio.Queue[Event] = asyncio.Queue()
        self._problem: Exception | None = None
        self.task: asyncio.Task[None] | None = None

    async def begin(self) -> "_Lifespan":
        """Raises LifespanFailed."""
        self.task = asyncio.create_task(self._live())
        await self._orders.put({"type": "lifespan.startup"})
        said = await self._said.get()
        if said["type"] == "lifespan.startup.failed":
            raise LifespanFailed(f"the application did not start: {_reason(said)}")
        return self

    async def end(self) -> None:
        """Raises LifespanFailed."""
        if self.task is None or self.task.done():
            return
        await self._orders.put({"type": "lifespan.shutdown"})
        said = await asyncio.wait_for(self._said.get(), WAIT_SECONDS / 2)
        if said["type"] == "lifespan.shutdown.failed" or self._problem is not None:
            raise LifespanFailed(f"the application did not shut down: {_reason(said)}")
        await asyncio.wait({self.task}, timeout=WAIT_SECONDS / 2)

    async def _live(self) -> None:
        try:
            scope = {"type": "lifespan", "asgi": _VERSION, "state": self._state}
            await self._app(scope, self._orders.get, self._said.put)
        except Exception as problem:  # noqa: BLE001  # an application without a lifespan raises what it likes
            self._problem = problem
        finally:
            await self._said.put({"type": "over"})


def _reason(said: Event) -> str:
    """The last line of what was said: Starlette sends a whole traceback."""
    lines = str(said.get("message", "")).strip().splitlines()
    return lines[-1] if lines else "it did not say why"


def _scope(request: Request, mount: str, state: dict[str, Any]) -> Event:
    url = urlsplit(request.url)
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in request.headers
        if name.lower() not in ("content-length", "transfer-encoding")
    ]
    if request.headers.get("Host") is None:
        headers.insert(0, (b"host", url.netloc.rpartition("@")[2].encode("latin-1")))
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        headers.append((b"content-length", str(len(request.body)).encode()))
    return {
        "type": "http",
        "asgi": _VERSION,
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(url.path or "/"),
        "raw_path": (url.path or "/").encode(),
        "query_string": url.query.encode(),
        "root_path": mount,
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": (url.hostname or "localhost", url.port or _PORTS.get(url.scheme, 80)),
        "state": dict(state),
        "extensions": {},
    }
