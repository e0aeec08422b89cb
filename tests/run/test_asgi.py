"""ASGI applications of the user's own: driven, mocked and watched like WSGI ones."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import requests
from fastapi import BackgroundTasks, FastAPI, Form
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route

from seqtest import api
from seqtest.diagram.read import read
from seqtest.source import Source
from seqtest.verdict import Verdict


def play(text: str, **bindings: Any) -> Verdict:
    """The verdict on a drawing."""
    diagram = read(Source("flow.puml", f"@startuml flow\n{text}\n@enduml\n"))[0]
    return api.play(api.ready(api.cases(diagram)[0], bindings))


def codes(verdict: Verdict) -> list[str]:
    return [one.code for one in verdict.failures]


def app_of(answer: Callable[..., Any], **more: Any) -> Starlette:
    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])], **more)


ONE = "client -> web : GET /x\nweb --> client : 200 OK\n"


def test_a_request_and_its_response() -> None:
    """Method, address, headers, query and form arrive; status, headers and body come back."""

    async def answer(request: StarletteRequest) -> JSONResponse:
        form = await request.form() if request.method == "POST" else {}
        return JSONResponse(
            {
                "path": [request.scope["path"], request.scope["raw_path"].decode()],
                "query": dict(request.query_params),
                "form": dict(form),
                "who": request.headers["x-who"],
            },
            201,
            {"X-Own": "yes"},
        )

    text = """
client -> web : POST /a%20b?q=1
note right
  X-Who: me
  name = ünï
end note
web --> client : 201 Created
note left
  X-Own: yes
  path = ["/a b", "/a%20b"]
  json.query.q = "1"
  json.form.name = ünï
  who = me
end note
"""
    verdict = play(text, web=app_of(answer))

    assert verdict.is_kept, [one.message for one in verdict.failures]


def test_fastapi() -> None:
    """Its validation, its forms and its background tasks."""
    app = FastAPI()
    done: list[str] = []

    @app.post("/token")
    async def token(background: BackgroundTasks, username: str = Form()) -> dict[str, str]:
        background.add_task(done.append, username)
        return {"access_token": f"of-{username}", "token_type": "Bearer"}

    text = "client -> web : POST /token\nnote right : {}\nweb --> client : {}\n"

    assert play(text.format("username = alice", "200 OK {access_token: of-alice}"), web=app).is_kept
    assert done == ["alice"]
    assert play(text.format("other = alice", "422"), web=app).is_kept
    assert codes(play(text.format("username = alice", "200 OK {access_token: another}"), web=app)) == ["SQ550"]


CALLS = """
client -> web : GET /x
web -> auth : GET /a
auth --> web : 200 OK {n: 1}
web --> client : 200 OK
"""


@pytest.mark.parametrize("is_async", [True, False])
def test_its_calls_are_arrows(is_async: bool) -> None:
    """With `httpx.AsyncClient`, and with a client that blocks in a thread of the pool."""

    async def awaiting(request: StarletteRequest) -> JSONResponse:
        async with httpx.AsyncClient() as http:
            return JSONResponse((await http.get("https://auth.test/a")).json())

    def blocking(request: StarletteRequest) -> JSONResponse:
        return JSONResponse(requests.get("https://auth.test/a", timeout=5).json())

    app = app_of(awaiting if is_async else blocking)

    assert play(CALLS, web=app).is_kept
    assert not play(CALLS.replace("GET /a\n", "GET /b\n"), web=app).is_kept
    assert not play(CALLS.replace("web -> auth : GET /a\nauth --> web : 200 OK {n: 1}\n", ""), web=app).is_kept


def test_a_call_that_does_not_come_is_missed_at_once() -> None:
    """Nothing runs any more, so nobody waits for it."""

    async def answer(request: StarletteRequest) -> PlainTextResponse:
        return PlainTextResponse("done")

    started = time.perf_counter()
    verdict = play(CALLS, web=app_of(answer))

    assert not verdict.is_kept
    assert time.perf_counter() - started < 3


def test_calls_side_by_side() -> None:
    """`asyncio.gather` in a `par`: each call finds its operand."""

    async def answer(request: StarletteRequest) -> JSONResponse:
        async with httpx.AsyncClient() as http:
            pair = await asyncio.gather(*(http.get(f"https://{who}.test/a") for who in ("one", "two")))
        return JSONResponse([each.json()["n"] for each in pair])

    text = """
client -> web : GET /x
par
  web -> two : GET /a
  two --> web : 200 OK {n: 2}
else
  web -> one : GET /a
  one --> web : 200 OK {n: 1}
end
web --> client : 200 OK
note left : body = [1,2]
"""
    assert play(text, web=app_of(answer)).is_kept


def test_two_asgi_applications_that_call_each_other() -> None:
    """The first one's loop goes on while it awaits the second, which calls it back."""

    async def first(request: StarletteRequest) -> JSONResponse:
        if request.url.path == "/keys":
            return JSONResponse({"keys": []})
        async with httpx.AsyncClient() as http:
            return JSONResponse((await http.get("https://api.test/y")).json())

    async def second(request: StarletteRequest) -> JSONResponse:
        async with httpx.AsyncClient() as http:
            return JSONResponse((await http.get("https://web.test/keys")).json())

    text = """
client -> web : GET /x
web -> api : GET /y
api -> web : GET /keys
web --> api : 200 OK
api --> web : 200 OK
web --> client : 200 OK {"keys": []}
"""
    verdict = play(text, web=app_of(first), api=app_of(second))

    assert verdict.is_kept, [one.message for one in verdict.failures]
    assert verdict.arrows_seen == 6


def test_a_loop_that_is_blocked_is_told() -> None:
    """A client that blocks in a coroutine, and a call back: it would hang in production, too."""

    async def blocking(request: StarletteRequest) -> JSONResponse:
        if request.url.path == "/keys":
            return JSONResponse({})
        return JSONResponse(requests.get("https://api.test/y", timeout=5).json())

    text = """
client -> web : GET /x
web -> api : GET /y
api -> web : GET /keys
web --> api : 200 OK
api --> web : 200 OK
web --> client : 200 OK
"""
    verdict = play(text, web=app_of(blocking), api=lambda asked: requests.get("https://web.test/keys").json())

    assert not verdict.is_kept
    assert "event loop is blocked" in "".join(one.got + one.message + one.detail for one in verdict.failures)


def test_a_late_call_is_seen() -> None:
    """A task that goes on after the response: its call is one too many, and where it is drawn it is kept."""

    async def late() -> None:
        await asyncio.sleep(0)
        async with httpx.AsyncClient() as http:
            await http.get("https://audit.test/a")

    async def answer(request: StarletteRequest) -> PlainTextResponse:
        request.app.state.task = asyncio.create_task(late())
        return PlainTextResponse("done")

    drawn = ONE + "web ->> audit : GET /a\n"

    assert not play("participant audit\n" + ONE, web=app_of(answer)).is_kept
    assert play(drawn, web=app_of(answer)).is_kept


def test_lifespan_and_state() -> None:
    """Startup comes before the first request, shutdown at the end of the run, in the same loop."""
    heard: list[Any] = []

    @asynccontextmanager
    async def lifespan(app: Starlette):
        heard.append(("up", threading.get_ident()))
        yield {"pool": "p"}
        heard.append(("down", threading.get_ident()))

    async def answer(request: StarletteRequest) -> PlainTextResponse:
        heard.append((request.state.pool, threading.get_ident()))
        return PlainTextResponse("done")

    assert play(ONE + ONE, web=app_of(answer, lifespan=lifespan)).is_kept
    assert [what for what, _ in heard] == ["up", "p", "p", "down"]
    assert len({thread for _, thread in heard}) == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "seqtest-asgi"]


@pytest.mark.parametrize(("when", "code"), [("up", "SQ532"), ("down", "SQ423")])
def test_a_lifespan_that_fails_is_red(when: str, code: str) -> None:
    """At startup nothing is answered; at shutdown the run is over, and red all the same."""

    @asynccontextmanager
    async def lifespan(app: Starlette):
        if when == "up":
            raise RuntimeError("no database")
        yield
        raise RuntimeError("no database")

    async def answer(request: StarletteRequest) -> PlainTextResponse:
        return PlainTextResponse("done")

    verdict = play(ONE, web=app_of(answer, lifespan=lifespan))

    assert codes(verdict) == [code]
    assert "no database" in "".join(one.got + one.detail for one in verdict.failures)


def test_an_exception_is_the_causes() -> None:
    """What the application raised is told with its 500."""

    async def answer(request: StarletteRequest) -> PlainTextResponse:
        raise ValueError("the database is gone")

    verdict = play(ONE, web=app_of(answer))

    assert codes(verdict) == ["SQ532"]
    assert "the database is gone" in "".join(one.got + one.detail for one in verdict.failures)
    assert play(ONE.replace("200 OK", "500"), web=app_of(answer)).is_kept


def test_a_refusal_goes_through_middleware() -> None:
    """`BaseHTTPMiddleware` and a handler for every exception let no refused call pass."""

    async def answer(request: StarletteRequest) -> PlainTextResponse:
        async with httpx.AsyncClient() as http:
            await http.get("https://auth.test/undrawn")
        return PlainTextResponse("done")

    async def through(request: Any, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except Exception:  # noqa: BLE001
            return PlainTextResponse("swallowed")

    async def handled(request: Any, problem: Exception) -> PlainTextResponse:
        return PlainTextResponse("handled")

    app = app_of(
        answer, middleware=[Middleware(BaseHTTPMiddleware, dispatch=through)], exception_handlers={Exception: handled}
    )

    assert "SQ530" in codes(play("participant auth\n" + ONE, web=app))


def test_a_streamed_body_and_a_head() -> None:
    """Every piece; and none for HEAD."""

    async def pieces():
        for piece in ("a", "b", "c"):
            await asyncio.sleep(0)
            yield piece

    async def answer(request: StarletteRequest) -> StreamingResponse:
        return StreamingResponse(pieces(), media_type="text/plain")

    assert play(ONE + "note left : body = abc", web=app_of(answer)).is_kept
    assert play("client -> web : HEAD /x\nweb --> client : 200 OK\nnote left : body absent", web=app_of(answer)).is_kept


def test_a_bare_application() -> None:
    """Without a lifespan, which it refuses; and one that answers nothing."""

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        return

    assert play(ONE, web=bare).is_kept
    assert not play(ONE, web=silent).is_kept


START = {"type": "http.response.start", "status": 200, "headers": []}
BODY = {"type": "http.response.body", "body": b"ok"}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ([START], "did not end its response"),
        ([START, {**BODY, "more_body": True}], "did not end its response"),
        ([START, BODY, BODY], "sent `http.response.body` when its response was complete"),
        ([START, BODY, START], "sent `http.response.start` when its response was complete"),
        ([START, {**BODY, "type": "http.response.trailers"}, BODY], "`http.response.trailers`, which is no part"),
    ],
    ids=["no body", "no end", "a body behind it", "a start behind it", "another part"],
)
def test_a_response_that_is_not_whole_is_a_fault(sent: list[dict[str, Any]], words: str) -> None:
    """A server breaks the connection off, whatever status came first."""

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            for event in sent:
                await send(event)

    (found,) = play(ONE, web=bare).failures

    assert found.code == "SQ532"
    assert words in found.got


def test_time_in_a_coroutine_is_the_runs() -> None:
    """What it reads from the clock moves with drawn delays."""

    async def answer(request: StarletteRequest) -> JSONResponse:
        return JSONResponse({"now": int(time.time())})

    text = ONE + "note left : now as first\n... 1 hour later ...\n" + ONE + "note left : now >= 1\n"
    verdict = play(text, web=app_of(answer))
    first, second = (one.content for one in verdict.trace.occurrences if getattr(one.content, "status", 0) == 200)

    import json

    assert json.loads(second.body)["now"] - json.loads(first.body)["now"] >= 3600


def test_sleeping_in_a_coroutine_is_the_runs_time() -> None:
    """`asyncio.sleep` moves the clock, and takes no time."""

    async def answer(request: StarletteRequest) -> JSONResponse:
        before = time.time()
        await asyncio.sleep(3600)
        return JSONResponse({"slept": time.time() - before})

    started = time.perf_counter()

    assert play(ONE + "note left : slept >= 3600", web=app_of(answer)).is_kept
    assert time.perf_counter() - started < 5


def test_a_login_form_of_fastapi_and_a_browser() -> None:
    """A scripted browser passes it, cookies and all."""
    app = FastAPI()

    @app.get("/login")
    async def form() -> Any:
        from fastapi.responses import HTMLResponse

        page = HTMLResponse('<form method="post"><input type="hidden" name="csrf" value="t"><input name="user"></form>')
        page.set_cookie("csrf", "t", secure=True, httponly=True)
        return page

    @app.post("/login")
    async def check(request: StarletteRequest, user: str = Form(), csrf: str = Form()) -> dict[str, str]:
        return {"user": user if csrf == request.cookies.get("csrf") else "nobody"}

    text = """
participant browser <<browser>>
browser -> web : GET /login
web --> browser : 200 OK
browser -> web : POST {form}
note right : user = alice
web --> browser : 200 OK {user: alice}
"""
    assert play(text, web=app).is_kept


def test_a_header_with_a_line_end_is_a_fault() -> None:
    """Whoever chose its value would write the rest of the response, and not each server looks."""

    async def answer(request: StarletteRequest) -> PlainTextResponse:
        return PlainTextResponse("", 200, {"X-Name": "a\r\nSet-Cookie: sid=1"})

    (found,) = play(ONE, web=app_of(answer)).failures

    assert found.code == "SQ532"
    assert "ValueError: the response's header 'x-name' holds a line end" in found.got
